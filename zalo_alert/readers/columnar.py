"""People in Parquet: read by batches of rows, columns at once. A home of pyarrow."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zalo_alert.errors import InputInvalid
from zalo_alert.readers import base, quick
from zalo_alert.readers.base import Row
from zalo_alert.readers.stream import Position

ROWS_PER_BATCH = 65_536
_VIETNAM_US = 7 * 3600 * 1_000_000


class Batch(NamedTuple):
    """Some rows, and where the next ones begin."""

    found: quick.Found
    end: Position


def batches(file: IO[bytes], name: str, start: Position) -> Iterator[Batch]:
    """Read a Parquet file from a row on.

    Raises:
        InputInvalid: It is damaged, or a column's type cannot be what its name says.
    """
    try:
        with _seekable(file) as kept:
            parquet = pq.ParquetFile(kept)
            columns = base.columns_of(parquet.schema_arrow.names, name)
            for column, field in zip(columns, parquet.schema_arrow, strict=True):
                _check_type(column, field, name)
            end = start
            for batch in _from(parquet, start.offset):
                found = _found(batch, columns, end.line)
                end = Position(end.offset + batch.num_rows, end.line + batch.num_rows)
                yield Batch(found, end)
    except (pa.ArrowException, OSError) as exc:
        raise InputInvalid(f"{name} is a damaged Parquet file: {exc}", hint="export it again") from exc


@contextmanager
def _seekable(file: IO[bytes]) -> Iterator[IO[bytes]]:
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as kept:  # Parquet is read from its end, a pipe is not
        shutil.copyfileobj(file, kept)
        kept.seek(0)
        yield kept


def _from(parquet: pq.ParquetFile, skipped: int) -> Iterator[pa.RecordBatch]:
    first = 0
    while first < parquet.num_row_groups and skipped >= parquet.metadata.row_group(first).num_rows:
        skipped -= parquet.metadata.row_group(first).num_rows
        first += 1
    groups = list(range(first, parquet.num_row_groups))
    for batch in parquet.iter_batches(batch_size=ROWS_PER_BATCH, row_groups=groups, use_threads=False) if groups else ():
        rest = batch.slice(min(skipped, batch.num_rows))
        skipped -= batch.num_rows - rest.num_rows
        if rest.num_rows:
            yield rest


def _check_type(column: str, field: pa.Field, name: str) -> None:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if column == "user_id" and pa.types.is_floating(kind):
        raise InputInvalid(
            f"{name}: the ids in column {field.name} were stored as floating point ({kind}) and lost digits",
            hint="export them again as text, or as whole numbers of 64 bits",
        )
    listed = column in ("tags", "opted_out", "places")
    if column in base.COLUMNS and pa.types.is_nested(kind) and not listed:
        raise InputInvalid(f"{name}: column {field.name} holds {kind}, and {column} is a text", hint="export it as text")
    if column == "user_id" and not _may_be_id(kind):
        raise InputInvalid(f"{name}: column {field.name} holds {kind}, which is no id", hint="export the ids as text")


def _may_be_id(kind: pa.DataType) -> bool:
    whole = pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0)
    return bool(whole or _is_text(kind) or pa.types.is_null(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _found(batch: pa.RecordBatch, columns: list[str], line: int) -> quick.Found:
    given = {column: _column(array) for column, array in zip(columns, batch.columns, strict=True) if column in base.COLUMNS}

    def again(i: int) -> Row:
        values = batch.slice(i, 1).to_pylist()[0]
        return base.person(line + i, dict(zip(columns, values.values(), strict=True)), str(values))

    return quick.people(given, line, again)


def _column(array: pa.Array) -> quick.Column:
    kind: Any = array.type
    if pa.types.is_dictionary(kind):
        return _column(array.dictionary_decode())
    if pa.types.is_timestamp(kind):
        instants = array.cast(pa.timestamp("us", kind.tz), safe=False)
        plain = instants.cast(pa.int64())
        moved = plain if kind.tz else pc.subtract(plain, _VIETNAM_US)  # without a zone it is Vietnam's time
        return moved.cast(pa.timestamp("us"))
    if _is_text(kind) or pa.types.is_integer(kind) or pa.types.is_date(kind) or pa.types.is_decimal(kind):
        return array.cast(pa.string()).fill_null("")
    if pa.types.is_null(kind):
        return pa.repeat(pa.scalar(""), len(array))
    return array.to_pylist()
