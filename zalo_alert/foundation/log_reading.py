"""A log read as far as it goes, the earliest line first: also while it is written and rotated, torn, cut short or none at all."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.log_file import older_file
from zalo_alert.foundation.log_line import MOST_BYTES, LogLine, decode
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_MOST_FILES = 100  # of one log that are looked for
_GAP = 2  # numbers without a file: while the others are put one further, one is missing


class LogTail:
    """Reads a log that goes on: first all that is there, then whatever has come, whether or not it was rotated meanwhile.

    Args:
        path: Of the file that is written to.
    """

    def __init__(self, path: Path) -> None:
        self.skipped = 0  # lines that are none
        self._path = path
        self._file: BinaryIO | None = None
        self._rest = b""  # the beginning of a line that is not whole yet
        self._is_too_long = False  # what is read belongs to a line that is none

    def read(self) -> Iterator[LogLine]:
        """Read what has come since the last time.

        Raises:
            StorageUnusable: It can't be read.
        """
        while True:
            if self._file:
                yield from self._lines_of(self._file)
            if not self._turn_to_newer():
                return

    def finish(self) -> Iterator[LogLine]:
        """Read a last line that lacks its newline; nothing more is expected to come."""
        yield from self._ended()

    def close(self) -> None:
        """Close the file that is read."""
        if self._file:
            self._file.close()

    def _lines_of(self, file: BinaryIO) -> Iterator[LogLine]:
        while piece := _piece(file):
            self._rest += piece
            if self._rest.endswith(b"\n"):
                yield from self._ended()
            elif len(self._rest) > MOST_BYTES:
                self._rest, self._is_too_long = b"", True

    def _ended(self) -> Iterator[LogLine]:
        raw, is_too_long, self._rest, self._is_too_long = self._rest, self._is_too_long, b"", False
        if not is_too_long and not raw.strip():
            return
        if not is_too_long and (line := decode(raw)):
            yield line
        else:
            self.skipped += 1

    def _turn_to_newer(self) -> bool:
        """Go on with the file that was begun after this one; whether there is one."""
        files = self._opened()
        here = _identity(self._file) if self._file else None
        newer = []
        for file in files:
            if _identity(file) == here:
                break
            newer.append(file)
        for file in files:
            if not newer or file is not newer[-1]:
                file.close()
        if not newer:
            return False
        if self._file:
            self.skipped += bool(self._rest.strip())
            self._rest, self._is_too_long = b"", False
            self._file.close()
        self._file = newer[-1]
        return True

    def _opened(self) -> list[BinaryIO]:
        """Open the log's files, the newest first: one that is put aside meanwhile is met a second time, and none is missed."""
        files: list[BinaryIO] = []
        missing = 0
        for number in range(_MOST_FILES):
            try:
                file = _open(older_file(self._path, number) if number else self._path)
            except FileNotFoundError:
                missing += 1
                if missing > _GAP:
                    break
                continue
            except OSError as exc:
                raise StorageUnusable(
                    _("can't read the log {path}: {why}", path=self._path, why=reason(exc)),
                    hint=_("check the disk and the folder's permissions"),
                ) from exc
            if files and _identity(file) == _identity(files[-1]):
                file.close()
            else:
                files.append(file)
        return files


class LogReading(Iterator[LogLine]):
    """All lines of a log, as far as they can be read; `skipped` counts those that can't, once they are behind.

    Args:
        path: Of the file that is written to; those that were put aside are read before it.
    """

    def __init__(self, path: Path) -> None:
        self._tail = LogTail(path)
        self._lines = self._read()

    def __next__(self) -> LogLine:
        return next(self._lines)

    @property
    def skipped(self) -> int:
        """How many lines could not be read so far."""
        return self._tail.skipped

    def _read(self) -> Iterator[LogLine]:
        with closing(self._tail):
            yield from self._tail.read()
            yield from self._tail.finish()


def _open(path: Path) -> BinaryIO:
    handle = os.open(path, _FLAGS)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, _("it is not a plain file"))
    return os.fdopen(handle, "rb")


def _identity(file: BinaryIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_dev, status.st_ino


def _piece(file: BinaryIO) -> bytes:
    try:
        return file.readline(MOST_BYTES)
    except OSError:  # a damaged disk: what can be read was read
        return b""
