"""Events whose signature is wrong while our own secret may be: two days, in a ring: all that forged ones can fill."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import private_folder

PARKED = "parked.db"
MOST_ROWS, MOST_BYTES = 10_000, 16 << 20
_SCHEMA = """
PRAGMA secure_delete=ON;
CREATE TABLE IF NOT EXISTS parked (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, app_id TEXT NOT NULL, oa TEXT NOT NULL, reason TEXT NOT NULL, header TEXT NOT NULL,
    tries INTEGER NOT NULL, arrived_ms INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO tally VALUES ('rows', 0), ('bytes', 0), ('parked', 0), ('crowded-out', 0), ('let-in', 0), ('expired', 0);
CREATE TRIGGER IF NOT EXISTS came AFTER INSERT ON parked BEGIN
    UPDATE tally SET n = n + CASE name WHEN 'bytes' THEN length(new.body) ELSE 1 END WHERE name IN ('rows', 'bytes', 'parked');
END;
CREATE TRIGGER IF NOT EXISTS went AFTER DELETE ON parked BEGIN
    UPDATE tally SET n = n - CASE name WHEN 'bytes' THEN length(old.body) ELSE 1 END WHERE name IN ('rows', 'bytes');
END;
"""


class ParkedEvent(NamedTuple):
    """An event that waits for the right secret; `header` is its signature as it came. `seq` is 0 before it is stored."""

    app_id: str
    oa: str
    reason: str
    header: str
    tries: int
    arrived_ms: int
    body: bytes
    seq: int = 0


class ParkedCounts(NamedTuple):
    """What became of all that was ever parked: `waiting` and the three that follow add up to `parked`."""

    waiting: int
    let_in: int
    crowded_out: int
    expired: int
    parked: int


class Parked:
    """The ring.

    Args:
        folder: `inbound` of the workspace's state; made when it is missing.

    Raises:
        StorageUnusable: It can't be used; so with every method.
    """

    def __init__(self, folder: Path) -> None:
        private_folder(folder)
        self._database = Database(folder / PARKED, schema=_SCHEMA)

    def append(self, events: Sequence[ParkedEvent]) -> None:
        """Keep events, in the place of the oldest where the ring is full; on the disk when it returns."""
        with self._database.transaction():
            self._database.run_many(
                "INSERT INTO parked (app_id, oa, reason, header, tries, arrived_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (event[:-1] for event in events),
            )
            self._make_room()

    def _make_room(self) -> None:
        tally = self._tally()
        while tally["rows"] > MOST_ROWS or tally["bytes"] > MOST_BYTES:
            too_many = max(1, tally["rows"] - MOST_ROWS)
            gone = self._database.run(
                "DELETE FROM parked WHERE seq IN (SELECT seq FROM parked ORDER BY seq LIMIT ?)", (too_many,)
            )
            self._count("crowded-out", gone)
            tally = self._tally()

    def counts(self) -> ParkedCounts:
        """Count what waits, and what became of the others."""
        tally = self._tally()
        return ParkedCounts(tally["rows"], tally["let-in"], tally["crowded-out"], tally["expired"], tally["parked"])

    def read(self, after: int, limit: int) -> list[ParkedEvent]:
        """Return the events after a number, oldest first."""
        sql = "SELECT app_id, oa, reason, header, tries, arrived_ms, body, seq FROM parked WHERE seq > ? ORDER BY seq LIMIT ?"
        return [ParkedEvent(*row) for row in self._database.rows(sql, (after, limit))]

    def let_in(self, events: Sequence[ParkedEvent]) -> None:
        """Remove events that the journal has now."""
        with self._database.transaction():
            self._count("let-in", self._database.run_many("DELETE FROM parked WHERE seq = ?", ((event.seq,) for event in events)))

    def expire(self, before_ms: int) -> int:
        """Remove what came before a time; return how many."""
        with self._database.transaction():
            gone = self._database.run("DELETE FROM parked WHERE arrived_ms < ?", (before_ms,))
            self._count("expired", gone)
        return gone

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _tally(self) -> dict[str, int]:
        return dict(self._database.rows("SELECT name, n FROM tally"))

    def _count(self, name: str, n: int) -> None:
        self._database.run("UPDATE tally SET n = n + ? WHERE name = ?", (n, name))
