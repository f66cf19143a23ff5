"""Draw the rooms of the code: `make map` writes docs/map.svg, and the table of rooms in docs/architecture.md.

A room is a folder or a single module directly under `zalo_alert`; its row is its level, as tests/unit/test_architecture.py holds
it; what it owns is the first line of its docstring; an arrow is an import. The same code gives the same bytes.
"""

import ast
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeAlias

ROOT = Path(__file__).parent.parent
CODE, LEVELS_IN = ROOT / "zalo_alert", ROOT / "tests" / "unit" / "test_architecture.py"
DRAWING, PAGE = ROOT / "docs" / "map.svg", ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms: made by `make map` -->\n", "<!-- rooms: end -->\n"

BOX, HEIGHT, GAP, FLOOR = 104, 30, 22, 88  # of a room, between two of them, and from one level to the next
BEND, THREAD = 30, 10  # how steep an arrow is at its ends, and what room it takes where it passes a level
SWEEPS = 24

Arrows: TypeAlias = dict[str, set[str]]  # room -> rooms that it imports


class Place(NamedTuple):
    """A room in its row, or (`via`) where an arrow passes a row between its two ends."""

    level: int
    room: str
    via: str = ""

    @property
    def width(self) -> int:
        """What it takes of its row."""
        return THREAD if self.via else BOX


Row: TypeAlias = list[Place]


def room_of(path: Path) -> str:
    """Return the room that a file is in."""
    return path.relative_to(CODE).parts[0].removesuffix(".py")


def levels() -> dict[str, int]:
    """Return the level of each room, the lowest being 0."""
    for node in ast.parse(LEVELS_IN.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "LEVELS":
            return {room: level for level, rooms in enumerate(ast.literal_eval(node.value)) for room in rooms}
    raise SystemExit(f"no LEVELS in {LEVELS_IN}")


def imports() -> Arrows:
    """Return what each room imports from the others to run, wherever in a file it does so; annotations alone do not count."""
    arrows: Arrows = {}
    for path in sorted(CODE.rglob("*.py")):
        own = room_of(path)
        arrows.setdefault(own, set()).update(room for room in _imported(path) if room != own)
    return arrows


def _imported(path: Path) -> Iterator[str]:
    for node in _nodes(ast.parse(path.read_text(encoding="utf-8"))):
        modules: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = node.module == CODE.name
            modules = [f"{node.module}.{alias.name}" for alias in node.names] if whole else [node.module]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        yield from (module.split(".")[1] for module in modules if module.startswith(f"{CODE.name}."))


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree, past what is there for type checkers."""
    yield tree
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from _nodes(node)


def owned(room: str) -> str:
    """Return the first line of a room's docstring."""
    path = CODE / room / "__init__.py"
    text = (path if path.is_file() else CODE / f"{room}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def table(level_of: dict[str, int], arrows: Arrows) -> str:
    """Return the rooms as a table, the highest level first."""
    lines = ["| level | room | owns | imports |", "|---|---|---|---|"]
    for room in sorted(arrows, key=lambda one: (-level_of[one], one)):
        names = ", ".join(sorted(arrows[room])) or "–"
        lines.append(f"| {level_of[room]} | `{room}` | {owned(room)} | {names} |")
    return "\n".join(lines) + "\n"


# --- the drawing ---------------------------------------------------------------------------------------------------------


def without_shortcuts(arrows: Arrows) -> Arrows:
    """Leave out every arrow that a longer way says already."""

    def reached(room: str) -> set[str]:
        return arrows[room].union(*(reached(other) for other in arrows[room]))

    return {room: others - set().union(*(reached(other) for other in others)) for room, others in arrows.items()}


def ways(level_of: dict[str, int], arrows: Arrows) -> list[list[Place]]:
    """Return the places that each arrow goes through, from its room down to the one it imports."""
    found = []
    for room, others in sorted(arrows.items()):
        for other in sorted(others):
            between = range(level_of[room] - 1, level_of[other], -1)
            passed = [Place(level, room, other) for level in between]
            found.append([Place(level_of[room], room), *passed, Place(level_of[other], other)])
    return found


def arranged(level_of: dict[str, int], arrows: Arrows, found: list[list[Place]]) -> dict[Place, float]:
    """Return the middle of each place, so that arrows are short and cross little."""
    places = sorted({place for way in found for place in way} | {Place(level_of[room], room) for room in arrows})
    rows = [[place for place in places if place.level == level] for level in sorted(set(level_of.values()))]
    near: dict[Place, list[Place]] = {place: [] for place in places}
    for way in found:
        for upper, lower in pairwise(way):
            near[upper].append(lower)
            near[lower].append(upper)
    middles: dict[Place, float] = {}
    for row in rows:
        middles |= _spread(row, [0.0] * len(row))
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 else reversed(rows):
            wished = {one: sum(middles[other] for other in near[one]) / len(near[one]) if near[one] else 0.0 for one in row}
            row.sort(key=lambda one: (wished[one], one))
            middles |= _spread(row, [wished[one] for one in row])
    return middles


def _spread(row: Row, wished: Sequence[float]) -> dict[Place, float]:
    """Put a row's places as near to where they wish to be as their widths allow, in this order."""
    lefts, rights = list(wished), list(wished)
    for n in range(1, len(row)):
        lefts[n] = max(lefts[n], lefts[n - 1] + _apart(row[n - 1], row[n]))
    for n in range(len(row) - 2, -1, -1):
        rights[n] = min(rights[n], rights[n + 1] - _apart(row[n], row[n + 1]))
    return {place: (left + right) / 2 for place, left, right in zip(row, lefts, rights, strict=True)}


def _apart(left: Place, right: Place) -> float:
    return (left.width + right.width) / 2 + GAP


def drawing(level_of: dict[str, int], arrows: Arrows) -> str:
    """Return the whole picture as SVG."""
    found = ways(level_of, without_shortcuts(arrows))
    middles = arranged(level_of, arrows, found)
    left = min(middle - place.width / 2 for place, middle in middles.items()) - 46
    width = max(middle + place.width / 2 for place, middle in middles.items()) - left + 20
    top, height = max(level_of.values()), (max(level_of.values()) + 1) * FLOOR

    def at(place: Place) -> tuple[float, float]:
        return middles[place] - left, (top - place.level) * FLOOR + FLOOR / 2

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" font-family="sans-serif" font-size="13">',
        "<title>The rooms of zalo_alert by level; an arrow is an import, and none points up</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#567"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height}" fill="#fff"/>',
    ]
    for level in range(top + 1):
        y = (top - level) * FLOOR + FLOOR / 2
        lines.append(f'<text x="12" y="{y + 5:.0f}" fill="#999">{level}</text>')
    lines += [_arrow([at(place) for place in way]) for way in found]
    lines += [_box(place.room, *at(place)) for place in sorted(middles) if not place.via]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _arrow(points: list[tuple[float, float]]) -> str:
    """Draw a curve from the foot of one box, through its places, to the head of another."""
    (x, y), (last_x, last_y) = points[0], points[-1]
    points = [(x, y + HEIGHT / 2), *points[1:-1], (last_x, last_y - HEIGHT / 2)]
    curve = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (from_x, from_y), (to_x, to_y) in pairwise(points):
        curve += f" C{from_x:.0f} {from_y + BEND:.0f} {to_x:.0f} {to_y - BEND:.0f} {to_x:.0f} {to_y:.0f}"
    return f'<path d="{curve}" fill="none" stroke="#567" stroke-width="1.2" marker-end="url(#tip)"/>'


def _box(room: str, x: float, y: float) -> str:
    is_folder = (CODE / room).is_dir()
    fill = "#e8f0fa" if is_folder else "#f6f2e6"
    corner = f'x="{x - BOX / 2:.0f}" y="{y - HEIGHT / 2:.0f}"'
    return (
        f'<rect {corner} width="{BOX}" height="{HEIGHT}" rx="4" fill="{fill}" stroke="#345"/>'
        f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle">{escape(room)}{"/" if is_folder else ""}</text>'
    )


def page(text: str, rooms: str) -> str:
    """Return the page with its table put anew."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + rooms + END + rest.partition(END)[2]


def main() -> None:
    """Write both."""
    level_of, arrows = levels(), imports()
    DRAWING.write_text(drawing(level_of, arrows), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), table(level_of, arrows)), encoding="utf-8")


if __name__ == "__main__":
    main()
