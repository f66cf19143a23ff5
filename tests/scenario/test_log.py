"""The log of a run through the command line: written as it goes, read like a logbook, whatever has become of it."""

import json
import os
import signal
from datetime import datetime

import pytest

from zalo_alert.foundation.clock import SystemClock
from zalo_alert.runs.log import NAME, RunLog

pytestmark = pytest.mark.long

CODE = "DT-1"


def log_of(desk):
    return desk.folder / ".zalo-alert" / "runs" / CODE / NAME


def told(desk, *words):
    """The lines of the log, as a script reads them."""
    result = desk.run("log", *words, "--json")
    assert result.code == 0, result.err
    return [fact for fact in result.facts if fact["type"] == "log"]


@pytest.fixture
def sent(desk, sandbox):
    """A run that was sent to its end."""
    result = desk.at(sandbox).run("send", desk.campaign(), "--yes")
    assert result.code == 0, result.err
    return desk


def test_a_run_s_log_begins_with_what_it_goes_by_and_ends_with_its_exit_code(sent):
    lines = told(sent)

    assert [(line["kind"], line["source"]) for line in lines] == [
        ("start", "run"), ("event", "run"), ("event", "run"), ("end", "run"),
    ]  # fmt: skip
    assert lines[0]["facts"]["profile"] == "drill"
    assert [line["facts"].get("state") for line in lines[1:3]] == ["sending", "finished"]
    assert (lines[-1]["facts"]["exit_code"], lines[-1]["level"]) == (0, "strong")
    assert log_of(sent).stat().st_mode & 0o777 == 0o600


def test_in_a_pipe_each_line_is_whole_and_has_its_day(sent):
    shown = sent.run("log").out.splitlines()

    assert all(datetime.strptime(line[:19], "%Y-%m-%d %H:%M:%S") for line in shown)  # noqa: DTZ007  a shape, no instant
    assert [line[21:] for line in shown[-2:]] == ["finished: 1000 of 1000 accepted (100.0 %)", "ended with 0"]


def test_a_go_that_is_refused_says_why_in_its_last_line(sent):
    text = "đã dừng"
    for path in log_of(sent).parent.glob("campaign.yaml"):
        path.write_text(text, encoding="utf-8")

    assert sent.run("resume", CODE).code != 0
    last = told(sent)[-1]
    assert (last["kind"], last["level"]) == ("end", "fault")
    assert last["facts"]["exit_code"] != 0
    assert ": " in last["detail"]


def test_a_log_is_read_in_the_readers_language_with_cures_as_commands(desk, sandbox_with):
    assert desk.at(sandbox_with(refuse_code=-321)).run("send", desk.campaign(), "--yes").code == 13

    english, vietnamese = desk.run("log"), desk.run("log", "--lang", "vi")

    assert "then `zalo-alert resume" in english.out
    assert "`zalo-alert resume" in vietnamese.out
    assert "sending began" in english.out
    assert "sending began" not in vietnamese.out


def test_what_others_decide_stands_among_it_once(sent):
    sent.run("export", "all.csv", "--run", CODE)
    sent.run("audit", "note", "đã gọi cho tỉnh", "--run", CODE)

    lines = told(sent)

    assert [line["kind"] for line in lines if line["source"] == "audit"] == ["export", "note"]
    assert "đã gọi cho tỉnh" in lines[-1]["detail"]


def test_only_what_is_loud_and_only_what_is_young(sent):
    RunLog(log_of(sent).parent).write("note", SystemClock().now(), "cũ")
    text = log_of(sent).read_text(encoding="utf-8").splitlines()
    old = json.loads(text[0]) | {"at": "2020-01-01T00:00:00.000+07:00", "level": "fault"}
    log_of(sent).write_text("\n".join([json.dumps(old), *text]) + "\n", encoding="utf-8")

    assert [line["level"] for line in told(sent, "--level", "fault")] == ["fault"]
    assert told(sent, "--level", "fault", "--since", "1h") == []
    assert told(sent, "--since", "1h")[-1]["detail"] == "cũ"


@pytest.mark.parametrize(
    "words", [("--since", "gestern"), ("--level", "laut"), ("DT-NONE",), (CODE, "--file", "x"), ("--file", "x")]
)
def test_what_can_t_be_asked_is_told(sent, words):
    assert sent.run("log", *words).code == 2


def test_a_damaged_log_is_read_as_far_as_it_goes(sent):
    whole = log_of(sent).read_bytes()
    log_of(sent).write_bytes(os.urandom(50).replace(b"\n", b"") + b"\n" + whole + b'{"at":"2026-')

    result = sent.run("log")

    assert result.code == 0
    assert len(result.out.splitlines()) == 4
    assert "2 lines could not be read, and were left out" in result.said
    assert sent.run("log", "--json").fact("log-end")["skipped"] == 2


def test_a_run_with_a_damaged_database_still_tells_its_log(sent):
    for path in log_of(sent).parent.glob("run.db*"):
        path.write_bytes(b"gone")

    assert len(told(sent, CODE)) >= 4


def test_a_log_that_can_t_be_read_is_told_with_a_cure(sent):
    log_of(sent).unlink()
    log_of(sent).mkdir()

    result = sent.run("log")

    assert (result.code, "it is not a plain file" in result.said) == (13, True)


def test_a_run_goes_on_without_its_log(desk, sandbox_with):
    first = sandbox_with(refuse_code=-321)
    assert desk.at(first).run("send", desk.campaign(), "--yes").code == 13
    log_of(desk).unlink()
    log_of(desk).mkdir()
    first.change(refuse_code=0)

    result = desk.run("resume")

    assert result.code == 0, result.err
    assert result.err.count("can't be written") == 1


def test_whoever_follows_hears_what_another_process_writes(sent):
    following = sent.start("log", "--follow", "--json")
    assert following.stdout is not None
    first = [json.loads(following.stdout.readline()) for _ in range(4)]
    RunLog(log_of(sent).parent).write("note", SystemClock().now(), "một")
    later = json.loads(following.stdout.readline())
    following.send_signal(signal.SIGINT)
    following.communicate()

    assert [line["kind"] for line in first] == ["start", "event", "event", "end"]
    assert (later["kind"], later["detail"]) == ("note", "một")
    assert following.returncode == 130


def test_an_export_of_marks_says_so_in_the_audit_log_and_names_nobody(sent):
    people = sent.states()
    result = sent.run("export", "all.csv", "--marks", "--json")

    taken = [line for line in told(sent) if line["kind"] == "export"][-1]
    text = (sent.folder / "all.csv").read_text(encoding="utf-8")
    assert result.fact("export")["marks"] is True
    assert (taken["facts"]["marks"], taken["facts"]["people"]) == (True, len(people))
    assert taken["who"]
    assert text.startswith("person,state,")
    assert not [person for person in people if person in text]


# --- the log of a command ------------------------------------------------------------------------------------------------


def test_a_command_writes_all_that_it_says_into_a_file_that_reads_like_a_log(desk, sandbox):
    path, file = desk.at(sandbox).campaign(), desk.folder / "l.jsonl"
    desk.run("send", path, "--yes", "--log-file", str(file), "--quiet")
    desk.run("send", "nope.yaml", "--yes", "--log-file", str(file))

    lines = [fact for fact in desk.run("log", "--file", str(file), "--json").facts if fact["type"] == "log"]
    assert [(line["kind"], line["facts"].get("exit_code")) for line in lines if line["kind"] in ("start", "end")] == [
        ("start", None), ("end", 0), ("start", None), ("end", 2),
    ]  # fmt: skip
    assert any("frozen as DT-1" in line["detail"] for line in lines)
    assert {line["source"] for line in lines} == {"file"}
    assert file.stat().st_mode & 0o777 == 0o600
    assert not [user for user in desk.states() if user in file.read_text(encoding="utf-8")]


def test_a_log_file_that_can_t_be_written_keeps_nobody_from_anything(desk, sandbox):
    result = desk.at(sandbox).run("send", desk.campaign(), "--yes", "--log-file", str(desk.folder / "none" / "l.jsonl"))

    assert result.code == 0
    assert result.err.count("can't be written") == 1


def test_who_goes_on_in_the_background_keeps_its_log_too(desk, sandbox, wait_until):
    file = desk.folder / "l.jsonl"
    detached = desk.at(sandbox).run("send", desk.campaign(), "--yes", "--detach", "--log-file", "l.jsonl", "--verbose")
    assert detached.code == 0
    wait_until(lambda: file.read_text(encoding="utf-8").count('"kind":"end"') == 2)

    text = file.read_text(encoding="utf-8")
    assert "zalo-alert resume DT-1" in text
    assert "POST /v3.0/oa/message/" in text


def test_verbose_tells_of_requests_and_of_many_alike_how_many(desk, sandbox):
    result = desk.at(sandbox).run("send", desk.campaign(), "--yes", "--verbose", "--json")

    told = [fact for fact in result.facts if fact["type"] == "request" and "/oa/message/" in fact["call"]]
    assert result.code == 0
    assert sum(fact["times"] for fact in told) == 1000
    assert len(told) < 30
    assert not {"user_id", "access_token"} & set(" ".join(map(str, told)).split("'"))


def test_systemd_s_journal_gets_priorities_and_no_times(desk, sandbox):
    with (desk.folder / "stream").open("w") as stream:
        status = os.fstat(stream.fileno())
        desk.environ["JOURNAL_STREAM"] = f"{status.st_dev}:{status.st_ino}"
        child = desk.at(sandbox).start("send", desk.campaign(), "--yes", stderr=stream)
        assert child.wait() == 0
    lines = (desk.folder / "stream").read_text(encoding="utf-8").splitlines()

    assert lines
    assert [line for line in lines if line[:3] not in ("<3>", "<4>", "<5>", "<6>")] == []
