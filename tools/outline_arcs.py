"""Borders kept once, as arcs with one or two sides, and the text of zalo_alert/pictures/outlines.json. Knows no geography."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

Code = str


def cut_into_arcs(rings: Mapping[Code, Sequence[Sequence[tuple[int, int]]]]) -> dict[str, Any]:
    """Cut rings where their neighbours change, so that each stretch of a border is kept once.

    Returns:
        `arcs`, each x, y and then steps; `sides`, the one or two provinces of each; `shapes`, the arcs of each ring, a
        number below zero meaning the complement of an arc walked backwards.
    """
    sides: dict[frozenset[Any], set[Code]] = defaultdict(set)
    for code, own in rings.items():
        for ring in own:
            for edge in pairwise([*ring, ring[0]]):
                sides[frozenset(edge)].add(code)
    numbers: dict[tuple[Any, ...], int] = {}
    shapes = {code: [[_number(arc, numbers) for arc in _arcs(ring, sides)] for ring in own] for code, own in rings.items()}
    return {
        "arcs": [_steps(arc) for arc in numbers],
        "sides": [sorted(sides[frozenset(arc[:2])]) for arc in numbers],
        "shapes": shapes,
    }


def _arcs(ring: Sequence[tuple[int, int]], sides: Mapping[frozenset[Any], set[Code]]) -> Iterator[tuple[tuple[int, int], ...]]:
    edges = list(pairwise([*ring, ring[0]]))
    nodes = [at for at, edge in enumerate(edges) if sides[frozenset(edge)] != sides[frozenset(edges[at - 1])]]
    if not nodes:
        first = ring.index(min(ring))
        yield (*ring[first:], *ring[:first], ring[first])
    for at, end in zip(nodes, [*nodes[1:], *(at + len(ring) for at in nodes[:1])], strict=True):
        yield tuple(ring[number % len(ring)] for number in range(at, end + 1))


def _number(arc: tuple[tuple[int, int], ...], numbers: dict[tuple[Any, ...], int]) -> int:
    if arc[::-1] in numbers:
        return ~numbers[arc[::-1]]
    return numbers.setdefault(arc, len(numbers))


def _steps(arc: Sequence[tuple[int, int]]) -> list[int]:
    return [*arc[0], *(step for before, here in pairwise(arc) for step in (here[0] - before[0], here[1] - before[1]))]


def write(outlines: Mapping[str, Any]) -> str:
    """Return the file: a line for each arc and each shape, so that a change can be read."""
    parts = (f'"{key}": {_value(value)}' for key, value in outlines.items())
    return f"{{\n{_lines(parts)}\n}}\n"


def _value(value: Any) -> str:
    match value:
        case list():
            return f"[\n{_lines(map(_compact, value))}\n]"
        case dict():
            rows = (f'"{code}": {_compact(one)}' for code, one in value.items())
            return f"{{\n{_lines(rows)}\n}}"
    return json.dumps(value)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _lines(rows: Iterable[str]) -> str:
    return ",\n".join(rows)
