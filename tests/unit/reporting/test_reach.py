"""People by what became of them, summed up to provinces: nobody is lost, and nobody is counted for two."""

from datetime import timedelta

import pytest

from zalo_alert.foundation.clock import instant
from zalo_alert.ledger.base import Tally
from zalo_alert.models import Reason, State
from zalo_alert.reporting.arrived import Arrived
from zalo_alert.reporting.milestones import Milestones, milestones_of
from zalo_alert.reporting.reach import NOWHERE, Reach, provinces_of, reach_of, together, total_of
from zalo_alert.reporting.sitrep_text import delivered_lines
from zalo_alert.reporting.words import arrived_words
from zalo_alert.runs.facts import RunPlace

PLACES = [
    RunPlace("old:45", "Quảng Trị", None, 10),
    RunPlace("old:44", "Quảng Trị", None, 6),
    RunPlace("ward:19333", "Phường Đông Hà, Quảng Trị", None, 4),
    RunPlace("unknown", "cả nước", None, 3),
]
COUNTS = [
    {State.ACCEPTED: 7, State.REJECTED: 2, State.UNKNOWN: 1},
    {State.ACCEPTED: 6},
    {State.PENDING: 1, State.CLAIMED: 1, State.DEFERRED: 2},
    {State.EXPIRED: 1, State.WITHHELD: 2},
]
TALLIES = [
    Tally(0, State.ACCEPTED, 0, 0, Reason.NONE, 7),
    Tally(0, State.REJECTED, 0, -213, Reason.DEAD, 2),
    Tally(0, State.UNKNOWN, 0, 0, Reason.CRASH, 1),
    Tally(3, State.WITHHELD, 0, 0, Reason.DAY_CAP, 2),
]


REACHES = [reach_of(counts) for counts in COUNTS]


def test_receipts_are_of_those_accepted_in_runs_that_keep_them():
    kept, other = reach_of({State.ACCEPTED: 8}, Arrived(6, 2)), reach_of({State.ACCEPTED: 5})
    both = total_of([kept, other])

    assert (both.accepted, both.delivered, both.seen, both.with_receipts) == (13, 6, 2, 8)
    assert arrived_words(both) == "delivered 6 (75.0 % of 8 accepted), seen 2 (25.0 %)"
    lines = list(delivered_lines(both))
    assert lines[1:] == [
        "Of 5 more accepted no receipts are kept",
        "A receipt proves that a message arrived; none proves nothing",
    ]
    assert list(delivered_lines(other)) == ["Delivered and seen: not kept, no receipts have been taken"]


def test_every_state_is_counted_once():
    reach = reach_of(dict.fromkeys(State, 1))

    assert reach.targeted == len(State) == sum(reach[1:])
    assert reach.left == 3


def test_former_provinces_and_wards_are_summed_up_to_todays_province():
    quang_tri, nowhere = provinces_of(PLACES, REACHES, TALLIES)

    assert (quang_tri.name, quang_tri.reach) == ("Quảng Trị", Reach(20, accepted=13, rejected=2, unknown=1, left=4))
    assert dict(quang_tri.reasons) == {Reason.DEAD: 2, Reason.CRASH: 1}
    assert (nowhere.key, nowhere.population, nowhere.population_share) == (NOWHERE, None, None)
    assert nowhere.reach == Reach(3, withheld=2, expired=1)


def test_of_several_alerts_the_messages_add_up_and_the_people_are_the_most_of_one():
    one = provinces_of(PLACES[:1], REACHES[:1], TALLIES[:3])
    other = provinces_of(PLACES[1:2], REACHES[1:2], [])
    (both,) = together([one, other])

    assert both.reach.targeted == 16
    assert both.most == 7
    assert both.population
    assert both.population_share == 7 / both.population
    assert dict(both.reasons) == {Reason.DEAD: 2, Reason.CRASH: 1}


@pytest.mark.parametrize(
    ("times", "after_s"),
    [
        ([(100, 1)], (0, 0, 0, 0)),
        ([(100, 5), (200, 4), (300, 1)], (0, 0, 100, 200)),
        ([(100, 4), (200, 5), (300, 1)], (0, 100, 100, 200)),
        ([(100, 1), (400, 99)], (0, 300, 300, 300)),
    ],
)
def test_half_and_nine_in_ten_are_those_who_had_it_by_then(times, after_s):
    assert tuple(milestones_of(times)) == tuple(instant(100) + timedelta(seconds=s) for s in after_s)


def test_where_nobody_was_accepted_nothing_is_reached():
    assert milestones_of([]) == Milestones()
