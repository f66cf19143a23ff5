"""Selectors of a campaign, such as `new:44`, `region:tay-nguyen - old:68`, `ward:19900`, `all` or a name, as sets of places.

A set holds whole former provinces, single wards beside them, and wards that are taken out of them again.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, reduce
from importlib.resources import files
from typing import NamedTuple, TypeVar

from zalo_alert.errors import Cure, InputInvalid
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.language import _, _n, count, joined
from zalo_alert.models import Area
from zalo_alert.places.names import ELSEWHERE, MASKS, PROPER, WARD_PREFIX, mask_of, name_of, ward_of
from zalo_alert.places.spelling import folded, plain, syllables
from zalo_alert.places.tables import EVERYWHERE, FORMER_PROVINCES, PROVINCES, REGIONS, FormerProvince, Province
from zalo_alert.places.units import District, OldWard, Ward, districts, old_wards, wards

_OR = _(" or ")
ALL = "all"
WARDS_TOLD = 6  # of those that a name may mean
_REGION_MASKS = {region.key: region.mask for region in REGIONS} | {
    f"region:{region.key}": region.mask for region in REGIONS if ":" not in region.key
}
_REGION_NAMES = {region.key if ":" in region.key else f"region:{region.key}": region.name for region in REGIONS}
_STEP = re.compile(r"\s([+-])\s")
_Unit = TypeVar("_Unit", Ward, District, OldWard)


class PlaceUnknown(InputInvalid):
    """A name or code of no place, or of more than one; the message lists what may have been meant."""


def area(selector: str) -> Area:
    """Read a selector: a place, or several joined by ` + ` and ` - `, taken from left to right.

    Raises:
        PlaceUnknown: Unknown or ambiguous, or nothing is left of it.
    """
    text = selector.strip()
    (_sign, first), *others = steps(text)
    result = _single(first)
    for sign, name in others:
        result = (unite if sign == "+" else without)(result, _single(name))
    if not others:
        return result
    if not (result.mask or result.wards or result.everyone):
        raise PlaceUnknown(_('"{text}" is empty: nothing is left of it', text=text))
    return replace(result, label=text)


def steps(selector: str) -> tuple[tuple[str, str], ...]:
    """Cut a selector into its places, each with `+`, or `-` when it is taken out."""
    text = selector.strip()
    parts = _STEP.split(text)
    if len(parts) == 1 or _key(text) in _names():  # Bà Rịa - Vũng Tàu is one
        return (("+", text),)
    return (("+", parts[0]), *zip(parts[1::2], parts[2::2], strict=True))


def _single(text: str) -> Area:
    if text == ALL:
        return Area(ALL, EVERYWHERE, everyone=True)
    if text in _REGION_MASKS:
        return Area(text, _REGION_MASKS[text])
    if text.startswith(("old:", "new:")):
        return _by_code(text)
    if text.startswith(("region:", "region-2025:")):
        raise PlaceUnknown(
            _(
                '"{text}" is not a valid region; there are {regions}',
                text=text,
                regions=", ".join(key for key in _REGION_MASKS if ":" in key),
            )
        )
    if text.startswith(WARD_PREFIX):
        return _ward_by_code(text)
    if re.fullmatch(r"[0-9]{1,5}", text):
        raise PlaceUnknown(_bare_code(text))
    return _by_name(text)


def _by_code(text: str) -> Area:
    if text in MASKS:
        return Area(text, MASKS[text])
    kind, code = text.split(":", 1)
    codes = [key for key in PROPER if key.startswith(kind + ":")]
    padded = f"{kind}:{code.zfill(2)}"
    near = [padded] if padded in MASKS else nearest(text, codes, most=3, likeness=0.7)
    wrong = (
        _('"{text}" is not a valid code of the 63 former provinces', text=text)
        if kind == "old"
        else _('"{text}" is not a valid code of the 34 present provinces', text=text)
    )
    raise PlaceUnknown(_with_guess(wrong, [f"{key} ({PROPER[key]})" for key in near]))


def _with_guess(wrong: str, near: Sequence[str], joint: str = _OR) -> str:
    return joined((wrong, did_you_mean(near, joint)), "; ") if near else wrong


def _ward_by_code(text: str) -> Area:
    code = ward_of(text)
    if code in wards():
        return Area(text, 0, wards=frozenset({code}))
    padded = code.zfill(5)
    wrong = _('"{text}" is not a valid code of the 3321 wards of today', text=text)
    if padded in wards():
        raise PlaceUnknown(_with_guess(wrong, [f"{WARD_PREFIX}{padded} ({name_of(WARD_PREFIX + padded)})"]))
    raise PlaceUnknown(joined((wrong, _("{places} finds them by name", places=Cure.PLACES())), "; "))


def _bare_code(text: str) -> str:
    code = text.zfill(2)
    meanings = [f"{key} ({PROPER[key]})" for key in (f"old:{code}", f"new:{code}") if key in PROPER]
    if text in wards():
        meanings.append(f"{WARD_PREFIX}{text} ({name_of(WARD_PREFIX + text)})")
    if not meanings:
        return _('"{text}": a code must say its list', text=text)
    return _('"{text}": a code must say its list; write {choices}', text=text, choices=joined(meanings, _OR))


def _by_name(text: str) -> Area:
    keys = _names().get(_key(text), frozenset())
    masks = {MASKS[key] for key in keys}
    if len(masks) == 1:
        return Area(text, masks.pop())
    if masks:
        choices = joined((joined((key, " (", _covers(key), ")"), "") for key in sorted(keys)), "; ")
        raise PlaceUnknown(_('"{text}" means more than one place: write {choices}', text=text, choices=choices))
    named = wards_named(text)
    if len(named) == 1:
        return Area(text, 0, wards=frozenset({named[0].code}))
    if named:
        choices = "; ".join(f"ward:{ward.code} ({name_of(WARD_PREFIX + ward.code)})" for ward in named[:WARDS_TOLD])
        wrong = _('"{text}" means {wards} wards: write {choices}', text=text, wards=len(named), choices=choices)
        more = [_("and {number} more", number=len(named) - WARDS_TOLD)] if len(named) > WARDS_TOLD else []
        raise PlaceUnknown(joined((wrong, *more), " "))
    if regions := [key for key, name in _REGION_NAMES.items() if _key(name) == _key(text)]:
        raise PlaceUnknown(_('"{text}" is a region: write {choices}', text=text, choices=joined(regions, _OR)))
    wrong = _('"{text}" is neither a province nor a ward', text=text[:60])
    if gone := _gone(text):
        raise PlaceUnknown(joined((wrong, *gone), "; "))
    raise PlaceUnknown(_with_guess(wrong, _close(text), ", "))


def _gone(text: str) -> list[str]:
    """Say which wards a former district became that no unit of today is named after: Vinh, Đà Lạt."""
    return [
        _(
            "the former {type} {name} (former {province}) is {wards}",
            type=district.type,
            name=district.name.removeprefix("Quận "),
            province=PROPER[f"old:{district.old_code}"],
            wards=" + ".join(WARD_PREFIX + code for code in wards_within(district.code)),
        )
        for district in districts_named(text)[:2]
    ]


def _close(text: str) -> list[str]:
    near = nearest(_key(text), _names(), most=3)
    return list(dict.fromkeys(f"{PROPER[key]} ({key})" for name in near for key in sorted(_names()[name])))[:4]


def wards_named(text: str) -> list[Ward]:
    """Return the wards of today that a name means: with or without its type word and province, accents compared if written."""
    return _named(text, _wards_by_name())


def districts_named(text: str) -> list[District]:
    """Return the districts of before July 2025 that a name means, read as those of wards are."""
    return _named(text, _districts_by_name())


def old_wards_named(text: str) -> list[OldWard]:
    """Return the wards of before July 2025 that a name means, read as those of today are."""
    return _named(text, _old_wards_by_name())


def wards_within(district: str) -> tuple[str, ...]:
    """Return the codes of today's wards that a former district went into, that of its own name first."""
    name = districts()[district].name
    codes = dict.fromkeys(code for old in old_wards().values() if old.district == district for code in old.new_codes)
    return tuple(sorted(codes, key=lambda code: wards()[code].name != name))


def _named(text: str, table: Mapping[str, list[_Unit]]) -> list[_Unit]:
    name, _, province = (part.strip() for part in text.partition(","))
    within = reduce(int.__or__, (MASKS[key] for key in _names().get(_key(province), ())), 0) if province else EVERYWHERE
    units = [unit for unit in table.get(_key(name), ()) if unit.mask & within]
    written = " ".join(folded(name).split())
    exact = [unit for unit in units if written in (unit.name.lower(), f"{unit.type} {unit.name}".lower())]
    return units if name.isascii() else exact or units


@cache
def _wards_by_name() -> Mapping[str, list[Ward]]:
    return _by_key(wards().values())


@cache
def _old_wards_by_name() -> Mapping[str, list[OldWard]]:
    return _by_key(old_wards().values())


@cache
def _districts_by_name() -> Mapping[str, list[District]]:
    return _by_key(districts().values())


def _by_key(units: Iterable[_Unit]) -> Mapping[str, list[_Unit]]:
    table: dict[str, list[_Unit]] = defaultdict(list)
    for unit in units:
        for name in {_key(unit.name), _key(f"{unit.type} {unit.name}")}:  # the name of Quận 1 is "Quận 1"
            table[name].append(unit)
    return table


@cache
def _names() -> Mapping[str, frozenset[str]]:
    """Every folded name of a province, with the keys it may mean: former and present ones both."""
    table: dict[str, set[str]] = defaultdict(set)
    rows = csv.reader((files(__package__) / "aliases.csv").read_text(encoding="utf-8").splitlines())
    aliases = [(alias, key) for kind, key, alias in rows if kind == "province"]
    for name, key in [(p.name, p.key) for p in FORMER_PROVINCES] + [(p.name, p.key) for p in PROVINCES] + aliases:
        for written in (name, f"tỉnh {name}", f"thành phố {name}"):
            table[_key(written)].add(key)
    return {name: frozenset(keys) for name, keys in table.items()}


def _key(text: str) -> str:
    return plain(syllables(folded(text)))


# --- sets of places ------------------------------------------------------------------------------------------------------


def covers(scope: Area, key: str) -> bool:
    """Whether everybody of a key is meant: of a ward, of a province, or of one without the wards that were named."""
    if ward := ward_of(key):
        return ward in scope.wards or bool(wards()[ward].mask & scope.mask and ward not in scope.without)
    mask = mask_of(key)
    if not mask:
        return scope.everyone
    return not mask & ~scope.mask


def touches(scope: Area, key: str) -> bool:
    """Whether somebody of a key may be meant."""
    if ward_of(key):
        return covers(scope, key)
    mask = mask_of(key)
    named = 0 if key.endswith(ELSEWHERE) else reduce(int.__or__, (wards()[code].mask for code in scope.wards), 0)
    return bool(mask & (scope.mask | named)) or (not mask and scope.everyone)


def unite(first: Area, other: Area) -> Area:
    """Return the places of either."""
    mask = first.mask | other.mask
    inside = _only(first.wards | other.wards, lambda ward: not wards()[ward].mask & mask)
    outside = _only(first.without | other.without, lambda ward: not (_has(first, ward) or _has(other, ward)))
    return Area(f"{first.label} + {other.label}", mask, everyone=first.everyone or other.everyone, wards=inside, without=outside)


def without(first: Area, other: Area) -> Area:
    """Return the places of the first that are not in the second."""
    mask = first.mask & ~other.mask
    inside = _only(
        first.wards | other.without, lambda ward: _has(first, ward) and not _has(other, ward) and not wards()[ward].mask & mask
    )
    outside = _only(first.without | other.wards, lambda ward: bool(wards()[ward].mask & mask))
    return Area(
        f"{first.label} - {other.label}", mask, everyone=first.everyone and not other.everyone, wards=inside, without=outside
    )


def all_of(areas: Iterable[Area]) -> Area:
    """Return the places of any; no area at all is nowhere."""
    return reduce(unite, areas, Area("", 0))


def _has(scope: Area, ward: str) -> bool:
    return covers(scope, WARD_PREFIX + ward)


def _only(codes: Iterable[str], rule: Callable[[str], bool]) -> frozenset[str]:
    return frozenset(code for code in codes if rule(code))


# --- in words ------------------------------------------------------------------------------------------------------------


def _covers(key: str) -> str:
    if key.startswith("old:"):
        return _("former {name}", name=PROPER[key])
    return _("today's, of former {names}", names=_names_in(MASKS[key]))


class AreaRow(NamedTuple):
    """One line of an answer about places."""

    key: str
    name: str
    about: str


def list_areas() -> list[AreaRow]:
    """List the provinces of both lists, and the regions."""
    new = [AreaRow(p.key, p.name, _covers(p.key)) for p in PROVINCES]
    successor = {p.code: p for p in PROVINCES}
    old = [AreaRow(f.key, f.name, _about_former(f, successor[f.new_code])) for f in FORMER_PROVINCES]
    regions = [
        AreaRow(r.key if ":" in r.key else f"region:{r.key}", r.name, joined((r.decree, _names_in(r.mask)), ": "))
        for r in REGIONS
    ]
    return [*new, *old, *regions]


def _about_former(former: FormerProvince, today: Province) -> str:
    about = _("now in {name} ({key}); Zalo city {number}", name=today.name, key=today.key, number=former.zalo_city)
    return joined((about, _("coastal")), "; ") if former.coastal else about


def about_ward(ward: Ward) -> AreaRow:
    """Say what a ward is."""
    key = WARD_PREFIX + ward.code
    former = f"old:{ward.old_code}"
    return AreaRow(key, name_of(key), _("in former {name} ({key})", name=PROPER[former], key=former))


def search(text: str) -> list[AreaRow]:
    """List what a name, a code or a part of one may mean: provinces, regions, wards.

    Raises:
        PlaceUnknown: Nothing fits.
    """
    wanted = _key(text)
    rows = list_areas()
    results = [row for row in rows if wanted and (wanted in _key(row.name) or text.strip() in (row.key, row.key.split(":")[-1]))]
    keys = _names().get(wanted, frozenset())
    results += [row for row in rows if row.key in keys and row not in results]
    results += [about_ward(ward) for ward in wards_named(text)]
    if text.strip() in wards():
        results.append(about_ward(wards()[text.strip()]))
    if not results:
        area(text)
    return results


def _names_in(mask: int) -> str:
    return ", ".join(former.name for former in FORMER_PROVINCES if former.mask & mask)


class Story(NamedTuple):
    """What is to be told of a set of places; `lines` for a person, the rest for a machine."""

    name: str
    former: tuple[str, ...]
    today: tuple[str, ...]
    wards: int
    zalo_cities: tuple[int, ...]
    lines: tuple[str, ...]


def keys_named(text: str) -> list[str]:
    """Return the keys of the provinces that a name means, the former first; none when it names none."""
    return sorted(_names().get(_key(text), ()), reverse=True)


def describe(scope: Area) -> Story:
    """Tell what a set of places was and is."""
    former = [old for old in FORMER_PROVINCES if old.mask & scope.mask]
    today = [province for province in PROVINCES if province.mask & scope.mask]
    inside = [ward for ward in wards().values() if _has(scope, ward.code)]
    lines = [about_province(province, scope.mask) for province in today]
    kinds = Counter(ward.type for ward in inside)
    number = _n("{wards} ward today", "{wards} wards today", len(inside), wards=count(len(inside)))
    lines.append(joined((number, ", ".join(f"{many} {kind}" for kind, many in kinds.most_common())), ": "))
    lines += [_("with {ward} ({key})", ward=name_of(key), key=key) for key in _ward_keys(scope.wards)]
    lines += [_("without {ward} ({key})", ward=name_of(key), key=key) for key in _ward_keys(scope.without)]
    cities = tuple(sorted(old.zalo_city for old in former))
    if cities:
        lines.append(_("Zalo's broadcast numbers: {numbers}", numbers=", ".join(map(str, cities))))
    name = next((PROPER[key] for key in (scope.label,) if key in PROPER), scope.label)
    return Story(name, tuple(old.key for old in former), tuple(p.key for p in today), len(inside), cities, tuple(lines))


def _ward_keys(codes: Iterable[str]) -> list[str]:
    return [WARD_PREFIX + code for code in sorted(codes)]


def about_province(province: Province, mask: int) -> str:
    """Say which part of a province of today a set holds, and what that was."""
    parts = [old for old in FORMER_PROVINCES if old.mask & province.mask]
    meant = [old for old in parts if old.mask & mask]
    formers = joined((f"{old.name} ({old.key})" for old in meant), _(" and "))
    if len(parts) == 1:
        return _(
            "{name} ({key}), the same before July 2025 ({former})", name=province.name, key=province.key, former=parts[0].key
        )
    if len(meant) == len(parts):
        return _("{name} ({key}), made in July 2025 of {formers}", name=province.name, key=province.key, formers=formers)
    return _("former {formers}, since July 2025 a part of {name} ({key})", formers=formers, name=province.name, key=province.key)
