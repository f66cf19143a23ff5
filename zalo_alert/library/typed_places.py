"""Places as an officer types them, several in a line: `new:46, Quảng Ngãi`, `xã Hạnh Phúc, Lào Cai; ward:04606`."""

import re
import unicodedata
from collections.abc import Sequence

from zalo_alert.errors import UsageError
from zalo_alert.language import _
from zalo_alert.library.compose import Place
from zalo_alert.places import PlaceUnknown, area, taken_for

MOST_PLACES = 200  # in one message; the country has 34 provinces, and whoever means all writes `all`
_EVERYWHERE = {"all", "cả nước", "toàn quốc", "ca nuoc", "toan quoc"}


def read_places(typed: Sequence[str]) -> list[Place]:
    """Read places, each once, as their keys.

    Args:
        typed: Lines; within one, places are apart by commas, semicolons or `và`.

    Raises:
        PlaceUnknown: One is unknown or means several; says what to write.
        UsageError: There are too many.
    """
    places = {place.selector: place for line in typed for place in _line(unicodedata.normalize("NFC", line))}
    if len(places) > MOST_PLACES:
        raise UsageError(_("names {places} places; at most {most} are read", places=len(places), most=MOST_PLACES))
    return list(places.values())


def _line(line: str) -> list[Place]:
    places = []
    for part in re.split(r"[;\n]|\s+và\s+", line[:20_000]):
        names = [name.strip() for name in part.split(",") if name.strip()][: MOST_PLACES + 1]
        while names:
            taken = 2 if len(names) > 1 and _is_ward_of(names[0], names[1]) else 1
            places.append(_place(", ".join(names[:taken])))
            names = names[taken:]
    return places


def _is_ward_of(name: str, province: str) -> bool:
    """Whether a comma stands within one place: a ward and the province that says which."""
    return ":" not in name + province and _is_known(f"{name}, {province}")


def _is_known(selector: str) -> bool:
    try:
        return bool(area(selector).wards)
    except PlaceUnknown:
        return False


def _place(text: str) -> Place:
    if text.casefold() in _EVERYWHERE:
        text = "all"
    steps = taken_for(text)
    names = " ".join(f"{step.sign} {step.name}" if at else step.name for at, step in enumerate(steps))
    return Place(steps[0].key if len(steps) == 1 else text, names)
