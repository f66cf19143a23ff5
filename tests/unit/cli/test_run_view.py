"""What is drawn while a run goes."""

import re
from datetime import datetime, timedelta

import pytest
from rich.cells import cell_len

from zalo_alert.cli import run_view
from zalo_alert.cli.run_view import ShellObserver
from zalo_alert.delivery.progress import Progress
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import Language, catalogue_of
from zalo_alert.models import State
from zalo_alert.pacing.slowness import Cause, Slowed
from zalo_alert.reporting.slow_words import why_slow
from zalo_alert.reporting.state_words import EXPLAINED

from .test_display import on_terminal

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
NOON = datetime(2026, 11, 26, 12, tzinfo=VIETNAM)


def test_a_note_names_its_steps_as_commands_also_in_the_live_panel(monkeypatch):
    display, shown = on_terminal()
    monkeypatch.setattr(run_view, "display", display)
    with ShellObserver("DT-1", "Exercise") as observer:
        observer.on_note(f"the broadcast waits: {Cure.LOGIN('pctt')}")
        observer.on_progress(Progress(10, dict.fromkeys(State, 0), 0.0, 0.0, None))
    assert shown().count("zalo-alert accounts login pctt") >= 2
    assert "⟨" not in shown()


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("language", Language)
def test_nothing_of_the_panel_is_cut_or_broken_within_a_word(monkeypatch, width, language):
    display, shown = on_terminal(width)
    display.catalogue = catalogue_of(language)
    monkeypatch.setattr(run_view, "display", display)
    totals = dict.fromkeys(State, 0) | {State.PENDING: 26_727, State.ACCEPTED: 39_494, State.UNKNOWN: 12_345}
    finish = datetime.now(VIETNAM) + timedelta(days=2)
    slowed = (Slowed(Cause.LOWERED, NOON, finish), Slowed(Cause.FILES, NOON))
    with ShellObserver("DT-MT-01", "Exercise") as observer:
        observer.on_progress(Progress(66_221, totals, 1_983.0, 0.0, finish, slowed=slowed))
    lines = _CONTROL.sub("", shown()).splitlines()
    panel = " ".join(" ".join(lines).split())

    assert max(map(cell_len, lines)) <= width
    wanted = (display.text(EXPLAINED[State.UNKNOWN]), f"{finish:%H:%M:%S}", f"{finish.day}/{finish.month}", "ulimit -n")
    numbers = ("66.221", "39.494") if language is Language.VI else ("66 221", "39 494")  # split() took the narrow gap for a blank
    assert [text for text in (*wanted, *numbers) if text not in panel] == []
    assert not any(line.endswith((" 66", " 39", " 26")) for line in lines), "a number is never broken at its gap"


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (NOON + timedelta(minutes=5), "a route has no quota left, waits until 12:05:00"),
        (NOON + timedelta(hours=12), "a route has no quota left, waits until 00:00:00 Fri 27/11"),
    ],
    ids=["today", "tomorrow"],
)
def test_a_time_has_its_day_where_that_is_not_today(until, said):
    assert why_slow(Slowed(Cause.QUOTA, NOON, until), NOON) == said
