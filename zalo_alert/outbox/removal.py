"""Removes answers that have been over for long; their counts stay. Whoever handles events calls it once an hour."""

from contextlib import closing
from pathlib import Path

from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.database import Database
from zalo_alert.inbound.inbound_store import find_store

EVERY_S = 3600.0
KEPT_MS = 2 * 86_400_000  # receipts and echoes of an answer come within a day
UNKNOWN_KEPT_MS = 7 * 86_400_000  # of which nobody knows whether they arrived: for whoever looks for them
COUNTS_KEPT_HOURS = 400 * 24
AT_ONCE, GOES = 1_000, 20  # in one transaction, and transactions in one call
_OVER = "state IN ('accepted', 'rejected', 'expired', 'withheld') AND settled_ms < ? OR state = 'unknown' AND settled_ms < ?"


class AnswerRemover:
    """Removes some when it is called.

    Args:
        state_dir: Of the workspace.
        clock: Time.
    """

    def __init__(self, state_dir: Path, clock: Clock) -> None:
        self._state_dir, self._clock = state_dir, clock

    def __call__(self) -> bool:
        """Remove some; return whether there may be more.

        Raises:
            StorageUnusable: The database can't be used.
        """
        if (db := find_store(self._state_dir)) is None:
            return False
        now_ms = round(self._clock.now().timestamp() * 1000)
        with closing(db):
            db.run("DELETE FROM answer_tally WHERE hour < ?", (now_ms // 3_600_000 - COUNTS_KEPT_HOURS,))
            until = _last_made(db, now_ms - KEPT_MS)
            sql = f"DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE id <= ? AND ({_OVER}) LIMIT ?)"
            row = (until, now_ms - KEPT_MS, now_ms - UNKNOWN_KEPT_MS, AT_ONCE)
            return all(db.run(sql, row) == AT_ONCE for _ in range(GOES))


def _last_made(db: Database, before_ms: int) -> int:
    """Return the number of about the last answer made before a time; never the last of all, whose number would be given again.

    Looked for by halves: numbers follow time, but for a clock that was set back.
    """
    low, high = 0, int(db.rows("SELECT max(id) FROM outbox")[0][0] or 0)
    while low + 1 < high:
        middle = (low + high) // 2
        rows = db.rows("SELECT made_ms FROM outbox WHERE id >= ? ORDER BY id LIMIT 1", (middle,))
        low, high = (middle, high) if rows[0][0] < before_ms else (low, middle)
    return low
