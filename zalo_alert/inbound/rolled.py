"""Databases that follow one another by day or hour, as files whose names sort; the newest takes what comes, older ones stand.

A file is never written to when a newer one is there, whatever the clock says: so whoever reads on from file to file misses
nothing, also when the clock jumps back.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import draft_name, private_folder, sync_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

_ATTEMPTS = 5  # midnight comes once a day
_NAME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d)?\.db")


class Place(NamedTuple):
    """Where a row stands: a cursor."""

    file: str
    seq: int


class RolledDatabase:
    """The newest of a folder's files, for writing.

    Args:
        folder: Made when it is missing.
        schema: Statements that make the tables of a file.
    """

    def __init__(self, folder: Path, schema: str) -> None:
        self._folder, self._schema = folder, schema
        self._name, self._inode = "", 0
        self._database: Database | None = None
        self._earlier: Database | None = None

    @contextmanager
    def transaction(self, wanted: str) -> Iterator[Database]:
        """Open a transaction on the file of some name, or on the newest where that is newer. On the disk when the block ends.

        Raises:
            StorageUnusable: The file or the folder can't be written to.
        """
        try:
            for attempt in range(_ATTEMPTS):
                database = self._newest(wanted, is_sure=attempt == 0)
                with database.transaction():
                    if self._is_newest():  # nobody has begun a newer one meanwhile, and nobody can now
                        yield database
                        return
            raise StorageUnusable(
                _("can't use {path}: {why}", path=self._folder, why=_("others make new files in it all the time"))
            )
        except StorageUnusable:
            self._drop()  # what stands there next time may be another file
            raise

    @property
    def earlier(self) -> Database | None:
        """The file before the one of the transaction."""
        return self._earlier

    def close(self) -> None:
        """Close the files."""
        for database in (self._database, self._earlier):
            if database is not None:
                database.close()
        self._name, self._database, self._earlier = "", None, None

    def _drop(self) -> None:
        with suppress(StorageUnusable):
            self.close()
        self._name, self._database, self._earlier = "", None, None

    def _is_newest(self) -> bool:
        """Whether the open file is the newest, and still the one that has its name."""
        if newest_name(self._folder) != self._name:
            return False
        with _translated(self._folder), suppress(FileNotFoundError):
            return (self._folder / self._name).stat().st_ino == self._inode
        return False

    def _newest(self, wanted: str, *, is_sure: bool) -> Database:
        """Open the file to write to; the open one is taken unseen where it may be: it is looked at once nobody can change it."""
        if is_sure and self._database is not None and self._name >= wanted:
            return self._database
        name = max(wanted, newest_name(self._folder))
        if self._database is not None and name == self._name and self._is_newest():
            return self._database
        self._make(name)
        self.close()
        database = open_existing(self._folder / name)
        older = [path for path in files_of(self._folder) if path.name < name]
        self._name, self._inode = name, (self._folder / name).stat().st_ino
        self._database, self._earlier = database, open_existing(older[-1]) if older else None
        return database

    def _make(self, name: str) -> None:
        """Make a file, while whoever still writes to the one before is kept out."""
        if (self._folder / name).exists():
            return
        with _translated(self._folder):
            private_folder(self._folder)
            older = newest_name(self._folder)
            if not older:
                self._appear(name)
                return
            with opened(self._folder / older) as database, database.transaction():
                self._appear(name)

    def _appear(self, name: str) -> None:
        draft = self._folder / draft_name(name)
        try:
            # Durable when it is closed: its tables need no wait for the disk each, and events may be waiting for them.
            Database(draft, schema=self._schema, survives_power_cut=False).close()
            for path in side_files(self._folder / name):  # of a file moved away: SQLite would take them for the new one's
                path.unlink(missing_ok=True)
            with suppress(FileExistsError):  # another process was faster
                (self._folder / name).hardlink_to(draft)
            sync_folder(self._folder)
        finally:
            draft.unlink(missing_ok=True)


def side_files(path: Path) -> list[Path]:
    """Return where SQLite keeps what is not yet in a file itself."""
    return [path.with_name(path.name + end) for end in ("-wal", "-shm")]


def newest_name(folder: Path) -> str:
    """Return the name of a folder's newest file; "" when there is none."""
    return max(_names(folder), default="")


def files_of(folder: Path) -> list[Path]:
    """Return a folder's files, oldest first."""
    return [folder / name for name in sorted(_names(folder))]


def _names(folder: Path) -> list[str]:
    with _translated(folder):
        try:
            # For each commit, so without a path for each name.
            return [name for name in os.listdir(folder) if name[-3:] == ".db" and _NAME.fullmatch(name)]  # noqa: PTH208
        except FileNotFoundError:
            return []


Opening: TypeAlias = Callable[[Path], AbstractContextManager[Database]]


class Reading(NamedTuple):
    """How the rows of a file are read on.

    Args:
        rows: Asks for the rows after a number, at most so many: its two parameters.
        last: Asks for the last number ever given.
    """

    rows: str
    last: str


def read_on(
    folder: Path, after: Place | None, limit: int, reading: Reading, opening: Opening | None = None
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield the rows after a place, at most so many, and the file that each stands in.

    Args:
        folder: Of the files; it may be missing.
        after: None is the beginning. Where another file now has its name, that one is read from its beginning.
        limit: At most so many rows.
        reading: How.
        opening: Lends a file; `opened` where nothing else is said.

    Raises:
        StorageUnusable: A file can't be read.
    """
    start = after or Place("", 0)
    for path in files_of(folder):  # listed first: a file before a newer one is complete
        if path.name >= start.file and limit > 0:
            rows = _rows(path, start.seq if path.name == start.file else 0, limit, reading, opening)
            limit -= len(rows)
            yield from ((path.name, row) for row in rows)


def read_next(folder: Path, after: Place | None, limit: int, reading: Reading) -> tuple[str, list[tuple[Any, ...]]]:
    """Return the rows after a place of the first file that has any, and its name; "" and none when there are no more.

    Raises:
        StorageUnusable: A file can't be read.
    """
    start = after or Place("", 0)
    for path in files_of(folder):
        if path.name >= start.file and (rows := _rows(path, start.seq if path.name == start.file else 0, limit, reading)):
            return path.name, rows
    return "", []


def _rows(path: Path, after: int, limit: int, reading: Reading, opening: Opening | None = None) -> list[tuple[Any, ...]]:
    with suppress(FileNotFoundError), (opening or opened)(path) as database:  # removed meanwhile, since it was old enough
        if after:
            ((last,),) = database.rows(reading.last)
            after = after if after <= (last or 0) else 0
        return database.rows(reading.rows, (after, limit))
    return []


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """Open one of the files; whatever is deleted in it is overwritten.

    Raises:
        FileNotFoundError: There is no such file.
        StorageUnusable: It can't be used.
    """
    database = open_existing(path)
    try:
        yield database
    finally:
        database.close()


def open_existing(path: Path) -> Database:
    """Open one of the files; see `opened`."""
    path.stat()  # SQLite would not say that it is missing
    database = Database(path)
    database.run_script("PRAGMA secure_delete=ON")
    return database


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StorageUnusable(
            _("can't use {path}: {why}", path=folder, why=reason(exc)), hint=_("check the disk and the folder's permissions")
        ) from exc
