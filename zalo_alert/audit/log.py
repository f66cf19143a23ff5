"""The log of a workspace, `.zalo-alert/audit.log`: lines are added at its end, and never changed.

A line is on the disk before `append` returns. Two processes keep one chain: each reads the last line and adds its own under a
lock of the operating system. What it costs does not depend on how long the log is. A line that a power cut, a crash or a full
disk has cut short stays where it is; the next line says so, and how many bytes it was.
"""

import errno
import getpass
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.line import BEGINNING, MOST_BYTES, START, Line, decode, digest_of_line, encode
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.files import private_folder, sync_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

NAME = "audit.log"
PATIENCE_S = 10.0  # with another process that adds a line: that takes as long as the disk takes to write one
MOST_TORN_BYTES = 1 << 20  # at the end: no crash leaves more, and nobody is to wait until gigabytes are searched for a line
_BLOCK = 16_384
_FLAGS = os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class End(NamedTuple):
    """How the log ends: the number of its last line and that line's digest; 0 and zeros for an empty log."""

    number: int
    head: str


class _Tail(NamedTuple):
    """The last whole line, and what stands behind it.

    Args:
        end: The last whole line's number and digest.
        torn: What was cut short behind it; b"" for nothing.
        lacks_newline: Whether the last whole line itself has lost its newline, and nothing else.
    """

    end: End
    torn: bytes
    lacks_newline: bool


class AuditLog:
    """The log of a workspace.

    Args:
        state_folder: The private folder of everything that the tool writes; made when the first line is added.
    """

    def __init__(self, state_folder: Path) -> None:
        self.path = state_folder / NAME

    def append(
        self, event: str, at: datetime, *, who: str = "", run: str = "", why: str = "", facts: Mapping[str, Any] | None = None
    ) -> str:
        """Add a line; it is on the disk when this returns.

        Args:
            event: A word of `AuditEvent`.
            at: When it happened, with its zone.
            who: The officer who signed for it; "" where nobody did. The operating system's account is kept in any case.
            run: Which run it is about.
            why: What was typed, or a sentence.
            facts: What else belongs to it, as JSON knows it; neither secrets nor plain ids of people.

        Returns:
            The digest of the new line: the head of the log.

        Raises:
            StorageUnusable: The log can't be written; it is as it was.
        """
        told = Line(0, at, AuditEvent(event), who, os_user(), run, why, facts or {}, "")
        with self._explained(), self._locked():
            return self._add(told)

    def attempt(
        self, event: str, at: datetime, *, who: str = "", run: str = "", why: str = "", facts: Mapping[str, Any] | None = None
    ) -> StorageUnusable | None:
        """Add a line for what must be done in any case: what moves towards safety waits for no log.

        Returns:
            What kept the line from being written, for the caller to tell; None where it stands.
        """
        try:
            self.append(event, at, who=who, run=run, why=why, facts=facts)
        except StorageUnusable as exc:
            return exc
        return None

    def end(self) -> End:
        """Return the number and the digest of the last whole line.

        Raises:
            StorageUnusable: The log can't be read.
        """
        with self._explained():
            try:
                handle = self._open(os.O_RDONLY)
            except FileNotFoundError:
                return End(0, START)
            with _closed(handle):
                return self._tail(handle).end

    def head(self) -> str:
        """Return the digest of the last whole line; zeros for an empty log."""
        return self.end().head

    # --- under the lock --------------------------------------------------------------------------------------------------

    def _add(self, told: Line) -> str:
        is_new = not self.path.exists()
        with _closed(self._open(os.O_RDWR | os.O_CREAT)) as handle:
            tail, size = self._tail(handle), os.lseek(handle, 0, os.SEEK_END)
            text, head = _lines(tail, told)
            try:
                _write_all(handle, text)
                os.fsync(handle)
            except OSError:
                with suppress(OSError):  # whoever comes next heals what is left
                    os.ftruncate(handle, size)
                raise
        if is_new:
            sync_folder(self.path.parent)
        return head

    def _open(self, mode: int) -> int:
        handle = os.open(self.path, mode | _FLAGS, 0o600)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError(errno.EINVAL, _("it is not a plain file"))
        return handle

    def _tail(self, handle: int) -> _Tail:
        start = size = os.lseek(handle, 0, os.SEEK_END)
        seen, block = b"", _BLOCK
        while True:
            begin, block = max(0, start - block), 2 * block
            os.lseek(handle, begin, os.SEEK_SET)
            seen = _read_all(handle, start - begin) + seen
            start = begin
            tail = _tail_of(seen, from_start=start == 0)
            if tail:
                return tail
            if size - start > MOST_TORN_BYTES + MOST_BYTES:
                raise StorageUnusable(
                    _("{path} does not end with lines of the log", path=self.path),
                    hint=_("keep the file, and restore it from a backup"),
                )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        private_folder(self.path.parent)
        # A lock of its own each time: the same object would let a second thread of this process in.
        lock = FileLock(self.path.with_name(f"{NAME}.lock"), mode=0o600, timeout=PATIENCE_S, thread_local=False)
        with lock:
            yield

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Timeout as exc:
            raise StorageUnusable(
                _("another process has been writing {path} for {seconds} s", path=self.path, seconds=int(PATIENCE_S)),
                hint=_("see whether it hangs"),
            ) from exc
        except (OSError, NotImplementedError) as exc:  # the second where a file system knows no locks
            why = reason(exc) if isinstance(exc, OSError) else type(exc).__name__
            raise StorageUnusable(
                _("can't use the audit log {path}: {why}", path=self.path, why=why),
                hint=_("free some space and check the folder's permissions, then try again"),
            ) from exc


def _tail_of(seen: bytes, *, from_start: bool) -> _Tail | None:
    """Find the last whole line in the end of a file; None when more of it must be read."""
    begin = seen.rfind(BEGINNING)
    while begin >= 0:
        starts_line = seen[begin - 1 : begin] == b"\n" if begin else from_start
        end = seen.find(b"\n", begin) + 1 or len(seen)
        if starts_line and (line := decode(seen[begin:end])):
            whole = seen[begin:end].rstrip(b"\n") + b"\n"
            return _Tail(End(line.number, digest_of_line(whole)), seen[end:], len(whole) > end - begin)
        begin = seen.rfind(BEGINNING, 0, begin)
    return _Tail(End(0, START), seen, lacks_newline=False) if from_start else None


def _lines(tail: _Tail, told: Line) -> tuple[bytes, str]:
    """Return the bytes to add, and the digest of the last line in them."""
    (number, head), text = tail.end, b"\n" if tail.lacks_newline else b""
    if tail.torn:
        mended = tail.torn if tail.torn.endswith(b"\n") else tail.torn + b"\n"
        text += mended[len(tail.torn) :]
        facts = {"lines": mended.count(b"\n"), "bytes": len(mended), "sha256": hashlib.sha256(mended).hexdigest()}
        number += mended.count(b"\n") + 1
        raw = encode(Line(number, told.at, AuditEvent.TORN, "", told.user, "", "", facts, head))
        text, head = text + raw, digest_of_line(raw)
    raw = encode(Line(number + 1, told.at, told.event, told.who, told.user, told.run, told.why, told.facts, head))
    return text + raw, digest_of_line(raw)


def _write_all(handle: int, text: bytes) -> None:
    while text:
        text = text[os.write(handle, text) :]


def _read_all(handle: int, size: int) -> bytes:
    parts = []
    while size > 0 and (part := os.read(handle, size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


@contextmanager
def _closed(handle: int) -> Iterator[int]:
    try:
        yield handle
    finally:
        os.close(handle)


@cache
def os_user() -> str:
    """Return the account of the operating system that this process runs under; its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"
