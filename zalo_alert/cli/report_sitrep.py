"""`report sitrep`: the situation report of a duty office, as text for Zalo, a table and JSON with the same numbers."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption, instant_since
from zalo_alert.cli.report import AsOfOption, CsvOption, HtmlOption, PdfOption, group
from zalo_alert.cli.report_reader import reader_of, tell_files, tell_lines
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.reporting.sitrep import Sitrep


@group.command()
def sitrep(
    event: Annotated[
        str, typer.Option("--event", help="What the event is called, such as: bão số 7; each has reports of its own.",
                          show_default=False)
    ] = "",
    since: Annotated[
        str, typer.Option("--since", help="From when on: 90m, 12h, a day or 2026-11-26T14:00.",
                          show_default="when the report before began, or a day ago")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="Who makes it.", show_default="the account of the machine")] = "",
    problem: Annotated[list[str] | None, typer.Option("--problem", help="A problem to report; may be repeated.")] = None,
    wanted: Annotated[list[str] | None, typer.Option("--wanted", help="A decision that is wanted; may be repeated.")] = None,
    html: HtmlOption = None,
    pdf: PdfOption = None,
    csv: CsvOption = None,
    as_of: AsOfOption = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Make the situation report of a duty office: one page to paste into Zalo, and what has changed since the one before.

    Example: zalo-alert report sitrep --event "bão số 7" --wanted "thêm hạn mức tin"
    """
    from zalo_alert.operations.report_files import PageFiles, sitrep_pages
    from zalo_alert.operations.sitrep import SitrepOrder, write_table

    now = SystemClock().now()
    start, end = (instant_since(text, now) if text else None for text in (since, as_of))
    order = SitrepOrder(event.strip(), start, end, by.strip(), tuple(problem or ()), tuple(wanted or ()))
    home = Workspace(workspace)
    made, trouble = home.sitrep(order)
    display.fact("sitrep", **made.as_json())
    _show(made)
    tell_files(sitrep_pages(made, PageFiles(html, pdf), reader_of(home.folder)), csv, partial(write_table, made))
    if trouble:
        display.say(trouble, style="yellow")


def _show(made: "Sitrep") -> None:
    from zalo_alert.reporting.sitrep_text import lines_of

    tell_lines(lines_of(made))
