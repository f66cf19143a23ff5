"""Where a report of several runs is written to: as a page, as PDF, as a table; each file appears whole."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.reporting.sheet import write_whole

if TYPE_CHECKING:
    from zalo_alert.reporting.after_action import AfterAction
    from zalo_alert.reporting.monthly import Monthly
    from zalo_alert.reporting.page import Page, Reader
    from zalo_alert.reporting.sitrep import Sitrep


@dataclass(frozen=True, slots=True)
class PageFiles:
    """Where a page is written to; None for neither."""

    html: Path | None = None
    pdf: Path | None = None


def write_pages(make: "Callable[[Reader], Page]", files: PageFiles, reader: "Reader") -> list[Path]:
    """Write a page; return which files were written.

    Raises:
        InputInvalid: One can't be written, or no PDF can be made here.
    """
    if not files.html and not files.pdf:
        return []
    from zalo_alert.reporting.page import draw_page
    from zalo_alert.reporting.printing import pdf_of

    page, written = draw_page(make(reader), reader), []
    for target in filter(None, (files.html, files.pdf)):
        write_whole(page if target is files.html else pdf_of(page), target)
        written.append(target)
    return written


def sitrep_pages(made: "Sitrep", files: PageFiles, reader: "Reader") -> list[Path]:
    """Write a situation report as a page."""
    from zalo_alert.reporting.pages_of_several import sitrep_page

    return write_pages(lambda reader: sitrep_page(made, reader), files, reader)


def after_action_pages(made: "AfterAction", files: PageFiles, reader: "Reader") -> list[Path]:
    """Write an after-action report as a page."""
    from zalo_alert.reporting.pages_of_several import after_action_page

    return write_pages(lambda reader: after_action_page(made, reader), files, reader)


def monthly_pages(made: "Monthly", files: PageFiles, reader: "Reader") -> list[Path]:
    """Write the report of a month as a page."""
    from zalo_alert.reporting.pages_of_several import monthly_page

    return write_pages(lambda reader: monthly_page(made, reader), files, reader)
