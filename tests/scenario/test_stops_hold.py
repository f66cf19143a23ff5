"""A stop by hand holds until a hand says `resume`; `cancel` ends for good; without a name the run that is meant is taken."""

import os
import signal
import subprocess

import pytest

PEOPLE = 1000


def slow(desk, sandbox):
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 6000")  # ten seconds for all
    return desk.campaign()


def test_cron_does_not_go_on_with_what_a_person_has_stopped(desk, sandbox, wait_until):
    path = slow(desk, sandbox)
    child = desk.start("send", path, "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 20)
    assert desk.run("stop").code == 0
    assert desk.ended(child).code == 130
    before = sandbox.stats()["requests"]
    again = desk.run("send", path, "--yes")

    assert again.code == 14
    assert "zalo-alert resume DT-1" in again.said
    assert sandbox.stats()["requests"] == before
    status = desk.run("status", "--json").fact("status")
    assert (status["state"], "zalo-alert cancel DT-1" in status["cure"]) == ("stopped", True)

    desk.configure("app_per_minute: 6000", "app_per_minute: 6000000")
    assert desk.run("resume").code == 0  # a person may
    assert sandbox.stats()["people"] == PEOPLE
    assert desk.run("send", path, "--yes").code == 0  # finished: nothing is held any more


@pytest.mark.kill
def test_ctrl_c_holds_and_a_machine_that_goes_down_does_not(desk, sandbox, wait_until):
    path = slow(desk, sandbox)
    for number, code in ((signal.SIGTERM, None), (signal.SIGINT, 14)):
        child = desk.start("send", path, "--yes")
        goal = sandbox.stats()["accepted"] + 20
        wait_until(lambda goal=goal: sandbox.stats()["accepted"] > goal)
        child.send_signal(number)
        assert desk.ended(child).code == 130
        if code:
            assert desk.run("send", path, "--yes").code == code


@pytest.mark.kill
def test_a_stop_of_a_run_that_nobody_sends_holds_too(desk, sandbox, wait_until):
    path = slow(desk, sandbox)
    child = desk.start("send", path, "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 20)
    child.kill()
    child.communicate()
    killed = desk.run("status", "--json").fact("status")
    assert (killed["state"], killed["cause"], killed["cure_key"]) == ("halted", "interrupted", "continues")
    assert desk.run("stop", "DT-1").code == 0

    held = desk.run("status", "--json").fact("status")
    assert (held["state"], held["cause"]) == ("stopped", "run-held")
    assert held["cure"] == "`zalo-alert resume DT-1` continues, `zalo-alert cancel DT-1` ends it for good"
    assert desk.run("send", path, "--yes").code == 14


def test_a_cancelled_run_is_over_for_everyone_who_was_left(desk, sandbox, wait_until):
    path = slow(desk, sandbox)
    child = desk.start("send", path, "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 20)
    assert desk.run("cancel", "DT-1").code == 2  # nobody is here to confirm it
    cancelled = desk.run("cancel", "DT-1", "--yes", "--json")
    assert cancelled.code == 0
    assert [fact["type"] for fact in cancelled.facts] == ["stop", "cancel"]
    assert desk.ended(child).code == 130
    reached = sandbox.stats()["people"]

    assert cancelled.fact("cancel")["withheld"] == PEOPLE - reached
    for words in (("send", path, "--yes"), ("resume", "DT-1"), ("resume", "DT-1", "--retry-unknown")):
        assert desk.run(*words).code == 14
    report = desk.run("report", "--json").fact("report")
    assert report["totals"]["withheld"] == PEOPLE - reached
    assert {cause["reason"]: cause["people"] for cause in report["causes"]} == {"cancelled": PEOPLE - reached}
    assert sandbox.stats()["people"] == reached
    assert desk.run("status", "--json").fact("status")["state"] == "cancelled"


def test_without_a_name_the_run_being_sent_is_meant_and_said(desk, sandbox, wait_until):
    desk.at(sandbox)
    assert desk.run("send", desk.campaign(code="DT-0"), "--yes").code == 0
    desk.configure("app_per_minute: 6000000", "app_per_minute: 6000")
    first = desk.start("send", desk.campaign("b.yaml", code="DT-2"), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > PEOPLE + 20)

    stop = desk.run("stop")
    assert (stop.code, "DT-2, the one being sent" in stop.said) == (0, True)
    assert desk.ended(first).code == 130
    status = desk.run("status")
    assert "DT-2, the one that is open" in status.said
    assert "zalo-alert resume DT-2" in status.said


@pytest.mark.english
@pytest.mark.kill
def test_ctrl_c_at_the_question_is_a_change_of_mind(desk, sandbox):
    child = desk.at(sandbox).start("send", desk.campaign(), stdin=subprocess.PIPE)
    heard = b""
    while b"Type the number" not in heard:
        heard += os.read(child.stderr.fileno(), 4096)
    child.send_signal(signal.SIGINT)

    assert child.wait(60) == 130
    assert b"nothing was sent" in child.stderr.read()
    assert sandbox.stats()["requests"] == 0


def test_of_two_being_sent_a_stop_names_both_and_all_stops_all(desk, sandbox, wait_until):
    slow(desk, sandbox)
    children = [desk.start("send", desk.campaign(f"{code}.yaml", code=code), "--yes") for code in ("DT-1", "DT-2")]
    wait_until(lambda: len(desk_active(desk)) == 2)
    refused = desk.run("stop")
    assert refused.code == 2
    assert "DT-1" in refused.said
    assert "DT-2" in refused.said
    assert "stop --all" in refused.said

    assert desk.run("stop", "--all").code == 0
    assert [desk.ended(child).code for child in children] == [130, 130]


def desk_active(desk):
    from zalo_alert.runs.store import Runs

    return Runs(desk.folder / ".zalo-alert" / "runs").active()


def test_an_empty_name_is_not_taken_for_the_run_that_is_meant(desk, sandbox):
    """As a script gives it whose variable is not set: going on with any run would be a guess."""
    desk.at(sandbox).run("send", desk.campaign(), "--yes")
    for words in (("resume",), ("stop",), ("status",), ("report",), ("cancel", "--yes")):
        result = desk.run(*words, "")
        assert result.code == 2, words
        assert 'there is no run ""' in result.said
