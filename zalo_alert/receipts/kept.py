"""What receipts say of one run, in `receipts.db` beside its ledger: when each person's message was delivered and seen.

Apart from the ledger, so that whoever folds receipts never keeps a sender waiting. The first time wins, which is the earliest the
events name, whatever the order they come in: applying the same again changes nothing, and a kill in between loses nothing. Sums
by place and by minute are kept in the same transaction, so that tens of millions are counted at once.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from zalo_alert.foundation.database import Database

NAME = "receipts.db"  # in the run's folder, once there is anything to keep

_SCHEMA = """
BEGIN;
CREATE TABLE IF NOT EXISTS receipt (number INTEGER PRIMARY KEY, delivered_s INTEGER NOT NULL, seen_s INTEGER);
CREATE TABLE IF NOT EXISTS place (place INTEGER PRIMARY KEY, delivered INTEGER NOT NULL, seen INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS minute (minute INTEGER PRIMARY KEY, delivered INTEGER NOT NULL, seen INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settled (number INTEGER PRIMARY KEY, by_echo INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS contested (number INTEGER PRIMARY KEY);
COMMIT;
"""
_OLD = "SELECT number, delivered_s, seen_s FROM receipt WHERE number >= ? AND number <= ?"
_OLD_NAMED = "SELECT number, delivered_s, seen_s FROM receipt WHERE number IN (SELECT value FROM json_each(?))"
_WRITE = """
INSERT INTO receipt VALUES (?, ?, ?)
ON CONFLICT (number) DO UPDATE SET delivered_s = excluded.delivered_s, seen_s = excluded.seen_s"""
_SUM = """
INSERT INTO {sums} VALUES (?, ?, ?)
ON CONFLICT ({sums}) DO UPDATE SET delivered = delivered + excluded.delivered, seen = seen + excluded.seen"""
_DENSE = 8  # where at least every so-manieth of a range is asked for, the whole range is read

# A person's number and place, when their message was delivered and when it was seen, in seconds since 1970.
Mark: TypeAlias = tuple[int, int, int, int | None]


class Kept(NamedTuple):
    """What is kept of a run: people by place and by minute (each delivered, seen), and who was settled by what."""

    by_place: Mapping[int, tuple[int, int]]
    by_minute: Sequence[tuple[int, int, int]]
    settled_by_receipt: int
    settled_by_echo: int
    contested: int


class RunReceipts:
    """The receipts of one run, to be written to by the one who folds.

    Args:
        folder: The run's.
    """

    def __init__(self, folder: Path) -> None:
        # What a power cut takes is folded again, because the cursor behind it is written later, and with a wait for the disk.
        self._db = Database(folder / NAME, schema=_SCHEMA)
        self._db.run("PRAGMA cache_size=-32768")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def mark(self, marks: Sequence[Mark]) -> int:
        """Keep when messages were delivered and seen, in one durable step; return for how many people that was news.

        Who has seen a message has it: `delivered_s` is the earlier of the two.
        """
        if not marks:
            return 0
        with self._db.transaction():
            news = _News(self._old([mark[0] for mark in marks]))
            for mark in marks:
                news.add(mark)
            self._db.run_many(_WRITE, news.rows())
            for sums, counts in (("place", news.by_place), ("minute", news.by_minute)):
                self._db.run_many(_SUM.format(sums=sums), [(key, *both) for key, both in counts.items() if any(both)])
            self._db.run("DELETE FROM minute WHERE delivered = 0 AND seen = 0")
        return len(news.times)

    def _old(self, numbers: Sequence[int]) -> dict[int, tuple[int, int | None]]:
        first, last = min(numbers), max(numbers)
        if last - first < _DENSE * len(numbers):
            rows = self._db.rows(_OLD, (first, last))
        else:
            rows = self._db.rows(_OLD_NAMED, (json.dumps(numbers),))
        return {number: (delivered_s, seen_s) for number, delivered_s, seen_s in rows}

    def settle(self, people: Iterable[tuple[int, bool]]) -> None:
        """Write down of whom a receipt (or, where True, an echo) proved that Zalo took their message."""
        with self._db.transaction():
            for number, by_echo in people:
                self._db.run("INSERT OR IGNORE INTO settled VALUES (?, ?)", (number, int(by_echo)))
                self._db.run("DELETE FROM contested WHERE number = ?", (number,))

    def uncontest(self, numbers: Iterable[int]) -> None:
        """Take back what `contest` wrote down of people who have changed since."""
        with self._db.transaction():
            self._db.run_many("DELETE FROM contested WHERE number = ?", ((number,) for number in numbers))

    def contest(self, numbers: Iterable[int]) -> None:
        """Write down who stays unknown because a receipt may be theirs or another's."""
        sql = "INSERT OR IGNORE INTO contested SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM settled WHERE number = ?1)"
        with self._db.transaction():
            self._db.run_many(sql, ((number,) for number in numbers))


class _News:
    """What is new of some people, and what that adds to the sums."""

    def __init__(self, old: dict[int, tuple[int, int | None]]) -> None:
        self._old = old
        self.times: dict[int, tuple[int, int | None]] = {}
        self.by_place: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        self.by_minute: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])

    def add(self, mark: Mark) -> None:
        number, place, delivered_s, seen_s = mark
        old = self._old.get(number)
        if old is None:
            self.by_place[place][0] += 1
            self.by_minute[delivered_s - delivered_s % 60][0] += 1
            if seen_s is not None:
                self._see(place, seen_s)
            self.times[number] = self._old[number] = (delivered_s, seen_s)
            return
        if delivered_s < old[0] or (seen_s is not None and (old[1] is None or seen_s < old[1])):
            self._correct(number, place, old, delivered_s, seen_s)

    def _correct(self, number: int, place: int, old: tuple[int, int | None], delivered_s: int, seen_s: int | None) -> None:
        old_delivered_s, old_seen_s = old
        if delivered_s < old_delivered_s:
            self.by_minute[old_delivered_s // 60 * 60][0] -= 1
            self.by_minute[delivered_s // 60 * 60][0] += 1
        else:
            delivered_s = old_delivered_s
        if seen_s is None or (old_seen_s is not None and old_seen_s <= seen_s):
            seen_s = old_seen_s
        elif old_seen_s is None:
            self._see(place, seen_s)
        else:
            self.by_minute[old_seen_s // 60 * 60][1] -= 1
            self.by_minute[seen_s // 60 * 60][1] += 1
        self.times[number] = self._old[number] = (delivered_s, seen_s)

    def _see(self, place: int, seen_s: int) -> None:
        self.by_place[place][1] += 1
        self.by_minute[seen_s // 60 * 60][1] += 1

    def rows(self) -> Iterator[tuple[int, int, int | None]]:
        """Yield the rows to be written, in order."""
        return ((number, *self.times[number]) for number in sorted(self.times))


def is_kept(folder: Path) -> bool:
    """Whether anything is kept of a run."""
    return (folder / NAME).is_file()


def read_kept(folder: Path) -> Kept | None:
    """Read the sums of a run; None where nothing is kept of it.

    Raises:
        StorageUnusable: The file can't be read.
    """
    with _opened(folder) as database:
        if database is None:
            return None
        places = {place: (delivered, seen) for place, delivered, seen in database.rows("SELECT * FROM place ORDER BY place")}
        minutes = [(minute, delivered, seen) for minute, delivered, seen in database.rows("SELECT * FROM minute ORDER BY minute")]
        by_receipt, by_echo = database.rows("SELECT coalesce(SUM(NOT by_echo), 0), coalesce(SUM(by_echo), 0) FROM settled")[0]
        contested = database.rows("SELECT COUNT(*) FROM contested")[0][0]
    return Kept(places, minutes, by_receipt, by_echo, contested)


def read_between(folder: Path, first: int, end: int) -> dict[int, tuple[int, int | None]]:
    """Read when the messages of the people `first` … `end - 1` were delivered and seen; only those who have a receipt."""
    sql = "SELECT number, delivered_s, seen_s FROM receipt WHERE number >= ? AND number < ?"
    with _opened(folder) as database:
        rows: list[tuple[Any, ...]] = database.rows(sql, (first, end)) if database else []
    return {number: (delivered_s, seen_s) for number, delivered_s, seen_s in rows}


def read_lines(folder: Path, first: int, end: int) -> str:
    """Read the same as lines `number,delivered_s,seen_s`, with 0 for not seen: millions, without an object for each."""
    sql = """
    SELECT coalesce(group_concat(number || ',' || delivered_s || ',' || coalesce(seen_s, 0), char(10)), '') FROM receipt
    WHERE number >= ? AND number < ?"""
    with _opened(folder) as database:
        lines: str = database.rows(sql, (first, end))[0][0] if database else ""
    return lines


@contextmanager
def _opened(folder: Path) -> Iterator[Database | None]:
    """Open the file at one instant; None where there is none, or whoever makes it has not come to its tables."""
    if not is_kept(folder):
        yield None
        return
    with closing(Database(folder / NAME)) as database, database.snapshot():
        yield database if database.rows("SELECT 1 FROM sqlite_master WHERE name = 'contested'") else None
