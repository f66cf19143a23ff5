"""Sending: what a send does, from a frozen run to the result that says how it ended.

The run is checked, locked, held to its hold and its home, compared with its digest, and sent; what became of everyone is counted
from its ledger, and kept in its history.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from zalo_alert.audit.events import EVENTS, AuditEvent
from zalo_alert.audit.telling import untold
from zalo_alert.campaign.lifecycle import Start
from zalo_alert.delivery import endings, session
from zalo_alert.delivery.checks import check_resumable, check_seal, frozen_campaign
from zalo_alert.delivery.dispatcher import DispatchResult, StopReason
from zalo_alert.errors import Cure, Interrupted, StorageUnusable, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _, joined
from zalo_alert.ledger.base import Ledger
from zalo_alert.models import Campaign, State
from zalo_alert.operations import tell_events
from zalo_alert.operations.agreed import check_agreed
from zalo_alert.operations.audit import log_of_run
from zalo_alert.operations.broadcast import open_broadcaster
from zalo_alert.operations.guards import check_run_guards
from zalo_alert.operations.holding import check_hold, check_home
from zalo_alert.operations.logged import LoggedObserver, logged_go
from zalo_alert.operations.loop import run_loop
from zalo_alert.operations.observing import Observer
from zalo_alert.operations.orders import Orders
from zalo_alert.operations.release import release_of
from zalo_alert.operations.state import book_of, generation_of
from zalo_alert.operations.tell import Teller
from zalo_alert.operations.tell_late import LateWatch
from zalo_alert.operations.transport import live_transport
from zalo_alert.planning import refusals
from zalo_alert.planning.refusals import NeverList, RunRefusals
from zalo_alert.planning.said_to_us import SaidToUs
from zalo_alert.reporting import completion, report
from zalo_alert.reporting.completion import Shortfalls
from zalo_alert.reporting.report import Report
from zalo_alert.runs.heartbeat import Heartbeat
from zalo_alert.runs.history import Hold
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings
from zalo_alert.settings.rest_mark import check_awake


@dataclass(frozen=True, slots=True)
class RunResult:
    """How one go at a run ended.

    Args:
        report: Where everyone of it stands.
        verdict: What of it calls for a person, with what to do about it; None when nothing does.
        shortfalls: Who was not accepted, by what that calls for.
        ending: How it ended, in a sentence; the verdict's own where there is one.
    """

    report: Report
    verdict: ZaloAlertError | None
    shortfalls: Shortfalls
    ending: str


def send_run(run: Run, settings: Settings, orders: Orders, observer: Observer, opening: Notice | None = None) -> RunResult:
    """Send a run until it ends; `opening` is told once the run is held, and by nobody whom another process keeps from it.

    Raises:
        ZaloAlertError: It may not be sent, or could not go on; whatever it says, everyone is accounted for in the ledger.
    """
    with logged_go(run, settings, orders, SystemClock(), observer) as going:
        teller = Teller(settings, observer.on_notice)  # keeps a log of its own
        result = _send(run, settings, orders, going.observer, opening, teller)
        going.end(result.ending, result.verdict)
        return result


def _send(
    run: Run, settings: Settings, orders: Orders, observer: LoggedObserver, opening: Notice | None, teller: Teller
) -> RunResult:
    check_awake(settings.state_dir)
    campaign, clock = frozen_campaign(run), SystemClock()
    check_resumable(run, campaign, settings, clock.now(), orders.start)
    with _without_hangup(), teller, run.locked():  # told of the end last: it may take a few seconds, and the run is free by then
        check_awake(settings.state_dir)  # a hand-over that began meanwhile sees the lock, or is seen here
        check_hold(run, orders)
        check_home(run, settings, orders, clock.now(), observer)
        if opening:
            observer.on_notice(opening)
        if remark := check_seal(run, settings):
            observer.on_notice(Notice(remark, "", Level.WARNING))
        if run.is_open() or orders.retry_unknown:  # a timetable's repeat of what is over sends nothing, and asks nobody
            check_agreed(run, campaign, settings, clock.now(), orders)
        _tell_overrides(run, orders, clock.now())
        check_run_guards(run, campaign, settings, orders, observer.on_notice)
        return _Going(run, campaign, settings, orders, observer, teller).send()


def _tell_overrides(run: Run, orders: Orders, at: datetime) -> None:
    """Tell the log which guards this go passes by order, before it does.

    Raises:
        StorageUnusable: It can't be written.
    """
    guards = {
        "canary": orders.past_canary and _("whatever the first people's answers were"),
        "unknown": orders.retry_unknown and _("those are asked again of whom nobody knows whether they were reached"),
    }
    for guard, why in guards.items():
        if why:
            log_of_run(run).append(AuditEvent.OVERRIDE, at, run=run.id, why=why, facts={"guard": guard})
            told = joined((EVENTS[AuditEvent.OVERRIDE], why), ": ")
            run.log.write("override", at, told, level=Level.WARNING, guard=guard)


class _Going:
    """One go at a locked run: dispatched, counted, and noted in the run's history whatever happens."""

    def __init__(
        self, run: Run, campaign: Campaign, settings: Settings, orders: Orders, observer: LoggedObserver, teller: Teller
    ) -> None:
        self._run, self._campaign, self._settings, self._teller = run, campaign, settings, teller
        self._orders, self._observer, self._clock = orders, observer, SystemClock()
        self._is_idle = False  # nobody is left: cron's repeats of a finished campaign leave no trace in its history

    def send(self) -> RunResult:
        ledger = self._run.ledger()
        try:
            self._is_idle = self._has_nobody_left(ledger)
            return self._conclude(self._dispatch(ledger), ledger)
        except ZaloAlertError as exc:
            if isinstance(exc, StorageUnusable) and Cure.RESUME not in exc.hint:  # who writes files knows of no runs
                exc.hint = _("{hint}: {resume} continues", hint=exc.hint, resume=Cure.RESUME(self._run.id))
            self._try_move(RunState.HALTED, "failed", exc)
            self._teller.tell(tell_events.failed(self._run, exc, self._clock.now()))
            raise
        except KeyboardInterrupt:  # the second Ctrl-C: whoever was on the way is unknown, and the stop holds
            self._try_move(RunState.STOPPED, Hold.HELD, Interrupted(_("stopped at once by hand")))
            self._teller.tell(tell_events.stopped(self._run, _("stopped at once by hand"), self._clock.now()))
            raise
        finally:
            ledger.close()

    def _has_nobody_left(self, ledger: Ledger) -> bool:
        if self._run.is_open():
            return False
        return not (self._orders.retry_unknown and self._has_unknown(ledger))

    def _has_unknown(self, ledger: Ledger) -> bool:
        broadcasts = report.read_broadcast(self._run)
        return bool(ledger.totals()[State.UNKNOWN]) or any(status.state is State.UNKNOWN for status in broadcasts)

    def _dispatch(self, ledger: Ledger) -> DispatchResult:
        run, orders, refused = self._run, self._orders, self._refusals()
        if not self._is_idle:
            run.move(RunState.SENDING, "", self._clock.now())
            for message in tell_events.started(run, self._clock.now()):
                self._teller.tell(message)
        with Heartbeat(run.folder), self._observer.queued() as observer:
            refused.on_note = observer.on_note

            async def connect() -> session.Transport:
                return await live_transport(run, self._campaign, self._settings, observer.on_note)

            with open_broadcaster(
                run, self._campaign, self._settings, observer.on_note, retry_unknown=orders.retry_unknown
            ) as broadcaster:
                return run_loop(
                    session.send(
                        run, self._campaign, ledger, connect, clock=self._clock,
                        observer=LateWatch(observer, run, self._settings.notify.late_min, self._teller.tell),
                        retry_unknown=orders.retry_unknown, past_canary=orders.past_canary, broadcaster=broadcaster,
                        refusals=refused, waits=orders.start is not Start.EARLY,
                    )
                )  # fmt: skip

    def _conclude(self, result: DispatchResult, ledger: Ledger) -> RunResult:
        run, now = self._run, self._clock.now()
        counted = report.make(run, self._campaign, ledger, release_of(run))
        deferred = {cause.reason for cause in counted.causes if cause.state is State.DEFERRED}
        found = completion.shortfalls_of(counted, self._settings.tolerate_rejected)
        if result.reason is StopReason.FINISHED:
            people = completion.verdict(run.id, found, is_strict=self._orders.is_strict)
        else:
            people = endings.verdict(run, self._campaign, result, self._settings.proxy, deferred)
        verdict = endings.joined_verdict(run, people, counted.broadcast)
        ending = verdict.message if verdict else completion.describe_completion(found, len(counted.broadcast))
        if self._is_idle:
            return RunResult(counted, verdict, found, ending)
        if result.by_hand:
            run.note(Hold.HELD, _("stopped by hand"), now)
        state = _ended_as(result)
        cure, cause = (verdict.hint, verdict.cause) if verdict else ("", "")
        if trouble := run.move(state, ending, now, what=result.reason, cure=cure, cause=cause):
            self._observer.on_notice(untold(trouble))
        if message := tell_events.ended(run, state, ending, verdict, counted.totals, now):
            self._teller.tell(message)
        return RunResult(replace(counted, history=tuple(run.history())), verdict, found, ending)

    def _refusals(self) -> RunRefusals:
        """Find out who must not be written to any more.

        Raises:
            InputInvalid: The list of those never written to can't be read, and no reason to go on in spite of it counts.
            StorageUnusable: Those who have opted out through the webhook can't be read.
        """
        run, settings, never = Run(self._run.folder), self._settings, None  # asked in another thread: a database of its own
        if self._orders.despite_never and (why := refusals.problem(settings.workspace)):
            refusals.check_despite(self._campaign)
            detail, now = joined((why, self._orders.despite_never), "; "), self._clock.now()
            log_of_run(run).append(AuditEvent.OVERRIDE, now, run=run.id, why=detail, facts={"guard": "never"})
            run.note("despite-never", detail, now)
        else:
            never = NeverList(settings.workspace)
        accounts = [settings.account(name) for name in run.facts.accounts]
        in_force = [generation_of(account, settings) for account in accounts]
        gone = refusals.since_frozen(run, self._campaign, in_force, lambda name: book_of(settings.account(name), settings))
        said = SaidToUs(settings.state_dir, {account.oa_id for account in accounts}, refusals.topic_of(run, self._campaign))
        return RunRefusals(run, never, gone, self._clock, said)

    def _try_move(self, to: RunState, what: str, exc: ZaloAlertError) -> None:
        with suppress(ZaloAlertError):  # the disk that failed the run fails its note too; the first error is the one to tell
            self._run.move(to, exc.message, self._clock.now(), what=what, cure=exc.hint, cause=exc.cause)


def _ended_as(result: DispatchResult) -> RunState:
    """Return the state that a dispatch leaves its run in: nothing is sent after an expiry, which is another end than done."""
    if result.reason is StopReason.FINISHED and result.totals.get(State.EXPIRED):
        return RunState.EXPIRED
    return RunState(result.reason)


@contextmanager
def _without_hangup() -> Iterator[None]:
    """Go on when the terminal goes: an alert does not end because a line dropped. `nohup` stays what it is."""
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none
    is_main = threading.current_thread() is threading.main_thread()  # signals are the main thread's
    if hangup is None or not is_main or signal.getsignal(hangup) is signal.SIG_IGN:
        yield
        return
    before = signal.signal(hangup, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(hangup, before)
