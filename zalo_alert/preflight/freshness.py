"""How old what a follower book knows is, province by province: who moved away is warned where they lived."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.book import PlaceFreshness
from zalo_alert.errors import Cure
from zalo_alert.language import _, _n, count, decimal, joined
from zalo_alert.preflight.doctor import Check
from zalo_alert.preflight.token_health import Grade

MONTHS = 12  # a household of which nobody has heard for longer may have moved, or follows from another telephone
STALE_PERCENT = 50.0  # of a province
LEAST_PEOPLE = 100  # of fewer, a share says nothing
NAMED = 5  # provinces in one warning


class ProvinceFreshness(NamedTuple):
    """How old what is known of a province's people is.

    Args:
        key: Of today's province; of a place that is in none, its own.
        people: All of them.
        stale: Of whom nothing was updated, and who were not seen, for the months that count.
        updated_at: When something of any of them was updated last.
        seen_at: When any of them was seen last; None where none ever was.
    """

    key: str
    people: int
    stale: int
    updated_at: datetime | None
    seen_at: datetime | None

    @property
    def percent(self) -> float:
        """How many per cent of the people are stale."""
        return 100 * self.stale / self.people if self.people else 0.0


def by_province(rows: Iterable[PlaceFreshness]) -> tuple[ProvinceFreshness, ...]:
    """Gather the places of a book into today's provinces, those with the largest stale share first."""
    found: dict[str, ProvinceFreshness] = {}
    for row in rows:
        key = _province_of(row.place)
        before = found.get(key, ProvinceFreshness(key, 0, 0, None, None))
        found[key] = ProvinceFreshness(
            key, before.people + row.people, before.stale + row.stale,
            _latest(before.updated_at, row.updated_at), _latest(before.seen_at, row.seen_at),
        )  # fmt: skip
    return tuple(sorted(found.values(), key=lambda each: (-each.percent, -each.people, each.key)))


def _province_of(place: str) -> str:
    mask = places.mask_of(place)
    return next((province.key for province in places.PROVINCES if province.mask & mask), place)


def _latest(*instants: datetime | None) -> datetime | None:
    return max(filter(None, instants), default=None)


def check_freshness(account: str, rows: Sequence[ProvinceFreshness], months: int = MONTHS) -> list[Check]:
    """Name the provinces of an account of most of whose people nothing was heard for months; nothing when all is well.

    Args:
        account: Whose book.
        rows: Its provinces.
        months: After how many a person counts as stale.
    """
    stale = [row for row in rows if row.people >= LEAST_PEOPLE and row.percent >= STALE_PERCENT]
    if not stale:
        return []
    named = _named(stale, lambda row: _("{place} {percent} %", place=places.name_of(row.key), percent=decimal(row.percent, 0)))
    said = _n(
        "of most people in {provinces} province nothing was heard for {months} months: {named}",
        "of most people in {provinces} provinces nothing was heard for {months} months: {named}",
        len(stale),
        provinces=count(len(stale)),
        months=count(months),
        named=named,
    )
    cure = _("sync or import their details again: {sync}; {show} shows all", sync=_sync(account), show=_show(account))
    return [Check("freshness", Grade.WARN, said, cure, account)]


def _named(rows: Sequence[ProvinceFreshness], name: Callable[[ProvinceFreshness], str]) -> str:
    listed = joined([name(row) for row in rows[:NAMED]])
    return listed if len(rows) <= NAMED else _("{named} and {others} more", named=listed, others=count(len(rows) - NAMED))


def _sync(account: str) -> str:
    return str(Cure.SYNC(account=account))


def _show(account: str) -> str:
    return str(Cure.FRESHNESS(account=account))
