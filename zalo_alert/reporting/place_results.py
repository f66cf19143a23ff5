"""How each place and each province of a run came out: people by state, and when so many of them were reached. Pure counting."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from zalo_alert import places
from zalo_alert.book import STAFF
from zalo_alert.foundation.clock import instant
from zalo_alert.language import _
from zalo_alert.ledger.base import Detail
from zalo_alert.models import Campaign, State
from zalo_alert.reporting.arrived import together
from zalo_alert.reporting.full_report import PlaceResult, ProvinceResult
from zalo_alert.reporting.milestones import milestones_of
from zalo_alert.reporting.reach import province_key
from zalo_alert.reporting.report import PlaceCount
from zalo_alert.runs.schedule import Planned

POPULATION_YEAR = 2025  # of `places.population`


def place_results(
    campaign: Campaign,
    counts: Sequence[PlaceCount],
    details: Sequence[Detail],
    planned: Sequence[Planned],
    *,
    is_open: bool,
) -> Iterator[PlaceResult]:
    """Yield the result of each label, in the order of sending.

    Args:
        campaign: As frozen.
        counts: The groups of people, by number.
        details: Of the ledger.
        planned: When each group was to be reached; empty where nobody is written to one by one.
        is_open: Whether more may be accepted: half of how many nobody knows yet.
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
        reached = milestones_of(sorted(sum((minutes[number] for number in numbers), Counter[int]()).items()))
        if is_open:
            reached = reached._replace(half_at=None, ninety_at=None)
        yield PlaceResult(
            label, tuple(counted.place.key for counted in own), people, _added(own), min(onsets, default=None),
            instant(max(ends)) if ends else None, *reached, together(counted.arrived for counted in own),
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
            together(counted.arrived for counted in own),
        )
        for key, own in groups.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (1.0 if row.share is None else row.share, -row.people, row.key))


def province_of(key: str) -> str:
    """Return the key of today's province in which a place lies; staff and people abroad keep theirs, else it is `unknown`."""
    return province_key(key) or (key if key in (STAFF, places.FOREIGN) else places.UNKNOWN)


def _name(key: str) -> str:
    return _("staff") if key == STAFF else places.name_of(key)
