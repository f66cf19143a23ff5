"""Instants as an officer types them at a question: `20h`, `20 giờ mai`, `19/9 20:00`, `+6h`, `27/11/2026 12:00`.

What is ambiguous is refused with what to write instead: an hour that is misread sends people out of their houses at the wrong
time. Knows no question and no file.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from enum import Enum

from zalo_alert.campaign.instants import instant_of
from zalo_alert.errors import UsageError
from zalo_alert.foundation.clock import VIETNAM, in_vietnam, words
from zalo_alert.language import _

MAX_TYPED = 80  # characters; a longer one is no instant
_FARTHEST = timedelta(days=366)
_NEAR = timedelta(hours=12)  # how far from now a bare hour may be on the other side of midnight
_JUST = timedelta(hours=6)  # so long ago, or nearer, a bare hour that may lie on either side has just been
_LAST_YEAR = timedelta(days=180)  # a day without its year, so long past, is next year's

_HOUR_SIGN = "giờ|gio|hours?|h|g|:"
_CLOCK = re.compile(
    rf"(?<![0-9/.])([0-9]{{1,2}})\s*(?:{_HOUR_SIGN})\s*(?:([0-9]{{2}})(?![0-9])(?:\s*(?:phút|phut)|:00)?)?", re.IGNORECASE
)
_DATE = re.compile(
    r"(?<![0-9/.-])(?:ngày\s*|ngay\s*)?([0-9]{1,2})\s?[/.-]\s?([0-9]{1,2})(?:\s?[/.-]\s?([0-9]{4}|[0-9]{2}))?(?![0-9/.-])"
)
_ISO_DAY = re.compile(r"(?<![0-9])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])[t ]?", re.IGNORECASE)
_SHIFT = re.compile(
    r"([+-])\s*(?:([0-9]{1,3})\s*(?:d|ngày|ngay))?\s*(?:([0-9]{1,3})\s*(?:h|giờ|gio))?\s*(?:([0-9]{1,4})\s*(?:m|min|phút|phut))?"
)
_DAYS = {
    "hôm nay": 0, "hom nay": 0, "today": 0, "tối nay": 0, "toi nay": 0, "đêm nay": 0, "dem nay": 0, "chiều nay": 0,
    "chieu nay": 0, "trưa nay": 0, "trua nay": 0, "sáng nay": 0, "sang nay": 0, "tonight": 0,
    "ngày mai": 1, "ngay mai": 1, "sáng mai": 1, "sang mai": 1, "trưa mai": 1, "trua mai": 1, "chiều mai": 1,
    "chieu mai": 1, "tối mai": 1, "toi mai": 1, "mai": 1, "tomorrow": 1,
    "ngày kia": 2, "ngay kia": 2, "hôm kia": -2, "hom kia": -2, "hôm qua": -1, "hom qua": -1, "yesterday": -1,
}  # fmt: skip
_PARTS = {
    "sáng": range(0, 12), "sang": range(0, 12), "trưa": range(10, 14), "trua": range(10, 14), "chiều": range(12, 19),
    "chieu": range(12, 19), "tối": range(18, 24), "toi": range(18, 24), "am": range(0, 12), "pm": range(12, 24),
}  # fmt: skip
_NIGHT = ("đêm", "dem")  # of which day, nobody can tell: 0 giờ đêm 18/9
_WEEKDAYS = (
    ("thứ hai", "thu hai", "thứ 2", "thu 2", "monday", "mon"), ("thứ ba", "thu ba", "thứ 3", "thu 3", "tuesday", "tue"),
    ("thứ tư", "thu tu", "thứ 4", "thu 4", "wednesday", "wed"), ("thứ năm", "thu nam", "thứ 5", "thu 5", "thursday", "thu"),
    ("thứ sáu", "thu sau", "thứ 6", "thu 6", "friday", "fri"), ("thứ bảy", "thu bay", "thứ 7", "thu 7", "saturday", "sat"),
    ("chủ nhật", "chu nhat", "cn", "sunday", "sun"),
)  # fmt: skip
_WEEKDAY_OF = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}


class Side(Enum):
    """On which side of now an instant must lie: what people must do is ahead, a bulletin that is cited is behind."""

    AHEAD = 1
    BEHIND = -1
    EITHER = 0


def read_instant(typed: str, now: datetime, side: Side = Side.AHEAD) -> datetime:
    """Read an instant.

    Args:
        typed: As somebody typed it.
        now: When, with its zone.
        side: Where it must lie. A bare hour is today's; on the other side of midnight it is the nearest one. Where it may lie on
            either side, one that passed hours ago could be meant of two days, and is refused.

    Returns:
        It, to the minute, in Vietnam's time.

    Raises:
        UsageError: It is none, could mean several, can't be, or lies on the wrong side; the sentence says what to write.
    """
    text = " ".join(unicodedata.normalize("NFC", typed).casefold().replace(",", " ").split())
    now = in_vietnam(now).replace(second=0, microsecond=0)
    if len(text) > MAX_TYPED:
        raise _refused(text[:MAX_TYPED], _("is too long for a time"))
    at = _shifted(text, now) or _whole(text) or _Typed(text, now, side).instant()
    if abs(at - now) > _FARTHEST:
        raise _refused(text, _("is {instant}, more than a year away: is the date right?", instant=words(at)))
    if side.value and (at - now) * side.value < timedelta(0):
        raise _refused(text, _wrong_side(at, side))
    return at


def _wrong_side(at: datetime, side: Side) -> str:
    if side is Side.AHEAD:
        return _("is {instant}, which has passed", instant=words(at))
    return _("is {instant}, which is still to come", instant=words(at))


def _refused(text: str, why: str) -> UsageError:
    return UsageError(
        _('"{text}" {why}', text=text, why=why), hint=_("write it like {examples}", examples="20h, 20:30, 20h 19/9, 20 giờ mai")
    )


def _shifted(text: str, now: datetime) -> datetime | None:
    """Read `+6h`, `-90m`, `+1d 2h`, from now."""
    found = _SHIFT.fullmatch(text)
    if not found or not any(found.groups()[1:]):
        return None
    days, hours, minutes = (int(part or 0) for part in found.groups()[1:])
    return now + timedelta(days=days, hours=hours, minutes=minutes) * (1 if found[1] == "+" else -1)


def _whole(text: str) -> datetime | None:
    """Read an instant of ISO 8601 that names its zone."""
    try:
        return in_vietnam(instant_of(text)).replace(second=0, microsecond=0)
    except ValueError:
        return None


class _Typed:
    """A typed text under inspection: each part that is understood is taken out of it; nothing may be left."""

    def __init__(self, text: str, now: datetime, side: Side) -> None:
        self.text, self.rest, self.now, self.side = text, text, now, side

    def instant(self) -> datetime:
        day = self._date() or self._day_word()
        weekday = self._take(_WEEKDAY_OF)
        hour, minute = self._clock()
        day = self._on_weekday(day, weekday)
        if self.rest.strip(" .;-–"):
            raise _refused(self.text, _('is not understood: what does "{rest}" mean?', rest=self.rest.strip()))
        if day is None:
            return self._nearest(hour, minute)
        return self._at(day, hour, minute)

    def _at(self, day: date, hour: int, minute: int) -> datetime:
        midnight = datetime(day.year, day.month, day.day, tzinfo=VIETNAM)
        return midnight + timedelta(hours=hour, minutes=minute)

    def _nearest(self, hour: int, minute: int) -> datetime:
        """Return today's, or that of the nearest day where today's lies on the wrong side."""
        today = self._at(self.now.date(), hour, minute)
        sign = self.side.value
        if not sign:
            return self._on_either_side(today)
        if (today - self.now) * sign >= timedelta(0):
            return today
        if sign > 0 and hour <= 12 and (later := today + _NEAR) >= self.now and later.date() == today.date():
            raise _refused(
                self.text,
                _(
                    "has passed today: write {later}, or {tomorrow}",
                    later=f"{later:%H:%M}",
                    tomorrow=f"{today:%H:%M} mai",
                ),
            )
        near = today + timedelta(days=sign)
        return near if abs(near - self.now) <= _NEAR else today

    def _on_either_side(self, today: datetime) -> datetime:
        """Return today's where it is ahead or has just been, tomorrow's where that is nearer; between them, nobody can tell."""
        day = timedelta(days=1)
        if today - self.now >= day - _JUST:
            raise self._of_which_day(today - day, today)
        if self.now - today <= _JUST:
            return today
        if self.now - today < _NEAR:
            raise self._of_which_day(today, today + day)
        return today + day

    def _of_which_day(self, *days: datetime) -> UsageError:
        first, second = (f"{at:%H:%M} {at.day}/{at.month}" for at in days)
        return _refused(self.text, _("is ambiguous: write {first}, or {second}", first=first, second=second))

    def _date(self) -> date | None:
        if found := _ISO_DAY.search(self.rest):
            year, month, day = (int(part) for part in found.groups())
        elif found := _DATE.search(self.rest):
            day, month = int(found[1]), int(found[2])
            year = int(found[3]) if found[3] else 0
            year += 2000 if 0 < year < 100 else 0
        else:
            return None
        self._cut(found)
        return self._calendar(day, month, year)

    def _calendar(self, day: int, month: int, year: int) -> date:
        try:
            when = date(year or self.now.year, month, day)
        except ValueError as exc:
            if month > 12 and day <= 12:
                why = _("has a month that does not exist: the day comes first, {swapped}", swapped=f"{month}/{day}")
                raise _refused(self.text, why) from exc
            raise _refused(self.text, _("has a day that does not exist, {day}/{month}", day=day, month=month)) from exc
        if not year and self.side is not Side.BEHIND and self.now.date() - when > _LAST_YEAR:
            return when.replace(year=when.year + 1)
        if not year and self.side is Side.BEHIND and when - self.now.date() > _LAST_YEAR:
            return when.replace(year=when.year - 1)
        return when

    def _day_word(self) -> date | None:
        """Take a word for a day, but for the part of the day in it: in `8h tối mai` it says which eight."""
        for word in sorted(_DAYS, key=len, reverse=True):
            if found := re.search(rf"\b{word}\b", self.rest):
                part = word.split()[0] if word.split()[0] in {*_PARTS, *_NIGHT} else ""
                self._cut(found, part)
                return self.now.date() + timedelta(days=_DAYS[word])
        return None

    def _take(self, table: dict[str, int]) -> int | None:
        for word in sorted(table, key=len, reverse=True):
            if found := re.search(rf"\b{word}\b", self.rest):
                self._cut(found)
                return table[word]
        return None

    def _on_weekday(self, day: date | None, weekday: int | None) -> date | None:
        """Hold a weekday against the day, or find the next day of that name."""
        if weekday is None:
            return day
        if day is None:
            ahead = (weekday - self.now.weekday()) % 7
            return self.now.date() + timedelta(days=ahead if self.side is not Side.BEHIND else ahead - 7 if ahead else 0)
        if day.weekday() != weekday:
            name = _WEEKDAYS[day.weekday()][0]
            raise _refused(
                self.text, _("does not agree: {day}/{month} is a {weekday}", day=day.day, month=day.month, weekday=name)
            )
        return day

    def _clock(self) -> tuple[int, int]:
        found = _CLOCK.search(self.rest) or re.search(r"(?<![0-9])([0-9]{1,2})(?P<none>)\s*(?=(?:am|pm)\b)", self.rest)
        if not found:
            raise _refused(self.text, self._without_clock())
        hour, minute = int(found[1]), int(found[2] or 0)
        self._cut(found)
        if hour > 24 or minute > 59 or (hour == 24 and minute):
            raise _refused(self.text, _("has an hour that does not exist"))
        return self._in_part_of_day(hour), minute

    def _without_clock(self) -> str:
        if re.fullmatch(r"[0-9]{1,4}", self.rest.strip()):
            return _("is a number: write the hour as {example}", example=f"{self.rest.strip()[:2]}h")
        if self.rest != self.text:
            return _("says no hour: add it, such as {example}", example=f"20h {self.text}")
        return _("is not understood as a time")

    def _in_part_of_day(self, hour: int) -> int:
        """Return the hour of 24: eight in the evening is 20."""
        for part in _NIGHT:
            if re.search(rf"\b{part}\b", self.rest):
                raise _refused(self.text, _("is ambiguous: a night has two days; write the hour of 24 and the date"))
        for part, hours in _PARTS.items():
            if found := re.search(rf"\b{part}\b", self.rest):
                self._cut(found)
                return self._fitting(hour, part, hours)
        return hour

    def _fitting(self, hour: int, part: str, hours: range) -> int:
        fits = [given for given in dict.fromkeys((hour, hour + 12, hour - 12)) if given in hours and given < 24]
        if not fits or (hour == 12 and part in ("am", "pm")):
            raise _refused(self.text, _('is ambiguous: {hour} does not fit "{part}"; write the hour of 24', hour=hour, part=part))
        return fits[0]

    def _cut(self, found: re.Match[str], instead: str = "") -> None:
        self.rest = f"{self.rest[: found.start()]} {instead} {self.rest[found.end() :]}"
