"""`answers validate`: rule files before they speak."""

from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.answers import group
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, RulesInvalid
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _, _n, count, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zalo_alert.errors import Problem
    from zalo_alert.operations.answers_check import FileSummary

MOST_REMARKS = 40  # lines that somebody reads; a script has all of them
AllOption = Annotated[bool, typer.Option("--all", help="List also how phrases come together, and every remark.")]


@group.command("validate")
def validate(shows_all: AllOption = False, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Check the files of inbound/ for every account that they are for; lists each fault with line and column.

    Ends with 0 when they can speak, remarks or not; with 10 when something keeps them from it.

    Example: zalo-alert answers validate
    """
    from zalo_alert.operations.answers_check import check_answers
    from zalo_alert.operations.workspace import Workspace

    check = check_answers(Workspace(workspace).settings, SystemClock().now().date())
    for file in check.files:
        _show_file(file)
    _show_remarks(check.remarks, len(check.remarks) if shows_all else MOST_REMARKS)
    _show_details(check.details, shows_all=shows_all)
    if check.errors:
        raise RulesInvalid(check.errors)
    if not check.files:
        display.say(_("there is no file in {folder}: nothing is answered by rules", folder="inbound/"), style="yellow")
    else:
        display.done(_n("{files} file can speak", "{files} files can speak", len(check.files), files=count(len(check.files))))


def _show_file(file: "FileSummary") -> None:
    display.fact("rule-file", **file._asdict())
    accounts = _n("for {accounts} account", "for {accounts} accounts", file.accounts, accounts=count(file.accounts))
    rules = [_n("{rules} rule", "{rules} rules", file.rules, rules=count(file.rules))] if file.rules else []
    display.say(joined((file.file, joined((file.kind, *rules, accounts), ", ")), ": "))


def _show_remarks(remarks: "Sequence[Problem]", most: int) -> None:
    for number, remark in enumerate(remarks):
        display.fact("remark", **_place(remark), message=remark.message)
        if number < most:
            display.say(_line(remark), style="yellow")
    if len(remarks) > most:
        more = len(remarks) - most
        display.say(joined(("  ", _n("and {more} more remark", "and {more} more remarks", more, more=count(more))), ""))


def _show_details(details: "Sequence[Problem]", *, shows_all: bool) -> None:
    for detail in details:
        display.fact("detail", **_place(detail), message=detail.message)
        if shows_all:
            display.say(_line(detail))
    if details and not shows_all:
        display.say(
            _n(
                "and {count} remark on how phrases come together, for whoever tunes them: {all} lists it",
                "and {count} remarks on how phrases come together, for whoever tunes them: {all} lists them",
                len(details),
                count=count(len(details)),
                all=Cure.ANSWERS_VALIDATE(all=True),
            )
        )


def _place(remark: "Problem") -> dict[str, object]:
    return {"file": remark.file, "line": remark.line, "column": remark.column, "field": remark.field}


def _line(remark: "Problem") -> str:
    return joined(filter(None, (remark.place, remark.field, remark.message)), "  ")
