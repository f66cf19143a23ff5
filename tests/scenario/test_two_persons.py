"""Two persons agree to exactly what is sent: the whole way through the command line, in a live workspace that rehearses."""

import shutil
from datetime import timedelta

import pytest
from office import approve, submit

from zalo_alert.foundation.clock import SystemClock

pytestmark = pytest.mark.long

AREA = {"areas": "[new:46]"}


def submitted(desk, officers, by="Dung", **changes):
    """Submit a campaign for Huế; return its run's name and what was said."""
    path = desk.campaign(**({**AREA, "code": "DT-1"} | changes))
    planned = desk.run("plan", path, "--json").fact("plan")
    result = submit(desk, officers, path, "DT-1", planned["people"], by)
    assert result.code == 0, result.err
    return result.fact("submitted"), planned["people"]


def test_what_two_have_agreed_to_is_sent(live_desk, officers, tls_sandbox):
    fact, people = submitted(live_desk, officers)
    typed = f"DT-1\n{people}\n"
    early = live_desk.run("send", "DT-1", stdin=typed)
    approved = live_desk.run("approve", "DT-1", "--key", officers.key("Cuc"), "--json", stdin=typed)
    sent = live_desk.run("send", "DT-1", "--json", stdin=typed)

    assert early.code == 10
    assert "waits for the approval" in early.said
    assert tls_sandbox.stats()["people"] == people
    assert (approved.code, approved.fact("approved")["state"]) == (0, "approved")
    assert sent.code == 0, sent.err
    assert len(fact["words"].split()) == 6


def test_the_signature_travels_as_text(live_desk, officers, tmp_path):
    fact, people = submitted(live_desk, officers)
    request = (live_desk.folder / fact["request"]).read_bytes()
    (tmp_path / "home.json").write_bytes(request)
    typed = f"DT-1\n{people}\n"
    away = live_desk.run("approve", "--request", str(tmp_path / "home.json"), "--key", officers.key("Cuc"), stdin=typed)
    back = live_desk.run("approve", "DT-1", "--signature", "-", stdin=away.out)

    assert away.code == 0, away.err
    assert away.out.startswith("-----BEGIN SSH SIGNATURE-----\n")
    assert len(away.out) <= 400
    assert back.code == 0, back.err
    assert live_desk.run("send", "DT-1", stdin=typed).code == 0


def test_nothing_goes_to_the_public_unasked(live_desk, officers, tls_sandbox):
    result = live_desk.run("send", live_desk.campaign(**AREA), "--yes", "--json", "--despite-hours", "at any hour")

    assert result.code == 10
    assert "submit" in result.err
    assert tls_sandbox.stats()["people"] == 0


@pytest.mark.parametrize("who", ["Dung", "An"])
def test_whoever_submitted_it_does_not_approve_it(live_desk, officers, who):
    _fact, people = submitted(live_desk, officers, by=who)
    result = live_desk.run("approve", "DT-1", "--key", officers.key(who), stdin=f"DT-1\n{people}\n")

    assert result.code == 10
    assert "nobody approves their own" in result.said


@pytest.mark.parametrize("command", ['["/no/such/program"]', '["false"]'])
def test_nobody_to_be_told_stops_no_submission(live_desk, officers, command):
    live_desk.configure("accounts:", f"notify: {{command: {command}}}\naccounts:")
    fact, people = submitted(live_desk, officers)

    assert fact["notified"] is False
    assert approve(live_desk, officers, "DT-1", "DT-1", people).code == 0


def test_those_who_approve_are_told_with_the_request(live_desk, officers):
    live_desk.configure("accounts:", 'notify: {command: ["tee", "told.json"]}\naccounts:')
    fact, _people = submitted(live_desk, officers)

    assert fact["notified"] is True
    assert (live_desk.folder / "told.json").read_bytes() == (live_desk.folder / fact["request"]).read_bytes()


def test_whoever_submits_an_article_reads_whether_the_oa_may_publish_it(live_desk, officers, tls_sandbox):
    article = '{type: broadcast, cover: "https://x.vn/a.jpg", author: PCTT}'
    path = live_desk.campaign(**AREA, code="DT-1", routes=f"[{{type: cs}}, {article}]")
    people = live_desk.run("plan", path, "--json").fact("plan")["people"]
    result = submit(live_desk, officers, path, "DT-1", people)

    assert result.code == 0, result.err
    assert result.fact("publishing")["objections"] == []


def test_an_approval_does_not_wait_for_tomorrow(live_desk, officers, tls_sandbox):
    begins = (SystemClock().now() + timedelta(hours=8)).isoformat(timespec="seconds")
    ends = (SystemClock().now() + timedelta(hours=20)).isoformat(timespec="seconds")
    path = live_desk.campaign(areas="[new:46]", effective=begins, expires=ends)
    people = live_desk.run("plan", path, "--json").fact("plan")["people"]
    words = ("submit", path, "--key", officers.key("Dung"), "--despite-hours", "the tests run at any hour")
    submitted = live_desk.run(*words, stdin=f"DT-1\n{people}\n")
    assert approve(live_desk, officers, "DT-1", "DT-1", people).code == 0
    result = live_desk.run("send", "DT-1", "--wait", "--yes")

    assert submitted.code == 0, submitted.err
    assert result.code == 10
    assert "what was agreed to holds until" in result.said


def test_a_run_goes_on_elsewhere_with_an_approvers_signature(live_desk, officers, tls_sandbox, tmp_path):
    _fact, people = submitted(live_desk, officers)
    assert approve(live_desk, officers, "DT-1", "DT-1", people).code == 0
    copy = ("--workspace", str(shutil.copytree(live_desk.folder, tmp_path / "copy")))
    words = ("resume", "DT-1", *copy, "--moved", "the other machine burned")
    unsigned = live_desk.run(*words, "--key", officers.key("Dung"))
    moved = live_desk.run(*words, "--key", officers.key("Cuc"), stdin=f"DT-1\n{people}\n")

    assert unsigned.code == 10
    assert moved.code == 0, moved.err
    assert tls_sandbox.stats()["people"] == people


def test_a_run_under_way_is_approved_anew_when_its_approver_is_revoked(live_desk, officers, tls_sandbox, wait_until):
    live_desk.configure("app_per_minute: 6000000", "app_per_minute: 120")
    _fact, people = submitted(live_desk, officers)
    assert approve(live_desk, officers, "DT-1", "DT-1", people).code == 0
    child = live_desk.start("send", "DT-1", "--yes")
    wait_until(lambda: tls_sandbox.stats()["people"] > 2)
    live_desk.run("stop", "DT-1")
    assert live_desk.ended(child).code == 130
    officers.revoke("Cuc")
    refused = live_desk.run("resume", "DT-1")
    again = approve(live_desk, officers, "DT-1", "DT-1", people, by="An")
    live_desk.configure("app_per_minute: 120", "app_per_minute: 6000000")
    done = live_desk.run("resume", "DT-1")

    assert refused.code == 10
    assert "was revoked" in refused.said
    assert again.code == 0, again.err
    assert done.code == 0, done.err
    assert set(tls_sandbox.reached().values()) == {1}
    assert tls_sandbox.stats()["people"] == people


def test_the_approver_reads_in_red_that_the_book_has_changed(live_desk, officers):
    _fact, people = submitted(live_desk, officers)
    rows = "".join(f"91{number:017},Huế\n" for number in range(5))
    (live_desk.folder / "more.csv").write_text(f"user_id,city\n{rows}", encoding="utf-8")
    assert live_desk.run("followers", "import", "more.csv").code == 0
    result = approve(live_desk, officers, "DT-1", "DT-1", people)

    assert result.code == 0, result.err
    assert f"had {people} people when this was frozen and has {people + 5} now" in result.fact("card")["remarks"][0]


def test_what_is_submitted_twice_says_so(live_desk, officers):
    _fact, people = submitted(live_desk, officers)
    twice = submit(live_desk, officers, "c.yaml", "DT-1", people)

    assert twice.code == 10
    assert "is submitted already, with the words" in twice.said
