"""Lists of people as they come: CSV, NDJSON, Parquet or bare ids, from a file or a pipe, row by row, whatever the bytes.

A bad row is a value with its line and reason; only a file that cannot be a list at all is an error. Owns formats and the names of
columns; knows neither book nor run. A home of pyarrow.
"""

import csv
import io
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple, TypeAlias, cast

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from zalo_alert.clock import VIETNAM
from zalo_alert.errors import InputInvalid

MAX_LINE_BYTES = 1 << 20  # a follower's row is some hundred bytes; a megabyte is damage
MAX_LINES_PER_ROW = 50  # an address may hold a line break; a quote that is never closed swallows the file
PEEK_BYTES = 8192

# Every header that means one of our columns, folded.
_HEADERS: Mapping[str, str] = {
    alias: column
    for column, aliases in {
        "user_id": "user_id userid uid id zalo_id zaloid zalo_user_id follower_id ma_nguoi_dung id_zalo",
        "name": "name display_name full_name ho_ten ho_va_ten ten user_name",
        "phone": "phone sdt so_dien_thoai dien_thoai phone_number mobile",
        "city": "city province tinh tinh_thanh tinh_thanh_pho thanh_pho user_city",
        "district": "district quan_huyen huyen quan",
        "address": "address dia_chi user_address",
        "tags": "tags tag nhan tag_names",
        "last_interaction_at": "last_interaction_at user_last_interaction_date last_interaction tuong_tac_cuoi",
        "updated_at": "updated_at updated ngay_cap_nhat cap_nhat",
    }.items()
    for alias in aliases.split()
}
_ID = re.compile(r"[0-9]{5,25}")
_SHORTENED = re.compile(r"[0-9][.,][0-9]+[eE]\+?[0-9]+")
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d{2}))?")
_VIETNAMESE_PHONE = re.compile(r"(?:\+?84|0)([1-9][0-9]{8})")


class Person(NamedTuple):
    """One good row; texts are NFC and may be empty, instants carry a zone or are None."""

    line: int
    user_id: str
    name: str
    phone: str
    city: str
    district: str
    address: str
    tags: tuple[str, ...]
    last_interaction_at: datetime | None
    updated_at: datetime | None


class Reject(NamedTuple):
    """One bad row: where, why, and how it begins."""

    line: int
    reason: str
    text: str


Row: TypeAlias = Person | Reject
_Fields: TypeAlias = Mapping[str, Any]


def rows(source: Path | BinaryIO, name: str) -> Iterator[Row]:
    """Read people from a file or an open stream.

    Args:
        source: A path, or something to read bytes from.
        name: What to call it in messages.

    Raises:
        InputInvalid: It is empty, holds a header and nothing else, is no text, or names no column of ids.
    """
    found = False
    with _opened(source, name) as file:
        for row in _parsed(file, name):
            found = True
            yield row
    if not found:
        raise InputInvalid(f"{name} holds a header and nobody under it", hint="was it exported to the end?")


@contextmanager
def _opened(source: Path | BinaryIO, name: str) -> Iterator[io.BufferedReader]:
    if not isinstance(source, Path):
        yield source if isinstance(source, io.BufferedReader) else io.BufferedReader(cast(Any, source))
        return
    try:
        with source.open("rb") as file:
            yield file
    except OSError as exc:
        raise InputInvalid(f"can't read {name}: {exc.strerror or exc}", hint="check the file's name") from exc


def _parsed(file: io.BufferedReader, name: str) -> Iterator[Row]:
    start = file.peek(PEEK_BYTES)[:PEEK_BYTES]
    if start.startswith(b"PAR1"):
        return _parquet(file, name)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputInvalid(f"{name} is saved as UTF-16", hint="save it as UTF-8 (Excel: CSV UTF-8)")
    if b"\0" in start or start.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise InputInvalid(
            f"{name} is not text", hint="export it as CSV, NDJSON or Parquet (an Excel workbook: save as CSV UTF-8)"
        )
    lines = _Lines(file)
    first = next((text for text in lines if text.strip()), None)
    if first is None:
        if lines.rejects:
            return iter(lines.rejects)
        raise InputInvalid(f"{name} is empty", hint="nothing was changed")
    if first.lstrip().startswith("{"):
        return _ndjson(first, lines)
    if _ID.fullmatch(first.strip().strip("\"'")):
        return _ids(first, lines)
    return _csv(first, lines, name)


class _Lines:
    """Text lines of a byte stream with their numbers; whatever is no line of UTF-8 becomes a reject."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self.number = 0
        self.rejects: list[Reject] = []

    def __iter__(self) -> Iterator[str]:
        while raw := self._file.readline(MAX_LINE_BYTES + 1):
            self.number += 1
            if len(raw) > MAX_LINE_BYTES:
                self._skip_rest(raw)
                continue
            if self.number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            try:
                yield raw.decode()
            except UnicodeDecodeError:
                self._reject("is not UTF-8 text", raw.decode(errors="replace"))

    def _skip_rest(self, raw: bytes) -> None:
        self._reject("is longer than a megabyte", raw[:200].decode(errors="replace"))
        while raw and not raw.endswith(b"\n"):
            raw = self._file.readline(MAX_LINE_BYTES)

    def _reject(self, reason: str, text: str) -> None:
        self.rejects.append(Reject(self.number, reason, _cut(text)))

    def rejected(self) -> list[Reject]:
        """Hand over what was rejected since the last call."""
        found, self.rejects = self.rejects, []
        return found


def _chained(first: str, lines: _Lines) -> Iterator[tuple[int, str]]:
    yield lines.number, first
    for text in lines:
        yield lines.number, text


def _ids(first: str, lines: _Lines) -> Iterator[Row]:
    for number, text in _chained(first, lines):
        yield from lines.rejected()
        value = text.strip()
        if value:
            yield _person(number, {"user_id": value}, text)
    yield from lines.rejected()


def _ndjson(first: str, lines: _Lines) -> Iterator[Row]:
    for number, text in _chained(first, lines):
        yield from lines.rejected()
        if not text.strip():
            continue
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            yield Reject(number, "is not JSON", _cut(text))
            continue
        if not isinstance(value, dict):
            yield Reject(number, "is not a JSON object", _cut(text))
            continue
        yield _person(number, {_column(key): item for key, item in value.items()}, text)
    yield from lines.rejected()


def _csv(first: str, lines: _Lines, name: str) -> Iterator[Row]:
    delimiter = max(",;\t|", key=first.count)
    header_line = lines.number
    reader = csv.reader((text for _, text in _chained(first, lines)), delimiter=delimiter, strict=True)
    header = _records(reader)
    columns = _columns(next(header)[1], name)
    return _csv_rows(header, columns, lines, header_line)


def _csv_rows(
    records: Iterator[tuple[int, list[str] | str]], columns: Sequence[str], lines: _Lines, header_line: int
) -> Iterator[Row]:
    number = header_line
    for spanned, values in records:
        begun, number = number + 1, lines.number
        rejected = lines.rejected()
        yield from rejected
        begun = max([begun, *(reject.line + 1 for reject in rejected)])
        if isinstance(values, str):
            yield Reject(begun, values, "")
        elif not any(value.strip() for value in values):
            continue
        elif spanned > MAX_LINES_PER_ROW:
            yield Reject(begun, f"a quote opened here is not closed before line {number}", _cut(" ".join(values)))
        elif len(values) != len(columns):
            yield Reject(begun, f"has {len(values)} columns, the header {len(columns)}", _cut(",".join(values)))
        else:
            yield _person(begun, dict(zip(columns, values, strict=True)), ",".join(values))
    yield from lines.rejected()


def _records(reader: Any) -> Iterator[tuple[int, list[str] | str]]:
    """Yield (lines spanned, values), or a reason in place of the values; csv gives up on a row, never on the file."""
    before = 0
    while True:
        try:
            values: list[str] | str = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            values = f"is no CSV row: {exc}"
        yield reader.line_num - before, values
        before = reader.line_num


def _columns(header: list[str] | str, name: str) -> list[str]:
    columns = [_column(text) for text in header] if isinstance(header, list) else []
    if "user_id" not in columns:
        seen = ", ".join(text.strip()[:30] for text in header[:12]) if isinstance(header, list) else header
        raise InputInvalid(
            f"{name} names no column of ids; its first line reads: {seen}", hint="call the column of Zalo ids user_id"
        )
    double = next((c for c in columns if c in _HEADERS.values() and columns.count(c) > 1), None)
    if double:
        raise InputInvalid(f"{name} has two columns that mean {double}", hint="remove one")
    return columns


def _column(header: Any) -> str:
    folded = unicodedata.normalize("NFD", str(header).strip().casefold().replace("đ", "d"))
    bare = "".join(c if c.isalnum() else "_" for c in folded if not unicodedata.combining(c))
    bare = re.sub("_+", "_", bare).strip("_")
    return _HEADERS.get(bare, bare)


def _parquet(file: io.BufferedReader, name: str) -> Iterator[Row]:
    with tempfile.TemporaryFile() as kept:  # Parquet is read from its end, a pipe is not
        shutil.copyfileobj(file, kept)
        kept.seek(0)
        yield from _parquet_rows(kept, name)


def _parquet_rows(file: IO[bytes], name: str) -> Iterator[Row]:
    try:
        parquet = pq.ParquetFile(file)
        columns = _columns(parquet.schema_arrow.names, name)
        number = 0
        for batch in parquet.iter_batches(batch_size=10_000):
            for values in batch.to_pylist():
                number += 1
                yield _person(number, dict(zip(columns, values.values(), strict=True)), str(values))
    except (pa.ArrowException, OSError) as exc:
        raise InputInvalid(f"{name} is a damaged Parquet file: {exc}", hint="export it again") from exc


# --- one row -----------------------------------------------------------------------------------------------------------


def _person(line: int, fields: _Fields, text: str) -> Row:
    user_id = _text(fields.get("user_id")).lstrip("'")
    if not _ID.fullmatch(user_id) or not user_id.isascii():
        return Reject(line, _id_fault(user_id), _cut(text))
    return Person(
        line,
        user_id,
        _text(fields.get("name")),
        _phone(_text(fields.get("phone"))),
        _text(fields.get("city")),
        _text(fields.get("district")),
        _text(fields.get("address")),
        _tags(fields.get("tags")),
        _instant(fields.get("last_interaction_at")),
        _instant(fields.get("updated_at")),
    )


def _id_fault(user_id: str) -> str:
    if not user_id:
        return "has no id"
    if _SHORTENED.fullmatch(user_id):
        return "the id was shortened by a spreadsheet: format the column as text and export again"
    return "the id is not 5 to 25 digits"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if type(value) is str:
        return (value if value.isascii() else unicodedata.normalize("NFC", value)).strip()
    return str(value)


def _phone(text: str) -> str:
    """Return `84…`, or nothing for what is no Vietnamese phone number."""
    if not text:
        return ""
    found = _VIETNAMESE_PHONE.fullmatch("".join(c for c in text if c in "+0123456789"))
    return f"84{found[1]}" if found else ""


def _tags(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    items: Iterable[Any] = value if isinstance(value, list | tuple) else re.split(r"[;|,]", str(value))
    return tuple(tag for item in items if (tag := _text(item)))


def _instant(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=VIETNAM)
    text = _text(value)
    if not text:
        return None
    try:
        if found := _DATE.fullmatch(text):
            day, month, year, hour, minute = (int(part or 0) for part in found.groups())
            return datetime(year, month, day, hour, minute, tzinfo=VIETNAM)
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=VIETNAM)


def _cut(text: str) -> str:
    return text.strip()[:200]
