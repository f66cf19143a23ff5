"""Instants in the columns of tables, which have room for a day but not for its name; sentences use `language.moment`."""

from datetime import datetime

from zalo_alert.foundation.clock import in_vietnam


def time_cell(at: datetime, now: datetime, *, seconds: bool = False) -> str:
    """Write an instant: `01:13` where it is today, otherwise `01:13 28/11`, with the year where that is another.

    Args:
        at: With any zone.
        now: The reader's.
        seconds: Whether to write them where it is today; on another day nobody counts them.
    """
    at, now = in_vietnam(at), in_vietnam(now)
    if at.date() == now.date():
        return f"{at:%H:%M:%S}" if seconds else f"{at:%H:%M}"
    year = "" if at.year == now.year else f"/{at.year}"
    return f"{at:%H:%M} {at.day}/{at.month}{year}"
