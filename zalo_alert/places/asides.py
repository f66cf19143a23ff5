"""Places that are named without living there: the two ends of a road or a line, the neighbour behind a border.

`đường Huế đi Quảng Trị`, `tuyến Hà Nội - Vinh`, `giáp ranh Bình Dương và Đồng Nai`, `cách Huế 15 km`. Says how much of a segment
is no such thing; what is left is read as ever.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from zalo_alert.places.gazetteer import WARD, gazetteer, words
from zalo_alert.places.spelling import Syllable, fits, folded, plain, syllables

# What may stand before such words: "nhà em giáp Thái Bình", "khu vực giáp ranh".
_LEADS = frozenset({
    "so", "nha", "ngo", "hem", "kiet", "km", "o", "khu", "vuc", "vung", "cho", "tren", "chay", "nam", "dat", "ngay", "truc",
    "con", "nhanh", "em", "anh", "toi", "minh", "dia", "phan", "doan", "que",
})  # fmt: skip
_JOINING = frozenset({
    "di", "den", "toi", "noi", "voi", "va", "ve", "sang", "vao", "ra", "len", "xuong", "doan", "qua", "giua", "tu", "tuyen",
})  # fmt: skip
_FAR = re.compile("[0-9]+|km|cay|so|met|phut")
_LOWER = tuple(syllables("phường xã quận huyện"))
DASH = re.compile(r"\s[-–—~]+\s")
_NUMBERED = ("ql", "tl", "dt", "đt", "hl")
_SOFT = ("đường", "từ", "lộ", "xe")  # what streets begin with too
# Of most such words the first is the sign; of these another is, which fewer names have.
_RARER = {"cao tốc": "tốc", "biên giới": "giới", "nhà xe": "xe", "tiếp giáp": "giáp"}
_NUMBERS = (*map(str, range(1000)), *(f"{number}{letter}" for number in range(1, 100) for letter in "abcd"))
_LONGEST = 4  # syllables of a name


class Opening(NamedTuple):
    """Words that such an aside begins with; of some, names alone must follow, because streets begin with them too."""

    words: tuple[Syllable, ...]
    is_line: bool
    is_sure: bool


@cache
def signs() -> frozenset[str]:
    """Return the words of which every aside holds one, with accents and without."""
    texts = {_RARER.get(text, text.split(" ")[0]) for text in (*words().lines, *words().borders, *words().nears, *_SOFT)}
    return frozenset(texts | {syllable.plain for text in texts for syllable in syllables(text)} | _numbered())


def own_part(spelled: Sequence[Syllable], keys: Sequence[str]) -> int:
    """Return how many syllables of a segment say where somebody lives, from its beginning; 0 when all is aside.

    Args:
        spelled: The segment; one with none of `signs` is kept, and need not be asked about.
        keys: Its syllables' plain letters.
    """
    borders = _border_words()
    if not (keys[0] in _beginnings() or keys[0][0].isdigit()) and borders.isdisjoint(keys):
        return len(keys)  # Hải Dương
    begin = _lead(spelled, keys)
    if _is_line(spelled, keys, begin):
        return 0
    for at in range(begin, len(keys)):
        if keys[at] in borders and _is_border(spelled, keys, at, begin):
            return at if at > begin else 0
    return len(keys)


def is_aside(text: str) -> bool:
    """Whether a folded text, however many names it joins, is one aside."""
    return _left(text) == 0


def has_aside(text: str) -> bool:
    """Whether a folded text holds one, maybe behind other words: `Dĩ An giáp Thủ Đức`."""
    return _left(text) is not None


def _left(text: str) -> int | None:
    if signs().isdisjoint(text.split(" ")):
        return None
    spelled = syllables(DASH.sub(" đi ", text))
    left = own_part(spelled, [syllable.plain for syllable in spelled])
    return left if left < len(spelled) else None


def _is(written: Syllable, word: Syllable) -> bool:
    return written == word or (written.is_plain and written.plain == word.plain)


def _names_a_unit(spelled: Sequence[Syllable]) -> bool:
    """Whether a type word of units below the province stands there: where it does, somebody lives."""
    return any(_is(written, kind) for written in spelled for kind in _LOWER)


@cache
def _openings() -> Mapping[str, Opening]:
    """Return them by their plain letters."""
    table = [(text, True, True) for text in words().lines] + [(text, False, True) for text in words().borders]
    table += [(text, False, False) for text in words().nears] + [(text, True, False) for text in _SOFT]
    openings = [Opening(tuple(syllables(folded(text))), is_line, is_sure) for text, is_line, is_sure in table]
    return {plain(opening.words): opening for opening in openings}


@cache
def _numbered() -> frozenset[str]:
    return frozenset(f"{road}{number}" for road in _NUMBERED for number in ("", *_NUMBERS))


@cache
def _border_words() -> frozenset[str]:
    return frozenset(opening.words[0].plain for opening in _openings().values() if not opening.is_line)


@cache
def _beginnings() -> frozenset[str]:
    """Return the words that a line, or what may stand before it, begins with."""
    return _LEADS | _numbered() | {o.words[0].plain for o in _openings().values() if o.is_line} | {"quoc", "tinh", "huong"}


def _lead(spelled: Sequence[Syllable], keys: Sequence[str]) -> int:
    at = 0
    while at < len(keys) - 1 and (keys[at] in _LEADS or keys[at][0].isdigit()) and not _begins_a_name(spelled, keys, at):
        if _opening(spelled, keys, at, is_line=True):
            break
        at += 1
    return at + (keys[at + 1 : at + 2] == ["lo"])


def _opening(spelled: Sequence[Syllable], keys: Sequence[str], at: int, *, is_line: bool) -> Opening | None:
    for end in range(min(at + 3, len(keys) - 1), at, -1):
        opening = _openings().get(" ".join(keys[at:end]))
        if not opening or opening.is_line is not is_line or not all(map(_is, spelled[at:end], opening.words)):
            continue
        is_no_name = opening.is_sure is not is_line  # communes are called Biên Giới and Đường An, but names must follow that
        if (is_no_name or not _begins_a_name(spelled, keys, at)) and not (
            end - at > 1 and _begins_a_name(spelled, keys, end - 1)
        ):
            return opening
    return None


def _is_line(spelled: Sequence[Syllable], keys: Sequence[str], at: int) -> bool:
    numbered = keys[at] in _numbered()
    opening = None if numbered else _opening(spelled, keys, at, is_line=True)
    if opening and opening.is_sure:
        return not _names_a_unit(spelled[at + len(opening.words) :])
    if not (numbered or opening):
        return False
    after = at + (len(opening.words) if opening else 1)
    while after < len(keys) and keys[after][0].isdigit():
        numbered, after = True, after + 1
    masks, is_joined = _names(keys, after)
    return len(masks) > 1 and (is_joined or (numbered and not masks[0] & masks[1]))


def _is_border(spelled: Sequence[Syllable], keys: Sequence[str], at: int, begin: int) -> bool:
    opening = _opening(spelled, keys, at, is_line=False)
    if not opening:
        return False
    if opening.is_sure:  # but "huyện biên giới Đức Cơ" and "khu vực biên giới huyện Đức Cơ" are that district
        is_of_a_unit = _names_a_unit(spelled[max(0, at - 1) : at]) or (keys[at] == "bien" and _names_a_unit(spelled[at:]))
        return not is_of_a_unit
    masks, _ = _names(keys, at + len(opening.words))
    return len(masks) > (keys[at] == "giua") and (at == begin or _ends_a_name(keys, at))


def _names(keys: Sequence[str], at: int) -> tuple[list[int], bool]:
    """Return the provinces and districts from there to the end, if nothing else stands there, and whether a word joins them."""
    while at < len(keys) and keys[at] in _JOINING and not _size(keys, at):
        at += 1
    masks, joins = _joined(keys, at) or ([], 0)
    return masks, joins > 0


def _joined(keys: Sequence[str], at: int) -> tuple[list[int], int] | None:
    """Read names to the end; None when something else stands there. `di an giang` is "đi An Giang", before it is Dĩ An."""
    if all(_FAR.fullmatch(key) for key in keys[at:]):
        return [], 0
    if keys[at] in _JOINING and (after := _joined(keys, at + 1)) and after[0]:
        return after[0], after[1] + 1
    size = _size(keys, at)
    rest = _joined(keys, at + size) if size else None
    return ([_mask(" ".join(keys[at : at + size])), *rest[0]], rest[1]) if rest else None


def _size(keys: Sequence[str], at: int) -> int:
    """Return how many syllables the longest province or district has that begins here."""
    sizes = range(min(_LONGEST, len(keys) - at), 0, -1)
    return next((size for size in sizes if _mask(" ".join(keys[at : at + size]))), 0)


@cache
def _upper() -> Mapping[str, int]:
    masks = {}
    for name, readings in gazetteer().names.items():
        mask = 0
        for reading in readings:
            mask |= reading.mask if reading.level < WARD else 0
        if mask:
            masks[name] = mask
    return masks


def _mask(name: str) -> int:
    return _upper().get(name, 0)


def _begins_a_name(spelled: Sequence[Syllable], keys: Sequence[str], at: int) -> bool:
    """Whether the words are a name instead, as far as their accents say: Giáp Bát, `duong noi`, but not `đường nối`."""
    for size in (2, 3):
        readings = gazetteer().names.get(" ".join(keys[at : at + size]), ()) if at + size <= len(keys) else ()
        if any(reading.name is None or fits(spelled[at : at + size], reading.name) for reading in readings):
            return True
    return False


def _ends_a_name(keys: Sequence[str], end: int) -> bool:
    return any(" ".join(keys[end - size : end]) in gazetteer().names for size in (1, 2, 3) if size <= end)
