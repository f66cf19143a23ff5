"""As what a text names a place, by the words before it: where people are warned, who sends, how far off the storm is, a river.

Knows no place: only what stands round one.
"""

import re
from enum import StrEnum

DASHES = frozenset({"-", "–", "—"})
AROUND = 72  # signs that are looked at before a name


class Role(StrEnum):
    """As what a place is named."""

    NAMED = "named"
    ADDRESSED = "addressed"  # in the first line, or its people are spoken to
    REFERENCE = "reference"  # what a storm makes for or comes from
    LANDFALL = "landfall"  # where it comes ashore
    AWAY = "away"  # how far, or in which direction from there
    SENDER = "sender"
    THING = "thing"  # a river, a road, a dam of that name


DIRECTION = r"(?:đông|tây|nam|bắc)(?: ?[- ]?(?:đông|tây|nam|bắc)){0,2}"
_TYPE = r"(?:các |tỉnh |thành phố |tp\.? ?)*"
_THINGS = (
    "sông", "suối", "hồ", "hồ chứa", "đập", "thủy điện", "thuỷ điện", "nhà máy", "đèo", "núi", "cầu", "đường", "(?<!thành )phố",
    "quốc lộ", "bến", "bến xe", "cảng", "cảng biển", "sân bay", "ga", "chợ", "trường", "đại học", "bệnh viện", "khách sạn",
    "công ty", "vịnh", "mũi", "bán đảo", "đảo", "quần đảo", "cửa", "cửa biển", "(?<!thị )xã", "phường", "thị trấn", "thôn", "ấp",
    "bản", "khóm", "huyện", "quận", "đặc khu", "cao tốc", "lưu vực", "hạ du", "hạ lưu", "thượng lưu", "khu công nghiệp",
    "nhiệt điện", "tàu", "bão",
)  # fmt: skip
_THING = re.compile(rf"\b(?:{'|'.join(_THINGS)})(?: số| cấp)? $")
_NEAR_SHORE = "(?:bờ biển |bờ |đất liền |đất liền các tỉnh |đảo |trung tâm |phía )?"
_AWAY = re.compile(
    rf"(?:\bcách {_NEAR_SHORE}|(?:phía |hướng |về phía |về hướng ){DIRECTION}(?: của)? |\b{DIRECTION} của ){_TYPE}$"
)
_STORM_WORDS = (
    "vùng biển(?: ngoài khơi)?", "ngoài khơi", "trên biển", "vùng ven biển", "bờ biển", "ven biển", "đất liền", "vào bờ",
    "vào đất liền", "đổ bộ(?: vào)?", "đi vào", "hướng vào", "hướng về(?: phía)?", "hướng tới", "áp sát", "tiến vào", "tiến về",
    "ảnh hưởng đến", "di chuyển (?:đến|qua|vào)", "tâm bão ở", "gần", "giữa", "từng ở", "như ở", "so với", "xảy ra (?:ở|tại)",
    "đã (?:ở|tại|qua|gây)", "suy yếu (?:ở|trên|tại)",
)  # fmt: skip
_REFERENCE = re.compile(
    rf"\b(?:{'|'.join(_STORM_WORDS)})(?: vùng| khu vực| địa phận| các tỉnh| biển| ven biển| phía (?:đông|tây|nam|bắc))* (?:từ )?"
    rf"{_TYPE}$"
)
_LANDFALL = re.compile(
    r"\b(?:vào bờ(?: biển)?|vào đất liền|đổ bộ(?: vào)?|đi vào)(?: đất liền| vùng| khu vực| địa phận| các tỉnh| ven biển)* "
    rf"{_TYPE}$"
)
_OFFICES = (
    "ban chỉ huy", "ban chỉ đạo", "bch", "bcđ", "ủy ban", "uỷ ban", "ubnd", "ubmttq", "đài", "sở", "chi cục", "cục", "trung tâm",
    "công an", "bộ chỉ huy", "văn phòng", "tỉnh ủy", "tỉnh uỷ", "điện lực", "trạm", "bộ đội biên phòng", "hội chữ thập đỏ", "đội",
    "chủ tịch", "phòng nông nghiệp", "chi nhánh", "công ty",
)  # fmt: skip
_VERBS = "tại|ở|báo|đề nghị|yêu cầu|kêu gọi|khuyến|gửi|cho|đến|tới|có|sẽ|là|người|bà con"
_SENDER = re.compile(rf"\b(?:{'|'.join(_OFFICES)})\b(?:(?!\b(?:{_VERBS})\b)[^.;:()\[\]\n]){{0,60}}$")
_PEOPLE = re.compile(
    r"(?:(?:người|nhân|cư|hộ) dân|bà con|đồng bào|nhân dân|các hộ|\bdân|người ở|mọi người|quý vị|ngư dân)"
    r"(?: (?:sống|đang|sinh sống|cư trú|ven sông|ven biển|vùng trũng|thấp|ven|vùng|khu vực|trên địa bàn|trong|của|tại|ở|thuộc|"
    r"các|tỉnh|thành phố|tp\.?|địa phương))* $"
    r"|(?:địa bàn|áp dụng (?:tại|cho|với)|dành cho|gửi|gửi tới|gửi đến|cảnh báo cho|sơ tán (?:tại|ở)|phạm vi)"
    r"(?: (?:các|tỉnh|thành phố|tp\.?|địa phương|người dân|toàn))* $"
)
_LIST_GAP = re.compile(
    r"(?: ?[,;/&+–—-] ?| (?:và|hoặc|cùng) | ?, và )(?:(?:các )?(?:tỉnh |thành phố |tp\.? ?|xã |phường |đặc khu |khu vực )*)"
)
_RANGE_GAP = re.compile(r" ?(?:đến|tới|-|–|—|vào đến) ?(?:các |tỉnh |thành phố |tp\.? ?|phía (?:nam|bắc) )*")
_FROM = re.compile(r"\btừ (?:khu vực |vùng |phía (?:nam|bắc) |các |tỉnh |thành phố |tp\.? ?|ven biển |vùng biển )*$")


def role_of(ahead: str, *, is_first: bool, is_commune: bool) -> Role:
    """Return as what a place is named.

    Args:
        ahead: What stands before it, in lower case; `AROUND` signs of it.
        is_first: It stands in the first line.
        is_commune: The word for its kind was read with it.
    """
    if not is_commune and _THING.search(ahead):
        return Role.THING
    if _SENDER.search(ahead):
        return Role.SENDER
    if _PEOPLE.search(ahead):
        return Role.ADDRESSED
    if _AWAY.search(ahead):
        return Role.AWAY
    if _LANDFALL.search(ahead):
        return Role.LANDFALL
    if _REFERENCE.search(ahead) or _FROM.search(ahead):
        return Role.REFERENCE
    return Role.ADDRESSED if is_first else Role.NAMED


def is_range(ahead: str, gap: str) -> bool:
    """Whether two places are the ends of a range: `từ Nghệ An đến Huế`; a dash alone makes a list.

    Args:
        ahead: What stands before the first.
        gap: What stands between them.
    """
    is_dash = gap.strip() in DASHES
    return bool(_RANGE_GAP.fullmatch(gap)) and (not is_dash or bool(_FROM.search(ahead)))


def is_list(gap: str) -> bool:
    """Whether two places with so much between them are named as one thing: `Quảng Trị, Huế và thành phố Đà Nẵng`."""
    return _LIST_GAP.fullmatch(gap) is not None
