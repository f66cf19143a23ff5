"""An hour and its day, as a text writes them side by side, as one instant."""

import re
from datetime import datetime

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.wording.hours import WrittenHour
from zalo_alert.wording.text import Text

_TO_DAY = re.compile(
    r"[ ,(]*(?:ngày |hôm |(?:hôm nay|đêm nay|tối nay|chiều nay|trưa nay|sáng nay|sáng mai)[ ,(]*(?:ngày )?"
    r"|(?:thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật)[, ]*(?:ngày )?)?$"
)
_SAME_DAY = re.compile(r" ?(?:cùng ngày|hôm nay|nay)\b")
_LAST_HOUR, _LAST_MINUTE = 23, 59


def instant_of(text: Text, hour: WrittenHour) -> datetime | None:
    """Return when an hour is that has its day right behind it; None where none stands there, or it is no hour."""
    if hour.hour > _LAST_HOUR or (hour.minute or 0) > _LAST_MINUTE:
        return None
    for day in text.dates:
        begins = min(day.start, day.weekday.start) if day.weekday and day.weekday.start >= hour.end else day.start
        if begins >= hour.end and _TO_DAY.fullmatch(text.lowered[hour.end : begins]):
            on = day.on(text.effective)
            return datetime(on.year, on.month, on.day, hour.hour, hour.minute or 0, tzinfo=VIETNAM) if on else None
    if _SAME_DAY.match(text.lowered, hour.end):
        on = text.effective
        return datetime(on.year, on.month, on.day, hour.hour, hour.minute or 0, tzinfo=VIETNAM)
    return None
