"""People in Parquet: read by batches of rows, columns at once. A home of pyarrow."""

import io
from collections.abc import Iterator, Sequence
from typing import IO, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zalo_alert.errors import InputInvalid
from zalo_alert.language import _, count
from zalo_alert.readers import base, quick
from zalo_alert.readers.base import MAX_LINE_BYTES, Reject, Row
from zalo_alert.readers.opening import seekable
from zalo_alert.readers.stream import Position

ROWS_PER_BATCH = 65_536
BYTES_PER_BATCH = 64 << 20  # by what the file says of itself
MAX_RATIO = 200  # to 1: lists shrink to a tenth
SMALL_BYTES = 64 << 20  # may have shrunk as well as it likes
_VIETNAM_US = 7 * 3600 * 1_000_000


class Batch(NamedTuple):
    """Some rows, and where the next ones begin."""

    block: quick.ReadRows
    end: Position


def batches(file: IO[bytes], name: str, start: Position) -> Iterator[Batch]:
    """Read a Parquet file from a row on.

    Raises:
        InputInvalid: It is damaged, or a column's type cannot be what its name says.
    """
    try:
        with seekable(file) as whole:
            yield from _read(whole, name, start)
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, MemoryError) as exc:
        raise InputInvalid(_("{name} is a damaged Parquet file: {why}", name=name, why=exc), hint=_("export it again")) from exc


def _read(file: IO[bytes], name: str, start: Position) -> Iterator[Batch]:
    size_bytes = file.seek(0, io.SEEK_END)
    schema = pq.read_schema(file)
    columns = base.columns_of(schema.names, name)
    for column, field in zip(columns, schema, strict=True):
        _check_type(column, field, name)
    # Kept as they are encoded, a value that many rows share stands in memory once.
    encoded = [field.name for field in schema if _is_text(field.type)]
    file.seek(0)
    parquet, end = pq.ParquetFile(file, read_dictionary=encoded), start
    wanted = [field.name for column, field in zip(columns, schema, strict=True) if column in base.COLUMNS]
    rows = _rows_at_once(parquet, size_bytes, name)
    for batch in _from(parquet, start.offset, wanted, rows):
        block = _read_batch(batch, [column for column in columns if column in base.COLUMNS], end.line)
        end = Position(end.offset + batch.num_rows, end.line + batch.num_rows)
        yield Batch(block, end)


def _rows_at_once(parquet: pq.ParquetFile, size_bytes: int, name: str) -> int:
    """Say how many rows take little memory; a file that unpacks to more than a list can be is refused unread.

    By groups of rows alone: of a damaged file, asking a column for its size ends the process (pyarrow 26, `ColumnChunkMetaData`).
    """
    groups = [parquet.metadata.row_group(at) for at in range(parquet.num_row_groups)]
    whole, rows = sum(group.total_byte_size for group in groups), ROWS_PER_BATCH
    if whole > max(SMALL_BYTES, size_bytes * MAX_RATIO) or any(
        group.total_byte_size > max(1, group.num_rows) * MAX_LINE_BYTES for group in groups
    ):
        raise InputInvalid(
            _(
                "{name} unpacks from {packed} bytes to {unpacked} MB, which no list does",
                name=name,
                packed=count(size_bytes),
                unpacked=count(whole >> 20),
            ),
            hint=_("export it again, without pictures"),
        )
    for group in groups:
        rows = min(rows, BYTES_PER_BATCH * group.num_rows // max(1, group.total_byte_size))
    return int(max(1, rows))


def _from(parquet: pq.ParquetFile, skipped: int, wanted: list[str], rows: int) -> Iterator[pa.RecordBatch]:
    first = 0
    while first < parquet.num_row_groups and skipped >= parquet.metadata.row_group(first).num_rows:
        skipped -= parquet.metadata.row_group(first).num_rows
        first += 1
    groups = list(range(first, parquet.num_row_groups))
    for batch in parquet.iter_batches(rows, row_groups=groups, columns=wanted, use_threads=False) if groups else ():
        rest = batch.slice(min(skipped, batch.num_rows))
        skipped -= batch.num_rows - rest.num_rows
        if rest.num_rows:
            yield rest


def _check_type(column: str, field: pa.Field, name: str) -> None:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if column == "user_id" and pa.types.is_floating(kind):
        raise InputInvalid(
            _(
                "{name}: the ids in column {column} were stored as floating point ({kind}) and lost digits",
                name=name,
                column=field.name,
                kind=kind,
            ),
            hint=_("export them again as text, or as whole numbers of 64 bits"),
        )
    is_list = column in ("tags", "opted_out", "places")
    if column in base.COLUMNS and pa.types.is_nested(kind) and not is_list:
        raise InputInvalid(
            _(
                "{name}: column {column} holds {kind}, and {meaning} is a text",
                name=name,
                column=field.name,
                kind=kind,
                meaning=column,
            ),
            hint=_("export it as text"),
        )
    if column == "user_id" and not _may_be_id(kind):
        raise InputInvalid(
            _("{name}: column {column} holds {kind}, which is not a valid id", name=name, column=field.name, kind=kind),
            hint=_("export the ids as text"),
        )


def _may_be_id(kind: pa.DataType) -> bool:
    whole = pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0)
    return bool(whole or _is_text(kind) or pa.types.is_null(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _read_batch(batch: pa.RecordBatch, columns: list[str], line: int) -> quick.ReadRows:
    """Read a batch but for rows that no text can hold, which are rejected before any of their bytes is copied."""
    bad = _unreadable(batch)
    if not any(bad.values()):
        return _people(batch, columns, line, range(batch.num_rows))
    rejects = [Reject(line + at, reason, "") for at, reason in sorted(bad.items())]
    good = [at for at in range(batch.num_rows) if at not in bad]
    block = _people(batch.take(pa.array(good, pa.int64())), columns, line, good)
    return block._replace(rejects=[*block.rejects, *rejects])


def _unreadable(batch: pa.RecordBatch) -> dict[int, str]:
    """Return the numbers of rows with a value that is not UTF-8, or longer than a line of text may be, and the reason."""
    bad: dict[int, str] = {}
    for array in batch.columns:
        values = array.dictionary if pa.types.is_dictionary(array.type) else array
        if not (_is_text(values.type) or _is_bytes(values.type)):
            continue
        large = values.cast(pa.large_binary())
        reasons = dict.fromkeys(_numbers(pc.greater(pc.binary_length(large), MAX_LINE_BYTES)), _("is longer than a megabyte"))
        reasons |= {at: _("is not UTF-8 text") for at in _not_utf8(large) if at not in reasons}
        for at, reason in reasons.items():
            rows = _numbers(pc.equal(array.indices, at)) if pa.types.is_dictionary(array.type) else [at]
            bad |= dict.fromkeys(rows, reason)
    return bad


def _numbers(mask: pa.Array) -> list[int]:
    return pc.indices_nonzero(pc.fill_null(mask, False)).to_pylist()  # type: ignore[no-any-return]


def _not_utf8(values: pa.Array) -> list[int]:
    try:
        values.cast(pa.large_string())  # looks at every byte
    except pa.ArrowInvalid:
        return [at for at in range(len(values)) if not _is_utf8(values[at].as_py())]
    return []


def _is_utf8(value: bytes | None) -> bool:
    try:
        (value or b"").decode()
    except UnicodeDecodeError:
        return False
    return True


def _people(batch: pa.RecordBatch, columns: list[str], line: int, numbers: Sequence[int]) -> quick.ReadRows:
    """Read rows; number i of them stands at `numbers[i]` behind `line`."""
    by_name = {column: _column(array) for column, array in zip(columns, batch.columns, strict=True)}

    def again(i: int) -> Row:
        values = batch.slice(i, 1).to_pylist()[0]
        return base.person(line + numbers[i], dict(zip(columns, values.values(), strict=True)), str(values))

    return quick.people(by_name, pa.array((line + number for number in numbers), pa.int64()), again)


def _column(array: pa.Array) -> quick.Column:
    kind: Any = array.type
    if pa.types.is_dictionary(kind):
        return _column(array.dictionary_decode())
    if pa.types.is_timestamp(kind):
        instants = array.cast(pa.timestamp("us", kind.tz), safe=False)
        plain = instants.cast(pa.int64())
        moved = plain if kind.tz else pc.subtract(plain, _VIETNAM_US)  # without a zone it is Vietnam's time
        return moved.cast(pa.timestamp("us"))
    if _is_text(kind) or _is_bytes(kind) or pa.types.is_integer(kind) or pa.types.is_date(kind) or pa.types.is_decimal(kind):
        return array.cast(pa.string()).fill_null("")
    if pa.types.is_null(kind):
        return pa.repeat(pa.scalar(""), len(array))
    return array.to_pylist()
