"""The journal: every event but receipts, each once, a file a day (UTC); on the disk when `append` returns.

A copy of an event adds to its `repeats` instead: what is stored and what is repeated, as the tallies count them, are together
what was acknowledged.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.inbound import tallies
from zalo_alert.inbound.event import Event
from zalo_alert.inbound.event_names import WORDS
from zalo_alert.inbound.rolled import Opening, Place, Reading, RolledDatabase, read_on

JOURNAL = "journal"  # the folder
STORED, REPEATED, WORDS_STORED = "stored", "repeated", "words"  # what its tallies count; words are stored, too
_SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE, oa TEXT NOT NULL, person TEXT NOT NULL, by_app TEXT NOT NULL,
    name TEXT NOT NULL, event_ms INTEGER NOT NULL, arrived_ms INTEGER NOT NULL, tries INTEGER NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0, body BLOB NOT NULL
);
"""
    + tallies.SCHEMA
)
_INSERT = (
    "INSERT INTO event (key, oa, person, by_app, name, event_ms, arrived_ms, tries, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (key) DO NOTHING"
)
_LAST = "SELECT seq FROM sqlite_sequence UNION ALL SELECT 0 ORDER BY seq DESC LIMIT 1"  # holds also when rows are deleted
_REPEAT = "UPDATE event SET repeats = repeats + 1 WHERE key = ?"
# The first half of a key says which message it is: one that was there before, with other content, has the same.
_READING = Reading(
    """
SELECT seq, oa, person, by_app, name, event_ms, arrived_ms, tries, body, EXISTS (
    SELECT 1 FROM event AS other WHERE other.key >= substr(event.key, 1, 8)
    AND other.key <= CAST(substr(event.key, 1, 8) || x'ffffffffffffffff' AS BLOB) AND other.seq < event.seq
) FROM event WHERE seq > ? ORDER BY seq LIMIT ?""",
    last=_LAST,
)
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
        with self._files.transaction(file_of(arrivals[-1].arrived_ms)) as database:
            known = self._known_earlier(arrivals)
            ((last,),) = database.rows(_LAST)
            fresh = (_row(arrival) for arrival in arrivals if arrival.event.key not in known)
            first, copies = arrivals, list[Arrival]()
            if database.run_many(_INSERT, fresh) < len(arrivals):
                known |= _known(database, _keys(arrivals), last)
                first, copies = _parted(arrivals, known)
                self._repeat(database, _keys(copies))
            tallies.count(database, _counted(first, copies))

    def close(self) -> None:
        """Close the files."""
        self._files.close()

    def _known_earlier(self, arrivals: Sequence[Arrival]) -> set[bytes]:
        """Return which events stand in the file before."""
        earlier = self._files.earlier
        return _known(earlier, _keys(arrivals)) if earlier is not None else set()

    def _repeat(self, database: Database, copies: list[bytes]) -> None:
        """Count copies at the event itself, wherever it stands."""
        database.run_many(_REPEAT, ((key,) for key in copies))
        earlier = self._files.earlier
        if earlier is not None and _known(earlier, copies):
            with earlier.transaction():
                earlier.run_many(_REPEAT, ((key,) for key in copies))


def read_journal(folder: Path, after: Place | None, limit: int, opening: Opening | None = None) -> list[StoredEvent]:
    """Return the events after a place, in the order in which they came.

    Args:
        folder: `inbound` of the workspace's state.
        after: The last one known; None is the beginning.
        limit: At most so many.
        opening: Lends a file, where the caller keeps one open.

    Raises:
        StorageUnusable: A file can't be read.
    """
    found = read_on(folder / JOURNAL, after, limit, _READING, opening)
    return [_stored(file, *row) for file, row in found]


def file_of(arrived_ms: int) -> str:
    """Name the file of a day; what arrives on it is in no earlier one."""
    return datetime.fromtimestamp(arrived_ms / 1000, UTC).strftime("%Y-%m-%d.db")


def _stored(file: str, seq: int, *columns: Any) -> StoredEvent:
    return StoredEvent(Place(file, seq), *columns)._replace(is_joined=bool(columns[-1]))


def _row(arrival: Arrival) -> tuple[object, ...]:
    event = arrival.event
    head = (event.key, event.oa, event.person, event.by_app, event.name, event.event_ms)
    return (*head, arrival.arrived_ms, arrival.tries, arrival.body)


def _parted(arrivals: Sequence[Arrival], known: set[bytes]) -> tuple[list[Arrival], list[Arrival]]:
    """Part events that are new from those that are not."""
    first: list[Arrival] = []
    copies: list[Arrival] = []
    for arrival in arrivals:
        (copies if arrival.event.key in known else first).append(arrival)
        known.add(arrival.event.key)
    return first, copies


def _keys(arrivals: Sequence[Arrival]) -> list[bytes]:
    return [arrival.event.key for arrival in arrivals]


def _counted(first: Sequence[Arrival], copies: Sequence[Arrival]) -> Iterator[tuple[int, str]]:
    for arrival in first:
        yield arrival.arrived_ms, STORED
        if arrival.event.name in WORDS:
            yield arrival.arrived_ms, WORDS_STORED
    for arrival in copies:
        yield arrival.arrived_ms, REPEATED


def _known(database: Database, keys: list[bytes], last: int = 2**63 - 1) -> set[bytes]:
    """Return which keys stand in a file, up to a number."""
    known: set[bytes] = set()
    for first in range(0, len(keys), _ASKED_AT_ONCE):
        some = keys[first : first + _ASKED_AT_ONCE]
        marks = ", ".join("?" * len(some))
        rows = database.rows(f"SELECT key FROM event WHERE key IN ({marks}) AND seq <= ?", [*some, last])
        known.update(key for (key,) in rows)
    return known
