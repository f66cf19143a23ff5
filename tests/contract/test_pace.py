"""What every pace promises, in simulated time: alone in memory, or shared by several processes through a file."""

import heapq
import random
from collections import Counter
from itertools import count, pairwise

import pytest

from zalo_alert.models import Rank, Scope
from zalo_alert.pacing.braking import PAUSE_S, WALL
from zalo_alert.pacing.meter import Lane, spread
from zalo_alert.pacing.pace import Pace
from zalo_alert.pacing.shared_pace import SharedPace
from zalo_alert.pacing.slowness import Cause

START_S = 1_790_000_020.0  # twenty seconds before a minute ends
MINUTE_AT_S = 1_790_000_040.0  # a minute begins
HIGH, LOW = Rank.IMMEDIATE, Rank.EXPECTED


def lane(per_minute, oa_per_minute=None, app="1", oa="1"):
    app_per_s = spread(per_minute)
    return Lane(f"app:{app}", app_per_s, f"oa:{oa}", spread(oa_per_minute) if oa_per_minute else app_per_s)


def by_minute(taken):
    minutes: Counter[int] = Counter()
    for at_s, calls in taken:
        minutes[at_s // 60] += calls
    return minutes


def most_at_once(taken, within_s):
    most, first, total = 0, 0, 0
    for at_s, calls in taken:
        total += calls
        while taken[first][0] < at_s - within_s:
            total -= taken[first][1]
            first += 1
        most = max(most, total)
    return most


def spend(paces, seconds, *, begun_s=START_S, wanted=10**6, seed=1, slowest_s=0.1, news=()):
    """Let processes take all they get, each looking again when its pace says so, and late by up to `slowest_s`.

    `news` are (instant, what to tell) pairs. Returns (instant, calls) pairs, in order of time.
    """
    rng, order, taken = random.Random(seed), count(), []
    turns = [(begun_s + rng.random() * slowest_s, next(order), pace) for pace in paces]
    heapq.heapify(turns)
    to_tell = sorted(news, reverse=True, key=lambda pair: pair[0])
    while turns[0][0] < begun_s + seconds:
        now_s, _, pace = heapq.heappop(turns)
        while to_tell and to_tell[-1][0] <= now_s:
            to_tell.pop()[1](now_s)
        calls = pace.take({0: wanted}, now_s).get(0, 0)
        if calls:
            taken.append((now_s, calls))
        wait_s = max(0.005, min(1.0, pace.wait_s({0: wanted}, now_s)))
        heapq.heappush(turns, (now_s + wait_s + rng.random() * slowest_s, next(order), pace))
    return taken


def arrived(taken, seed=2):
    """When Zalo's counter sees each of them: up to half a second later, in any order."""
    rng = random.Random(seed)
    return [(at_s + rng.random() * 0.5, 1) for at_s, calls in taken for _ in range(calls)]


@pytest.fixture
def shared(tmp_path):
    """Make the pace of one more process of the same workspace."""
    made = []

    def of(*lanes, rate_per_s=None, rank=LOW):
        made.append(SharedPace(tmp_path / "rates.db", lanes, rate_per_s, rank))
        return made[-1]

    yield of
    for pace in made:
        pace.close()


@pytest.fixture(params=[0, 2], ids=["memory", "file"])
def paces(request, shared):
    """Make the paces of one workspace: one in memory, or those of so many processes."""

    def of(*lanes):
        return [shared(*lanes) for _ in range(request.param)] or [Pace(lanes=lanes)]

    return of


several = pytest.mark.parametrize("paces", [0, 1, 2, 5], ids=["memory", "alone", "two", "five"], indirect=True)


@several
def test_no_minute_exceeds_its_limit_and_hardly_anything_is_wasted(paces):
    taken = spend(paces(lane(4000)), 90)

    let_go, counted = by_minute(taken), by_minute(arrived(taken))
    assert max(let_go.values()) <= 4000
    assert max(counted.values()) <= 4000
    assert let_go[MINUTE_AT_S // 60] >= 0.97 * 4000
    assert most_at_once(taken, 60) <= 4000  # whichever minute the server counts


@several
def test_two_thousand_a_second_are_two_thousand_a_second(paces):
    taken = spend(paces(lane(120_000)), 25)

    total = sum(calls for at_s, calls in taken if at_s >= START_S + 5)
    assert total / 20 == pytest.approx(2000, rel=0.02)
    assert most_at_once(taken, 0.01) <= 2000


def test_the_oas_own_limit_holds_below_the_apps(paces):
    taken = spend(paces(lane(4000, oa_per_minute=600)), 90)

    minutes = by_minute(taken)
    assert max(minutes.values()) <= 600
    assert minutes[MINUTE_AT_S // 60] >= 0.97 * 600


def test_two_oas_of_one_app_stay_below_it_together_and_two_apps_do_not_share(paces):
    one, two, other = lane(600, oa="1"), lane(600, oa="2"), lane(600, app="2", oa="3")
    pace = paces(one, two, other)[0]
    got: Counter[int] = Counter()
    for step in range(600):
        got.update(pace.take({0: 100, 1: 100, 2: 100}, START_S + step / 10))

    assert 0.97 * 600 <= got[0] + got[1] <= 600
    assert 0.97 * 600 <= got[2] <= 600


def test_a_refusal_stops_the_minute_for_everyone_steps_down_and_climbs_back(paces):
    all_of_them = paces(lane(6000))

    def refuse(now_s):
        for again in range(20):  # refusals of one burst are one piece of news
            all_of_them[0].heed_throttling(0, Scope.APP, now_s + again / 100, now_s)

    taken = spend(all_of_them, 660, slowest_s=0.5, news=[(MINUTE_AT_S - 10, refuse)])

    refused_from_s = next(at_s for at_s, _ in reversed(taken) if at_s < MINUTE_AT_S)
    assert refused_from_s < MINUTE_AT_S - 8.4  # the one who was told tells the others within a second or so
    minutes = by_minute(taken)
    rates = [minutes[minute] for minute in sorted(minutes)][1:-1]
    assert 0.75 * 6000 <= rates[0] <= 0.82 * 6000
    assert all(later >= 0.98 * earlier for earlier, later in pairwise(rates))
    assert rates[-1] >= 0.97 * 6000


def test_a_refusal_of_the_oa_leaves_the_apps_other_oas_alone(paces):
    pace = paces(lane(600, oa="1"), lane(600, oa="2"))[0]
    pace.heed_throttling(0, Scope.OA, START_S, START_S)

    assert pace.take({0: 4, 1: 4}, START_S) == {0: 0, 1: 4}
    assert pace.lane_wait_s(0, 1, START_S) == pytest.approx(20.5)
    assert pace.lane_wait_s(1, 1, START_S) < 1


def test_a_refusal_of_the_app_holds_every_oa_of_it(paces):
    pace = paces(lane(600, oa="1"), lane(600, oa="2"), lane(600, app="2", oa="3"))[0]
    pace.heed_throttling(0, Scope.APP, START_S, START_S)

    assert pace.take({0: 4, 1: 4, 2: 4}, START_S) == {0: 0, 1: 0, 2: 4}


def test_an_exhausted_minute_is_left_alone_and_the_rate_stays(paces):
    for pace in paces(lane(6000)):
        pace.heed_full_minute(0, START_S, START_S)
        assert pace.take({0: 5}, MINUTE_AT_S - 0.1) == {0: 0}
        assert pace.take({0: 5}, MINUTE_AT_S + 0.6) == {0: 5}
    assert sum(calls for _, calls in spend([pace], 60, begun_s=MINUTE_AT_S + 60)) >= 0.97 * 6000


def test_a_clock_that_is_ahead_of_zalos_starves_nobody(paces):
    pace, sent = paces(lane(600))[0], 0
    for step in range(2400):  # Zalo's minute begins three seconds after ours, and someone else has used it up
        now_s = START_S + step / 20
        if calls := pace.take({0: 100}, now_s)[0]:
            if (now_s - 3) % 60 > 55 and now_s < MINUTE_AT_S + 5:
                pace.heed_throttling(0, Scope.APP, now_s, now_s)
            else:
                sent += calls
    assert sent >= 600


def test_a_machine_started_again_goes_on_at_the_same_rate(paces):
    before = paces(lane(600))[0]
    spend([before], 5)
    before.heed_throttling(0, Scope.APP, START_S + 5, MINUTE_AT_S - 40)
    before.take({0: 1}, START_S + 5)

    taken = spend([before], 120, begun_s=5.0)  # steady time begins anew

    assert most_at_once(taken, 60) <= 600
    assert taken[0][0] < 5 + 60


@pytest.mark.parametrize("jump_s", [-3600, -61, -30, -1, 1, 30, 61, 3600])
def test_a_wall_clock_that_jumps_changes_no_rate(paces, jump_s):
    pace = paces(lane(600))[0]
    pace.heed_throttling(0, Scope.APP, START_S, START_S + jump_s)

    taken = spend([pace], 90, slowest_s=1)

    assert taken[0][0] <= START_S + 60.6 + 1
    assert most_at_once(taken, 60) <= 600


def test_without_a_limit_everything_goes():
    pace = Pace(None)
    assert pace.take({0: 10**6, 3: 7}, START_S) == {0: 10**6, 3: 7}
    assert pace.wait_s({0: 1}, START_S) == 0
    assert pace.rate_per_s is None


def test_a_pause_holds_back_this_run_alone(shared):
    unlucky, other = shared(lane(600)), shared(lane(600))
    unlucky.pause(START_S, 5)

    assert unlucky.take({0: 1}, START_S + 4) == {}
    assert unlucky.wait_s({0: 1}, START_S + 4) == pytest.approx(1)
    assert other.take({0: 1}, START_S + 4) == {0: 1}


def test_the_campaigns_own_rate_binds_it_alone(shared):
    slow, other = shared(lane(6000), rate_per_s=5), shared(lane(6000))

    taken = spend([slow], 60)

    assert sum(calls for _, calls in taken) == pytest.approx(300, rel=0.02)
    assert other.take({0: 49}, START_S + 61) == {0: 49}


def test_the_urgent_go_first_and_the_others_after_them(shared):
    calm, urgent = shared(lane(4000), rank=LOW), shared(lane(4000), rank=HIGH)
    spend([calm], 20)
    both = {}
    for pace in (calm, urgent):
        both[pace] = [0]

    class Counting:
        def __init__(self, pace):
            self.pace, self.wait_s = pace, pace.wait_s

        def take(self, wanted, now_s):
            granted = self.pace.take(wanted, now_s)
            both[self.pace].append(granted.get(0, 0))
            return granted

    spend([Counting(calm), Counting(urgent)], 60, begun_s=MINUTE_AT_S)
    assert sum(both[urgent]) >= 0.95 * 4000
    assert sum(both[calm]) <= 0.02 * 4000

    calm_only = spend([calm], 60, begun_s=MINUTE_AT_S + 60)  # the urgent one has died: its claim lapses
    assert calm_only[0][0] < MINUTE_AT_S + 62.2
    assert sum(calls for _, calls in calm_only) >= 0.95 * 4000


def test_a_correction_goes_ahead_of_the_most_urgent(shared):
    urgent, correction = shared(lane(4000), rank=HIGH), shared(lane(4000), rank=Rank.CORRECTION)
    for pace in (urgent, correction):
        pace.take({0: 1}, START_S)
    both: dict[object, list[float]] = {urgent: [], correction: []}

    class Counting:
        def __init__(self, pace):
            self.pace = pace

        def take(self, wanted, now_s):
            granted = self.pace.take(wanted, now_s)
            both[self.pace].append(sum(granted.values()))
            return granted

        def wait_s(self, wanted, now_s):
            return self.pace.wait_s(wanted, now_s)

    spend([Counting(urgent), Counting(correction)], 60, begun_s=MINUTE_AT_S)
    assert sum(both[correction]) >= 0.95 * 4000
    assert urgent.yields


def test_the_urgent_of_another_app_are_in_nobodys_way(shared):
    calm, urgent = shared(lane(4000)), shared(lane(4000, app="2", oa="2"), rank=HIGH)
    urgent.take({0: 1}, START_S)

    assert calm.take({0: 32}, START_S) == {0: 32}
    assert not calm.yields


def test_the_others_have_what_the_urgent_leave(shared):
    calm, urgent = shared(lane(4000), rank=LOW), shared(lane(4000), rate_per_s=10, rank=HIGH)

    taken = spend([calm, urgent], 120)

    assert sum(calls for at_s, calls in taken if MINUTE_AT_S <= at_s < MINUTE_AT_S + 60) >= 0.97 * 4000


def test_a_pace_that_is_closed_lets_nobody_go(shared):
    pace = shared(lane(600))
    pace.close()

    assert pace.take({0: 1}, START_S) == {}


def test_refusals_that_one_process_has_had_hold_all_of_them_and_lower_their_rate(shared):
    one, other = shared(lane(60_000)), shared(lane(60_000))
    spend([one, other], 5)
    now_s = START_S + 5
    for again in range(WALL):
        one.heed_refusal(0, now_s, asked_s=now_s - 0.05, answers=1000 + again)
    one.take({0: 1}, now_s)  # the next one tells

    assert other.take({0: 100}, now_s + 0.1) == {0: 0}
    assert other.causes(now_s + 0.1)[Cause.REFUSED] == pytest.approx(now_s + PAUSE_S)
    assert other.lane_interval_s(0) >= 1.1 / 1000


def test_a_brake_is_one_workspaces_and_outlives_the_process_that_made_it(shared):
    unlucky = shared(lane(60_000))
    spend([unlucky], 5)
    for again in range(WALL):
        unlucky.heed_refusal(0, START_S + 5, asked_s=START_S + 4.9, answers=1000 + again, retry_after_s=30.0)
    unlucky.take({0: 1}, START_S + 5)
    unlucky.close()

    assert shared(lane(60_000)).take({0: 100}, START_S + 34) == {0: 0}
    assert shared(lane(60_000)).take({0: 100}, START_S + 36)[0] > 0
