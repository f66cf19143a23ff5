"""`report`: what became of a run, counted from its ledger; and what is told of several."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.default_command import DefaultCommand
from zalo_alert.cli.display import display
from zalo_alert.cli.named_run import run_to_read
from zalo_alert.cli.options import HERE, JsonOption, RunArgument, WorkspaceOption
from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.language import _
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.runs.run import Run

ONE_RUN = "run"  # the command that is meant where the first word is none: `report DT-1`


class RunFirst(DefaultCommand):
    """Takes a first word that is no command for a run's name; no run is called like a command: codes are in capitals."""

    unnamed = ONE_RUN


CsvOption = Annotated[
    Path | None, typer.Option("--csv", help="Write the same numbers as a table, for a spreadsheet.", show_default=False)
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", help="Write it as a page: to read, to print, to send on.", show_default=False)
]
PdfOption = Annotated[
    Path | None,
    typer.Option("--pdf", help="The page as PDF, where Chromium or WeasyPrint is installed.", show_default=False),
]
AsOfOption = Annotated[
    str,
    typer.Option("--as-of", help="Make it as it was made then: a time as for --since.", show_default="now"),
]

group = typer.Typer(cls=RunFirst, help="Say what became of a run, or of several: `report DT-1` is `report run DT-1`.")
app.add_typer(group, name="report")


@group.command(ONE_RUN)
def report(
    run: RunArgument = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page to this file: to read, to print, to send on.", dir_okay=True)
    ] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="The same as PDF, where Chromium or WeasyPrint is installed.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write provinces, places and reasons to this file.")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Account for everyone in a run: by state, by place, and why not; who decided what, when, and what to do better.

    Example: zalo-alert report run DT-TW-261124-01 --html report.html
    """
    from zalo_alert.cli.full_report_view import show_full_report, tell_full_report, write_files
    from zalo_alert.operations.accounting import drift_of
    from zalo_alert.operations.run_report import ReportFiles, full_report_of
    from zalo_alert.reporting.status import standing_of

    home = Workspace(workspace)
    opened = _named(run, home)
    with display.status(_("counting")):
        full = full_report_of(opened, home)
    found, standing = home.shortfalls(full.report), standing_of(opened)
    tell_full_report(full, found, standing)
    files = ReportFiles(html, pdf, csv)
    if files.is_none:
        show_full_report(full, found, standing, drift_of(opened, full.report))
    else:
        write_files(full, files, home)


def _named(run: str | None, workspace: Workspace) -> "Run":
    """Open a run; what may have been meant for a command is told as one."""
    try:
        return run_to_read(run, workspace)
    except UsageError as exc:
        words = nearest(run or "", [command.name or "" for command in group.registered_commands])
        if not run or not words:
            raise
        raise UsageError(exc.message, hint=did_you_mean([str(Cure.REPORT(words[0]))])) from exc
