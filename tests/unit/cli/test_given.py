"""Options that stand anywhere are taken out of a line; what is said is kept; a journal is told how urgent it is."""

import io
import os
from pathlib import Path
from typing import Any

import pytest

from zalo_alert.cli.display import Display
from zalo_alert.cli.given import Given, take_given
from zalo_alert.errors import ErrorCause
from zalo_alert.foundation.log_reading import LogReading
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _
from zalo_alert.operations.command_log import CommandLog


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ("send c.yaml", Given(["send", "c.yaml"], quiet=False, verbose=False, log_file="")),
        ("send -q c.yaml --verbose", Given(["send", "c.yaml"], quiet=True, verbose=True, log_file="")),
        ("--log-file l send c.yaml", Given(["send", "c.yaml"], quiet=False, verbose=False, log_file="l")),
        ("send --log-file=l c.yaml", Given(["send", "c.yaml"], quiet=False, verbose=False, log_file="l")),
        ("send -- --verbose --log-file x", Given(["send", "--", "--verbose", "--log-file", "x"], False, False, "")),
        ("send --log-file", Given(["send", "--log-file"], quiet=False, verbose=False, log_file="")),
        ("send --log-file=", Given(["send", "--log-file="], quiet=False, verbose=False, log_file="")),
    ],
)
def test_what_may_stand_anywhere_is_taken_out_of_a_line(words, given):
    assert take_given(words.split()) == given


@pytest.fixture
def shown(monkeypatch, tmp_path):
    """A display that keeps a record, and what it wrote on stderr."""
    err = io.StringIO()
    display = Display(json=False)
    display.err.file = err
    display.record = CommandLog(tmp_path / "l.jsonl", None, lambda trouble: None)
    return display, err, tmp_path / "l.jsonl"


def kept(path: Path) -> list[tuple[Any, ...]]:
    return [(line.kind, line.level.value, line.text) for line in LogReading(path)]


def test_all_that_is_said_is_kept_also_what_nobody_hears(shown):
    display, err, path = shown
    display.quiet = True
    display.say(_("halted"))
    display.notice(Notice(_("stopped"), "", Level.WARNING))
    display.error(_("interrupted"), hint=_("stopped"), cause=ErrorCause.MONEY)
    display.close(13)

    assert err.getvalue().splitlines()[0] == "stopped"
    assert kept(path) == [
        ("said", "plain", "halted"), ("said", "warning", "stopped"), ("error", "fault", "interrupted"),
        ("end", "fault", "ended with 13"),
    ]  # fmt: skip
    assert [line.facts["cure"] for line in LogReading(path) if "cure" in line.facts] == ["stopped"]


def test_a_journal_is_told_how_urgent_each_line_is(shown):
    display, err, _path = shown
    display.is_journal = True
    display.say("một\nhai")
    display.say("ba", style="bold")
    display.say("bốn", style="yellow")
    display.error("năm", hint="sáu")

    assert err.getvalue().splitlines() == ["<6>một", "<6>hai", "<5>ba", "<4>bốn", "<3>error: năm", "<3>  → sáu"]


@pytest.mark.parametrize(("change", "is_journal"), [(0, True), (1, False)])
def test_the_journal_is_known_by_the_stream_that_systemd_names(monkeypatch, tmp_path, change, is_journal):
    with (tmp_path / "stream").open("w") as stream:
        status = os.fstat(stream.fileno())
        monkeypatch.setattr("sys.stderr", stream)
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino + change}")

        assert Display(json=False).is_journal is is_journal
