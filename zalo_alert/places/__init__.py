"""Places: provinces of today and before July 2025, wards, regions; selectors of campaigns; what people write, resolved.

Each name is loaded when first used: the resolver's rapidfuzz takes longer to import than most commands take to answer.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zalo_alert.places.areas import (
        PlaceUnknown,
        all_of,
        area,
        covers,
        describe,
        keys_named,
        list_areas,
        search,
        touches,
        without,
    )
    from zalo_alert.places.broadcast_target import WHOLE_COUNTRY, Aim, aim, name_target
    from zalo_alert.places.combine import Resolved, Why
    from zalo_alert.places.labels import keys_of, label_of
    from zalo_alert.places.meaning import Kind, Meaning, Namesake, meanings, taken_for
    from zalo_alert.places.names import ELSEWHERE, FOREIGN, UNKNOWN, WARD_PREFIX, keys, mask_of, name_of, ward_of
    from zalo_alert.places.resolver import RESOLVER, Aliases, Resolver, alias_key, is_open, resolve
    from zalo_alert.places.tables import EVERYWHERE, FORMER_PROVINCES, PROVINCES, REGIONS, population
    from zalo_alert.places.units import old_wards, wards

__all__ = [
    "ELSEWHERE",
    "EVERYWHERE",
    "FOREIGN",
    "FORMER_PROVINCES",
    "PROVINCES",
    "REGIONS",
    "RESOLVER",
    "UNKNOWN",
    "WARD_PREFIX",
    "WHOLE_COUNTRY",
    "Aim",
    "Aliases",
    "Kind",
    "Meaning",
    "Namesake",
    "PlaceUnknown",
    "Resolved",
    "Resolver",
    "Why",
    "aim",
    "alias_key",
    "all_of",
    "area",
    "covers",
    "describe",
    "is_open",
    "keys",
    "keys_named",
    "keys_of",
    "label_of",
    "list_areas",
    "mask_of",
    "meanings",
    "name_of",
    "name_target",
    "old_wards",
    "population",
    "resolve",
    "search",
    "taken_for",
    "touches",
    "ward_of",
    "wards",
    "without",
]

_FILES = {
    "broadcast_target": "WHOLE_COUNTRY Aim aim name_target",
    "areas": "PlaceUnknown all_of area covers describe keys_named list_areas search touches without",
    "combine": "Resolved Why",
    "labels": "keys_of label_of",
    "meaning": "Kind Meaning Namesake meanings taken_for",
    "names": "ELSEWHERE FOREIGN UNKNOWN WARD_PREFIX keys mask_of name_of ward_of",
    "resolver": "RESOLVER Aliases Resolver alias_key is_open resolve",
    "tables": "EVERYWHERE FORMER_PROVINCES PROVINCES REGIONS population",
    "units": "old_wards wards",
}
_HOMES = {name: file for file, names in _FILES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"zalo_alert.places has no {name}")
    value = globals()[name] = getattr(import_module(f"zalo_alert.places.{_HOMES[name]}"), name)
    return value
