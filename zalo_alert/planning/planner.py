"""Whom a campaign reaches, and when: count the people of the books, choose the places meant, order them in tiers, time them.

Owns the arithmetic of a plan.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from zalo_alert import book as books
from zalo_alert import places
from zalo_alert.book import STAFF, CappedReach
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.language import _, joined
from zalo_alert.models import Campaign, Reach, Route, RouteType, Uncertain
from zalo_alert.pacing.pace import Pace
from zalo_alert.planning import broadcast_reach, cap, checks, segment, template_fit
from zalo_alert.planning.broadcast_reach import BroadcastReach
from zalo_alert.planning.plan import PlaceRow, Plan, RouteRow, Source
from zalo_alert.planning.run_places import run_place
from zalo_alert.planning.sources import assign_people, generation_of
from zalo_alert.settings.model import Settings


def make_plan(campaign: Campaign, sources: Sequence[Source], settings: Settings, now: datetime) -> Plan:
    """Plan a campaign against the follower books as they are.

    Raises:
        CampaignRefused: It may not be sent, reaches nobody, or names an area where nobody is.
    """
    checks.check_sources(campaign, sources, now)
    return forecast(campaign, sources, settings, now)


def forecast(campaign: Campaign, sources: Sequence[Source], settings: Settings, now: datetime) -> Plan:
    """Plan a campaign as it would go out, whether or not it may now: for whoever looks at it beforehand.

    Raises:
        CampaignRefused: It reaches nobody, or names an area where nobody is.
    """
    if not campaign.routes:
        return _plan_for_nobody(campaign, sources, settings, now)
    census = _count(sources, now)
    choice = _choose(campaign, census)
    checks.check_reach(campaign, census.residents, choice.reaches)
    audience = _order(campaign, sources, census, choice, now)
    timetable = _time(campaign, sources, audience, choice, settings, now)
    return Plan(
        campaign=campaign,
        accounts=tuple(source.account.id for source in sources),
        generation=generation_of(sources),
        places=timetable.rows,
        routes=timetable.routes,
        left_out=sum(source.book.size() for source in sources) - audience.people - audience.withheld,
        uncertain=sum(reach.people for reach in census.residents if reach.place in choice.uncertain),
        unreachable=timetable.unreachable,
        rate_per_s=timetable.rate_per_s,
        starts_at=timetable.starts_at,
        finishes_at=timetable.finishes_at,
        made_at=now,
        broadcast=_compare_broadcast(campaign, sources, now),
        same_phone=audience.same_phone,
        person_cap=settings.person_cap,
        over_cap=sum(capped.reach.people for capped in audience.spared),
        over_cap_why=_why_spared(campaign, audience),
        nameless=_count_nameless(campaign, audience, now),
    )


def _plan_for_nobody(campaign: Campaign, sources: Sequence[Source], settings: Settings, now: datetime) -> Plan:
    """Plan a campaign that has a broadcast and no route to single people: an audience of nobody, whatever the books hold."""
    return Plan(
        campaign=campaign,
        accounts=tuple(source.account.id for source in sources),
        generation=generation_of(sources),
        places=(),
        routes=(),
        left_out=0,
        uncertain=0,
        unreachable=0,
        rate_per_s=float(settings.app_per_minute),
        starts_at=now,
        finishes_at=now,
        made_at=now,
        broadcast=_compare_broadcast(campaign, sources, now),
    )


def _compare_broadcast(campaign: Campaign, sources: Sequence[Source], now: datetime) -> BroadcastReach | None:
    if campaign.broadcast is None:
        return None
    return broadcast_reach.compare(campaign, [(source.account.id, source.book, source.selection) for source in sources], now)


# --- count -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Census:
    """The selected people of all books by place: those who live there, the staff, and places where some are besides."""

    residents: tuple[Reach, ...]
    staff: tuple[Reach, ...]
    second_places: frozenset[str]  # where people work or have family

    @property
    def homes(self) -> list[str]:
        """Name the places where anybody lives."""
        return [reach.place for reach in self.residents]


def _count(sources: Sequence[Source], now: datetime) -> _Census:
    reaches = _add_up(source.book.reach(source.selection, now) for source in sources)
    return _Census(
        residents=tuple(reach for reach in reaches if reach.place != STAFF),
        staff=tuple(reach for reach in reaches if reach.place == STAFF),
        second_places=frozenset().union(*(source.book.further(source.selection) for source in sources)),
    )


def _add_up(accounts: Iterable[Sequence[Reach]]) -> list[Reach]:
    """Add the counts of several accounts, place by place."""
    totals: dict[str, Reach] = {}
    for reach in (reach for reaches in accounts for reach in reaches):
        total = totals.get(reach.place, Reach(reach.place, 0, 0, 0))
        totals[reach.place] = Reach(
            reach.place, total.people + reach.people, total.phones + reach.phones, total.recent + reach.recent
        )
    return list(totals.values())


# --- choose ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Choice:
    """The places that a campaign means.

    Args:
        reaches: Who lives there; nobody where people only work or have family.
        uncertain: Places of which only a part is meant, whether or not their people are written to.
    """

    reaches: tuple[Reach, ...]
    uncertain: frozenset[str]

    @property
    def keys(self) -> frozenset[str]:
        """Name the places."""
        return frozenset(reach.place for reach in self.reaches)


def _choose(campaign: Campaign, census: _Census) -> _Choice:
    homes = census.homes
    meant = segment.choose(campaign.audience, [*homes, *sorted(census.second_places.difference(homes))])
    keys = set(meant.included)
    if campaign.audience.uncertain is Uncertain.INCLUDE:
        keys |= set(meant.uncertain)
    if campaign.audience.supplied:
        keys = set(homes)
    residents = [reach for reach in census.residents if reach.place in keys]
    others = [Reach(key, 0, 0, 0) for key in sorted(keys.difference(homes))]
    return _Choice((*residents, *others), frozenset(meant.uncertain))


# --- order in tiers ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Audience:
    """Who will be written to, in tiers: the staff first, then those in the greatest danger.

    Args:
        tiers: Each person once, at the first of their places; of people with one phone number the first, if by phone.
        same_phone: How many have the number of somebody before them.
        sources: The books, each with the people who belong to it.
        keys: Every place, in the order of sending.
        capped: Who has had messages enough and is in no tier.
        spared: Who has had enough too and is, staff apart.
    """

    tiers: tuple[tuple[Reach, ...], ...]
    same_phone: int
    sources: tuple[Source, ...]
    keys: tuple[str, ...]
    capped: tuple[CappedReach, ...] = ()
    spared: tuple[CappedReach, ...] = ()

    @property
    def withheld(self) -> int:
        """How many people are not written to for having had enough."""
        return sum(capped.reach.people for capped in self.capped)

    @property
    def reaches(self) -> list[Reach]:
        """Return the people by place, in the order of sending."""
        return [reach for tier in self.tiers for reach in tier]

    @property
    def people(self) -> int:
        """How many there are."""
        return sum(reach.people for reach in self.reaches)


def _order(campaign: Campaign, sources: Sequence[Source], census: _Census, choice: _Choice, now: datetime) -> _Audience:
    """Put the places in tiers, and each person at the first of theirs."""
    staff_tier = [(STAFF,)] if census.staff else []
    tiers = [*staff_tier, *segment.order_in_tiers(campaign, choice.reaches)]
    keys = tuple(key for tier in tiers for key in tier)
    own = assign_people(sources, keys)
    reaches: Sequence[Reach] = [*choice.reaches, *census.staff]
    if choice.keys & census.second_places or own != tuple(sources):  # who lives at one place and works at another counts once
        reaches = _add_up(source.book.served(source.selection, keys, now) for source in own)
    over = cap.count(own, keys, now)
    spared = tuple(capped for capped in over if capped.reach.place != STAFF and cap.why_spared(campaign, capped.reach.place))
    capped = tuple(capped for capped in over if not cap.why_spared(campaign, capped.reach.place))
    own, reaches = cap.apply(campaign, own, keys), _without(reaches, capped)
    by_number = _count_numbers(campaign, own, keys, reaches)
    by_key = {reach.place: reach for reach in by_number if reach.people}
    tiers_reached = [tuple(by_key[key] for key in tier if key in by_key) for tier in tiers]
    same_phone = sum(reach.phones for reach in reaches) - sum(reach.phones for reach in by_key.values())
    return _Audience(tuple(filter(None, tiers_reached)), same_phone, own, keys, capped, spared)


def _without(reaches: Sequence[Reach], capped: Sequence[CappedReach]) -> Sequence[Reach]:
    """Take those off the counts of places who have had messages enough."""
    off = [Reach(c.reach.place, -c.reach.people, -c.reach.phones, -c.reach.recent) for c in capped]
    return _add_up([reaches, off]) if off else reaches


def _why_spared(campaign: Campaign, audience: _Audience) -> str:
    reasons = dict.fromkeys(cap.why_spared(campaign, capped.reach.place) for capped in audience.spared)
    return joined(list(reasons), _(" and "))


def _count_numbers(
    campaign: Campaign, sources: Sequence[Source], keys: Sequence[str], reaches: Sequence[Reach]
) -> Sequence[Reach]:
    """Count phone numbers in place of people with a phone: one message goes to a number."""
    if not segment.is_by_phone(campaign) or not any(reach.phones for reach in reaches):
        return reaches
    numbers = books.numbers([(source.book, source.selection) for source in sources], keys)
    return [reach._replace(phones=numbers.get(reach.place, 0)) for reach in reaches]


def _count_nameless(campaign: Campaign, audience: _Audience, now: datetime) -> Reach | None:
    if not template_fit.gaps(campaign):
        return None
    reaches = [source.book.nameless(source.selection, audience.keys, now) for source in audience.sources]
    return Reach("", *(sum(counts) for counts in zip(*(reach[1:] for reach in reaches), strict=True)))


# --- time --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Timetable:
    """When each place is reached, and by which routes."""

    rows: tuple[PlaceRow, ...]
    routes: tuple[RouteRow, ...]
    unreachable: int
    rate_per_s: float
    starts_at: datetime
    finishes_at: datetime


def _time(
    campaign: Campaign, sources: Sequence[Source], audience: _Audience, choice: _Choice, settings: Settings, now: datetime
) -> _Timetable:
    people = audience.people
    routes, unreachable = _count_by_route(campaign.routes, audience.reaches)
    lanes = settings.lanes([source.account.id for source in sources])
    rate_per_s = Pace(rate_per_s=campaign.limits.rate_per_s, lanes=lanes).rate_per_s or float(settings.app_per_minute)
    each = timedelta(seconds=sum(route.asked for route in routes) / max(1, people) / rate_per_s)
    starts_at = max(now, in_vietnam(campaign.effective))  # whoever sends waits for it
    rows = _rows(campaign, audience, choice.uncertain, starts_at, each)
    return _Timetable(tuple(rows), tuple(routes), unreachable, rate_per_s, starts_at, starts_at + people * each)


def _rows(
    campaign: Campaign, audience: _Audience, uncertain: frozenset[str], starts_at: datetime, each: timedelta
) -> Iterator[PlaceRow]:
    staff_place = next((key for key in audience.keys if key != STAFF), places.UNKNOWN)
    capped = {(c.reach.place, c.by_day): c.reach.people for c in audience.capped}
    numbered = {numbers[0].place: numbers for numbers in _number(audience.tiers)}
    tier, behind = 0, max(0, audience.people - 1)
    for key in audience.keys:
        by_day, by_week = (capped.get((key, is_day), 0) for is_day in (True, False))
        if key not in numbered and not by_day + by_week:
            continue
        # Where everyone has had messages enough nobody has a number: that place is through when all the others are.
        reach, tier, first, last = numbered.get(key) or (Reach(key, 0, 0, 0), tier, behind, behind)
        begin, end = starts_at + first * each, starts_at + (last + 1) * each
        place = run_place(campaign, reach, staff_place)
        yield PlaceRow(place, key in uncertain, tier, first, last, begin, end, by_day, by_week)


def _number(tiers: Sequence[Sequence[Reach]]) -> Iterator[tuple[Reach, int, int, int]]:
    """Give each place its tier and the numbers of its first and its last person; see `selecting.side_by_side`."""
    done = 0
    for number, tier in enumerate(tiers):
        people = sum(reach.people for reach in tier)
        after = sum(reach.people > 1 for reach in tier)  # whose last people come at the very end, one place after the other
        for i, reach in enumerate(tier):
            after -= reach.people > 1
            yield reach, number, done + i, done + (i if reach.people == 1 else people - 1 - after)
        done += people


def _count_by_route(routes: Sequence[Route], reaches: Sequence[Reach]) -> tuple[list[RouteRow], int]:
    """Count what each route in turn is asked, and who is left in the end; fallbacks are taken to be independent of each other."""
    rows = []
    left = people = sum(reach.people for reach in reaches)
    shares = {
        RouteType.PHONE: sum(reach.phones for reach in reaches) / max(1, people),
        RouteType.CS: sum(reach.recent for reach in reaches) / max(1, people),
    }
    for route in routes:
        reachable = round(left * shares.get(route.type, 1.0))
        asked = reachable if route.type is RouteType.PHONE else left  # without a phone number nothing is asked
        rows.append(RouteRow(route.type, asked, reachable))
        left -= reachable
    return rows, left
