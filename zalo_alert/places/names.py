"""Keys of places, and what each is called: `old:52`, `new:52`, `ward:19900`, `foreign`, `unknown`.

A key says its list, because eight codes mean another place in the other one. `old:46+` is somebody of former Huế whose ward is
known and is none of those that a campaign names.
"""

from zalo_alert.places.tables import FORMER_PROVINCES, PROVINCES
from zalo_alert.places.units import wards

FOREIGN = "foreign"
UNKNOWN = "unknown"
WARD_PREFIX = "ward:"
ELSEWHERE = "+"  # after a key: in another ward than those named

MASKS: dict[str, int] = {FOREIGN: 0, UNKNOWN: 0}
MASKS |= {former.key: former.mask for former in FORMER_PROVINCES} | {province.key: province.mask for province in PROVINCES}
PROPER: dict[str, str] = {FOREIGN: "ngoài Việt Nam", UNKNOWN: "chưa rõ nơi ở"}
PROPER |= {former.key: former.name for former in FORMER_PROVINCES} | {province.key: province.name for province in PROVINCES}
_TODAY = {province.code: province.name for province in PROVINCES}


def keys() -> frozenset[str]:
    """Return every key but those of wards."""
    return frozenset(MASKS)


def ward_of(key: str) -> str:
    """Return the code of a ward's key; "" for any other key."""
    return key.removeprefix(WARD_PREFIX) if key.startswith(WARD_PREFIX) else ""


def mask_of(key: str) -> int:
    """Return the former provinces of a key; 0 for `foreign` and `unknown`."""
    if ward := ward_of(key):
        return wards()[ward].mask
    return MASKS[key.removesuffix(ELSEWHERE)]


def name_of(key: str) -> str:
    """Return the Vietnamese name of a key."""
    if ward := ward_of(key):
        unit = wards()[ward]
        return f"{unit.type.capitalize()} {unit.name}, {_TODAY[unit.new_code]}"
    return PROPER[key.removesuffix(ELSEWHERE)]
