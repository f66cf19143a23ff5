"""Rules of time: a warning says when, on a day that there is, and on the right one."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from zalo_alert.campaign.follow_up import ALERT
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.language import _
from zalo_alert.wording.dates import WrittenDate
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.hours import WrittenHour
from zalo_alert.wording.relative_days import RelativeDay, relative_days_in
from zalo_alert.wording.rule import ALL_CLEAR, CORRECTION, NOT_THERE, Rule, Spot
from zalo_alert.wording.text import Text

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_BEFORE, _AFTER = timedelta(days=1), timedelta(days=1)  # yesterday's bulletin, rain that lasts on
_AROUND_NEW_YEAR = timedelta(days=31)
# A day of another year is meant where a text speaks of a law or of an earlier flood.
_PAST = re.compile(
    r"\b(?:quyết định|nghị định|thông tư|luật|chỉ thị|lịch sử|từng|kỷ lục|so với|ban hành|năm ngoái|lần trước|"
    r"(?:trận|cơn|đợt|như) (?:trận|cơn|đợt|bão|lũ|lụt|mưa|năm)|mùa lũ)\b"
)
_LATEST_SPOKEN = 12  # the last hour of a clock with two halves
_CLOCK_BEFORE = re.compile(r"\b(?:lúc|vào|hồi|từ|trước|đến|tới|sau|luc|vao|hoi|tu|truoc|den|toi) $")
_NOT_A_CLOCK = re.compile(r"\b(?:báo trước|thông báo trước|từ [0-9]{1,2}(?: giờ)? đến|trong) $")
_DAY_AFTER = re.compile(r"[ ,]*(?:ngày |(?:hôm|sáng|trưa|chiều|tối|đêm) (?:nay|mai)|thứ |chủ nhật|[0-9]{1,2}/[0-9])")
_CLAUSE_END = re.compile(r" ?(?:phút|phut|'|$|[.,;:()\n–-]|ngày |thứ |hôm |sáng|trưa|chiều|tối|đêm)")
_LATER_PARTS = {"chiều": 12, "tối": 12, "pm": 12, "ch": 12, "trưa": 4, "đêm": 12, "am": 12, "sa": 12}


def _no_time(text: Text) -> Iterator[Spot]:
    if not text.dates and not any(not hour.is_span for hour in text.hours):
        yield Spot(
            0, 0, _("says nowhere when it was issued, or until when it holds"),
            _("write day and hour, such as: Phát lúc {issued}", issued="{{ effective }}"),
        )  # fmt: skip


def _no_date(text: Text) -> Iterator[Spot]:
    if not text.dates and any(not hour.is_span for hour in text.hours) and not relative_days_in(text.lowered):
        yield Spot(
            0, 0, _("names hours, and nowhere a day: whoever reads it tomorrow takes it for tomorrow's"),
            _("write day and hour, such as: Phát lúc {issued}", issued="{{ effective }}"),
        )  # fmt: skip


def _spot(text: Text, start: int, end: int, message: str, fix: str) -> Spot:
    return Spot(*text.place(start, end), message, fix)


def _written(text: Text, start: int, end: int) -> str:
    return text.seen[start:end]


def _day(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day.day}/{day.month}"


def _weekday(text: Text) -> Iterator[Spot]:
    for each in text.dates:
        day = each.on(text.effective)
        if day is not None and each.weekday is not None and each.weekday.number != day.weekday():
            start, end = min(each.start, each.weekday.start), max(each.end, each.weekday.end)
            yield _spot(
                text, start, end,
                _('says "{words}", and {day} is a {weekday}', words=_written(text, start, end), day=_number(day),
                  weekday=_WEEKDAYS[day.weekday()]),
                _("write {right}, or the day that was meant", right=_day(day)),
            )  # fmt: skip


def _number(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def _no_such_date(text: Text) -> Iterator[Spot]:
    for each in text.dates:
        if each.on(text.effective) is None:
            yield _spot(
                text, each.start, each.end,
                _('"{words}" is no day of the calendar', words=_written(text, each.start, each.end)),
                _("write the day that was meant"),
            )  # fmt: skip


def _no_such_hour(text: Text) -> Iterator[Spot]:
    for each in text.hours:
        if not each.is_span and _is_impossible(text.lowered, each):
            yield _spot(
                text, each.start, each.end,
                _('"{words}" is no hour of the day', words=_written(text, each.start, each.end)),
                _("write the hour from 0 to 24, such as 20 giờ 30"),
            )  # fmt: skip


def _is_impossible(lowered: str, hour: WrittenHour) -> bool:
    before, after = lowered[max(0, hour.start - 24) : hour.start], lowered[hour.end : hour.end + 24]
    if hour.hour > 24:
        is_clock = bool(_CLOCK_BEFORE.search(before)) and not _NOT_A_CLOCK.search(before)
        likely = is_clock and (hour.hour < 30 or before.endswith(("lúc ", "luc ", "hồi ", "hoi ")))
        return likely or bool(hour.part) or bool(_DAY_AFTER.match(after))
    if hour.minute is not None and (hour.minute > 59 or (hour.hour == 24 and hour.minute > 0)):
        return bool(hour.part or _CLAUSE_END.match(after)) or not after
    return hour.part == "sáng" and hour.hour > _LATEST_SPOKEN and not lowered[hour.end :].startswith((" sớm", " mai"))


def _twelve_hour_clock(text: Text) -> Iterator[Spot]:
    for each in text.hours:
        if not each.is_span and each.hour <= _LATEST_SPOKEN and _is_twelve(each):
            yield _spot(
                text, each.start, each.end,
                _('"{words}" can be misread by half a day', words=_written(text, each.start, each.end)),
                _("write the hour of the 24-hour clock: {right}", right=_of_24(each)),
            )  # fmt: skip


def _is_twelve(hour: WrittenHour) -> bool:
    most = _LATER_PARTS.get(hour.part, 0)
    if hour.part == "đêm":
        return hour.hour >= 6
    if hour.part in {"trưa", "chiều", "tối"}:
        return hour.hour < most
    return bool(most)


def _of_24(hour: WrittenHour) -> str:
    is_later = hour.part in {"chiều", "tối", "pm", "ch", "trưa", "đêm"} and hour.hour < _LATEST_SPOKEN
    number = hour.hour + 12 if is_later else 0 if hour.part in {"đêm", "am", "sa"} and hour.hour == _LATEST_SPOKEN else hour.hour
    return f"{number} giờ {hour.minute:02}" if hour.minute else f"{number} giờ"


def _is_outside_years(text: Text, each: WrittenDate) -> bool:
    day = each.on(text.effective)
    if day is None or each.year is None:
        return False
    first, last = text.effective, in_vietnam(text.campaign.expires).date()
    return day.year not in range(first.year, last.year + 1) and not first - _AROUND_NEW_YEAR <= day <= last + _AROUND_NEW_YEAR


def _other_year(text: Text) -> Iterator[Spot]:
    for each in text.dates:
        if _is_outside_years(text, each) and not _speaks_of_past(text, each):
            yield _spot(
                text, each.start, each.end,
                _('"{words}" is of another year than the alert, {year}', words=_written(text, each.start, each.end),
                  year=text.effective.year),
                _("write the year of the alert, or leave the year out"),
            )  # fmt: skip


def _speaks_of_past(text: Text, each: WrittenDate) -> bool:
    sentence = text.sentence_at(each.start)
    return bool(_PAST.search(text.lowered[max(sentence.start, each.start - 120) : each.start]))


def _date_outside(text: Text) -> Iterator[Spot]:
    first, last = text.effective - _BEFORE, in_vietnam(text.campaign.expires).date() + _AFTER
    for each in text.dates:
        day = each.on(text.effective)
        if day is None or first <= day <= last or _is_outside_years(text, each) or _speaks_of_past(text, each):
            continue
        yield _spot(
            text, each.start, each.end,
            _('"{words}" lies outside the time that the alert is in force, {first} to {last}',
              words=_written(text, each.start, each.end), first=_short(text.effective), last=_short(last - _AFTER)),
            _("check the day; an alert of an earlier day may have been copied"),
        )  # fmt: skip


def _short(day: date) -> str:
    return f"{day.day}/{day.month}"


def _relative_day(text: Text) -> Iterator[Spot]:
    said: set[int] = set()
    for each in relative_days_in(text.lowered):
        words, right = _written(text, each.start, each.end), _meant(text, each)
        beside = _beside(text, each)
        if beside is not None and text.as_read.part == ALERT and beside not in _may_be(text, each):
            yield _spot(
                text, each.start, each.end,
                _('"{words}" stands beside {written}, and the alert is of {effective}', words=words, written=_short(beside),
                  effective=_short(text.effective)),
                _('write the day that was meant, such as "{words} ({day})"', words=words, day=_short(right)),
            )  # fmt: skip
        elif _has_day(text, each):
            said.add(each.shift)
        elif each.shift not in said and not _is_of_dated(text, each):
            yield _spot(
                text, each.start, each.end,
                _('says "{words}" without a date: whoever reads it a day late goes by the wrong day', words=words),
                _('write the date beside it: "{words} ({day})"', words=words, day=_short(right)),
            )  # fmt: skip


def _relative_today(text: Text) -> Iterator[Spot]:
    said = any(_has_day(text, each) for each in relative_days_in(text.lowered) if not each.shift)
    for each in relative_days_in(text.lowered):
        if not said and _is_of_dated(text, each) and not _has_day(text, each):
            said = True
            words = _written(text, each.start, each.end)
            yield _spot(
                text, each.start, each.end,
                _('"{words}" is to be understood from the date above only', words=words),
                _('write the date beside it: "{words} ({day})"', words=words, day=_short(_meant(text, each))),
            )  # fmt: skip


def _is_of_dated(text: Text, each: RelativeDay) -> bool:
    """Whether it is the day of the alert itself, whose date stands further up: `Phát lúc 14 giờ 18/9. … hôm nay …`."""
    return not each.shift and any(day.start < each.start and day.on(text.effective) == text.effective for day in text.dates)


def _meant(text: Text, each: RelativeDay) -> date:
    return text.effective + timedelta(days=each.shift)


def _may_be(text: Text, each: RelativeDay) -> set[date]:
    """Return the days that may be meant: a night has two, and late in the evening people write for those who read it after."""
    at = in_vietnam(text.campaign.effective)
    days = {_meant(text, each)}
    if each.is_night or at.hour >= 18:
        days.add(_meant(text, each) + timedelta(days=1))
    if at.hour < 6:
        days.add(_meant(text, each) - timedelta(days=1))
    return days


def _beside(text: Text, each: RelativeDay) -> date | None:
    """Return the day that stands right behind: `tối nay (18/9)`."""
    for written in text.dates:
        if 0 <= written.start - each.end <= 8 and re.fullmatch(r"[ ,(]*(?:ngày |ngay )?", text.lowered[each.end : written.start]):
            return written.on(text.effective)
    return None


def _has_day(text: Text, each: RelativeDay) -> bool:
    start, end = text.sentence_at(each.start)
    if any(start <= written.start < end for written in text.dates):
        return True
    return bool(
        re.match(r" ?[(,]? ?(?:ngày|ngay|mồng|mùng|mong|mung) [0-9]{1,2}(?![0-9])", text.lowered[each.end : each.end + 16])
    )


RULES = (
    Rule("no-time", Severity.ERROR, _no_time, {CORRECTION: None, ALL_CLEAR: Severity.WARNING}, of_whole=True),
    Rule("no-date", Severity.WARNING, _no_date, NOT_THERE, of_whole=True),
    Rule("weekday", Severity.ERROR, _weekday),
    Rule("no-such-date", Severity.ERROR, _no_such_date),
    Rule("no-such-hour", Severity.ERROR, _no_such_hour),
    Rule("other-year", Severity.ERROR, _other_year),
    Rule("relative-day", Severity.ERROR, _relative_day),
    Rule("relative-today", Severity.WARNING, _relative_today),
    Rule("date-outside", Severity.WARNING, _date_outside),
    Rule("twelve-hour-clock", Severity.WARNING, _twelve_hour_clock),
)
