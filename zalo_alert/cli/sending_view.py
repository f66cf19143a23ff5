"""How a run looks to whoever sends it from this terminal: the same panel as `status --watch`, and keys that stop or hand over."""

import time
from contextlib import ExitStack, closing
from dataclasses import replace
from types import TracebackType

from rich.console import RenderableType

from zalo_alert.cli.display import display
from zalo_alert.cli.keys import Keys
from zalo_alert.cli.panel import draw
from zalo_alert.cli.run_view import ShellObserver
from zalo_alert.delivery.progress import Progress
from zalo_alert.errors import Cure, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _
from zalo_alert.operations.orders import Orders
from zalo_alert.operations.run_watch import open_watch
from zalo_alert.operations.workspace import Workspace
from zalo_alert.reporting.sight import RunSight, RunWatch
from zalo_alert.runs.run import Run

LOOK_EVERY_S = 2.0  # between two looks at the ledger; counts and rate come from the sender itself, a few times a second


class SendingObserver(ShellObserver):
    """See `operations.observing.Observer`; a context manager for as long as the run goes.

    Args:
        workspace: The run's.
        run: The one that is sent.
    """

    def __init__(self, workspace: Workspace, run: Run) -> None:
        super().__init__(run.id, run.facts.status, is_rehearsal=run.facts.is_rehearsal)
        self._workspace, self._run, self._clock = workspace, run, SystemClock()
        self._keys, self._held = Keys(self.on_key), ExitStack()
        self._watch: RunWatch | None = None
        self._sight: RunSight | None = None
        self._looked_s = float("-inf")
        self._helps, self._said = False, ""
        self.hands_over = False  # whether the run is to go on in the background once it has stopped

    def __enter__(self) -> "SendingObserver":
        super().__enter__()
        if self._live:
            self._held.enter_context(self._keys)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self._held.close()
        super().__exit__(kind, value, traceback)
        if self._watch:
            self._watch.close()

    def on_key(self, key: str) -> None:
        """Take in a key."""
        match key:
            case "p":
                self.hands_over, self._said = False, _("stops once what is on its way is settled")
                self._stop()
            case "d":
                self.hands_over, self._said = True, _("goes on in the background once what is on its way is settled")
                with closing(Run(self._run.folder)) as own:
                    own.request_stop()
            case "?":
                self._helps = not self._helps

    def _stop(self) -> None:
        from zalo_alert.operations.stop import stop_run

        with closing(Run(self._run.folder)) as own:  # in this thread, so a connection of its own
            stop_run(own)

    def _panel(self, progress: Progress) -> RenderableType:
        sight = self._look(progress)
        if sight is None:
            return super()._panel(progress)
        return draw(sight, notes=self._list_notes(), foot=self._foot())

    def _look(self, progress: Progress) -> RunSight | None:
        """Look at the ledger now and then; None where it can't be read: the alert goes on all the same."""
        if time.monotonic() - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = time.monotonic()
            try:
                self._watch = self._watch or open_watch(self._run, self._workspace)
                self._sight = self._watch.look(self._clock.now())
            except ZaloAlertError:
                self._sight = None
        return self._sight and _with_progress(self._sight, progress)

    def _list_notes(self) -> list[str]:
        notes = [self._said] if self._said else []
        if self._helps:
            notes += [
                _("p or Ctrl-C: nobody more is written to, whoever is on the way is settled, and {resume} goes on",
                  resume=Cure.RESUME(self._run.id)),
                _("d: the run goes on in the background, and {status} shows it", status=Cure.STATUS(self._run.id, watch=True)),
            ]  # fmt: skip
        return notes

    def _foot(self) -> str:
        if self._keys.works:
            return _("p stops cleanly · d goes on in the background · ? help")
        return _("Ctrl-C stops cleanly; {resume} continues", resume=Cure.RESUME(self._run.id))


def _with_progress(sight: RunSight, progress: Progress) -> RunSight:
    """Return the run with the sender's own numbers, which are a moment younger than the ledger's."""
    status = replace(sight.status, totals=dict(progress.totals), slowed=progress.slowed)
    return replace(sight, status=status, rate_per_s=progress.rate_per_s)


def go_on_elsewhere(workspace: Workspace, run: Run, orders: Orders) -> None:
    """Have a run that has just stopped cleanly go on in the background, so that nobody is lost or written to twice."""
    from zalo_alert.cli.detach import go_on_in_background

    display.say(_("stopped cleanly; it goes on in the background"))
    again = replace(orders, by_hand=True, retry_unknown=False, moved="", moved_signature="")  # what was done once is done
    go_on_in_background(workspace, run, again)
