"""People into the follower book, and all of them out to a file."""

from pathlib import Path
from typing import BinaryIO

from zalo_alert.audit.telling import Taken, export_told
from zalo_alert.book import ImportReport
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.digests import digest_of_file
from zalo_alert.operations.observing import Observer
from zalo_alert.operations.state import aliases_of, book_of
from zalo_alert.settings.model import Account, Settings

STDIN = "stdin"  # what a stream without a name is called


def import_list(
    settings: Settings,
    account: Account,
    source: Path | BinaryIO,
    observer: Observer,
    *,
    name: str = "",
    origin: str = "",
    rejects: Path | None = None,
) -> tuple[ImportReport, Path]:
    """Merge a list of followers into the book; stopped and started again with the same file, it goes on where it was.

    Args:
        settings: The workspace's.
        account: Whose followers.
        source: A file, or an open stream.
        observer: Told of each step.
        name: What the list is called in what is said of it; by default as its file.
        origin: Where these people come from; by default the list's name.
        rejects: Where bad rows go; by default beside the file.

    Returns:
        What it did, and where its bad rows are.
    """
    called = name or (str(source) if isinstance(source, Path) else STDIN)
    aside = rejects or Path(f"{called}.rejects.csv")
    report = book_of(account, settings).import_rows(
        source, called, rejects=aside, clock=SystemClock(), origin=origin, aliases=aliases_of(settings), on_step=observer.on_step
    )
    return report, aside


def export_book(settings: Settings, account: Account, target: Path) -> int:
    """Write the whole book to a .csv or .parquet file, and tell the log who took it; return how many people.

    Raises:
        StorageUnusable: The log can't be told.
    """
    people = book_of(account, settings).export(target)
    export_told(settings.state_dir, Taken(people, str(target), digest_of_file(target)), facts={"account": account.id})
    return people
