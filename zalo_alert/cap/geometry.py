"""Whether an outline crosses itself: exactly, in n log n. Knows numbers alone.

A line sweeps over the edges from left to right and keeps those that it cuts, from the lowest to the highest. Two edges that meet
are neighbours on it before they do, so only neighbours are compared.

Source: M. Shamos, D. Hoey, Geometric intersection problems, 1976. Points are ordered by x and then by y, so that upright edges
are no special case.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import Enum
from itertools import pairwise

Spot = tuple[int, int]
Edge = tuple[Spot, Spot]  # the lesser end first


class Meeting(Enum):
    """How an outline meets itself."""

    CROSSES = "crosses"
    TOUCHES = "touches"  # a corner on another edge, or two edges one on the other; it may cross itself elsewhere


def meeting(corners: Sequence[tuple[Decimal, Decimal]]) -> Meeting | None:
    """Return how a closed outline first meets itself, None where it does not.

    Args:
        corners: In order; the last one equals the first. Corners that repeat the one before count once.
    """
    return _Sweep(_edges(_whole(corners))).run()


def surface_is_none(corners: Sequence[tuple[Decimal, Decimal]]) -> bool:
    """Tell whether fewer than three corners are different ones, so that nothing can be inside."""
    return len(set(corners)) < 3


def _whole(corners: Sequence[tuple[Decimal, Decimal]]) -> list[Spot]:
    """Return the corners as whole numbers, each coordinate times the same power of ten."""
    places = max(max(0, -int(number.as_tuple().exponent)) for corner in corners for number in corner)
    factor = 10**places
    return [(int(x * factor), int(y * factor)) for x, y in corners]


def _edges(spots: Sequence[Spot]) -> list[Edge]:
    return [(one, other) if one < other else (other, one) for one, other in pairwise(spots) if one != other]


def _side(edge: Edge, spot: Spot) -> int:
    """Return more than 0 for a spot above an edge, less for one below, 0 on its line."""
    (x, y), (right_x, right_y) = edge
    return (right_x - x) * (spot[1] - y) - (right_y - y) * (spot[0] - x)


class _Sweep:
    def __init__(self, edges: list[Edge]) -> None:
        self._edges = edges
        self._cut: list[int] = []  # edges under the line, by number, the lowest first

    def run(self) -> Meeting | None:
        for _spot, is_begin, number in self._events():
            found = self._begin(number) if is_begin else self._end(number)
            if found:
                return found
        return None

    def _events(self) -> list[tuple[Spot, bool, int]]:
        """Return the ends of edges from left to right: what ends at a corner goes before what begins there."""
        begins = [(left, True, number) for number, (left, _right) in enumerate(self._edges)]
        return sorted(begins + [(right, False, number) for number, (_left, right) in enumerate(self._edges)])

    def _begin(self, number: int) -> Meeting | None:
        low, high = 0, len(self._cut)
        while low < high:
            middle = (low + high) // 2
            side = self._beside(number, self._cut[middle])
            if side == 0:
                return Meeting.TOUCHES
            low, high = (middle + 1, high) if side > 0 else (low, middle)
        found = self._meets(number, low - 1) or self._meets(number, low)
        self._cut.insert(low, number)
        return found

    def _beside(self, number: int, other: int) -> int:
        """Return on which side of another edge one begins; 0 where it begins on it without being the next in the outline."""
        left, right = self._edges[number]
        side = _side(self._edges[other], left)
        if side == 0 and left == self._edges[other][0] and self._are_next(number, other):
            return _side(self._edges[other], right)
        return side

    def _end(self, number: int) -> Meeting | None:
        place = self._place(number)
        del self._cut[place]
        return self._meets(self._cut[place], place - 1) if place < len(self._cut) else None

    def _place(self, number: int) -> int:
        """Return where on the line an edge is that ends now; others may end at the same corner."""
        right = self._edges[number][1]
        low, high = 0, len(self._cut)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if _side(self._edges[self._cut[middle]], right) > 0 else (low, middle)
        return self._cut.index(number, low if number in self._cut[low : low + 4] else 0)

    def _meets(self, number: int, place: int) -> Meeting | None:
        """Return how an edge meets the one at a place of the line, if there is one."""
        if not 0 <= place < len(self._cut):
            return None
        other = self._cut[place]
        if self._are_next(number, other):
            return Meeting.TOUCHES if _lie_on_each_other(self._edges[number], self._edges[other]) else None
        return _meeting_of(self._edges[number], self._edges[other])

    def _are_next(self, one: int, other: int) -> bool:
        return abs(one - other) in (1, len(self._edges) - 1)


def _lie_on_each_other(one: Edge, other: Edge) -> bool:
    """Tell whether two edges with a common corner go the same way from it."""
    is_one_line = _side(one, other[0]) == 0 == _side(one, other[1])
    return is_one_line and (one[0] == other[0] or one[1] == other[1])


def _meeting_of(one: Edge, other: Edge) -> Meeting | None:
    sides = (*_sides(one, other), *_sides(other, one))
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return Meeting.CROSSES
    return Meeting.TOUCHES if any(_corners_on(one, other)) or any(_corners_on(other, one)) else None


def _sides(edge: Edge, other: Edge) -> tuple[int, int]:
    return _side(edge, other[0]), _side(edge, other[1])


def _corners_on(edge: Edge, other: Edge) -> Iterator[bool]:
    return (_side(edge, corner) == 0 and edge[0] <= corner <= edge[1] for corner in other)
