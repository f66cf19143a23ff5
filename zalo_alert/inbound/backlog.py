"""What waits among what came back, seen from outside: parked events, events not worked on, and when the last receipt came.

Reads what the door and the worker write, beside them; makes no file.
"""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.inbound.journal import read_journal
from zalo_alert.inbound.parked import PARKED
from zalo_alert.inbound.receipt_lane import RECEIPTS
from zalo_alert.inbound.rolled import Place, files_of


class ParkedGroup(NamedTuple):
    """Parked events of one OA and app: how many wait, and when the last of them came (milliseconds since 1970)."""

    app_id: str
    oa: str
    events: int
    last_ms: int


def parked_groups(folder: Path) -> Sequence[ParkedGroup]:
    """Return what is parked, by app and OA; nothing where nothing ever was.

    Args:
        folder: `inbound` of the workspace's state.

    Raises:
        StorageUnusable: It can't be read; so with the others.
    """
    path = folder / PARKED
    if not path.is_file():
        return ()
    with closing(Database(path)) as database:
        rows = database.rows("SELECT app_id, oa, COUNT(*), MAX(arrived_ms) FROM parked GROUP BY app_id, oa ORDER BY app_id, oa")
    return [ParkedGroup(*row) for row in rows]


def oldest_waiting_ms(folder: Path, cursor: Place | None) -> int | None:
    """Return when the first event after the worker's cursor came; None where all are worked on."""
    waiting = read_journal(folder, cursor, 1)
    return waiting[0].arrived_ms if waiting else None


def last_receipt_ms(folder: Path) -> int | None:
    """Return when the last receipt came; None where none is kept."""
    for path in reversed(files_of(folder / RECEIPTS)):
        with closing(Database(path)) as database:
            rows = database.rows("SELECT arrived_ms FROM receipt ORDER BY seq DESC LIMIT 1")
        if rows:
            return int(rows[0][0])
    return None
