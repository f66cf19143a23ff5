"""`inbox`: cases that wait for an officer, from the shell."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cases.case import CaseKind
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.inbox_view import show_dossier, show_list, step_fields
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, InputInvalid, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, joined
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.inbox import Inbox

_MOST_BYTES = 64 << 10  # of a file with an answer, which has two thousand characters at most

group = typer.Typer(no_args_is_help=True, help="Cases that wait for an officer: list, read, take, answer, close.")
app.add_typer(group, name="inbox")

NoArgument = Annotated[
    str,
    typer.Argument(metavar="NO", help="The case's number; blanks, dashes and small letters are forgiven.", show_default=False),
]
AsOption = Annotated[str, typer.Option("--as", metavar="OFFICER", help="Your name, as colleagues know it.", show_default=False)]


@group.command("list")
def list_(
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="Only these: talk, data-request.", show_default=False)] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose day has passed.")] = False,
    closed: Annotated[bool, typer.Option("--closed", help="Closed ones, too.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """List the cases that wait, those first that have waited longest.

    Example: zalo-alert inbox list --kind data-request
    """
    home = Workspace(workspace)
    cases = _inbox(home).listed(_kind(kind), only_overdue=overdue, with_closed=closed)
    show_list(cases, home.settings.names_of_oas(), SystemClock().now())


@group.command("show")
def show(no: NoArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Read a case: whose it is, until when an answer is possible, and all that was said. The log says that you read it.

    Example: zalo-alert inbox show TD-261127-0001K
    """
    home = Workspace(workspace)
    show_dossier(_inbox(home).show(no), home.settings.names_of_oas(), SystemClock().now())


@group.command("take")
def take(
    no: NoArgument,
    officer: AsOption,
    instead_of: Annotated[
        str, typer.Option("--instead-of", metavar="OFFICER", help="Who holds it so far, and gives it up.", show_default=False)
    ] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Hold a case: your colleagues see that you answer it, and rules keep silent.

    Example: zalo-alert inbox take TD-261127-0001K --as lan
    """
    case = _inbox(Workspace(workspace)).take(no, officer, instead_of)
    display.fact("case-taken", **step_fields(case))
    display.done(_("{officer} holds {case}", officer=case.officer, case=case.no))


@group.command("answer")
def answer(
    no: NoArgument,
    officer: AsOption,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="What its person reads.", show_default=False)] = "",
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="A file with it; - reads stdin.", show_default=False)
    ] = None,
    charged: Annotated[
        bool, typer.Option("--charged", help="Also where it costs money: from two days after their last word, to seven.")
    ] = False,
    version: Annotated[
        int | None,
        typer.Option("--version", help="Of the case as you read it: refused where it was changed since.", show_default=False),
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Answer a case; you hold it from now on.

    Example: zalo-alert inbox answer TD-261127-0001K --text "Mời anh chị mang giấy cũ tới." --as lan
    """
    said = _said(text, file)
    answered = _inbox(Workspace(workspace)).answer(no, officer, said, is_charged=charged, version=version)
    display.fact("case-answered", **step_fields(answered.case), sending=answered.is_on_its_way)
    display.done(_("{case} is answered", case=answered.case.no))
    if not answered.is_on_its_way:
        display.say(_("nobody sends it yet: it leaves when {webhook} runs", webhook=Cure.WEBHOOK()), style="yellow")


@group.command("close")
def close(no: NoArgument, officer: AsOption, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Close a case: nothing more is to be done, and rules speak with its person again.

    Example: zalo-alert inbox close TD-261127-0001K --as lan
    """
    case = _inbox(Workspace(workspace)).close(no, officer)
    display.fact("case-closed", **step_fields(case))
    display.done(_("{case} is closed", case=case.no))


def _inbox(home: Workspace) -> "Inbox":
    from zalo_alert.cli.run_view import ShellObserver  # sqlite3, which completing a word does without
    from zalo_alert.operations.inbox import Inbox

    return Inbox(home.settings, SystemClock(), ShellObserver().on_notice)


def _kind(written: str) -> CaseKind | None:
    if not written:
        return None
    try:
        return CaseKind(written)
    except ValueError as exc:
        kinds = [kind.value for kind in CaseKind]
        wrong = _('"{kind}" is no kind of case', kind=written[:40])
        raise UsageError(
            joined((wrong, suggestion(written, kinds)), ""), hint=_("there are: {kinds}", kinds=", ".join(kinds))
        ) from exc


def _said(text: str, file: Path | None) -> str:
    """Return what an officer says: typed, in a file, or on stdin.

    Raises:
        InputInvalid: The file can't be read.
        UsageError: Neither is given, or both are.
    """
    options = {"text": Cure.OPTION(text="…"), "file": Cure.OPTION(file="FILE")}
    if bool(text) == (file is not None):
        raise UsageError(_("give either {text} or {file}", **options))
    if file is None:
        return text
    try:
        raw = sys.stdin.buffer.read(_MOST_BYTES) if str(file) == "-" else contents(file, _MOST_BYTES)
    except OSError as exc:
        raise InputInvalid(_("can't read {path}: {why}", path=file, why=reason(exc)), hint=_("check its name")) from exc
    return raw.decode("utf-8-sig", "replace")
