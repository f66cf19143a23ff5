"""Whether an alert may be sent now, and the digest by which what was agreed to is known again.

Apart from the plan, so that a resumed run need not load what reads follower books.
"""

import hashlib
from datetime import datetime

from zalo_alert.clock import words
from zalo_alert.errors import CampaignRefused
from zalo_alert.models import Campaign, Digest, Status

WAITED_S = 900.0  # how long before its time an alert may be started: whoever sends waits, as the last preparations take that long


def ahead_s(campaign: Campaign, now: datetime) -> float:
    """Return how many seconds remain until a campaign takes effect; 0 when it has."""
    return max(0.0, (campaign.effective - now).total_seconds())


def digest_of(data: bytes) -> Digest:
    """Return the SHA-256 of some bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


def check_sendable(campaign: Campaign, now: datetime) -> None:
    """Refuse what must not be sent now, whoever its audience is.

    Raises:
        CampaignRefused: It is real and nobody has approved it, or it is over, or has not begun.
    """
    if campaign.status is Status.ACTUAL:
        raise CampaignRefused(
            f"{campaign.code} is an Actual alert, and a second officer's approval does not exist yet in this version",
            hint="only Exercise and Test campaigns can be sent",
        )
    if now >= campaign.expires:
        raise CampaignRefused(
            f"{campaign.code} expired at {words(campaign.expires)}", hint="nothing is sent after that; write a new campaign"
        )
