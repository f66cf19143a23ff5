"""What was told of late, kept for every process of the workspace, so that the same is not told again and again.

Owns `told.db`. A repeat within a while is counted and not told, and the next one says how many there were; what keeps repeating
is told ever more seldom. What grows (minutes late, days left) is told again when it is more.
"""

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.database import Database

NAME = "told.db"
WINDOW_S = 600.0  # within which the same is no news
LONGEST_S = 3600.0  # what repeats for hours is told once an hour
KEPT_S = 30 * 86_400.0
_CLOCK_S = 60.0  # a clock that was set back by more makes everything news
_SCHEMA = """CREATE TABLE IF NOT EXISTS told (run TEXT NOT NULL, event TEXT NOT NULL, topic TEXT NOT NULL, level INTEGER NOT NULL,
told_s REAL NOT NULL, window_s REAL NOT NULL, repeats INTEGER NOT NULL, PRIMARY KEY (run, event, topic)) WITHOUT ROWID"""


class Key(NamedTuple):
    """What counts as the same."""

    run: str
    event: str
    topic: str = ""


class Repeats(NamedTuple):
    """What was counted and not told: what, how often, and when it was last told (seconds since 1970)."""

    key: Key
    times: int
    told_s: float


class _Row(NamedTuple):
    level: int
    told_s: float
    window_s: float
    repeats: int


class Folds:
    """The table of what was told.

    Args:
        path: Of the file; made when it is missing.

    Raises:
        StorageUnusable: It can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self._db = Database(path, schema=_SCHEMA, survives_power_cut=False)

    def take(self, key: Key, now_s: float, level: int = 0) -> int:
        """Ask to tell something; whoever asks has it from then on.

        Args:
            key: What.
            now_s: Seconds since 1970.
            level: How far it has gone; 0 where it does not grow.

        Returns:
            How often it happened since it was last told, this time included; 0 where it is not to be told now.
        """
        with self._db.transaction():
            row = self._row(key)
            if row is None or now_s < row.told_s - _CLOCK_S:
                self._write(key, _Row(level, now_s, WINDOW_S, 0))
                return 1
            if level:
                if level > row.level:
                    self._write(key, row._replace(level=level, told_s=now_s))
                return int(level > row.level)
            if now_s - row.told_s < row.window_s:
                self._write(key, row._replace(repeats=row.repeats + 1))
                return 0
            window_s = min(LONGEST_S, row.window_s * 2) if row.repeats else WINDOW_S
            self._write(key, _Row(0, now_s, window_s, 0))
            return row.repeats + 1

    def take_repeats(self, now_s: float) -> list[Repeats]:
        """Return what was counted and never told, now that its time is over; whoever asks has it. What is old is forgotten."""
        with self._db.transaction():
            self._db.run("DELETE FROM told WHERE told_s < ?", (now_s - KEPT_S,))
            rows = self._db.rows(
                "SELECT run, event, topic, repeats, told_s FROM told WHERE repeats > 0 AND told_s + window_s <= ?", (now_s,)
            )
            self._db.run(
                "UPDATE told SET repeats = 0, told_s = ?, window_s = min(?, window_s * 2)"
                " WHERE repeats > 0 AND told_s + window_s <= ?",
                (now_s, LONGEST_S, now_s),
            )
        return [Repeats(Key(run, event, topic), repeats, told_s) for run, event, topic, repeats, told_s in rows]

    def forget(self, key: Key) -> None:
        """Let something be news again."""
        self._db.run("DELETE FROM told WHERE (run, event, topic) = (?, ?, ?)", key)

    def _row(self, key: Key) -> _Row | None:
        rows = self._db.rows("SELECT level, told_s, window_s, repeats FROM told WHERE (run, event, topic) = (?, ?, ?)", key)
        return _Row(*rows[0]) if rows else None

    def _write(self, key: Key, row: _Row) -> None:
        self._db.run("INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?, ?, ?)", (*key, *row))

    def close(self) -> None:
        """Close the file."""
        with suppress(StorageUnusable):
            self._db.close()
