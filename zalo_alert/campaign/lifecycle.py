"""Whether an alert may be sent now.

Apart from the plan, so that a resumed run need not load what reads follower books.
"""

from datetime import datetime
from enum import StrEnum

from zalo_alert.errors import CampaignRefused, Cure
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, span
from zalo_alert.models import Campaign, Status

WAITED_S = 900.0  # how long before its time an alert may be started: whoever sends waits, as the last preparations take that long


class Start(StrEnum):
    """What to do while a campaign's `effective` is ahead."""

    SOON = "soon"  # wait when it is near, refuse when it is not
    WAIT = "wait"  # however long
    EARLY = "early"  # don't


def ahead_s(campaign: Campaign, now: datetime) -> float:
    """Return how many seconds ahead a campaign's `effective` is; 0 when it is past."""
    return max(0.0, (campaign.effective - now).total_seconds())


def check_begun(campaign: Campaign, now: datetime, start: Start) -> None:
    """Refuse what is meant for another day.

    Raises:
        CampaignRefused: It takes effect later than anybody waits for unasked.
    """
    if start is Start.SOON and ahead_s(campaign, now) > WAITED_S:
        raise CampaignRefused(
            _(
                "{code} takes effect at {effective}, in {wait}: nothing was sent",
                code=campaign.code,
                effective=words(campaign.effective),
                wait=span(campaign.effective - now),
            ),
            hint=_(
                "{wait} sends it then, and {early} sends it now; or correct `effective`",
                wait=Cure.OPTION(wait=True),
                early=Cure.OPTION(early=True),
            ),
        )


def check_profile(campaign: Campaign, *, is_drill: bool) -> None:
    """Keep what is real out of a drill: what is practised with is an Exercise or a Test.

    Raises:
        CampaignRefused: It is an Actual alert, and this a drill workspace.
    """
    if is_drill and campaign.status is Status.ACTUAL:
        raise CampaignRefused(
            _("{code} is an Actual alert, and this is a drill workspace: nothing was sent", code=campaign.code),
            hint=_("send it from the live workspace, or practise with status: Exercise"),
        )


def check_sendable(campaign: Campaign, now: datetime) -> None:
    """Refuse what must not be sent now, whoever its audience is.

    Raises:
        CampaignRefused: It is over.
    """
    if now >= campaign.expires:
        raise CampaignRefused(
            _("{code} expired at {expires}", code=campaign.code, expires=words(campaign.expires)),
            hint=_("nothing is sent after that; write a new campaign"),
        )
