"""Whoever refuses after a run was frozen is not written to by it; a list that can't be read refuses to send."""

import os

import pytest

pytestmark = pytest.mark.long

FEW = "\n".join(["user_id,city,last_interaction_at", *(f"100000000000000{n:04},Huế,2026-11-25" for n in range(6000, 6040))])


@pytest.fixture
def few(empty_desk, sandbox):
    desk = empty_desk
    assert desk.run("init", ".").code == 0
    (desk.folder / "few.csv").write_text(FEW, encoding="utf-8")
    assert desk.run("followers", "import", "few.csv").code == 0
    (desk.folder / "lists").mkdir()
    return desk.at(sandbox)


def person(number):
    return f"100000000000000{number:04}"


def frozen(desk, sandbox, wait_until):
    """Freeze a run and stop it before anybody is written to."""
    from datetime import timedelta

    from zalo_alert.foundation.clock import SystemClock

    soon = (SystemClock().now() + timedelta(minutes=10)).isoformat(timespec="seconds")
    child = desk.start("send", desk.campaign(effective=soon), "--yes")
    wait_until(lambda: (desk.folder / ".zalo-alert/runs/DT-1/run.db").exists())
    wait_until(lambda: desk.run("status", "--json").fact("status")["state"] == "sending")
    assert desk.run("stop").code == 0
    assert desk.ended(child).code == 130
    assert sandbox.stats()["requests"] == 0


def test_whoever_refuses_after_the_freezing_is_not_written_to(few, sandbox, wait_until):
    frozen(few, sandbox, wait_until)
    (few.folder / "lists" / "never.txt").write_text(person(6001) + "\n", encoding="utf-8")
    changes = f"user_id,opted_out,is_follower\n{person(6002)},drill,\n{person(6003)},,0\n"
    (few.folder / "changes.csv").write_text(changes, encoding="utf-8")
    assert few.run("followers", "import", "changes.csv").code == 0
    assert few.run("followers", "forget", person(6004)).code == 0

    assert few.run("resume", "--early", "--json").code == 0  # told, and everyday
    report = few.run("report", "--json").fact("report")
    reasons = {cause["reason"]: cause["people"] for cause in report["causes"]}
    assert reasons == {"never-list": 1, "opted-out": 1, "left": 1, "forgotten": 1}
    assert report["totals"]["withheld"] == 4
    states = few.states()
    assert {who for who, state in states.items() if state == "withheld"} == {person(n) for n in range(6001, 6005)}
    assert not set(sandbox.reached()) & {person(n) for n in range(6001, 6005)}
    assert sandbox.stats()["people"] == 36


def harm(kind, lists):
    path = lists / "never.txt"
    match kind:
        case "dangling link":
            path.symlink_to(lists / "gone.txt")
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "other case":
            (lists / "Never.TXT").write_text(person(6001), encoding="utf-8")
        case "Windows' ending":
            (lists / "never.txt.txt").write_text(person(6001), encoding="utf-8")
        case "two lists":
            path.write_text(person(6001), encoding="utf-8")
            (lists / "never.csv").write_text(person(6002), encoding="utf-8")
        case "bad line":
            path.write_text(f"{person(6001)}\nông Ba\n", encoding="utf-8")


KINDS = ("dangling link", "folder", "pipe", "other case", "Windows' ending", "two lists", "bad line")


@pytest.mark.parametrize("kind", KINDS)
def test_a_never_list_that_cannot_be_read_stops_planning(few, sandbox, kind):
    harm(kind, few.folder / "lists")
    result = few.run("plan", few.campaign())

    assert result.code == 10
    assert "never.txt" in result.said
    assert sandbox.stats()["requests"] == 0


def test_a_never_list_that_cannot_be_read_stops_a_frozen_run(few, sandbox, wait_until):
    frozen(few, sandbox, wait_until)
    harm("dangling link", few.folder / "lists")
    result = few.run("resume", "--early")

    assert result.code == 10
    assert "is a link to a file that is not there" in result.said
    assert sandbox.stats()["requests"] == 0
    assert few.run("resume", "--early", "--despite-never", "nước lên").code == 10  # not a matter of minutes


def test_an_immediate_alert_passes_it_with_a_reason_that_is_kept(few, sandbox):
    harm("dangling link", few.folder / "lists")
    path = few.folder / few.campaign()
    path.write_text(path.read_text(encoding="utf-8").replace("urgency: Expected", "urgency: Immediate"), encoding="utf-8")
    assert few.run("send", "c.yaml", "--yes").code == 10
    assert few.run("send", "c.yaml", "--yes", "--despite-never", "nước lên nhanh").code == 0

    assert sandbox.stats()["people"] == 40
    history = few.run("report", "--json").fact("report")["history"]
    assert any(event["what"] == "despite-never" and "nước lên nhanh" in event["detail"] for event in history)


def test_an_empty_never_list_is_nobody(few, sandbox):
    (few.folder / "lists" / "never.txt").write_text("\n", encoding="utf-8")
    assert few.run("send", few.campaign(), "--yes").code == 0
    assert sandbox.stats()["people"] == 40


def test_a_campaign_of_tomorrow_is_not_sent_today(few, sandbox):
    from datetime import timedelta

    from zalo_alert.foundation.clock import SystemClock

    now = SystemClock().now()
    path = few.campaign(effective=(now + timedelta(hours=2)).isoformat(timespec="seconds"))
    result = few.run("send", path, "--yes")
    assert result.code == 10
    assert "--wait" in result.said
    assert "--early" in result.said
    assert few.run("runs", "--json").out == ""
    assert few.run("send", path, "--yes", "--wait", "--early").code == 2

    assert few.run("send", path, "--yes", "--early").code == 0
    assert sandbox.stats()["people"] == 40
    begins = (now + timedelta(seconds=6)).replace(microsecond=0)
    soon = few.campaign(code="DT-2", effective=begins.isoformat())
    assert few.run("send", soon, "--yes").code == 0
    assert SystemClock().now() >= begins
