"""SQLite, opened one way: write-ahead log, every commit on the disk before it returns, errors in our words.

The only home of `sqlite3`. Knows no table.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from threading import Lock, RLock
from types import TracebackType
from typing import Any, TypeAlias

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

BUSY_TIMEOUT_S = 10.0  # a reader's checkpoint may hold the file for a moment; a live second writer is kept out by the run's lock


_File: TypeAlias = tuple[int, int]


class _OpenFiles:
    """Which files this process has open as databases, and how often.

    Whoever opens such a file in another way, and closes it, drops all locks that SQLite holds on it in this process: another
    process would take itself for the last one, and remove the log that is written to here. Source: SQLite, "How To Corrupt An
    SQLite Database File", 2.2.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._files: Counter[_File] = Counter()

    @contextmanager
    def adding(self, path: Path) -> Iterator[bool]:
        """Add a file if the block ends well; say whether it is there already. One thread at a time."""
        with self._lock:
            yield self._files[_file_of(path)] > 0
            self._files[_file_of(path)] += 1

    def has(self, path: Path) -> bool:
        """Whether a file is open as a database."""
        with self._lock:
            return self._files[_file_of(path)] > 0

    def remove(self, file: _File | None) -> None:
        """Take a file out that was opened and is closed."""
        with self._lock:
            if file is not None:
                self._files[file] -= 1
            self._files += Counter()  # keeps those that are above 0


def _file_of(path: Path) -> _File:
    status = path.stat()
    return status.st_dev, status.st_ino


_OPEN = _OpenFiles()
_TURNS: dict[_File, AbstractContextManager[Any]] = {}  # of a file that two threads write to: who does it now


class Database:
    """One connection, usable from any one thread at a time.

    Args:
        path: The file; made with mode 0600 when it is missing and `schema` is given.
        schema: Statements that make the tables; None opens an existing file, for reading and writing.
        survives_power_cut: False for what is worth nothing after one: commits then cost no wait for the disk.
        takes_turns: Transactions of this process on this file wait for each other in line: SQLite itself would only look again
            after some milliseconds, then some more. Of every connection that says so.
    """

    def __init__(
        self, path: Path, *, schema: str | None = None, survives_power_cut: bool = True, takes_turns: bool = False
    ) -> None:
        self.path = path
        self._translating = _Translation(path)
        with self._translating:
            if schema is not None:
                path.touch(mode=0o600)
            with _OPEN.adding(path) as is_open:
                # Twice: a checkpoint may have begun between its two looks.
                if schema is None and not is_open and _is_cut_short(path) and _is_cut_short(path):
                    raise StorageUnusable(_("{path} is cut short: a part of it is lost", path=path), hint=_KEEP)
                uri = f"{path.absolute().as_uri()}?mode=rw"
                self._connection = sqlite3.connect(
                    uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=64
                )
                self._file: _File | None = _file_of(path)
                self._turn: AbstractContextManager[Any] = _TURNS.setdefault(self._file, RLock()) if takes_turns else nullcontext()
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute(f"PRAGMA synchronous={'FULL' if survives_power_cut else 'NORMAL'}")
            if schema is not None:
                self._connection.executescript(schema)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return every row of a query."""
        with self._translating:
            return self._connection.execute(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query one by one."""
        with self._translating:
            yield from self._connection.execute(sql, parameters)

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one statement; return how many rows it changed."""
        with self._translating:
            return self._connection.execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run one statement for each row; return how many rows were changed in all."""
        with self._translating:
            return self._connection.executemany(sql, rows).rowcount

    def run_script(self, sql: str) -> None:
        """Run some statements."""
        with self._translating:
            self._connection.executescript(sql)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; on the disk when the block ends."""
        return self._between("BEGIN IMMEDIATE", self._turn)

    def snapshot(self) -> AbstractContextManager[None]:
        """Let every query in the block see the same instant; keeps no writer waiting."""
        return self._between("BEGIN DEFERRED", nullcontext())

    @contextmanager
    def _between(self, begin: str, turn: AbstractContextManager[Any]) -> Iterator[None]:
        with turn, self._translating:
            self._connection.execute(begin)
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def free_bytes(self) -> int:
        """Return how much of the file is pages that hold nothing any more; what was deleted may still be read off them."""
        with self._translating:
            ((pages,),) = self._connection.execute("PRAGMA freelist_count")
            ((page_bytes,),) = self._connection.execute("PRAGMA page_size")
            return int(pages * page_bytes)

    def vacuum(self) -> None:
        """Write the file anew without what was deleted, and empty its write-ahead log; writers wait meanwhile.

        Raises:
            StorageUnusable: Somebody else writes to it for longer than they may, or the disk is full: it is as it was.
        """
        with self._translating:
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy_to(self, target: Path) -> None:
        """Write all that the database holds at one instant into a new file, of mode 0600; keeps no writer waiting.

        Raises:
            StorageUnusable: It can't be read, or the new file can't be written.
        """
        target.touch(mode=0o600, exist_ok=False)
        with self._translating, closing(sqlite3.connect(target)) as copy:
            self._connection.backup(copy)  # in one step: in several, a busy writer would have it begin again and again

    def close(self) -> None:
        """Close the file; the write-ahead log is folded in by the last one out."""
        with self._translating:
            self._connection.close()
        _OPEN.remove(self._file)
        self._file = None


def is_live_database(path: Path) -> bool:
    """Whether a file is a database that others may be writing to; one that never changes again keeps no log of writes.

    Source: SQLite, "Database File Format", 1.3.
    """
    if _OPEN.has(path):
        return True
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return head.startswith(_MAGIC) and head[_WRITE_VERSION : _WRITE_VERSION + 1] == _WAL


_MAGIC, _HEAD_BYTES, _WRITE_VERSION, _WAL = b"SQLite format 3\0", 100, 18, b"\x02"


def copy_database(path: Path, target: Path) -> None:
    """Copy a database as it is at one instant, whoever writes to it meanwhile; see `Database.copy_to`."""
    with closing(Database(path)) as database:
        database.copy_to(target)


class _Translation:
    """Raises the errors of a block in our words; stateless, so a database needs one for all its calls."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        if exc is not None:
            self._translate(exc)

    def _translate(self, exc: BaseException) -> None:
        if isinstance(exc, sqlite3.OperationalError):
            raise _explain(self._path, exc) from exc
        if isinstance(exc, sqlite3.DatabaseError) and not isinstance(exc, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise StorageUnusable(_("{path} is damaged: {why}", path=self._path, why=exc), hint=_KEEP) from exc
        if isinstance(exc, OSError):
            raise StorageUnusable(
                _("can't open {path}: {why}", path=self._path, why=reason(exc)),
                hint=_("check the disk and the folder's permissions"),
            ) from exc
        # the others are bugs of ours: they keep their traceback


_KEEP = _("keep the file, and restore the folder from a backup")


def _is_cut_short(path: Path) -> bool:
    """Whether a file is shorter than its own head says; SQLite itself may take that for a smaller database and go on.

    While there is a write-ahead log, the missing pages may be in it. Source: SQLite, "Database File Format", 1.3.
    """
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        return False
    with path.open("rb") as file:
        head = file.read(32)
    page_bytes = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    return path.stat().st_size < pages * (65_536 if page_bytes == 1 else page_bytes)


_CURES = (
    ("database or disk is full", _("the disk is full"), _("free some space, then try again")),
    ("readonly", _("the file or its disk is read-only"), _("make it writable, then try again")),
    ("locked", _("another program holds the file"), _("close it, then try again")),
    ("disk I/O error", _("the disk failed to read or write"), _("check the disk and its free space, then try again")),
    ("unable to open", _("the file can't be opened"), _("check the path and the folder's permissions")),
)


def _explain(path: Path, exc: sqlite3.OperationalError) -> StorageUnusable:
    for mark, meaning, cure in _CURES:
        if mark in str(exc):
            return StorageUnusable(_("can't use {path}: {meaning}", path=path, meaning=meaning), hint=cure)
    return StorageUnusable(_("can't use {path}: {why}", path=path, why=exc))
