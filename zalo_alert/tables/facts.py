"""The two facts of a question in the one form in which they are compared. Pure.

A number is its letters and digits: `02 001-234` is 02001234, and accents and case make no difference. A date is `2008-03-15`.
"""

import re
import unicodedata
from datetime import date, datetime
from enum import StrEnum

from zalo_alert.foundation.clock import VIETNAM

EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
MOST_CHARACTERS = 200  # of a fact; nobody's number or name is longer
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00)?)?", re.ASCII)
_SEPARATED = re.compile(r"([0-9]{1,4})\s*[/.\- ]\s*([0-9]{1,2})\s*[/.\- ]\s*([0-9]{1,4})", re.ASCII)
_IN_WORDS = re.compile(r"(?:NGAY\s*)?([0-9]{1,2})\s*(?:,\s*)?THANG\s*([0-9]{1,2})\s*(?:,\s*)?(?:NAM\s*)?([0-9]{2,4})", re.ASCII)
_RUN_TOGETHER = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})", re.ASCII)


class CheckKind(StrEnum):
    """What the second fact of a table is."""

    DATE = "date"
    TEXT = "text"


def fold(text: str) -> str:
    """Return the letters and digits of a text, in capitals and without accents; "" when it has none."""
    if not text.isascii():  # as `checks.fold_sql` does it
        text = unicodedata.normalize("NFD", text[:MOST_CHARACTERS].lower()).replace("đ", "d")
    return _NOT_PLAIN.sub("", text.lower()).upper()


def fold_check(kind: CheckKind, text: str, this_year: int = 2026) -> str:
    """Return the second fact in the form in which it is compared; "" when it says nothing of its kind."""
    return date_of(text, this_year) if kind is CheckKind.DATE else fold(text)


def date_of(text: str, this_year: int) -> str:
    """Read a day as people type it, `15/3/2008`, `15-03-08`, `15.3.2008`, `15 tháng 3 năm 2008`: as `2008-03-15`.

    The day stands before the month. Two digits of a year mean the last such year that has begun. "" for anything else.
    """
    plain = _words_of(text)
    if iso := _ISO.fullmatch(plain):
        return _iso(int(iso[1]), int(iso[2]), int(iso[3]))
    found = _SEPARATED.fullmatch(plain) or _IN_WORDS.fullmatch(plain) or _RUN_TOGETHER.fullmatch(plain)
    if not found:
        return ""
    first, month, last = found[1], int(found[2]), found[3]
    if len(first) == 4 and len(last) <= 2:
        return _iso(int(first), month, int(last))
    return _iso(_year(last, this_year), month, int(first)) if len(first) <= 2 else ""


def _words_of(text: str) -> str:
    text = text[:MOST_CHARACTERS]
    if not text.isascii():
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    bare = text.upper().strip(" .,;\t\r\n")
    return bare.removeprefix("NGAY").strip()


def _year(text: str, this_year: int) -> int:
    if len(text) == 4:
        return int(text)
    if len(text) != 2:
        return 0
    century = this_year // 100 * 100
    year = century + int(text)
    return year if year <= this_year else year - 100


def _iso(year: int, month: int, day: int) -> str:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return ""
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def year_of(at_ms: int) -> int:
    """Return the year of an instant in Vietnam."""
    return datetime.fromtimestamp(at_ms / 1000, VIETNAM).year
