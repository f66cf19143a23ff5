"""Whoever reads a report: its lines on a terminal or into a pipe, its files, and the word that they are there."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.cli.display import display
from zalo_alert.language import _, said_in
from zalo_alert.operations.commands import spoken

if TYPE_CHECKING:
    from zalo_alert.reporting.page import Reader


def reader_of(workspace: Path) -> "Reader":
    """Return the reader of a page: a person, in their language, also where a machine is told the rest."""
    from zalo_alert.foundation.layout import CONFIG_NAME
    from zalo_alert.language.catalogue import catalogue_of, choose
    from zalo_alert.reporting.page import Reader

    language = choose(None, config=workspace / CONFIG_NAME) if display.json else display.catalogue.language
    return Reader(language, lambda phrase: spoken(said_in(phrase, catalogue_of(language))))


def tell_written(file: Path) -> None:
    """Say on stderr where a file is: the report itself may be on its way into another one."""
    display.say(_("written to {file}", file=file))


def tell_lines(lines: Iterable[str]) -> None:
    """Tell a report on stdout: on a terminal broken between words, into a pipe as it is to be pasted; not to a machine."""
    if display.json:
        return
    if not display.out.is_terminal:
        display.data(f"{display.text(line)}\n" for line in lines)
        return
    for line in lines:
        display.tell(line)


def tell_files(pages: Iterable[Path], csv: Path | None, write_table: Callable[[Path], None]) -> None:
    """Say where each page is once it is written, and write the table where one is asked for."""
    for file in pages:
        tell_written(file)
    if csv:
        write_table(csv)
        tell_written(csv)
