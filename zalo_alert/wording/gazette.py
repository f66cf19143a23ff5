"""Names of places as texts write them: provinces of both lists, regions, the communes of today and what was there before.

What a name means is a set of former provinces, as everywhere; names of seas and the like are known so that no province is read
into them.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, reduce
from importlib.resources import files
from operator import or_
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.wording.folded import fold
from zalo_alert.wording.syllables import canonical

Syllables = tuple[str, ...]


class Name(NamedTuple):
    """A name and what it means; a mask of 0 is no place that people are warned by.

    Args:
        rest: Its syllables behind the first.
        mask: Former provinces.
        is_region: It stands for several provinces.
        is_word: Written small, it is something else: `cao bằng`, `gió đông bắc`.
    """

    rest: Syllables
    mask: int
    is_region: bool = False
    is_word: bool = False


_SHORTEST_ALIAS = 3  # letters: HN and SG stand for much else
_WORDS = {
    "Hòa Bình",
    "Thái Bình",
    "Hải Dương",
    "Cao Bằng",
    "Bình Định",
    "Bình Dương",
    "Bình Thuận",
    "Long An",
    "Hà Nam",
    "Phú Thọ",
}
_SPELLINGS = (("Đắk", "Đắc"), ("Đắk", "Đăk"), ("Lắk", "Lắc"), ("Lắk", "Lăk"))
_NO_PLACES = (
    "Thái Bình Dương", "Tây Thái Bình Dương", "Tây Bắc Thái Bình Dương", "Biển Đông", "Bắc Biển Đông", "Nam Biển Đông",
    "Vịnh Bắc Bộ", "Bắc Vịnh Bắc Bộ", "Nam Vịnh Bắc Bộ", "Vịnh Thái Lan", "Điện Biên Phủ", "Hà Nam Ninh", "Việt Nam Airlines",
    "Hồng Hà Nội",
)  # fmt: skip
_NORTH_WEST = ("11", "12", "14", "10", "15", "17")  # former provinces, by code
_NORTH_EAST = ("02", "04", "06", "08", "19", "20", "22", "24", "25")
_DELTA = ("01", "26", "27", "30", "31", "33", "34", "35", "36", "37")
_MIDDLE_NORTH, _MIDDLE_MIDDLE = ("38", "40", "42", "44", "45", "46"), ("44", "45", "46", "48", "49", "51")
_MIDDLE_SOUTH, _HIGHLANDS = ("48", "49", "51", "52", "54", "56", "58", "60"), ("62", "64", "66", "67", "68")
_SOUTH_EAST = ("70", "72", "74", "75", "77", "79")
_SOUTH_WEST = ("80", "82", "83", "84", "86", "87", "89", "91", "92", "93", "94", "95", "96")
_NORTH, _SOUTH = (*_NORTH_WEST, *_NORTH_EAST, *_DELTA), (*_SOUTH_EAST, *_SOUTH_WEST)
_MIDDLE = (*_MIDDLE_NORTH, *_MIDDLE_SOUTH)
_REGIONS: Mapping[str, tuple[str, ...]] = {
    "Bắc Bộ": _NORTH, "miền Bắc": _NORTH, "các tỉnh phía Bắc": _NORTH, "Tây Bắc": _NORTH_WEST, "Tây Bắc Bộ": _NORTH_WEST,
    "Đông Bắc": _NORTH_EAST, "Đông Bắc Bộ": _NORTH_EAST, "Việt Bắc": _NORTH_EAST, "vùng núi phía Bắc": _NORTH,
    "miền núi phía Bắc": _NORTH, "Trung du và miền núi phía Bắc": _NORTH, "Đồng bằng sông Hồng": _DELTA,
    "Đồng bằng Bắc Bộ": _DELTA,
    "Bắc Trung Bộ": _MIDDLE_NORTH, "Trung Trung Bộ": _MIDDLE_MIDDLE, "Nam Trung Bộ": _MIDDLE_SOUTH, "Trung Bộ": _MIDDLE,
    "miền Trung": _MIDDLE, "Duyên hải miền Trung": _MIDDLE, "Duyên hải Nam Trung Bộ": _MIDDLE_SOUTH, "Tây Nguyên": _HIGHLANDS,
    "Đông Nam Bộ": _SOUTH_EAST, "Tây Nam Bộ": _SOUTH_WEST, "Nam Bộ": _SOUTH, "miền Nam": _SOUTH, "miền Tây": _SOUTH_WEST,
    "miền Đông": _SOUTH_EAST, "Đồng bằng sông Cửu Long": _SOUTH_WEST, "ĐBSCL": _SOUTH_WEST, "ĐBSH": _DELTA,
    "Bình Trị Thiên": ("44", "45", "46"), "Nghệ Tĩnh": ("40", "42"), "Thanh Nghệ Tĩnh": ("38", "40", "42"),
    "Nam Ngãi": ("49", "51"),
}  # fmt: skip
_EVERYWHERE = ("cả nước", "toàn quốc", "Việt Nam", "toàn thể đồng bào", "các địa phương trong cả nước")
_COAST = ("các tỉnh ven biển", "các tỉnh, thành phố ven biển", "các tỉnh duyên hải", "các địa phương ven biển")


@cache
def names(*, is_plain: bool = False) -> Mapping[str, tuple[Name, ...]]:
    """Return the names of provinces, regions and the like by their first syllable, the longest first.

    Args:
        is_plain: For a text that nobody wrote accents in.
    """
    table: dict[str, dict[Syllables, Name]] = defaultdict(dict)
    for name, mask, is_region in (*_provinces(), *_cities(), *_regions(), *((each, 0, False) for each in _NO_PLACES)):
        first, *rest = _spelled(name.replace(",", " "), is_plain=is_plain)
        known = table[first].get(tuple(rest))
        is_word = name in _WORDS or (is_region and name[0].isupper()) or (is_plain and len(rest) == 0)
        table[first][tuple(rest)] = Name(tuple(rest), mask | (known.mask if known else 0), is_region, is_word)
    return {first: tuple(sorted(of.values(), key=lambda each: -len(each.rest))) for first, of in table.items()}


def _spelled(name: str, *, is_plain: bool) -> Syllables:
    return canonical(fold(name).plain if is_plain else name)


def _provinces() -> Iterable[tuple[str, int, bool]]:
    own = [(each.name, each.mask) for each in places.FORMER_PROVINCES]
    own += [(each.name, each.mask) for each in places.PROVINCES]
    rows = csv.reader((files("zalo_alert.places") / "aliases.csv").read_text(encoding="utf-8").splitlines())
    aliases = [(alias, places.mask_of(key)) for kind, key, alias in rows if kind == "province" and len(alias) >= _SHORTEST_ALIAS]
    for name, mask in (*own, *aliases):
        yield name, mask, False
        for usual, other in _SPELLINGS:
            yield name.replace(usual, other), mask, False


def _cities() -> Iterable[tuple[str, int, bool]]:
    """Yield the cities of before July 2025, which people go on naming without a word for their kind: `Đà Lạt`, `Hội An`."""
    from zalo_alert.places.units import districts

    wards: dict[str, int] = defaultdict(int)
    for ward in places.wards().values():
        wards[ward.name] |= ward.mask
    others = {*_NO_PLACES, *(each.name for each in places.FORMER_PROVINCES)}
    for unit in districts().values():
        if unit.type == "thành phố" and " " in unit.name and unit.name not in others:
            yield unit.name, unit.mask | wards.get(unit.name, 0), False


def _regions() -> Iterable[tuple[str, int, bool]]:
    masks = {former.code: former.mask for former in places.FORMER_PROVINCES}
    coast = reduce(or_, (former.mask for former in places.FORMER_PROVINCES if former.coastal))
    for name, codes in _REGIONS.items():
        yield name, reduce(or_, (masks[code] for code in codes)), True
    yield from ((name, places.EVERYWHERE, True) for name in _EVERYWHERE)
    yield from ((name, coast, True) for name in _COAST)


@cache
def communes(*, is_plain: bool = False) -> Mapping[Syllables, tuple[str, ...]]:
    """Return the codes of the communes, wards and special zones of today by name; see `names`."""
    table: dict[Syllables, list[str]] = defaultdict(list)
    for ward in places.wards().values():
        table[_spelled(ward.name, is_plain=is_plain)].append(ward.code)
    return {name: tuple(codes) for name, codes in table.items()}


@cache
def earlier(*, is_plain: bool = False) -> Mapping[Syllables, int]:
    """Return where the communes and districts of before July 2025 lay, by name; see `names`."""
    from zalo_alert.places.units import districts

    masks: dict[str, int] = defaultdict(int)  # a third of the names stand there more than once, and spelling takes long
    for ward in places.old_wards().values():
        masks[ward.name] |= ward.mask
    for unit in districts().values():
        masks[unit.name] |= unit.mask
    table: dict[Syllables, int] = defaultdict(int)
    for name, mask in masks.items():
        table[_spelled(name, is_plain=is_plain)] |= mask
    return table


@cache
def today_of(mask: int) -> int:
    """Return all of the provinces of today of which some former provinces are parts."""
    return reduce(or_, (province.mask for province in places.PROVINCES if province.mask & mask), 0)
