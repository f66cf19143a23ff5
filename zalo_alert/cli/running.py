"""What `send` and `resume` share: hold the run, show how it goes, end with the words and the code that fit."""

import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from zalo_alert.campaign import lifecycle
from zalo_alert.cli import lines, outlet, wiring
from zalo_alert.cli.aside import Aside
from zalo_alert.cli.broadcasting import announcing, joined, show_broadcast
from zalo_alert.cli.display import display
from zalo_alert.cli.watching import RunObserver, show_totals
from zalo_alert.delivery import session
from zalo_alert.delivery.dispatcher import Ending
from zalo_alert.delivery.progress import Observer
from zalo_alert.errors import CampaignRefused, Interrupted, RunHeld, UsageError, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.formatting import count
from zalo_alert.ledger.base import Ledger
from zalo_alert.ledger.memory import MemoryLedger
from zalo_alert.models import Campaign, State
from zalo_alert.planning import refusals
from zalo_alert.planning.refusals import NeverList, RunRefusals
from zalo_alert.reporting import report
from zalo_alert.reporting.report import Report
from zalo_alert.runs.history import Hold
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Orders:
    """What an officer's command says about this go, beside the campaign's own rules.

    Args:
        by_hand: Go on with a run that a person has stopped; only `resume` says so.
        retry_unknown: Ask those again of whom nobody knows whether they were reached.
        past_canary: Go on whatever the first people's answers were.
        despite_never: Why to go on although the list of those never written to can't be read; Immediate campaigns only.
        moved: Why the run is at another place than before; whoever says so knows that the other copy is dead.
        start: What to do while the campaign's `effective` is ahead.
    """

    by_hand: bool = False
    retry_unknown: bool = False
    past_canary: bool = False
    despite_never: str = ""
    moved: str = ""
    start: lifecycle.Start = lifecycle.Start.SOON


def start_of(*, wait: bool, early: bool) -> lifecycle.Start:
    """Read two flags as one choice.

    Raises:
        UsageError: Both are given.
    """
    if wait and early:
        raise UsageError("--wait and --early say opposite things", hint="leave one of the two out")
    return lifecycle.Start.WAIT if wait else lifecycle.Start.EARLY if early else lifecycle.Start.SOON


def dispatch(run: Run, chosen: Settings, orders: Orders) -> None:
    """Send a run until it ends, show it, and raise the error that fits its ending."""
    campaign = session.frozen_campaign(run)
    clock = SystemClock()
    session.check_resumable(run, campaign, chosen, clock.now(), orders.start)
    outlet.endure()
    with _without_hangup():
        with run.locked():
            check_hold(run, orders)
            _check_home(run, orders, clock.now())
            if told := session.check_seal(run, chosen):
                display.say(told, style="yellow")
            made, verdict = _dispatched(run, campaign, chosen, orders)
        show_totals(run, made)
        show_broadcast(made.broadcast)
    if verdict:
        raise verdict


def _dispatched(run: Run, campaign: Campaign, chosen: Settings, orders: Orders) -> tuple[Report, ZaloAlertError | None]:
    clock, ledger = SystemClock(), run.ledger()
    try:
        refused = _refusals(Run(run.folder), campaign, chosen, orders)  # asked in another thread, so with a database of its own
        run.note("started", "", clock.now())

        async def line(observer: Observer) -> session.Line:
            return await lines.live(run, campaign, chosen, observer.on_note)

        with announcing(run, campaign, chosen, retry_unknown=orders.retry_unknown) as announcer:
            ending = _sent(run, campaign, ledger, line, orders, refusals=refused, beside=announcer)
        made = report.make(run, campaign, ledger)
        verdict = joined(run, session.verdict(run, campaign, ending, chosen.proxy), made.broadcast)
        if ending.by_hand:
            run.note(Hold.HELD, "stopped by hand", clock.now())
        run.note(ending.why, str(verdict or ""), clock.now(), cure=verdict.hint if verdict else "")
        return made, verdict
    except ZaloAlertError as exc:
        _try_note(run, "failed", exc, clock.now())
        raise
    except KeyboardInterrupt:  # the second Ctrl-C: whoever was on the way is unknown, and the stop holds
        _try_note(run, Hold.HELD, Interrupted("stopped at once by hand"), clock.now())
        raise
    finally:
        ledger.close()


def rehearse(run: Run, campaign: Campaign) -> None:
    """Render every message of a run and send none; nothing of it is kept."""

    async def line(observer: Observer) -> session.Line:
        return lines.dry(run, campaign)

    ending = _sent(run, campaign, MemoryLedger(run.facts.audience), line, Orders(past_canary=True, start=lifecycle.Start.EARLY))
    display.fact("dry-run", people=run.facts.audience, **{state.value: people for state, people in ending.totals.items()})
    display.say(
        f"dry run: {count(ending.totals[State.ACCEPTED])} of {count(run.facts.audience)} messages rendered, none sent",
        style="bold",
    )


def _sent(
    run: Run,
    campaign: Campaign,
    ledger: Ledger,
    connect: Callable[[Observer], Awaitable[session.Line]],
    orders: Orders,
    *,
    refusals: RunRefusals | None = None,
    beside: session.Beside | None = None,
) -> Ending:
    with RunObserver(run) as drawing, Aside(drawing) as observer:
        if refusals:
            refusals.on_note = observer.on_note
        return wiring.run_loop(
            session.send(
                run, campaign, ledger, lambda: connect(observer), clock=SystemClock(), observer=observer,
                retry_unknown=orders.retry_unknown, past_canary=orders.past_canary, beside=beside, refusals=refusals,
                waits=orders.start is not lifecycle.Start.EARLY,
            )
        )  # fmt: skip


# --- may it be sent, here and now ----------------------------------------------------------------------------------------


def check_hold(run: Run, orders: Orders) -> None:
    """Let nobody but a person go on with what a person has stopped.

    Raises:
        RunHeld: A person has stopped it, and this is not `resume`; or has cancelled it.
    """
    match run.hold:
        case Hold.CANCELLED:
            raise RunHeld(f"run {run.id} was cancelled: nothing of it is sent any more", hint="give a new campaign a new code")
        case Hold.HELD if not orders.by_hand and run.is_open():
            raise RunHeld(
                f"run {run.id} was stopped by hand: only a person goes on with it",
                hint=f"`zalo-alert resume {run.id}` continues, `zalo-alert cancel {run.id}` ends it for good",
            )
        case Hold.HELD if orders.by_hand:
            run.note("released", "resumed by hand", SystemClock().now())


def _check_home(run: Run, orders: Orders, now: datetime) -> None:
    """Refuse a copy: it and its original would write to the same people, each of them to everyone left.

    Raises:
        CampaignRefused: The run has lived elsewhere so far, and nobody says that it has moved.
    """
    if not run.is_at_home():
        if not orders.moved:
            raise CampaignRefused(
                f"run {run.id} is a copy: it was last sent from {run.home.folder if run.home else 'elsewhere'}",
                hint=f'resume it there; or, when that one can never be sent again: `zalo-alert resume {run.id} --moved "why"`',
            )
        run.note("moved", orders.moved, now)
        display.say(
            "taken over here: make sure that the other copy is never sent, it would write to the same people", style="bold"
        )
    run.settle_in()


def _refusals(run: Run, campaign: Campaign, chosen: Settings, orders: Orders) -> RunRefusals:
    """Find out who must not be written to any more.

    Raises:
        InputInvalid: The list of those never written to can't be read, and no reason to go on in spite of it counts.
    """
    never = None
    if orders.despite_never and (why := refusals.problem(chosen.workspace)):
        refusals.check_despite(campaign)
        run.note("despite-never", f"{why}; {orders.despite_never}", SystemClock().now())
    else:
        never = NeverList(chosen.workspace)
    accounts = [chosen.account(name) for name in run.facts.accounts]
    in_force = [wiring.generation_of(account, chosen) for account in accounts]
    gone = refusals.since_frozen(run, campaign, in_force, lambda name: wiring.book_of(chosen.account(name), chosen))
    return RunRefusals(run, never, gone, SystemClock())


@contextmanager
def _without_hangup() -> Iterator[None]:
    """Go on when the terminal goes: an alert does not end because a line dropped. `nohup` stays what it is."""
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none
    if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN:
        yield
        return
    before = signal.signal(hangup, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(hangup, before)


def _try_note(run: Run, what: str, exc: ZaloAlertError, at: datetime) -> None:
    with suppress(ZaloAlertError):  # the disk that failed the run fails its note too; the first error is the one to tell
        run.note(what, str(exc), at, cure=exc.hint)
