"""Places: the 34 provinces, their 63 predecessors, regions and coasts; names as people write them; selectors of campaigns."""

from zalo_alert.places.areas import PlaceUnknown, area, listed, search
from zalo_alert.places.names import FOREIGN, UNKNOWN, key_of, mask_of, name_of
from zalo_alert.places.tables import EVERYWHERE, FORMER_PROVINCES, PROVINCES, REGIONS

__all__ = [
    "EVERYWHERE",
    "FOREIGN",
    "FORMER_PROVINCES",
    "PROVINCES",
    "REGIONS",
    "UNKNOWN",
    "PlaceUnknown",
    "area",
    "key_of",
    "listed",
    "mask_of",
    "name_of",
    "search",
]
