"""The way in: `--version` at once, every other command through `app`, with the one module that it needs."""

import os
import sys


def main() -> None:
    """Run `zalo-alert`."""
    if sys.argv[1:] == ["--version"] and _say_version():
        return
    from zalo_alert.cli.reader_language import choose_for, speak, take_language

    sys.argv[1:], asked = take_language(sys.argv[1:])
    language = choose_for(sys.argv[1:], asked, os.environ)
    speak(language, asked)
    from zalo_alert.cli.app import run

    run(language)


def _say_version() -> bool:
    """Say it, for cron and scripts, with nothing loaded; whether it could be said: if not, the longer way says why."""
    from importlib.metadata import version

    try:
        os.write(sys.stdout.fileno(), f"zalo-alert {version('zalo-alert')}\n".encode())  # no buffer keeps what can't be written
    except (OSError, AttributeError):  # AttributeError: the process was started without one
        return False
    return True
