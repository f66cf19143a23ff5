"""A timetable as people write it: `mon,thu 07:30`, `monthly 1 08:00`, `2026-12-05 07:30`, `thứ hai 07:30`."""

import re
import unicodedata
from datetime import date, time

from zalo_alert.errors import UsageError
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.language import _
from zalo_alert.timetable.times import LAST_DAY, Timetable

MAX_CHARACTERS = 120
MOST_TIMES = 24  # a day
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_VIETNAMESE = ("hai", "ba", "tư", "năm", "sáu", "bảy")
_EXAMPLES = "mon 07:30 · mon,thu 07:30 · daily 06:00 · monthly 1 08:00 · 2026-12-05 07:30 · thứ hai 07:30"
_TIMES = re.compile(r"(?:^|[ ,])(?:at |lúc )?([0-9]{1,2}(?:[:hg][0-9]{2}|[hg])(?: ?, ?[0-9]{1,2}(?:[:hg][0-9]{2}|[hg]))*)$")
_TIME = re.compile(r"([0-9]{1,2})[:hg]([0-9]{2})?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})|(?:ngày )?([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_EVERY = re.compile(r"(?:every|mỗi) ([0-9]{1,3}) ?(?:min|mins|minutes|phút)")
_EACH = re.compile(r"^(?:every|on|mỗi|vào) (?!day$|month |ngày$)")
_ORDINAL = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?")
_DAILY = frozenset({"daily", "every day", "hằng ngày", "hàng ngày", "mỗi ngày", "hang ngay", "moi ngay"})
_LAST = frozenset({"last", "cuối", "cuối tháng"})
_IS_MONTHLY = re.compile(
    r"^(?:monthly|every month) (.+)$|^(?:ngày|ngay|mồng|mùng) (.+?)(?: (?:(?:hằng|hàng|mỗi) tháng|(?:hang|moi) thang))?$"
)


def read_timetable(text: str) -> Timetable:
    """Read a timetable; its times are Vietnam's.

    Raises:
        UsageError: It is none, or it means nothing that comes.
    """
    tidy = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    if not tidy or len(tidy) > MAX_CHARACTERS or not tidy.isprintable():
        raise _unreadable(text)
    if every := _EVERY.fullmatch(tidy):
        return _every(tidy, int(every[1]))
    found = _TIMES.search(tidy)
    if found is None:
        raise UsageError(
            _('"{text}" says no time of day', text=_shown(text)),
            hint=_("write it like one of these: {examples}", examples=_EXAMPLES),
        )
    days, times = _EACH.sub("", tidy[: found.start()].strip(" ,")), _times(found[1])
    if not days:
        raise UsageError(
            _('"{text}" says no day', text=_shown(text)),
            hint=_("write daily {text} for every day, or one of these: {examples}", text=tidy, examples=_EXAMPLES),
        )
    return _of_days(text, tidy, days, times)


def _of_days(text: str, tidy: str, days: str, times: tuple[time, ...]) -> Timetable:
    if days in _DAILY:
        return Timetable(tidy, times, weekdays=frozenset(range(7)))
    if found := _DATE.fullmatch(days):
        return Timetable(tidy, times, day=_date(found, days))
    if monthly := _month_days(days):
        return Timetable(tidy, times, month_days=monthly)
    return Timetable(tidy, times, weekdays=_weekdays(text, days))


def _times(text: str) -> tuple[time, ...]:
    times = set()
    for hour, minute in _TIME.findall(text):
        if int(hour) > 23 or int(minute or 0) > 59:
            raise UsageError(
                _("there is no {time} on a clock", time=f"{hour}:{minute or '00'}"),
                hint=_("times go from 00:00 to 23:59, and are Vietnam's"),
            )
        times.add(time(int(hour), int(minute or 0)))
    if len(times) > MOST_TIMES:
        raise UsageError(_("these are more than {most} times a day", most=MOST_TIMES))
    return tuple(sorted(times))


def _every(tidy: str, minutes: int) -> Timetable:
    comes_out_even = minutes and (not 60 % minutes if minutes < 60 else not minutes % 60 and not 1440 % minutes)
    if not comes_out_even:
        raise UsageError(
            _("every {minutes} minutes doesn't come out even in an hour or a day", minutes=minutes),
            hint=_("take 1, 2, 5, 10, 15, 20, 30, 60 or 120"),
        )
    return Timetable(tidy, every_min=minutes)


def _date(found: re.Match[str], days: str) -> date:
    year, month, day = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    try:
        made = date(int(year), int(month), int(day))
    except ValueError as exc:
        raise UsageError(_("there is no {day} in any calendar", day=days), hint=_("put the date right")) from exc
    if not 2000 <= made.year <= 2100:
        raise UsageError(_("{day} is in the year {year}: is the date right?", day=days, year=made.year))
    return made


def _month_days(days: str) -> frozenset[int]:
    monthly = _IS_MONTHLY.match(days)
    named = (monthly[1] or monthly[2]) if monthly else days
    parts = [part.strip().removeprefix("ngày ") for part in named.split(",")]
    if not monthly and not all(part in _LAST or re.fullmatch(r"[0-9]{1,2}(?:st|nd|rd|th)", part) for part in parts):
        return frozenset()
    return frozenset(map(_month_day, parts))


def _month_day(part: str) -> int:
    if part in _LAST:
        return LAST_DAY
    found = _ORDINAL.fullmatch(part)
    if found is None or not 1 <= int(found[1]) <= 31:
        raise UsageError(_('no month has a day "{day}"', day=part), hint=_("write 1 to 28, or last for the last day of a month"))
    if int(found[1]) > 28:
        raise UsageError(
            _("not every month has a day {day}", day=int(found[1])),
            hint=_("write 1 to 28, or last for the last day of a month"),
        )
    return int(found[1])


def _weekdays(text: str, days: str) -> frozenset[int]:
    chosen: set[int] = set()
    for part in re.split(r"[,;]| và | and ", days):
        first, dash, last = (side.strip() for side in part.partition("-"))
        begin = _weekday(first, text)
        end = _weekday(last, text) if dash else begin
        chosen |= {(begin + number) % 7 for number in range((end - begin) % 7 + 1)}
    return frozenset(chosen)


def _weekday(word: str, text: str) -> int:
    if word in _WORDS:
        return _WORDS[word]
    if not word:
        raise _unreadable(text)
    meant = did_you_mean([f'"{near}"' for near in nearest(word, _WORDS)])
    raise UsageError(
        _('"{word}" is no day that recurs', word=word[:40]),
        hint=meant or _("write it like one of these: {examples}", examples=_EXAMPLES),
    )


def _unreadable(text: str) -> UsageError:
    return UsageError(
        _('"{text}" is no timetable', text=_shown(text)), hint=_("write it like one of these: {examples}", examples=_EXAMPLES)
    )


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else "·" for sign in text[:MAX_CHARACTERS])


def _day_words() -> dict[str, int]:
    english = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    found = {word: day for day, word in enumerate(_WEEK)} | {word: day for day, word in enumerate(english)}
    for day, name in enumerate(_VIETNAMESE):
        found |= dict.fromkeys((f"thứ {name}", f"thứ {day + 2}", f"thứ{day + 2}", f"t{day + 2}", name), day)
    found |= dict.fromkeys(("thứ tư", "thứ 4"), 2) | dict.fromkeys(("chủ nhật", "chúa nhật", "cn"), 6)
    return found | {_without_marks(word): day for word, day in found.items() if " " in word}


def _without_marks(word: str) -> str:
    """Return a word as it is typed where there are no Vietnamese keys."""
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


_WORDS = _day_words()
