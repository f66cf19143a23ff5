"""SQLite files that never change again once they are there: opened for reading alone, without locks. A home of `sqlite3`."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

CACHE_KIB = 8192  # holds all pages above the lowest level of ten million rows


class TwoInOnePlace(Exception):
    """Two rows have one primary key."""


class FixedDatabase:
    """One connection to a file that nobody writes to; usable from any one thread at a time.

    SQLite takes no lock and looks for no log: whoever changes the file beneath it gets wrong rows.

    Args:
        path: The file.

    Raises:
        StorageUnusable: It is missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with _translated(path):
            uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
            self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
            self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query."""
        try:  # without the context manager, which costs as much as the row
            found: tuple[Any, ...] | None = self._connection.execute(sql, parameters).fetchone()
        except sqlite3.DatabaseError as exc:
            raise _damaged(self.path, exc) from exc
        return found

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return every row of a query."""
        with _translated(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    def counting_steps(self, count: Callable[[], None]) -> None:
        """Have each step of SQLite's own machine counted: what a query costs, without a clock."""

        def step() -> int:
            count()
            return 0  # anything else ends the query

        self._connection.set_progress_handler(step, 1)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def write_fixed(path: Path, schema: str, insert: str, batches: Iterable[Sequence[Sequence[Any]]]) -> None:
    """Make such a file from batches of rows; a file that breaks off half-way is for the caller to remove.

    Args:
        path: Not there yet, in a folder of the caller's.
        schema: Statements that make its tables.
        insert: Run for each row.
        batches: Rows in the order in which they are best stored.

    Raises:
        StorageUnusable: The disk refused.
        TwoInOnePlace: Two rows have one primary key.
    """
    path.touch(mode=0o600)
    with _translated(path), _one_in_a_place(), closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;{schema}")
        db.execute("BEGIN")
        for batch in batches:
            db.executemany(insert, batch)
        db.execute("COMMIT")


@contextmanager
def _one_in_a_place() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as exc:
        raise TwoInOnePlace from exc


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.DatabaseError as exc:
        raise _damaged(path, exc) from exc
    except OSError as exc:
        raise StorageUnusable(
            _("can't open {path}: {why}", path=path, why=reason(exc)), hint=_("check the disk and the folder's permissions")
        ) from exc


def _damaged(path: Path, exc: sqlite3.DatabaseError) -> StorageUnusable:
    if "disk is full" in str(exc):
        return StorageUnusable(_("can't write {path}: the disk is full", path=path), hint=_("free some space, then try again"))
    return StorageUnusable(
        _("{path} can't be read: {why}", path=path, why=exc), hint=_("make it again, or restore the folder from a backup")
    )
