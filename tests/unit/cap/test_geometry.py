"""Whether outlines cross themselves: beside the plain way, which looks at every two edges."""

import random
from decimal import Decimal
from itertools import combinations, pairwise

import pytest

from zalo_alert.cap import geometry
from zalo_alert.cap.geometry import Meeting, meeting


def outline(*corners):
    return [(Decimal(x), Decimal(y)) for x, y in (*corners, corners[0])]


OUTLINES = {
    "a triangle": (outline((0, 0), (1, 0), (0, 1)), None),
    "the other way round": (outline((0, 0), (0, 1), (1, 0)), None),
    "a repeated corner": (outline((0, 0), (0, 0), (1, 0), (1, 0), (0, 1)), None),
    "a corner on a straight line": (outline((0, 0), (1, 0), (2, 0), (0, 2)), None),
    "upright edges": (outline((0, 0), (0, 2), (1, 2), (1, 1), (2, 1), (2, 0)), None),
    "a bow": (outline((0, 0), (2, 2), (2, 0), (0, 2)), Meeting.CROSSES),
    "a bow far within": (outline((0, 0), (9, 0), (9, 9), (5, 9), (4, 8), (4, 9), (5, 8), (0, 9)), Meeting.CROSSES),
    "a spike": (outline((0, 0), (2, 0), (1, 0), (1, 1)), Meeting.TOUCHES),
    "two squares at a corner": (outline((0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (1, 2), (1, 1), (0, 1)), Meeting.TOUCHES),
    "a corner on an edge": (outline((0, 0), (4, 0), (4, 4), (2, 0), (0, 4)), Meeting.TOUCHES),
    "a corridor to a hole": (outline((0, 0), (4, 0), (4, 4), (2, 4), (2, 3), (1, 3), (1, 2), (2, 2), (2, 3), (2, 4), (0, 4)),
                             Meeting.TOUCHES),
    "a millionth of a degree": (outline(("16.000001", "107"), ("16.000002", "107.000001"), ("16.000001", "107.000001"),
                                        ("16.000002", "107")), Meeting.CROSSES),
}  # fmt: skip


@pytest.mark.parametrize(("corners", "how"), OUTLINES.values(), ids=OUTLINES)
def test_an_outline_meets_itself_or_not(corners, how):
    assert meeting(corners) == how
    assert meeting(corners[::-1]) == how
    assert meeting([(y, x) for x, y in corners]) == how


def slowly(corners):
    """How an outline meets itself, by looking at every two edges."""
    spots = [(int(x), int(y)) for x, y in corners]
    edges = [(min(pair), max(pair)) for pair in pairwise(spots) if pair[0] != pair[1]]
    found: set[Meeting | None] = set()
    for (one, first), (other, second) in combinations(enumerate(edges), 2):
        if other - one in (1, len(edges) - 1):
            found |= {Meeting.TOUCHES} if geometry._lie_on_each_other(first, second) else set()
        else:
            found |= {geometry._meeting_of(first, second)}
    return found - {None}


def any_outline(chance):
    size = chance.choice([3, 6, 20, 1000])
    return outline(*[(chance.randrange(size), chance.randrange(size)) for _ in range(chance.choice([3, 4, 5, 6, 9]))])


def test_the_sweep_agrees_with_a_look_at_every_two_edges():
    outlines = [any_outline(random.Random(seed)) for seed in range(1_000)]
    told = [(corners, meeting(corners)) for corners in outlines if not geometry.surface_is_none(corners)]

    assert len(told) > 900
    assert {how for _corners, how in told} == {None, *Meeting}
    for corners, how in told:
        assert how in (slowly(corners) or {None}), corners


def test_an_outline_of_ten_thousand_corners_is_compared_in_n_log_n(monkeypatch):
    calls = 0
    real = geometry._side

    def counted(edge, spot):
        nonlocal calls
        calls += 1
        return real(edge, spot)

    monkeypatch.setattr(geometry, "_side", counted)
    # A saw: ten thousand edges lie under the sweeping line at once.
    teeth = [(1 if number % 2 else 9, number) for number in range(10_000)]

    assert meeting(outline((0, 0), *teeth, (0, 10_000))) is None
    assert calls < 10_000 * 50
