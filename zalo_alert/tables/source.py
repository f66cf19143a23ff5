"""From a list as it comes to rows that DuckDB reads: which line names the columns, and each row as so many values.

A plain file without quotes is read where it lies; anything else (quotes, Excel, packed, odd line ends) is written out once, with
a sign between its values that no value holds. Parquet is read as it is. Knows no fact.
"""

from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zalo_alert.errors import InputInvalid
from zalo_alert.foundation.files import create_file
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _, joined
from zalo_alert.readers.opening import open_list
from zalo_alert.readers.stream import Stream
from zalo_alert.tables.facts import fold
from zalo_alert.tables.header import SAMPLE_BYTES, Header, checked_columns, find_header
from zalo_alert.tables.rows import count_simple, write_rows
from zalo_alert.tables.table import SEPARATOR

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

PIECE_BYTES = 8 << 20
_LONGEST_LINE_BYTES = 4 << 20  # twice what `rows` lets through


class Source(NamedTuple):
    """What DuckDB reads: columns `c0`, `c1`, …, all texts, and `line`; with the columns' own names.

    `numbered` gives each row's line; `plain` gives 0 instead, and is read by all cores at once. Rows that are none are left out
    of both: then they are fewer than `rows`, as counted without DuckDB (None for Parquet).
    """

    columns: tuple[str, ...]
    numbered: str
    plain: str
    is_direct: bool
    rows: int | None


@contextmanager
def opened_source(
    file: Path, wanted: Sequence[str], folder: Path, on_step: StepReporter, step: str, *, is_direct: bool = True
) -> "Iterator[Source]":
    """Make a list readable.

    Args:
        file: The list.
        wanted: Names of columns that must be there.
        folder: For what is written out.
        on_step: Told how many bytes are read.
        step: What to call it.
        is_direct: Whether it may be read where it lies.

    Raises:
        InputInvalid: It is no list, or has no such columns.
        TableRefused: Some of its rows are no rows.
    """
    with open_list(file, file.name) as (opened, is_parquet):
        lies_there = opened.name == str(file) if isinstance(getattr(opened, "name", None), str) else False
        if is_parquet:
            yield _parquet(file if lies_there else _copied(opened, folder), file.name, wanted)
            return
        stream = Stream(opened)
        header = find_header(stream.block(SAMPLE_BYTES), wanted, file.name)
        lines = count_simple(file, on_step, step) if is_direct and lies_there else None
        if lines is not None:
            yield _direct(file, header, lines)
            return
        target = folder / "rows"
        with create_file(target) as written:
            rows = write_rows(stream, header, written, file.name, lambda rows: on_step(step, rows, None))
        yield _written(target, header.columns, rows)


def _read_csv(path: Path, names: Sequence[str], delimiter: str, skip: int) -> str:
    declared = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    return (
        f"read_csv('{_quoted(path)}', delim='{delimiter}', quote='', escape='', header=false, skip={skip}, auto_detect=false, "
        f"columns={{{declared}}}, null_padding=true, ignore_errors=true, max_line_size={_LONGEST_LINE_BYTES}, "
        f"buffer_size={8 * _LONGEST_LINE_BYTES})"
    )


def _values(columns: Sequence[str]) -> tuple[list[str], str]:
    names = [f"c{at}" for at in range(len(columns))]
    return names, ", ".join(f"coalesce(trim({name}), '') AS {name}" for name in names)


def _direct(path: Path, header: Header, lines: int) -> Source:
    columns, delimiter, skip = header
    names, values = _values(columns)
    read = _read_csv(path, names, delimiter, skip)
    numbered = f"SELECT {skip} + row_number() OVER () AS line, {values} FROM {read}"
    return Source(columns, numbered, f"SELECT 0 AS line, {values} FROM {read}", is_direct=True, rows=lines - skip)


def _written(path: Path, columns: tuple[str, ...], rows: int) -> Source:
    names, values = _values(columns)
    sql = f"SELECT line::BIGINT AS line, {values} FROM {_read_csv(path, ['line', *names], SEPARATOR, 0)}"
    return Source(columns, sql, sql, is_direct=False, rows=rows)


def _parquet(path: Path, name: str, wanted: Sequence[str]) -> Source:
    from zalo_alert.tables.engine import opened_engine

    read = f"read_parquet('{_quoted(path)}')"
    with opened_engine(path.parent, name) as db:
        columns = [str(row[0]) for row in db.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()]
    missing = [column for column in wanted if fold(column) not in map(fold, columns)]
    if missing:
        raise InputInvalid(
            _(
                "{name} has no columns {columns}; it has {found}",
                name=name,
                columns=joined(tuple(missing)),
                found=joined(tuple(columns[:20])),
            ),
            hint=_("name the columns as they stand in the file"),
        )
    own = checked_columns(columns, wanted, name)
    values = ", ".join(f"{_text_of(column)} AS c{at}" for at, column in enumerate(own))
    numbered = f"SELECT row_number() OVER () AS line, {values} FROM {read}"
    return Source(own, numbered, f"SELECT 0 AS line, {values} FROM {read}", is_direct=False, rows=None)


def _text_of(column: str) -> str:
    named = '"' + column.replace('"', '""') + '"'
    return f"coalesce(trim(translate({named}::VARCHAR, chr(31) || chr(10) || chr(13) || chr(0), '    ')), '')"


def _copied(opened: "io.BufferedReader", folder: Path) -> Path:
    target = folder / "rows.parquet"
    with create_file(target) as written:
        while piece := opened.read(PIECE_BYTES):
            written.write(piece)
    return target


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
