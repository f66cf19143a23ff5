"""Whom a campaign reaches, and in which order."""

from dataclasses import replace

import pytest

from zalo_alert import places
from zalo_alert.campaign import parse
from zalo_alert.models import Reach
from zalo_alert.segment import chosen, empty_areas, in_order
from zalo_alert.workspace import examples

AUDIENCE = parse(examples()["dien-tap-tinh.yaml"], "c.yaml").audience
KEYS = ("old:64", "old:52", "new:52", "old:01", "unknown", "foreign")  # Gia Lai of old, Bình Định, Gia Lai of today


def audience(*selectors):
    areas = tuple(places.area(selector) for selector in selectors)
    return replace(AUDIENCE, areas=areas, target=places.all_of(areas), supplied=False)


@pytest.mark.parametrize(
    ("selectors", "included", "uncertain"),
    [
        (["new:52"], {"old:64", "old:52", "new:52"}, set()),
        (["old:52"], {"old:52"}, {"new:52"}),
        (["old:52", "old:64"], {"old:64", "old:52", "new:52"}, set()),
        (["old:01"], {"old:01"}, set()),
        (["all"], set(KEYS), set()),
    ],
)
def test_a_part_of_a_province_makes_those_known_only_by_the_whole_uncertain(selectors, included, uncertain):
    found = chosen(audience(*selectors), KEYS)
    assert (set(found.included), set(found.uncertain)) == (included, uncertain)


def test_people_of_unknown_place_and_abroad_are_meant_by_all_alone():
    everywhere = audience(*(province.key for province in places.PROVINCES))
    assert not {"unknown", "foreign"} & set(chosen(everywhere, KEYS).included)


def test_the_order_goes_by_area_then_by_size():
    reach = [Reach("old:01", 10, 0, 0), Reach("old:64", 50, 0, 0), Reach("old:52", 40, 0, 0), Reach("unknown", 99, 0, 0)]
    assert in_order([places.area("old:52")], reach) == ["old:52", "unknown", "old:64", "old:01"]
    assert in_order([], reach) == ["unknown", "old:64", "old:52", "old:01"]


def test_an_area_where_the_book_knows_nobody_is_named():
    reach = [Reach("old:01", 10, 0, 0)]
    assert [area.label for area in empty_areas(audience("old:01", "old:52"), reach)] == ["old:52"]


THUAN_AN, PHU_XUAN = "ward:19900", "ward:19804"  # both in Huế


@pytest.mark.parametrize(
    ("selectors", "included", "uncertain"),
    [
        ([THUAN_AN], {THUAN_AN}, {"old:46"}),  # whose ward nobody knows may live there; who lives in another does not
        (["old:46"], {THUAN_AN, "old:46", "old:46+"}, set()),
        ([f"old:46 - {THUAN_AN}"], {"old:46", "old:46+"}, set()),
        ([THUAN_AN, "old:52"], {THUAN_AN, "old:52"}, {"old:46", "new:52"}),
    ],
)
def test_a_ward_means_its_people_and_perhaps_those_whose_ward_nobody_knows(selectors, included, uncertain):
    found = chosen(audience(*selectors), (*KEYS, THUAN_AN, "old:46", "old:46+"))
    assert (set(found.included), set(found.uncertain)) == (included, uncertain)


def test_a_ward_named_first_is_served_first():
    reach = [Reach("old:46+", 900, 0, 0), Reach(THUAN_AN, 10, 0, 0), Reach("old:46", 500, 0, 0)]
    assert in_order([places.area(THUAN_AN)], reach) == [THUAN_AN, "old:46", "old:46+"]
