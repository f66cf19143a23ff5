"""Hours as offices write them: `20 giờ`, `20 giờ 30`, `20h30'`, `7 giờ tối`, `8h30 PM`; and spans such as `6 giờ qua`."""

import re
from collections.abc import Iterator
from typing import NamedTuple

MOST = 200  # of a text: nobody writes so many
_AROUND = 40  # signs that are looked at on either side
_UNIT = r"(?: ?(?:mm|cm|km|m|kg|%|người|xã|hộ|nhà)(?!\w))"
_PARTS = "sáng|trưa|chiều|tối|đêm|khuya"
_HOUR = re.compile(
    r"(?<![0-9a-zà-ỹ.,:/])(?P<h>[0-9]{1,2})(?:"
    rf" ?(?:giờ|gio|h)(?: ?(?P<m>[0-9]{{2}})(?![0-9/]|[.,][0-9]|{_UNIT})(?: ?(?:'|’|phút|phut|p(?!\w)))?)?(?![a-zà-ỹ])"
    r"|g(?P<m2>[0-9]{2})(?![0-9])|:(?P<m3>[0-9]{2})(?![0-9:]))"
    rf"(?P<half> rưỡi)?(?: ?(?P<part>{_PARTS}|am|pm|sa|ch)(?!\w))?"
)
_SPAN_BEFORE = re.compile(
    r"(?:trong(?: vòng)?|suốt|kéo dài|thêm|mỗi|cứ|hơn|báo trước|mưa|gần|chậm nhất sau|tối thiểu|ít nhất|cả|liên tục)"
    r"(?: khoảng)?(?: từ)?(?: [0-9]{1,2} ?(?:giờ|h)?(?: ?[-–] ?| đến | tới ))? ?$"
)
_SPAN_AFTER = re.compile(
    r" ?(?:tới(?! [0-9])|qua(?!\w)|nữa|tiếp theo|vừa qua|liên tục|liền|đồng hồ|sau (?:đó|khi)|trước (?:khi|đó)|/)"
)


class WrittenHour(NamedTuple):
    """An hour as a text says it.

    Args:
        start: Offset of its first sign.
        end: Behind its last.
        hour: As written, perhaps none that there is.
        minute: None where the text says none.
        part: Of the day, as written behind it: `tối`, `pm`; "" is none.
        is_span: How long, not when: `6 giờ qua`.
    """

    start: int
    end: int
    hour: int
    minute: int | None
    part: str
    is_span: bool


def hours_in(lowered: str) -> Iterator[WrittenHour]:
    """Yield the hours that a text in lower case names, in their order."""
    for _number, found in zip(range(MOST), _HOUR.finditer(lowered), strict=False):
        before = lowered[max(0, found.start() - _AROUND) : found.start()]
        after = lowered[found.end() : found.end() + _AROUND]
        minute = found["m"] or found["m2"] or found["m3"]
        is_span = not found["part"] and bool(_SPAN_BEFORE.search(before) or _SPAN_AFTER.match(after))
        yield WrittenHour(*found.span(), int(found["h"]), int(minute) if minute else None, found["part"] or "", is_span)
