"""A set of places as a broadcast can aim at it: Zalo's numbers of the 63 provinces of before July 2025, and nothing finer.

Source: Zalo OA API, broadcast page (`cities`); the numbers stand in provinces.csv.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from zalo_alert.language import _, joined
from zalo_alert.models import Area
from zalo_alert.places.areas import ALL
from zalo_alert.places.names import WARD_PREFIX, name_of
from zalo_alert.places.tables import EVERYWHERE, FORMER_PROVINCES, PROVINCES, REGIONS
from zalo_alert.places.units import wards

ABROAD = 63  # Zalo's number of everywhere outside Vietnam
WHOLE_COUNTRY = "cả nước"  # what a message calls the place of someone whose place nobody knows
WARDS_NAMED = 3

_REGION_NAMES = {key: region.name for region in REGIONS for key in (region.key, f"region:{region.key}")}


class Aim(NamedTuple):
    """Whom one broadcast reaches.

    Args:
        cities: Zalo's numbers; None sends no filter of places at all.
        area: The same as a set of places; it holds all that was meant, and often more.
        beyond: In which way it is more, or less, than what was meant: a sentence each.
    """

    cities: tuple[int, ...] | None
    area: Area
    beyond: tuple[str, ...]


def aim(target: Area) -> Aim:
    """Widen a set of places to what a broadcast can say."""
    mask = target.mask
    for code in target.wards:
        mask |= wards()[code].mask
    area = Area(target.label, mask, everyone=target.everyone)
    if target.everyone and mask == EVERYWHERE:
        return Aim(None, area, (_("people abroad and of unknown place are reached too"), *_about_wards(target)))
    cities = [old.zalo_city for old in FORMER_PROVINCES if old.mask & mask] + [ABROAD] * target.everyone
    lost = (_("people whose place Zalo does not know are not reached"),) if target.everyone else ()
    return Aim(tuple(sorted(cities)), area, (*lost, *_about_wards(target)))


def _about_wards(target: Area) -> list[str]:
    remarks = []
    for old in FORMER_PROVINCES:
        meant = [code for code in sorted(target.wards) if wards()[code].mask == old.mask]
        taken_out = [code for code in sorted(target.without) if wards()[code].mask == old.mask]
        if meant:
            remarks.append(_("all of former {name} is reached, not {wards} alone", name=old.name, wards=_list_names(meant)))
        if taken_out:
            remarks.append(_("{wards}, taken out of former {name}, is reached too", wards=_list_names(taken_out), name=old.name))
    return remarks


def _list_names(codes: Sequence[str]) -> str:
    names = joined((name_of(WARD_PREFIX + code) for code in codes[:WARDS_NAMED]), _(" and "))
    if len(codes) <= WARDS_NAMED:
        return names
    return _("{names} and {number} more", names=names, number=len(codes) - WARDS_NAMED)


def name_target(areas: Sequence[Area], target: Area) -> str:
    """Name a set of places in Vietnamese, as one message to all of them does.

    Args:
        areas: As a campaign lists them.
        target: What is left of them when those excluded are taken out.
    """
    if target.everyone and target.mask == EVERYWHERE:
        return WHOLE_COUNTRY
    names: list[str] = []
    for area in areas:
        mask = area.mask & target.mask
        if area.label in _REGION_NAMES and mask == area.mask:
            names.append(_REGION_NAMES[area.label])
        elif area.label == ALL and area.mask == mask:
            names.append(WHOLE_COUNTRY)
        else:
            names += _provinces(mask)
            names += [name_of(WARD_PREFIX + code) for code in sorted(area.wards & target.wards)]
    return ", ".join(dict.fromkeys(names)) or WHOLE_COUNTRY


def _provinces(mask: int) -> Iterable[str]:
    """Name today's provinces where a set holds all of them, and the former ones where it holds a part."""
    for today in PROVINCES:
        if today.mask & mask == today.mask:
            yield today.name
        else:
            parts = [old.name for old in FORMER_PROVINCES if old.mask & mask & today.mask]
            yield from (name if name == today.name else f"{name} ({today.name})" for name in parts)
