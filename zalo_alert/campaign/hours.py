"""At which hours of the day an alert may begin, and until when one waits. Reads no clock: what is asked about is an instant.

A drill wakes nobody. By night only that is sent which can't wait until morning; who is woken for less opts out of the next.
"""

from datetime import datetime, time, timedelta

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.foundation.clock import in_vietnam, words
from zalo_alert.language import _
from zalo_alert.models import Campaign, MsgType, Severity, Status, Urgency

DRILLS_END, DRILLS_BEGIN = time(20), time(7)  # no Exercise and no Test between these
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(5)  # and nothing that could wait between these
LEAST_LEVEL = 3  # of the law's five, from which on an expected danger can't wait


def hours_problem(campaign: Campaign, at: datetime) -> str:
    """Say why a campaign should not begin at an instant; "" when it may.

    Args:
        campaign: Any.
        at: When its first message would leave, with a zone.
    """
    hour = in_vietnam(at).time()
    if campaign.status is not Status.ACTUAL:
        if DRILLS_BEGIN <= hour < DRILLS_END:
            return ""
        return _("a drill or a test wakes nobody: none begins from 20:00 to 07:00, and this one would at {at}", at=words(at))
    if NIGHT_ENDS <= hour < NIGHT_BEGINS or campaign.msg_type is MsgType.CANCEL or is_pressing(campaign):
        return ""
    if campaign.msg_type is MsgType.UPDATE and campaign.urgency is Urgency.PAST:
        return _("that a danger is over wakes nobody: it waits for 05:00, and this would begin at {at}", at=words(at))
    return _(
        "from 22:00 to 05:00 only that begins which can't wait: Immediate, or Expected with risk level {least} or more (a "
        "hazard without levels: severity Severe or Extreme); this would at {at}",
        least=LEAST_LEVEL,
        at=words(at),
    )


def is_pressing(campaign: Campaign) -> bool:
    """Whether it can't wait until morning, by its own urgency and danger."""
    if campaign.urgency is not Urgency.EXPECTED:
        return campaign.urgency is Urgency.IMMEDIATE
    if campaign.event in HAZARDS and not HAZARDS[campaign.event].levels:
        return campaign.severity in (Severity.SEVERE, Severity.EXTREME)
    return max(campaign.risk_of(variant) or 0 for variant in (None, *range(len(campaign.variants)))) >= LEAST_LEVEL


def morning_after(now: datetime) -> datetime | None:
    """Return when the night ends; None by day."""
    local = in_vietnam(now)
    if NIGHT_ENDS <= local.time() < NIGHT_BEGINS:
        return None
    morning = datetime.combine(local, NIGHT_ENDS, local.tzinfo)
    return morning if local < morning else morning + timedelta(days=1)
