"""A file of lines that several processes add to: mode 0600, rotated by size, and never a reason why anything else fails.

What can't be written is told once, and the work goes on. A line is whole, or was cut short by a full disk: the next one begins
anew. It is with the operating system when `append` returns, so that a process that is killed loses none; a power cut may take
the last seconds.
"""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

MOST_BYTES = 4 << 20  # of a file: a run of a week that says a line a minute has one
KEPT = 5  # files, the one that is written to among them
_FAR_TOO_LONG = 4  # times as long as a file may be: it can't be rotated, and must not fill the disk
_FLAGS = (
    os.O_RDWR | os.O_CREAT | os.O_APPEND
    | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
)  # fmt: skip


def ignore(trouble: str) -> None:
    """Hear a trouble and do nothing: whoever writes has nobody to tell."""


class LogFile:
    """A file of lines.

    Args:
        path: Where; the older ones stand beside it, with .1 for the latest of them.
        on_trouble: Hears, once, why it can't be written.
        most_bytes: Of one file; a longer one is put aside.
        kept: How many files stay.
    """

    def __init__(
        self, path: Path, on_trouble: Callable[[str], object] = ignore, *, most_bytes: int = MOST_BYTES, kept: int = KEPT
    ) -> None:
        self.path = path
        self._on_trouble, self._most_bytes, self._kept = on_trouble, most_bytes, kept
        self._was_told = False

    def append(self, line: bytes) -> None:
        """Add a line, its newline included; what keeps it from being written is told once, and raises nothing."""
        try:
            if self._write(line) >= self._most_bytes:
                self._rotate()
        except (OSError, NotImplementedError) as exc:  # the second where a file system knows no locks
            self._tell(reason(exc) if isinstance(exc, OSError) else type(exc).__name__)

    def _tell(self, why: str) -> None:
        if not self._was_told:
            self._was_told = True
            self._on_trouble(_("the log {path} can't be written: {why}", path=self.path, why=why))

    def _write(self, line: bytes) -> int:
        """Add a line; return how long the file is now."""
        handle = self._open()
        try:
            size = os.fstat(handle).st_size
            if size > _FAR_TOO_LONG * self._most_bytes:
                raise OSError(errno.EFBIG, _("it is too long, and can't be put aside"))
            if size and not _ends_line(handle, size):
                line = b"\n" + line
            while line:
                written = os.write(handle, line)
                line, size = line[written:], size + written
            return size
        finally:
            os.close(handle)

    def _open(self) -> int:
        try:
            handle = os.open(self.path, _FLAGS, 0o600)
        except OSError as exc:
            if exc.errno == errno.ELOOP:
                raise OSError(errno.EINVAL, _("it is a link")) from exc
            raise
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError(errno.EINVAL, _("it is not a plain file"))
        return handle

    def _rotate(self) -> None:
        """Put the file aside, unless another process is doing so."""
        from filelock import FileLock, Timeout

        try:
            with FileLock(self.path.with_name(f"{self.path.name}.lock"), mode=0o600, timeout=0, thread_local=False):
                if self.path.stat().st_size >= self._most_bytes:
                    self._shift()
        except (Timeout, FileNotFoundError):
            return

    def _shift(self) -> None:
        for number in range(self._kept - 2, 0, -1):
            if (older := older_file(self.path, number)).exists():
                older.replace(older_file(self.path, number + 1))
        self.path.replace(older_file(self.path, 1))


def older_file(path: Path, number: int) -> Path:
    """Name the file that was put aside so many rotations ago, from 1."""
    return path.with_name(f"{path.name}.{number}")


def _ends_line(handle: int, size: int) -> bool:
    os.lseek(handle, size - 1, os.SEEK_SET)  # where it is written does not hang on it: that is always the end
    return os.read(handle, 1) == b"\n"
