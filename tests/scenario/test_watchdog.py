"""What nobody at a screen has noticed is noticed from outside, told once, and said by an exit code."""

import json
import os
import signal
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta

import pytest

from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.notices import Notice
from zalo_alert.operations.watchdog import SILENT_S, watch
from zalo_alert.operations.workspace import Workspace
from zalo_alert.runs.heartbeat import NAME, read_beat
from zalo_alert.testing import SOUND, FakeClock

KEEP = [sys.executable, "-c", "import sys; open('told.jsonl', 'ab').write(sys.stdin.buffer.read() + b'\\n')"]

EVENTS = ["silent", "late", "expired", "submitted", "token", "quota", "next-message"]


@pytest.fixture
def told_desk(desk):
    desk.configure("language: vi", "language: en")
    with (desk.folder / "zalo-alert.yaml").open("a", encoding="utf-8") as file:
        file.write(f"notify: {json.dumps({'command': KEEP, 'events': EVENTS})}\n")
    return desk


def told(desk):
    path = desk.folder / "told.jsonl"
    return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def watched(desk, clock=None):
    home = Workspace(desk.folder, desk.environ)
    notices: list[Notice] = []
    return watch(home.settings, home.runs, notices.append, clock or SystemClock()), notices


def run_folder(desk, run="DT-1"):
    return desk.folder / ".zalo-alert" / "runs" / run


@pytest.fixture
def killed(told_desk, sandbox_with, wait_until):
    """A run whose sender was killed on the way."""
    desk = told_desk.at(sandbox_with(latency_ms=300))
    child = desk.start("send", desk.campaign(limits="{rate_per_s: 20}"), "--yes")
    wait_until(lambda: (run_folder(desk) / NAME).exists())
    wait_until(lambda: desk.run("status", "DT-1", "--json").fact("status")["totals"]["accepted"] > 0)
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()
    return desk


def test_all_is_well(told_desk):
    result = told_desk.run("watchdog")

    assert (result.code, result.said) == (0, "nothing calls for a person")


@pytest.mark.kill
def test_a_sender_that_died_is_told_once_with_what_to_do(killed):
    first, second = killed.run("watchdog", "--json"), killed.run("watchdog", "--json")
    (alarm,) = told(killed)

    assert (first.code, second.code) == (3, 3)
    assert (first.fact("alarm")["event"], first.fact("alarm")["told"]) == ("silent", ["command"])
    assert second.fact("alarm")["told"] == []
    assert (alarm["event"], alarm["run"], alarm["urgent"]) == ("silent", "DT-1", True)
    assert "`zalo-alert resume DT-1`" in alarm["text"]


@pytest.mark.kill
def test_another_machine_is_silent_only_when_its_beat_stands_still(killed):
    beat = run_folder(killed) / NAME
    beat.write_text(json.dumps({"machine": "another", "process": 7, "number": 3}), encoding="utf-8")
    clock = FakeClock(SystemClock().now())
    seen = []
    for number, seconds in ((3, 0), (4, SILENT_S + 1), (4, SILENT_S - 1), (4, 2)):
        beat.write_text(json.dumps({"machine": "another", "process": 7, "number": number}), encoding="utf-8")
        clock.move(seconds)
        findings, _notices = watched(killed, clock)
        seen.append([finding.message.event.value for finding in findings if finding.message.event != "late"])

    assert seen == [[], [], [], ["silent"]]
    assert read_beat(run_folder(killed)) == ("another", 7, 4)


@pytest.mark.kill
def test_what_expires_with_people_left_is_told(killed):
    with closing(Workspace(killed.folder, killed.environ).run("DT-1")) as run:
        clock = FakeClock(run.facts.expires + timedelta(minutes=1))
    findings, _notices = watched(killed, clock)
    later, _notices = watched(killed, FakeClock(clock.now() + timedelta(hours=2)))
    week, _notices = watched(killed, FakeClock(clock.now() + timedelta(days=7)))

    assert [(finding.message.event.value, finding.outcomes) for finding in findings] == [("expired", (("command", ""),))]
    assert [(finding.message.event.value, finding.outcomes) for finding in later] == [("expired", ())]
    assert week == []


def test_a_halted_run_that_nobody_resumes_grows_late_and_is_told_at_each_doubling(told_desk, sandbox_with):
    told_desk.at(sandbox_with(refuse_code=-321)).run("send", told_desk.campaign(areas="[new:46]"), "--yes")
    began, levels = SystemClock().now(), []
    for minutes in (5, 11, 15, 21, 45, 46):
        findings, _notices = watched(told_desk, FakeClock(began + timedelta(minutes=minutes)))
        levels.append([finding.message.level for finding in findings if finding.outcomes])

    assert levels == [[], [1], [], [2], [3], []]


def test_a_run_that_cannot_be_read_keeps_no_other_from_being_looked_at(told_desk, sandbox_with):
    told_desk.at(sandbox_with(refuse_code=-321)).run("send", told_desk.campaign(areas="[new:46]"), "--yes")
    (run_folder(told_desk, "AA-0")).mkdir()
    (run_folder(told_desk, "AA-0") / "campaign.yaml").touch()
    (run_folder(told_desk, "AA-0") / "run.db").write_bytes(b"rubbish" * 1000)
    _findings, notices = watched(told_desk)

    assert [(notice.kind, notice.fields["run"]) for notice in notices] == [("unwatched", "AA-0")]


@pytest.mark.kill
def test_a_way_that_fails_is_tried_again_and_said_by_the_exit_code(killed):
    config = killed.folder / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace(json.dumps(KEEP), '["/no/such/program"]'), encoding="utf-8")
    first = killed.run("watchdog", "--json")
    config.write_text(config.read_text(encoding="utf-8").replace('["/no/such/program"]', json.dumps(KEEP)), encoding="utf-8")
    second = killed.run("watchdog", "--json")

    assert (first.code, second.code) == (13, 3)
    assert [fact["channel"] for fact in first.facts if fact["type"] == "untold"] == ["command"]
    assert [alarm["event"] for alarm in told(killed)] == ["silent"]


def test_what_was_counted_is_told_in_the_end(told_desk):
    told_desk.run("watchdog")
    with closing(sqlite3.connect(told_desk.folder / ".zalo-alert" / "told.db")) as database:
        ago_s = SystemClock().now().timestamp() - 700
        database.execute("INSERT INTO told VALUES ('DT-1', 'halted', 'money', 0, ?, 600, 4)", (ago_s,))
        database.commit()
    told_desk.run("watchdog")
    (repeats,) = told(told_desk)

    assert (repeats["event"], repeats["facts"]["times"]) == ("halted", 4)


def test_a_test_message_says_which_ways_work(told_desk):
    config = told_desk.folder / "zalo-alert.yaml"
    nobody = told_desk.run("notify", "test")
    config.write_text(config.read_text(encoding="utf-8").replace('"events"', '"urls": ["mail"], "events"'), encoding="utf-8")
    partly = told_desk.run("notify", "test", "--json")

    assert (nobody.code, "command was told" in nobody.said) == (0, True)
    assert partly.code == 13
    assert [(fact["channel"], fact["worked"]) for fact in partly.facts] == [("command", True), ("mail", False)]
    assert "ZALO_ALERT_NOTIFY_MAIL_URL is not set" in partly.facts[1]["why"]
    assert [line["event"] for line in told(told_desk)] == ["test", "test"]


def test_without_anybody_to_tell_a_test_says_so(desk):
    assert desk.run("notify", "test").code == 11


@pytest.mark.long
def test_the_next_message_that_was_promised_is_told_once(told_desk, sandbox):
    due = SystemClock().now() + timedelta(minutes=10)
    promise = f"[{{type: cs}}]\nfields: {{tin_tiep_theo: {due.isoformat(timespec='seconds')}}}"
    desk = told_desk.at(sandbox)
    path = desk.campaign(routes=promise, text=SOUND.replace("HẾT TIN", "Tin tiếp theo: {{ tin_tiep_theo|gon }}. HẾT TIN"))
    assert desk.run("send", path, "--yes").code == 0
    first, second = desk.run("watchdog", "--json"), desk.run("watchdog", "--json")
    status, shift = desk.run("status", "DT-1"), desk.run("handover", "--json")

    assert (first.code, first.fact("alarm")["event"]) == (3, "next-message")
    assert (second.code, [alarm["event"] for alarm in told(desk)]) == (3, ["next-message"])
    assert "DT-1 has promised the next message for" in status.said
    assert shift.fact("next-message")["missing"] is True
