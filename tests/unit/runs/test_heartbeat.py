"""The heartbeat of whoever sends a run: it rises while the block lasts, and costs nothing where it can't be written."""

import json
import os

import pytest

from zalo_alert.runs.heartbeat import NAME, Heartbeat, read_beat


def test_it_rises_and_is_gone_in_the_end(tmp_path, wait_until):
    with Heartbeat(tmp_path, every_s=0.01):
        wait_until(lambda: (beat := read_beat(tmp_path)) and beat.number > 2)
        beat = read_beat(tmp_path)

    assert beat is not None
    assert (beat.process, beat.is_here) == (os.getpid(), True)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_none_is_no_fault(tmp_path):
    with Heartbeat(tmp_path / "gone"):
        assert read_beat(tmp_path / "gone") is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"machine": "a", "process": "x", "number": 1}', '{"machine": "a"}', "\0" * 99])
def test_what_is_none_is_none(tmp_path, text):
    (tmp_path / NAME).write_text(text, encoding="utf-8")

    assert read_beat(tmp_path) is None


def test_another_machine_is_told_from_this_one(tmp_path):
    (tmp_path / NAME).write_text(json.dumps({"machine": "other", "process": 1, "number": 5}), encoding="utf-8")
    beat = read_beat(tmp_path)

    assert beat is not None
    assert not beat.is_here
