"""How many events came in which minute, kept in the same transaction as the events themselves: counting them costs no reading."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from zalo_alert.foundation.database import Database
from zalo_alert.inbound.rolled import files_of, opened

MINUTE_MS = 60_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS tally (minute INTEGER NOT NULL, what TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (minute, what))
WITHOUT ROWID;
"""


def count(database: Database, whats: Iterable[tuple[int, str]]) -> None:
    """Add to what is counted, inside a transaction: a time in milliseconds and what came then, for each event."""
    counts = Counter((at_ms // MINUTE_MS, what) for at_ms, what in whats)
    rows = ((*row, n) for row, n in counts.items())
    database.run_many("INSERT INTO tally VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", rows)


def counted(folder: Path, since_ms: int = 0, first: str = "") -> Counter[str]:
    """Add up what all files of a folder count, since a minute.

    Args:
        folder: It may be missing.
        since_ms: That minute.
        first: The first file that may know of it: others are left closed.

    Raises:
        StorageUnusable: A file can't be read.
    """
    counts: Counter[str] = Counter()
    for path in [path for path in files_of(folder) if path.name >= first]:
        with opened(path) as database:
            sql = "SELECT what, sum(n) FROM tally WHERE minute >= ? GROUP BY what"
            counts.update(dict(database.rows(sql, (since_ms // MINUTE_MS,))))
    return counts
