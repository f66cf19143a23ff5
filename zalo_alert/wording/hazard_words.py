"""How texts name the hazards of campaigns. Pure."""

import re
from functools import lru_cache

from zalo_alert.wording.folded import fold

_WORDS = {
    "bao": r"bão",
    "ap-thap-nhiet-doi": r"áp thấp|atnđ",
    "nuoc-dang": r"nước (?:biển )?dâng|triều cường|sóng lớn",
    "mua-lon": r"mưa",
    "lu": r"lũ(?! quét| ống)|ngập|lụt",
    "ngap-lut": r"lũ(?! quét| ống)|ngập|lụt",
    "lu-quet": r"lũ quét|lũ ống|sạt lở|sạt trượt|sụt lún|đất đá",
    "sat-lo": r"lũ quét|lũ ống|sạt lở|sạt trượt|sụt lún|đất đá",
    "xa-lu": r"xả lũ|xả nước|hồ chứa|xả tràn|xả điều tiết",
    "su-co-dap": r"vỡ đập|sự cố đập|vỡ đê|đập",
    "nang-nong": r"nắng nóng|nóng",
    "han-han": r"hạn hán|hạn|thiếu nước",
    "xam-nhap-man": r"mặn",
    "gio-manh": r"gió mạnh|gió",
    "suong-mu": r"sương mù",
    "loc-set": r"lốc|sét|mưa đá|[dg]iông",
    "ret-hai": r"rét|sương muối|băng giá",
    "chay-rung": r"cháy",
    "dong-dat": r"động đất|rung chấn",
    "song-than": r"sóng thần",
}
# What has no code of its own.
_OTHERS = r"thời tiết|thiên tai|gió mùa|không khí lạnh|triều|sóng|xả|thủy điện|đê|mạch sủi|dịch|sự cố|hỏa hoạn"
_NEAR = {"bao": "ap-thap-nhiet-doi", "ap-thap-nhiet-doi": "bao"}  # one becomes the other
_ANY = {code: re.compile(rf"\b(?:{words})\b") for code, words in _WORDS.items()}
_ALL = "|".join((*_WORDS.values(), _OTHERS))
_ANY_OF_ALL = re.compile(rf"\b(?:{_ALL})\b")
_PLAIN = re.compile(rf"\b(?:{fold(_ALL).plain})\b")


@lru_cache(maxsize=256)  # of clauses before a level, which are alike in every place
def hazards_in(lower: str) -> frozenset[str]:
    """Return the codes of the hazards that a text in lower case names; one word may name several."""
    return frozenset(code for code, words in _ANY.items() if words.search(lower))


def is_of(event: str, hazards: frozenset[str]) -> bool:
    """Whether what is said of some hazards may be said of a campaign's own; of none named, it is."""
    return not hazards or not {event, _NEAR.get(event, event)}.isdisjoint(hazards) or event not in _WORDS


def names_hazard(lower: str, plain: str) -> bool:
    """Whether a text names any hazard; one without accents, too."""
    return bool(_ANY_OF_ALL.search(lower)) or (lower == plain and bool(_PLAIN.search(plain)))
