"""Whoever watches a run never keeps it waiting."""

import threading
from typing import Any

from zalo_alert.delivery.progress import Progress
from zalo_alert.models import State
from zalo_alert.operations.observing import QueuedObserver


def progress(done: int) -> Progress:
    return Progress(10, dict.fromkeys(State, 0), float(done), 0.0, None)


class Held:
    """A terminal that takes nothing until it is let go."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.told: list[Any] = []

    def on_progress(self, progress: Progress) -> None:
        self.go_on.wait()
        self.told.append(progress.rate_per_s)

    def on_note(self, text: str) -> None:
        self.go_on.wait()
        self.told.append(text)


def test_a_held_terminal_keeps_nobody_waiting_and_is_told_the_rest_when_it_goes_on() -> None:
    held = Held()
    with QueuedObserver(held) as observer:
        for number in range(1000):
            observer.on_progress(progress(number))
        observer.on_note("a note")
        held.go_on.set()

    assert held.told[-1] == 999.0 or held.told[-1] == "a note"
    assert "a note" in held.told
    assert len(held.told) < 10  # of what it missed, the latest
