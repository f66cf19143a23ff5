"""Whom a run has reached lately, as columns: ids out of its shards beside the marks of its ledger, in flat memory.

A home of pyarrow. Verifies no digest: what an earlier run reached is a matter of numbers, and its own start verifies it.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import pyarrow as pa
import pyarrow.parquet as pq

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.os_errors import reason
from zalo_alert.ledger.recent import RecentReach
from zalo_alert.runs.shards import ROWS_PER_GROUP

SCHEMA = pa.schema([("user_id", pa.string()), ("account", pa.int8()), ("mark", pa.uint8())])
READERS = 2  # threads: SQLite and Parquet are read without Python's lock
_AHEAD = 2 * READERS  # groups read before they are wanted: what is in memory at once


class RecentPeople:
    """The people of one run, each with the mark that `RecentReach` gives them.

    Args:
        folder: Of the run.
        since_s: See `RecentReach`.
        written_s: The same.

    Attributes:
        failure: Why no more of them could be read; "" when all were.
    """

    def __init__(self, folder: Path, since_s: Sequence[int], written_s: float) -> None:
        self._folder, self._since_s, self._written_s = folder, since_s, written_s
        self.failure = ""

    def reader(self) -> pa.RecordBatchReader:
        """Return them as a stream of `SCHEMA`, which ends early where something can't be read."""
        return pa.RecordBatchReader.from_batches(SCHEMA, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        ledgers: SimpleQueue[RecentReach] = SimpleQueue()
        opened: list[RecentReach] = []
        try:
            for _turn in range(READERS):
                opened.append(RecentReach(self._folder / "run.db", self._since_s, self._written_s))
                ledgers.put(opened[-1])
            yield from _in_order(self._ids(opened[0].next_number), lambda first, ids: _mark(ledgers, first, ids))
        except (StorageUnusable, pa.ArrowException) as exc:
            self.failure = str(exc)
        except OSError as exc:
            self.failure = reason(exc)
        finally:
            for ledger in opened:
                ledger.close()

    def _ids(self, end: int) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield the ids of the people before `end`, a group at a time, each with the number of its first."""
        first = 0
        for path in sorted((self._folder / "shards").glob("*.parquet")):
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(columns=["user_id", "account"], batch_size=ROWS_PER_GROUP):
                    if first >= end:
                        return
                    yield first, batch
                    first += batch.num_rows


def _mark(ledgers: "SimpleQueue[RecentReach]", first: int, ids: pa.RecordBatch) -> pa.RecordBatch:
    ledger = ledgers.get()  # one thread at a time may use each
    try:
        marks = ledger.marks(first, first + ids.num_rows).encode()
    finally:
        ledgers.put(ledger)
    column = pa.Array.from_buffers(pa.uint8(), len(marks), [None, pa.py_buffer(marks)])
    return pa.RecordBatch.from_arrays([ids.column("user_id"), ids.column("account"), column], schema=SCHEMA)


def _in_order(
    groups: Iterator[tuple[int, pa.RecordBatch]], work: Callable[[int, pa.RecordBatch], pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Do some work on each group in other threads, a few groups ahead of whoever takes the results."""
    with ThreadPoolExecutor(READERS) as pool:
        ahead: deque[Future[pa.RecordBatch]] = deque()
        for group in groups:
            ahead.append(pool.submit(work, *group))
            if len(ahead) > _AHEAD:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
