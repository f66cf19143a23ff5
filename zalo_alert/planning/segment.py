"""Whom a campaign reaches: pure rules over place keys and counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from zalo_alert import places
from zalo_alert.models import Area, Audience, Campaign, Reach, RouteType, Severity, Status, Urgency

PASSES_ALL = 4  # risk levels from here on mean a threat to life (Decision 18/2021: red and violet)


@dataclass(frozen=True, slots=True)
class Segment:
    """Place keys that are certainly meant, and those of which only a part is meant."""

    included: tuple[str, ...]
    uncertain: tuple[str, ...]


def choose(audience: Audience, keys: Iterable[str]) -> Segment:
    """Sort place keys by whether their people are meant.

    Someone known only by today's province is uncertain when the campaign means a part of it, and so is someone whose ward nobody
    knows when it means a ward there; people abroad and people of unknown place are meant by `all` alone.
    """
    included, uncertain = [], []
    for key in keys:
        if places.covers(audience.target, key):
            included.append(key)
        elif places.touches(audience.target, key):
            uncertain.append(key)
    return Segment(tuple(included), tuple(uncertain))


def variant_of(campaign: Campaign, key: str) -> int | None:
    """Return which variant holds for the people of a place: the first that means all of them; None when none does."""
    if not places.mask_of(key):
        return None
    return next((i for i, variant in enumerate(campaign.variants) if places.covers(places.all_of(variant.areas), key)), None)


def order_in_tiers(campaign: Campaign, reach: Sequence[Reach]) -> list[tuple[str, ...]]:
    """Return place keys in tiers: those of a tier are in equal danger and are written to side by side, before the next tier's.

    By the first area of the campaign's `order` that touches them, there those who are certainly meant before those who may be;
    then the highest risk first, then the earliest onset. Inside a tier the largest place stands first.
    """
    largest_first = sorted(reach, key=lambda row: (-row.people, row.place))
    tiers: dict[tuple[int, bool, int, float], list[str]] = {}
    for row in largest_first:
        tiers.setdefault(_danger(campaign, row.place), []).append(row.place)
    return [tuple(tiers[danger]) for danger in sorted(tiers)]


def _danger(campaign: Campaign, key: str) -> tuple[int, bool, int, float]:
    """Rank a place; the lowest rank is written to first."""
    order, variant = campaign.order, variant_of(campaign, key)
    first = next((i for i, area in enumerate(order) if places.touches(area, key)), len(order))
    is_uncertain = first < len(order) and not places.covers(order[first], key)
    onset = campaign.onset_of(variant)
    return first, is_uncertain, -(campaign.risk_of(variant) or 0), onset.timestamp() if onset else inf


def is_by_phone(campaign: Campaign) -> bool:
    """Whether a campaign may write to phone numbers, each of which is one person's."""
    return any(route.type is RouteType.PHONE for route in campaign.routes)


def topic(campaign: Campaign) -> str:
    """Name what a campaign is about, as people may opt out of it; "" is a threat to life, of which nobody can."""
    if campaign.status is not Status.ACTUAL:
        return "drill"
    if campaign.urgency is Urgency.IMMEDIATE or campaign.severity is Severity.EXTREME or (campaign.risk_level or 0) >= PASSES_ALL:
        return ""
    return "warning" if campaign.severity in (Severity.SEVERE, Severity.MODERATE) else "information"


def find_empty_areas(audience: Audience, reach: Sequence[Reach]) -> list[Area]:
    """Return the areas in which the book knows nobody at all."""
    return [area for area in audience.areas if not area.everyone and not _has_people(area, reach)]


def _has_people(area: Area, reach: Sequence[Reach]) -> bool:
    return any(places.touches(area, row.place) and row.people for row in reach)
