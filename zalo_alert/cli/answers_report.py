"""`answers report`: what was asked and what became of the answers, by rule and hour."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.answers import group
from zalo_alert.cli.answers_waiting import tell_waiting, waiting_words
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption, instant_since
from zalo_alert.foundation.clock import SystemClock, in_vietnam
from zalo_alert.language import _, moment

if TYPE_CHECKING:
    from zalo_alert.operations.answers_report import AnswersReport

MOST_ROWS = 60  # on a screen; JSON and CSV have all


@group.command("report")
def report(
    since: Annotated[
        str,
        typer.Option("--since", metavar="TIME", help="From when on: 90m, 2026-11-26, 2026-11-26T17:00.", show_default="today"),
    ] = "",
    by_hour: Annotated[bool, typer.Option("--by-hour", help="A row for each hour.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write all rows to it.", show_default=False)] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Count what was asked and what became of the answers, by rule; and the texts for which no rule has an answer.

    Example: zalo-alert answers report --since 2026-11-01 --csv thang-11.csv
    """
    from zalo_alert.operations.answers_report import answers_report, write_report
    from zalo_alert.operations.workspace import Workspace

    now = SystemClock().now()
    begin = instant_since(since, now) if since else in_vietnam(now).replace(hour=0, minute=0, second=0, microsecond=0)
    made = answers_report(Workspace(workspace).settings, begin, by_hour=by_hour)
    for row in made.rows:
        display.fact("answers-rule", **row._asdict())
    tell_waiting(made.now.waiting)
    _show(made, begin, now)
    if csv:
        write_report(made, csv)
        display.done(_("{path} is written", path=csv))


def _show(made: "AnswersReport", begin: datetime, now: datetime) -> None:
    if not made.rows:
        display.say(_("nothing was asked since {time}", time=moment(in_vietnam(begin), in_vietnam(now).date())))
    else:
        columns = (
            *((_("hour"),) if made.rows[0].hour else ()),
            _("rule"), _("asked"), _("answered"), _("refused"), _("too late"), _("withheld"), _("unknown"),
        )  # fmt: skip
        rows = [(*((in_vietnam(row.hour).strftime("%H:%M %d/%m"),) if row.hour else ()), *row[1:]) for row in made.rows]
        display.table("", columns, rows[:MOST_ROWS], whole=2 if made.rows[0].hour else 1)
    display.say(_("waiting to answer: {what}", what=waiting_words(made.now.waiting, now)))
