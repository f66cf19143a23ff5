"""A report as one table for a spreadsheet: a row for the whole, one for each part, and in each the columns that it has.

UTF-8 with the mark by which spreadsheets know it, as Vietnamese names are unreadable in them otherwise. The file appears whole.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zalo_alert.errors import InputInvalid
from zalo_alert.foundation.cells import guard
from zalo_alert.foundation.files import appearing, create_file
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.reporting.alert_record import AlertRecord
from zalo_alert.reporting.reach import STATES_OF_REACH, ProvinceReach, Reach

Row = Mapping[str, Any]

REACH, ARRIVED = STATES_OF_REACH, Reach._fields[len(STATES_OF_REACH) :]
PROVINCE = ("place", "population", "population_share", "targeted_share", "reached_most", "reasons")
ALERT = (
    "run", "kind", "msg_type", "status", "drill", "event", "risk_level", "area", "state", "submitted_by", "submitted_at",
    "approved_by", "approved_at", "began_at", "first_at", "half_at", "ninety_at", "last_at", "ended_at", "onset", "expires",
)  # fmt: skip
COLUMNS = ("row", "name", *REACH, *PROVINCE, *ALERT, *ARRIVED)  # new ones come at the end


def total_row(reach: Reach) -> Row:
    """Return the row of everybody."""
    return {"row": "total", "name": "", **reach.as_json()}


def province_row(row: ProvinceReach) -> Row:
    """Return the row of a province."""
    told = row.as_json()
    return {"row": "province", "name": row.name, **row.reach.as_json(), **{name: told[name] for name in PROVINCE}}


def alert_row(record: AlertRecord) -> Row:
    """Return the row of a run."""
    told = record.as_json()
    return {"row": "alert", "name": record.facts.code, **record.reach.as_json(), **{name: told[name] for name in ALERT}}


def write_sheet(rows: Iterable[Row], target: Path, columns: Sequence[str] = COLUMNS) -> int:
    """Write rows to a file; return how many.

    Raises:
        InputInvalid: It can't be written.
    """
    lines = list(_lines(rows, columns))
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    write_whole(text.getvalue().encode("utf-8-sig"), target)
    return len(lines) - 1


def write_whole(content: bytes, target: Path) -> None:
    """Write a file, which is there only when it is whole, and for nobody else to read.

    Raises:
        InputInvalid: It can't be written.
    """
    try:
        with appearing(target) as draft, create_file(draft) as file:
            file.write(content)
    except OSError as exc:
        raise InputInvalid(
            _("can't write {path}: {why}", path=target, why=reason(exc)),
            hint=_("check the folder and the disk's free space"),
        ) from exc


def _lines(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[list[Any]]:
    yield list(columns)
    yield from ([guard(_cell(row.get(name))) for name in columns] for row in rows)


def _cell(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return int(value)
        case Mapping():
            return "; ".join(f"{name}={each}" for name, each in value.items())
        case list() | tuple():
            return "; ".join(map(str, value))
    return value
