"""The root command, and the one place where an error becomes words and an exit code."""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from zalo_alert.cli import outlet
from zalo_alert.cli.display import display
from zalo_alert.errors import CampaignInvalid, ExitCode, Interrupted, SettingsInvalid, ZaloAlertError

COMMANDS: tuple[str, ...] = (
    "init",
    "validate",
    "previewing",
    "places",
    "accounts",
    "followers",
    "syncing",
    "planning",
    "send",
    "resume",
    "status",
    "doctor",
    "sandbox",
    "demo",
)  # one module per command; each registers itself on `app` when imported


class ErrorBoundary(TyperGroup):
    """Turns our errors into one clear sentence; anything else is a bug and keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a person's mistake ends in words, not in a traceback."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as exc:
            raise _explained(Interrupted("interrupted", hint="`zalo-alert runs` says where every run stands")) from exc
        except ZaloAlertError as exc:
            raise _explained(exc) from exc


def _explained(exc: ZaloAlertError) -> typer.Exit:
    outlet.endure()  # whether or not anybody hears it, the exit code tells
    if isinstance(exc, CampaignInvalid | SettingsInvalid):
        display.problems(exc.problems)
    display.error(str(exc), hint=exc.hint)
    return typer.Exit(exc.exit_code)


app = typer.Typer(cls=ErrorBoundary, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=True)


@app.callback()
def root() -> None:
    """Disaster alerts over Zalo Official Accounts: planned, paced, resumable, accounted for person by person."""


def load_commands() -> None:
    """Import every command file; each registers itself on `app`."""
    for name in COMMANDS:
        import_module(f"zalo_alert.cli.{name}")


def main() -> None:
    """Run `zalo-alert`; with --json the last line on stderr says the exit code."""
    code: int = ExitCode.BUG
    outlet.install()
    try:
        load_commands()
        app(prog_name="zalo-alert")
    except ZaloAlertError as exc:  # outside any command: what prints the help can't write it
        code = _explained(exc).exit_code
        sys.exit(code)
    except KeyboardInterrupt:  # while the commands were being read: nothing was begun
        code = ExitCode.INTERRUPTED
        sys.exit(code)
    except SystemExit as exc:
        code = exc.code if isinstance(exc.code, int) else ExitCode.EVERYONE_ACCEPTED
        raise
    finally:
        display.close(code)
