"""The root command, and the one place where an error becomes words and an exit code."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from zalo_alert.cli import outlet, usage
from zalo_alert.cli.completions import typed_words
from zalo_alert.cli.display import display
from zalo_alert.cli.given import take_given
from zalo_alert.cli.reader_language import config_of
from zalo_alert.errors import (
    CampaignInvalid,
    Cure,
    ErrorCause,
    ExitCode,
    Interrupted,
    SettingsInvalid,
    StorageUnusable,
    TableRefused,
    WordingRefused,
    ZaloAlertError,
)
from zalo_alert.foundation.notices import Level
from zalo_alert.foundation.os_errors import is_storage, reason
from zalo_alert.language import Language, _, catalogue_of

# Which module holds which commands; each registers itself on `app` when imported. In the order of the help.
MODULES: Mapping[str, tuple[str, ...]] = {
    "init": ("init",),
    "new": ("new",),
    "templates": ("templates",),
    "validate": ("validate", "schema"),
    "preview": ("preview",),
    "places": ("places",),
    "accounts": ("accounts",),
    "accounts_consents": ("accounts",),
    "followers": ("followers",),
    "sync": ("followers",),
    "people": ("people",),
    "officers": ("officers",),
    "officers_page": ("officers",),
    "plan": ("plan",),
    "send": ("send",),
    "submit": ("submit", "approve", "reject"),
    "break_glass": ("break-glass",),
    "standing": ("standing",),
    "schedule": ("schedule",),
    "resume": ("resume", "stop", "cancel"),
    "correct": ("correct", "all-clear"),
    "status": ("status",),
    "runs": ("runs",),
    "archive": ("archive",),
    "export": ("export",),
    "cap": ("cap",),
    "report": ("report",),
    "report_sitrep": ("report",),
    "report_aar": ("report",),
    "report_month": ("report",),
    "watch": ("watch",),
    "webhook": ("webhook",),
    "webhook_status": ("webhook",),
    "webhook_again": ("webhook",),
    "inbox": ("inbox",),
    "articles": ("articles",),
    "articles_calendar": ("articles",),
    "articles_reads": ("articles",),
    "articles_agree": ("articles",),
    "receipts": ("receipts",),
    "answers": ("answers",),
    "tables": ("tables",),
    "answers_validate": ("answers",),
    "answers_report": ("answers",),
    "answers_try": ("answers",),
    "log": ("log",),
    "watchdog": ("watchdog",),
    "notify": ("notify",),
    "audit": ("audit",),
    "retention": ("retention",),
    "handover": ("handover",),
    "backup": ("backup",),
    "restore": ("restore", "wake"),
    "doctor": ("doctor",),
    "sandbox": ("sandbox",),
    "demo": ("demo",),
}


class ErrorBoundary(TyperGroup):
    """Turns our errors into one clear sentence; anything else is a bug and keeps its traceback."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        for name in ("quiet", "verbose", "log_file"):
            usage.list_everywhere(self, name)

    def make_context(self, *args: Any, **settings: Any) -> Any:
        """Read the words before the command; by now the library has added its own options."""
        if display.catalogue.language is not Language.EN:
            usage.translate_help(self)
        with _misuse_told():
            return super().make_context(*args, **settings)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a person's mistake ends in words, not in a traceback."""
        try:
            with _misuse_told():
                return super().invoke(ctx)
        except KeyboardInterrupt as exc:
            raise _explain(Interrupted(_("interrupted"), hint=_("{runs} says where every run stands", runs=Cure.RUNS()))) from exc
        except ZaloAlertError as exc:
            raise _explain(exc) from exc
        except OSError as exc:
            raise _explain(_storage_trouble(exc)) from exc


def _storage_trouble(exc: OSError) -> StorageUnusable:
    """Return what a place that can't be used means to a person; any other error goes on: it is a bug.

    The last net, for a folder in which nobody thought of rights: a container without a volume, a home that is somebody else's.
    """
    if not is_storage(exc):
        raise exc
    return StorageUnusable(
        _("can't use {path}: {why}", path="." if exc.filename is None else str(exc.filename), why=reason(exc)),
        hint=_("give this account a folder with room that it may write, and start the command there again"),
    )


@contextmanager
def _misuse_told() -> Iterator[None]:
    """Have a mistake in the command line told in the reader's language."""
    try:
        yield
    except TyperException as exc:
        text = exc.format_message()
        if not text or display.json:  # without a text nothing was asked for, and the help has been shown
            raise
        sentence = usage.sentence_of(text)
        display.keep("error", sentence, Level.FAULT, cause=ErrorCause.USAGE.value)
        raise usage.Misuse(display.text(sentence), ctx=getattr(exc, "ctx", None)) from exc


def _explain(exc: ZaloAlertError) -> typer.Exit:
    outlet.endure()  # whether or not anybody hears it, the exit code tells
    if isinstance(exc, CampaignInvalid | SettingsInvalid | TableRefused):
        display.problems(exc.problems)
    if isinstance(exc, WordingRefused):
        _show_findings(exc)
    if isinstance(exc, Interrupted):  # they asked for it: that is no error
        display.conclude(exc.message, hint=exc.hint, cause=exc.cause)
    else:
        display.error(exc.message, hint=exc.hint, cause=exc.cause)
    return typer.Exit(exc.exit_code)


def _show_findings(exc: WordingRefused) -> None:
    from zalo_alert.cli.wording_view import lines_of, show_findings

    show_findings(exc.findings, lines_of(exc.findings))


app = typer.Typer(cls=ErrorBoundary, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=True)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"zalo-alert {version('zalo-alert')}")
        raise typer.Exit


@app.callback()
def root(
    shows_version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
    language: Annotated[
        Language | None,
        typer.Option("--lang", help="Language of people: vi or en; default: the workspace's.", show_default=False),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors, wherever it stands; data is data.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Tell of each request too: which call, its code, its time; of many alike, how many.")
    ] = False,
    log_file: Annotated[
        Path | None,
        typer.Option(
            "--log-file",
            metavar="FILE",
            help="Write all that is said and done into this file too, as JSON Lines.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Disaster alerts over Zalo Official Accounts: planned, paced, resumable, accounted for person by person."""


def load_commands(words: Sequence[str] = ()) -> None:
    """Import the command file that a command line needs; all of them where it names no command.

    Args:
        words: The arguments; the first that is no option names the command.
    """
    named = next((word for word in words if not word.startswith("-")), "")
    needed = [module for module, commands in MODULES.items() if named in commands]
    for module in needed or MODULES:
        import_module(f"zalo_alert.cli.{module}")


def _run_for_machine() -> int:
    """Run the command line; what is wrong with it is told in the last JSON line, and not drawn."""
    try:
        return app(prog_name="zalo-alert", standalone_mode=False) or ExitCode.EVERYONE_ACCEPTED
    except TyperException as exc:
        display.error(usage.sentence_of(exc.format_message()), cause=ErrorCause.USAGE)
        return ExitCode.USAGE
    except typer.Abort:
        display.error(_("nobody answered what was asked"), cause=ErrorCause.USAGE)
        return ExitCode.USAGE


def _tell_bug(exc: Exception) -> None:
    """Show a bug's traceback now: what comes last on stderr is the line with the exit code."""
    outlet.endure()
    sys.excepthook(type(exc), exc, exc.__traceback__)
    sys.stderr.flush()
    display.error(
        _("this is a bug: {exception}", exception=type(exc).__name__),
        hint=_("keep what stands above and report it; {runs} says where every run stands", runs=Cure.RUNS()),
    )


def _end_without_place(exc: OSError) -> int:
    """Say which place can't be used, outside any command too; return the exit code."""
    try:
        return _explain(_storage_trouble(exc)).exit_code
    except OSError:
        _tell_bug(exc)
        return ExitCode.BUG


def run(language: Language) -> None:
    """Run a command for a reader of a language; with --json the last line on stderr says the exit code."""
    code: int = ExitCode.BUG
    display.catalogue = catalogue_of(language)
    words = sys.argv[1:]
    display.obey(given := take_given(words))
    sys.argv[1:] = given.words
    outlet.install()
    beside = _begin_beside(words)
    try:
        load_commands(typed_words() or sys.argv[1:])
        code = _run_for_machine() if display.json else app(prog_name="zalo-alert")
        sys.exit(code)
    except ZaloAlertError as exc:  # outside any command: what prints the help can't write it
        code = _explain(exc).exit_code
        sys.exit(code)
    except OSError as exc:
        code = _end_without_place(exc)
        sys.exit(code)
    except KeyboardInterrupt:  # while the commands were being read: nothing was begun
        code = ExitCode.INTERRUPTED
        display.conclude(_("interrupted"), cause=ErrorCause.INTERRUPTED)
        sys.exit(code)
    except SystemExit as exc:
        code = exc.code if isinstance(exc.code, int) else ExitCode.EVERYONE_ACCEPTED
        raise
    except Exception as exc:
        _tell_bug(exc)
        sys.exit(code)
    finally:
        beside.close()
        display.close(code)


def _begin_beside(words: Sequence[str]) -> ExitStack:
    """Begin to keep what is said and done, and to tell of requests, where that is asked for; to be closed at the end."""
    given, beside = display.given, ExitStack()
    if given.log_file:
        from zalo_alert.operations.command_log import CommandLog

        config = config_of(words, os.environ)
        path, workspace = Path(given.log_file), config.parent if config else None
        display.record = CommandLog(path, workspace, lambda trouble: display.say(trouble, style="yellow"))
        display.record.begin(words)
    if given.verbose:
        from zalo_alert.operations.requests import watching_requests

        beside.enter_context(watching_requests(display.request))
    return beside
