"""Which places a text names, and as what: provinces, regions, communes; see `place_roles`."""

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.wording import gazette
from zalo_alert.wording.folded import Folded
from zalo_alert.wording.place_roles import AROUND, DASHES, DIRECTION, Role, is_list, is_range, role_of
from zalo_alert.wording.syllables import CANONICAL

MOST = 300  # mentions of a text: more than there are provinces, and nobody reads so many
_FIRST_LINE = 160  # signs at most that count as the first line
_LONGEST_GAP = 40  # signs between two places that belong together
_LONGEST = 5  # syllables of a commune's name
_TYPES = {"xã": 1, "phường": 1, "đặc khu": 2, "thị trấn": 2, "huyện": 1, "quận": 1, "thị xã": 2}
_TYPES |= {"xa": 1, "phuong": 1, "dac khu": 2, "thi tran": 2, "huyen": 1, "quan": 1, "thi xa": 2}
_BEGIN_TYPES = frozenset(kind.split()[0] for kind in _TYPES)
_CITY_TYPES = frozenset({"thành", "thanh", "tp"})
_PROVINCE_TYPE = re.compile(r"(?:tỉnh|tinh|thành phố|thanh pho|tp\.?) $")
_BEHIND_TYPE, _BEHIND_CITY = {" ", ": "}, {" ", ". ", "."}  # các xã: A, B; TP. Vinh
_COMMUNE_GAP = re.compile(r" ?[,;/–-] ?")


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


_WIND = re.compile(rf"(?:gió|gió mùa|hướng|phía|giữa) (?:{DIRECTION} )?$")


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
        behind, at = at + size, _next_in_list(words, at + size)
        if at == behind:
            break
    return (at - first, found) if found else (0, [])


def _city(words: _Words, first: int) -> tuple[int, list[Mention]]:
    """Read `thành phố Vinh`, a city of before July 2025; today's are provinces."""
    is_spelled_out = words.lowered[first + 1 : first + 2] in (["phố"], ["pho"])
    at = first + (2 if is_spelled_out else 1)
    if (
        not (is_spelled_out or words.lowered[first] == "tp")  # as in Thanh Hóa
        or at >= len(words.spans)
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
    if before is not None and found.start - before.end <= _LONGEST_GAP:
        gap = lowered[before.end : found.start]
        all_between = found.mask | _between(before.mask, found.mask)
        if not found.wards and is_range(lowered[max(0, before.start - AROUND) : before.start], gap):
            return found._replace(mask=all_between, role=Role.REFERENCE, is_region=True)
        if is_list(gap):  # a dash may mean all that lies between, too
            return found._replace(role=before.role, mask=all_between if gap.strip() in DASHES and not found.wards else found.mask)
    ahead = lowered[max(0, found.start - AROUND) : found.start]
    return found._replace(role=role_of(ahead, is_first=found.start < first_line, is_commune=bool(found.wards)))


def _between(first: int, last: int) -> int:
    """Return the former provinces from one to another; their codes go from north to south."""
    if not first or not last:
        return 0
    lowest, highest = sorted((first.bit_length(), last.bit_length()))
    return (1 << highest) - (1 << (lowest - 1))
