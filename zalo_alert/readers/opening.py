"""What kind of file a list comes in: packed ones are unpacked, never beyond what a list can be; what is not a list is named.

Owns the first bytes of a file. Knows no row.
"""

import gzip
import io
import lzma
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple, cast

import orjson

from zalo_alert.errors import InputInvalid
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.readers import workbook

PEEK_BYTES = 8192
MAX_UNPACKED_BYTES = 8 << 30  # 57 million rows
MAX_RATIO = 200  # to 1: lists shrink to a tenth or less, bombs to a thousandth
SMALL_BYTES = 64 << 20  # may have been packed as well as they like
MAX_ARRAY_BYTES = 512 << 20  # a JSON array is read at once
BOM = b"\xef\xbb\xbf"

_CSV = _("export it as CSV, NDJSON or Parquet (an Excel workbook: save as CSV UTF-8)")
_NAMED = {
    b"\xd0\xcf\x11\xe0": (_("an old or locked Excel workbook"), _("save it as .xlsx or CSV UTF-8, without a password")),
    b"%PDF": (_("a PDF"), _CSV),
    b"Rar!": (_("a RAR archive"), _("unpack it first")),
    b"7z\xbc\xaf": (_("a 7-Zip archive"), _("unpack it first")),
    b"\xfd7zXZ": (_("packed with xz"), _("unpack it first")),
    b"BZh": (_("packed with bzip2"), _("unpack it first")),
    b"\x28\xb5\x2f\xfd": (_("packed with zstd"), _("unpack it first")),
    b"SQLite format 3": (_("a database"), _CSV),
}
# All that zipfile was seen to raise for damaged files; RuntimeError is a password.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError, KeyError, struct.error)
_LISTS = (".csv", ".txt", ".tsv", ".ndjson", ".jsonl", ".json", ".parquet", ".xlsx")


class Opened(NamedTuple):
    """A list that can be read, and whether it is Parquet; else it is text."""

    file: io.BufferedReader
    is_parquet: bool


@contextmanager
def open_list(source: Path | BinaryIO, name: str) -> Iterator[Opened]:
    """Open a list.

    Args:
        source: A path, or something to read bytes from.
        name: What to call it in messages.

    Raises:
        InputInvalid: It can't be read, or is not a list; the message says what it is.
    """
    try:
        with _source(source) as file, tempfile.TemporaryFile() as spool:
            yield _recognize(_unpack(file, cast(Any, spool), name), name)
    except OSError as exc:
        raise InputInvalid(_("can't read {name}: {why}", name=name, why=reason(exc)), hint=_("check the file's name")) from exc


@contextmanager
def seekable(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give a file that can be read from its end; a pipe is kept on the disk for as long as the block lasts."""
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as spool:
        shutil.copyfileobj(file, spool)
        spool.seek(0)
        yield spool


@contextmanager
def _source(source: Path | BinaryIO) -> Iterator[io.BufferedReader]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    else:
        yield source if isinstance(source, io.BufferedReader) else io.BufferedReader(cast(Any, source))


# --- packed ------------------------------------------------------------------------------------------------------------


def is_packed(start: bytes) -> bool:
    """Whether a file that begins so holds its rows otherwise than they are read, so that its size says nothing about them."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")) or start.removeprefix(BOM).lstrip().startswith(b"[")


def _unpack(file: io.BufferedReader, spool: IO[bytes], name: str) -> io.BufferedReader:
    start = file.peek(PEEK_BYTES)[:PEEK_BYTES]
    if not is_packed(start):
        return file
    with seekable(file) as whole:
        if start.startswith(b"\x1f\x8b"):
            _ungzip(whole, spool, name)
        elif start.startswith(b"PK"):
            _unzip(whole, spool, name)
        else:
            _array(whole, spool, name)
    return _rewind(spool)


def _rewind(spool: IO[bytes]) -> io.BufferedReader:
    spool.flush()
    spool.seek(0)
    return io.BufferedReader(cast(Any, spool))


def _ungzip(file: IO[bytes], spool: IO[bytes], name: str) -> None:
    try:
        with gzip.GzipFile(fileobj=file) as packed:
            _copy(cast(IO[bytes], packed), _size(file), spool, name)
    except (gzip.BadGzipFile, EOFError, zlib.error) as exc:
        raise InputInvalid(_("{name} is a damaged gzip file", name=name), hint=_("copy or pack it again")) from exc


def _size(file: IO[bytes]) -> int:
    at = file.tell()
    size = file.seek(0, io.SEEK_END)
    file.seek(at)
    return size


def _unzip(file: IO[bytes], spool: IO[bytes], name: str) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            if workbook.is_workbook(archive):
                workbook.write_csv(archive, file, spool, name)
                return
            inside = [
                entry
                for entry in archive.infolist()
                if entry.filename.lower().endswith(_LISTS) and "__MACOSX" not in entry.filename
            ]
            if len(inside) != 1:
                names = ", ".join(entry.filename for entry in inside[:3]) or _("none")
                raise InputInvalid(
                    _("{name} is a zip file that should hold one list, and holds: {names}", name=name, names=names),
                    hint=_("unpack it first"),
                )
            with archive.open(inside[0]) as member:
                _copy(member, min(inside[0].compress_size, _size(file)), spool, name)
    except _DAMAGED as exc:
        raise InputInvalid(
            _("{name} is a damaged or locked zip file", name=name), hint=_("copy or pack it again, without a password")
        ) from exc


def _copy(packed: IO[bytes], size_bytes: int, spool: IO[bytes], name: str) -> None:
    """Unpack piece by piece, and stop where it becomes more than a list can be."""
    most, done = min(MAX_UNPACKED_BYTES, max(SMALL_BYTES, size_bytes * MAX_RATIO)), 0
    while piece := packed.read(1 << 20):
        done += len(piece)
        if done > most:
            raise InputInvalid(
                _("{name} unpacks to more than {most} MB, which no list does", name=name, most=most >> 20),
                hint=_("unpack it and look"),
            )
        spool.write(piece)
    spool.flush()
    spool.seek(0)
    if is_packed(spool.read(PEEK_BYTES)):
        raise InputInvalid(_("{name} holds another packed file", name=name), hint=_("unpack it first"))


def _array(file: IO[bytes], spool: IO[bytes], name: str) -> None:
    """Write the items of a JSON array one a line; a line's number is the item's."""
    text = file.read(MAX_ARRAY_BYTES + 1)
    if len(text) > MAX_ARRAY_BYTES:
        raise InputInvalid(
            _("{name} is a JSON array of more than {most} MB", name=name, most=MAX_ARRAY_BYTES >> 20),
            hint=_("write one object a line"),
        )
    try:
        items = orjson.loads(text.removeprefix(BOM))
    except orjson.JSONDecodeError as exc:
        raise InputInvalid(
            _("{name} begins like a JSON array and is not valid: {why}", name=name, why=exc),
            hint=_("export it again; or one object a line"),
        ) from exc
    if not items:
        raise InputInvalid(_("{name} is an empty JSON array", name=name), hint=_("nothing was changed"))
    for item in items:
        spool.write(orjson.dumps(item if isinstance(item, dict) else {"user_id": item}, option=orjson.OPT_APPEND_NEWLINE))


# --- text --------------------------------------------------------------------------------------------------------------


def _recognize(file: io.BufferedReader, name: str) -> Opened:
    start = file.peek(PEEK_BYTES)[:PEEK_BYTES]
    if start.startswith(b"PAR1"):
        return Opened(file, is_parquet=True)
    _refuse_other_kinds(start, name)
    if b"\r" in start and b"\n" not in start:
        return Opened(io.BufferedReader(cast(Any, _OldMac(file))), is_parquet=False)
    return Opened(file, is_parquet=False)


def _refuse_other_kinds(start: bytes, name: str) -> None:
    for magic, (what, cure) in _NAMED.items():
        if start.startswith(magic):
            raise InputInvalid(_("{name} is {what}", name=name, what=what), hint=cure)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or _is_utf16(start):
        raise InputInvalid(_("{name} is saved as UTF-16", name=name), hint=_("save it as UTF-8 (Excel: CSV UTF-8)"))
    begins = start.removeprefix(BOM).lstrip()[:200].lower()
    if begins.startswith(b"<"):
        what = _("an XML file") if begins.startswith(b"<?xml") and b"<html" not in begins else _("a web page (HTML)")
        raise InputInvalid(
            _("{name} is {what}, whatever its name says", name=name, what=what),
            hint=_("open it in Excel and save it as CSV UTF-8 or .xlsx"),
        )
    if re.match(rb"\{\s*[\r\n]", begins):
        raise InputInvalid(
            _("{name} is one JSON object over many lines", name=name), hint=_("write one object a line, or an array of objects")
        )
    first = start.partition(b"\n")[0]  # what stands further down costs its row alone
    strange = sum(byte < 32 and byte not in b"\t\r\f\x1a\x1b" for byte in first)
    if strange > 1 and strange * 20 > len(first):
        raise InputInvalid(_("{name} is not text", name=name), hint=_CSV)


def _is_utf16(start: bytes) -> bool:
    most = max(start[0::2].count(0), start[1::2].count(0))
    return len(start) >= 4 and most * 10 > len(start) * 3


class _OldMac(io.RawIOBase):
    """Lines that end in CR alone, as Macs once wrote and some exports still do, with LF; every byte stays where it was."""

    def __init__(self, file: io.BufferedReader) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._file.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: Any, /) -> int:
        read = self._file.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(read)] = read
        return len(read)
