"""`articles calendar`: a month of articles, checked and shown, and done when its time has come."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.articles import group
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, UsageError
from zalo_alert.language import _
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from datetime import datetime

    from zalo_alert.operations.article_calendar import Month


@group.command()
def calendar(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A month's calendar, such as articles/lich-2026-12.yaml.", show_default=False,
            autocompletion=completions.campaigns,
        ),
    ],
    due: Annotated[
        bool, typer.Option("--due", help="Do what is due and not done; for cron, every few minutes.")
    ] = False,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="As of then, such as 2026-12-05 07:30; default: now.", show_default=False)
    ] = "",
    online: Annotated[
        bool, typer.Option("--online", help="Also ask Zalo whether the OAs have as many broadcasts left as the month needs.")
    ] = False,
    campaigns: Annotated[
        bool,
        typer.Option("--campaigns", help="Write the campaigns of its broadcasts, to be read and approved before their day."),
    ] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Check a month's calendar and show what appears when, on whose pages, and what has become of it.

    Example: zalo-alert articles calendar articles/lich-2026-12.yaml
    """
    from zalo_alert.operations.article_calendar import read_month, rows_of

    home, now = Workspace(workspace), _time(at)
    if due:
        _do_due(home, file, now)
        return
    month = read_month(home, file, now)
    rows = rows_of(month, now)
    if online:
        _check_allowance(month, now)
    from zalo_alert.cli.calendar_view import show_month

    show_month(month, rows)
    if campaigns:
        _write_campaigns(month)


def _time(at: str) -> "datetime":
    from zalo_alert.operations.article_calendar import now_or

    try:
        return now_or(at)
    except ValueError as exc:
        raise UsageError(
            _('"{text}" {why}', text=at[:40], why=str(exc)), hint=_("write it like {example}", example='"2026-12-05 07:30"')
        ) from exc


def _do_due(home: Workspace, file: Path, now: "datetime") -> None:
    from zalo_alert.cli.calendar_view import DueView
    from zalo_alert.operations.article_due import do_due

    with display.steps() as on_step:
        view = DueView(on_step)
        outcomes = do_due(home, file, now, view.telling)
    view.conclude(outcomes)


def _check_allowance(month: "Month", now: "datetime") -> None:
    from zalo_alert.operations.article_calendar import check_allowance, rows_of

    for account, left in check_allowance(month, rows_of(month, now), now).items():
        display.fact("broadcasts-left", account=account, left=left)
        if left is None:
            display.say(_("Zalo does not say how many broadcasts {account} has left", account=account), style="yellow")


def _write_campaigns(month: "Month") -> None:
    from zalo_alert.operations.article_calendar import write_campaigns

    paths = write_campaigns(month)
    for path in paths:
        display.fact("campaign-written", file=str(path))
        display.say(_("written: {path}; {plan} shows whom it reaches", path=path, plan=Cure.PLAN(str(path))))
    if not paths:
        display.say(_("nothing of this month is broadcast"), style="dim")
