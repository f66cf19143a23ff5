"""`report aar`: an alert with what followed it, on one time line: what to learn from it."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.display import display
from zalo_alert.cli.named_run import named_run
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption, instant_since
from zalo_alert.cli.report import AsOfOption, CsvOption, HtmlOption, PdfOption, group
from zalo_alert.cli.report_reader import reader_of, tell_files, tell_lines
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.reporting.after_action import AfterAction


@group.command()
def aar(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names of runs; what they follow and what follows them is found. Default: as for `report`.",
            show_default=False,
            autocompletion=completions.runs,
        ),
    ] = None,
    html: HtmlOption = None,
    pdf: PdfOption = None,
    csv: CsvOption = None,
    as_of: AsOfOption = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Look back at an alert with its correction and all-clear: when what happened, where time went, whom it reached too late.

    Example: zalo-alert report aar DT-TW-261124-01
    """
    from zalo_alert.operations.after_action import write_table
    from zalo_alert.operations.report_files import PageFiles, after_action_pages

    home = Workspace(workspace)
    names = runs or [str(named_run(None, home).id)]
    made = home.after_action(names, instant_since(as_of, SystemClock().now()) if as_of else None)
    display.fact("after-action", **made.as_json())
    _show(made)
    tell_files(after_action_pages(made, PageFiles(html, pdf), reader_of(home.folder)), csv, partial(write_table, made))


def _show(made: "AfterAction") -> None:
    from zalo_alert.reporting.after_action_text import lines_of

    tell_lines(lines_of(made))
