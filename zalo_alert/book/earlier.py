"""Who has had as many messages as anybody may: counted over earlier runs, in flat memory, and kept for a plan in a file.

A person is an id of one OA, kept as a hash of eight bytes: among ten million people, two share one once in 200,000 counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from zalo_alert.book.base import WHO, fetch_number, open_duckdb, quote, utc
from zalo_alert.book.reading import ALSO, RECENT, BookReader
from zalo_alert.book.selecting import Selection, capped_people
from zalo_alert.models import Reach
from zalo_alert.runs import shards

IN_WEEK, IN_DAY = (ord(mark) for mark in "12")  # see `ledger.recent`: reached since a week ago, since a day ago
_MEMORY_LIMIT = "250MB"  # 40 million messages take no longer with more
Books = Sequence[tuple[BookReader, Selection]]


class Earlier(NamedTuple):
    """One earlier run.

    Args:
        people: Of `runs.recent.SCHEMA`.
        sources: By number of account in that run, the number of the OA now; -1 for one that does not count.
    """

    people: pa.RecordBatchReader
    sources: Sequence[int]


class CappedReach(NamedTuple):
    """People of one place who have had enough, in a day or else in a week."""

    reach: Reach
    by_day: bool


def write_capped(runs: Iterable[Earlier], day: int, week: int, target: Path) -> int:
    """Write down who has had `day` messages in a day or `week` in a week, 0 being no cap; return how many people that is.

    Raises:
        StorageUnusable: The disk is full.
    """
    in_day, in_week = f"count(*) FILTER (is_day) >= {day or 'NULL'}", f"count(*) >= {week or 'NULL'}"
    with open_duckdb(target.parent, _MEMORY_LIMIT) as db:
        db.execute("CREATE TEMP TABLE message (who UBIGINT, is_day BOOLEAN)")
        for run in runs:
            db.register("people", run.people)
            source = f"({list(run.sources)})[account + 1]"
            db.execute(
                f"""INSERT INTO message SELECT {WHO.format(source=source)}, mark >= {IN_DAY}
                FROM people WHERE mark >= {IN_WEEK} AND {source} >= 0"""
            )
            db.unregister("people")
        counts = (
            f"SELECT who, coalesce({in_day}, false) AS by_day, coalesce({in_week}, false) AS by_week FROM message GROUP BY who"
        )
        db.execute(f"COPY (SELECT who, by_day FROM ({counts}) WHERE by_day OR by_week) TO '{quote(target)}' (FORMAT parquet)")
        return fetch_number(db, f"SELECT count(*) FROM read_parquet('{quote(target)}')")


def capped_reach(sources: Books, keys: Sequence[str], now: datetime) -> list[CappedReach]:
    """Count the selected people who have had enough, spared or not, by the first of some keys at which they count."""
    with open_duckdb(sources[0][0].folder) as db:
        sql = f"SELECT position, by_day, count(*), {ALSO} FROM ({_unite(sources, keys)}) GROUP BY ALL ORDER BY ALL"
        rows = db.execute(sql, [utc(now - RECENT)]).fetchall()
        return [CappedReach(Reach(keys[at], *counts), bool(by_day)) for at, by_day, *counts in rows]


def withheld_people(sources: Books, keys: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Stream those who are withheld as `shards.SCHEMA`, without phone and name: place by place, there those of a day first.

    Args:
        sources: Books with selections that have a `Cap`.
        keys: Of the places, by their number.
    """
    spared = [str(at) for at, key in enumerate(keys) if any(own.cap and key in own.cap.spared for _, own in sources)]
    where = f"WHERE position NOT IN ({', '.join(spared)})" if spared else ""
    columns = "user_id, position AS place, source AS account, '' AS phone, '' AS name"
    sql = f"SELECT {columns} FROM ({_unite(sources, keys)}) {where} ORDER BY position, by_day DESC, user_id, source"
    with open_duckdb(sources[0][0].folder) as db:
        reader: Iterable[pa.RecordBatch] = db.sql(sql).to_arrow_reader(shards.ROWS_PER_GROUP)
        for batch in reader:
            yield batch.cast(shards.SCHEMA)


def _unite(sources: Books, keys: Sequence[str]) -> str:
    return " UNION ALL ".join(
        f"SELECT *, {number} AS source FROM ({capped_people(book.rows(), selection, keys)})"
        for number, (book, selection) in enumerate(sources)
        if selection.cap
    )
