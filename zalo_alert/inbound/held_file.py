"""Keeps a file open between two looks into it: opening a database costs as much as handling ten events."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zalo_alert.foundation.database import Database
from zalo_alert.inbound.rolled import open_existing


class HeldFile:
    """One of a folder's files, the one that was looked into last; where another file has its name now, that one."""

    def __init__(self) -> None:
        self._database: Database | None = None
        self._held: tuple[Path, int] | None = None

    @contextmanager
    def opened(self, path: Path) -> Iterator[Database]:
        """Lend one of the files; it stays open when the block ends well.

        Raises:
            FileNotFoundError: There is no such file.
            StorageUnusable: It can't be used.
        """
        file = path, path.stat().st_ino  # nothing else gets this number as long as the file is open
        if self._database is None or file != self._held:
            self.close()
            self._database, self._held = open_existing(path), file
        try:
            yield self._database
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close it."""
        if self._database is not None:
            self._database.close()
        self._database = self._held = None
