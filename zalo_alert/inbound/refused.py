"""What was refused at the door: counted by minute, app, source and reason, without anything that was in it."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import private_folder

REFUSED = "refused.db"
MOST_SOURCES = 1000  # a minute; others are counted together, so that no flood fills the disk or the memory
_OTHERS = "others"
_MINUTE_MS = 60_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS refused (
    minute INTEGER NOT NULL, app_id TEXT NOT NULL, source TEXT NOT NULL, reason TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (minute, app_id, source, reason)
) WITHOUT ROWID;
"""


class Refusal(NamedTuple):
    """One row: `minute` counts from 1970; `app_id` is "" unless it is one of ours; `source` is an address."""

    minute: int
    app_id: str
    source: str
    reason: str
    n: int


class Refused:
    """Counts refusals, in memory until `flush`.

    Args:
        folder: `inbound` of the workspace's state; made when it is missing.

    Raises:
        StorageUnusable: It can't be used; so with `flush` and what reads.
    """

    def __init__(self, folder: Path) -> None:
        private_folder(folder)
        # What was refused is worth little after a power cut: no wait for the disk.
        self._database = Database(folder / REFUSED, schema=_SCHEMA, survives_power_cut=False)
        self._waiting: Counter[tuple[int, str, str, str]] = Counter()

    def note(self, app_id: str, source: str, reason: str, now_ms: int) -> None:
        """Count one refusal; writes nothing."""
        row = (now_ms // _MINUTE_MS, app_id, source, reason)
        if row not in self._waiting and len(self._waiting) >= MOST_SOURCES:
            row = (row[0], "", _OTHERS, reason)
        self._waiting[row] += 1

    def flush(self) -> None:
        """Write what was counted."""
        rows = [(*row, n) for row, n in self._waiting.items()]
        if rows:
            with self._database.transaction():
                self._database.run_many(
                    "INSERT INTO refused VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", rows
                )
            self._waiting.clear()

    def since(self, minute: int) -> list[Refusal]:
        """Return what was refused since a minute."""
        return [Refusal(*row) for row in self._database.rows("SELECT * FROM refused WHERE minute >= ?", (minute,))]

    def forget(self, before_minute: int) -> int:
        """Remove rows of earlier minutes; return how many."""
        return self._database.run("DELETE FROM refused WHERE minute < ?", (before_minute,))

    def close(self) -> None:
        """Close the file."""
        self._database.close()
