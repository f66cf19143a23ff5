"""At which hours what may begin."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from zalo_alert.campaign.hours import hours_problem, morning_after
from zalo_alert.campaign.parse import parse
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import MsgType, Severity, Status, Urgency, Variant
from zalo_alert.testing import drill

CAMPAIGN = parse(drill(datetime(2026, 9, 18, 14, tzinfo=VIETNAM)).encode(), "c.yaml")


def at(hour, minute=0):
    return datetime(2026, 9, 18, hour, minute, tzinfo=VIETNAM)


def given(status, urgency="Expected", level=None, *, event="bao", severity="Minor", msg_type="Alert"):
    return replace(
        CAMPAIGN, status=Status(status), urgency=Urgency(urgency), risk_level=level, event=event, severity=Severity(severity),
        msg_type=MsgType(msg_type),
    )  # fmt: skip


@pytest.mark.parametrize("status", ["Exercise", "Test"])
@pytest.mark.parametrize(
    ("hour", "minute", "may"), [(6, 59, False), (7, 0, True), (19, 59, True), (20, 0, False), (23, 0, False), (3, 0, False)]
)
def test_a_drill_wakes_nobody(status, hour, minute, may):
    campaign = given(status, "Immediate", 5)
    assert (hours_problem(campaign, at(hour, minute)) == "") is may


@pytest.mark.parametrize(
    ("campaign", "may"),
    [
        (given("Actual", "Immediate", 1), True),
        (given("Actual", "Expected", 3), True),
        (given("Actual", "Expected", 2, severity="Extreme"), False),
        (given("Actual", "Expected", None, severity="Extreme"), False),
        (given("Actual", "Future", 5, severity="Extreme"), False),
        (given("Actual", "Expected", event="xa-lu", severity="Severe"), True),
        (given("Actual", "Expected", event="xa-lu", severity="Moderate"), False),
        (given("Actual", "Past", msg_type="Update"), False),
        (given("Actual", "Past", msg_type="Cancel"), True),
    ],
)
def test_by_night_only_what_cant_wait_begins(campaign, may):
    assert (hours_problem(campaign, at(2)) == "") is may
    assert hours_problem(campaign, at(5)) == hours_problem(campaign, at(21, 59)) == ""
    assert (hours_problem(campaign, at(22)) == "") is may


def test_a_danger_of_some_areas_counts():
    some = Variant(areas=(), text="x", risk_level=4, onset=None)
    assert hours_problem(replace(given("Actual", "Expected", 2), variants=(some,)), at(2)) == ""


def test_an_instant_of_another_zone_is_read_in_vietnam():
    assert hours_problem(given("Test"), datetime.fromisoformat("2026-09-18T13:00:00+00:00")) != ""  # 20:00


def test_an_all_clear_says_what_it_waits_for():
    assert "waits for 05:00" in hours_problem(given("Actual", "Past", msg_type="Update"), at(23))


@pytest.mark.parametrize(
    ("hour", "minute", "days_later"),
    [(4, 59, 0), (0, 0, 0), (22, 0, 1), (23, 59, 1), (5, 0, None), (21, 59, None)],
)
def test_the_night_ends_at_five(hour, minute, days_later):
    morning = None if days_later is None else at(5) + timedelta(days=days_later)
    assert morning_after(at(hour, minute)) == morning
    assert morning_after(at(hour, minute).astimezone(UTC)) == morning
