"""The outlines: every ward of today lies in the province that our tables say, and the islands are where the sea has them.

tests/data/ward_centres.csv has positions from the data of vietnamadminunits 1.0.4 (MIT), to a thousandth of a degree.
"""

import csv
import json
from functools import cache
from math import hypot, inf
from pathlib import Path

import pytest

from tools.outline_arcs import cut_into_arcs, write
from zalo_alert.pictures import outlines as room
from zalo_alert.pictures.outlines import points_of
from zalo_alert.places.tables import FORMER_PROVINCES
from zalo_alert.places.units import wards

FILE = Path(room.__file__).with_name("outlines.json")
CENTRES = Path(__file__).parents[2] / "data" / "ward_centres.csv"
BORDER_KM = 0.8  # what simplifying may move a border
COAST_KM = 4.0  # the outlines are those of a map of 1:10,000,000: spits, river mouths and sandbanks are not on it

# Five centres that the source of positions puts into another province: wards of the same name there.
MISPLACED = {"04924": "Lương Sơn", "08296": "Sơn Lương", "28615": "Lương Hòa Lạc", "29983": "Long Khánh", "30130": "Thanh Bình"}
DOTS = {
    "19742": "Cồn Cỏ",
    "20333": "Hoàng Sa",
    "22736": "Trường Sa",
    "30781": "Tiên Hải",
    "30811": "Hòn Nghệ",  # Sơn Hải: rocks near it
    "30814": "Hòn Nghệ",
}  # what is too small for the outlines and drawn as a dot


@cache
def kept():
    return json.loads(FILE.read_text(encoding="utf-8"))


@cache
def rings(code):
    """Return the rings of a former province as lists of points."""
    return [_joined(ring) for ring in kept()["shapes"][code]]


def _joined(numbers):
    arcs = [points_of(kept()["arcs"][n]) if n >= 0 else points_of(kept()["arcs"][~n])[::-1] for n in numbers]
    return [point for arc in arcs for point in arc[:-1]]


@cache
def centres():
    with CENTRES.open(encoding="utf-8") as file:
        return {row["code"]: room.on_picture(kept(), float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)}


def lies_in(point, ring):
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        crossings += (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
    return crossings % 2 == 1


def km_to(point, code):
    """Return how far a point is from a former province; 0 inside."""
    if any(lies_in(point, ring) for ring in rings(code)):
        return 0.0
    return min(map(_distance, *zip(*_edges(point, code), strict=True)), default=inf) / kept()["y_per_degree"] * 111.2


def _edges(point, code):
    x, y = point
    for ring in rings(code):
        for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
            yield (x1 - x, y1 - y), (x2 - x1, y2 - y1)


def _distance(begin, step):
    (x, y), (dx, dy) = begin, step
    length = dx * dx + dy * dy
    along = min(1.0, max(0.0, -(x * dx + y * dy) / length)) if length else 0.0
    return hypot(x + along * dx, y + along * dy)


@pytest.mark.parametrize("former", FORMER_PROVINCES, ids=lambda former: former.name)
def test_every_ward_lies_in_its_province_or_off_its_coast(former):
    own = {
        code: ward
        for code, ward in wards().items()
        if ward.old_code == former.code and code not in MISPLACED and code not in DOTS
    }

    outside = {code: km for code in own if (km := km_to(centres()[code], former.code))}
    far = [code for code, km in outside.items() if km > BORDER_KM]
    elsewhere = [
        code for code in far if any(lies_in(centres()[code], ring) for other in OTHERS[former.code] for ring in rings(other))
    ]

    assert own
    assert elsewhere == []
    assert {own[code].name: km for code, km in outside.items() if km > COAST_KM} == {}


OTHERS = {former.code: [other.code for other in FORMER_PROVINCES if other is not former] for former in FORMER_PROVINCES}


def test_nothing_is_excused_that_lies_where_it_should():
    excused = {**MISPLACED, **DOTS}

    assert [code for code in excused if km_to(centres()[code], wards()[code].old_code) <= COAST_KM] == []
    assert set(centres()) == set(wards())


def test_what_is_too_small_for_an_outline_is_a_dot_of_its_province_at_its_place():
    islands = room.outlines().islands

    for code, name in DOTS.items():
        island = next(island for island in islands if name in (island.name, island.archipelago))
        of_it = [one.at for one in islands if one.archipelago == island.archipelago] if island.archipelago else [island.at]
        x, y = centres()[code]
        near = 250 if code in ("30781", "22736", "20333") else 20  # an archipelago is wide; Tiên Hải is misplaced in the source

        assert island.old_code == wards()[code].old_code
        assert min(hypot(x - one_x, y - one_y) for one_x, one_y in of_it) < near, name


def test_every_special_zone_of_today_is_named_on_the_map():
    islands = room.outlines().islands
    named = {island.label for island in islands} | {island.archipelago for island in islands}
    zones = {ward.name for ward in wards().values() if ward.type == "đặc khu"}

    assert len(zones) == 13
    assert zones - named == {"Cát Hải"}  # its large island is: Cát Bà


@pytest.mark.parametrize(
    ("name", "south", "north", "west", "east"),
    [("Hoàng Sa", 15.7, 17.2, 111.0, 113.0), ("Trường Sa", 6.8, 12.0, 111.3, 117.5)],
)
def test_the_archipelagos_lie_at_their_true_place(name, south, north, west, east):
    islands = [island for island in room.outlines().islands if island.archipelago == name]
    left, bottom = room.on_picture(kept(), south, west)
    right, top = room.on_picture(kept(), north, east)

    assert len(islands) >= 15
    for island in islands:
        x, y = island.at
        assert left <= x <= right
        assert top <= y <= bottom
        assert 0 < x < kept()["width"]
        assert 0 < y < kept()["height"]


def test_an_island_said_to_be_drawn_lies_in_an_outline_of_its_province():
    drawn = [island for island in room.outlines().islands if island.is_drawn]

    assert {island.name for island in drawn} >= {"Phú Quốc", "Cát Bà", "Vân Đồn"}
    assert [island.name for island in drawn if km_to(island.at, island.old_code) > 1] == []


def test_each_stretch_of_a_border_is_kept_once_and_has_one_or_two_sides():
    uses = [number if number >= 0 else ~number for shape in kept()["shapes"].values() for ring in shape for number in ring]

    assert sorted(kept()["shapes"]) == sorted(former.code for former in FORMER_PROVINCES)
    assert [uses.count(number) for number in range(len(kept()["arcs"]))] == [len(sides) for sides in kept()["sides"]]
    assert {len(sides) for sides in kept()["sides"]} == {1, 2}


def test_a_number_stands_in_its_province():
    for former in FORMER_PROVINCES:
        assert km_to(kept()["middles"][former.key][:2], former.code) == 0, former.name


def test_the_outlines_are_small():
    assert FILE.stat().st_size < 120_000


def test_outlines_of_another_version_are_refused():
    with pytest.raises(ValueError, match="version 2"):
        room.read_outlines(kept() | {"version": 2})


# Two squares that share an edge, and an island of the second.
SQUARES = {
    "01": [[(0, 0), (2, 0), (2, 2), (0, 2)]],
    "02": [[(4, 0), (4, 2), (2, 2), (2, 0)], [(9, 9), (9, 8), (8, 8)]],
}


def test_cutting_keeps_a_shared_border_once_with_both_its_sides():
    cut = cut_into_arcs(SQUARES)
    shared = cut["sides"].index(["01", "02"])

    assert sorted(cut["sides"]) == [["01"], ["01", "02"], ["02"], ["02"]]
    assert points_of(cut["arcs"][shared]) == [(2, 0), (2, 2)]
    assert [number for ring in cut["shapes"]["02"] for number in ring if number < 0] == [~shared]
    assert [8, 8, 1, 1, 0, -1, -1, 0] in cut["arcs"]


def test_cutting_and_joining_give_the_rings_back():
    cut = cut_into_arcs(SQUARES)
    arcs = [points_of(arc) for arc in cut["arcs"]]
    rings = [[(arcs[n] if n >= 0 else arcs[~n][::-1]) for n in ring] for ring in cut["shapes"]["02"]]
    joined = [[point for arc in ring for point in arc[:-1]] for ring in rings]

    assert [sorted(ring) for ring in joined] == [sorted(ring) for ring in SQUARES["02"]]


def test_the_file_is_as_the_tool_writes_it():
    assert write(kept()) == FILE.read_text(encoding="utf-8")
