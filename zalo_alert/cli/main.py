"""The way in: `--version` at once, every other command through `app`, with the one module that it needs."""

import sys


def main() -> None:
    """Run `zalo-alert`."""
    if sys.argv[1:] == ["--version"]:  # cron and scripts ask for it, and nothing need be loaded to answer
        from importlib.metadata import version

        sys.stdout.write(f"zalo-alert {version('zalo-alert')}\n")
        return
    from zalo_alert.cli.app import run

    run()
