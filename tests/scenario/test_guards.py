"""What keeps a live workspace from beginning: the hour of day, a wrong clock; and the ways round, which are kept."""

from datetime import timedelta

import pytest
from office import ANY_HOUR, agree, campaign_of_test, submit

from zalo_alert.foundation.clock import VIETNAM, SystemClock
from zalo_alert.runs.run import Run
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import running

pytestmark = pytest.mark.long


@pytest.fixture
def tls():
    with running(Options(app_per_minute=0), tls=True) as found:
        yield found


def at_next(hour):
    """Return the next time that it is so late in Vietnam, and six hours later."""
    now = SystemClock().now().astimezone(VIETNAM)
    at = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    at += timedelta(days=at <= now)
    return {"effective": at.isoformat(), "expires": (at + timedelta(hours=6)).isoformat()}


def test_a_test_that_would_begin_in_the_evening_is_refused_in_live(desk, tls):
    path = campaign_of_test(desk.at(tls).go_live(), **at_next(21))
    result = desk.run("send", path, "--yes", "--wait")
    assert result.code == 10
    assert "none begins from 20:00 to 07:00" in result.said
    assert "--despite-hours" in result.said
    assert desk.run("runs", "--json").facts == []
    assert tls.stats()["people"] == 0


def test_a_reason_passes_the_hour_and_is_kept(desk, tls):
    path = campaign_of_test(desk.at(tls).go_live())
    assert desk.run("send", path, "--yes", *ANY_HOUR).code == 0
    kept = Run(desk.folder / ".zalo-alert" / "runs" / "DT-1").facts.overrides
    by_day = 7 <= SystemClock().now().hour < 20
    assert kept == ({} if by_day else {"hours": ANY_HOUR[1]})


def test_a_drill_is_told_of_its_hour_and_goes(desk, sandbox):
    result = desk.at(sandbox).run("send", campaign_of_test(desk, **at_next(21)), "--yes", "--early")
    assert result.code == 0


@pytest.mark.parametrize("why", [" ", "x" * 201])
def test_a_reason_is_a_sentence(desk, tls, why):
    path = campaign_of_test(desk.at(tls).go_live(), **at_next(21))
    result = desk.run("send", path, "--yes", "--wait", "--despite-hours", why)
    assert result.code == 10
    assert "1 to 200 characters" in result.said


@pytest.mark.parametrize(("seconds", "said"), [(300, "5 min behind the servers'"), (-300, "5 min ahead of the servers'")])
def test_a_wrong_clock_refuses_to_begin_and_says_by_how_much(desk, tls, seconds, said):
    path = campaign_of_test(desk.at(tls).go_live())
    tls.tick(seconds)
    result = desk.run("send", path, "--yes", *ANY_HOUR)
    assert result.code == 10, result.err
    assert said in result.said.replace("\u202f", " ")
    refused = desk.run("send", path, "--yes", *ANY_HOUR, "--despite-clock", "no time")
    assert refused.code == 10, "only an Immediate campaign can't wait"
    assert tls.stats()["people"] == 0


def test_an_approver_reads_why_an_immediate_alert_goes_in_spite_of_the_clock(desk, officers, tls):
    path = desk.folder / desk.at(tls).go_live().campaign()
    path.write_text(path.read_text(encoding="utf-8").replace("urgency: Expected", "urgency: Immediate"), encoding="utf-8")
    tls.tick(300)
    assert submit(desk, officers, path.name, "DT-1", 1000).code == 10
    words = ("--key", officers.key("Dung"), "--json", *ANY_HOUR, "--despite-clock", "the flood is at the door")
    assert desk.run("submit", path.name, *words, stdin="DT-1\n1000\n").code == 0
    shown = desk.run("approve", "DT-1", "--key", officers.key("Cuc"), "--json", stdin="DT-1\n1000\n")
    assert shown.code == 0, shown.err
    rules = {row["rule"]: row["why"] for row in shown.fact("card")["overrides"]}
    assert rules["clock"] == "the flood is at the door"


def test_what_was_approved_without_the_reason_waits_for_the_day(desk, officers, tls):
    """A reason given by whoever sends is one that nobody has agreed to."""
    agree(desk.at(tls).go_live(), officers, desk.campaign(), "DT-1", 1000, ("Cuc", "An"))
    tls.tick(300)
    result = desk.run("send", "DT-1", "--yes", "--despite-clock", "no time")
    assert result.code == 10
    assert "behind the servers'" in result.said
    assert tls.stats()["people"] == 0
