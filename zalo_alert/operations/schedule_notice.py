"""What a person should know of the clock, as a notice."""

from datetime import datetime

from zalo_alert.foundation.notices import Level, Notice


def clock_warning(sentence: str, planned_at: datetime | None = None, why: str = "") -> Notice:
    """Return a notice about one planned time, or about all of them; `why` is the same without naming the time."""
    at = planned_at.isoformat() if planned_at else None
    return Notice(sentence, "schedule-warning", Level.WARNING, {"planned_at": at, "why": why or sentence})
