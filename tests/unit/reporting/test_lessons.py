"""What to do better: each rule speaks where it should, and an ordinary run is told of receipts alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.full_reports import (
    ALERT,
    BEGAN,
    COURSE,
    full_of,
    minutes,
    place_of,
    province_of,
    receipts_of,
    report_of,
    with_receipts,
)
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.reporting.arrived import Arrived
from zalo_alert.reporting.decisions import Decision, Decisions
from zalo_alert.reporting.full_report import QuotaUse, RouteUse
from zalo_alert.reporting.lessons import lessons_of
from zalo_alert.reporting.release import Release
from zalo_alert.runs.history import Event


def others(full):
    """Return the lessons that are not about receipts."""
    return [lesson for lesson in lessons_of(full) if "receipts were not taken" not in lesson]


def test_an_ordinary_run_is_told_of_receipts_alone():
    (lesson,) = lessons_of(full_of())
    assert lesson.startswith("receipts were not taken: nobody knows how many messages were delivered")

    (lesson,) = lessons_of(with_receipts(full_of(), receipts_of(800, 200)))
    told = "83.3 % of those accepted had it delivered within 5 min of the beginning, 83.3 % until now; 20.8 % have seen it"
    assert lesson == told


def test_nobody_accepted_has_no_receipts_to_miss():
    full = full_of(report_of(rejected=3), provinces=())

    assert not any("receipt" in lesson for lesson in lessons_of(full))


def test_a_place_with_few_receipts_is_named_with_care():
    many, few, small = (place_of(name, "new:44", accepted=people) for name, people in FEW_RECEIPTS.items())
    places = (replace(many, arrived=Arrived(900)), replace(few, arrived=Arrived(100)), replace(small, arrived=Arrived(0)))
    full = full_of(replace(report_of(accepted=1_450), receipts=receipts_of(1_000, 0)), places=places, provinces=())
    told = [lesson for lesson in lessons_of(full) if "receipt as elsewhere" in lesson]

    assert told == [lesson for lesson in told if lesson.startswith("in Huế, less than half as many of the messages have")]
    assert "It does not say that nobody was reached" in told[0]
    assert not any("receipt as elsewhere" in lesson for lesson in lessons_of(replace(full, is_open=True)))


FEW_RECEIPTS = {"Vinh": 1_000, "Huế": 400, "Lai Châu": 50}


LATE = replace(COURSE, ended_at=minutes(90), sending_s=5_000.0, per_s=60.0)
STOOD = replace(COURSE, ended_at=minutes(80), standing_s=1_500.0)
WAITED = Decisions((Decision(BEGAN - timedelta(hours=1), "run-submitted", ""), Decision(BEGAN, "run-approved", "")))
SLOW_START = Decisions((Decision(BEGAN, "run-submitted", ""), Decision(BEGAN, "run-approved", "")))
HALTS = (Event(BEGAN.timestamp(), "halted", "no money"), Event(minutes(9).timestamp(), "halted", "no money"))
SPENT = QuotaUse("pctt", "template", 0, 500, BEGAN.astimezone(VIETNAM))
TABLE = {
    "expired": (full_of(report_of(accepted=90, expired=10)), "10 people were not written to before the alert expired"),
    "unknown": (full_of(report_of(accepted=90, unknown=10)), "of 10 people (10.0 %) nobody knows"),
    "refused": (full_of(report_of(accepted=90, rejected=10)), "10.0 % were refused, most of them because: the person does not"),
    "late by rate": (full_of(course=LATE), "the last person was reached 30 min after the plan: 60.0/s instead of 100/s"),
    "what to set": (full_of(course=LATE), "set limits.app_per_minute to what Zalo grants"),
    "late by standing": (full_of(course=STOOD), "20 min after the plan: it stood still for 25 min"),
    "halts": (full_of(report=replace(report_of(accepted=9), history=HALTS)), "it halted 2 times: no money"),
    "danger first": (
        full_of(places=(place_of("Huế", "new:46", minutes(10), accepted=9), place_of("Vinh", "new:40", minutes(99), accepted=9))),
        "in Huế, half of those reached had it only after the danger had begun",
    ),
    "nobody before the danger": (full_of(places=(place_of("Huế", "new:46", minutes(10), None, expired=9),)), "in Huế, half of"),
    "low share": (full_of(provinces=(province_of("new:46", "Huế", accepted=29, rejected=71),)), "less than 30 % of those meant"),
    "few followers": (
        full_of(provinces=(province_of("new:46", "Huế", accepted=2_000),)), "less than 30 % of all who live there",
    ),
    "idle route": (
        full_of(routes=(RouteUse(0, "template", "311203", 0, 0), RouteUse(1, "cs", "", 9, 9))), "route 1 (template 311203)",
    ),
    "quota": (full_of(quotas=(SPENT,)), "the quota of template messages of pctt was spent"),
    "approval": (full_of(decisions=WAITED), "it waited 1 h 00 min for approval"),
    "slow start": (full_of(decisions=SLOW_START, course=replace(COURSE, began_at=minutes(7))), "7 min passed between"),
    "alone": (full_of(replace(report_of(accepted=9), release=Release("An", "late"))), "one person let it out alone"),
    "no correction": (full_of(ready=()), "no correction stood ready"),
}  # fmt: skip


@pytest.mark.parametrize(("full", "words"), TABLE.values(), ids=TABLE)
def test_each_rule_says_what_was_and_what_would_help(full, words):
    assert any(words in lesson for lesson in lessons_of(full)), lessons_of(full)


@pytest.mark.parametrize(
    ("full"),
    [
        full_of(is_open=True, provinces=(province_of("new:46", "Huế", accepted=1, pending=99),)),
        full_of(alert=replace(ALERT, profile="drill"), provinces=(province_of("new:46", "Huế", accepted=9),)),
        full_of(routes=(RouteUse(0, "template", "1", 9, 9), RouteUse(1, "cs", "", 0, 0))),
        full_of(places=(place_of("Huế", "new:46", minutes(999), None, accepted=9),)),
        full_of(alert=replace(ALERT, kind="correction"), ready=()),
    ],
    ids=["not over", "a drill's people", "a route nobody needed", "danger ahead", "a correction needs none"],
)
def test_what_is_as_it_should_be_is_no_lesson(full):
    assert others(full) == []
