"""How a run ends, in words and exit code: what is everyday is plain, and what calls for a person says what to do, everywhere."""

import json
import signal

import pytest

pytestmark = pytest.mark.long  # whole processes, one after another

PEOPLE = 1000


def end_of(result):
    """The line that scripts read last."""
    return json.loads(result.err.splitlines()[-1])


def send(desk, *options, **changes):
    return desk.run("send", desk.campaign(**changes), "--yes", *options)


@pytest.fixture
def left(desk, sandbox_with):
    """A desk some of whose people have left the OA since they were counted."""
    return desk.at(sandbox_with(dead=0.01))


def test_that_some_have_left_is_no_error_and_no_news_the_second_time(left):
    path = left.campaign()
    first, again = (left.run("send", path, "--yes") for _ in range(2))

    for result in (first, again):
        assert result.code == 0
        assert "of 1000 accepted (" in result.said
        assert "do not follow any more" in result.said
        assert "error" not in result.said


def test_a_script_reads_how_it_ended(left):
    result = send(left, "--json")
    end, report = end_of(result), result.fact("report")

    assert (result.code, end["cause"], end["message_key"]) == (0, None, "finished-of-accepted")
    assert report["shortfalls"]["gone"] == report["totals"]["rejected"] > 0
    assert not report["shortfalls"]["calls_for_a_person"]
    assert report["why"] == end["message"]
    assert (report["state"], report["cause"], report["cure"]) == ("finished", None, "")


def test_a_strict_order_ends_with_3(left):
    assert send(left).code == 0
    result = left.run("resume", "--strict", "--json")

    assert (result.code, end_of(result)["cause"]) == (3, "run-unfinished")


def test_how_many_refusals_are_everyday_is_the_offices_word(left):
    left.configure("limits: {", "limits: {tolerate_rejected: 0.1, ")
    result = send(left)

    assert result.code == 3
    assert "error: finished: " in result.said
    assert "more than 0.1 % refused" in result.said
    assert "error: " in left.run("resume").said


def test_an_impossible_tolerance_is_refused_with_its_line(desk):
    desk.configure("limits: {", "limits: {tolerate_rejected: 101, ")
    result = desk.run("plan", desk.campaign())

    assert result.code == 11
    assert "tolerate_rejected" in result.said


def test_a_stop_that_somebody_asked_for_is_no_error(desk_of, sandbox, wait_until):
    desk = desk_of(2000).at(sandbox)
    desk.configure("app_per_minute: 6000000", "app_per_minute: 6000")
    child = desk.start("send", desk.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 0)
    child.send_signal(signal.SIGINT)
    result = desk.ended(child)

    assert result.code == 130
    assert "stopped with " in result.said
    assert "error" not in result.said
    assert "continues" in result.said


CASES = [
    pytest.param({"refuse_code": -321}, "money", "top up or relink the Zalo Cloud Account, then", id="money"),
    pytest.param({"refuse_code": -216}, "token", "`zalo-alert accounts check pctt` names", id="token"),
    pytest.param({"http_500": 1.0}, "server", "wait for Zalo to recover", id="server"),
]


@pytest.mark.parametrize(("fault", "cause", "cure"), CASES)
def test_a_halt_its_cause_and_its_cure_stand_wherever_the_run_is_shown(fault, cause, cure, desk, sandbox_with):
    assert send(desk.at(sandbox_with(**fault))).code == 13

    for words in (("status", "DT-1"), ("report", "DT-1"), ("runs",)):
        said = desk.run(*words).said
        assert "the run halted: " in said, words
        assert cure in said, words
        assert "`zalo-alert resume DT-1`" in said, words
        fact = desk.run(*words, "--json").fact(words[0].removesuffix("s") if words[0] == "runs" else words[0])
        assert (fact["state"], fact["cause"]) == ("halted", cause), words
        assert "zalo-alert resume DT-1" in fact["cure"], words


def test_after_the_canary_nothing_but_the_order_that_goes_on_is_named(desk_of, sandbox_with):
    desk = desk_of(5000).at(sandbox_with(dead=0.2))
    assert send(desk).code == 13

    for words in (("status",), ("report",), ("runs",)):
        said = desk.run(*words).said
        assert "--past-canary" in said, words
        assert "`zalo-alert resume DT-1`" not in said, words


def test_the_report_says_how_long_it_took_and_begins_with_the_worst_place(left):
    assert send(left, audience="{areas: [all]}").code == 0
    lines = left.run("report").out.splitlines()

    assert lines[1].startswith("finished: ")
    assert any(line.startswith("sent from ") for line in lines)
    assert any(line.startswith("last person: planned ") and ", done " in line for line in lines)
    first, end = (
        next(at for at, line in enumerate(lines) if line.startswith(title)) for title in ("place\t", "state\tpeople\troute")
    )
    shares = [float(line.split("\t")[2]) for line in lines[first + 1 : end]]
    assert shares == sorted(shares)


def test_runs_that_cannot_be_read_are_each_told_and_hide_no_other(left):
    for number in (1, 2, 3):
        send(left, code=f"DT-{number}")
    for number in (1, 3):
        (left.folder / f".zalo-alert/runs/DT-{number}/run.db").write_bytes(b"x")
    result = left.run("runs")

    assert result.code == 13
    assert "DT-2\t" in result.out
    assert "DT-1/run.db" in result.said
    assert "DT-3/run.db" in result.said


def test_where_the_runs_should_be_and_are_not_is_said(desk):
    (desk.folder / ".zalo-alert").mkdir(exist_ok=True)
    (desk.folder / ".zalo-alert/runs").write_text("")
    for words in (("runs",), ("status",), ("report", "DT-1")):
        result = desk.run(*words)
        assert result.code in (2, 13), words
        assert "runs" in result.said
