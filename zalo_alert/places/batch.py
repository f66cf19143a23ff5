"""Many texts, or the place columns of a CSV file, to one line of CSV each: what `places resolve` writes.

Owns the format of that answer; what a text means is the resolver's business.
"""

import csv
import gc
import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from zalo_alert import places
from zalo_alert.errors import InputInvalid
from zalo_alert.foundation.cells import guard
from zalo_alert.language import _
from zalo_alert.places import Resolved, Resolver

HEADER = ("text", "old_code", "new_code", "ward", "reason")
FIELDS = ("city", "district", "ward", "address")
MAX_LINE = 1 << 20  # characters; an address is a hundred
_BATCH = 2000
_CODES = {places.FOREIGN: ("", ""), places.UNKNOWN: ("", "")}
_CODES |= {province.key: ("", province.code) for province in places.PROVINCES}
_CODES |= {former.key: (former.code, former.new_code) for former in places.FORMER_PROVINCES}


def answers(
    source: BinaryIO, name: str, resolver: Resolver, columns: Sequence[str] | None, *, before_merger: bool = False
) -> Iterator[str]:
    """Yield CSV, the header first, then an answer for each line or row, in their order; in pieces of many lines.

    Args:
        source: UTF-8 text; an invalid byte becomes a replacement character.
        name: What to call it in messages.
        resolver: Reads the texts.
        columns: None for a text a line; else the columns of a CSV file that hold city, district, ward or address.
        before_merger: The texts were written before 1 July 2025.

    Raises:
        InputInvalid: A column is missing, or the CSV can't be read.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADER)
    rows = resolved(source, name, resolver, columns, before_merger=before_merger)
    for number, (written, answer) in enumerate(rows, start=1):
        writer.writerow((guard(written), *codes(answer), answer.ward, answer.reason))
        if number % _BATCH == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def resolved(
    source: BinaryIO, name: str, resolver: Resolver, columns: Sequence[str] | None, *, before_merger: bool = False
) -> Iterator[tuple[str, Resolved]]:
    """Yield each line or row as it is written, and what it means; arguments and errors as for `answers`."""
    gc.freeze()  # the tables are there to stay: not to be gone through again and again
    text = io.TextIOWrapper(source, encoding="utf-8-sig", errors="replace", newline="")
    yield from (
        _lines(text, resolver, before_merger) if columns is None else _records(text, name, resolver, columns, before_merger)
    )
    text.detach()


def codes(answer: Resolved) -> tuple[str, str]:
    """Return the codes of the former province and of today's, "" for what is not known."""
    return _CODES[answer.place]


def _lines(text: io.TextIOWrapper, resolver: Resolver, before_merger: bool) -> Iterator[tuple[str, Resolved]]:
    while line := text.readline(MAX_LINE):
        written = line.rstrip("\r\n")
        yield written, resolver.text(written, before_merger=before_merger)


def _records(
    text: io.TextIOWrapper,
    name: str,
    resolver: Resolver,
    columns: Sequence[str],
    before_merger: bool,
) -> Iterator[tuple[str, Resolved]]:
    first = text.readline(MAX_LINE)
    delimiter = max(",;\t|", key=first.count)
    header = [column.strip() for column in next(csv.reader([first], delimiter=delimiter), [])]
    for column in columns:
        if column not in header:
            raise InputInvalid(
                _(
                    '{name} has no column "{column}"; there are {columns}',
                    name=name,
                    column=column,
                    columns=", ".join(header[:12]),
                )
            )
        if column not in FIELDS and len(columns) != 1:
            raise InputInvalid(
                _('"{column}" is not one of {fields}', column=column, fields=", ".join(FIELDS)),
                hint=_("rename the column, or name it alone"),
            )
    places_of = {field: header.index(column) for column in columns for field in [column if column in FIELDS else "address"]}
    try:
        for row in csv.reader(text, delimiter=delimiter):
            values = {field: row[at] if at < len(row) else "" for field, at in places_of.items()}
            written = ", ".join(values[field] for field in reversed(FIELDS) if values.get(field))
            yield written, resolver.fields(**{"city": "", **values}, before_merger=before_merger)
    except csv.Error as exc:
        raise InputInvalid(_("{name} is not valid CSV: {why}", name=name, why=exc), hint=_("export it again")) from exc
