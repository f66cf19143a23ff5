"""A segment of an address, such as `P. Thuận An` or `12 Lê Lợi Q1 TPHCM`, to the places named at its right end.

Owns what may be read into a stretch of words; knows nothing of the rest of the text. Keeps what it has read, because ten million
addresses share their last segments.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from zalo_alert.places.asides import own_part, signs
from zalo_alert.places.gazetteer import DISTRICT, PROVINCE, WARD, NameReading, WardUnit, gazetteer, words
from zalo_alert.places.spelling import LOST, TYPE_WORDS, Initial, Syllable, fits, folded, is_exactly, plain, syllables, type_size
from zalo_alert.places.tables import FORMER_PROVINCES, PROVINCES
from zalo_alert.places.units import districts

MOST_DAMAGED = 4  # syllables at the end of a segment that may be damage, when a name with its type word stands before them
TYPED = tuple(f"{word} " for word in TYPE_WORDS)
_LOWER_TYPES = {
    plain(kind): tuple(kind)
    for kind in map(syllables, ("phường", "xã", "thị trấn", "đặc khu", "quận", "huyện", "thị xã", "thành phố"))
}
_LOWER = tuple(f"{word} " for word in _LOWER_TYPES)  # type words of districts and wards; people mix them up
# What a name may be that none of the type has: a ward by another ward's word, a district by another district's, or its seat.
_LEVELS = dict.fromkeys(_LOWER_TYPES, (DISTRICT,)) | {
    "phuong": (WARD,), "xa": (WARD,), "thi tran": (DISTRICT, WARD), "dak khu": (WARD,),
}  # fmt: skip
_ONE_WORD = frozenset(word for word in _LOWER_TYPES if " " not in word)
_SECOND_WORDS = frozenset(word.split(" ")[1] for word in _LOWER_TYPES if " " in word)
_OF_DISTRICTS = {word: kind for word, kind in _LOWER_TYPES.items() if DISTRICT in _LEVELS[word]}
_TYPE_ENDINGS = frozenset(("tran", "xa", "pho", "quan", "huyen"))  # of those that districts have
_TYPE_SYLLABLES = frozenset(kind[0] for kind in (*_LOWER_TYPES.values(), syllables("tỉnh")))
_JUNCTIONS = frozenset(("nga", "bung"))  # `ngã ba Bến Tre`, `bùng binh Quy Nhơn`
_NUMBERED_ROADS = frozenset(("lo", "ql", "ngo", "hem", "kiet", "ngach"))
_LIKE_TYPES = frozenset(spelled[0] for spelled in map(syllables, ("xa", "phương", "phượng", "phuong")))
_LAST_IN_ENGLISH = {
    "phuong": (Syllable("phuong", "phuong", ""),),
    "xa": (Syllable("xa", "xa", ""),),
    "quan": (Syllable("quan", "quan", ""), Syllable("huyen", "huyen", "")),
}


class Unit(NamedTuple):
    """One name found in a segment, and all that it may mean; a mask is 0 when it is not a place of that level.

    Args:
        province: Former provinces of the province of this name.
        before: The same, said before the merger.
        district: Former provinces with such a district.
        districts: The codes of these.
        ward: Former provinces with such a ward.
        wards: These, of today and before.
        key: The name without accents.
        is_whole: The segment holds nothing else.
        is_typed: It says what it is: `phường Phú Thọ`.
        name: Of a typed ward, its name without the type word, as written; wards that are called otherwise may be meant.
    """

    province: int
    before: int
    district: int
    districts: tuple[str, ...]
    ward: int
    wards: tuple[WardUnit, ...]
    key: str
    is_whole: bool
    is_typed: bool
    name: tuple[Syllable, ...] = ()

    @classmethod
    def of(cls, readings: Sequence[NameReading], key: str = "", spelled: Sequence[Syllable] = (), *, is_whole: bool) -> "Unit":
        """Gather readings by level; of several provinces the first counts. `spelled` are the words of `key`."""
        is_typed = key.startswith(TYPED)
        name = tuple(spelled[type_size(spelled) :]) if is_typed and key.startswith(_LOWER) else ()
        province = before = district = ward = 0
        districts: tuple[str, ...] = ()
        wards: tuple[WardUnit, ...] = ()
        for reading in readings:
            if reading.level == WARD:
                ward, wards = ward | reading.mask, wards + reading.wards
            elif reading.level == DISTRICT:
                district, districts = district | reading.mask, districts + reading.districts
            elif not province:
                province, before = reading.mask, reading.before
        if district and not districts and not is_typed and ward & ~district:
            district = 0  # a district that is gone, and wards of its name elsewhere: "Tân Thành" alone is anywhere
        return cls(province, before, district, districts, ward, wards, key, is_whole, is_typed, name)


class SegmentReader:
    """Reads segments, each of them once."""

    LIMIT = 200_000  # segments kept: some hundred megabytes

    def __init__(self) -> None:
        self._names, self._sizes = gazetteer().names, gazetteer().sizes
        self._words = words()
        self._hamlets, self._signs = hamlets(), signs()
        # Of texts without any accent, and of texts with: "Thanh An" means Thạnh An only in the former.
        self.known: tuple[dict[str, tuple[Unit, ...]], ...] = ({}, {})

    def read(self, segment: str, *, accented: bool) -> tuple[Unit, ...]:
        """Return the units at a folded segment's right end, the rightmost first.

        Args:
            segment: Folded, without walls.
            accented: Whether its text has an accent anywhere, so that a missing one means something.
        """
        remembered = self.known[accented]
        if len(remembered) >= self.LIMIT:
            remembered.clear()
        spelled = syllables(segment)
        keys = [syllable.plain for syllable in spelled]
        if not self._signs.isdisjoint(keys):
            end = own_part(spelled, keys)
            del spelled[end:], keys[end:]
        if LOST in segment and (begin := _past_damage(spelled, keys)):
            del spelled[:begin], keys[:begin]
        if len(keys) > 1 and type(spelled[-2]) is Initial and _is_cut(spelled[-2:]):
            del spelled[-2:], keys[-2:]  # `Tam Kỳ Q. Nam`: a name or a type word, so it says nothing
        units = tuple(self._units(spelled, keys, accented=accented))
        if not units and len(spelled) > 1:
            units = self._with_its_end_explained(spelled, accented=accented)
        remembered[segment] = units
        return units

    def _with_its_end_explained(self, spelled: list[Syllable], *, accented: bool) -> tuple[Unit, ...]:
        """Read a segment whose last words are not a name: English order, an abbreviation, something said, something damaged."""
        last = spelled[-1].plain
        for first in _LAST_IN_ENGLISH.get(last, ()):  # `An Khanh Ward`, `Cu Chi District`
            if units := self._read([first, *spelled[:-1]], accented=accented):
                return units
        units = self._read(spelled[:-1], accented=accented) if last in abbreviated() else ()
        if units and (within := units[0].district & abbreviated()[last]):  # `Long Xuyên AG`: either alone says less
            return (units[0]._replace(district=within), *units[1:])
        while len(spelled) > 1 and spelled[-1].plain in self._words.noise:
            spelled = spelled[:-1]
            if units := self._read(spelled, accented=accented):
                return units
        for end in range(len(spelled) - 1, max(0, len(spelled) - MOST_DAMAGED - 1), -1):
            units = self._read(spelled[:end], accented=accented)
            if units and units[0].is_typed and (units[0].district or units[0].province):
                return units  # `Quận 1 T.P H.C.Minh`, `TP Biên Hòa TỉnhĐyng Nai`: what says its type is believed
        return ()

    def _read(self, spelled: Sequence[Syllable], *, accented: bool) -> tuple[Unit, ...]:
        keys = [syllable.plain for syllable in spelled]
        if len(keys) > 1 and type(spelled[-2]) is Initial and _is_cut(spelled[-2:]):
            spelled, keys = spelled[:-2], keys[:-2]
        return tuple(self._units(spelled, keys, accented=accented))

    def _units(self, spelled: Sequence[Syllable], keys: Sequence[str], *, accented: bool) -> Iterator[Unit]:
        end = len(spelled)
        while end > 0:
            for size in self._sizes.get(keys[end - 1], ()):
                start = end - size
                if start < 0:
                    continue
                key = " ".join(keys[start:end])
                readings = self._names.get(key)
                if readings is None and size > 1 and (keys[start] in _ONE_WORD or keys[start + 1] in _SECOND_WORDS):
                    readings = self._called_otherwise(key, spelled[start:end])
                if not readings:
                    if readings is not None and key in self._words.regions:
                        return
                    continue
                if start and keys[start - 1] in _TYPE_ENDINGS:
                    start, readings = self._under_another_kind(readings, spelled, keys, start, end)
                    key = " ".join(keys[start:end])
                meant = self._meant(readings, key, spelled, keys, start, end, accented=accented)
                if meant is None:
                    return  # the name of a road or a person: what stands before it is not a place either
                if meant:
                    yield Unit.of(meant, key, spelled[start:end], is_whole=end - start == len(spelled))
                    end = start
                    break
            else:
                return

    def _under_another_kind(
        self, readings: tuple[NameReading, ...], spelled: Sequence[Syllable], keys: Sequence[str], start: int, end: int
    ) -> tuple[int, tuple[NameReading, ...]]:
        """Take in the type word before a name that no name has: `thị trấn Bố Trạch`, which is a district's."""
        for size in (2, 1):
            begin = max(0, start - size)
            kind = _OF_DISTRICTS.get(" ".join(keys[begin:start]))
            if kind and fits(spelled[begin:start], kind):
                others = self._called_otherwise(" ".join(keys[begin:end]), spelled[begin:end])
                return (begin, others) if others else (start, readings)
        return start, readings

    def _called_otherwise(self, key: str, spelled: Sequence[Syllable]) -> tuple[NameReading, ...]:
        """Find units of a name that none of this type has: `xã Bố Hạ`, a phường now, `huyện Đông Hà`, which was a town."""
        size = type_size(spelled) if key.startswith(_LOWER) else 0
        if not size or size == len(spelled):
            return ()
        kind = _LOWER_TYPES[plain(spelled[:size])]
        levels = _LEVELS[plain(spelled[:size])]
        others = self._names.get(" ".join(key.split(" ")[size:]), ())
        if WARD not in levels and any(reading.level == PROVINCE for reading in others):
            return ()  # "huyện Bắc Ninh": the town or the province, nobody knows
        return tuple(r._replace(name=(*kind, *r.name)) for r in others if r.level in levels and r.name)

    def _meant(
        self,
        readings: tuple[NameReading, ...],
        key: str,
        whole: Sequence[Syllable],
        keys: Sequence[str],
        start: int,
        end: int,
        *,
        accented: bool,
    ) -> tuple[NameReading, ...] | None:
        """Keep the readings that the accents and the words before allow; None ends the segment."""
        spelled = whole[start:end]
        if type(spelled[0]) is Initial:
            readings = tuple(reading for reading in readings if _says_its_type(reading))
        fitting = _spelled_so(readings, spelled) if accented else readings
        if not fitting and start == 0 and len(spelled) > 1 + (type(spelled[0]) is Initial):
            return tuple(reading for reading in readings if reading.level < WARD)  # a slip of the tone: "Hà Tỉnh"
        if not fitting or not start:
            return fitting
        if not key.startswith(TYPED):
            bare = fitting if len(spelled) > 1 else tuple(reading for reading in fitting if reading.level == PROVINCE)
            if keys[start - 1] in self._hamlets and self._is_hamlet(whole, keys, start):
                return None
            return self._after(bare, key, keys, start)
        lent = accented and spelled[0] in _LIKE_TYPES and self._ends_a_name(keys, start + 1)
        return () if lent else fitting  # "xã Cúc Phương Ninh Bình": its "phương" is another's

    def _is_hamlet(self, spelled: Sequence[Syllable], keys: Sequence[str], start: int) -> bool:
        """Whether the word before a name says that it is a hamlet's: `Ấp Bình Định`, `khu dân cư Long An`."""
        written, word = spelled[start - 1], self._hamlets[keys[start - 1]]
        if word.plain == "cu":
            return start > 1 and keys[start - 2] == "dan"
        return (written == word or (written.is_plain and start == 1)) and not self._ends_a_name(keys, start)

    def _after(
        self, fitting: tuple[NameReading, ...], key: str, keys: Sequence[str], start: int
    ) -> tuple[NameReading, ...] | None:
        """Judge a bare name by the word before it: a road, a person, or another place."""
        first = keys[0] == "quan"
        if keys[first] in self._words.dishes and " ".join(keys[first:start]) not in self._names:
            return None  # "bún bò Huế", "quán bún bò Huế", but not "cam ranh khanh hoa"
        if self._ends_a_name(keys, start):
            return fitting
        before, earlier = keys[start - 1], keys[start - 2] if start > 1 else ""
        if before in self._words.roads or earlier in _JUNCTIONS:
            return None
        if earlier in _NUMBERED_ROADS and any(char.isdigit() for char in before):
            return None
        if before in self._words.surnames or (" " not in key and earlier in self._words.surnames):
            return None
        street = key in self._words.streets
        return tuple(r for r in fitting if r.level == PROVINCE or (r.level == DISTRICT and not street))

    def _ends_a_name(self, keys: Sequence[str], end: int) -> bool:
        for size in reversed(self._sizes.get(keys[end - 1], ())):  # most names have two syllables
            if 1 < size <= end and " ".join(keys[end - size : end]) in self._names:
                return True
        return False


def _spelled_so(readings: tuple[NameReading, ...], spelled: Sequence[Syllable]) -> tuple[NameReading, ...]:
    """Keep the readings of a text with accents: those spelled just so, else those that what was written leaves possible.

    One that is spelled otherwise is kept beside the former where it is the same place: the district of the ward Mù Cang Chải.
    """
    written = tuple(spelled)
    exact = [reading for reading in readings if reading.name == written]
    if len(exact) == len(readings):
        return readings
    if not exact:
        fitting = [reading for reading in readings if reading.name is None or fits(written, reading.name)]
        exact = [reading for reading in fitting if reading.name and is_exactly(written, reading.name)]
        if not exact:
            return tuple(fitting)
    mask = 0
    for reading in exact:
        mask |= reading.mask
    others = [r for r in readings if not r.mask & ~mask and r not in exact and r.name and fits(written, r.name)]
    return (*others, *exact)


def _says_its_type(reading: NameReading) -> bool:
    """Whether a name begins with a type word, or a letter of its own: `Q.` is short for Quận, never for the Quan of Quan Sơn."""
    return reading.name is None or reading.name[0] in _TYPE_SYLLABLES or type(reading.name[0]) is Initial


def _past_damage(spelled: Sequence[Syllable], keys: Sequence[str]) -> int:
    """Return where a segment goes on behind a longer name whose beginning is damaged: `H�m Thuận Bắc` is not Thuận Bắc."""
    for at in range(len(keys) - 1, -1, -1):
        if LOST in keys[at]:
            letters = re.compile(re.sub(f"{LOST}+", ".+", keys[at]))
            for end in range(len(keys), at + 1, -1):
                if any(letters.fullmatch(first) for first in beginnings().get(plain(spelled[at + 1 : end]), ())):
                    return end
    return 0


@cache
def beginnings() -> Mapping[str, tuple[str, ...]]:
    """Return the first syllables of provinces and districts, by the rest of the name."""
    firsts: dict[str, tuple[str, ...]] = {}
    for name in (*(d.name for d in districts().values()), *(p.name for p in FORMER_PROVINCES), *(p.name for p in PROVINCES)):
        first, _, rest = plain(syllables(folded(name))).partition(" ")
        firsts[rest] = (*firsts.get(rest, ()), first)
    return firsts


def _is_cut(spelled: Sequence[Syllable]) -> bool:
    last = shortened().get(plain(spelled))
    return last is not None and fits(spelled[1:], (last,))


@cache
def hamlets() -> Mapping[str, Syllable]:
    """Return the words for hamlets by their plain letters."""
    return {syllable.plain: syllable for text in words().hamlets for syllable in syllables(folded(text))[-1:]}


@cache
def shortened() -> Mapping[str, Syllable]:
    """Return names whose first syllable, cut to a letter, is a type word's letter: `quan nam`, Q. Nam, to the rest of it."""
    lasts = {}
    for name in (*(d.name for d in districts().values()), *(p.name for p in FORMER_PROVINCES), *(p.name for p in PROVINCES)):
        first, *rest = syllables(folded(name))
        letter = syllables(first.plain[0])[0]
        if len(rest) == 1 and type(letter) is Initial and not rest[0].plain.isdecimal():
            lasts[f"{letter.plain} {rest[0].plain}"] = rest[0]
    return lasts


@cache
def abbreviated() -> Mapping[str, int]:
    """Return short forms of provinces, `ag` and `qnam`, and all that each may mean: no proof, but a hint next to a district."""
    masks: dict[str, int] = defaultdict(int)
    for name, mask in [(p.name, p.mask) for p in FORMER_PROVINCES] + [(p.name, p.mask) for p in PROVINCES]:
        letters = [syllable.plain for syllable in syllables(folded(name))]
        masks["".join(word[0] for word in letters)] |= mask
        masks["".join(word[0] for word in letters[:-1]) + letters[-1]] |= mask
    return masks


def others_named(name: Sequence[Syllable], district: int) -> tuple[NameReading, ...]:
    """Return the wards of a name whatever their type, or the districts when a district was meant; people mix up the types."""
    level = DISTRICT if district else WARD
    return tuple(r for r in gazetteer().names.get(plain(name), ()) if r.level == level and r.name and fits(name, r.name))
