"""The map of Vietnam: the provinces by the share of their people that is reached, with every island at its place.

Owns the five classes. A map without Hoàng Sa and Trường Sa can't be drawn here: they are part of the outlines.
"""

from collections.abc import Iterator, Mapping
from math import isnan
from typing import NamedTuple

from zalo_alert.language import Language, _, catalogue_of, joined, said_in
from zalo_alert.pictures.drawing import draw, mark_of, plain, width_of
from zalo_alert.pictures.outlines import SUCCESSORS, Outlines, outlines
from zalo_alert.places.tables import FORMER_PROVINCES, PROVINCES

CLASSES = 5
NOBODY = "none"  # the class of a province of which nobody is in the run


class Shade(NamedTuple):
    """How a province is coloured.

    Args:
        share: Of its people that are reached, 0 to 1; None where nobody of it is in the run.
        title: What is told of it when it is pointed at; "" for its name and share.
    """

    share: float | None
    title: str


class _Area(NamedTuple):
    """One of the 63 as it is drawn."""

    code: str
    tone: str
    title: str
    path: str
    dots: tuple[tuple[int, int], ...]


class _Size(NamedTuple):
    """How large letters and dots are, in units of the picture."""

    text: int
    small: int
    dot: int


_FULL, _COMPACT = _Size(52, 42, 10), _Size(90, 74, 15)

# What is written over each archipelago, and the province that it belongs to.
_ARCHIPELAGOS = {"Hoàng Sa": ("Q.đ. Hoàng Sa", "Đà Nẵng"), "Trường Sa": ("Q.đ. Trường Sa", "Khánh Hòa")}


def map_of_vietnam(
    shades: Mapping[str, Shade], *, numbers: bool = True, compact: bool = False, language: Language = Language.EN
) -> str:
    """Draw the map: 63 shapes, the 34 provinces of today by thicker borders, all islands named.

    Args:
        shades: By the key of a province: `new:44`, `old:45`; the former one goes before that of today in which it lies. Other
            keys are passed over, and provinces without one are grey.
        numbers: Whether the per cent reached are written into the provinces.
        compact: For phones, and for a wall seen from afar: larger letters, numbers only where they have room.
        language: Of legend and descriptions.

    Returns:
        An `svg` element of under 150 kB. Classes as in `stylesheet`; readable without it.
    """
    land, size, legend = outlines(), _COMPACT if compact else _FULL, _legend(language)
    chosen = {former.code: _shade_of(former.code, shades) for former in FORMER_PROVINCES}
    return draw(
        "map.svg.j2",
        land=land,
        size=size,
        compact=compact,
        mark=mark_of("map", sorted(shades.items()), numbers, compact, language),
        title=plain(_("Map of Vietnam: share of people reached, by province"), language),
        about=plain(_about(chosen), language, 4000),
        areas=list(_areas(land, chosen, language)),
        numbers=list(_numbers(land, chosen, shades, size.small * 0.7 if compact else 0)) if numbers else [],
        labels=[island for island in land.islands if island.label],
        archipelagos=list(_archipelago_labels(land)),
        legend=legend,
        legend_x=10
        if compact
        else int(land.width - 10 - size.text * 2.1 - max(width_of(words, size.text) for _tone, words in legend)),
        legend_y=int(land.height * 0.46) if compact else 40,  # larger letters would lie over the islands of the north-east
    )


def tone_of(share: float | None) -> str:
    """Return the class of a share: "0" for under a fifth, … "4" for four fifths and more, "none" for nobody."""
    return NOBODY if share is None else str(min(CLASSES - 1, int(share * CLASSES)))


def _shade_of(code: str, shades: Mapping[str, Shade]) -> Shade:
    shade = shades.get(f"old:{code}") or shades.get(f"new:{SUCCESSORS[code]}") or Shade(None, "")
    share = shade.share
    return shade._replace(share=None if share is None or isnan(share) else min(1.0, max(0.0, share)))


def _areas(land: Outlines, chosen: Mapping[str, Shade], language: Language) -> Iterator[_Area]:
    for former in FORMER_PROVINCES:
        shade = chosen[former.code]
        dots = tuple(island.at for island in land.islands if island.old_code == former.code and not island.is_drawn)
        title = plain(shade.title or _title(former.name, shade.share), language)
        yield _Area(former.code, tone_of(shade.share), title, land.shapes[former.code], dots)


def _title(name: str, share: float | None) -> str:
    if share is None:
        return _("{place}: not in this run", place=name)
    return _("{place}: {percent} % reached", place=name, percent=_percent(share))


def _percent(share: float) -> int:
    return int(share * 100 + 1e-9)  # 99.9 % are not all


def _numbers(
    land: Outlines, chosen: Mapping[str, Shade], shades: Mapping[str, Shade], least: float
) -> Iterator[tuple[int, int, str, int]]:
    """Yield place, class and per cent: once for a province of today where its parts are one, else once for each part.

    Those with less room to either side than `least` go without.
    """
    for province in PROVINCES:
        parts = [former for former in FORMER_PROVINCES if former.new_code == province.code]
        is_one = not any(former.key in shades for former in parts)
        for key, code in [(province.key, parts[0].code)] if is_one else [(former.key, former.code) for former in parts]:
            share, (x, y, room) = chosen[code].share, land.middles[key]
            if share is not None and room >= least:
                yield x, y, tone_of(share), _percent(share)


def _about(chosen: Mapping[str, Shade]) -> str:
    shares = sorted((shade.share, former.name) for former in FORMER_PROVINCES if (shade := chosen[former.code]).share is not None)
    if not shares:
        return _("No province is in this run.")
    told = joined(_title(name, share) for share, name in shares)
    return _("Former provinces, the least reached first: {places}.", places=told)


def _archipelago_labels(land: Outlines) -> Iterator[tuple[int, int, str, str]]:
    """Yield the middle and the northern end of each archipelago, its name and its province."""
    for archipelago, words in _ARCHIPELAGOS.items():
        places = [island.at for island in land.islands if island.archipelago == archipelago]
        west, *_between, east = sorted(x for x, _y in places)
        yield (west + east) // 2, min(y for _x, y in places), *words


def _legend(language: Language) -> list[tuple[str, str]]:
    catalogue = catalogue_of(language)
    steps = [f"{100 * at // CLASSES}–{100 * (at + 1) // CLASSES} %" for at in reversed(range(CLASSES))]
    tones = [str(at) for at in reversed(range(CLASSES))]
    return [*zip(tones, steps, strict=True), (NOBODY, said_in(_("not in this run"), catalogue))]
