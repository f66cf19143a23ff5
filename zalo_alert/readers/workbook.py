"""Excel workbooks, written out as CSV: a line for each row of the sheet. The only home of python-calamine, an extra.

What unpacks to more than a workbook can be, or spreads its cells over more room than memory has, is refused before it is read.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import IO, Any

from zalo_alert.errors import InputInvalid
from zalo_alert.language import _, count
from zalo_alert.readers.base import ID, identity, meant

MAX_XML_BYTES = 1 << 30  # a million rows of ten columns take half of it
MAX_RATIO = 200  # to 1: sheets shrink to a twentieth
SMALL_BYTES = 64 << 20
MAX_CELLS = 20_000_000  # of the rectangle that holds them all, for it is kept whole
KEPT_DIGITS = 15  # of a number in a cell
HEADER_ROWS = 10

_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,8})([0-9]{1,12})["']""")
_OVERLAP_BYTES = 64
_SAVE = _("save it as CSV UTF-8")


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether a zip file is a workbook of Excel."""
    return any(entry.filename.startswith("xl/workbook") for entry in archive.infolist())


def write_csv(archive: zipfile.ZipFile, file: IO[bytes], target: IO[bytes], name: str) -> None:
    """Write the sheet that holds people as CSV, UTF-8.

    Args:
        archive: The workbook, opened as the zip file that it is.
        file: The same, as bytes.
        target: Where to.
        name: What to call it in messages.

    Raises:
        InputInvalid: It is damaged, too large, or holds lists in several sheets; or the extra is not installed.
    """
    try:
        import python_calamine
    except ImportError as exc:
        raise InputInvalid(
            _("{name} is an Excel workbook, which this installation can't read", name=name),
            hint=_("{save}; or install the extra: pip install 'zalo-alert[xlsx]'", save=_SAVE),
        ) from exc
    for part in archive.infolist():
        _check(archive, part, name)
    file.seek(0)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(file)
        _write(_rows(_sheet(book, name)), target)
    except (python_calamine.CalamineError, OSError, ValueError, UnicodeDecodeError) as exc:
        raise InputInvalid(
            _("{name} is a damaged workbook: {why}", name=name, why=exc), hint=_("open it in Excel and {save}", save=_SAVE)
        ) from exc


def _check(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    """Unpack a part without keeping it: how large it is and where its cells lie is seen, not believed."""
    most = min(MAX_XML_BYTES, max(SMALL_BYTES, part.compress_size * MAX_RATIO))
    is_sheet = part.filename.startswith("xl/worksheets/")
    done, rows, columns, rest = 0, 0, 0, b""
    with archive.open(part) as packed:
        while piece := packed.read(1 << 20):
            done += len(piece)
            if done > most:
                raise InputInvalid(
                    _("{name}: {part} unpacks to more than {most} MB", name=name, part=part.filename, most=most >> 20),
                    hint=_SAVE,
                )
            if is_sheet:
                rows, columns = _extent(rest + piece, rows, columns)
                rest = piece[-_OVERLAP_BYTES:]
            if rows * columns > MAX_CELLS:
                raise InputInvalid(
                    _(
                        "{name}: its cells are spread over {rows} rows and {columns} columns",
                        name=name,
                        rows=count(rows),
                        columns=count(columns),
                    ),
                    hint=_("delete what stands far away; or {save}", save=_SAVE),
                )


def _extent(xml: bytes, rows: int, columns: int) -> tuple[int, int]:
    for letters, digits in set(_CELL.findall(xml)):
        rows = max(rows, int(digits))
        number = 0
        for letter in letters.upper():
            number = number * 26 + letter - 64
        columns = max(columns, number)
    return rows, columns


def _sheet(book: Any, name: str) -> Any:
    """Return the sheet whose first rows name a column of ids, or hold bare ids; else the first that holds anything."""
    sheets = [sheet for sheet in map(book.get_sheet_by_name, book.sheet_names) if sheet.height]
    if not sheets:
        raise InputInvalid(_("{name} is an empty workbook", name=name), hint=_("nothing was changed"))
    holding = [sheet for sheet in sheets if any(map(_names_ids, islice(_rows(sheet), HEADER_ROWS)))]
    if len(holding) > 1:
        named = ", ".join(sheet.name for sheet in holding[:5])
        raise InputInvalid(
            _("{name} holds people in {number} sheets: {sheets}", name=name, number=len(holding), sheets=named),
            hint=_("save each as a file of its own"),
        )
    return holding[0] if holding else sheets[0]


def _names_ids(row: Sequence[str]) -> bool:
    return "user_id" in meant(row) or [bool(ID.fullmatch(identity(text))) for text in row if text] == [True]


def _rows(sheet: Any) -> Iterator[list[str]]:
    """Yield the rows as texts; the first one is row 1 of the sheet."""
    return ([_text(value) for value in row] for row in sheet.iter_rows())


def _text(value: Any) -> str:
    """Write a cell as an officer sees it; of a number beyond 15 digits it is seen that it lost some."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**KEPT_DIGITS else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(str(value).split("\n")).replace("\r", "")


def _write(rows: Iterator[list[str]], target: IO[bytes]) -> None:
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", errors="replace", write_through=True)
    csv.writer(text, lineterminator="\n").writerows(rows)
    text.detach()
