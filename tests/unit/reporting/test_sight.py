"""A run seen at one instant, from its ledger and its plan."""

from contextlib import closing
from datetime import timedelta

import pytest

from zalo_alert.book import Book, Selection
from zalo_alert.campaign import parse
from zalo_alert.foundation.clock import instant
from zalo_alert.ledger.base import Entry, Window
from zalo_alert.models import Reason, State
from zalo_alert.operations.scaffold import create
from zalo_alert.planning.freeze import FreezeRequest, freeze
from zalo_alert.planning.plan import Source
from zalo_alert.planning.planner import make_plan
from zalo_alert.reporting.sight import RecentRate, RunWatch
from zalo_alert.runs.store import Runs
from zalo_alert.settings import load
from zalo_alert.testing import FakeClock, drill

CITIES = ["Huế", "Đà Nẵng", "Quảng Trị"]
PEOPLE = 12


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def run(tmp_path, clock):
    """Freeze a run of twelve people in three places."""
    create(tmp_path, clock.now())
    rows = [f"{1000000000000000000 + number},{CITIES[number % 3]}" for number in range(PEOPLE)]
    (tmp_path / "f.csv").write_text("\n".join(["user_id,city", *rows]), encoding="utf-8")
    book = Book(tmp_path / "book")
    book.import_rows(tmp_path / "f.csv", "f.csv", rejects=tmp_path / "r.csv", clock=clock)
    settings = load.load(tmp_path, {})
    text, sources = drill(clock.now()).encode(), [Source(settings.accounts[0], book, Selection())]
    plan = make_plan(parse.parse(text, "c.yaml"), sources, settings, clock.now())
    with closing(freeze(FreezeRequest(plan, text, sources, settings), Runs(tmp_path / "runs"), clock.now())) as frozen:
        yield frozen


def settle(ledger, numbers, state, clock, code=0, reason=Reason.NONE):
    at_s = int(clock.now().timestamp())
    ledger.record(settled=[Entry(n, state, n // 4, 0, 1, code, reason, 0, at_s, at_s + 90, "id") for n in numbers])


def test_everything_that_a_screen_says_comes_from_one_look(run, clock):
    lanes = load.load(run.folder.parent.parent, {}).lanes(run.facts.accounts)
    with closing(run.ledger()) as ledger, RunWatch(run, lanes=lanes) as watch:
        before = watch.look(clock.now())
        ledger.record(window=Window(0, 8))
        settle(ledger, range(5), State.ACCEPTED, clock)
        settle(ledger, [5], State.REJECTED, clock, -213, Reason.DEAD)
        settle(ledger, [6], State.DEFERRED, clock, 0, Reason.BUSY)
        after = watch.look(clock.now())

    assert (before.settled, before.left, before.due_at, before.by_minute) == (0, PEOPLE, None, ())
    assert (after.settled, after.left) == (6, 6)
    assert after.due_at == instant(int(clock.now().timestamp()) + 90)
    assert after.by_minute == ((int(clock.now().timestamp()) // 60 * 60, 5),)
    assert {cause.reason: cause.people for cause in after.causes} == {Reason.DEAD: 1, Reason.BUSY: 1}
    assert sum(place.people for place in after.places) == PEOPLE
    assert sum(place.totals[State.ACCEPTED] for place in after.places) == 5
    assert after.granted_per_s == pytest.approx(4000 / 60, rel=0.1)


def test_a_watch_of_what_nobody_sends_has_no_rate(run, clock):
    with RunWatch(run) as watch:
        looks = []
        for _ in range(3):
            clock.move(30)
            looks.append(watch.look(clock.now()))

    assert [sight.rate_per_s for sight in looks] == [0.0] * 3
    assert looks[0].granted_per_s is None


def test_the_rate_is_of_the_last_minute_and_counts_retries_too():
    recent = RecentRate()

    assert recent.update(0, 1000.0) is None
    assert recent.update(500, 1010.0) is None  # too short a while to say
    assert recent.update(2000, 1020.0) == 100.0
    assert recent.update(2000, 1080.0) == 0.0  # nothing for a minute


def test_the_onset_that_is_shown_is_the_next_one(run, clock):
    with RunWatch(run) as watch:
        now = clock.now()
        sight = watch.look(now)

    assert sight.onset is None or sight.onset > now - timedelta(days=1)
    assert sight.expires == run.facts.expires
