"""Days as offices write them: `18/9`, `18-9-2026`, `thứ Sáu, ngày 18 tháng 9`, `18 và 19/9`, `đêm 18 rạng sáng 19/9`.

What only looks like one is left alone: `cấp 4/5`, `8/10 xã`, `24/7`, `km 12/5`, `số 18/2021/QĐ-TTg`, a day of the lunar calendar.
Reads a text without accents; knows no rule.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

MOST = 200  # of a text: nobody writes so many
NEAR = timedelta(
    days=45
)  # from the alert's own day: two numbers with a stroke between them are a day, without a word beside them

_WEEKDAY = r"(?:(?:thu ?(?:hai|bay|ba|tu|nam|sau|[2-7])|chu nhat|cn|t[2-7])(?![a-z0-9]))"
_DATE = re.compile(
    r"(?<![0-9a-z/])(?<![0-9][.,])(?:"
    r"(?P<d>[0-9]{1,2}) ?/ ?(?P<m>[0-9]{1,2})(?: ?/ ?(?P<y>[0-9]{4}|[0-9]{2})|,? nam (?P<y0>[0-9]{4}))?"
    r"|(?<!-)(?P<d2>[0-9]{1,2})(?P<sep>[-.])(?P<m2>[0-9]{1,2})(?P=sep)(?P<y2>[0-9]{4})"
    r"|(?<!-)(?P<y3>20[0-9]{2})-(?P<m3>[0-9]{2})-(?P<d3>[0-9]{2})"
    r"|(?:(?<=ngay )|(?<=\())(?P<d4>[0-9]{1,2})[-.](?P<m4>[0-9]{1,2})"
    r"|(?P<d5>[0-9]{1,2}) thang (?P<m5>[0-9]{1,2})(?:(?:,? nam | ?[/-] ?)(?P<y5>[0-9]{4}))?"
    r")(?![0-9/]|[.,-][0-9])"
)
_BEGINS = re.compile(r"[0-9]{1,4}(?= ?[/.-] ?[0-9]| thang )")  # quick to look for; what follows decides
_BEFORE = 48  # signs that are looked at on either side
_CLOCK = r"[0-9]{1,2} ?(?:gio|h|g|:)(?: ?[0-9]{1,2})?(?: ?(?:'|’|phut))?"
_PART = r"(?:rang sang|sang som|chieu toi|sang|trua|chieu|toi|dem|khuya)"
_SURE = re.compile(
    rf"(?:(?<!/)\b(?:ngay|hom|{_PART})[ (:]*|(?:\b(?:{_WEEKDAY}|(?:{_PART}|hom|ngay|som) (?:mai|nay|qua|kia))|\b{_CLOCK})"
    r"[ ,.:(–-]*(?:ngay )?)$"
)
_OTHER_BEFORE = re.compile(
    r"(?:\b(?:cap(?: do)?(?: rui ro)?|muc(?: do)?|do rui ro|rui ro(?: thien tai)?|so|km|ql|dt|tl|ngo|hem|kiet|ngach|to|khu pho|"
    r"lo|thua|ti le|ty le|co|con|dat|khoang|hon|gan|quyet dinh|nghi dinh|thong tu|luat|chi thi|cong van|van ban|phien ban|hieu)"
    r"[ :.,()]*[0-9 ,–-]*)$"
)
_OTHER_AFTER = re.compile(
    r" (?:xa|phuong|huyen|tinh|thanh pho|tp|ho|nha|thon|ban|ap|khu|nguoi|diem|tram|tau|thuyen|phuong tien|cong trinh|so|dan|km|m|"
    r"cm|mm|ha|dien tich|chieu dai|quan so|phan|suat|cua|lop|truong|doan|don vi|dap|can bo|giong|cay|tran|con|chiec)\b"
    r"|[-/]?(?:[-/] ?[a-z])|%| ?(?:\(?(?:am lich|al|dl)\b)"
)
_LUNAR_BEFORE = re.compile(r"(?:nham|am lich|ram|mung)[ (:]*(?:ngay )?$")
_WEEKDAYS = rf"{_WEEKDAY}(?: ?(?:,|va|den|hoac|-|–) ?{_WEEKDAY})*"
_WEEKDAYS_BEFORE = re.compile(rf"(?<!lan )\b({_WEEKDAYS})[ ,.(:]*(?:cac )?(?:ngay )?$")
_WEEKDAYS_AFTER = re.compile(rf" ?[,(]? ?({_WEEKDAYS})\b(?! ?[,(]? ?(?:ngay )?[0-9])")
_ONE_WEEKDAY = re.compile(_WEEKDAY)
_EARLIER_DAY = re.compile(
    r"(?<![0-9/.,:])(?P<day>[0-9]{1,2})"
    r"(?P<joint> ?[-–—] ?| ?, ?| ?& ?| (?:va|den|toi|hoac|den het|va sang|den rang sang|rang sang|sang) )"
    rf"(?:ngay |hang ngay |{_PART} )?(?:{_WEEKDAY}[, ]*)?(?:ngay )?$"
)
_DAYS_BEGIN = re.compile(rf"(?:\b(?:ngay|tu|trong|hom|{_PART}|{_WEEKDAY}|va)|[(,–-]|^)[ ]*$")
_NUMBERS = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5}


class Weekday(NamedTuple):
    """A day of the week as it is written beside a date; 0 is Monday."""

    number: int
    start: int
    end: int


class WrittenDate(NamedTuple):
    """A day as a text says it.

    Args:
        start: Offset of its first sign, weekday left out.
        end: Behind its last.
        day: As written, perhaps none that there is.
        month: The same.
        year: None where the text says none.
        weekday: None where none stands beside it.
        is_sure: A word beside it says that it is a day, or it says its year.
    """

    start: int
    end: int
    day: int
    month: int
    year: int | None
    weekday: Weekday | None
    is_sure: bool

    def on(self, near: date) -> date | None:
        """Return the day, in the year nearest to another where it says none; None for a day that there is not."""
        years = [self.year] if self.year is not None else [near.year, near.year - 1, near.year + 1]
        days = [found for year in years if (found := _day(year, self.month, self.day))]
        return min(days, key=lambda each: abs(each - near), default=None)


def dates_in(plain: str, near: date) -> Iterator[WrittenDate]:
    """Yield the days that a text names, in their order.

    Args:
        plain: Without accents, in lower case.
        near: The alert's own day.
    """
    for _number, found in zip(range(MOST), _candidates(plain), strict=False):
        if (written := _read(plain, found, near)) is not None:
            yield from _with_weekdays(plain, [*_earlier_days(plain, written), written])


def _candidates(plain: str) -> Iterator[re.Match[str]]:
    end = 0
    for begins in _BEGINS.finditer(plain):
        if begins.start() >= end and (found := _DATE.match(plain, begins.start())):
            end = found.end()
            yield found


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _read(plain: str, found: re.Match[str], near: date) -> WrittenDate | None:
    groups = {name[0]: text for name, text in found.groupdict().items() if text is not None and name != "sep"}
    year = int(groups["y"]) if "y" in groups else None
    year = year + 2000 if year is not None and year < 100 else year
    before = plain[max(0, found.start() - _BEFORE) : found.start()]
    after = plain[found.end() : found.end() + _BEFORE]
    is_sure = bool(_SURE.search(before)) or year is not None
    if _LUNAR_BEFORE.search(before) or re.match(r" ?\(?(?:am lich|al)\b", after) or re.match(r" ?[-/] ?[a-z]", after):
        return None
    written = WrittenDate(*found.span(), int(groups["d"]), int(groups["m"]), year, None, is_sure)
    if is_sure and not re.search(r"\b(?:so|luat|quyet dinh|nghi dinh|thong tu)[ :]*$", before):
        return written
    if " thang " in found[0] and re.search(r"\b(?:den|tu|het|truoc) $", before):
        return written._replace(is_sure=True)
    return None if " thang " in found[0] or is_sure or not _is_likely(written, before, after, near) else written


def _is_likely(written: WrittenDate, before: str, after: str, near: date) -> bool:
    """Whether two numbers with a stroke between them are a day, though no word says so."""
    if _OTHER_BEFORE.search(before) or _OTHER_AFTER.match(after) or (written.day, written.month) in ((24, 7), (24, 24)):
        return False
    day = written.on(near)
    if day is None:
        return 28 < written.day <= 31 and 1 <= written.month <= 12  # 31/11 is no fraction
    return abs(day - near) <= NEAR


def _with_weekdays(plain: str, days: list[WrittenDate]) -> Iterator[WrittenDate]:
    """Yield days that share a month, each with its weekday: `thứ Bảy và Chủ nhật 19–20/9` has one for each."""
    before = [_before(plain, each.start) for each in days]
    after = _after(plain, days[-1].end)
    if len(days) > 1 and len(before[0]) > 1:
        is_each = len(before[0]) == len(days)
        yield from (
            day._replace(weekday=weekday) for day, weekday in zip(days, before[0] if is_each else [None] * len(days), strict=True)
        )
    elif len(days) > 1 and len(after) == len(days):
        yield from (day._replace(weekday=weekday) for day, weekday in zip(days, after, strict=True))
    else:
        own = [weekdays[-1] if weekdays else None for weekdays in before]
        if len(days) == 1 and own[0] is None and after:
            own = [after[0]]
        yield from (day._replace(weekday=weekday) for day, weekday in zip(days, own, strict=True))


def _before(plain: str, at: int) -> list[Weekday]:
    start = max(0, at - _BEFORE)
    found = _WEEKDAYS_BEFORE.search(plain[start:at])
    return _weekdays(found[1], start + found.start(1)) if found else []


def _after(plain: str, at: int) -> list[Weekday]:
    found = _WEEKDAYS_AFTER.match(plain[at : at + _BEFORE])
    return _weekdays(found[1], at + found.start(1)) if found else []


def _weekdays(words: str, at: int) -> list[Weekday]:
    return [Weekday(_number(each[0]), at + each.start(), at + each.end()) for each in _ONE_WEEKDAY.finditer(words)]


def _number(word: str) -> int:
    if word in {"chu nhat", "cn"}:
        return 6
    last = word.removeprefix("thu").removeprefix("t").strip()
    return int(last) - 2 if last.isdigit() else _NUMBERS[last]


def _earlier_days(plain: str, last: WrittenDate) -> Iterator[WrittenDate]:
    """Yield the days before the last that share its month: the 18 of `18 và 19/9`."""
    days: list[WrittenDate] = []
    at = last.start
    while len(days) < 8:
        before = plain[max(0, at - _BEFORE) : at]
        if (found := _EARLIER_DAY.search(before)) is None or not _begins_days(before[: found.start()], found["joint"]):
            break
        at = at - len(before) + found.start()
        if not 1 <= int(found["day"]) < last.day:  # of the month before, as in 30 - 2/10
            break
        days.append(WrittenDate(at, at + len(found["day"]), int(found["day"]), last.month, last.year, None, last.is_sure))
    yield from reversed(days)


def _begins_days(before: str, joint: str) -> bool:
    is_tight = joint in {"-", "–", "—"}
    return is_tight or bool(_DAYS_BEGIN.search(before))
