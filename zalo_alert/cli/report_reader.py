"""Who reads a report that is written to a file, and the word that it is there."""

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
