"""How long something has stood still, by the clock of whoever looks again and again: no clock but its own is believed.

Owns a table of `told.db`.
"""

from contextlib import suppress
from pathlib import Path

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.database import Database

_SCHEMA = """CREATE TABLE IF NOT EXISTS still (run TEXT PRIMARY KEY, sign TEXT NOT NULL, since_s REAL NOT NULL) WITHOUT ROWID"""


class Stillness:
    """Remembers what each run's sign of life was when it was looked at last, and since when.

    Args:
        path: Of the file; made when it is missing.

    Raises:
        StorageUnusable: It can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self._db = Database(path, schema=_SCHEMA, survives_power_cut=False)

    def measure_s(self, run: str, sign: str, now_s: float) -> float:
        """Return for how many seconds the sign of a run has been this one; 0 where it is another than before."""
        with self._db.transaction():
            rows = self._db.rows("SELECT since_s FROM still WHERE (run, sign) = (?, ?)", (run, sign))
            if rows and now_s >= rows[0][0]:
                return float(now_s - rows[0][0])
            self._db.run("INSERT OR REPLACE INTO still VALUES (?, ?, ?)", (run, sign, now_s))
        return 0.0

    def close(self) -> None:
        """Close the file."""
        with suppress(StorageUnusable):
            self._db.close()
