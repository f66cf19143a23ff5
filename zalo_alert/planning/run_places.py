"""What people of a place read: how their message calls it, and which of the campaign's texts is theirs."""

from zalo_alert import places
from zalo_alert.models import STAFF, Area, Campaign, Reach
from zalo_alert.planning import segment
from zalo_alert.runs.facts import RunPlace


def run_place(campaign: Campaign, reach: Reach, staff_place: str = "") -> RunPlace:
    """Say what people of a place read; the staff read what those of `staff_place` will."""
    key = staff_place if reach.place == STAFF else reach.place
    return RunPlace(reach.place, places.label_of(key, campaign.audience), segment.variant_of(campaign, key), reach.people)


def sample_places(campaign: Campaign) -> list[RunPlace]:
    """Return every place that a campaign may reach, as its messages name it, whoever lives there."""
    keys = places.keys_of(campaign.audience)
    return [run_place(campaign, Reach(key, 0, 0, 0)) for key in keys or [places.UNKNOWN]]


def place_within(campaign: Campaign, area: Area) -> RunPlace:
    """Return somebody's place within a set of places, as messages name it."""
    return run_place(campaign, Reach(_first_key(area, campaign), 0, 0, 0))


def _first_key(area: Area, campaign: Campaign) -> str:
    """Name someone's place within a set: today's province when the set holds all of it, else the former one, else a ward."""
    if (campaign.audience.everyone and area.mask == places.EVERYWHERE) or not (area.mask or area.wards):
        return places.UNKNOWN
    whole = (province.key for province in places.PROVINCES if not province.mask & ~area.mask)
    former = (old.key for old in places.FORMER_PROVINCES if old.mask & area.mask)
    return next(whole, "") or next(former, "") or places.WARD_PREFIX + min(area.wards)
