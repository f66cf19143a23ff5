"""What receipts say of one run, in `receipts.db` beside its ledger: when each person's message was delivered and seen.

Apart from the ledger, so that whoever folds receipts never keeps a sender waiting. The first time wins, which is the earliest the
events name, whatever the order they come in: applying the same again changes nothing, and a kill in between loses nothing. Sums
by place and by minute are kept in the same transaction, so that tens of millions are counted at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from zalo_alert.foundation.database import Database

NAME = "receipts.db"  # in the run's folder, once there is anything to keep

_SCHEMA = """
CREATE TABLE IF NOT EXISTS receipt (number INTEGER PRIMARY KEY, delivered_s INTEGER NOT NULL, seen_s INTEGER);
CREATE TABLE IF NOT EXISTS place (place INTEGER PRIMARY KEY, delivered INTEGER NOT NULL, seen INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS minute (minute INTEGER PRIMARY KEY, delivered INTEGER NOT NULL, seen INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settled (number INTEGER PRIMARY KEY, by_echo INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS contested (number INTEGER PRIMARY KEY);
"""
_FRESH = """
CREATE TEMP TABLE IF NOT EXISTS fresh (
    number INTEGER PRIMARY KEY, place INTEGER NOT NULL, delivered_s INTEGER NOT NULL, seen_s INTEGER,
    old_delivered_s INTEGER, old_seen_s INTEGER)"""
_ADD_FRESH = """
INSERT INTO fresh (number, place, delivered_s, seen_s) VALUES (?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET
    delivered_s = min(delivered_s, excluded.delivered_s),
    seen_s = min(coalesce(seen_s, excluded.seen_s), coalesce(excluded.seen_s, seen_s))"""
_MERGE = """
UPDATE fresh SET old_delivered_s = old.delivered_s, old_seen_s = old.seen_s,
    delivered_s = min(fresh.delivered_s, old.delivered_s),
    seen_s = min(coalesce(fresh.seen_s, old.seen_s), coalesce(old.seen_s, fresh.seen_s))
FROM receipt AS old WHERE old.number = fresh.number"""
_WRITE = """
INSERT INTO receipt SELECT number, delivered_s, seen_s FROM fresh
WHERE old_delivered_s IS NULL OR delivered_s <> old_delivered_s OR seen_s IS NOT old_seen_s ORDER BY number
ON CONFLICT (number) DO UPDATE SET delivered_s = excluded.delivered_s, seen_s = excluded.seen_s"""
_SUM_PLACES = """
INSERT INTO place SELECT place, SUM(old_delivered_s IS NULL), SUM(seen_s IS NOT NULL AND old_seen_s IS NULL)
FROM fresh WHERE old_delivered_s IS NULL OR (seen_s IS NOT NULL AND old_seen_s IS NULL) GROUP BY place
ON CONFLICT (place) DO UPDATE SET delivered = delivered + excluded.delivered, seen = seen + excluded.seen"""


def _sum_minutes(time: str, column: str, sign: int, others: str) -> str:
    """Return the statement that adds people to the minute of a time, or takes them off it; `others` says whom."""
    sums = f"{sign} * COUNT(*), 0" if column == "delivered" else f"0, {sign} * COUNT(*)"
    return f"""
    INSERT INTO minute SELECT {time} / 60 * 60, {sums} FROM fresh WHERE {others} GROUP BY 1
    ON CONFLICT (minute) DO UPDATE SET delivered = delivered + excluded.delivered, seen = seen + excluded.seen"""


_SUM_MINUTES = [
    _sum_minutes("delivered_s", "delivered", 1, "old_delivered_s IS NULL OR delivered_s <> old_delivered_s"),
    _sum_minutes("old_delivered_s", "delivered", -1, "delivered_s <> old_delivered_s"),
    _sum_minutes("seen_s", "seen", 1, "seen_s IS NOT NULL AND seen_s IS NOT old_seen_s"),
    _sum_minutes("old_seen_s", "seen", -1, "old_seen_s IS NOT NULL AND seen_s <> old_seen_s"),
]

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
        self._db.run("PRAGMA temp_store=MEMORY")
        self._db.run("PRAGMA cache_size=-32768")
        self._db.run(_FRESH)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def mark(self, marks: Iterable[Mark]) -> int:
        """Keep when messages were delivered and seen, in one durable step; return for how many people that was news.

        Who has seen a message has it: `delivered_s` is the earlier of the two.
        """
        with self._db.transaction():
            self._db.run("DELETE FROM fresh")
            self._db.run_many(_ADD_FRESH, marks)
            self._db.run(_MERGE)
            news = self._db.run(_WRITE)
            for sql in (_SUM_PLACES, *_SUM_MINUTES):
                self._db.run(sql)
            self._db.run("DELETE FROM minute WHERE delivered = 0 AND seen = 0")
        return news

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


def is_kept(folder: Path) -> bool:
    """Whether anything is kept of a run."""
    return (folder / NAME).is_file()


def read_kept(folder: Path) -> Kept | None:
    """Read the sums of a run; None where nothing is kept of it.

    Raises:
        StorageUnusable: The file can't be read.
    """
    if not is_kept(folder):
        return None
    with closing(Database(folder / NAME)) as database, database.snapshot():
        places = {place: (delivered, seen) for place, delivered, seen in database.rows("SELECT * FROM place ORDER BY place")}
        minutes = [(minute, delivered, seen) for minute, delivered, seen in database.rows("SELECT * FROM minute ORDER BY minute")]
        by_receipt, by_echo = database.rows("SELECT coalesce(SUM(NOT by_echo), 0), coalesce(SUM(by_echo), 0) FROM settled")[0]
        contested = database.rows("SELECT COUNT(*) FROM contested")[0][0]
    return Kept(places, minutes, by_receipt, by_echo, contested)


def read_between(folder: Path, first: int, end: int) -> dict[int, tuple[int, int | None]]:
    """Read when the messages of the people `first` … `end - 1` were delivered and seen; only those who have a receipt."""
    if not is_kept(folder):
        return {}
    sql = "SELECT number, delivered_s, seen_s FROM receipt WHERE number >= ? AND number < ?"
    with closing(Database(folder / NAME)) as database:
        rows: list[tuple[Any, ...]] = database.rows(sql, (first, end))
    return {number: (delivered_s, seen_s) for number, delivered_s, seen_s in rows}


def read_lines(folder: Path, first: int, end: int) -> str:
    """Read the same as lines `number,delivered_s,seen_s`, with 0 for not seen: millions, without an object for each."""
    if not is_kept(folder):
        return ""
    sql = """
    SELECT coalesce(group_concat(number || ',' || delivered_s || ',' || coalesce(seen_s, 0), char(10)), '') FROM receipt
    WHERE number >= ? AND number < ?"""
    with closing(Database(folder / NAME)) as database:
        lines: str = database.rows(sql, (first, end))[0][0]
    return lines
