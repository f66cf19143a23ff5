"""Days that are said from where the reader stands: `hôm nay`, `tối nay`, `sáng sớm mai`, `ngày kia`, `đêm qua`."""

import re
from typing import NamedTuple

MOST = 100  # of a text: nobody reads so many
_PART = "rạng sáng|sáng sớm|chiều tối|đêm khuya|sáng|trưa|chiều|tối|đêm|khuya"
_PLAIN = "rang sang|sang som|chieu toi|dem khuya|sang|trua|chieu|toi|dem|khuya"  # of a text that nobody wrote accents in
_RELATIVE = re.compile(
    rf"(?<!\w)(?:(?P<nay>(?:hôm|hom|{_PART}|{_PLAIN}) nay)"
    rf"|(?P<mai>(?:ngày|ngay|sớm|som|hôm|hom|{_PART}|{_PLAIN}) mai"
    r"|(?:(?<=đến )|(?<=nay và )|(?<=từ )|(?<=trong )|(?<=giờ )|(?<=[0-9]h )|(?<=hết ))mai)"
    rf"|(?P<kia>(?:ngày|ngay) (?:kia|mốt|mot(?= ?[,.(]))|sáng mốt|tối mốt)"
    rf"|(?P<qua>(?:hôm|hom|đêm|tối|sáng|chiều|trưa) qua)"
    rf"|(?P<truoc>hôm kia))(?!\w)(?! (?:táng|một|sau|mối))"
)
_SHIFTS = {"nay": 0, "mai": 1, "kia": 2, "qua": -1, "truoc": -2}


class RelativeDay(NamedTuple):
    """A day as it is said; `shift` counts from the day on which the alert was issued."""

    start: int
    end: int
    shift: int
    is_night: bool


def relative_days_in(lowered: str) -> list[RelativeDay]:
    """Return what a text in lower case says of such days, in order."""
    found = (each for _number, each in zip(range(MOST), _RELATIVE.finditer(lowered), strict=False))
    return [
        RelativeDay(*each.span(), _SHIFTS[each.lastgroup or "nay"], each[0].startswith(("đêm", "dem", "khuya"))) for each in found
    ]
