"""Which row of a list names its columns, and what stands between values. Offices put titles above; Excel writes `sep=;`."""

import csv
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zalo_alert.errors import InputInvalid
from zalo_alert.language import _, count, joined
from zalo_alert.tables.facts import fold

SAMPLE_BYTES = 256 << 10
DELIMITERS = ",;\t|"
MOST_COLUMNS = 1000
_ROWS = 10  # in which a header may stand
_SHOWN = 200  # characters


class Header(NamedTuple):
    """The names of the columns, what stands between values, and how many lines are behind it."""

    columns: tuple[str, ...]
    delimiter: str
    lines: int


def find_header(start: bytes, wanted: Sequence[str], name: str) -> Header:
    """Find the row that names the columns.

    Args:
        start: Whole lines from the beginning.
        wanted: Names of columns that must be there; case and accents make no difference.
        name: What to call the file in messages.

    Raises:
        InputInvalid: No row names them all, or two columns have one name.
    """
    lines = start.decode(errors="replace").removeprefix("\ufeff").splitlines(keepends=True)[: 20 * _ROWS]
    asked = {fold(column) for column in wanted}
    for delimiter in DELIMITERS:
        for row, end in _split(lines, delimiter):
            if asked <= {fold(column) for column in row}:
                return Header(checked_columns(row, wanted, name), delimiter, end)
    first = next((line.strip() for line in lines if line.strip()), "")
    if not first:
        raise InputInvalid(_("{name} holds no line that could be read", name=name), hint=_("nothing was changed"))
    raise InputInvalid(
        _(
            "{name} has no columns {columns}; its first line reads: {line}",
            name=name,
            columns=joined(tuple(wanted)),
            line=first[:_SHOWN],
        ),
        hint=_("name the columns as they stand in the file"),
    )


def _split(lines: Sequence[str], delimiter: str) -> Iterator[tuple[list[str], int]]:
    reader = csv.reader(lines, delimiter=delimiter)
    for _row in range(_ROWS):
        try:
            row = next(reader)
        except (StopIteration, csv.Error):
            return
        yield [value.strip() for value in row], reader.line_num


def checked_columns(row: Sequence[str], wanted: Sequence[str], name: str) -> tuple[str, ...]:
    """Return the names of columns, without empty ones at the end.

    Raises:
        InputInvalid: Two are the same, or there are too many.
    """
    columns = list(row)
    while columns and not columns[-1]:
        columns.pop()
    asked = {fold(column) for column in wanted}
    seen = set[str]()
    for column in columns:
        mark = fold(column) if fold(column) in asked else column
        if column and mark in seen:
            raise InputInvalid(_('{name} has two columns "{column}"', name=name, column=column[:80]), hint=_("remove one"))
        seen.add(mark)
    if len(columns) > MOST_COLUMNS:
        raise InputInvalid(
            _("{name} has {columns} columns", name=name, columns=count(len(columns))),
            hint=_("keep those that an answer needs, at most {most}", most=count(MOST_COLUMNS)),
        )
    return tuple(columns)
