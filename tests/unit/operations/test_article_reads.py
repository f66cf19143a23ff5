"""What was read of articles, summed: an OA's followers once, what nobody knows told as such."""

from datetime import date, datetime

import pytest

from zalo_alert.articles.store import Standing, Status
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import AccountId
from zalo_alert.operations.article_reads import Page, Period, Reads, province_of, sum_of
from zalo_alert.settings.model import Account


def page(account, views, followers, *, province="", broadcasts=0, reached=None, status=Status.SHOWN, looked_s=5.0):
    standing = Standing("a", account, "1", status, views=views, looked_s=looked_s if views is not None else None)
    return Page(standing, province, followers, broadcasts, reached)


def test_pages_are_summed_and_followers_of_an_oa_count_once():
    pages = [
        page("bo", 30, 100, broadcasts=1, reached=80, looked_s=9.0), page("bo", 10, 100),
        page("hue", 0, None, status=Status.HIDDEN), page("hanoi", None, 50),
    ]  # fmt: skip
    found = sum_of(pages)

    assert (found.pages, found.shown, found.views, found.followers) == (4, 3, 40, 150)
    assert (found.broadcasts, found.reached, found.looked_s) == (1, 80, 5.0)
    assert found.views_per_follower == pytest.approx(40 / 150)


def test_what_nobody_knows_is_not_nought():
    found = sum_of([page("bo", None, None, broadcasts=2)])

    assert (found.views, found.followers, found.views_per_follower, found.reached, found.looked_s) == (None,) * 5


def test_provinces_come_with_the_most_read_first():
    articles = {"a": ("A", (page("hue", 5, 10, province="Huế"), page("hanoi", 50, 10, province="Hà Nội"))),
                "b": ("B", (page("hue", 7, 10, province="Huế"), page("bo", None, 1)))}  # fmt: skip
    found = Reads(articles, Period()).by_province()

    assert [(name, each.views) for name, each in found.items()] == [("Hà Nội", 50), ("Huế", 12), ("", None)]


PROVINCES = {
    ("all",): "", ("new:46",): "Huế", ("old:46",): "Huế", ("ward:19774",): "Huế", ("new:46", "new:01"): "",
    ("new:01", "ward:00004"): "Hà Nội",
}  # fmt: skip


@pytest.mark.parametrize("areas", PROVINCES)
def test_an_oa_speaks_in_the_province_that_holds_all_its_areas(areas):
    assert province_of(Account(AccountId("a"), "1", "9", areas=areas)) == PROVINCES[areas]


def test_a_month_and_all_since_a_day_have_their_instants():
    last = datetime(2026, 12, 31, 23, 59, tzinfo=VIETNAM)
    december, since = Period.of_month("2026-12"), Period.since(date(2026, 12, 31))

    assert [december.has(at) for at in (last, last.replace(year=2027), last.replace(month=11, day=30))] == [True, False, False]
    assert [since.has(at) for at in (last, last.replace(year=2027), last.replace(day=30))] == [True, True, False]
