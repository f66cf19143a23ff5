"""Lists of people as they come: CSV, NDJSON, Parquet or bare ids, from a file or a pipe, whatever the bytes.

`batches` reads quickly, by blocks of columns, and falls back to row by row where a block is odd; `rows` reads row by row, and
says what is right. A bad row is a value with its line and reason; only what cannot be a list at all is an error. Knows neither
book nor run.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple, TypeAlias

import pyarrow as pa

from zalo_alert.errors import InputInvalid
from zalo_alert.language import _
from zalo_alert.readers import careful, columnar, headers, phones, quick, tally, words
from zalo_alert.readers.base import MAX_LINE_BYTES, Further, Person, Reject, Row, masked
from zalo_alert.readers.opening import PEEK_BYTES, is_packed, open_list
from zalo_alert.readers.stream import Position, Stream
from zalo_alert.readers.tally import IDS_FROM, MEANS_NOTHING, Tally

__all__ = [
    "SCHEMA", "Batch", "Further", "Person", "Position", "Reject", "Row", "Tally", "batches", "is_packed", "masked", "phones",
    "rows", "tally", "words",
]  # fmt: skip

SCHEMA = quick.SCHEMA
BLOCK_BYTES = 8 << 20  # some 80,000 rows: enough for columns at once to pay
CAREFUL_BYTES = 64 << 10  # read row by row round something odd, before the quick way is tried again
READERS = 2  # threads; what is slow leaves Python's lock alone


class Batch(NamedTuple):
    """Some of a list: good rows as `SCHEMA`, bad ones, how many rows in all, where the next ones begin, what to tell of them."""

    people: pa.Table
    rejects: list[Reject]
    read: int
    end: Position
    tally: Tally


class _Format(NamedTuple):
    """How to read a kind of text: both ways, how much of a block is whole rows of one line each, and what its header says."""

    careful: careful.Parse
    quick: Callable[[bytes, int], quick.ReadRows]
    clean: Callable[[bytes], int] = len
    header: headers.Header | None = None


_Then: TypeAlias = Callable[[pa.Table], pa.Table]


def rows(source: Path | BinaryIO, name: str) -> Iterator[Row]:
    """Read people row by row.

    Args:
        source: A path, or something to read bytes from.
        name: What to call it in messages.

    Raises:
        InputInvalid: It is empty, holds a header and nothing else, is not text, or names no column of ids.
    """
    is_anybody = False
    with open_list(source, name) as (file, is_parquet):
        if is_parquet:
            read: Iterator[Row] = (row for batch in columnar.batches(file, name, Position()) for row in _people(batch.block))
        else:
            stream = Stream(file)
            read = chain.from_iterable(_format(stream, name).careful(stream))
        for row in read:
            is_anybody = True
            yield row
    _check_any(is_anybody, name)


def batches(
    source: Path | BinaryIO,
    name: str,
    *,
    start: Position = Position(),  # noqa: B008  an immutable tuple
    then: _Then = lambda people: people,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Batch]:
    """Read people by the block, in the order of the list.

    Args:
        source: A path, or something to read bytes from.
        name: What to call it in messages.
        start: The `end` of a batch of the same file read before; an open stream is read from its beginning.
        then: Done to each table of people, in the reader's threads.
        block_bytes: How much is read at once.

    Raises:
        InputInvalid: See `rows`.
    """
    is_anybody = start != Position()
    with open_list(source, name) as (file, is_parquet):
        read = _parquet_batches(file, name, start, then) if is_parquet else _text_batches(file, name, start, then, block_bytes)
        for batch in read:
            is_anybody = is_anybody or batch.read > 0
            yield batch
    _check_any(is_anybody, name)


def _check_any(is_anybody: bool, name: str) -> None:
    if not is_anybody:
        raise InputInvalid(_("{name} holds a header and nobody under it", name=name), hint=_("was it exported to the end?"))


# --- what kind of text -------------------------------------------------------------------------------------------------


def _first_line(stream: Stream, name: str) -> str:
    """Return the first line that holds anything; the stream is left before it.

    Raises:
        InputInvalid: There is none, or it is not text.
    """
    while block := stream.block(PEEK_BYTES):
        passed = 0
        for number, raw in enumerate(block.split(b"\n")):
            if raw.decode(errors="replace").removeprefix("\ufeff").strip():
                stream.advance(block[:passed], number)
                return _decode(raw, name)
            passed += len(raw) + 1
        stream.advance(block, block.count(b"\n"))
    if stream.readline(1):
        raise InputInvalid(
            _("{name}: its first line is longer than a megabyte", name=name), hint=_("is it a list, one person a line?")
        )
    raise InputInvalid(_("{name} is empty", name=name), hint=_("nothing was changed"))


def _decode(raw: bytes, name: str) -> str:
    if len(raw) > MAX_LINE_BYTES:
        raise InputInvalid(
            _("{name}: its first line is longer than a megabyte", name=name), hint=_("is it a list, one person a line?")
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise InputInvalid(
            _("{name}: its first line is not UTF-8 text", name=name), hint=_("save it as UTF-8 (Excel: CSV UTF-8)")
        ) from exc


def _format(stream: Stream, name: str) -> _Format:
    """Tell from the first line how to read; the stream is left before the first row."""
    first = _first_line(stream, name)
    if first.lstrip().startswith("{"):
        return _Format(careful.ndjson, quick.ndjson)
    if headers.is_bare(stream):
        return _Format(careful.ids, quick.ids)
    header = headers.find(stream, name)
    table = quick.Table(header.columns, header.delimiter)
    return _Format(careful.csv_rows(header.columns, header.delimiter), table.read, table.clean, header)


# --- text, by the block ------------------------------------------------------------------------------------------------


def _text_batches(file: IO[bytes], name: str, start: Position, then: _Then, block_bytes: int) -> Iterator[Batch]:
    stream = Stream(file)
    format_ = _format(stream, name)
    if start != Position():
        file.seek(start.offset)
        stream = Stream(file, start)

    def work(read: Callable[[], quick.ReadRows], end: Position) -> Batch:
        return _batch(read(), end, then, format_.header)

    waiting: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(READERS) as pool:
        for read, end in _pieces(stream, format_, block_bytes):
            waiting.append(pool.submit(work, read, end))
            if len(waiting) > READERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _batch(block: quick.ReadRows, end: Position, then: _Then, header: headers.Header | None = None) -> Batch:
    if header:
        block.tally.add(IDS_FROM, "user_id", 1, header.ids_from)
        for column in header.unknown:
            block.tally.add(MEANS_NOTHING, column, 1, "")
    return Batch(then(block.table), block.rejects, block.table.num_rows + len(block.rejects), end, block.tally)


def _pieces(stream: Stream, format_: _Format, block_bytes: int) -> Iterator[tuple[Callable[[], quick.ReadRows], Position]]:
    """Cut a stream where rows end; yield what reads each piece, and where the next one begins."""
    while True:
        block = stream.block(block_bytes)
        if clean := block[: format_.clean(block)]:
            line = stream.line
            stream.advance(clean, clean.count(b"\n") + (not clean.endswith(b"\n")))
            yield partial(_read, format_, clean, line), stream.position
            continue
        before = stream.position
        read = _stretch(stream, format_, min(CAREFUL_BYTES, block_bytes))
        if stream.position == before:
            return
        yield partial(_sort_out, read), stream.position


def _read(format_: _Format, block: bytes, line: int) -> quick.ReadRows:
    """Read a block of whole rows quickly; of one that is odd, the part that is odd with care."""
    try:
        return format_.quick(block, line)
    except quick.Odd:
        if len(block) <= CAREFUL_BYTES:
            return _with_care(format_, block, line)
    parts, at = [], 0
    while at < len(block):
        end = block.find(b"\n", min(len(block), at + max(CAREFUL_BYTES, len(block) // 16)) - 1) + 1 or len(block)
        parts.append(_read(format_, block[at:end], line) if end - at < len(block) else _with_care(format_, block, line))
        line += block.count(b"\n", at, end)
        at = end
    whole = Tally()
    for part in parts:
        whole.update(part.tally)
    return quick.ReadRows(
        pa.concat_tables(part.table for part in parts), [reject for part in parts for reject in part.rejects], whole
    )


def _with_care(format_: _Format, block: bytes, line: int) -> quick.ReadRows:
    return _sort_out(careful.block(format_.careful, block, line))


def _stretch(stream: Stream, format_: _Format, size: int) -> list[Row]:
    """Read rows with care until so many bytes are behind; the stream is left where a row ends."""
    begun = stream.position.offset
    read: list[Row] = []
    for some in format_.careful(stream):
        read += some
        if stream.position.offset - begun >= size:
            break
    return read


def _sort_out(read: Sequence[Row]) -> quick.ReadRows:
    people = [row for row in read if isinstance(row, Person)]
    table, tally = quick.table_of(people), Tally()
    tally.note(remark for person in people for remark in person.remarks)
    quick.count_ids(table, tally)
    return quick.ReadRows(table, [row for row in read if isinstance(row, Reject)], tally)


# --- Parquet -----------------------------------------------------------------------------------------------------------


def _parquet_batches(file: IO[bytes], name: str, start: Position, then: _Then) -> Iterator[Batch]:
    for block, end in columnar.batches(file, name, start):
        yield _batch(block, end, then)


def _people(block: quick.ReadRows) -> Iterator[Row]:
    ordered: list[Row] = [*block.rejects, *quick.rows_of(block.table)]
    return iter(sorted(ordered, key=lambda row: row.line))
