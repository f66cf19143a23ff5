"""Sets of places as CAP's areas with codes, and back: a province of today as a whole, else a former one, else single wards.

The same set makes the same areas, however a campaign has written it, so that what comes back is what went out.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache

from zalo_alert import places
from zalo_alert.cap.area_checks import PLACE_SCHEME
from zalo_alert.cap.document import Area, Named
from zalo_alert.models import Area as Target
from zalo_alert.places.units import Ward, type_on


def areas_of(target: Target, day: date) -> tuple[Area, ...]:
    """Return a set of places as CAP's areas, in the order of codes; none where it is empty.

    Args:
        target: The set. Nobody's place, as `all` has it, is no place.
        day: For the type words of names: a province may become a city.
    """
    codes = {code for code in places.wards() if places.covers(target, places.WARD_PREFIX + code)}
    return tuple(_area(selector, codes_of, day) for selector, codes_of in _parted(codes))


def selectors_of(codes: Iterable[str]) -> list[str]:
    """Return codes of provinces and wards as a campaign names them; such as mean nothing are left out."""
    wards = {ward for code in codes for ward in wards_of(code)}
    return [selector for selector, _codes in _parted(wards)]


def wards_of(code: str) -> tuple[str, ...]:
    """Return the codes of the wards that a code means, a province's or a ward's own; none where it is no code."""
    if code in places.wards():
        return (code,)
    return tuple(ward.code for ward in _by_province().get(code, ()))


def name_of(selector: str, day: date) -> str:
    """Name a place in full: `Phường Thuận An, thành phố Huế`."""
    kind, code = selector.split(":")
    if kind == "new":
        return _province(code, day, is_first=True)
    if kind == "old":
        former = next(former for former in places.FORMER_PROVINCES if former.code == code)
        return f"{former.name} (cũ), {_province(former.new_code, day)}"
    ward = places.wards()[code]
    word = type_on(code, day) or ward.type
    return f"{word.capitalize()} {ward.name}, {_province(ward.new_code, day)}"


def _province(code: str, day: date, *, is_first: bool = False) -> str:
    province = next(province for province in places.PROVINCES if province.code == code)
    word = type_on(province.key, day) or "tỉnh"
    return f"{word.capitalize() if is_first else word} {province.name}"


def _area(selector: str, codes: list[str], day: date) -> Area:
    return Area(area_desc=name_of(selector, day), geocodes=tuple(Named(PLACE_SCHEME, code) for code in codes))


@cache
def _by_province() -> dict[str, list[Ward]]:
    wards: dict[str, list[Ward]] = {province.code: [] for province in places.PROVINCES}
    for ward in sorted(places.wards().values()):
        wards[ward.new_code].append(ward)
    return wards


def _parted(codes: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each selector of which all is there, with the codes by which CAP names it."""
    for code, wards in _by_province().items():
        inside = [ward for ward in wards if ward.code in codes]
        if inside and len(inside) == len(wards):
            yield f"new:{code}", [code]
        elif inside:
            yield from _formers(wards, inside)


def _formers(wards: list[Ward], inside: list[Ward]) -> Iterator[tuple[str, list[str]]]:
    for former in dict.fromkeys(sorted(ward.old_code for ward in inside)):
        there = [ward.code for ward in inside if ward.old_code == former]
        if len(there) == sum(ward.old_code == former for ward in wards):
            yield f"old:{former}", there
        else:
            yield from ((places.WARD_PREFIX + code, [code]) for code in there)
