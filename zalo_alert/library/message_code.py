"""The code that a new message is proposed: of whom it is for, the day, and the next number: `TW-260918-03`, `DT-QTR-260918-01`.

Knows no folder: which codes are taken is said by the caller.
"""

import re
from collections.abc import Iterable
from datetime import date

from zalo_alert.models import Area
from zalo_alert.places import PROVINCES, wards

NATIONAL = "TW"  # trung ương: more than one province
DRILL = "DT"  # diễn tập
# Three letters a province, as offices shorten their names; each is taken once.
_LETTERS = {
    "01": "HNO", "04": "CBA", "08": "TQU", "11": "DBI", "12": "LCH", "14": "SLA", "15": "LCA", "19": "TNG", "20": "LSO",
    "22": "QNI", "24": "BNI", "25": "PTH", "31": "HPH", "33": "HYE", "37": "NBI", "38": "THO", "40": "NAN", "42": "HTI",
    "44": "QTR", "46": "HUE", "48": "DNA", "51": "QNG", "52": "GLA", "56": "KHO", "66": "DLK", "68": "LDO", "75": "DON",
    "79": "HCM", "80": "TNI", "82": "DTH", "86": "VLO", "91": "AGI", "92": "CTH", "96": "CMA",
}  # fmt: skip


def letters_of(target: Area) -> str:
    """Return the letters of whom a message is for: a single province's own, else the country's."""
    mask = target.mask
    for code in target.wards:
        mask |= wards()[code].mask
    touched = [province for province in PROVINCES if province.mask & mask]
    return _LETTERS[touched[0].code] if len(touched) == 1 and not target.everyone else NATIONAL


def propose_code(target: Area, day: date, taken: Iterable[str], *, is_drill: bool) -> str:
    """Propose a code.

    Args:
        target: Whom the message is for.
        day: In Vietnam.
        taken: Codes that there are already, of campaigns and of runs.
        is_drill: Whether it is one, or a test.
    """
    begin = f"{DRILL}-" if is_drill else ""
    begin += f"{letters_of(target)}-{day:%y%m%d}-"
    numbers = [int(found[1]) for code in taken if (found := re.fullmatch(rf"{begin}([0-9]{{2,4}})", code))]
    return f"{begin}{max(numbers, default=0) + 1:02}"
