"""A stream of bytes by whole lines: in blocks of many for those who can take them, or one by one; with offset and line number."""

from typing import NamedTuple, Protocol

from zalo_alert.readers.base import MAX_LINE_BYTES


class Position(NamedTuple):
    """Where reading goes on: bytes from the start (of Parquet, rows), and the number of the line that begins there."""

    offset: int = 0
    line: int = 1


class Readable(Protocol):
    """What can be read."""

    def read(self, size: int = -1, /) -> bytes:
        """Return so many bytes, fewer only at the end."""


class Stream:
    """See the module.

    Args:
        file: Read from where it stands.
        position: Where that is.
    """

    def __init__(self, file: Readable, position: Position = Position()) -> None:  # noqa: B008  an immutable tuple
        self._file = file
        self._held = b""
        self._at = 0
        self._ended = False
        self._offset, self.line = position

    @property
    def position(self) -> Position:
        """Where the next block or line begins."""
        return Position(self._offset, self.line)

    def block(self, size: int) -> bytes:
        """Return whole lines of about so many bytes, without moving on; none when a line is endless or everything was read."""
        end = self._whole_lines(size)
        while not end and not self._ended and len(self._held) - self._at <= MAX_LINE_BYTES:
            size = 2 * max(size, len(self._held) - self._at)
            end = self._whole_lines(size)
        return self._held[self._at : end] if end else b""

    def advance(self, block: bytes, lines: int) -> None:
        """Move on past (the beginning of) what `block` returned."""
        self._at += len(block)
        self._offset += len(block)
        self.line += lines

    def readline(self, limit: int) -> bytes:
        """Return the next line, or its first `limit` bytes; the line number moves on when it ends."""
        line, whole = self._line(limit)
        self.advance(line, int(whole))
        return line

    def peekline(self, limit: int) -> bytes:
        """Return what `readline` would, without moving on."""
        return self._line(limit)[0]

    def _line(self, limit: int) -> tuple[bytes, bool]:
        end = self._held.find(b"\n", self._at, self._at + limit) + 1
        if not end:
            self._fill(limit)
            end = self._held.find(b"\n", self._at, self._at + limit) + 1
        line = self._held[self._at : end or self._at + limit]
        return line, bool(end) or (self._ended and bool(line) and self._at + len(line) == len(self._held))

    def _whole_lines(self, size: int) -> int:
        self._fill(size)
        if self._ended and len(self._held) - self._at <= size:
            return len(self._held) if len(self._held) > self._at else 0
        return self._held.rfind(b"\n", self._at, self._at + size) + 1

    def _fill(self, size: int) -> None:
        if self._ended or len(self._held) - self._at >= size:
            return
        fresh = self._file.read(max(size, MAX_LINE_BYTES))
        self._ended = not fresh
        self._held = self._held[self._at :] + fresh
        self._at = 0
