"""Rules about codes of places: that there is such a place, and that the words beside them name it."""

import re
from collections.abc import Iterator
from functools import cache
from unicodedata import normalize

from zalo_alert.cap.area_checks import PLACE_SCHEME
from zalo_alert.cap.document import Alert, Named
from zalo_alert.cap.finding import Gathered
from zalo_alert.cap.values import shown
from zalo_alert.language import _
from zalo_alert.places.names import PROPER
from zalo_alert.places.units import wards

_PLACE_CODE = re.compile(r"[0-9]{2}|[0-9]{5}")


def check_places(alert: Alert, gathered: Gathered) -> None:
    """Gather what is wrong with the codes of all areas."""
    for info_number, info in enumerate(alert.infos, 1):
        is_vietnamese = info.spoken.lower().partition("-")[0] == "vi"
        for number, area in enumerate(info.areas, 1):
            words = _folded(area.area_desc) if is_vietnamese else None
            for code_number, code in enumerate(area.geocodes, 1):
                _check_code(code, words, f"/alert/info[{info_number}]/area[{number}]/geocode[{code_number}]", gathered)


def _check_code(code: Named, words: str | None, place: str, gathered: Gathered) -> None:
    """Check one code; `words` is the name of its area, None where it is in a language in which places are called otherwise."""
    if code.name != PLACE_SCHEME:
        message = _("is of the list {name}, which is not known here", name=shown(code.name))
        fix = _("name the communes and provinces yourself, or ask for codes of {known}", known=PLACE_SCHEME)
        gathered.add("W515", f"{place}/valueName", message, fix)
    elif not _PLACE_CODE.fullmatch(code.value):
        message = _("says {code}, which is no code of {name}", code=shown(code.value), name=PLACE_SCHEME)
        fix = _("a province has two digits, a commune five, zeros in front included")
        gathered.add("E516", f"{place}/value", message, fix)
    elif not (names := names_of(code.value)):
        message = _("says {code}, and no province or commune has this code", code=shown(code.value))
        gathered.add("E517", f"{place}/value", message, _("ask the sender which place is meant"))
    elif words is not None and not any(_folded(name) in words for name in names):
        message = _("is the code of {place}, which <areaDesc> does not name", place=names[0])
        gathered.add("W518", f"{place}/value", message, _("which of the two is meant, the name or the code? Ask the sender"))


@cache
def names_of(code: str) -> tuple[str, ...]:
    """Return by what names the place with a code is meant, its own first; () where there is none.

    A commune is meant where its province is named, too.
    """
    return tuple(_names(code))


def _names(code: str) -> Iterator[str]:
    if len(code) == 2 and f"new:{code}" in PROPER:
        yield PROPER[f"new:{code}"]
    elif code in wards():
        yield wards()[code].name
        yield PROPER[f"new:{wards()[code].new_code}"]


def _folded(text: str) -> str:
    return normalize("NFC", text).casefold()
