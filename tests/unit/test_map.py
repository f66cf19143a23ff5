"""The map of the rooms, in docs/, is what the imports say; when this fails, `make map` mends it."""

import pytest

from tools import draw_map


@pytest.fixture(scope="module")
def rooms():
    return draw_map.levels(), draw_map.imports()


def test_the_table_of_rooms_is_current(rooms):
    page = draw_map.PAGE.read_text(encoding="utf-8")

    assert draw_map.page(page, draw_map.table(*rooms)) == page


def test_the_drawing_is_current(rooms):
    assert draw_map.drawing(*rooms) == draw_map.DRAWING.read_text(encoding="utf-8")


def test_no_arrow_points_up(rooms):
    level_of, arrows = rooms

    assert all(level_of[other] < level_of[room] for room, others in arrows.items() for other in others)


def test_what_a_longer_way_says_is_left_out():
    assert draw_map.without_shortcuts({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}
