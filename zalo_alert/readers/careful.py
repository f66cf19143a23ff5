"""Row by row, whatever the bytes: slow, and the measure of what is right.

A line that is not text, or not a row of the table, becomes a reject with its line and reason. Reads no further than it has to, so
that `quick` can go on from there.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import orjson

from zalo_alert.language import _
from zalo_alert.readers.base import ID, MAX_LINE_BYTES, SHORT, Reject, Remark, Row, cell, cut, identity, meant, person
from zalo_alert.readers.stream import Stream

MAX_LINES_PER_ROW = 50  # an address may hold a line break; a quote that is never closed swallows the file
SURE_ID_DIGITS = 15  # a line within quotes that begins with such an id is a row, even one that lacks columns
BOM = b"\xef\xbb\xbf"  # also within: somebody put two lists together

_OPEN = _("a quote opened here is not closed")
_NUL = _("holds a NUL byte, which no text does")
_NOT_UTF8 = _("is not UTF-8 text")
_NOT_JSON = _("is not JSON")
_WORDS = {  # for Python's own, which no officer knows
    "unexpected end of data": _OPEN,
    "field larger": _("holds a value longer than 131,072 characters"),
    "new-line character": _("holds a carriage return (CR) in its middle"),
    "expected after": _("has a quote in the middle of a value: write it twice"),
}

Parse: TypeAlias = Callable[[Stream], Iterator[Sequence[Row]]]  # all that came of one row, and of bad lines before it


class Lines:
    """Text lines of a stream; a line that is not UTF-8 becomes a reject. `number` is that of the line last given."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.number = stream.line - 1
        self._rejects: list[Reject] = []

    def __iter__(self) -> Iterator[str]:
        while raw := self.stream.readline(MAX_LINE_BYTES + 1):
            self.number += 1
            if len(raw) > MAX_LINE_BYTES:
                self._skip_rest(raw)
                continue
            raw = raw.removeprefix(BOM)
            if b"\0" in raw:
                self._reject(_NUL, raw.decode(errors="replace").replace("\0", "\ufffd"))
                continue
            try:
                yield raw.decode()
            except UnicodeDecodeError:
                self._reject(_NOT_UTF8, raw.decode(errors="replace"))

    def peek(self) -> str | None:
        """Return the next line without taking it; None at the end, or when it is not text."""
        raw = self.stream.peekline(MAX_LINE_BYTES + 1).removeprefix(BOM)
        try:
            return raw.decode() if raw and len(raw) <= MAX_LINE_BYTES and b"\0" not in raw else None
        except UnicodeDecodeError:
            return None

    def _skip_rest(self, raw: bytes) -> None:
        self._reject(_("is longer than a megabyte"), raw[:200].decode(errors="replace"))
        while raw and not raw.endswith(b"\n"):
            raw = self.stream.readline(MAX_LINE_BYTES)

    def _reject(self, reason: str, text: str) -> None:
        self._rejects.append(Reject(self.number, reason, cut(text)))

    def rejected(self) -> list[Reject]:
        """Hand over what was rejected since the last call."""
        rejects, self._rejects = self._rejects, []
        return rejects


def block(parse: Parse, data: bytes, line: int) -> list[Row]:
    """Read rows that stand in memory, the first of them on `line`."""
    stream = Stream(io.BytesIO(data))
    stream.line = line
    return [row for some in parse(stream) for row in some]


def ids(stream: Stream) -> Iterator[Sequence[Row]]:
    """Read bare ids, one a line; a line that begins with # is a remark."""
    lines = Lines(stream)
    for text in lines:
        row = bare_id(lines.number, text)
        yield [*lines.rejected(), *([row] if row else [])]
    yield lines.rejected()


def bare_id(line: int, text: str) -> Row | None:
    """Read a line that is an id; None for one that is empty, or a remark."""
    value = cell(text.strip()).strip('"')
    return person(line, {"user_id": value}, text) if value and not value.startswith("#") else None


def ndjson(stream: Stream) -> Iterator[Sequence[Row]]:
    """Read JSON objects, one a line."""
    lines = Lines(stream)
    for text in lines:
        yield [*lines.rejected(), *([json_row(lines.number, text)] if text.strip() else [])]
    yield lines.rejected()


def json_row(line: int, text: str) -> Row:
    """Read one JSON object."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Reject(line, _NOT_JSON, cut(text))
    if not isinstance(value, dict):
        return Reject(line, _("is not a JSON object"), cut(text))
    return person(line, dict(zip(meant(list(value)), value.values(), strict=True)), text)


def csv_rows(columns: Sequence[str], delimiter: str) -> Parse:
    """Return what reads the rows of a table; it has read to the end of a row whenever it gives one."""
    at = columns.index("user_id")

    def is_row(text: str) -> bool:
        """Whether a line is a row of its own, though a quote is open before it."""
        try:
            values = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error:
            return False
        user_id = identity(cell(values[at])) if at < len(values) else ""
        return bool(ID.fullmatch(user_id)) and (len(values) == len(columns) or len(user_id) >= SURE_ID_DIGITS)

    def parse(stream: Stream) -> Iterator[Sequence[Row]]:
        lines = Lines(stream)
        for text in lines:
            begun, before = lines.number, lines.rejected()
            values, taken = _take_row(text, lines, delimiter, is_row)
            yield [*before, *_read(begun, values, taken, columns)]
        yield lines.rejected()

    return parse


def _take_row(text: str, lines: Lines, delimiter: str, is_row: Callable[[str], bool]) -> tuple[list[str] | str, list[str]]:
    """Part a row into values, or say why it is not a row; with the lines that it took.

    A quote that is open at the end of a line may be closed on a later one, but not behind a line that is a row of its own.
    """
    values, taken = _split(text, delimiter), [text]
    while values == _OPEN and len(taken) < MAX_LINES_PER_ROW and (more := lines.peek()) is not None and not is_row(more):
        taken.append(next(iter(lines)))
        values = _split("".join(taken), delimiter)
    return values, taken


def _split(text: str, delimiter: str) -> list[str] | str:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=True), [])
    except csv.Error as exc:
        return next(
            (words for theirs, words in _WORDS.items() if theirs in str(exc)), _("is not a valid CSV row: {why}", why=exc)
        )


def _read(begun: int, values: list[str] | str, taken: Sequence[str], columns: Sequence[str]) -> list[Row]:
    if isinstance(values, str):
        rest = _("stands behind a quote that line {line} opens and nothing closes", line=begun)
        follow = [Reject(begun + n, rest, cut(text)) for n, text in enumerate(taken[1:], 1) if text.strip()]
        return [Reject(begun, values, cut(taken[0])), *follow]
    if not any(value.strip() for value in values) or _is_header_again(values, columns):
        return []
    return [table_row(begun, values, columns)]


def _is_header_again(values: Sequence[str], columns: Sequence[str]) -> bool:
    """Whether two lists were put together, each with its header."""
    return len(values) == len(columns) and not values[columns.index("user_id")][:1].isdigit() and meant(values) == list(columns)


def table_row(line: int, values: Sequence[str], columns: Sequence[str]) -> Row:
    """Check the values of one row of a table; Excel leaves out the delimiters of its empty last columns, or adds some."""
    text, asked = ",".join(values), len(columns)
    if any(value.strip() for value in values[asked:]) or len(values) <= columns.index("user_id"):
        return Reject(line, _("has {columns} columns, the header {expected}", columns=len(values), expected=asked), cut(text))
    remarks = [Remark(SHORT, "", cut(text))] if len(values) < asked else []
    padded = [*map(cell, values[:asked]), *[""] * (asked - len(values))]
    fields: Mapping[str, Any] = dict(zip(columns, padded, strict=True))
    return person(line, fields, text, remarks)
