"""`status --watch`: the panel of any run, also of one that another process sends; plain lines where there is no terminal."""

import threading
import time

from rich.console import RenderableType
from rich.live import Live

from zalo_alert.cli.display import display
from zalo_alert.cli.keys import Keys
from zalo_alert.cli.panel import draw
from zalo_alert.cli.status_view import show_status, tell_line
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import Clock
from zalo_alert.language import _
from zalo_alert.reporting.sight import RunSight, RunWatch
from zalo_alert.runs.run import Run

LOOK_EVERY_S = 2.0
LINE_EVERY_S = 10.0  # where nothing can be drawn over


def watch_run(run: Run, watch: RunWatch, clock: Clock) -> None:
    """Show a run until it ends or somebody leaves; at its end, show once more how it stands."""
    if display.json:
        _report(watch, clock)
    elif display.out.is_terminal:
        _Panel(run, watch, clock).show()
    else:
        _tell(watch, clock)


def _report(watch: RunWatch, clock: Clock) -> None:
    while True:
        sight = watch.look(clock.now())
        show_status(sight)
        if not sight.status.is_active:
            return
        time.sleep(LOOK_EVERY_S)


def _tell(watch: RunWatch, clock: Clock) -> None:
    told_s, state = float("-inf"), None
    while True:
        sight = watch.look(clock.now())
        if sight.status.state is not state or clock.monotonic_s() - told_s >= LINE_EVERY_S:
            told_s, state = clock.monotonic_s(), sight.status.state
            tell_line(sight)
        if not sight.status.is_active:
            show_status(sight)
            return
        time.sleep(LOOK_EVERY_S)


class _Panel:
    """The panel, and the keys that it listens to."""

    def __init__(self, run: Run, watch: RunWatch, clock: Clock) -> None:
        self._run, self._watch, self._clock = run, watch, clock
        self._left, self._key = threading.Event(), threading.Event()
        self._note, self._helps = "", False

    def show(self) -> None:
        sight = self._watch.look(self._clock.now())
        with Keys(self._on_key) as keys, Live(console=display.out, auto_refresh=False, transient=True) as live:
            while sight.status.is_active and not self._left.is_set():
                live.update(self._draw(sight, has_keys=keys.works), refresh=True)
                self._key.wait(LOOK_EVERY_S)
                self._key.clear()
                sight = self._watch.look(self._clock.now())
        show_status(sight)

    def _draw(self, sight: RunSight, *, has_keys: bool) -> RenderableType:
        foot = _("p stops the run · d or q leaves · ? help") if has_keys else _("Ctrl-C leaves; the run goes on")
        return draw(sight, notes=[*self._helping(), *filter(None, [self._note])], foot=foot)

    def _helping(self) -> list[str]:
        if not self._helps:
            return []
        return [
            _(
                "p: nobody more is written to, whoever is on the way is settled, and {resume} goes on",
                resume=Cure.RESUME(self._run.id),
            ),
            _("d, q or Ctrl-C: leave this screen; the run goes on"),
        ]

    def _on_key(self, key: str) -> None:
        match key:
            case "d" | "q":
                self._left.set()
            case "p":
                self._stop()
            case "?":
                self._helps = not self._helps
        self._key.set()

    def _stop(self) -> None:
        from zalo_alert.operations.stop import stop_run

        self._note = _("asked the sender of {run} to stop", run=self._run.id)
        own = Run(self._run.folder)  # in this thread, so a connection of its own
        try:
            stop_run(own)
        finally:
            own.close()
