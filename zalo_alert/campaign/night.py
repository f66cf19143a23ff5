"""When people sleep, and what can wait until they don't: that a danger is over wakes nobody."""

from datetime import datetime, timedelta

from zalo_alert.foundation.clock import in_vietnam

BEGINS, ENDS = 22, 5  # hours in Vietnam


def morning_after(now: datetime) -> datetime | None:
    """Return when the night ends; None by day."""
    local = in_vietnam(now)
    if ENDS <= local.hour < BEGINS:
        return None
    morning = local.replace(hour=ENDS, minute=0, second=0, microsecond=0)
    return morning if local.hour < ENDS else morning + timedelta(days=1)
