"""Submitted where the officer's key is not: written in their name, signed on their own machine, taken back as text."""

import json
from contextlib import closing
from datetime import timedelta

import pytest
from office import approve

from zalo_alert.approval.envelope import Namespace
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.runs.run import Run
from zalo_alert.testing import SOUND

pytestmark = pytest.mark.long

HOURS = ("--despite-hours", "the tests run at any hour")


class Away:
    """A run that was frozen in Dung's name, and what was written for them to sign."""

    def __init__(self, desk, officers, folder, name="Dung"):
        self.desk, self.officers = desk, officers
        self.path = desk.campaign(areas="[new:46]", code="DT-1")
        self.people = desk.run("plan", self.path, "--json").fact("plan")["people"]
        self.typed = f"DT-1\n{self.people}\n"
        self.prepared = self.prepare(name)
        self.file = folder / "at-home.json"
        self.file.write_text(self.prepared.out, encoding="utf-8")

    def prepare(self, name="Dung"):
        return self.desk.run("submit", self.path, "--as", name, *HOURS, stdin=self.typed)

    def sign(self, name="Dung", command="submit"):
        return self.desk.run(command, "--request", str(self.file), "--key", self.officers.key(name), stdin=self.typed)

    def signature(self, name="Dung", namespace=Namespace.SUBMIT):
        """Return a signature that no command would make."""
        return self.officers.sign(name, self.file.read_bytes(), namespace)

    def take(self, signature):
        return self.desk.run("submit", "DT-1", "--signature", "-", "--json", stdin=signature)

    def state(self):
        return self.desk.run("status", "DT-1", "--json").fact("status")["state"]

    def rewrite_note(self, half, **changes):
        """Change what the run keeps of the unsigned request, and the copy at home, as if it had been written so."""
        with closing(Run(self.desk.folder / ".zalo-alert" / "runs" / "DT-1")) as run:
            request = json.loads(self.file.read_bytes())
            request[half] |= changes
            text = json.dumps(request, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            run.keep_agreement("unsigned", text, SystemClock().now())
        self.file.write_text(text, encoding="utf-8")


@pytest.fixture
def away(live_desk, officers, tmp_path):
    return Away(live_desk, officers, tmp_path)


def test_a_key_that_is_elsewhere_submits(away, tls_sandbox):
    early = away.desk.run("send", "DT-1", stdin=away.typed)
    signed = away.sign()
    taken = away.take(signed.out)
    approved = approve(away.desk, away.officers, "DT-1", "DT-1", away.people)
    sent = away.desk.run("send", "DT-1", "--json", stdin=away.typed)

    assert away.prepared.code == 0, away.prepared.err
    request = json.loads(away.prepared.out)
    assert (request["signed"]["by"], early.code, tls_sandbox.stats()["people"]) == ("Dung", 10, away.people)
    assert signed.code == 0, signed.err
    assert signed.out.startswith("-----BEGIN SSH SIGNATURE-----")
    assert taken.code == 0, taken.err
    assert taken.fact("submitted")["words"] in " ".join(away.prepared.err.split())
    assert (approved.code, sent.code) == (0, 0), sent.err


def test_stdout_has_the_request_alone_and_stderr_what_comes_next(away):
    err = " ".join(away.prepared.err.split())

    assert json.loads(away.prepared.out)["what"]["run"] == "DT-1"
    assert "submit --request request.json" in err
    assert "submit DT-1 --signature -" in err
    assert away.state() == "frozen"


def test_written_again_it_is_the_same_request(away):
    again = away.prepare()
    by_key = away.prepare(json.loads(away.prepared.out)["signed"]["key"][:20])

    assert again.out == away.prepared.out == by_key.out
    assert away.take(away.sign().out).code == 0


def test_a_changed_campaign_is_written_anew_and_the_old_signature_fits_no_more(away):
    signed = away.sign().out
    away.desk.campaign(areas="[new:46]", code="DT-1", text=SOUND.replace("KHÔNG", "không"))
    anew = away.prepare()
    refused = away.take(signed)

    assert anew.out != away.prepared.out
    assert (refused.code, away.state()) == (10, "frozen")


def test_another_host_meanwhile_is_refused(away):
    signed = away.sign().out
    away.desk.environ["ZALO_ALERT_OAUTH_URL"] = "https://zalo.invalid"
    refused = away.take(signed)
    del away.desk.environ["ZALO_ALERT_OAUTH_URL"]

    assert (refused.code, away.state()) == (10, "frozen")
    assert "hosts" in refused.err


def test_a_request_that_says_something_else_than_the_run(away):
    away.rewrite_note("what", expires="2030-01-01T00:00:00+07:00")
    refused = away.take(away.signature())

    assert (refused.code, away.state()) == (10, "frozen")
    assert "expires differ" in refused.err


@pytest.mark.parametrize(
    ("name", "namespace", "why"),
    [
        ("Cuc", Namespace.SUBMIT, "in the name of Dung"),
        ("Dung", Namespace.APPROVE, "approve@zalo-alert"),
        ("Nobody", Namespace.SUBMIT, "nobody's on the list"),
    ],
)
def test_a_signature_that_is_not_the_one_asked_for(away, name, namespace, why):
    refused = away.take(away.signature(name, namespace))

    assert (refused.code, away.state()) == (10, "frozen")
    assert why in refused.err


@pytest.mark.parametrize("text", ["", "\x89JPEG", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"])
def test_what_is_no_signature(away, text):
    refused = away.take(text)

    assert (refused.code, away.state()) == (10, "frozen")


@pytest.mark.parametrize("name", ["Cuc", "Nobody"])
def test_who_is_not_named_is_told_before_they_read(away, name):
    refused = away.sign(name)

    assert (refused.code, refused.out) == (10, "")
    assert "in the name of Dung" in refused.err


def test_signed_too_late(away):
    away.rewrite_note("signed", at=(SystemClock().now() - timedelta(hours=7)).isoformat(timespec="seconds"))
    refused = away.take(away.signature())

    assert (refused.code, away.state()) == (10, "frozen")
    assert "7" in refused.err


def test_whoever_was_revoked_meanwhile(away):
    signed = away.sign().out
    away.officers.revoke("Dung")
    refused = away.take(signed)

    assert (refused.code, away.state()) == (10, "frozen")
    assert "revoked" in refused.err


def test_an_approvers_signature_from_before_counts_once_it_is_submitted(away):
    early = away.sign("Cuc", "approve").out
    refused = away.desk.run("approve", "DT-1", "--signature", "-", stdin=early)
    away.take(away.sign().out)
    taken = away.desk.run("approve", "DT-1", "--signature", "-", stdin=early)

    assert (refused.code, taken.code) == (10, 0)


def test_given_again_it_goes_on_and_another_is_refused(away):
    signed = away.sign().out
    first = away.take(signed)
    request = away.desk.folder / first.fact("submitted")["request"]
    request.unlink()
    again = away.take(signed)
    other = away.take(away.signature("Cuc"))

    assert (first.code, again.code, request.read_text(encoding="utf-8")) == (0, 0, away.prepared.out)
    assert other.code == 10
    assert "already" in other.err


def test_a_drill_is_sent_as_easily_as_before(desk, officers, sandbox):
    desk.at(sandbox)
    path = desk.campaign(areas="[new:46]", code="DT-1")
    unread = desk.run("submit", path, "--as", "Dung", stdin="1\n")
    prepared = desk.run("submit", path, "--as", "Dung", "--yes")
    sent = desk.run("send", path, "--yes", "--json")

    assert (unread.code, unread.out) == (2, "")
    assert prepared.code == 0, prepared.err
    assert sent.code == 0, sent.err


@pytest.mark.parametrize("name", ["Ai đó", "SHA256:zzzz", "SHA256:"])
def test_a_name_that_is_nobodys_or_several(live_desk, officers, name):
    refused = live_desk.run("submit", live_desk.campaign(areas="[new:46]"), "--as", name, stdin="")

    assert (refused.code, refused.out) == (10, "")


@pytest.mark.parametrize(
    "words",
    [
        ("submit",),
        ("submit", "--signature", "-"),
        ("submit", "c.yaml", "--request", "r.json"),
        ("submit", "DT-1", "--as", "Dung", "--signature", "-"),
        ("submit", "--request", "nowhere.json"),
    ],
)
def test_a_command_line_that_makes_no_sense(live_desk, officers, words):
    refused = live_desk.run(*words, stdin="")

    assert refused.code == 2
    assert refused.out == ""
