"""Numbers, spans and instants in a sentence, as Vietnamese and English readers write them. Knows nothing of alerts."""

from datetime import date, datetime, timedelta

from zalo_alert.language.catalogue import Catalogue, Language
from zalo_alert.language.sentences import Kinds, Phrase, _, _n

_GAP = "\u202f"  # English here sets a thin gap between thousands, so that no comma and no point can be misread
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS_VI = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


class Count(Phrase):
    """A whole number with its thousands set apart: `66 221` in English, `66.221` in Vietnamese."""

    __slots__ = ("number",)
    number: int

    def __new__(cls, number: int) -> "Count":
        """Write it in English: the gap from five digits on."""
        self = super().__new__(cls, f"{number:,}".replace(",", _GAP) if abs(number) >= 10_000 else f"{number}")
        self.number = number
        return self

    def __reduce__(self) -> "tuple[type, tuple[int]]":
        return Count, (self.number,)

    def said_in(self, catalogue: Catalogue) -> str:
        """See `Phrase`."""
        if catalogue.has_plain_digits:
            return f"{self.number}"
        return f"{self.number:,}".replace(",", ".") if catalogue.language is Language.VI else str.__str__(self)

    def packed(self) -> "list[object]":
        """See `Phrase`."""
        return ["n", self.number]


class Decimal(Phrase):
    """A number with places after the point, which is a comma in Vietnamese."""

    __slots__ = ("number", "places")
    number: float
    places: int

    def __new__(cls, number: float, places: int) -> "Decimal":
        """Write it in English."""
        self = super().__new__(cls, f"{number:.{places}f}")
        self.number, self.places = number, places
        return self

    def __reduce__(self) -> "tuple[type, tuple[float, int]]":
        return Decimal, (self.number, self.places)

    def said_in(self, catalogue: Catalogue) -> str:
        """See `Phrase`."""
        english = str.__str__(self)
        return english.replace(".", ",") if catalogue.language is Language.VI else english

    def packed(self) -> "list[object]":
        """See `Phrase`."""
        return ["d", self.number, self.places]


class Moment(Phrase):
    """A time of day with its day: `04:52 Fri 27/11`, `04:52 thứ Sáu 27/11`; the year where it is not the reader's.

    Args:
        at: An instant, in the zone it is to be read in.
        this_year: The reader's year.
        seconds: Whether to write them.
    """

    __slots__ = ("at", "seconds", "this_year")
    at: datetime
    this_year: int
    seconds: bool

    def __new__(cls, at: datetime, this_year: int, *, seconds: bool = False) -> "Moment":
        """Write it in English."""
        self = super().__new__(cls, _moment(at, this_year, seconds, _DAYS_EN))
        self.at, self.this_year, self.seconds = at, this_year, seconds
        return self

    def __reduce__(self) -> "tuple[object, tuple[str, int, bool]]":
        return _moment_of, (self.at.isoformat(), self.this_year, self.seconds)

    def said_in(self, catalogue: Catalogue) -> str:
        """See `Phrase`."""
        days = _DAYS_VI if catalogue.language is Language.VI else _DAYS_EN
        return _moment(self.at, self.this_year, self.seconds, days)

    def packed(self) -> "list[object]":
        """See `Phrase`."""
        return ["m", self.at.isoformat(), self.this_year, self.seconds]


def _moment(at: datetime, this_year: int, seconds: bool, days: "tuple[str, ...]") -> str:
    clock = f"{at:%H:%M:%S}" if seconds else f"{at:%H:%M}"
    year = "" if at.year == this_year else f"/{at.year}"
    return f"{clock} {days[at.weekday()]} {at.day}/{at.month}{year}"


def _moment_of(iso: str, this_year: int, seconds: bool) -> Moment:
    return Moment(datetime.fromisoformat(iso), this_year, seconds=seconds)


class Day(Phrase):
    """A day with its name: `Fri 27/11/2026`, `thứ Sáu 27/11/2026`."""

    __slots__ = ("day",)
    day: date

    def __new__(cls, day: date) -> "Day":
        """Write it in English."""
        self = super().__new__(cls, f"{_DAYS_EN[day.weekday()]} {day.day}/{day.month}/{day.year}")
        self.day = day
        return self

    def __reduce__(self) -> "tuple[object, tuple[str]]":
        return _day_of, (self.day.isoformat(),)

    def said_in(self, catalogue: Catalogue) -> str:
        """See `Phrase`."""
        if catalogue.language is not Language.VI:
            return str.__str__(self)
        return f"{_DAYS_VI[self.day.weekday()]} {self.day.day}/{self.day.month}/{self.day.year}"

    def packed(self) -> "list[object]":
        """See `Phrase`."""
        return ["y", self.day.isoformat()]


def _day_of(iso: str) -> Day:
    return Day(date.fromisoformat(iso))


Kinds.by_name |= {"n": Count, "d": Decimal, "m": _moment_of, "y": _day_of}


def moment(at: datetime, today: date, *, seconds: bool = False) -> str:
    """Write an instant as short as is clear: the time alone when it is today, otherwise with its day.

    Args:
        at: In the zone it is to be read in.
        today: The reader's day, in that zone.
        seconds: Whether to write them.
    """
    if at.date() == today:
        return f"{at:%H:%M:%S}" if seconds else f"{at:%H:%M}"
    return Moment(at, today.year, seconds=seconds)


def count(number: int) -> str:
    """Write a number with its thousands set apart: `66 221`, in Vietnamese `66.221`."""
    return Count(number)


def decimal(number: float, places: int = 1) -> str:
    """Write a number with so many places: `12.2`, in Vietnamese `12,2`."""
    return Decimal(number, places)


def persons(number: int) -> str:
    """Count people: `1 person`, `19 796 people`."""
    return _n("{count} person", "{count} people", number, count=count(number))


def rate(per_s: float) -> str:
    """Write a rate: `66.1/s`, `22 800/s`."""
    return _("{number}/s", number=decimal(per_s) if per_s < 100 else count(round(per_s)))


def span(time: timedelta) -> str:
    """Write a stretch of time: `20 s`, `7 min`, `3 h 05 min`, `2 d 4 h`."""
    seconds = max(0, round(time.total_seconds()))
    if seconds < 120:
        return _("{seconds} s", seconds=seconds)
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return _("{minutes} min", minutes=minutes)
    if hours < 48:
        return _("{hours} h {minutes} min", hours=hours, minutes=f"{minutes:02}")
    return _("{days} d {hours} h", days=hours // 24, hours=hours % 24)
