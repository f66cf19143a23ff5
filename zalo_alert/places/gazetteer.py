"""Every written name of a place, with what it may mean: provinces, districts and wards, today's and former ones.

One table, made on first use: a name without accents to its readings. Owns which names there are; which reading a text means is
the resolver's business.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from zalo_alert.places import units
from zalo_alert.places.spelling import Syllable, folded, plain, syllables
from zalo_alert.places.tables import FORMER_PROVINCES, PROVINCES

PROVINCE, DISTRICT, WARD = 1, 2, 3
JOINED_LETTERS = 5  # a shorter run of letters is found inside other words

_SAID: Mapping[str, tuple[str, ...]] = {
    "1": ("Quận Nhất", "Quận Một"), "2": ("Quận Hai",), "3": ("Quận Ba",), "4": ("Quận Bốn", "Quận Tư"), "5": ("Quận Năm",),
    "6": ("Quận Sáu",), "7": ("Quận Bảy", "Quận Bẩy"), "8": ("Quận Tám",), "9": ("Quận Chín",), "10": ("Quận Mười",),
    "11": ("Quận Mười Một",), "12": ("Quận Mười Hai",),
}  # fmt: skip
_SPECIAL_ZONE = ("đặc khu", "huyện", "huyện đảo")  # the island districts became one each, and keep being called so


class WardUnit(NamedTuple):
    """A ward that a name may be; `district` is "" for one of today, `codes` are today's wards that it is or went into."""

    mask: int
    district: str
    codes: tuple[str, ...]


class NameReading(NamedTuple):
    """One thing that a name may mean.

    Args:
        level: `PROVINCE`, `DISTRICT` or `WARD`.
        mask: The former provinces it may lie in.
        before: The same, said before the merger; differs only for a province that kept its name and grew.
        name: Its syllables with their accents; None for an alias without any, which fits whatever accents are written.
        districts: Codes of the districts it may be.
        wards: The wards it may be.
    """

    level: int
    mask: int
    before: int
    name: tuple[Syllable, ...] | None
    districts: tuple[str, ...] = ()
    wards: tuple[WardUnit, ...] = ()


class Gazetteer(NamedTuple):
    """Readings by plain name.

    Args:
        names: Of every name; a region larger than any province has none.
        joined: Of provinces and districts, by the name without spaces.
        sizes: By last syllable, how many syllables the names that end so have, the most first: few are worth a look.
    """

    names: Mapping[str, tuple[NameReading, ...]]
    joined: Mapping[str, tuple[NameReading, ...]]
    sizes: Mapping[str, tuple[int, ...]]


class Words(NamedTuple):
    """Words that name no place, and say something about the names next to them; all plain.

    Args:
        roads: A name right after one of these is the name of a road, a market, a hotel, not where the thing is.
        surnames: And after one of these, of a person.
        streets: Names that a street of every town has, so that a ward of the name needs its type word to be believed.
        foreign: Countries and towns abroad.
        foreign_alone: The same, but syllables of a hundred Vietnamese names, so that nothing else may stand there.
        noise: What people put after a name: `cũ`, `province`.
        regions: Parts of the country, larger than any province, and phrases that hold a name of a place and mean something else.
        dishes: What begins the name of a dish or a fruit that is named after its province.
        lines: What begins the name of a road or a line by its ends; with accents.
        borders: What a neighbour is named after; with accents.
        nears: The same, where nothing but names follows; with accents.
        hamlets: A name right after one of these is a hamlet's; with accents.
    """

    roads: frozenset[str]
    surnames: frozenset[str]
    streets: frozenset[str]
    foreign: frozenset[str]
    foreign_alone: frozenset[str]
    noise: frozenset[str]
    regions: frozenset[str]
    dishes: frozenset[str]
    lines: frozenset[str]
    borders: frozenset[str]
    nears: frozenset[str]
    hamlets: frozenset[str]


@cache
def words() -> Words:
    """Return the words of `words.csv`."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for kind, text in _rows("words.csv"):
        kinds[kind].add(plain(syllables(folded(text))) if kind == "street" else text)
    order = (
        "road",
        "surname",
        "street",
        "foreign",
        "foreign-alone",
        "noise",
        "region",
        "dish",
        "line",
        "border",
        "near",
        "hamlet",
    )
    return Words(*(frozenset(kinds[kind]) for kind in order))


@cache
def gazetteer() -> Gazetteer:
    """Return the table; making it takes a fifth of a second, once a process."""
    builder = _Builder()
    _add_provinces(builder)
    _add_districts(builder)
    _add_wards(builder)
    names = dict.fromkeys(words().regions, ()) | builder.build()
    return Gazetteer(names, _joined(names), _sizes(names))


def _sizes(names: Iterable[str]) -> Mapping[str, tuple[int, ...]]:
    sizes: dict[str, set[int]] = defaultdict(set)
    for name in names:
        parts = name.split(" ")
        sizes[parts[-1]].add(len(parts))
    return {last: tuple(sorted(lengths, reverse=True)) for last, lengths in sizes.items()}


def _joined(names: Mapping[str, tuple[NameReading, ...]]) -> Mapping[str, tuple[NameReading, ...]]:
    joined: dict[str, tuple[NameReading, ...]] = {}
    for key, readings in names.items():
        upper = tuple(reading for reading in readings if reading.level < WARD)
        together = key.replace(" ", "")
        if upper and " " in key and len(together) >= JOINED_LETTERS:
            joined[together] = joined.get(together, ()) + upper
    as_written = {key.replace("qui", "quy"): readings for key, readings in joined.items() if "qui" in key}
    short = {f"{word}{key}": readings for key, readings in joined.items() for word in ("tp", "tx")}
    return short | as_written | joined


class _Builder:
    """Gathers names; equal ones of one level become one reading with all their places."""

    def __init__(self) -> None:
        self._readings: dict[str, dict[tuple[int, tuple[Syllable, ...] | None], list[NameReading]]] = defaultdict(dict)

    def add(self, written: str, reading: NameReading, *, kinds: Sequence[str] = (), exact: bool = True) -> None:
        """Take in a name, and the same behind each of some type words; `reading` is all but its name."""
        name = tuple(syllables(folded(written)))
        if not all(syllable.plain.isdecimal() for syllable in name):  # "1" says nothing; "quận 1" does
            self._add(name, reading, exact=exact)
        for kind in kinds:
            self._add((*_type_syllables(kind), *name), reading, exact=exact)

    def _add(self, name: tuple[Syllable, ...], reading: NameReading, *, exact: bool) -> None:
        key, spelled = plain(name), name if exact else None
        self._readings[key].setdefault((reading.level, spelled), []).append(reading._replace(name=spelled))
        if any(len(syllable.plain) == 1 for syllable in name) and (together := _letters_joined(key)) != key:
            self._readings[together].setdefault((reading.level, None), []).append(reading)

    def build(self) -> dict[str, tuple[NameReading, ...]]:
        return {key: tuple(map(_merged, readings.values())) for key, readings in self._readings.items()}


@cache
def _type_syllables(kind: str) -> tuple[Syllable, ...]:
    return tuple(syllables(kind))


def _letters_joined(key: str) -> str:
    """Join single letters to what follows: `dak r lap`, Đắk R'lấp, is written `dak rlap` as well."""
    return re.sub(r"\b([a-z]) (?=[a-z]{2})", r"\1", key)


def _merged(readings: list[NameReading]) -> NameReading:
    if len(readings) == 1:
        return readings[0]
    mask = before = 0
    for reading in readings:
        mask, before = mask | reading.mask, before | reading.before
    districts = tuple(code for reading in readings for code in reading.districts)
    return readings[0]._replace(
        mask=mask, before=before, districts=districts, wards=tuple(ward for reading in readings for ward in reading.wards)
    )


def _add_provinces(builder: _Builder) -> None:
    former = {province.name: province.mask for province in FORMER_PROVINCES}
    today = {province.name for province in PROVINCES}
    masks = {province.key: (province.mask, former.get(province.name, province.mask)) for province in PROVINCES}
    masks |= {province.key: (province.mask, province.mask) for province in FORMER_PROVINCES}
    names = [(p.name, p.key) for p in PROVINCES] + [(p.name, p.key) for p in FORMER_PROVINCES if p.name not in today]
    for name, key in names:
        _add_province(builder, name, *masks[key])
    grown = {before: mask for mask, before in masks.values() if mask != before}
    for gone in units.former_names():
        if gone.kind == "province":  # an older spelling of a name that lives on may be written of today's province
            mask = grown.get(gone.mask, gone.mask) if "spelling" in gone.note else gone.mask
            _add_province(builder, gone.name, mask, gone.mask)
    for kind, key, alias in _rows("aliases.csv"):
        if kind == "province":
            builder.add(alias, NameReading(PROVINCE, *masks[key], None), kinds=("thành phố", "tỉnh"), exact=not alias.isascii())


def _add_province(builder: _Builder, name: str, mask: int, before: int) -> None:
    is_city = mask == before or name not in _towns() or name in _cities()
    builder.add(name, NameReading(PROVINCE, mask, before, None), kinds=("tỉnh", "thành phố") if is_city else ("tỉnh",))


@cache
def _towns() -> frozenset[str]:
    """Name the cities that were districts: "TP Thái Nguyên" is one, and so says the former province."""
    return frozenset(district.name for district in units.districts().values() if district.type == "thành phố")


@cache
def _cities() -> frozenset[str]:
    """Name the provinces that are cities themselves, or became one: there "TP" decides nothing."""
    keys = {word.key for word in units.type_words() if word.kind == "province" and word.type == "thành phố"}
    return frozenset(province.name for province in PROVINCES if province.key in keys)


def _add_districts(builder: _Builder) -> None:
    aliases = defaultdict(list)
    for kind, key, alias in _rows("aliases.csv"):
        if kind == "district":
            aliases[key].append(alias)
    for code, district in units.districts().items():
        for name in (district.name, *aliases[code], *_number_words(district.name)):
            _add_typed(builder, name, district.type, NameReading(DISTRICT, district.mask, district.mask, None, (code,)))
    _add_gone(builder, "district", DISTRICT)


def _number_words(name: str) -> tuple[str, ...]:
    """Return how a number is said: Quận 1 is Quận Nhất as well."""
    number = name.removeprefix("Quận ")
    return _SAID.get(number, ()) if number.isdecimal() else ()


def _add_wards(builder: _Builder) -> None:
    for code, ward in units.wards().items():
        unit = WardUnit(ward.mask, "", (code,))
        _add_typed(builder, ward.name, ward.type, NameReading(WARD, ward.mask, ward.mask, None, wards=(unit,)))
    for old in units.old_wards().values():
        unit = WardUnit(old.mask, old.district, old.new_codes)
        _add_typed(builder, old.name, old.type, NameReading(WARD, old.mask, old.mask, None, wards=(unit,)))
    _add_gone(builder, "ward", WARD)


def _add_gone(builder: _Builder, kind: str, level: int) -> None:
    for gone in units.former_names():
        if gone.kind == kind:
            _add_typed(builder, gone.name, gone.type, NameReading(level, gone.mask, gone.mask, None))


def _add_typed(builder: _Builder, name: str, kind: str, reading: NameReading) -> None:
    builder.add(name, reading, kinds=_SPECIAL_ZONE if kind == "đặc khu" else (kind,))


def _rows(name: str) -> Iterator[list[str]]:
    rows = csv.reader((files(__package__) / name).read_text(encoding="utf-8").splitlines())
    next(rows)
    return rows
