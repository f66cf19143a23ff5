"""Where a table begins: which row names its columns, what stands between them, and which column holds Zalo's ids.

Offices put titles above, merge cells over two rows, and let Excel write `sep=;`. Of the people it knows the first few alone, by
which it sees that a column `id` holds row numbers.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from zalo_alert.errors import InputInvalid
from zalo_alert.language import _
from zalo_alert.readers.base import ANY_ID, COLUMNS, cell, column_of, columns_of, identity, masked, meant
from zalo_alert.readers.stream import Stream
from zalo_alert.readers.words import folded

ROWS = 10  # in which a header may stand
MAX_LINES = 40  # that these may take
SAMPLE_ROWS = 200
UNKNOWN_TOLD = 50
SAMPLE_BYTES = 256 << 10
DELIMITERS = ",;\t|"
SURE_ROWS = 20  # whose ids count up by one under a name that means Zalo's ids
MAX_NUMBER_DIGITS = 9  # of a row number

_SEP = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_BARE = re.compile(r"[0-9]{5,25}|[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+|\+?[0-9][0-9 .()-]{8,20}")
_LONG_ID = re.compile(r"[1-9][0-9]{14,19}")


class Header(NamedTuple):
    """What the columns mean, what stands between them, what the column of ids is called, and which mean nothing to us."""

    columns: list[str]
    delimiter: str
    ids_from: str
    unknown: tuple[str, ...]


class _Candidate(NamedTuple):
    """A row that names a column of ids: which row, how it is parted, and the line behind it."""

    row: int
    delimiter: str
    names: list[str]
    end: int


def is_bare(stream: Stream) -> bool:
    """Whether ids stand there without any table round them, or what somebody took for ids: telephone numbers, rounded ids.

    Lines before them may be remarks that begin with #.
    """
    lines = (raw.decode(errors="replace").removeprefix("\ufeff").strip() for raw in stream.block(SAMPLE_BYTES).split(b"\n"))
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return bool(_BARE.fullmatch(identity(cell(first).strip("\"'"))))


def find(stream: Stream, name: str) -> Header:
    """Find the header in the first rows; the stream is left before the first row of people.

    Raises:
        InputInvalid: No row names a column of ids, two columns mean the same, or what is called id are row numbers.
    """
    raw = stream.block(SAMPLE_BYTES).split(b"\n")
    lines = [line.decode(errors="replace").removeprefix("\ufeff") + "\n" for line in raw]
    best = _find_best(lines)
    if best is None:
        columns_of(lines[0].strip()[:200], name)
        raise AssertionError("a row without a column of ids was taken for a header")
    names, end = _with_second_row(best, lines)
    columns = columns_of(names, name)
    sample = [row for row, _ in _split_rows(lines[end : end + SAMPLE_ROWS], best.delimiter)]
    _refuse_row_numbers(names, columns, sample, name)
    begun = b"".join(line + b"\n" for line in raw[:end])
    stream.advance(begun[: len(stream.block(SAMPLE_BYTES))], end)
    shown = [" ".join(text.split()) for text in names]
    unknown = tuple(text for text, column in zip(shown, columns, strict=True) if text and column not in COLUMNS)
    return Header(columns, best.delimiter, shown[columns.index("user_id")], unknown[:UNKNOWN_TOLD])


def _find_best(lines: Sequence[str]) -> _Candidate | None:
    """Return the first row that names a column of ids, parted so that the most columns mean something."""
    mark = _SEP.fullmatch(lines[0].strip())
    begun = 1 if mark else 0
    candidates = []
    for delimiter in mark[1] if mark and not mark[1].isalnum() else DELIMITERS:
        for number, (row, end) in enumerate(_split_rows(lines[begun : begun + MAX_LINES], delimiter)):
            if number >= ROWS:
                break
            if "user_id" in meant(row):
                candidates.append(_Candidate(number, delimiter, row, begun + end))
                break
    return min(
        candidates,
        key=lambda candidate: (candidate.row, -len(set(meant(candidate.names)) & COLUMNS), -len(candidate.names)),
        default=None,
    )


def _split_rows(lines: Sequence[str], delimiter: str) -> Iterator[tuple[list[str], int]]:
    """Yield rows that hold anything, and how many lines are behind them."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        if any(value.strip() for value in row):
            yield row, reader.line_num


def _with_second_row(best: _Candidate, lines: Sequence[str]) -> tuple[list[str], int]:
    """Let the row below name columns more closely, where it names nothing else: the second row of a merged header."""
    row, used = next(_split_rows(lines[best.end : best.end + MAX_LINES], best.delimiter), ([], 0))
    named = [text for text in row if text.strip()]
    at = meant(best.names).index("user_id")
    if len(row) > len(best.names) or (at < len(row) and any(sign.isdigit() for sign in row[at])):
        return best.names, best.end
    if not named or any(column_of(text) not in COLUMNS for text in named):
        return best.names, best.end
    below = [*row, *[""] * (len(best.names) - len(row))]
    merged = [low if low.strip() else high for high, low in zip(best.names, below, strict=True)]
    return merged, best.end + used


# --- row numbers --------------------------------------------------------------------------------------------------------


def _refuse_row_numbers(names: Sequence[str], columns: Sequence[str], sample: Sequence[Sequence[str]], name: str) -> None:
    at = columns.index("user_id")
    is_any = folded(names[at]) == ANY_ID
    ids = [identity(cell(row[at])) for row in sample if at < len(row)]
    column, shown = names[at].strip(), ", ".join(map(masked, ids[:3]))
    if is_any and ids and not _are_long(ids) and (better := _better(names, columns, sample)):
        raise InputInvalid(
            _(
                '{name}: column "{column}" holds {ids}, and column "{better}" what looks like Zalo ids',
                name=name,
                column=column,
                ids=shown,
                better=better,
            ),
            hint=_("call the column of Zalo ids user_id"),
        )
    if len(ids) >= (2 if is_any else SURE_ROWS) and _count_up(ids):
        raise InputInvalid(
            _('{name}: column "{column}" holds {ids}: these are row numbers, not Zalo ids', name=name, column=column, ids=shown),
            hint=_("call the column of Zalo ids user_id"),
        )


def _better(names: Sequence[str], columns: Sequence[str], sample: Sequence[Sequence[str]]) -> str:
    """Name a column without a meaning whose values look like Zalo ids."""
    for at, column in enumerate(columns):
        values = [identity(cell(row[at])) for row in sample if at < len(row) and row[at].strip()]
        if column not in COLUMNS and _are_long(values) and len(set(values)) * 2 > len(values):
            return names[at].strip()
    return ""


def _are_long(values: Sequence[str]) -> bool:
    return bool(values) and sum(bool(_LONG_ID.fullmatch(value)) for value in values) * 5 >= len(values) * 4


def _count_up(ids: Sequence[str]) -> bool:
    if not all(id_.isascii() and id_.isdigit() and len(id_) <= MAX_NUMBER_DIGITS for id_ in ids):
        return False
    return all(int(b) - int(a) == 1 for a, b in pairwise(ids))
