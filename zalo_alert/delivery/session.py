"""One frozen run, sent: opens what it needs, dispatches, and closes it again.

Owns the order of opening and closing; how it ended is put into words in `endings`. Chooses no concrete class.
"""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace

from zalo_alert.campaign.hours import morning_after
from zalo_alert.campaign.lifecycle import ahead_s
from zalo_alert.delivery.broadcaster import Broadcaster
from zalo_alert.delivery.canary import stages
from zalo_alert.delivery.channels.base import Channel
from zalo_alert.delivery.dispatcher import Dispatcher, DispatchResult, Refusals, Rules, StopReason
from zalo_alert.delivery.progress import Observer, SlownessRecorder
from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation import machine
from zalo_alert.foundation.clock import Clock, words
from zalo_alert.language import _
from zalo_alert.ledger.base import Ledger
from zalo_alert.models import Campaign
from zalo_alert.pacing.concurrency import Concurrency
from zalo_alert.pacing.pace import Pace
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.run import Run

LOOK_EVERY_S = 1.0  # while waiting: how often a stop request is looked for


@dataclass(frozen=True, slots=True)
class Transport:
    """How messages leave: the channels by number of route, how fast, how many at once, and how to close it all.

    `unrenewed` tells of each account whose token could not be renewed why, and what to do about it.
    """

    channels: Sequence[Channel]
    pace: Pace
    concurrency: Concurrency
    close: Callable[[], Awaitable[None]]
    unrenewed: Callable[[], Sequence[tuple[str, str]]] = tuple


async def send(
    run: Run,
    campaign: Campaign,
    ledger: Ledger,
    connect: Callable[[], Awaitable[Transport]],
    *,
    clock: Clock,
    observer: Observer,
    retry_unknown: bool = False,
    past_canary: bool = False,
    broadcaster: Broadcaster | None = None,
    refusals: Refusals | None = None,
    waits: bool = True,
) -> DispatchResult:
    """Send a run from wherever its ledger stands; the caller holds its lock.

    Args:
        run: Whom to send to.
        campaign: As frozen.
        ledger: Of the run, or one in memory for a dry run.
        connect: Opens the transport, inside the event loop that will use it.
        clock: Time, and waiting.
        observer: Told how it goes.
        retry_unknown: Ask those again of whom nobody knows whether they were reached.
        past_canary: Let everyone follow, whatever the first people's answers were.
        broadcaster: Sends the broadcast, at the same time.
        refusals: Who must not be written to any more.
        waits: Whether to wait for the campaign's `effective`.
    """
    stops = _Stops()
    is_tried = campaign.canary and run.facts.kind is Kind.ALERT  # the people of an alert have shown that they can be reached
    with _stopped_by_signals(stops, observer):
        if waits and run.facts.kind is Kind.ALERT:
            await _until_effective(run, campaign, clock, observer, stops)
        elif waits and run.facts.kind is Kind.ALL_CLEAR:
            await _until_morning(run, clock, observer, stops)
        with closing(run.audience()) as audience:
            transport = await connect()
            try:
                dispatcher = Dispatcher(
                    ledger=ledger,
                    source=audience,
                    channels=transport.channels,
                    pace=transport.pace,
                    rules=Rules(campaign.expires, campaign.limits.on_unknown, campaign.limits.attempts),
                    clock=clock,
                    observer=SlownessRecorder(observer, run.folder),
                    concurrency=transport.concurrency,
                    stop_requested=run.stop_requested,
                    accounts=run.facts.accounts,
                    refusals=refusals,
                    stages=stages(run.facts.staff, ledger.claimable) if is_tried and not past_canary else (),
                    first_routes=run.facts.first_routes,
                )
                if retry_unknown:
                    dispatcher.retry_unknown()
                stops.then(dispatcher.stop)
                if broadcaster:
                    stops.then(broadcaster.stop)
                ending = await (_both(dispatcher, broadcaster) if broadcaster else dispatcher.run())
                by_hand = stops.by_hand and ending.reason is StopReason.STOPPED
                return replace(ending, by_hand=by_hand, unrenewed=tuple(transport.unrenewed()))
            finally:
                await transport.close()


class _Stops:
    """Passes a stop on to whatever is to be stopped, also to what begins only afterwards."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.by_hand = False
        self._parts: list[Callable[[], None]] = []

    def __call__(self) -> None:
        self.asked.set()
        for stop in self._parts:
            stop()

    def then(self, stop: Callable[[], None]) -> None:
        self._parts.append(stop)
        if self.asked.is_set():
            stop()


async def _until_effective(run: Run, campaign: Campaign, clock: Clock, observer: Observer, stops: _Stops) -> None:
    """Wait until a campaign takes effect, or somebody says stop."""
    if ahead_s(campaign, clock.now()):
        observer.on_note(
            _(
                "waiting for {effective}, when {code} takes effect; Ctrl-C stops",
                effective=words(campaign.effective),
                code=campaign.code,
            )
        )
    while (left_s := ahead_s(campaign, clock.now())) and not stops.asked.is_set():
        if run.stop_requested():
            stops()
        await clock.wait(stops.asked, min(left_s, LOOK_EVERY_S))


async def _until_morning(run: Run, clock: Clock, observer: Observer, stops: _Stops) -> None:
    """Wait for the end of the night: that a danger is over wakes nobody. A drill only says so."""
    morning = morning_after(clock.now())
    if morning is None:
        return
    if run.facts.profile != "live":
        observer.on_note(_("by night a real all-clear waits until {morning}; a drill does not", morning=words(morning)))
        return
    observer.on_note(_("it is night: waiting until {morning}; Ctrl-C stops", morning=words(morning)))
    while clock.now() < morning and not stops.asked.is_set():
        if run.stop_requested():
            stops()
        await clock.wait(stops.asked, min((morning - clock.now()).total_seconds(), LOOK_EVERY_S))


async def _both(dispatcher: Dispatcher, broadcaster: Broadcaster) -> DispatchResult:
    """Begin the broadcast, then dispatch; neither waits for the other, and what stops one stops both."""
    going = asyncio.create_task(broadcaster.run(), name="broadcaster")
    try:
        ending = await dispatcher.run()
        if ending.reason is StopReason.STOPPED:
            broadcaster.stop()
    except BaseException:
        broadcaster.stop()
        with suppress(ZaloAlertError):  # the first error is the one to tell
            await going
        raise
    await going
    return ending


@contextmanager
def _stopped_by_signals(stop: _Stops, observer: Observer) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM drain; the old handlers are back then, so a second one ends at once.

    A shell without job control starts what it puts into the background with SIGINT ignored; there the second one would be, too.
    """
    if threading.current_thread() is not threading.main_thread():  # no other thread hears signals
        yield
        return
    loop = asyncio.get_running_loop()
    previous = {number: signal.getsignal(number) for number in machine.end_signals()}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    def heard(number: int, frame: object) -> None:
        restore()
        if previous[signal.SIGINT] is signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        stop.by_hand = number == signal.SIGINT  # SIGTERM is a machine that goes down, and the next start goes on
        loop.call_soon_threadsafe(stop)
        loop.call_soon_threadsafe(observer.on_note, _("stopping: settling what is on its way (once more to end at once)"))

    for number in previous:
        signal.signal(number, heard)
    try:
        yield
    finally:
        restore()
