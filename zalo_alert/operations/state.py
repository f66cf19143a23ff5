"""What lies in a workspace: the folder for everything the tool writes, books, lists of aliases, a place to work in."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.files import pointed_to, private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.settings.profile_mark import keep_profile

if TYPE_CHECKING:
    from zalo_alert.book import Book
    from zalo_alert.places import Aliases
    from zalo_alert.settings.model import Account, Settings


def state_folder(settings: "Settings") -> Path:
    """Make sure that the folder for everything the tool writes is there, private, and says which profile it is for."""
    try:
        private_folder(settings.state_dir)
        keep_profile(settings.state_dir, settings.profile)
    except OSError as exc:
        raise _unwritable(settings, exc) from exc
    return settings.state_dir


@contextmanager
def scratch_folder(settings: "Settings") -> Iterator[Path]:
    """Lend a private folder on the workspace's own disk, gone when the block ends."""
    try:
        folder = tempfile.TemporaryDirectory(dir=state_folder(settings), prefix=".scratch-", ignore_cleanup_errors=True)
    except OSError as exc:
        raise _unwritable(settings, exc) from exc
    with folder as name:
        yield Path(name)


def _unwritable(settings: "Settings", exc: OSError) -> SettingsInvalid:
    return SettingsInvalid(
        _("can't write to {folder}: {why}", folder=settings.state_dir, why=reason(exc)),
        hint=_("check the disk and the folder"),
    )


def book_of(account: "Account", settings: "Settings") -> "Book":
    """Open the follower book of an account."""
    from zalo_alert.book import Book

    return Book(settings.state_dir / "book" / account.oa_id)


def generation_of(account: "Account", settings: "Settings") -> str:
    """Name the generation in force of an account's book, "" where it has none, without loading what reads books."""
    try:
        return pointed_to(settings.state_dir / "book" / account.oa_id)
    except OSError as exc:
        raise SettingsInvalid(
            _("can't read the follower book of {account}: {why}", account=account.id, why=reason(exc)),
            hint=_("check the folder"),
        ) from exc


def aliases_of(settings: "Settings") -> "Aliases":
    """Read the workspace's own names of places, when it has any."""
    from zalo_alert.places.aliases import NAME, read

    path = settings.workspace / NAME
    return read(path) if path.exists() else ()


def forget_in_crawl(settings: "Settings", account: "Account", user_id: str) -> None:
    """Take a person out of what a sync keeps of an OA, when there was one."""
    from zalo_alert.sync import store

    if (settings.state_dir / store.FOLDER / f"{account.oa_id}.db").exists():
        with closing(store.CrawlStore(settings.state_dir, account.oa_id)) as crawl, crawl.locked():
            crawl.forget(user_id)
