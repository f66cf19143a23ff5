"""Row by row, whatever the bytes: slow, and the measure of what is right.

What is no line of text and no row of the table becomes a reject with its line and reason. Reads no further than it has to, so
that `quick` can go on from there.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import orjson

from zalo_alert.readers.base import MAX_LINE_BYTES, Reject, Row, column_of, columns_of, cut, person
from zalo_alert.readers.stream import Stream

MAX_LINES_PER_ROW = 50  # an address may hold a line break; a quote that is never closed swallows the file

Parse: TypeAlias = Callable[[Stream], Iterator[Sequence[Row]]]  # all that came of one row, and of bad lines before it


class Lines:
    """Text lines of a stream; what is no line of UTF-8 becomes a reject. `number` is that of the line last given."""

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
            if self.number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            if b"\0" in raw:
                self._reject("holds a NUL byte, which no text does", raw.decode(errors="replace").replace("\0", "\ufffd"))
                continue
            try:
                yield raw.decode()
            except UnicodeDecodeError:
                self._reject("is not UTF-8 text", raw.decode(errors="replace"))

    def _skip_rest(self, raw: bytes) -> None:
        self._reject("is longer than a megabyte", raw[:200].decode(errors="replace"))
        while raw and not raw.endswith(b"\n"):
            raw = self.stream.readline(MAX_LINE_BYTES)

    def _reject(self, reason: str, text: str) -> None:
        self._rejects.append(Reject(self.number, reason, cut(text)))

    def rejected(self) -> list[Reject]:
        """Hand over what was rejected since the last call."""
        found, self._rejects = self._rejects, []
        return found


def block(parse: Parse, data: bytes, line: int) -> list[Row]:
    """Read rows that stand in memory, the first of them on `line`."""
    stream = Stream(io.BytesIO(data))
    stream.line = line
    return [row for some in parse(stream) for row in some]


def ids(stream: Stream) -> Iterator[Sequence[Row]]:
    """Read bare ids, one a line."""
    lines = Lines(stream)
    for text in lines:
        value = text.strip().strip('"')
        yield [*lines.rejected(), *([person(lines.number, {"user_id": value}, text)] if value else [])]
    yield lines.rejected()


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
        return Reject(line, "is not JSON", cut(text))
    if not isinstance(value, dict):
        return Reject(line, "is not a JSON object", cut(text))
    return person(line, {column_of(key): item for key, item in value.items()}, text)


def header(stream: Stream, delimiter: str, name: str) -> list[str]:
    """Read the header of a table: the row that comes next.

    Raises:
        InputInvalid: See `columns_of`.
    """
    for _, _, values in _records(Lines(stream), delimiter):
        return columns_of(values, name)
    raise AssertionError("called for a stream that holds no line")


def csv_rows(columns: Sequence[str], delimiter: str) -> Parse:
    """Return what reads the rows of a table; it has read to the end of a row whenever it gives one."""

    def parse(stream: Stream) -> Iterator[Sequence[Row]]:
        lines = Lines(stream)
        for begun, spanned, values in _records(lines, delimiter):
            row = _csv_row(begun, spanned, values, columns)
            yield [*lines.rejected(), *([row] if row else [])]
        yield lines.rejected()

    return parse


def _csv_row(begun: int, spanned: int, values: list[str] | str, columns: Sequence[str]) -> Row | None:
    if isinstance(values, str):
        return Reject(begun, values, "")
    if not any(value.strip() for value in values):
        return None
    if spanned > MAX_LINES_PER_ROW:
        until = begun + spanned
        return Reject(begun, f"a quote opened here is not closed before line {until}", cut(" ".join(values)))
    return table_row(begun, values, columns)


def table_row(line: int, values: Sequence[str], columns: Sequence[str]) -> Row:
    """Check the values of one row of a table."""
    text = ",".join(values)
    if len(values) != len(columns):
        return Reject(line, f"has {len(values)} columns, the header {len(columns)}", cut(text))
    fields: Mapping[str, Any] = dict(zip(columns, values, strict=True))
    return person(line, fields, text)


def _records(lines: Lines, delimiter: str) -> Iterator[tuple[int, int, list[str] | str]]:
    """Yield (first line, lines spanned, values), or a reason in place of the values; csv gives up on a row, never on the file."""
    taken: list[int] = []

    def noted() -> Iterator[str]:
        for text in lines:
            taken.append(lines.number)
            yield text

    reader = csv.reader(noted(), delimiter=delimiter, strict=True)
    while True:
        taken.clear()
        try:
            values: list[str] | str = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            values = f"is no CSV row: {exc}"
        yield taken[0], len(taken), values
