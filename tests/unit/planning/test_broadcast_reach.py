"""Whom a broadcast reaches beside whom its campaign means, counted from a small book."""

from datetime import datetime, timedelta

import pytest

from zalo_alert.book import Book, Selection
from zalo_alert.campaign.parse import parse
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.planning import broadcast_reach, segment
from zalo_alert.planning.broadcast_reach import AccountReach
from zalo_alert.testing import FakeClock, drill

DAY = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)
ROUTE = '{type: broadcast, cover: "https://x.vn/a.jpg", author: PCTT}'
PEOPLE = """\
user_id,city,city_work,tags,opted_out
1000000000000000001,Hà Nội,,,
1000000000000000002,Hà Nội,,thu-nghiem,
1000000000000000003,Hà Nội,,,drill
1000000000000000004,Bình Định,,,
1000000000000000005,Gia Lai,,,
1000000000000000006,Cao Bằng,Hà Nội,,
1000000000000000007,Hà Nội,Bình Định,,
1000000000000000008,quê ngoại,,,
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outreach")
    (folder / "f.csv").write_text(PEOPLE, encoding="utf-8")
    made = Book(folder / "book")
    made.import_rows(folder / "f.csv", "f.csv", rejects=folder / "r.csv", clock=FakeClock())
    return made


def made(book, areas, now=DAY, **changes):
    found = parse(drill(DAY, routes=f"[{ROUTE}]", areas=areas, **changes).encode(), "c.yaml")
    selection = Selection(found.audience.exclude_tags, segment.topic(found), wards=found.audience.wards)
    return broadcast_reach.compare(found, [("pctt", book, selection)], now)


TAGS = ", exclude: {tags: [thu-nghiem]}, uncertain: exclude"


@pytest.mark.parametrize(
    ("areas", "people", "more", "perhaps"),
    [
        ("[new:01]", 4, 1, 0),  # whoever opted out of drills can't be left out
        (f"[new:01]{TAGS}", 4, 2, 0),
        (f"[old:52]{TAGS}", 1, 0, 1),  # Gia Lai alone may be former Bình Định
        (f"[new:52]{TAGS}", 2, 0, 0),
        (f"[new:01, old:52]{TAGS}", 5, 2, 1),
        ("[all]", 8, 1, 0),
        ("[all - new:01]", 3, 0, 0),  # nobody of unknown place
        (f'["ward:00004", "old:52"]{TAGS}', 5, 3, 1),  # who works in Bình Định is meant, wherever in Hà Nội they live
    ],
)
def test_who_is_reached_and_who_of_them_is_not_meant(book, areas, people, more, perhaps):
    assert made(book, areas).reached == (AccountReach("pctt", people, more, perhaps),)


def test_what_cannot_be_left_out_is_said(book):
    said = made(book, f"[old:52]{TAGS}").beyond
    assert any("tagged thu-nghiem" in sentence for sentence in said)
    assert any("opted out of drill" in sentence for sentence in said)
    assert any("by today's province alone" in sentence for sentence in said)


def test_a_book_of_nobody_counts_nobody(tmp_path):
    found = made(Book(tmp_path / "none"), "[new:01]")
    assert found.people is None
    assert found.reached == (AccountReach("pctt", None, 0, 0),)
    assert found.warnings == []


def test_a_plan_says_when_it_is_seen_and_warns_when_that_is_too_late(book):
    by_day, by_night = made(book, "[new:01]"), made(book, "[new:01]", DAY.replace(hour=22))
    assert (by_day.goes_at, by_day.seen_at) == (DAY, DAY + timedelta(minutes=30))
    assert by_night.is_deferred
    assert by_night.goes_at == DAY.replace(day=19, hour=6)
    assert any("never goes out" in warning for warning in by_night.warnings)  # the drill lasts six hours
    soon = made(book, "[new:01]", expires=(DAY + timedelta(minutes=20)).isoformat())
    assert any("before the broadcast is seen" in warning for warning in soon.warnings)
