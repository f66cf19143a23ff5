"""The journal: every event but receipts, each once, a file a day (UTC); on the disk when `append` returns.

A copy of an event adds to its `repeats` instead: what is stored and what is repeated are together what was acknowledged.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.inbound.event import Event
from zalo_alert.inbound.rolled import Place, RolledDatabase, read_on

JOURNAL = "journal"  # the folder
_SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE, oa TEXT NOT NULL, person TEXT NOT NULL, by_app TEXT NOT NULL,
    name TEXT NOT NULL, event_ms INTEGER NOT NULL, arrived_ms INTEGER NOT NULL, tries INTEGER NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0, body BLOB NOT NULL
);
"""
_INSERT = (
    "INSERT INTO event (key, oa, person, by_app, name, event_ms, arrived_ms, tries, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (key) DO UPDATE SET repeats = repeats + 1"
)
# The first half of a key says which message it is: one that was there before, with other content, has the same.
_READ = """
SELECT seq, oa, person, by_app, name, event_ms, arrived_ms, tries, body, EXISTS (
    SELECT 1 FROM event AS other WHERE other.key >= substr(event.key, 1, 8)
    AND other.key <= CAST(substr(event.key, 1, 8) || x'ffffffffffffffff' AS BLOB) AND other.seq < event.seq
) FROM event WHERE seq > ? ORDER BY seq LIMIT ?
"""
_ASKED_AT_ONCE = 500


class Arrival(NamedTuple):
    """An event as it came: `tries` is how often Zalo says it had tried before (`num_retry`)."""

    event: Event
    body: bytes
    arrived_ms: int
    tries: int


class StoredEvent(NamedTuple):
    """An event of the journal. `is_joined`: the same message came before with other content, which was stored, too."""

    place: Place
    oa: str
    person: str
    by_app: str
    name: str
    event_ms: int
    arrived_ms: int
    tries: int
    body: bytes
    is_joined: bool = False


class Journal:
    """The journal, for writing; several processes may.

    Args:
        folder: `inbound` of the workspace's state.
    """

    def __init__(self, folder: Path) -> None:
        self._files = RolledDatabase(folder / JOURNAL, _SCHEMA)

    def append(self, arrivals: Sequence[Arrival]) -> None:
        """Store events that came together, all or none; on the disk when it returns.

        Raises:
            StorageUnusable: The disk is full, a file is damaged: nothing is stored.
        """
        if not arrivals:
            return
        with self._files.transaction(f"{_day(arrivals[-1].arrived_ms)}.db") as database:
            earlier = self._earlier([arrival.event.key for arrival in arrivals])
            database.run_many(_INSERT, (_row(arrival) for arrival in arrivals if arrival.event.key not in earlier))

    def close(self) -> None:
        """Close the files."""
        self._files.close()

    def _earlier(self, keys: list[bytes]) -> set[bytes]:
        """Return those events that stand in the file before, and count them there."""
        database = self._files.earlier
        known = _known(database, keys) if database is not None else set()
        if known and database is not None:
            with database.transaction():
                repeats = ((key,) for key in keys if key in known)
                database.run_many("UPDATE event SET repeats = repeats + 1 WHERE key = ?", repeats)
        return known


def read_journal(folder: Path, after: Place | None, limit: int) -> list[StoredEvent]:
    """Return the events after a place, in the order in which they came.

    Args:
        folder: `inbound` of the workspace's state.
        after: The last one known; None is the beginning.
        limit: At most so many.

    Raises:
        StorageUnusable: A file can't be read.
    """
    found = read_on(folder / JOURNAL, after, limit, _READ)
    return [_stored(file, *row) for file, row in found]


def _day(arrived_ms: int) -> str:
    return datetime.fromtimestamp(arrived_ms / 1000, UTC).strftime("%Y-%m-%d")


def _stored(file: str, seq: int, *columns: Any) -> StoredEvent:
    return StoredEvent(Place(file, seq), *columns)._replace(is_joined=bool(columns[-1]))


def _row(arrival: Arrival) -> tuple[object, ...]:
    event = arrival.event
    head = (event.key, event.oa, event.person, event.by_app, event.name, event.event_ms)
    return (*head, arrival.arrived_ms, arrival.tries, arrival.body)


def _known(database: Database, keys: list[bytes]) -> set[bytes]:
    known: set[bytes] = set()
    for first in range(0, len(keys), _ASKED_AT_ONCE):
        some = keys[first : first + _ASKED_AT_ONCE]
        marks = ", ".join("?" * len(some))
        known.update(key for (key,) in database.rows(f"SELECT key FROM event WHERE key IN ({marks})", some))
    return known
