"""How each place and each province of a run came out: people by state, and when so many of them were reached. Pure counting."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.book import STAFF
from zalo_alert.foundation.clock import instant
from zalo_alert.language import _
from zalo_alert.ledger.base import Detail
from zalo_alert.models import Campaign, State
from zalo_alert.reporting.full_report import PlaceResult, ProvinceResult
from zalo_alert.reporting.report import PlaceCount
from zalo_alert.runs.schedule import Planned

POPULATION_YEAR = 2025  # of `places.population`


class Milestones(NamedTuple):
    """The minutes in which the first, half, 90 % and the last of some people were accepted; None where so many never were."""

    first: datetime | None = None
    half: datetime | None = None
    ninety: datetime | None = None
    last: datetime | None = None


def milestones(by_minute: Mapping[int, int], people: int) -> Milestones:
    """Find them.

    Args:
        by_minute: Accepted people by minute (seconds since 1970 at its start).
        people: How many there are in all, whatever became of them.
    """
    if not by_minute:
        return Milestones()
    minutes = sorted(by_minute)
    return Milestones(
        instant(minutes[0]), _reached(by_minute, minutes, people * 0.5), _reached(by_minute, minutes, people * 0.9),
        instant(minutes[-1]),
    )  # fmt: skip


def _reached(by_minute: Mapping[int, int], minutes: Sequence[int], people: float) -> datetime | None:
    done = 0
    for minute in minutes:
        done += by_minute[minute]
        if done >= people:
            return instant(minute)
    return None


def place_results(
    campaign: Campaign, counts: Sequence[PlaceCount], details: Sequence[Detail], planned: Sequence[Planned]
) -> Iterator[PlaceResult]:
    """Yield the result of each label, in the order of sending.

    Args:
        campaign: As frozen.
        counts: The groups of people, by number.
        details: Of the ledger.
        planned: When each group was to be reached; empty where nobody is written to one by one.
    """
    minutes = _accepted_minutes(details)
    groups: dict[str, list[int]] = defaultdict(list)
    for number, counted in enumerate(counts):
        groups[counted.place.label].append(number)
    for label, numbers in groups.items():
        own = [counts[number] for number in numbers]
        people = sum(counted.place.people for counted in own)
        onsets = [at for counted in own if (at := campaign.onset_of(counted.place.variant))]
        ends = [planned[number].finishes_at_s for number in numbers if number < len(planned)]
        reached = milestones(sum((minutes[number] for number in numbers), Counter()), people)
        yield PlaceResult(
            label, tuple(counted.place.key for counted in own), people, _added(own), min(onsets, default=None),
            instant(max(ends)) if ends else None, *reached,
        )  # fmt: skip


def _accepted_minutes(details: Sequence[Detail]) -> Mapping[int, Counter[int]]:
    minutes: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for detail in details:
        if detail.state is State.ACCEPTED:
            minutes[detail.place][detail.minute_s] += detail.people
    return minutes


def _added(counts: Sequence[PlaceCount]) -> dict[State, int]:
    totals: Counter[State] = Counter()
    for counted in counts:
        totals.update(counted.states)
    return {state: totals[state] for state in State}


def province_results(counts: Sequence[PlaceCount], followers: Mapping[str, int] | None) -> list[ProvinceResult]:
    """Return the result of each province of today, the worst reached first.

    Args:
        counts: The groups of people.
        followers: In the follower books, by the key of their place; None where they could not be counted.
    """
    groups: dict[str, list[PlaceCount]] = defaultdict(list)
    for counted in counts:
        groups[province_of(counted.place.key)].append(counted)
    living: Counter[str] = Counter()
    for key, people in (followers or {}).items():
        living[province_of(key)] += people
    rows = [
        ProvinceResult(
            key, _name(key), sum(counted.place.people for counted in own), _added(own),
            None if followers is None or key == STAFF else living[key], places.population().get(key),
        )
        for key, own in groups.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (1.0 if row.share is None else row.share, -row.people, row.key))


def province_of(key: str) -> str:
    """Return the key of today's province in which a place lies; what is in none keeps its own, `unknown` where none is known."""
    if key == STAFF:
        return key
    try:
        mask = places.mask_of(key)
    except KeyError:
        return places.UNKNOWN
    return next((province.key for province in places.PROVINCES if province.mask & mask), key)


def _name(key: str) -> str:
    return _("staff") if key == STAFF else places.name_of(key)
