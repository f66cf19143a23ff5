"""Rows of a text, whatever the bytes: those of a plain file need no care; others are parted with care and written out plainly.

What is no row is told with its line, and then nothing is built.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from zalo_alert.errors import Problem, TableRefused
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _
from zalo_alert.readers.base import MAX_LINE_BYTES, cell
from zalo_alert.readers.stream import Stream
from zalo_alert.tables.header import Header
from zalo_alert.tables.table import SEPARATOR

MOST_TOLD = 20  # faults
_PIECE_BYTES = 8 << 20
_TOLD_EVERY = 50_000  # rows
_BOM = b"\xef\xbb\xbf"
_ODD = bytes(sign for sign in range(32) if sign not in b"\t\n") + b'"\x7f'
_CONTROLS = dict.fromkeys((*range(32), 127), " ")


def count_simple(file: Path, on_step: StepReporter, step: str) -> int | None:
    """Count the lines of a file each of which is a row, parted by the delimiter alone: no quote, no control, no empty line.

    Returns:
        None where it is otherwise.
    """
    size, done, last, number = file.stat().st_size, 0, b"", 0
    with file.open("rb") as lines:
        while piece := lines.read(_PIECE_BYTES):
            if not _is_simple_piece(piece.replace(b"\r\n", b"\n"), last):
                return None
            last, done, number = piece[-1:], done + len(piece), number + piece.count(b"\n")
            on_step(step, done, size)
    return number + (last not in (b"", b"\n"))


def _is_simple_piece(piece: bytes, last: bytes) -> bool:
    if len(piece.translate(None, _ODD)) != len(piece):
        return False
    if b"\n\n" in piece or (last == b"\n" and piece[:1] == b"\n") or not _has_short_lines(piece):
        return False
    return piece.isascii() or _is_text(piece)


def _has_short_lines(piece: bytes) -> bool:
    return all(piece.find(b"\n", at, at + MAX_LINE_BYTES) >= 0 for at in range(0, len(piece) - MAX_LINE_BYTES, MAX_LINE_BYTES))


def _is_text(piece: bytes) -> bool:
    """Whether a piece is UTF-8 but for a letter cut at either end."""
    begin = next((at for at in range(min(4, len(piece))) if piece[at] & 0xC0 != 0x80), 0)
    try:
        piece[begin:].decode()
    except UnicodeDecodeError as exc:
        return exc.reason == "unexpected end of data" and exc.end >= len(piece) - begin
    return True


def write_rows(stream: Stream, header: Header, target: BinaryIO, name: str, on_rows: Callable[[int], object]) -> int:
    """Write rows, each with its line before it, a line each and a separator between values; return how many.

    Args:
        stream: At the beginning of the text.
        header: As it was found.
        target: Written to.
        name: What to call the file in messages.
        on_rows: Told how many rows are written.

    Raises:
        TableRefused: Some rows are none; the first are told.
    """
    faults, rows, asked = Faults(name), 0, len(header.columns)
    for line, values in _parsed(stream, header, faults):
        if any(value.strip() for value in values[asked:]):
            faults.add(line, _("has {columns} columns, the header {expected}", columns=len(values), expected=asked))
        elif any(map(str.strip, values)):
            target.write(_encoded(line, [*values[:asked], *[""] * (asked - len(values))]))
            rows += 1
            if rows % _TOLD_EVERY == 0:
                on_rows(rows)
    faults.raise_any()
    return rows


def _encoded(line: int, values: Sequence[str]) -> bytes:
    clean = (cell(value).translate(_CONTROLS) for value in values)
    return f"{line}{SEPARATOR}{SEPARATOR.join(clean)}\n".encode(errors="replace")


class Faults:
    """Rows that are none: how many, and the first of them in words.

    Args:
        name: What to call the file.
    """

    def __init__(self, name: str) -> None:
        self._name, self._number, self._problems = name, 0, list[Problem]()

    def add(self, line: int, message: str) -> None:
        """Take in one more."""
        self._number += 1
        if len(self._problems) < MOST_TOLD:
            self._problems.append(Problem(self._name, line, 1, "", message))

    def raise_any(self) -> None:
        """Refuse the list if there was one.

        Raises:
            TableRefused: There was.
        """
        if self._number:
            raise TableRefused(self._name, self._problems, self._number)


class _Lines:
    """Lines of a stream as text; what is none is a fault. `number` is that of the line last given."""

    def __init__(self, stream: Stream, faults: Faults) -> None:
        self._stream, self._faults, self.number = stream, faults, 0

    def __iter__(self) -> Iterator[str]:
        while raw := self._stream.readline(MAX_LINE_BYTES + 1):
            self.number += 1
            if len(raw) > MAX_LINE_BYTES:
                self._faults.add(self.number, _("is longer than a megabyte"))
                while raw and not raw.endswith(b"\n"):
                    raw = self._stream.readline(MAX_LINE_BYTES)
                continue
            try:
                yield raw.removeprefix(_BOM).decode()
            except UnicodeDecodeError:
                self._faults.add(self.number, _("is not UTF-8 text"))


def _parsed(stream: Stream, header: Header, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the header, each with the line on which it begins."""
    text = _Lines(stream, faults)
    lines = iter(text)
    while text.number < header.lines and next(lines, None) is not None:
        pass
    is_done = False
    while not is_done:
        reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
        begun = text.number + 1
        try:
            for values in reader:
                yield begun, values
                begun = text.number + 1
            is_done = True
        except csv.Error as exc:
            faults.add(begun, _fault_of(exc))


def _fault_of(exc: csv.Error) -> str:
    if "unexpected end" in str(exc) or "field larger" in str(exc):
        return _("a quote opened here is not closed, or a value is longer than 131,072 characters")
    if "expected after" in str(exc):
        return _("has a quote in the middle of a value: write it twice")
    return _("is not a valid CSV row: {why}", why=exc)
