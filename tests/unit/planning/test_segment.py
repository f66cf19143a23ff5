"""Whom a campaign reaches, and in which order."""

from dataclasses import replace
from datetime import datetime

import pytest

from zalo_alert import places
from zalo_alert.campaign.parse import parse
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import Reach, Variant
from zalo_alert.operations.scaffold import examples
from zalo_alert.planning.segment import choose, find_empty_areas, order_in_tiers, variant_of

CAMPAIGN = parse(examples()["dien-tap-tinh.yaml"], "c.yaml")
AUDIENCE = CAMPAIGN.audience
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
    found = choose(audience(*selectors), KEYS)
    assert (set(found.included), set(found.uncertain)) == (included, uncertain)


def test_people_of_unknown_place_and_abroad_are_meant_by_all_alone():
    everywhere = audience(*(province.key for province in places.PROVINCES))
    assert not {"unknown", "foreign"} & set(choose(everywhere, KEYS).included)


REACH = [Reach("old:01", 10, 0, 0), Reach("old:64", 50, 0, 0), Reach("old:52", 40, 0, 0), Reach("unknown", 99, 0, 0)]
EARLY, LATE = datetime(2026, 11, 24, 18, tzinfo=VIETNAM), datetime(2026, 11, 24, 20, tzinfo=VIETNAM)


def campaign(*order, variants=(), **danger):
    return replace(CAMPAIGN, order=tuple(map(places.area, order)), variants=variants, **danger)


def danger(selector, **fields):
    return Variant((places.area(selector),), "", **fields)


def test_each_area_of_the_order_is_a_tier_and_the_others_go_side_by_side_the_largest_first():
    assert order_in_tiers(campaign("old:52", "old:01"), REACH) == [("old:52",), ("old:01",), ("unknown", "old:64")]
    assert order_in_tiers(campaign(), REACH) == [("unknown", "old:64", "old:52", "old:01")]


@pytest.mark.parametrize(
    ("variants", "order"),
    [
        ([danger("old:01", risk_level=5)], [("old:01",), ("unknown", "old:64", "old:52")]),
        ([danger("old:64", risk_level=1)], [("unknown", "old:52", "old:01"), ("old:64",)]),
        ([danger("old:52", onset=EARLY)], [("old:52",), ("unknown", "old:64", "old:01")]),
        (
            [danger("old:52", onset=EARLY), danger("old:01", risk_level=4), danger("old:64", onset=EARLY, risk_level=4)],
            [("old:64",), ("old:01",), ("old:52",), ("unknown",)],
        ),
    ],
    ids=["higher risk", "lower risk", "earlier onset", "risk before onset before size"],
)
def test_the_highest_risk_goes_first_then_the_earliest_onset(variants, order):
    assert order_in_tiers(campaign(variants=tuple(variants), risk_level=3, onset=LATE), REACH) == order


def test_the_officer_s_order_goes_before_any_danger():
    stormy = (danger("old:01", risk_level=5),)
    assert order_in_tiers(campaign("old:64", variants=stormy), REACH)[0] == ("old:64",)


def test_the_first_variant_that_means_a_whole_place_says_its_danger():
    both = (danger("old:52", risk_level=5), danger("new:52", risk_level=1))
    assert [variant_of(campaign(variants=both), key) for key in ("old:52", "new:52", "old:64", "unknown")] == [0, 1, 1, None]


def test_an_area_where_the_book_knows_nobody_is_named():
    reach = [Reach("old:01", 10, 0, 0)]
    assert [area.label for area in find_empty_areas(audience("old:01", "old:52"), reach)] == ["old:52"]


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
    found = choose(audience(*selectors), (*KEYS, THUAN_AN, "old:46", "old:46+"))
    assert (set(found.included), set(found.uncertain)) == (included, uncertain)


def test_a_ward_named_first_is_served_first():
    reach = [Reach("old:46+", 900, 0, 0), Reach(THUAN_AN, 10, 0, 0), Reach("old:46", 500, 0, 0)]
    assert order_in_tiers(campaign(THUAN_AN), reach) == [(THUAN_AN,), ("old:46",), ("old:46+",)]
