"""A piece of an OA's list: a tag and a stretch of days; and what to ask instead of one that is too large.

Pure. A stretch of days is halved until Zalo can show it whole. That is also how the days worth asking are found: halving begins
with all of them, and a half before the OA's first follower is empty and costs one call.
"""

from datetime import date, timedelta
from typing import NamedTuple

from zalo_alert.language import _

_ALL_DAYS_BEGIN = date(1970, 1, 1)  # before anyone could follow anything
_DAY = timedelta(days=1)


class Piece(NamedTuple):
    """Some followers.

    Args:
        tag: Those with this tag; "" whatever their tags.
        first: The first day of their last interaction; None whatever the day, also those without one.
        last: The last such day.
    """

    tag: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def period(self) -> str:
        """The days as Zalo writes them; "" for all."""
        return f"{self.first:%Y_%m_%d}:{self.last:%Y_%m_%d}" if self.first and self.last else ""

    @property
    def is_listed_anyway(self) -> bool:
        """Whether as much of it is listed as Zalo shows, even when it is too large: its parts may not hold everyone."""
        return self.first is None or self.first == self.last

    def __str__(self) -> str:
        days = self._days()
        return _("{days}, tag {tag}", days=days, tag=self.tag) if self.tag else days

    def _days(self) -> str:
        if self.first is None:
            return _("all days")
        return f"{self.first}" if self.first == self.last else _("{first} to {last}", first=self.first, last=self.last)


# Nobody's: whoever is listed here shows that days are not heeded. Not the first day: "never" may be kept as 0 seconds since 1970.
NO_DAY = Piece("", date(1971, 1, 1), date(1971, 1, 1))
_WINDOW = 7  # days: what a consultation message goes by


def start(tags: tuple[str, ...], today: date | None) -> list[Piece]:
    """Return where to begin: everyone; for each tag whoever has it, since nothing else tells who does; and the last days.

    Args:
        tags: Of the OA.
        today: The days before it are asked for one by one: whom a consultation message reaches hangs on them. None leaves them.
    """
    days = [today - _DAY * ago for ago in range(_WINDOW, -1, -1)] if today else []
    return [Piece(), *(Piece(tag) for tag in tags), *(Piece("", day, day) for day in days)]


def cut(piece: Piece, tags: tuple[str, ...], today: date) -> list[Piece]:
    """Return what to ask instead of a piece that is too large; nothing for a tag's single day, which can't be cut.

    Args:
        piece: The one.
        tags: Of the OA.
        today: The last day; the next one is asked as well, for nobody says in which zone Zalo's days begin.
    """
    tag, first, last = piece
    if first is None or last is None:
        return [Piece(tag, _ALL_DAYS_BEGIN, today + _DAY)]
    if first < last:
        middle = first + (last - first) // 2
        return [Piece(tag, first, middle), Piece(tag, middle + _DAY, last)]
    return [] if tag else [Piece(other, first, last) for other in tags]


def since(last_asked: date, today: date) -> Piece:
    """Return the days that have come since the list was begun: who was seen meanwhile has moved there."""
    return Piece("", last_asked, today + _DAY)
