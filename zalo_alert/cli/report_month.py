"""`report month`: everything that was sent in a month, for the ministry."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption, instant_since
from zalo_alert.cli.report import AsOfOption, CsvOption, HtmlOption, PdfOption, group
from zalo_alert.cli.report_reader import reader_of, tell_files, tell_lines
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.reporting.monthly import Monthly


@group.command()
def month(
    month: Annotated[str, typer.Argument(help="Which, such as 2026-11; default: this one.", show_default=False)] = "",
    html: HtmlOption = None,
    pdf: PdfOption = None,
    csv: CsvOption = None,
    as_of: AsOfOption = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Count a month: every run, by level and province, drills apart; followers won and lost; which officers have practised.

    Example: zalo-alert report month 2026-11 --csv thang-11.csv
    """
    from zalo_alert.operations.monthly import write_table
    from zalo_alert.operations.report_files import PageFiles, monthly_pages

    home = Workspace(workspace)
    at = instant_since(as_of, SystemClock().now()) if as_of else None
    with display.status(_("reading the runs")):
        made = home.monthly(month, at)
    _show(made)
    tell_files(monthly_pages(made, PageFiles(html, pdf), reader_of(home.folder)), csv, partial(write_table, made))


def _show(made: "Monthly") -> None:
    from zalo_alert.reporting.monthly_text import lines_of

    display.fact("month", **made.as_json())
    for record in (*made.real.records, *made.drills.records):
        display.fact("month-run", month=made.name, **record.as_json())
    tell_lines(lines_of(made))
