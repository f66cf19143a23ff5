"""A segment of an address, such as `P. Thuận An` or `12 Lê Lợi Q1 TPHCM`, to the places named at its right end.

Owns what may be read into a stretch of words; knows nothing of the rest of the text. Keeps what it has read, because ten million
addresses share their last segments.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from zalo_alert.places.gazetteer import DISTRICT, PROVINCE, WARD, Reading, WardUnit, gazetteer, words
from zalo_alert.places.spelling import TYPE_WORDS, Syllable, fits, folded, is_exactly, plain, syllables, type_size
from zalo_alert.places.tables import FORMER_PROVINCES, PROVINCES

MOST_DAMAGED = 4  # syllables at the end of a segment that may be damage, when a name with its type word stands before them
TYPED = tuple(f"{word} " for word in TYPE_WORDS)
_WARD_TYPES = {plain(kind): tuple(kind) for kind in map(syllables, ("phường", "xã", "thị trấn", "đặc khu"))}
_OF_WARDS = tuple(f"{word} " for word in _WARD_TYPES)
_WARD_WORDS = frozenset(word.split(" ")[0] for word in _WARD_TYPES)
_LIKE_TYPES = frozenset(found[0] for found in map(syllables, ("xa", "phương", "phượng", "phuong")))
_LAST_IN_ENGLISH = {
    "phuong": (Syllable("phuong", "phuong", ""),),
    "xa": (Syllable("xa", "xa", ""),),
    "quan": (Syllable("quan", "quan", ""), Syllable("huyen", "huyen", "")),
}


class Unit(NamedTuple):
    """One name found in a segment, and all that it may mean; a mask is 0 when it is no place of that level.

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
    def of(
        cls, readings: Sequence[Reading], key: str, *, is_whole: bool, is_typed: bool, name: tuple[Syllable, ...] = ()
    ) -> "Unit":
        """Gather readings by level; of several provinces the first counts."""
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
        # Of texts without any accent, and of texts with: "Thanh An" means Thạnh An only in the former.
        self.known: tuple[dict[str, tuple[Unit, ...]], ...] = ({}, {})

    def read(self, segment: str, *, accented: bool) -> tuple[Unit, ...]:
        """Return the units at a folded segment's right end, the rightmost first.

        Args:
            segment: Folded, without walls.
            accented: Whether its text has an accent anywhere, so that a missing one means something.
        """
        known = self.known[accented]
        if len(known) >= self.LIMIT:
            known.clear()
        said = syllables(segment)
        found = tuple(self._units(said, accented=accented))
        if not found and len(said) > 1:
            found = self._with_its_end_explained(said, accented=accented)
        known[segment] = found
        return found

    def _with_its_end_explained(self, said: list[Syllable], *, accented: bool) -> tuple[Unit, ...]:
        """Read a segment whose last words are no name: English order, an abbreviation, something said, something damaged."""
        last = said[-1].plain
        for first in _LAST_IN_ENGLISH.get(last, ()):  # `An Khanh Ward`, `Cu Chi District`
            if found := tuple(self._units([first, *said[:-1]], accented=accented)):
                return found
        found = tuple(self._units(said[:-1], accented=accented)) if last in abbreviated() else ()
        if found and (within := found[0].district & abbreviated()[last]):  # `Long Xuyên AG`: either alone says less
            return (found[0]._replace(district=within), *found[1:])
        while len(said) > 1 and said[-1].plain in self._words.noise:
            said = said[:-1]
            if found := tuple(self._units(said, accented=accented)):
                return found
        for end in range(len(said) - 1, max(0, len(said) - MOST_DAMAGED - 1), -1):
            found = tuple(self._units(said[:end], accented=accented))
            if found and found[0].is_typed and (found[0].district or found[0].province):
                return found  # `Quận 1 T.P H.C.Minh`, `TP Biên Hòa TỉnhĐyng Nai`: what says its type is believed
        return ()

    def _units(self, said: Sequence[Syllable], *, accented: bool) -> Iterator[Unit]:
        keys = [syllable.plain for syllable in said]
        end = len(said)
        while end > 0:
            for size in self._sizes.get(keys[end - 1], ()):
                start = end - size
                if start < 0:
                    continue
                key = " ".join(keys[start:end])
                readings = self._names.get(key)
                if readings is None and keys[start] in _WARD_WORDS:
                    readings = self._wards_called_otherwise(key, said[start:end])
                if not readings:
                    if readings is not None and key in self._words.regions:
                        return
                    continue
                meant = self._meant(readings, said[start:end], keys, start, accented=accented)
                if meant is None:
                    return  # the name of a road or a person: what stands before it is no place either
                if meant:
                    typed = key.startswith(TYPED)
                    name = tuple(said[start + type_size(said[start:end]) : end]) if key.startswith(_OF_WARDS) else ()
                    yield Unit.of(meant, key, is_whole=size == len(said), is_typed=typed, name=name)
                    end = start
                    break
            else:
                return

    def _wards_called_otherwise(self, key: str, said: Sequence[Syllable]) -> tuple[Reading, ...]:
        """Find wards of a name that none of this type has: `xã Bố Hạ`, which is a phường now."""
        if not key.startswith(_OF_WARDS):
            return ()
        size = type_size(said)
        kind = _WARD_TYPES[plain(said[:size])]
        found = self._names.get(" ".join(key.split(" ")[size:]), ())
        return tuple(r._replace(name=(*kind, *r.name)) for r in found if r.level == WARD and r.name)

    def _meant(
        self, readings: tuple[Reading, ...], said: Sequence[Syllable], keys: Sequence[str], start: int, *, accented: bool
    ) -> tuple[Reading, ...] | None:
        """Keep the readings that the accents and the words before allow; None ends the segment."""
        kept = _spelled_so(readings, said) if accented else readings
        if not kept and start == 0 and len(said) > 1:
            return tuple(reading for reading in readings if reading.level < WARD)  # a slip of the tone: "Hà Tỉnh"
        if not kept or not start:
            return kept
        if not " ".join(keys[start : start + len(said)]).startswith(TYPED):
            bare = kept if len(said) > 1 else tuple(reading for reading in kept if reading.level == PROVINCE)
            return self._after(bare, keys, start, start + len(said))
        lent = accented and said[0] in _LIKE_TYPES and self._ends_a_name(keys, start + 1)
        return () if lent else kept  # "xã Cúc Phương Ninh Bình": its "phương" is another's

    def _after(self, kept: tuple[Reading, ...], keys: Sequence[str], start: int, end: int) -> tuple[Reading, ...] | None:
        """Judge a bare name by the word before it: a road, a person, or another place."""
        if keys[keys[0] == "quan"] in self._words.dishes:
            return None  # "bún bò Huế", "quán bún bò Huế"
        if self._ends_a_name(keys, start):
            return kept
        before, earlier = keys[start - 1], keys[start - 2] if start > 1 else ""
        if before in self._words.roads or (earlier in ("lo", "ql") and any(char.isdigit() for char in before)):
            return None
        if before in self._words.surnames or (end - start == 1 and earlier in self._words.surnames):
            return None
        street = " ".join(keys[start:end]) in self._words.streets
        return tuple(r for r in kept if r.level == PROVINCE or (r.level == DISTRICT and not street))

    def _ends_a_name(self, keys: Sequence[str], end: int) -> bool:
        for size in reversed(self._sizes.get(keys[end - 1], ())):  # most names have two syllables
            if 1 < size <= end and " ".join(keys[end - size : end]) in self._names:
                return True
        return False


def _spelled_so(readings: tuple[Reading, ...], said: Sequence[Syllable]) -> tuple[Reading, ...]:
    """Keep the readings of a text with accents: those spelled just so, else those that what was written leaves possible.

    One that is spelled otherwise is kept beside the former where it is the same place: the district of the ward Mù Cang Chải.
    """
    written = tuple(said)
    exact = [reading for reading in readings if reading.name == written]
    if len(exact) == len(readings):
        return readings
    if not exact:
        kept = [reading for reading in readings if reading.name is None or fits(written, reading.name)]
        exact = [reading for reading in kept if reading.name and is_exactly(written, reading.name)]
        if not exact:
            return tuple(kept)
    mask = 0
    for reading in exact:
        mask |= reading.mask
    others = [r for r in readings if not r.mask & ~mask and r not in exact and r.name and fits(written, r.name)]
    return (*others, *exact)


@cache
def abbreviated() -> Mapping[str, int]:
    """Return short forms of provinces, `ag` and `qnam`, with all that each may mean: no proof, but a hint beside a district."""
    found: dict[str, int] = defaultdict(int)
    for name, mask in [(p.name, p.mask) for p in FORMER_PROVINCES] + [(p.name, p.mask) for p in PROVINCES]:
        letters = [syllable.plain for syllable in syllables(folded(name))]
        found["".join(word[0] for word in letters)] |= mask
        found["".join(word[0] for word in letters[:-1]) + letters[-1]] |= mask
    return found


def other_wards(name: Sequence[Syllable]) -> tuple[Reading, ...]:
    """Return the wards of a name whatever their type; people mix up phường, xã and thị trấn."""
    return tuple(r for r in gazetteer().names.get(plain(name), ()) if r.level == WARD and r.name and fits(name, r.name))
