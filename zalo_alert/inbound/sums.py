"""What became of everything that was acknowledged, in numbers that add up: each stored event is in one class, or waits.

Reads what door and worker write, beside them, and makes no file. The worker is asked first: an event that it handles meanwhile
still counts as waiting, and none is missed.
"""

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from zalo_alert.inbound import receipt_lane
from zalo_alert.inbound.event import EventClass, ReceiptKind
from zalo_alert.inbound.inbound_store import find_store, folder_of
from zalo_alert.inbound.journal import JOURNAL, REPEATED, STORED, WORDS_STORED, file_of
from zalo_alert.inbound.receipt_lane import RECEIPTS
from zalo_alert.inbound.rolled import Place, files_of, opened
from zalo_alert.inbound.tallies import MINUTE_MS, counted


class Sums(NamedTuple):
    """Counts since a time, but for `oldest_waiting_ms`, which is of all.

    Args:
        stored: Events of the journal, each once.
        repeated: Copies of them, acknowledged and not stored again.
        receipts: Events of the receipts' lane, by kind.
        classes: What the worker made of the journal's.
        waiting: What it has not handled yet.
        oldest_waiting_ms: When the first of those came; None where none waits.
    """

    stored: int
    repeated: int
    receipts: Mapping[ReceiptKind, int]
    classes: Mapping[EventClass, int]
    waiting: int
    oldest_waiting_ms: int | None

    @property
    def adds_up(self) -> bool:
        """Whether each stored event is in one class or waits."""
        return self.stored == self.waiting + sum(self.classes.values())

    @property
    def acknowledged(self) -> int:
        """How many events were answered 200; those that are parked stand beside them."""
        return self.stored + self.repeated + sum(self.receipts.values())


class _Waiting(NamedTuple):
    events: int
    oldest_ms: int | None
    stored: int
    repeated: int


def sums_of(state_dir: Path, since_ms: int) -> Sums:
    """Add up what came since a time, to the minute.

    Raises:
        StorageUnusable: A file can't be read.
    """
    folder = folder_of(state_dir)
    since_ms -= since_ms % MINUTE_MS
    cursor, classes = _handled(state_dir, since_ms)
    journal = _add(folder, cursor, since_ms)
    receipts = {ReceiptKind(kind): n for kind, n in counted(folder / RECEIPTS, since_ms, receipt_lane.file_of(since_ms)).items()}
    return Sums(journal.stored, journal.repeated, receipts, classes, journal.events, journal.oldest_ms)


def words_kept(state_dir: Path) -> int:
    """Count the events with people's words that are kept.

    Raises:
        StorageUnusable: A file can't be read.
    """
    return counted(folder_of(state_dir) / JOURNAL)[WORDS_STORED]


def _handled(state_dir: Path, since_ms: int) -> tuple[Place | None, Mapping[EventClass, int]]:
    """Return how far the worker is and what it made of events, both of one instant."""
    database = find_store(state_dir)
    if database is None:
        return None, {}
    with closing(database), database.snapshot():
        rows = database.rows("SELECT file, seq FROM cursor WHERE lane = 'journal'")
        tally = database.rows("SELECT class, sum(n) FROM tally WHERE minute >= ? GROUP BY class", (since_ms // MINUTE_MS,))
    return Place(*rows[0]) if rows else None, {EventClass(kind): n for kind, n in tally if n}


def _add(folder: Path, cursor: Place | None, since_ms: int) -> _Waiting:
    waiting, oldest, counts = 0, [], Counter[str]()
    begin = min(file_of(since_ms), cursor.file if cursor is not None else "")  # earlier files know nothing of this
    for path in [path for path in files_of(folder / JOURNAL) if path.name >= begin]:
        with opened(path) as database, database.snapshot():
            sql = "SELECT what, sum(n) FROM tally WHERE minute >= ? GROUP BY what"
            counts.update(dict(database.rows(sql, (since_ms // MINUTE_MS,))))
            if cursor is None or path.name >= cursor.file:
                after = cursor.seq if cursor is not None and path.name == cursor.file else 0
                sql = "SELECT count(*) FILTER (WHERE arrived_ms >= ?), min(arrived_ms) FROM event WHERE seq > ?"
                ((n, oldest_ms),) = database.rows(sql, (since_ms, after))
                waiting += n
                oldest += [] if oldest_ms is None else [oldest_ms]
    return _Waiting(waiting, min(oldest, default=None), counts[STORED], counts[REPEATED])
