"""A log is added to by several processes, put aside by size, and no reason why anything else fails; read as far as it goes."""

import errno
import os
import stat
import subprocess
import sys
from contextlib import closing
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.log_file import LogFile
from zalo_alert.foundation.log_line import MOST_BYTES, Hiding, LogLine, encode
from zalo_alert.foundation.log_reading import LogReading, LogTail

AT = datetime(2026, 11, 26, 22, 10, tzinfo=VIETNAM)


def line(text: str) -> bytes:
    return encode(LogLine(AT, "note", text), Hiding(None))


LENGTH = len(line("000"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.jsonl"


@pytest.fixture
def tail(path):
    with closing(LogTail(path)) as tail:
        yield tail


def texts(path):
    return [read.text for read in LogReading(path)]


def write(path, count, **limits):
    file = LogFile(path, **limits)
    for number in range(count):
        file.append(line(f"{number:03}"))


# --- written -------------------------------------------------------------------------------------------------------------


def test_a_log_is_its_owners_alone(path):
    before = os.umask(0)
    try:
        write(path, 1)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_long_enough_is_put_aside_and_the_oldest_goes(path):
    write(path, 22, most_bytes=5 * LENGTH, kept=3)

    assert sorted(file.name for file in path.parent.glob("log.jsonl*")) == [
        "log.jsonl", "log.jsonl.1", "log.jsonl.2", "log.jsonl.lock",
    ]  # fmt: skip
    assert texts(path) == [f"{number:03}" for number in range(10, 22)]


def test_two_processes_lose_nothing_of_each_other(path):
    code = """import sys
from pathlib import Path
from tests.unit.foundation.test_log_file import LENGTH, line
from zalo_alert.foundation.log_file import LogFile
file = LogFile(Path(sys.argv[1]), most_bytes=40 * LENGTH, kept=50)
for number in range(300): file.append(line(sys.argv[2] + f"{number:03}"))"""
    children = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in "ab"]

    assert [child.wait() for child in children] == [0, 0]
    read = LogReading(path)
    found = [told.text for told in read]
    assert read.skipped == 0
    assert sorted(found) == [f"{name}{number:03}" for name in "ab" for number in range(300)]
    assert [text for text in found if text[0] == "a"] == [f"a{number:03}" for number in range(300)]
    assert len(list(path.parent.glob("log.jsonl.*"))) > 5


def test_a_full_disk_is_told_once_and_what_comes_later_begins_anew(path, monkeypatch):
    troubles: list[str] = []
    file, real = LogFile(path, troubles.append), os.write

    def half(handle, data):
        if len(data) <= 9:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, data[:-9])

    monkeypatch.setattr(os, "write", half)
    file.append(line("1"))
    file.append(line("2"))
    monkeypatch.undo()
    file.append(line("3"))

    read = LogReading(path)
    assert ([told.text for told in read], read.skipped) == (["3"], 2)
    assert troubles == [f"the log {path} can't be written: No space left on device"]


@pytest.mark.parametrize("spoilt", ["folder", "link", "pipe", "missing"])
def test_what_can_t_be_written_is_told_once(path, spoilt):
    troubles: list[str] = []
    match spoilt:
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(path.parent / "elsewhere")
        case "pipe":
            os.mkfifo(path)
        case "missing":
            path = path.parent / "gone" / "log.jsonl"
    file = LogFile(path, troubles.append)
    file.append(line("1"))
    file.append(line("2"))

    assert len(troubles) == 1
    assert not (path.parent / "elsewhere").exists()


def test_a_log_that_can_t_be_put_aside_does_not_fill_the_disk(path):
    troubles: list[str] = []
    path.with_name("log.jsonl.lock").mkdir()
    file = LogFile(path, troubles.append, most_bytes=LENGTH)
    for _ in range(20):
        file.append(line("000"))

    assert path.stat().st_size <= 5 * LENGTH
    assert len(troubles) == 1


# --- read ----------------------------------------------------------------------------------------------------------------


def test_where_there_is_no_log_nothing_is_read(path):
    read = LogReading(path)

    assert (list(read), read.skipped) == ([], 0)


def test_what_is_no_log_is_told(path):
    path.mkdir()

    with pytest.raises(StorageUnusable, match="can't read the log"):
        list(LogReading(path))


def test_a_line_far_too_long_is_one_that_is_skipped(path):
    path.write_bytes(line("1") + b"x" * (5 * MOST_BYTES) + b"\n" + line("2") + b"y" * (2 * MOST_BYTES))

    read = LogReading(path)
    assert ([told.text for told in read], read.skipped) == (["1", "2"], 2)


def test_a_last_line_without_its_newline_counts_when_it_is_whole(path):
    path.write_bytes(line("1") + line("2")[:-1])

    assert texts(path) == ["1", "2"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.booleans() | st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"")), max_size=12))
def test_any_bytes_between_lines_are_read_past(path, parts):
    path.write_bytes(b"".join(line(f"{i:03}") if part in (True, False) else part + b"\n" for i, part in enumerate(parts)))
    read = LogReading(path)

    assert [told.text for told in read] == [f"{i:03}" for i, part in enumerate(parts) if part in (True, False)]
    assert read.skipped == sum(isinstance(part, bytes) and bool(part.strip()) for part in parts)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 5 * LENGTH))
def test_a_log_cut_short_anywhere_is_read_up_to_there(path, size):
    path.write_bytes(b"".join(line(f"{number:03}") for number in range(5))[:size])
    read = LogReading(path)

    whole = (size + 1) // LENGTH  # one that lacks its newline alone is whole
    assert len(list(read)) == whole
    assert read.skipped == (whole * LENGTH < size)


# --- followed ------------------------------------------------------------------------------------------------------------


def test_a_log_is_followed_over_every_rotation(path, tail):
    file, found = LogFile(path, most_bytes=3 * LENGTH, kept=4), []
    for number in range(40):
        file.append(line(f"{number:03}"))
        if number % 7 == 0:
            found += [told.text for told in tail.read()]
    found += [told.text for told in tail.read()]

    assert found == [f"{number:03}" for number in range(40)]
    assert tail.skipped == 0


def test_half_a_line_is_waited_for(path, tail):
    path.write_bytes(line("1") + line("2")[:20])
    first = [told.text for told in tail.read()]
    with path.open("ab") as file:
        file.write(line("2")[20:])

    assert (first, [told.text for told in tail.read()], tail.skipped) == (["1"], ["2"], 0)


def test_whoever_follows_from_before_the_beginning_misses_nothing(path, tail):
    assert list(tail.read()) == []
    write(path, 3)

    assert [told.text for told in tail.read()] == ["000", "001", "002"]


def test_what_was_put_aside_twice_meanwhile_and_is_gone_is_all_that_is_missed(path, tail):
    write(path, 2, most_bytes=2 * LENGTH, kept=2)
    list(tail.read())
    write(path, 9, most_bytes=2 * LENGTH, kept=2)

    assert [told.text for told in tail.read()] == ["006", "007", "008"]
