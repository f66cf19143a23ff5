"""The worker's days: events first, and beside them what has time; told in a file once a second. Ends between two transactions.

What goes wrong beside the events never keeps them waiting: it is told, and tried again.
"""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.files import appearing, create_file
from zalo_alert.inbound.inbound_store import folder_of
from zalo_alert.inbound.journal import StoredEvent
from zalo_alert.inbound.worker import AT_ONCE, Worker, where_of
from zalo_alert.inbound.worker_sight import SIGHT, WorkerSight
from zalo_alert.language import _

SHARE_S = 0.02  # after some events: those that come meanwhile share one commit, and one wait for the disk
PAUSE_S = 0.1  # between looks at a journal with nothing new: a tenth of the second within which an opt-out is to count
FULL = AT_ONCE // 4  # events that are worth a commit of their own
AGAIN_S = 1.0  # after the disk has failed
TOLD_EVERY_S = 1.0


@dataclass
class Beside:
    """Work that has time.

    Args:
        name: What to call it when it fails.
        every_s: How often, at most.
        step: Does some of it, for a second at most; returns whether there is more, which is done as soon as no event waits.
    """

    name: str
    every_s: float
    step: Callable[[], object]
    due_s: float = 0.0


class WorkerLoop:
    """See the module.

    Args:
        worker: Handles events.
        state_dir: Of the workspace.
        clock: Time.
        beside: What is done beside the events.
        on_note: Told what goes wrong, in a sentence; the same one once in a row.
        on_handled: Told that events were handled: what came of them is on the disk.
    """

    def __init__(
        self,
        worker: Worker,
        state_dir: Path,
        clock: Clock,
        beside: Sequence[Beside],
        on_note: Callable[[str], None],
        on_handled: Callable[[], None] = lambda: None,
    ) -> None:
        self._worker, self._path, self._clock = worker, folder_of(state_dir) / SIGHT, clock
        self._beside, self._on_note, self._on_handled = beside, on_note, on_handled
        self._started_ms = self._now_ms()
        self._handled, self._lag_ms, self._trouble = 0, 0, ""
        self._told: WorkerSight | None = None
        self._told_s = float("-inf")
        self._noted: dict[str, str] = {}

    def run(self, stopped: threading.Event, is_over: Callable[[], bool] = lambda: False) -> None:
        """Work until somebody stops it, or it is over."""
        while not stopped.is_set() and not is_over():
            pause_s = self.turn()
            if pause_s:
                stopped.wait(pause_s)
        self._tell(at_once=True)

    def turn(self) -> float:
        """Handle some events and do some of the rest; return how long to pause, in seconds."""
        events: Sequence[StoredEvent] = ()
        pause_s = 0.0
        try:
            events = self._worker.step()
            self._note("", "")
            self._trouble = ""
        except ZaloAlertError as exc:  # the disk: what was not committed is handled when it is back
            self._trouble, pause_s = exc.message, AGAIN_S
            self._note("", exc.message)
        if events:
            self._on_handled()
        self._handled += len(events)
        self._lag_ms = max(0, self._now_ms() - events[-1].arrived_ms) if events else self._lag_ms if self._trouble else 0
        is_more = self._do_beside(is_idle=not events)
        self._tell()
        return pause_s or (0.0 if is_more or len(events) >= FULL else SHARE_S if events else PAUSE_S)

    def _do_beside(self, *, is_idle: bool) -> bool:
        """Do what is due; return whether any of it has more to do at once."""
        is_more = False
        for work in self._beside:
            if self._clock.monotonic_s() >= work.due_s:
                has_more = bool(self._tried(work)) and is_idle
                work.due_s = self._clock.monotonic_s() + (0 if has_more else work.every_s)
                is_more = is_more or has_more
        return is_more

    def _tried(self, work: Beside) -> object:
        try:
            has_more = work.step()
        except ZaloAlertError as exc:
            self._note(work.name, exc.message)
        except Exception as exc:  # a mistake there must not keep an opt-out from counting here
            self._note(work.name, _("{work}: a mistake of this tool: {where}", work=work.name, where=where_of(exc)))
        else:
            self._note(work.name, "")
            return has_more
        return False

    def _note(self, work: str, sentence: str) -> None:
        if sentence and self._noted.get(work) != sentence:
            self._on_note(sentence)
        self._noted[work] = sentence

    def _tell(self, *, at_once: bool = False) -> None:
        now_s = self._clock.monotonic_s()
        if not at_once and now_s - self._told_s < TOLD_EVERY_S:
            return
        sight = WorkerSight(os.getpid(), self._started_ms, 0, self._lag_ms, self._handled, self._trouble)
        if sight != self._told:
            with suppress(OSError), appearing(self._path) as draft, create_file(draft) as file:
                file.write(orjson.dumps(sight._replace(at_ms=self._now_ms())._asdict()))
        self._told, self._told_s = sight, now_s

    def _now_ms(self) -> int:
        return round(self._clock.now().timestamp() * 1000)
