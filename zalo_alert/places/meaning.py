"""What a selector was taken for, and what else of its name there is or was: Đông Hà is a ward today, and was a town of nine.

Values, not sentences: whoever prints them chooses the words.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from zalo_alert.models import Area
from zalo_alert.places.areas import (
    ALL,
    area,
    covers,
    districts_named,
    keys_named,
    old_wards_named,
    steps,
    wards_named,
    wards_within,
)
from zalo_alert.places.names import MASKS, WARD_PREFIX, name_of
from zalo_alert.places.tables import REGIONS
from zalo_alert.places.units import District, OldWard, Ward, districts, old_wards, wards

_SAYS_WARD = (WARD_PREFIX, "phường ", "xã ", "đặc khu ")
_REGIONS = {key: region.name for region in REGIONS for key in (region.key, f"region:{region.key}")}


class Kind(StrEnum):
    """What a place is, or was."""

    ALL = "all"
    REGION = "region"
    PROVINCE = "province"
    FORMER_PROVINCE = "former-province"
    WARD = "ward"
    FORMER_DISTRICT = "former-district"
    FORMER_WARD = "former-ward"


class Namesake(NamedTuple):
    """Another place of the same name, which the selector does not mean.

    Args:
        kind: A province or ward of today, or a former district or ward; other former provinces of a name are refused earlier.
        type: Its type word: `thành phố`.
        name: Its name without that.
        place: The former province it lies or lay in, `old:45`.
        wards: Codes of today's wards that it is, or went into, its namesake first; for a province, none.
        former_wards: How many wards a former district had; 1 for a former ward, else 0.
        is_larger: It holds all that the selector means, and more.
        is_covered: The selector means all of it anyhow.
    """

    kind: Kind
    type: str
    name: str
    place: str
    wards: tuple[str, ...]
    former_wards: int
    is_larger: bool
    is_covered: bool


class Meaning(NamedTuple):
    """What one step of a selector was taken for.

    Args:
        sign: `+`, or `-` for what is taken out.
        text: The step as written.
        kind: What it was taken for.
        key: Its key: `all`, `region:tay-nguyen`, `new:44`, `old:45`, `ward:19333`; what to write to be unmistakable.
        name: Its name in Vietnamese: `Phường Đông Hà, Quảng Trị`.
        area: The same as a set of places.
        wards: How many wards of today it holds.
        namesakes: What else has the name, the larger first; empty when a code was written, because that says what is meant.
    """

    sign: str
    text: str
    kind: Kind
    key: str
    name: str
    area: Area
    wards: int
    namesakes: tuple[Namesake, ...]


def meanings(selector: str) -> tuple[Meaning, ...]:
    """Say for each step of a selector what `area` takes it for.

    Raises:
        PlaceUnknown: As `area` does.
    """
    area(selector)
    return tuple(_meaning(sign, text) for sign, text in steps(selector))


def taken_for(selector: str) -> tuple[Meaning, ...]:
    """Say the same at less cost.

    Namesakes are looked for only where a bare name was taken for a ward, as the old wards take 150 ms to read; wards are not
    counted.
    """
    quick: list[Meaning] = []
    for sign, text in steps(selector):
        meant = area(text)
        if meant.wards and not text.casefold().startswith(_SAYS_WARD):
            quick.append(_meaning(sign, text))
        else:
            key = _key(text, meant)
            quick.append(Meaning(sign, text, _kind(key), key, _name(key), meant, 0, ()))
    return tuple(quick)


def _meaning(sign: str, text: str) -> Meaning:
    target = area(text)
    key = _key(text, target)
    kind, name = _kind(key), _name(key)
    namesakes = () if text == key or key.endswith(f":{text}") else tuple(_namesakes(text, key, target))
    number = sum(covers(target, WARD_PREFIX + code) for code in wards())
    return Meaning(sign, text, kind, key, name, target, number, tuple(sorted(namesakes, key=lambda other: not other.is_larger)))


def _key(text: str, target: Area) -> str:
    if target.wards:
        return WARD_PREFIX + next(iter(target.wards))
    if text in _REGIONS or text == ALL or text in MASKS:
        return text
    keys = keys_named(text)
    return next((key for key in keys if key.startswith("new:")), keys[0])


def _name(key: str) -> str:
    return _REGIONS.get(key, "cả nước" if key == ALL else "") or name_of(key)


def _kind(key: str) -> Kind:
    if key in _REGIONS:
        return Kind.REGION
    kinds = {"all": Kind.ALL, "new": Kind.PROVINCE, "old": Kind.FORMER_PROVINCE, "ward": Kind.WARD}
    return kinds[key.split(":")[0]]


def _namesakes(text: str, key: str, target: Area) -> Iterator[Namesake]:
    for district in districts_named(text):
        many = sum(old.district == district.code for old in old_wards().values())
        yield _namesake(Kind.FORMER_DISTRICT, district, district.old_code, wards_within(district.code), many, target)
    for ward in wards_named(text):
        if WARD_PREFIX + ward.code != key:
            yield _namesake(Kind.WARD, ward, ward.old_code, (ward.code,), 0, target)
    for old in old_wards_named(text):
        if not any(wards()[code].name == old.name for code in old.new_codes):  # one that lives on is no second place
            yield _namesake(Kind.FORMER_WARD, old, districts()[old.district].old_code, old.new_codes, 1, target)


def _namesake(
    kind: Kind, unit: Ward | District | OldWard, old_code: str, inside: tuple[str, ...], many: int, target: Area
) -> Namesake:
    reached = {code for code in inside if covers(target, WARD_PREFIX + code)}
    is_larger = not target.mask and not target.everyone and target.wards < set(inside)
    name = unit.name.removeprefix("Quận ") if unit.type == "quận" else unit.name
    return Namesake(kind, unit.type, name, f"old:{old_code}", inside, many, is_larger, len(reached) == len(inside))
