"""The outlines of the 63 former provinces and where the islands are, read once.

Owns outlines.json, which `tools/build_outlines.py` makes, and islands.csv, which is kept by hand. Knows no run.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any, NamedTuple

from zalo_alert.places.tables import FORMER_PROVINCES

VERSION = 1
SUCCESSORS = {former.code: former.new_code for former in FORMER_PROVINCES}


class Island(NamedTuple):
    """An island, a reef or a small group.

    Args:
        archipelago: "" where it belongs to none.
        old_code: Of the former province that it belongs to.
        is_drawn: Whether the outlines have its shape; all others are dots.
        label: What is written beside it, its own name or that of its group or district; "" for nothing.
        label_at: Where that begins, or ends where it stands to the left.
    """

    name: str
    archipelago: str
    old_code: str
    at: tuple[int, int]
    is_drawn: bool
    label: str
    label_at: tuple[int, int]


class Outlines(NamedTuple):
    """What a map is drawn from; all lengths in units of the picture, from its upper left corner.

    Args:
        shapes: By the code of a former province, the `d` of an SVG path.
        inner: Borders between former provinces of one of today.
        borders: Borders between two provinces of today.
        coast: Where the country ends, at sea and on land.
        middles: By key (`old:45`, `new:44`), the point farthest from its borders, and how far.
    """

    width: int
    height: int
    shapes: Mapping[str, str]
    inner: str
    borders: str
    coast: str
    middles: Mapping[str, tuple[int, int, int]]
    islands: tuple[Island, ...]


@cache
def outlines() -> Outlines:
    """Return the outlines."""
    return read_outlines(json.loads((files(__package__) / "outlines.json").read_text(encoding="utf-8")))


def read_outlines(kept: Mapping[str, Any]) -> Outlines:
    """Make the outlines of what outlines.json holds.

    Raises:
        ValueError: It is of another version.
    """
    if kept["version"] != VERSION:
        raise ValueError(f"outlines.json is of version {kept['version']}, not {VERSION}")
    kinds: dict[int, list[Sequence[int]]] = {0: [], 1: [], 2: []}
    for arc, sides in zip(kept["arcs"], kept["sides"], strict=True):
        kinds[0 if len(sides) == 1 else len({SUCCESSORS[code] for code in sides})].append(arc)
    return Outlines(
        width=kept["width"],
        height=kept["height"],
        shapes={
            code: "".join(f"{_path(_ring(kept['arcs'], ring))}z" for ring in rings) for code, rings in kept["shapes"].items()
        },
        inner="".join(map(_path, kinds[1])),
        borders="".join(map(_path, kinds[2])),
        coast="".join(map(_path, kinds[0])),
        middles={key: (x, y, room) for key, (x, y, room) in kept["middles"].items()},
        islands=tuple(_islands(kept)),
    )


def on_picture(kept: Mapping[str, Any], lat: float, lon: float) -> tuple[int, int]:
    """Return where a place of so many degrees stands in the picture."""
    return round((lon - kept["west"]) * kept["x_per_degree"]), round((kept["north"] - lat) * kept["y_per_degree"])


def _islands(kept: Mapping[str, Any]) -> Iterable[Island]:
    for row in csv.DictReader((files(__package__) / "islands.csv").read_text(encoding="utf-8").splitlines()):
        at = on_picture(kept, float(row["lat"]), float(row["lon"]))
        label_at = on_picture(kept, float(row["label_lat"]), float(row["label_lon"])) if row["label"] else at
        yield Island(row["name"], row["archipelago"], row["old_code"], at, row["is_drawn"] == "1", row["label"], label_at)


def _ring(arcs: Sequence[Sequence[int]], numbers: Iterable[int]) -> Sequence[int]:
    """Join arcs into x, y and steps, without the last step, which leads back."""
    ring: list[int] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else _backwards(arcs[~number])
        ring += arc[2:] if ring else arc
    return ring[:-2]


def _backwards(arc: Sequence[int]) -> list[int]:
    end = [sum(arc[0::2]), sum(arc[1::2])]
    steps = [-step for pair in zip(arc[-2:1:-2], arc[-1:2:-2], strict=True) for step in pair]
    return end + steps


def _path(arc: Sequence[int]) -> str:
    """Return an arc as part of an SVG path: a move, and then relative lines."""
    steps = "".join(f"{step}" if step < 0 or not at else f" {step}" for at, step in enumerate(arc[2:]))
    return f"M{arc[0]} {arc[1]}l{steps}" if steps else ""


def points_of(arc: Sequence[int]) -> list[tuple[int, int]]:
    """Return the points of an arc."""
    return list(zip(accumulate(arc[0::2]), accumulate(arc[1::2]), strict=True))
