"""Reads the ledgers for everyone who looks on: one look a second at each run that may have changed, for all screens together.

A look at one run never keeps the others waiting: a huge ledger, a hung disk or a damaged file costs that run its freshness, which
the screen says, and nobody else theirs.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import Clock, SystemClock
from zalo_alert.foundation.layout import runs_of
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.operations import run_watch
from zalo_alert.operations.workspace import Workspace
from zalo_alert.receipts.kept import NAME as RECEIPTS
from zalo_alert.reporting.sight import RunSight, RunWatch
from zalo_alert.reporting.verdict import Verdict, verdict_of
from zalo_alert.runs.history import Event
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.schedule import Planned
from zalo_alert.settings.load import load
from zalo_alert.wall.conflicts import Alert, Conflict, conflicts
from zalo_alert.wall.deadlines import Deadline, quotas_left, token_ends
from zalo_alert.wall.listing import Listed, Listing, Stamp, stamp_of

LOOKERS = 3  # threads: two ledgers that take long to read leave one for the others
PATIENCE_S = 0.3  # for looks that have begun; what comes later is seen at the next tick
SLOW_EVERY_S = 10.0  # a run that nobody sends is looked at as often, and when its file has changed
SHARE = 0.05  # of a core that one run's looks may take; a dear look is followed by a pause
LONGEST_PAUSE_S = 30.0
DEADLINES_EVERY_S = 30.0


@dataclass(frozen=True, slots=True)
class SeenRun:
    """A run as it was last seen; `sight` and what follows are None until somebody could read it.

    Args:
        name: Its folder's.
        sight: How it stood.
        verdict: Whether that is well.
        alert: What of it bears on other runs.
        planned: When each of `alert.places` was to be reached.
        history: What happened to it, the earliest first.
        trouble: Why it can't be read now, as a sentence; what was seen before is kept.
    """

    name: str
    sight: RunSight | None = None
    verdict: Verdict | None = None
    alert: Alert | None = None
    planned: tuple[Planned, ...] = ()
    history: tuple[Event, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class WallState:
    """Everything that a screen shows, at one instant.

    Args:
        number: Counts up from 1.
        at: When it was put together.
        runs: See `Listing.shown`; the latest first.
        conflicts: Between them.
        others: How many runs there are that it does not show.
        unopened: Of these, how many nobody has opened yet.
        quotas: What is left.
        tokens: When they end.
        trouble: Why the workspace's settings can't be read, as a sentence.
    """

    number: int
    at: datetime
    runs: tuple[SeenRun, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    others: int = 0
    unopened: int = 0
    quotas: tuple[Deadline, ...] = ()
    tokens: tuple[Deadline, ...] = ()
    trouble: str = ""


class _Seat:
    """One run that is shown: what is open of it, and when it is looked at next.

    Args:
        folder: The run's.
        clock: What time it is.
        open_watch: How its ledger is watched.
    """

    def __init__(self, folder: Path, clock: Clock, open_watch: "Callable[[Run], RunWatch]") -> None:
        self._folder, self._clock, self._open_watch = folder, clock, open_watch
        self._run: Run | None = None
        self._watch: RunWatch | None = None
        self.seen = SeenRun(folder.name)
        self.stamp: Stamp | None = None  # of the file when it was last looked at
        self._receipts: Stamp | None = None  # the same of its receipts, which come in when the run has long been over
        self.next_s = 0.0
        self.pending: Future[None] | None = None
        self.reads = 0

    @property
    def is_sending(self) -> bool:
        return bool(self.seen.sight and self.seen.sight.status.state is RunState.SENDING)

    def wants_look(self, one: Listed, now_s: float) -> bool:
        """Whether something may have changed, or time itself changes what is to be said."""
        if one.stamp != self.stamp and not self.is_sending:
            return True
        # One that has just ended is held for a moment longer by the process that sent it, and looks as if it were being sent.
        is_settled = one.is_over and self.seen.sight is not None and not self.is_sending
        return now_s >= self.next_s and (not is_settled or self._receipts != self._stamp_of_receipts())

    def _stamp_of_receipts(self) -> Stamp | None:
        with suppress(OSError):  # there may be none
            return stamp_of(self._folder, RECEIPTS)
        return None

    def look(self) -> None:
        """Look at the run; whatever goes wrong is this run's trouble alone."""
        began_s = time.thread_time()
        self.reads += 1
        try:
            self.seen = self._look()
        except (ZaloAlertError, OSError) as exc:
            self._fail(exc.message if isinstance(exc, ZaloAlertError) else reason(exc))
        except Exception as exc:  # a bug that one run brings out must not darken the screen for all of them
            logging.getLogger(__name__).exception("run %s can't be shown", self._folder.name)
            self._fail(_("this is a bug: {exception}", exception=type(exc).__name__))
        pause_s = min(LONGEST_PAUSE_S, (time.thread_time() - began_s) / SHARE)
        usual_s = 0.0 if self.is_sending else SLOW_EVERY_S
        self.next_s = self._clock.monotonic_s() + max(pause_s, usual_s)

    def _look(self) -> SeenRun:
        if self._run is None or self._watch is None:
            self._run = Run(self._folder)
            self._watch = self._open_watch(self._run)
        self._receipts = self._stamp_of_receipts()
        sight, seen = self._watch.look(self._clock.now()), self.seen
        planned = seen.planned or tuple(self._run.schedule())
        alert = replace(seen.alert, state=sight.status.state) if seen.alert else self._alert(self._run, sight)
        return SeenRun(seen.name, sight, verdict_of(sight), alert, planned, tuple(self._run.history()))

    def _alert(self, run: Run, sight: RunSight) -> Alert:
        return Alert(run.facts, frozen_campaign(run), tuple(run.places()), sight.status.state)

    def _fail(self, trouble: str) -> None:
        self.close()
        self.seen = replace(self.seen, trouble=trouble)

    def close(self) -> None:
        """Close what is open."""
        with suppress(ZaloAlertError):
            if self._watch:
                self._watch.__exit__(None, None, None)
            if self._run:
                self._run.close()
        self._run = self._watch = None


class Watcher:
    """The one reader of a workspace; called by one thread at a time.

    Args:
        folder: The workspace's.
        environ: Where its settings come from, beside its files.
        clock: What time it is.
        open_watch: How a run's ledger is watched; None is as `status --watch` does.
    """

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        clock: Clock | None = None,
        open_watch: Callable[[Run], RunWatch] | None = None,
    ) -> None:
        self._workspace, self._environ, self._clock = folder, environ, clock or SystemClock()
        self._folder = runs_of(folder)
        self._open_watch = open_watch or partial(run_watch.open_watch, workspace=Workspace(folder, environ))
        self.listing = Listing(self._folder)
        self._seats: dict[str, _Seat] = {}
        self._lookers = ThreadPoolExecutor(LOOKERS, "wall")
        self._number, self._deadlines_s = 0, float("-inf")
        self._deadlines: tuple[tuple[Deadline, ...], tuple[Deadline, ...], str] = ((), (), "")

    @property
    def reads(self) -> int:
        """How often any ledger was looked at so far, by the runs that are shown now."""
        return sum(seat.reads for seat in self._seats.values())

    def tick(self) -> WallState:
        """Look at whatever may have changed, and return all that is known now."""
        now = self._clock.now()
        self.listing.look(self._clock.monotonic_s())
        shown = self.listing.shown(now.timestamp())
        self._seat([one.name for one in shown])
        self._look(shown)
        runs = tuple(self._seen(one) for one in shown)
        quotas, tokens, trouble = self._read_deadlines(now)
        self._number += 1
        return WallState(
            self._number, self._clock.now(), runs, tuple(self._conflicts(runs, now)), len(self.listing) - len(shown),
            self.listing.unopened, quotas, tokens, trouble,
        )  # fmt: skip

    def _seat(self, names: Iterable[str]) -> None:
        """Open a seat for each run that is shown, and close the others; one that is being looked at is closed later."""
        wanted = dict.fromkeys(names)
        for name in [name for name, seat in self._seats.items() if name not in wanted and _is_idle(seat)]:
            self._seats.pop(name).close()
        for name in wanted:
            if name not in self._seats:
                self._seats[name] = _Seat(self._folder / name, self._clock, self._open_watch)

    def _look(self, shown: Iterable[Listed]) -> None:
        now_s = self._clock.monotonic_s()
        for one in shown:
            seat = self._seats[one.name]
            if one.stamp and _is_idle(seat) and seat.wants_look(one, now_s):
                seat.stamp = one.stamp
                seat.pending = self._lookers.submit(seat.look)
        wait([seat.pending for seat in self._seats.values() if seat.pending], timeout=PATIENCE_S)

    def _seen(self, one: Listed) -> SeenRun:
        seen = self._seats[one.name].seen
        return replace(seen, trouble=one.trouble) if one.trouble else seen

    def _conflicts(self, runs: Iterable[SeenRun], now: datetime) -> list[Conflict]:
        return conflicts([run.alert for run in runs if run.alert], now)

    def _read_deadlines(self, now: datetime) -> tuple[tuple[Deadline, ...], tuple[Deadline, ...], str]:
        if self._clock.monotonic_s() >= self._deadlines_s:
            self._deadlines_s = self._clock.monotonic_s() + DEADLINES_EVERY_S
            try:
                settings = load(self._workspace, self._environ)
                self._deadlines = tuple(quotas_left(settings, now)), tuple(token_ends(settings, now)), ""
            except ZaloAlertError as exc:
                self._deadlines = (*self._deadlines[:2], exc.message)
        return self._deadlines

    def close(self) -> None:
        """Close whatever is open; a look that is under way is waited for."""
        self._lookers.shutdown(cancel_futures=True)
        for seat in self._seats.values():
            seat.close()


def _is_idle(seat: _Seat) -> bool:
    return seat.pending is None or seat.pending.done()
