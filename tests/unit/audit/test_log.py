"""Lines are added at the end of the log, bound to the one before, and on the disk; a line that was cut short is told."""

import errno
import os
import stat
import subprocess
import sys
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import orjson
import pytest

from zalo_alert.audit import log as audit_log
from zalo_alert.audit.events import EVENTS, AuditEvent
from zalo_alert.audit.line import START, Line, decode, is_intact
from zalo_alert.audit.log import AuditLog
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import Language, _, catalogue_of, said_in

AT = datetime(2026, 11, 26, 22, 10, tzinfo=VIETNAM)


@pytest.fixture
def log(tmp_path):
    return AuditLog(tmp_path / "state")


def lines_of(log):
    return log.path.read_bytes().splitlines(keepends=True)


def read(raw) -> Line:
    line = decode(raw)
    assert line is not None
    return line


def test_each_line_is_bound_to_the_bytes_of_the_one_before(log):
    heads = [log.append("note", AT, why=f"lần {number}") for number in range(3)]

    raw = lines_of(log)
    assert [orjson.loads(line)["number"] for line in raw] == [1, 2, 3]
    assert [orjson.loads(line)["prev"] for line in raw] == [START, *heads[:2]]
    assert [sha256(line).hexdigest() for line in raw] == heads
    assert log.end() == (3, heads[-1])
    assert all(is_intact(line) for line in raw)


def test_a_line_says_who_what_when_why(log):
    log.append("override", AT, who="Nguyễn Thị Hà", run="DT-1", why="lists/never.txt hỏng", facts={"guard": "never"})

    line = read(lines_of(log)[0])
    assert line.at == AT
    assert (line.event, line.who, line.run, line.why, line.facts) == (
        "override", "Nguyễn Thị Hà", "DT-1", "lists/never.txt hỏng", {"guard": "never"},
    )  # fmt: skip
    assert line.user == audit_log.os_user()


def test_a_sentence_of_ours_is_said_in_the_reader_s_language(log):
    log.append("run-stopped", AT, why=_("stopped by hand"))

    line = read(lines_of(log)[0])
    assert line.why == "stopped by hand"
    assert said_in(line.why_said, catalogue_of(Language.VI)) != "stopped by hand"


def test_an_empty_log_has_a_head_of_zeros(log):
    assert log.end() == (0, START)
    assert log.head() == START
    assert not log.path.parent.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_nobody_else_may_read_it(log):
    log.append("note", AT)

    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.path.parent.stat().st_mode) == 0o700


def test_an_event_that_is_none_is_a_bug(log):
    with pytest.raises(ValueError, match="gossip"):
        log.append("gossip", AT)
    assert not log.path.exists()


def test_each_event_has_words_in_both_languages():
    assert set(EVENTS) == set(AuditEvent)
    assert len(set(EVENTS.values())) == len(EVENTS)


@pytest.mark.parametrize("left", [1, 40, -1])
def test_a_line_that_was_cut_short_is_told_by_the_next(log, left):
    log.append("note", AT, why="a")
    head = log.append("note", AT, why="b")
    whole = lines_of(log)[1]
    torn = whole[:left] if left > 0 else b"\0" * 300 + b"\n"
    with log.path.open("ab") as file:
        file.write(torn)

    assert log.end() == (2, head)
    log.append("note", AT, why="c")

    raw = lines_of(log)
    mended = torn.rstrip(b"\n") + b"\n"
    assert raw[2] == mended
    healing = read(raw[3])
    assert (healing.number, healing.event, healing.prev) == (4, "torn", head)
    assert healing.facts == {"lines": 1, "bytes": len(mended), "sha256": sha256(mended).hexdigest()}
    assert read(raw[4]).number == 5


def test_a_line_that_lacks_its_newline_alone_lost_nothing(log):
    log.append("note", AT, why="a")
    head = log.append("note", AT, why="b")
    os.truncate(log.path, log.path.stat().st_size - 1)

    assert log.head() == head
    log.append("note", AT, why="c")
    assert [read(raw).prev for raw in lines_of(log)[2:]] == [head]


def test_a_healing_that_was_cut_short_is_healed_too(log):
    head = log.append("note", AT, why="a")
    with log.path.open("ab") as file:
        file.write(b'{"number":2,"at"\n{"number":3,"at":"20')

    log.append("note", AT, why="b")

    raw = lines_of(log)
    assert (read(raw[3]).number, read(raw[3]).facts["lines"], read(raw[3]).prev) == (4, 2, head)
    assert len(raw) == 5


def test_a_torn_first_line_is_healed(log):
    log.path.parent.mkdir()
    log.path.write_bytes(b'{"numb')

    log.append("note", AT)

    assert [read(raw).event for raw in lines_of(log)[1:]] == ["torn", "note"]


def test_a_file_that_is_no_log_is_refused(log):
    log.path.parent.mkdir()
    log.path.write_bytes(b"\n" * 3_000_000)

    with pytest.raises(StorageUnusable, match="does not end with lines of the log"):
        log.append("note", AT)


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
@pytest.mark.skipif(os.name != "posix", reason="links and pipes")
def test_what_stands_in_the_way_is_told(log, kind):
    log.path.parent.mkdir()
    {"folder": log.path.mkdir, "link": lambda: log.path.symlink_to("else"), "pipe": lambda: os.mkfifo(log.path)}[kind]()

    with pytest.raises(StorageUnusable, match="can't use the audit log"):
        log.append("note", AT)


def test_a_full_disk_leaves_the_log_as_it_was(log, monkeypatch):
    log.append("note", AT, why="a")
    before, write = log.path.read_bytes(), os.write

    def full(handle, text):
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(write(handle, text[:40]))
        return written[0]

    written = []
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageUnusable, match="No space left on device") as refused:
        log.append("note", AT, why="b")

    assert "free some space" in refused.value.hint
    assert log.path.read_bytes() == before


def test_what_must_be_done_in_any_case_gets_the_trouble_back(log):
    log.path.parent.mkdir()
    log.path.mkdir()

    assert isinstance(log.attempt("cancel", AT), StorageUnusable)
    log.path.rmdir()
    assert log.attempt("cancel", AT) is None


def test_many_processes_keep_one_chain(log):
    code = f"""from datetime import datetime, timezone
from pathlib import Path
from zalo_alert.audit.log import AuditLog
log = AuditLog(Path({str(log.path.parent)!r}))
for number in range(50): log.append("note", datetime.now(timezone.utc), why=str(number))"""
    writers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]

    assert [writer.wait() for writer in writers] == [0, 0, 0]
    raw = lines_of(log)
    assert [read(line).number for line in raw] == list(range(1, 151))
    assert [read(line).prev for line in raw[1:]] == [sha256(line).hexdigest() for line in raw[:-1]]


def test_a_line_costs_the_same_however_long_the_log_is(log, monkeypatch):
    log.append("note", AT)
    read = []

    def count(handle, size):
        read.append(size)
        return os.read(handle, size)

    monkeypatch.setattr(audit_log, "_read_all", count)
    with log.path.open("ab") as file:
        file.write(lines_of(log)[0] * 100_000)

    log.append("note", AT + timedelta(hours=1))

    assert sum(read) <= 65_536


def test_bytes_that_are_no_text_become_question_marks(log):
    log.append("note", AT, why="a\udcff", facts={"file": "b\udcff"})

    line = read(lines_of(log)[0])
    assert (line.why, line.facts) == ("a?", {"file": "b?"})


def test_an_instant_needs_a_zone(log):
    with pytest.raises(ValueError, match="zone"):
        log.append("note", datetime(2026, 1, 1))  # noqa: DTZ001
    assert Path(log.path).read_bytes() == b""
