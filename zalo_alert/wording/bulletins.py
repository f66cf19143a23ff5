"""Bulletins that a text goes by, and their hours: `theo bản tin bão khẩn cấp 13 giờ`, `theo tin lũ lúc 4 giờ 30`. Pure."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from zalo_alert.wording.dates import dates_in
from zalo_alert.wording.hours import hours_in

_MOST_BACK = timedelta(hours=12)  # an hour later than the alert's own, without a day, is yesterday's no longer ago than this
_CITED = re.compile(
    r"\b(?:(?:theo|căn cứ|nguồn|cập nhật)\b[^.;\n]{0,50}?\b(?:bản tin|tin|thông báo|công điện|dự báo|số liệu)|bản tin"
    r"|tin (?:bão|áp thấp|lũ|mưa|cảnh báo|nhanh)(?= [^.;:,–\n]{0,40}\b(?:lúc|hồi|phát) [0-9]))\b(?! tiếp| kế| sau| mới)"
    r"(?P<rest>[^.;:\n]{0,90})"
)
_TO_HOUR = re.compile(r"^[^,–(]{0,60}$|^[^,–(]{0,60}[,–(-] ?(?:phát |ban hành )?(?:lúc|hồi) $")
_NO_HOUR = re.compile(
    r"\b(?:từ|đến|tới|trước|sau|khoảng|trong|qua|cách|mưa|gió)\W*$|\b(?:mở|xả|đạt|sẽ|có|vào bờ|đổ bộ|di chuyển|xuất hiện)\b"
)
_AFTERNOON = frozenset({"chiều", "tối", "đêm", "pm", "ch"})
_YESTERDAY = re.compile(r"[ ,(]*(?:toi |chieu |dem |ngay )?(?:hom qua|hom truoc)\b")
_FAR = 24  # signs between an hour and its day


class Cited(NamedTuple):
    """A bulletin with its hour, as a text cites it: where that stands, and when it was."""

    start: int
    end: int
    at: datetime


@lru_cache(maxsize=16)  # two rules ask it of one text
def cited_in(lowered: str, plain: str, effective: datetime) -> tuple[Cited, ...]:
    """Return the bulletins that a text goes by.

    Args:
        lowered: The text in lower case.
        plain: The same without accents.
        effective: From when the alert holds, in Vietnam's time: an hour without a day is the last before it.
    """
    return tuple(_cited_in(lowered, plain, effective))


def _cited_in(lowered: str, plain: str, effective: datetime) -> Iterator[Cited]:
    for found in _CITED.finditer(lowered):
        begin, end = found.span("rest")
        hour = next((each for each in hours_in(lowered[begin:end]) if not each.is_span), None)
        if hour is None or hour.hour > 23 or (hour.minute or 0) > 59:
            continue
        before = lowered[begin : begin + hour.start]
        if _TO_HOUR.search(before) and not _NO_HOUR.search(before):
            behind = plain[begin + hour.end : min(end + _FAR, begin + hour.end + _FAR)]
            of_day = hour.hour + 12 if hour.part in _AFTERNOON and hour.hour < 12 else hour.hour
            yield Cited(found.start(), begin + hour.end, _instant(of_day, hour.minute or 0, behind, effective))


def _instant(hour: int, minute: int, behind: str, effective: datetime) -> datetime:
    day = next((each.on(effective.date()) for each in dates_in(behind, effective.date())), None)
    if day is not None:
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=effective.tzinfo)
    at = effective.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if _YESTERDAY.match(behind):
        return at - timedelta(days=1)
    yesterday = at - timedelta(days=1)
    return yesterday if at > effective and effective - yesterday <= _MOST_BACK else at
