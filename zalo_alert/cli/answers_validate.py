"""`answers validate`: rule files before they speak."""

from typing import TYPE_CHECKING

from zalo_alert.cli.answers import group
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import RulesInvalid
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _, _n, count, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zalo_alert.errors import Problem
    from zalo_alert.operations.answers_check import FileSummary

MOST_REMARKS = 40  # lines that somebody reads; a script has all of them


@group.command("validate")
def validate(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Check the files of inbound/ for every account that they are for; lists each fault with line and column.

    Ends with 0 when they can speak, remarks or not; with 10 when something keeps them from it.

    Example: zalo-alert answers validate
    """
    from zalo_alert.operations.answers_check import check_answers
    from zalo_alert.operations.workspace import Workspace

    check = check_answers(Workspace(workspace).settings, SystemClock().now().date())
    for file in check.files:
        _show_file(file)
    _show_remarks(check.remarks)
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


def _show_remarks(remarks: "Sequence[Problem]") -> None:
    for number, remark in enumerate(remarks):
        display.fact(
            "remark", file=remark.file, line=remark.line, column=remark.column, field=remark.field, message=remark.message
        )
        if number < MOST_REMARKS:
            display.say(joined(filter(None, (remark.place, remark.field, remark.message)), "  "), style="yellow")
    if len(remarks) > MOST_REMARKS:
        more = len(remarks) - MOST_REMARKS
        display.say(joined(("  ", _n("and {more} more remark", "and {more} more remarks", more, more=count(more))), ""))
