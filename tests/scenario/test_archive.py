"""Runs that are over, put away: everything that is told of them stays, nothing of them is sent, and a flipped bit is found."""

import json

import pytest

pytestmark = pytest.mark.long  # whole runs, and each report of them twice

RUN = "DT-1@a"


@pytest.fixture
def sent(desk, sandbox_with):
    desk.at(sandbox_with(dead=0.1))
    desk.run("send", desk.campaign(), "--yes", "--occurrence", "a")
    return desk


def told(desk, run):
    """All that is told of a run, but for when it is told, and for the lines of the log: taking a look is one itself."""
    reports = [desk.run("report", run, "--json"), desk.run("status", run, "--json"), desk.run("report", "aar", run, "--json")]
    month = [fact for fact in desk.run("report", "month", "--json").facts if fact["type"] == "month-run"]
    facts = [fact for result in reports for fact in result.facts] + month
    varying = {"at", "until", "timeline", "log_lines", "log_head"}
    kept = [fact for fact in facts if fact["type"] != "report-decision"]
    return [{name: value for name, value in fact.items() if name not in varying} for fact in kept]


def exported(desk, *words):
    rows = [json.loads(line) for line in desk.run("export", "people", "-", *words).out.splitlines()]
    return sorted(rows, key=lambda row: row["user_id"])


def test_what_is_told_of_an_archived_run_is_what_was_told_before(sent):
    before, people = told(sent, RUN), exported(sent, "--run", RUN)
    log = [line for line in sent.run("log", RUN).out.splitlines() if "took a list" not in line]

    result = sent.run("archive", RUN, "--json")

    assert result.code == 0, result.said
    made = result.fact("archived")
    assert made["size_bytes"] < made["size_before"]
    report = next(fact for fact in before if fact["type"] == "report")
    assert (made["audience"], made["accepted"]) == (1000, report["totals"]["accepted"])
    assert not (sent.folder / ".zalo-alert" / "runs" / RUN).exists()
    assert told(sent, RUN) == before
    assert exported(sent, "--run", RUN) == people
    after = [line for line in sent.run("log", RUN).out.splitlines() if "took a list" not in line and "archived" not in line]
    assert after == log
    assert sent.run("archive", "verify").code == 0
    assert not list((sent.folder / ".zalo-alert").glob(".unpacked*"))
