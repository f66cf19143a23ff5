"""Selectors of a campaign, such as `new:44`, `region:tay-nguyen`, `all` or an exact name, as sets of former provinces."""

import re
from difflib import get_close_matches
from typing import NamedTuple

from zalo_alert.errors import InputInvalid
from zalo_alert.models import Area
from zalo_alert.places.names import MASKS, NAMES, PROPER, keys_named, plain
from zalo_alert.places.tables import EVERYWHERE, FORMER_PROVINCES, PROVINCES, REGIONS

ALL = "all"
_REGION_MASKS = {region.key: region.mask for region in REGIONS}


class PlaceUnknown(InputInvalid):
    """A name or code that is no place, or more than one; the message lists what may have been meant."""


def area(selector: str) -> Area:
    """Read one selector.

    Raises:
        PlaceUnknown: Unknown or ambiguous.
    """
    text = selector.strip()
    if text == ALL:
        return Area(ALL, EVERYWHERE, everyone=True)
    if text in _REGION_MASKS:
        return Area(text, _REGION_MASKS[text])
    if text.startswith(("old:", "new:")):
        return _by_code(text)
    if text.startswith(("region:", "region-2025:")):
        raise PlaceUnknown(f'"{text}" is no region; there are {", ".join(_REGION_MASKS)}')
    if text.startswith(("ward:", "xa:", "phuong:")):
        raise PlaceUnknown(f'"{text}": wards cannot be targeted yet; name the province, such as new:44')
    if re.fullmatch(r"[0-9]{1,5}", text):
        raise PlaceUnknown(_bare_code(text))
    return _by_name(text)


def _by_code(text: str) -> Area:
    if text in MASKS:
        return Area(text, MASKS[text])
    kind, code = text.split(":", 1)
    known = [key for key in PROPER if key.startswith(kind + ":")]
    padded = f"{kind}:{code.zfill(2)}"
    close = [padded] if padded in MASKS else get_close_matches(text, known, n=3, cutoff=0.7)
    maybe = "; did you mean " + " or ".join(f"{key} ({PROPER[key]})" for key in close) + "?" if close else ""
    raise PlaceUnknown(f'"{text}" is no code of the {"63 former" if kind == "old" else "34 present"} provinces{maybe}')


def _bare_code(text: str) -> str:
    code = text.zfill(2)
    known = [f"{key} ({PROPER[key]})" for key in (f"old:{code}", f"new:{code}") if key in PROPER]
    return f'"{text}": a code must say its list{"; write " + " or ".join(known) if known else ""}'


def _by_name(text: str) -> Area:
    keys = keys_named(text)
    masks = {MASKS[key] for key in keys}
    if len(masks) == 1:
        return Area(text, masks.pop())
    if masks:
        listed = "; ".join(f"{key} ({_covers(key)})" for key in sorted(keys))
        raise PlaceUnknown(f'"{text}" means more than one place: write {listed}')
    close = get_close_matches(plain(text), list(NAMES), n=3, cutoff=0.6)
    names = list(dict.fromkeys(f"{PROPER[key]} ({key})" for name in close for key in sorted(NAMES[name])))[:4]
    raise PlaceUnknown(f'"{text[:60]}" is no province{"; did you mean " + ", ".join(names) + "?" if names else ""}')


def _covers(key: str) -> str:
    if key.startswith("old:"):
        return f"former {PROPER[key]}"
    return "today's, of former " + ", ".join(former.name for former in FORMER_PROVINCES if former.mask & MASKS[key])


class Found(NamedTuple):
    """One line of an answer about places."""

    key: str
    name: str
    about: str


def listed() -> list[Found]:
    """List the provinces of both lists, and the regions."""
    new = [Found(p.key, p.name, _covers(p.key)) for p in PROVINCES]
    successor = {p.code: p for p in PROVINCES}
    old = [
        Found(
            f.key,
            f.name,
            f"now in {successor[f.new_code].name} (new:{f.new_code}); Zalo city {f.zalo_city}{'; coastal' if f.coastal else ''}",
        )
        for f in FORMER_PROVINCES
    ]
    regions = [Found(r.key, r.name, f"{r.decree}: {_names(r.mask)}") for r in REGIONS]
    return [*new, *old, *regions]


def search(text: str) -> list[Found]:
    """List what a name, a code or a part of one may mean.

    Raises:
        PlaceUnknown: Nothing fits.
    """
    wanted = plain(text)
    found = [
        row for row in listed() if wanted and (wanted in plain(row.name) or text.strip() in (row.key, row.key.split(":")[-1]))
    ]
    keys = keys_named(text)
    found += [row for row in listed() if row.key in keys and row not in found]
    if not found:
        area(text)
    return found


def _names(mask: int) -> str:
    return ", ".join(former.name for former in FORMER_PROVINCES if former.mask & mask)
