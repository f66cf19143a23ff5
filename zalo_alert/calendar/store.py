"""What has been done of each month, entry by entry and OA by OA; on the disk when a method returns."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from zalo_alert.calendar.month import NOTHING, Done
from zalo_alert.foundation.clock import instant
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import private_folder
from zalo_alert.models import AccountId

FILE, LOCK = "calendar.db", "calendar.lock"  # in the workspace's state folder
_SCHEMA = """
CREATE TABLE IF NOT EXISTS begun (month TEXT PRIMARY KEY, at_s REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS done (
    entry TEXT NOT NULL, account TEXT NOT NULL, published_s REAL, skipped_s REAL, hidden_s REAL, run TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (entry, account)
) WITHOUT ROWID;
"""
_KEPT = "INSERT INTO done (entry, account, {0}) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET {0} = excluded.{0}"


class CalendarStore:
    """See the module.

    Args:
        database: Open, and this store's own from now on.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, month: str, now: datetime) -> None:
        """Note that a month is under way: a day of it that is past is no slip of the pen any more."""
        self._db.run("INSERT OR IGNORE INTO begun VALUES (?, ?)", (month, now.timestamp()))

    def begun(self) -> frozenset[str]:
        """Return the months that are, or were, under way."""
        return frozenset(month for (month,) in self._db.rows("SELECT month FROM begun"))

    def done(self) -> "DoneBy":
        """Return all that has been done."""
        rows = self._db.rows("SELECT entry, account, published_s, skipped_s, hidden_s, run FROM done")
        return DoneBy({(entry, AccountId(account)): _done(*kept) for entry, account, *kept in rows})

    def published(self, entry: str, account: AccountId, at: datetime) -> None:
        """Note that an article stands on an OA's page."""
        self._put("published_s", entry, account, at.timestamp())

    def skipped(self, entry: str, account: AccountId, at: datetime) -> None:
        """Note that an article is not published any more."""
        self._put("skipped_s", entry, account, at.timestamp())

    def hidden(self, entry: str, account: AccountId, at: datetime) -> None:
        """Note that an article was hidden again."""
        self._put("hidden_s", entry, account, at.timestamp())

    def sent_by(self, entry: str, account: AccountId, run: str) -> None:
        """Note which run its broadcast is; before that is sent."""
        self._put("run", entry, account, run)

    def _put(self, column: str, entry: str, account: AccountId, value: float | str) -> None:
        self._db.run(_KEPT.format(column), (entry, account, value))


class DoneBy:
    """What has been done, by entry and OA.

    Args:
        rows: As they are kept.
    """

    def __init__(self, rows: Mapping[tuple[str, AccountId], Done]) -> None:
        self._rows = rows

    def of(self, entry: str, account: AccountId) -> Done:
        """Return what has been done for one entry on one OA."""
        return self._rows.get((entry, account), NOTHING)


def _done(published_s: float | None, skipped_s: float | None, hidden_s: float | None, run: str) -> Done:
    return Done(_moment(published_s), _moment(skipped_s), _moment(hidden_s), run)


def _moment(at_s: float | None) -> datetime | None:
    return None if at_s is None else instant(at_s)


@contextmanager
def opened(folder: Path) -> Iterator[CalendarStore]:
    """Open the store of a state folder while a block lasts."""
    private_folder(folder)
    with closing(Database(folder / FILE, schema=_SCHEMA)) as database:
        yield CalendarStore(database)


def is_there(folder: Path) -> bool:
    """Whether anything of any month was ever done here."""
    return (folder / FILE).exists()
