"""What the worker has done, seen from outside: where it stands, what became of events, which names came. Makes no file.

Everything is empty where no worker ever was.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from zalo_alert.foundation.database import Database
from zalo_alert.inbound.event import EventClass
from zalo_alert.inbound.inbound_store import find_store, folder_of
from zalo_alert.inbound.rolled import Place

SIGHT = "worker.json"  # beside the database, by rename, while something changes
_MINUTE_MS = 60_000


class WorkerSight(NamedTuple):
    """A worker as it last told of itself.

    Args:
        pid: Its process.
        started_ms: Since when, milliseconds since 1970; so are all times here.
        at_ms: When it told this.
        lag_ms: How long ago the oldest event came that it has not handled; 0 when there is none.
        handled: Events since it started.
        trouble: What keeps it from going on, in a sentence; "" when nothing does.
    """

    pid: int
    started_ms: int
    at_ms: int
    lag_ms: int
    handled: int
    trouble: str


def worker_sight(state_dir: Path) -> WorkerSight | None:
    """Return what the worker last told of itself; None when there never was one."""
    try:
        return WorkerSight(**orjson.loads((folder_of(state_dir) / SIGHT).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def cursor_of(state_dir: Path) -> Place | None:
    """Return the last event of the journal that was handled; None when none was.

    Raises:
        StorageUnusable: The worker's database can't be read; so with the others.
    """
    with _store(state_dir) as db:
        rows = db.rows("SELECT file, seq FROM cursor WHERE lane = 'journal'") if db else []
    return Place(*rows[0]) if rows else None


def class_totals(state_dir: Path, since_ms: int = 0) -> Mapping[EventClass, int]:
    """Count what became of the events that arrived since a time, to the minute; of all by default."""
    with _store(state_dir) as db:
        sql = "SELECT class, sum(n) FROM tally WHERE minute >= ? GROUP BY class"
        rows = db.rows(sql, (since_ms // _MINUTE_MS,)) if db else []
    return Counter({EventClass(kind): int(n) for kind, n in rows if n})


def seen_names(state_dir: Path) -> Mapping[str, Mapping[str, int]]:
    """Say when an event of each name came last, milliseconds since 1970, by OA; receipts are not among them."""
    seen: dict[str, dict[str, int]] = {}
    with _store(state_dir) as db:
        for oa, name, last_ms in db.rows("SELECT oa, name, last_ms FROM seen ORDER BY oa, name") if db else []:
            seen.setdefault(oa, {})[name] = last_ms
    return seen


def set_aside(state_dir: Path) -> list[tuple[Place, str]]:
    """Return the events that are set aside, and where in the code each of them failed."""
    with _store(state_dir) as db:
        rows = db.rows("SELECT file, seq, why FROM trouble ORDER BY file, seq") if db else []
    return [(Place(file, seq), why) for file, seq, why in rows]


@contextmanager
def _store(state_dir: Path) -> Iterator[Database | None]:
    db = find_store(state_dir)
    if db is None:
        yield None
        return
    with closing(db):
        yield db
