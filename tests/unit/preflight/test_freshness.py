"""How old what a book knows is: places gathered into provinces, and which of them are named."""

from datetime import UTC, datetime

from zalo_alert.book import PlaceFreshness
from zalo_alert.preflight.freshness import by_province, check_freshness
from zalo_alert.preflight.token_health import Grade

OLD, NEW = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def test_places_of_one_province_are_one_row_and_the_stalest_comes_first():
    rows = by_province(
        [
            PlaceFreshness("old:45", 300, 100, NEW, None),
            PlaceFreshness("new:44", 100, 0, OLD, OLD),
            PlaceFreshness("old:44", 200, 180, OLD, NEW),
            PlaceFreshness("unknown", 10, 10, OLD, None),
        ]
    )
    assert [(row.key, row.people, row.stale) for row in rows] == [("unknown", 10, 10), ("new:44", 600, 280)]
    assert (rows[1].updated_at, rows[1].seen_at) == (NEW, NEW)


def test_a_province_is_named_when_most_of_many_people_are_stale():
    stale = by_province([PlaceFreshness("old:45", 300, 200, OLD, None), PlaceFreshness("old:01", 90, 90, OLD, None)])
    (check,) = check_freshness("pctt", stale)
    assert check.grade is Grade.WARN
    assert check.account == "pctt"
    assert "Quảng Trị 67 %" in check.said
    assert "Hà Nội" not in check.said
    assert check_freshness("pctt", by_province([PlaceFreshness("old:45", 300, 149, OLD, None)])) == []
