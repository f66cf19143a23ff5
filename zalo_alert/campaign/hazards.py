"""The hazards an alert may name, and the risk levels that the law gives each.

Data, not code: a new decision changes this table and nothing else. Knows nothing of files or messages.

Source: Decision 18/2021/QĐ-TTg, articles 4, 42, 45 and 46 (in force since 1 July 2021). Rows that are not `verified` are
from practice; a level outside them is worth a second look, not a refusal.
"""

from typing import NamedTuple


class Hazard(NamedTuple):
    """A kind of danger.

    `name` is Vietnamese; `levels` is empty when the hazard has no risk level of its own.
    """

    code: str
    name: str
    levels: range
    verified: bool


_NONE = range(0)


def _levels(lowest: int, highest: int) -> range:
    return range(lowest, highest + 1)


HAZARDS: dict[str, Hazard] = {
    hazard.code: hazard
    for hazard in (
        Hazard("bao", "bão", _levels(3, 5), True),
        Hazard("ap-thap-nhiet-doi", "áp thấp nhiệt đới", _levels(3, 5), True),
        Hazard("nuoc-dang", "nước dâng", _levels(2, 5), False),
        Hazard("mua-lon", "mưa lớn", _levels(1, 4), False),
        Hazard("lu", "lũ", _levels(1, 5), True),
        Hazard("ngap-lut", "ngập lụt", _levels(1, 5), True),
        Hazard("lu-quet", "lũ quét", _levels(1, 4), False),  # 1-3 by rule; 4 was used when hazards combined, November 2025
        Hazard("sat-lo", "sạt lở đất", _levels(1, 4), False),
        Hazard("xa-lu", "xả lũ hồ chứa", _NONE, True),
        Hazard("su-co-dap", "sự cố đập", _NONE, True),
        Hazard("nang-nong", "nắng nóng", _levels(1, 4), False),
        Hazard("han-han", "hạn hán", _levels(1, 4), False),
        Hazard("xam-nhap-man", "xâm nhập mặn", _levels(1, 4), False),
        Hazard("gio-manh", "gió mạnh trên biển", _levels(2, 4), False),
        Hazard("suong-mu", "sương mù", _levels(1, 3), False),
        Hazard("loc-set", "lốc, sét, mưa đá", _levels(1, 2), False),
        Hazard("ret-hai", "rét hại, sương muối", _levels(1, 3), False),
        Hazard("chay-rung", "cháy rừng", _levels(1, 5), False),
        Hazard("dong-dat", "động đất", _levels(1, 5), False),
        Hazard("song-than", "sóng thần", _levels(1, 5), False),
    )
}
