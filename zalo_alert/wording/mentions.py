"""Which places a text names, and what as: where people are warned, who sends, how far off the storm is, a river of that name."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.wording import gazette
from zalo_alert.wording.folded import Folded
from zalo_alert.wording.syllables import CANONICAL

MOST = 300  # mentions of a text: more than there are provinces, and nobody reads so many
_AROUND = 72  # signs that are looked at before a name
_FIRST_LINE = 160  # signs at most that count as the first line
_LONGEST = 5  # syllables of a commune's name
_TYPES = {"xã": 1, "phường": 1, "đặc khu": 2, "thị trấn": 2, "huyện": 1, "quận": 1, "thị xã": 2}
_TYPES |= {"xa": 1, "phuong": 1, "dac khu": 2, "thi tran": 2, "huyen": 1, "quan": 1, "thi xa": 2}
_BEGIN_TYPES = frozenset(kind.split()[0] for kind in _TYPES)
_CITY_TYPES = frozenset({"thành", "thanh", "tp"})
_PROVINCE_TYPE = re.compile(r"(?:tỉnh|tinh|thành phố|thanh pho|tp\.?) $")
_BEHIND_TYPE, _BEHIND_CITY = {" ", ": "}, {" ", ". ", "."}  # các xã: A, B; TP. Vinh
_COMMUNE_GAP = re.compile(r" ?[,;/–-] ?")


class Role(StrEnum):
    """As what a place is named."""

    NAMED = "named"
    ADDRESSED = "addressed"  # in the first line, or its people are spoken to
    REFERENCE = "reference"  # what a storm makes for or comes from
    LANDFALL = "landfall"  # where it comes ashore
    AWAY = "away"  # how far, or in which direction from there
    SENDER = "sender"
    THING = "thing"  # a river, a road, a dam of that name


class Mention(NamedTuple):
    """A place that a text names.

    Args:
        start: Offset of its first sign.
        end: Behind its last.
        mask: The former provinces that it may mean; all that lie between, where two name a range.
        role: See `Role`.
        wards: What a commune's name may mean, by code; none of a province or region.
        is_region: It stands for several provinces.
    """

    start: int
    end: int
    mask: int
    role: Role
    wards: tuple[str, ...] = ()
    is_region: bool = False


_DIRECTION = r"(?:đông|tây|nam|bắc)(?: ?[- ]?(?:đông|tây|nam|bắc)){0,2}"
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
    rf"(?:\bcách {_NEAR_SHORE}|(?:phía |hướng |về phía |về hướng ){_DIRECTION}(?: của)? |\b{_DIRECTION} của ){_TYPE}$"
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
_WIND = re.compile(rf"(?:gió|gió mùa|hướng|phía|giữa) (?:{_DIRECTION} )?$")
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


def mentions_in(folded: Folded, words: Sequence[tuple[int, int]]) -> Iterator[Mention]:
    """Yield the places that a text names, in their order.

    Args:
        folded: The text.
        words: Where its words stand.
    """
    first_line = _end_of_first_line(folded.seen)
    before: Mention | None = None
    for found in _bare(folded, words):
        mention = _with_role(folded, found, before, first_line)
        before = mention
        yield mention


def _end_of_first_line(seen: str) -> int:
    """Return where the first line ends, or the first sentence of a text without lines: what says for whom it is."""
    start = len(seen) - len(seen.lstrip())
    found = re.compile(r"\n|(?<![Tt][Pp])[.!]\s").search(seen, start, start + _FIRST_LINE)
    return found.start() if found else min(len(seen), start + _FIRST_LINE)


class _Words(NamedTuple):
    """The words of a text: where each stands, how it is written in small letters, and spelled so that it can be compared."""

    folded: Folded
    spans: Sequence[tuple[int, int]]
    lowered: Sequence[str]
    spelled: Sequence[str]

    def gap(self, before: int) -> str:
        """Return what stands between a word and the one ahead of it."""
        return self.folded.lowered[self.spans[before - 1][1] : self.spans[before][0]]

    def begins_great(self, number: int) -> bool:
        """Whether a word begins with a capital."""
        return self.folded.seen[self.spans[number][0]].isupper()


def _bare(folded: Folded, spans: Sequence[tuple[int, int]]) -> Iterator[Mention]:
    """Yield the names, without what they stand for in the text."""
    names = gazette.names(is_plain=folded.is_plain)
    lowered = [folded.lowered[start:end] for start, end in spans]
    words = _Words(folded, spans, lowered, [CANONICAL[word] for word in lowered])
    number, count = 0, 0
    while number < len(spans) and count < MOST:
        taken, found = _commune(words, number) if lowered[number] in _BEGIN_TYPES else (0, [])
        if not taken and lowered[number] in _CITY_TYPES:
            taken, found = _city(words, number)
        if not taken and (same := names.get(words.spelled[number])):
            taken, found = _province(words, number, same)
        yield from found
        count += len(found)
        number += taken or 1


def communes_in(folded: Folded, spans: Sequence[tuple[int, int]], mentions: Sequence[Mention]) -> int:
    """Return where the communes and former districts lie that a text names without a word for their kind: `Hướng Hóa, Đakrông`.

    Any two words with capitals may be such a name, so this tells no more than that a place may be named. What is a mention
    already is none: there is a commune called Quảng Ninh, too.
    """
    taken = {start for each in mentions for start in range(each.start, each.end)}
    lowered = [folded.lowered[start:end] for start, end in spans]
    words = _Words(folded, spans, lowered, [CANONICAL[word] for word in lowered])
    mask, number = 0, 0
    while number < len(spans):
        size, mention = (0, None) if spans[number][0] in taken else _commune_name(words, number, is_first=True)
        mask |= mention.mask if mention and size > 1 else 0
        number += size or 1
    return mask


def _province(words: _Words, first: int, names: Sequence[gazette.Name]) -> tuple[int, list[Mention]]:
    """Read the longest name of a province or region that begins with a word; return how many words it takes."""
    for name in names:
        last = first + len(name.rest)
        if (
            tuple(words.spelled[first + 1 : last + 1]) == name.rest
            and _fits(words, first, last)
            and _is_name(words, first, last, name)
        ):
            span = words.spans[first][0], words.spans[last][1]
            return last + 1 - first, [Mention(*span, name.mask, Role.NAMED, (), name.is_region)] if name.mask else []
    return 0, []


def _fits(words: _Words, first: int, last: int) -> bool:
    """Whether words follow each other with no more than a space or a hyphen between them."""
    between = {" ", "-", " - ", " – ", "–", ", "} if last - first > 2 else {" ", "-"}  # Bà Rịa – Vũng Tàu
    return all(words.gap(each) in between for each in range(first + 1, last + 1))


def _is_name(words: _Words, first: int, last: int, name: gazette.Name) -> bool:
    """Whether letters say that it is a name: each word begins with a capital, or its kind stands before it."""
    start = words.spans[first][0]
    ahead = words.folded.lowered[max(0, start - 12) : start]
    if name.is_region:
        return not name.is_word or (words.begins_great(first) and not _WIND.search(ahead))
    has_capitals = all(map(words.begins_great, range(first, last + 1)))
    return has_capitals or not name.is_word or bool(_PROVINCE_TYPE.search(ahead))


def _commune(words: _Words, first: int) -> tuple[int, list[Mention]]:
    """Read `xã A, B và phường C` from its first word on; return how many words it takes."""
    if not (length := _type_length(words, first)):
        return 0, []
    at, found = first + length, list[Mention]()
    if at >= len(words.spans) or words.gap(at) not in _BEHIND_TYPE:
        return 0, []
    while len(found) < MOST and at < len(words.spans):
        size, mention = _commune_name(words, at, is_first=not found)
        if mention is None:
            break
        found.append(mention)
        at = _next_in_list(words, at + size)
    return (at - first, found) if found else (0, [])


def _city(words: _Words, first: int) -> tuple[int, list[Mention]]:
    """Read `thành phố Vinh`, a city of before July 2025; today's are provinces."""
    at = first + (2 if words.lowered[first + 1 : first + 2] in (["phố"], ["pho"]) else 1)
    if (
        at >= len(words.spans)
        or words.gap(at) not in _BEHIND_TYPE
        or words.spelled[at] in gazette.names(is_plain=words.folded.is_plain)
    ):
        return 0, []
    size, mention = _commune_name(words, at, is_first=True)
    return (at + size - first, [mention._replace(wards=())]) if mention else (0, [])


def _next_in_list(words: _Words, at: int) -> int:
    """Return where the next name of a list begins, its kind skipped; the end of the text where the list ends."""
    end = len(words.spans)
    if at >= end:
        return end
    is_and = words.lowered[at] in {"và", "va"} and words.gap(at) == " "
    if not is_and and not _COMMUNE_GAP.fullmatch(words.gap(at)):
        return at
    at += is_and
    return at + (_type_length(words, at) if at < end else 0)


def _type_length(words: _Words, first: int) -> int:
    """Return how many words the kind of a commune takes: `xã`, `đặc khu`; 0 where there is none."""
    word = words.lowered[first]
    if word in _TYPES:
        return _TYPES[word]
    return _TYPES.get(" ".join(words.lowered[first : first + 2]), 0)


def _commune_name(words: _Words, at: int, *, is_first: bool) -> tuple[int, Mention | None]:
    """Read the longest name of a commune or a former district; one that follows in a list must be of today."""
    is_plain = words.folded.is_plain
    for size in range(_capitals(words, at), 0, -1):
        name = tuple(words.spelled[at : at + size])
        wards = gazette.communes(is_plain=is_plain).get(name, ())
        mask = reduce(or_, (places.wards()[code].mask for code in wards), 0)
        if wards or (is_first and (mask := gazette.earlier(is_plain=is_plain).get(name, 0))):
            return size, Mention(words.spans[at][0], words.spans[at + size - 1][1], mask, Role.NAMED, wards)
    return 0, None


def _capitals(words: _Words, at: int) -> int:
    """Count the words from one on that a name may consist of."""
    size = 0
    while at + size < len(words.spans) and size < _LONGEST:
        is_part = words.begins_great(at + size) or words.lowered[at + size].isdigit()
        if not is_part or (size and words.gap(at + size) not in {" ", "-"}):
            break
        size += 1
    return size


def _with_role(folded: Folded, found: Mention, before: Mention | None, first_line: int) -> Mention:
    lowered = folded.lowered
    if before is not None and found.start - before.end <= 40:
        gap = lowered[before.end : found.start]
        came_from = _FROM.search(lowered[max(0, before.start - _AROUND) : before.start])
        if not found.wards and _RANGE_GAP.fullmatch(gap) and (came_from or gap.strip() not in {"-", "–", "—"}):
            return found._replace(mask=found.mask | _between(before.mask, found.mask), role=Role.REFERENCE, is_region=True)
        if _LIST_GAP.fullmatch(gap):
            return found._replace(role=before.role)
    ahead = lowered[max(0, found.start - _AROUND) : found.start]
    return found._replace(role=_role(ahead, is_first=found.start < first_line, is_commune=bool(found.wards)))


def _role(ahead: str, *, is_first: bool, is_commune: bool) -> Role:
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


def _between(first: int, last: int) -> int:
    """Return the former provinces from one to another; their codes go from north to south."""
    if not first or not last:
        return 0
    lowest, highest = sorted((first.bit_length(), last.bit_length()))
    return (1 << highest) - (1 << (lowest - 1))
