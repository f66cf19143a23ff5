"""A campaign at one of its planned times: what recurs for a year takes effect at each of them anew, and is over soon after."""

from dataclasses import replace

from zalo_alert.models import Campaign
from zalo_alert.timetable.times import planned_of


def at_occurrence(campaign: Campaign, occurrence: str) -> Campaign:
    """Return a campaign as it is at an occurrence, where it says how long each lasts, and the occurrence is a planned time.

    Between its own `effective` and `expires` the times of a timetable hold; each of them takes effect when it was planned, and
    expires so much later. So a text that shows {{ effective }} shows the right hour, and nobody goes on with an old one.

    Args:
        campaign: As its file has it.
        occurrence: The key of one; "" where it is sent without.
    """
    lasts, planned = campaign.timing.lasts, planned_of(occurrence)
    if lasts is None or planned is None or not campaign.effective <= planned < campaign.expires:
        return campaign
    return replace(campaign, effective=planned, expires=min(planned + lasts, campaign.expires))
