"""What `send` and `resume` share: hold the run, show how it goes, end with the words and the code that fit."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from zalo_alert import report, sending
from zalo_alert.cli import lines, wiring
from zalo_alert.cli.broadcasting import announcing, joined, show_broadcast
from zalo_alert.cli.display import display
from zalo_alert.cli.watching import RunObserver, show_totals
from zalo_alert.clock import SystemClock
from zalo_alert.dispatch import Ending
from zalo_alert.errors import ZaloAlertError
from zalo_alert.ledger.base import Ledger
from zalo_alert.ledger.memory import MemoryLedger
from zalo_alert.models import Campaign, State
from zalo_alert.progress import Observer
from zalo_alert.runs import Run
from zalo_alert.settings import Settings
from zalo_alert.wording import count


def dispatch(run: Run, chosen: Settings, *, retry_unknown: bool = False, past_canary: bool = False) -> None:
    """Send a run until it ends, show it, and raise the error that fits its ending."""
    campaign = sending.frozen_campaign(run)
    clock = SystemClock()
    sending.check_resumable(run, campaign, chosen, clock.now())
    with run.locked():
        run.note("started", "", clock.now())
        ledger = run.ledger()
        try:

            async def line(observer: Observer) -> sending.Line:
                return await lines.live(run, campaign, chosen, observer.on_note)

            with announcing(run, campaign, chosen, retry_unknown=retry_unknown) as announcer:
                ending = _sent(
                    run, campaign, ledger, line, retry_unknown=retry_unknown, past_canary=past_canary, beside=announcer
                )
            made = report.make(run, campaign, ledger)
            verdict = joined(run, sending.verdict(run, campaign, ending, chosen.proxy), made.broadcast)
            run.note(ending.why, str(verdict or ""), clock.now())
            show_totals(run, made)
            show_broadcast(made.broadcast)
        except ZaloAlertError as exc:
            _try_note(run, exc, clock.now())
            raise
        finally:
            ledger.close()
    if verdict:
        raise verdict


def rehearse(run: Run, campaign: Campaign) -> None:
    """Render every message of a run and send none; nothing of it is kept."""

    async def line(observer: Observer) -> sending.Line:
        return lines.dry(run, campaign)

    ending = _sent(run, campaign, MemoryLedger(run.facts.audience), line)
    display.fact("dry-run", people=run.facts.audience, **{state.value: people for state, people in ending.totals.items()})
    display.say(
        f"dry run: {count(ending.totals[State.ACCEPTED])} of {count(run.facts.audience)} messages rendered, none sent",
        style="bold",
    )


def _sent(
    run: Run,
    campaign: Campaign,
    ledger: Ledger,
    connect: Callable[[Observer], Awaitable[sending.Line]],
    *,
    retry_unknown: bool = False,
    past_canary: bool = True,
    beside: sending.Beside | None = None,
) -> Ending:
    with RunObserver(run) as observer:
        return wiring.run_loop(
            sending.send(
                run, campaign, ledger, lambda: connect(observer), clock=SystemClock(), observer=observer,
                retry_unknown=retry_unknown, past_canary=past_canary, beside=beside,
            )
        )  # fmt: skip


def _try_note(run: Run, exc: ZaloAlertError, at: datetime) -> None:
    with suppress(ZaloAlertError):  # the disk that failed the run fails its note too; the first error is the one to tell
        run.note("failed", str(exc), at)
