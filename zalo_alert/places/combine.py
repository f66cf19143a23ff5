"""The places named in one text, taken together: each is a set of former provinces, and what they leave is the answer."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from zalo_alert.places.gazetteer import WardUnit, words
from zalo_alert.places.names import UNKNOWN
from zalo_alert.places.segments import Unit, others_named
from zalo_alert.places.tables import EVERYWHERE, FORMER_PROVINCES, PROVINCES


class Why(StrEnum):
    """What an answer rests on, or why there is none; a code, not a score."""

    EMPTY = "empty"
    ALIAS = "alias"  # the office's own name for it
    PROVINCE = "province"  # a province of which nothing else need be known
    BEFORE = "before-merger"  # a province that grew, in a record from before it did
    DISTRICT = "district"  # a district settled which former province
    WARD = "ward"  # a ward did
    NEW_ONLY = "new-only"  # a province of today that was several, and nothing says which
    JOINED = "joined"  # words written together
    TELEX = "telex"  # typed with the keys of Telex or VNI left in it
    FUZZY = "fuzzy"  # a slip of the pen away from one name, and from no other
    FOREIGN = "foreign"
    CONFLICT = "conflict"  # two places that exclude each other
    AMBIGUOUS = "ambiguous"  # a name that several provinces have
    UNKNOWN = "unknown"


class Resolved(NamedTuple):
    """Where someone lives.

    Args:
        place: `old:NN` when the former province is certain, `new:NN` when only today's is, `foreign`, or `unknown`.
        ward: The code of today's ward when it can be told, else "".
        reason: What the answer rests on.
    """

    place: str
    ward: str
    reason: Why


_KEYS = {province.mask: province.key for province in FORMER_PROVINCES}


class Combined:
    """What the units of a text leave possible, taken from right to left; masks are 0 while nothing was said.

    `alternatives` says that the text offers a choice: `Gia Lai hoặc Bình Định`.
    """

    def __init__(self) -> None:
        self.alternatives = False
        self._ward_settles = False
        self.province = self.district = self.ward = 0
        self._before = 0
        self._districts: tuple[str, ...] = ()
        self._wards: tuple[WardUnit, ...] = ()
        self._ward_is_typed = self._province_is_whole = self._contradicted = False

    @property
    def is_empty(self) -> bool:
        """Whether no place was named at all."""
        return not (self.province or self.district or self.ward)

    @property
    def is_settled(self) -> bool:
        """Whether the former province is certain, whatever else stands there."""
        return self.province in _KEYS or self._ward_settles

    @property
    def is_complete(self) -> bool:
        """Whether the ward is named too."""
        return bool(self._wards) and self.is_settled

    def take(self, units: Iterable[Unit], *, as_ward: bool = False) -> None:
        """Take in the units of one segment; `as_ward` says that it stood in a field for wards."""
        for unit in units:
            if as_ward and unit.ward & (self.province or EVERYWHERE) and not self.ward:
                self._take_ward(unit.ward & (self.province or EVERYWHERE), unit.wards, typed=True)
            else:
                self._take(unit, typed=unit.is_typed)

    def _take(self, unit: Unit, *, typed: bool) -> None:
        if not self.province and unit.province and (not self.district or unit.province & self.district):
            self.province, self._before, self._province_is_whole = unit.province, unit.before, unit.is_whole
            return
        if self._ward_settles and not unit.is_typed:
            return  # a road or a hamlet, left of a ward that says all
        if self.alternatives and self.province and unit.province and unit.is_whole:
            self._take_alternative(unit)
            return
        within = self.province or EVERYWHERE
        if unit.district & within and not self.district:
            self.district, self._districts = unit.district & within, unit.districts
            if unit.ward & self.district and unit.key.startswith("thi tran "):  # a district's seat, called as it is
                self._take_ward(unit.ward & self.district, unit.wards, typed=True)
        elif unit.ward & within and not self.ward and (typed or (unit.is_whole and unit.key not in words().streets)):
            self._take_ward(unit.ward & within, unit.wards, typed=typed)
        elif unit.name and self.province and not (unit.ward | unit.district) & within:
            self._take_otherwise(unit, within)
        elif self.province and unit.province:
            self._take_second_province(unit, contradicts=not (unit.district | unit.ward) & within)

    def _take_otherwise(self, unit: Unit, within: int) -> None:
        """Take a name for a unit of another kind here: huyện Tân Phú lies elsewhere, quận Tân Phú in this city."""
        others = [reading for reading in others_named(unit.name, unit.district) if reading.mask & within]
        mask = _united(reading.mask for reading in others) & within
        if unit.district and not self.district:
            self.district, self._districts = mask, tuple(code for reading in others for code in reading.districts)
        elif not unit.district:
            self._take_ward(mask, tuple(ward for reading in others for ward in reading.wards), typed=True)

    def _take_ward(self, mask: int, wards: tuple[WardUnit, ...], *, typed: bool) -> None:
        if not self.ward:
            self.ward, self._wards, self._ward_is_typed = mask, wards, typed
            self._ward_settles = typed and not self.district and self.province > 0 and self._ward_mask(self.province) in _KEYS

    def _take_second_province(self, unit: Unit, *, contradicts: bool) -> None:
        """Let a former province inside today's settle it; one elsewhere contradicts, when both stand alone."""
        if unit.province & self.province:
            self.province &= unit.province
            self._before &= unit.before
        elif contradicts and unit.is_whole and self._province_is_whole:
            self._take_alternative(unit)

    def _take_alternative(self, unit: Unit) -> None:
        """Leave both possible: of "Bến Tre / Trà Vinh", today one province, nobody knows which of the two."""
        self.province |= unit.province
        self._before |= unit.before
        self._contradicted = not any(not self.province & ~today.mask for today in PROVINCES)

    # --- the answer -----------------------------------------------------------------------------------------------------

    def answer(self, *, before_merger: bool) -> Resolved:
        """Say what is left."""
        if self._contradicted and not self.district and not self.ward:
            return Resolved(UNKNOWN, "", Why.CONFLICT)
        mask, reason = self._left()
        ward = self._ward_code(mask)
        if before_merger and mask not in _KEYS and self._before & mask in _KEYS:
            mask, reason = self._before & mask, Why.BEFORE
        if mask in _KEYS:
            return Resolved(_KEYS[mask], ward, reason)
        today = next((province.key for province in PROVINCES if not mask & ~province.mask), None)
        return Resolved(today, ward, Why.NEW_ONLY) if today else Resolved(UNKNOWN, "", Why.AMBIGUOUS)

    def _left(self) -> tuple[int, Why]:
        mask, reason = self.province or EVERYWHERE, Why.PROVINCE
        if mask not in _KEYS and self.district & mask:
            mask, reason = mask & self.district, Why.DISTRICT
        if mask in _KEYS or not self.ward & mask or not (self.province or self.district or self._ward_is_typed):
            return mask, reason
        return self._ward_mask(mask), Why.WARD

    def _ward_mask(self, mask: int) -> int:
        """Say where wards of this name lie: in the district named; else today's first, nearly all alone in their province."""
        wards: Iterable[WardUnit] = ()
        if self.district:
            wards = self._former(mask)
        elif self.province:
            wards = [ward for ward in self._wards if not ward.district]
        return _united(ward.mask & mask for ward in wards) or self.ward & mask

    def _former(self, mask: int) -> list[WardUnit]:
        districts = self._districts
        return [w for w in self._wards if w.mask & mask and w.district and (not districts or w.district in districts)]

    def _ward_code(self, mask: int) -> str:
        """Name today's ward; of a former one that was divided, nothing says which part."""
        if not self._wards or mask.bit_count() > 3:
            return ""
        former = {code for ward in self._former(mask) for code in ward.codes}
        if self.district & mask and former:
            return _only(former)
        today = {ward.codes[0] for ward in self._wards if not ward.district and ward.mask & mask}
        return _only(today or former)


def _united(masks: Iterable[int]) -> int:
    united = 0
    for mask in masks:
        united |= mask
    return united


def _only(codes: set[str]) -> str:
    return next(iter(codes)) if len(codes) == 1 else ""
