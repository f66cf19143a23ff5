"""Ending a run from elsewhere: stopped for now, or cancelled for good."""

import time
from contextlib import suppress
from typing import NamedTuple

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.telling import OnNotice, ignore, tell, untold
from zalo_alert.errors import Cure, RunBusy, StorageUnusable
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _
from zalo_alert.runs.history import Hold
from zalo_alert.runs.lifecycle import ENDED, RunState
from zalo_alert.runs.run import Run

PATIENCE_S = 60.0  # with a sender that drains: its calls are answered or given up within this
LOOK_EVERY_S = 0.1


class Stopped(NamedTuple):
    """What a stop did: whether somebody was sending, and whether the stop holds; it does not where nobody is left.

    `held_before` says that it held already, by another's word.
    """

    was_active: bool
    holds: bool
    held_before: bool = False


def stop_run(run: Run, on_notice: OnNotice = ignore) -> Stopped:
    """Have a run end once what is on its way is settled. The stop holds: only a person's resume goes on.

    A log that can't be written keeps nobody from stopping: `on_notice` hears of it.
    """
    active = run.is_active
    if not active and not run.is_open():
        return Stopped(was_active=False, holds=False)
    held_before = run.hold is Hold.HELD
    # The note first: a sender that begins at this very moment sees it once it holds the run. It also keeps cron from beginning.
    if trouble := run.move(RunState.STOPPED, _("stopped by hand"), SystemClock().now(), what=Hold.HELD):
        on_notice(untold(trouble))
    run.request_stop()
    return Stopped(active, holds=True, held_before=held_before)


def cancel_run(run: Run, *, patience_s: float = PATIENCE_S, on_notice: OnNotice = ignore) -> int:
    """End a run for good, after whoever sends it now has settled what is on its way; return how many were not written to.

    A run of which nobody is left stays what it is, and its history too: there is nothing to cancel. A log that can't be written
    keeps nobody from it: `on_notice` hears of it.

    Raises:
        RunBusy: The sender did not end in time: the run is stopped, and not cancelled.
    """
    _stop_and_wait(run, patience_s)
    with run.locked():
        if run.is_finished():
            return 0
        tell(run.folder.parent.parent, AuditEvent.CANCEL, on_notice, run=run.id)
        return run.cancel(SystemClock().now())


def stop_and_settle(run: Run, *, patience_s: float = PATIENCE_S, on_notice: OnNotice = ignore) -> Stopped:
    """Have nobody more of a run written to, and return once everyone of it is settled; whoever was cut off is unknown.

    A log that can't be written keeps nobody from it: `on_notice` hears of it.

    Raises:
        RunBusy: The sender did not end in time: the run is stopped.
        StorageUnusable: The disk is full or read-only; the sender was asked to stop all the same.
    """
    held_before = run.hold is Hold.HELD
    stopped = Stopped(run.is_active, holds=False) if run.state in ENDED else _stop_somehow(run, on_notice)
    _wait(run, patience_s)
    with run.locked():
        run.recover(SystemClock().now())
    return stopped._replace(held_before=held_before)


def _stop_somehow(run: Run, on_notice: OnNotice) -> Stopped:
    try:
        return stop_run(run, on_notice)
    except StorageUnusable:
        with suppress(OSError):
            run.request_stop()  # an empty file may still find room
        raise


def _stop_and_wait(run: Run, patience_s: float) -> None:
    if not run.is_active:
        return
    if not run.stop_requested():
        stop_run(run)
    _wait(run, patience_s)


def _wait(run: Run, patience_s: float) -> None:
    limit_s = time.monotonic() + patience_s
    while run.is_active:
        if time.monotonic() > limit_s:
            raise RunBusy(
                _("the sender of {run} has not ended yet; it has been asked to stop", run=run.id),
                hint=_("try once more in a minute; {status} shows whether it has ended", status=Cure.STATUS(run.id)),
            )
        time.sleep(LOOK_EVERY_S)
