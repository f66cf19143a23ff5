"""Kills, interruptions and double starts against a server that counts: nobody lost, nobody twice, the doubtful few listed."""

import random
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

import zalo_alert
from zalo_alert.delivery.dispatcher import at_risk
from zalo_alert.models import State
from zalo_alert.runs.store import Runs
from zalo_alert.sandbox.agreement import compare

PEOPLE = 20_000
FEWER = 5000
KILLS = 4
IN_FLIGHT = 64


def agreed(desk, sandbox):
    """Hold the run's states against the sandbox's count; return the comparison."""
    states = desk.states()
    agreement = compare(((person, State(state)) for person, state in states.items()), sandbox.reached())
    assert agreement.problems == []
    return agreement


def in_doubt(desk):
    """Of how many people the ledger does not know whether they were reached."""
    with closing(Runs(desk.folder / ".zalo-alert" / "runs").open("DT-1")) as run, closing(run.ledger()) as ledger:
        totals = ledger.totals()
    return totals[State.UNKNOWN] + totals[State.CLAIMED]


@pytest.mark.kill
def test_four_kills_lose_nobody_and_reach_nobody_twice(desk_of, sandbox_with, wait_until):
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # shown when the test fails
    chance = random.Random(seed)
    desk, sandbox = desk_of(FEWER), sandbox_with()
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 120000")  # slow enough to be killed often
    path = desk.campaign()
    unknown = 0
    for _ in range(KILLS):
        child = desk.start("send", path, "--yes")
        goal = sandbox.stats()["accepted"] + chance.randrange(1, FEWER // KILLS)
        wait_until(lambda child=child, goal=goal: child.poll() is not None or sandbox.stats()["accepted"] >= goal)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        doubtful = in_doubt(desk)
        assert doubtful - unknown <= at_risk(IN_FLIGHT)
        unknown = doubtful
    result = desk.run("resume", "--json")
    assert result.code == 3
    agreement = agreed(desk, sandbox)
    totals = result.fact("report")["totals"]
    assert sum(agreement.people.values()) == sum(totals.values()) == FEWER
    assert agreement.people == {State(state): people for state, people in totals.items() if people}
    assert set(agreement.people) == {State.ACCEPTED, State.UNKNOWN}
    assert len(desk.states("--state", "unknown")) == totals["unknown"] == unknown


@pytest.mark.long
@pytest.mark.kill
def test_a_short_torture_breaks_nothing(tmp_path):
    words = [sys.executable, "-m", "bench.torture", "--short", "--folder", str(tmp_path)]
    done = subprocess.run(words, cwd=Path(zalo_alert.__file__).parent.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 rounds, 0 failed" in done.stdout
    assert sum(map(int, re.findall(r"kills (\d+)", done.stdout))) >= 1


@pytest.mark.kill
def test_unknown_people_are_asked_again_only_when_the_officer_says_so(desk_of, sandbox, wait_until):
    desk = desk_of(PEOPLE).at(sandbox)
    child = desk.start("send", desk.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 2000)
    child.kill()
    child.communicate()
    assert desk.run("resume").code == 3
    unknown = agreed(desk, sandbox).people[State.UNKNOWN]
    assert unknown > 0
    assert desk.run("resume").code == 3  # again: still held back
    assert agreed(desk, sandbox).people[State.UNKNOWN] == unknown

    result = desk.run("resume", "--retry-unknown", "--json")
    assert result.code == 0
    report = result.fact("report")
    assert report["totals"]["accepted"] == PEOPLE
    assert report["maybe_twice"] == unknown  # and every possible double is counted
    assert sandbox.stats()["people"] == PEOPLE
    assert sandbox.stats()["twice"] <= unknown


@pytest.mark.kill
def test_with_resend_a_kill_leaves_nobody_unknown(desk_of, sandbox, wait_until):
    desk = desk_of(PEOPLE).at(sandbox)
    child = desk.start("send", desk.campaign(on_unknown="resend"), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 2000)
    child.kill()
    child.communicate()
    result = desk.run("resume", "--json")
    assert result.code == 0
    assert result.fact("report")["totals"]["accepted"] == PEOPLE
    assert sandbox.stats()["people"] == PEOPLE
    assert sandbox.stats()["twice"] <= result.fact("report")["maybe_twice"]


@pytest.mark.kill
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_drains_and_leaves_nobody_unknown(number, desk_of, sandbox, wait_until):
    desk = desk_of(FEWER).at(sandbox)
    desk.configure("app_per_minute: 6000000", "app_per_minute: 120000")
    child = desk.start("send", desk.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 1000)
    child.send_signal(number)
    result = desk.ended(child)
    assert result.code == 130
    assert "zalo-alert resume DT-1" in result.said
    states = list(desk.states().values())
    assert set(states) <= {"accepted", "pending", "deferred"}  # deferred: claimed, and put back unasked
    assert states.count("accepted") == sandbox.stats()["people"] == sandbox.stats()["requests"]

    assert desk.run("resume").code == 0
    assert agreed(desk, sandbox).people == {State.ACCEPTED: FEWER}


@pytest.mark.kill
@pytest.mark.parametrize("at_first", [signal.default_int_handler, signal.SIG_IGN], ids=["in front", "in a script's background"])
def test_the_second_signal_ends_at_once_and_resume_still_accounts_for_everyone(desk_of, sandbox_with, wait_until, at_first):
    desk, sandbox = desk_of(FEWER), sandbox_with(latency_ms=8000)  # so slow that draining takes long
    before = signal.signal(signal.SIGINT, at_first)  # a child inherits what is ignored
    try:
        child = desk.at(sandbox).start("send", desk.campaign(), "--yes")
    finally:
        signal.signal(signal.SIGINT, before)
    wait_until(lambda: sandbox.stats()["accepted"] > 0)
    child.send_signal(signal.SIGINT)
    begun_s = time.monotonic()
    while child.poll() is None:  # once it has heard the first, the second ends it
        child.send_signal(signal.SIGINT)
        time.sleep(0.05)
    child.communicate()
    assert time.monotonic() - begun_s < 5
    assert child.returncode == 130 or child.returncode == -signal.SIGINT
    sandbox.change(latency_ms=0)
    assert desk.run("resume").code == 3
    assert 0 < agreed(desk, sandbox).people[State.UNKNOWN] <= at_risk(IN_FLIGHT)


def test_stop_from_another_terminal_drains_as_ctrl_c_does(desk_of, sandbox, wait_until):
    desk = desk_of(FEWER).at(sandbox)
    desk.configure("app_per_minute: 6000000", "app_per_minute: 120000")
    child = desk.start("send", desk.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 1000)
    assert desk.run("stop").code == 0
    assert desk.ended(child).code == 130
    assert set(desk.states().values()) <= {"accepted", "pending", "deferred"}


def test_two_processes_never_hold_one_run(desk_of, sandbox, wait_until):
    desk = desk_of(FEWER).at(sandbox)
    desk.configure("app_per_minute: 6000000", "app_per_minute: 6000")  # it would take longer than any machine needs here
    path = desk.campaign()
    first = desk.start("send", path, "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 100)
    second = desk.run("send", path, "--yes")
    assert second.code == 12
    assert "another process" in second.said
    assert '"sending"' in desk.run("status", "--json").out
    assert desk.run("stop").code == 0
    assert desk.ended(first).code == 130
    assert sandbox.stats()["twice"] == 0


def test_two_processes_that_freeze_at_the_same_moment_make_one_run(desk_of, sandbox):
    desk = desk_of(FEWER).at(sandbox)
    path = desk.campaign()
    children = [desk.start("send", path, "--yes") for _ in range(3)]
    codes = sorted(desk.ended(child).code for child in children)
    assert codes[0] == 0
    assert set(codes) <= {0, 12}
    assert agreed(desk, sandbox).people == {State.ACCEPTED: FEWER}


def test_a_campaign_started_twice_continues_and_says_so(desk, sandbox):
    desk.at(sandbox)
    path = desk.campaign()
    assert desk.run("send", path, "--yes").code == 0
    again = desk.run("send", path, "--yes")
    assert again.code == 0
    assert "continuing it" in again.said
    assert sandbox.stats()["twice"] == 0
    assert desk.run("send", path, "--yes", "--occurrence", "next").code == 0
    assert sandbox.stats()["most"] == 2


def test_nothing_is_sent_after_expires(desk, sandbox, wait_until):
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 6000")
    soon = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 4))
    result = desk.run("send", desk.campaign(expires=soon), "--yes", "--json")
    assert result.code == 3
    totals = result.fact("report")["totals"]
    assert totals["expired"] > 0
    assert totals["accepted"] == sandbox.stats()["requests"]
    assert totals["accepted"] + totals["expired"] == 1000
