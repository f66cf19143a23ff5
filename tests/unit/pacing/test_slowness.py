"""What slows a run, as values: since when, until when, and as another process reads it."""

from datetime import datetime, timedelta

import pytest

from zalo_alert.delivery.progress import Progress, SlownessRecorder
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.operations.transport import CONCURRENCY_CEILING, OTHER_FILES, concurrency
from zalo_alert.pacing.slowness import NAME, SILENT_S, Cause, Silence, Since, Slowed, read_slowed, write_slowed
from zalo_alert.reporting.slow_words import why_slow
from zalo_alert.testing import Recording

NOW = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def test_each_cause_is_remembered_since_when_it_holds_and_forgotten_when_it_ends():
    since = Since()

    assert since({Cause.URGENT: None}, NOW) == (Slowed(Cause.URGENT, NOW),)
    both = since({Cause.URGENT: None, Cause.MINUTE: later(40)}, later(5))
    assert both == (Slowed(Cause.URGENT, NOW), Slowed(Cause.MINUTE, later(5), later(40)))
    assert since({}, later(6)) == ()
    assert since({Cause.URGENT: None}, later(9)) == (Slowed(Cause.URGENT, later(9)),)


def test_silence_begins_with_the_last_answer_and_only_while_someone_waits_for_one():
    silence = Silence(NOW)

    assert silence.since(7, 4, later(1)) is None
    assert silence.since(7, 4, later(1 + SILENT_S - 0.1)) is None
    assert silence.since(7, 4, later(1 + SILENT_S)) == later(1)
    assert silence.since(8, 4, later(20)) is None
    assert silence.since(8, 0, later(60)) is None  # everyone waits for the pace: that is no silence


def test_another_process_reads_what_was_left_and_nothing_where_nothing_slows(tmp_path):
    slowed = (Slowed(Cause.SILENT, NOW), Slowed(Cause.MINUTE, NOW, later(40)))
    write_slowed(tmp_path, slowed)
    assert read_slowed(tmp_path) == slowed

    write_slowed(tmp_path, ())
    assert read_slowed(tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"cause": "x", "since": "y", "until": null}]', '{"cause": 1}'])
def test_what_cannot_be_read_slows_nobody(tmp_path, text):
    (tmp_path / NAME).write_text(text, encoding="utf-8")

    assert read_slowed(tmp_path) == ()


def test_a_folder_that_cannot_be_written_ends_no_alert(tmp_path):
    write_slowed(tmp_path / "gone", (Slowed(Cause.SILENT, NOW),))  # it raises nothing

    assert read_slowed(tmp_path / "gone") == ()


def progress(*slowed):
    return Progress(10, {}, 1.0, 1.0, None, slowed=slowed)


def test_it_is_written_down_when_it_changes_and_cleared_of_what_a_killed_sender_left(tmp_path):
    write_slowed(tmp_path, (Slowed(Cause.NIGHT, NOW),))
    recording = Recording()
    recorder = SlownessRecorder(recording, tmp_path)

    recorder.on_progress(progress())
    assert read_slowed(tmp_path) == ()
    recorder.on_progress(progress(Slowed(Cause.URGENT, NOW)))
    written = (tmp_path / NAME).stat()
    recorder.on_progress(progress(Slowed(Cause.URGENT, NOW)))
    assert (tmp_path / NAME).stat().st_ino == written.st_ino
    assert len(recording.progress) == 3
    recorder.on_note("n")
    assert recording.notes == ["n"]


@pytest.mark.parametrize(
    ("slowed", "words"),
    [
        (Slowed(Cause.SILENT, later(-12)), "no answer for 12 s"),
        (Slowed(Cause.MINUTE, NOW, later(40)), "Zalo says that the minute is full, waits until 14:00:40"),
        (Slowed(Cause.REFUSED, NOW, later(-1)), "the server refuses calls for rate (HTTP 429)"),
        (Slowed(Cause.FILES, NOW), "too few file descriptors for more connections at once: raise `ulimit -n`"),
    ],
    ids=lambda value: value.cause if isinstance(value, Slowed) else "",
)
def test_it_is_said_in_words(slowed, words):
    assert why_slow(slowed, NOW) == words


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_words_and_survives_the_file(cause, tmp_path):
    write_slowed(tmp_path, (Slowed(cause, NOW),))

    assert read_slowed(tmp_path) == (Slowed(cause, NOW),)
    assert why_slow(Slowed(cause, NOW), NOW)


@pytest.mark.parametrize(("files", "calls"), [(256, 256 - OTHER_FILES), (40, 8), (10**6, CONCURRENCY_CEILING)])
def test_no_more_calls_are_in_flight_than_files_may_be_open_and_it_is_known_why(files, calls):
    found = concurrency(open_files=lambda wanted: min(files, wanted))
    found.sustain(1e6)
    for _ in range(100_000):
        found.observe(0.5)

    assert found.limit == calls
    assert found.lacks_files == (calls < CONCURRENCY_CEILING)
