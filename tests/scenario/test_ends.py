"""How commands end, as a script that was written from the docs alone sees it."""

import json
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.runs.run import Run

pytestmark = pytest.mark.long

PEOPLE = 1000


def test_hosts_out_of_reach_are_refused_before_anything_is_frozen(desk, sandbox):
    desk.at(sandbox)
    hosts = {
        name: desk.environ.pop(name) for name in list(desk.environ) if name.startswith("ZALO_ALERT_") and name.endswith("_URL")
    }
    path = desk.campaign()
    refused = desk.run("send", path, "--yes", "--json")
    assert refused.code == 11
    assert "no sandbox is named" in refused.err
    assert not [fact for fact in refused.facts if fact["type"] == "frozen"]

    desk.environ |= hosts
    assert desk.run("send", path, "--yes").code == 0
    assert sandbox.stats()["accepted"] == PEOPLE


@pytest.mark.parametrize(
    "words",
    [
        ("send", "c.yaml", "--json"),
        ("send", "c.yaml"),
        ("send", "c.yaml", "--yes", "--recipients", "-", "--json"),
        ("cancel", "DT-1", "--json"),
        ("accounts", "login", "--paste", "--json"),
        ("followers", "import", "-", "--json"),
        ("followers", "forget", "-", "--json"),
        ("places", "resolve", "-", "--json"),
    ],
    ids=" ".join,
)
def test_a_closed_stdin_is_an_empty_one(desk, sandbox, words):
    desk.at(sandbox)
    run = desk.campaign("a.yaml", code="DT-1")
    desk.campaign()
    if words[0] == "cancel":
        sandbox.change(refuse_code=-321)  # no money: the run stays open
        desk.run("send", run, "--yes")
    empty = desk.run(*words)
    closed = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", sys.executable, "-m", "zalo_alert", *words],
        cwd=desk.folder, env=desk.environ, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert closed.returncode == empty.code, closed.stderr
    assert _last_words(closed.stderr) == _last_words(empty.err)


def _last_words(err):
    last = err.splitlines()[-1] if err else ""
    return json.loads(last)["message"] if last.startswith("{") else last


@pytest.mark.parametrize("json_option", [["--json"], []], ids=["json", "words"])
def test_a_bug_keeps_its_traceback_and_is_named_last(desk, json_option):
    code = (
        "import zalo_alert.cli.app as app\n"
        "def broken(words): raise LookupError('lost')\n"
        "app.load_commands = broken\n"
        "app.run(app.Language.EN)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, "runs", *json_option], cwd=desk.folder, env=desk.environ, capture_output=True, text=True
    )

    assert ended.returncode == 1
    assert "Traceback" in ended.stderr
    assert "LookupError: lost" in ended.stderr
    if json_option:
        last = json.loads(ended.stderr.splitlines()[-1])
        assert (last["type"], last["code"]) == ("exit", 1)
        assert "LookupError" in last["message"]


@pytest.mark.parametrize("option", [["--yes"], []], ids=["yes", "unasked"])
def test_a_finished_run_has_nothing_to_cancel_and_stays_finished(desk, sandbox, option):
    path = desk.at(sandbox).campaign()
    assert desk.run("send", path, "--yes").code == 0
    before = desk.run("report", "--json").fact("report")["history"]
    told = desk.run("cancel", "DT-1", *option, "--json")

    assert told.code == 0
    assert (told.fact("cancel")["state"], told.fact("cancel")["withheld"]) == ("finished", 0)
    assert "DT-1 is finished: there is nothing to cancel" in desk.run("cancel", "DT-1", *option).said
    assert desk.run("report", "--json").fact("report")["history"] == before
    assert desk.run("send", path, "--yes").code == 0


def test_a_run_is_cancelled_once(desk, sandbox):
    sandbox.change(refuse_code=-321)  # no money: the run stays open
    desk.at(sandbox).run("send", desk.campaign(), "--yes")
    assert desk.run("cancel", "DT-1", "--yes", "--json").fact("cancel")["withheld"] == PEOPLE
    again = desk.run("cancel", "DT-1", "--json")

    assert (again.code, again.fact("cancel")["state"]) == (0, "cancelled")
    assert "DT-1 was cancelled before" in desk.run("cancel", "DT-1").said
    history = desk.run("report", "--json").fact("report")["history"]
    assert [event["what"] for event in history].count("cancelled") == 1


def _history(fact):
    return [event["what"] for event in fact["history"]]


@pytest.mark.parametrize("words", [("send", "c.yaml", "--yes"), ("resume", "DT-1"), ("resume", "DT-1", "--retry-unknown")])
def test_the_report_of_a_send_holds_its_end_and_an_idle_one_adds_nothing(desk, sandbox, words):
    sent = desk.at(sandbox).run("send", desk.campaign(), "--yes", "--json").fact("report")
    assert _history(sent) == ["frozen", "started", "finished"]
    requests = sandbox.stats()["requests"]
    again = desk.run(*words, "--json")

    assert (again.code, again.fact("report")) == (0, sent | {"at": again.fact("report")["at"]})
    assert sandbox.stats()["requests"] == requests
    assert desk.run("report", "--json").fact("report")["history"] == sent["history"]


def test_an_idle_send_ends_as_the_send_did(desk, sandbox_with):
    desk.at(sandbox_with(dead=0.2))
    path = desk.campaign()
    first, again = desk.run("send", path, "--yes", "--json"), desk.run("send", path, "--yes", "--json")

    assert (first.code, again.code) == (3, 3)
    assert _last_words(first.err) == _last_words(again.err)
    assert again.fact("report")["history"] == first.fact("report")["history"]


def test_the_question_says_when_and_its_refusal_names_the_campaign(desk, sandbox):
    at = datetime.now(VIETNAM).replace(microsecond=0) + timedelta(hours=2)
    path = desk.at(sandbox).campaign(effective=at.isoformat())
    later = desk.run("send", path, "--wait", stdin="7\n")
    early = desk.run("send", path, "--early", stdin="7\n")

    assert (later.code, early.code) == (2, 2)
    assert f"DT-1 goes to 1000 people at {at:%H:%M}" in later.said.replace("\u202f", "")
    assert "goes to 1000 people now" not in later.said.replace("\u202f", "")
    assert "goes to 1000 people now" in early.said.replace("\u202f", "")
    assert f"`zalo-alert send {path}` again" in later.said


def test_a_run_that_another_process_has_is_not_said_to_continue(desk, sandbox):
    path = desk.at(sandbox).campaign()
    assert desk.run("send", path, "--yes").code == 0
    run = Run(desk.folder / ".zalo-alert" / "runs" / "DT-1")
    with run.locked():
        busy = desk.run("send", path, "--yes", "--json")
    run.close()

    assert (busy.code, busy.facts) == (12, [])
    assert desk.run("send", path, "--yes", "--json").facts[0]["type"] == "continue"
