"""What a campaign's messages call the place of their reader: its own province or ward, or the area that the warning is about.

Whoever is only known to live somewhere in a province of which a part is meant reads the name of that part: it is what the warning
speaks of, and a province's name would order everyone there out of their houses.
"""

from zalo_alert.models import Area, Audience, Uncertain
from zalo_alert.places.areas import covers, touches
from zalo_alert.places.broadcast_target import WARDS_NAMED, WHOLE_COUNTRY
from zalo_alert.places.names import WARD_PREFIX, mask_of, name_of, ward_of
from zalo_alert.places.tables import FORMER_PROVINCES, PROVINCES, Province
from zalo_alert.places.units import Ward, wards


def keys_of(audience: Audience) -> list[str]:
    """Return every key that somebody of an audience may be known by: provinces of both lists, and wards; but for a list."""
    every = [former.key for former in FORMER_PROVINCES] + [province.key for province in PROVINCES]
    target = audience.target
    if audience.supplied:
        return every
    possible = every if audience.uncertain is Uncertain.INCLUDE else [key for key in every if covers(target, key)]
    return [key for key in possible if touches(target, key)] + [WARD_PREFIX + code for code in sorted(target.wards)]


def label_of(key: str, audience: Audience) -> str:
    """Name a person's place as their message does: a ward that is meant, else today's province, or the part that is meant."""
    mask = mask_of(key)
    if not mask:
        return WHOLE_COUNTRY
    today = next(province for province in PROVINCES if mask & province.mask)
    if audience.everyone or audience.supplied:
        return today.name
    if not covers(audience.target, key):
        return _part(audience.target, mask, today)
    if not today.mask & ~audience.mask:
        return today.name
    return name_of(key) if ward_of(key) else _former([old.name for old in FORMER_PROVINCES if old.mask & mask], today)


def _part(target: Area, mask: int, today: Province) -> str:
    """Name what is meant of some former provinces, all of them of one province of today."""
    former = [old.name for old in FORMER_PROVINCES if old.mask & mask & target.mask]
    inside = [wards()[code] for code in sorted(target.wards) if wards()[code].mask & mask]
    if not inside:
        return _former(former, today) if former else today.name
    if len(inside) == 1 and not former:
        return name_of(WARD_PREFIX + inside[0].code)
    return f"{', '.join([*former, *_several(inside)])} ({today.name})"


def _former(names: list[str], today: Province) -> str:
    return today.name if names == [today.name] else f"{', '.join(names)} ({today.name})"


def _several(inside: list[Ward]) -> list[str]:
    """Name a few wards, and count many, as a message has no room for them."""
    if len(inside) <= WARDS_NAMED:
        return [f"{ward.type.capitalize()} {ward.name}" for ward in inside]
    kinds = ", ".join(dict.fromkeys(ward.type for ward in sorted(inside, key=lambda ward: ward.type, reverse=True)))
    return [f"{len(inside)} {kinds}"]
