"""One frozen run, sent: opens what it needs, dispatches, closes it again, and says how it ended.

Owns the order of opening and closing and the words for each ending. Chooses no concrete class.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from zalo_alert.campaign import parse as campaign_file
from zalo_alert.campaign.lifecycle import Start, ahead_s, check_begun, check_sendable
from zalo_alert.delivery.breaker import Halt
from zalo_alert.delivery.canary import stages
from zalo_alert.delivery.channels.base import Channel
from zalo_alert.delivery.dispatcher import Dispatcher, Ending, Refusals, Rules, Why
from zalo_alert.delivery.progress import Observer, Telling
from zalo_alert.errors import CampaignRefused, Interrupted, RunSuspended, RunUnfinished, StorageUnusable, ZaloAlertError
from zalo_alert.foundation.clock import Clock, instant, words
from zalo_alert.foundation.digests import digest_of
from zalo_alert.foundation.formatting import count, persons
from zalo_alert.ledger.base import Ledger
from zalo_alert.models import Campaign, Reason, State
from zalo_alert.pacing.concurrency import Concurrency
from zalo_alert.pacing.pace import Pace
from zalo_alert.runs import contents, seal
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings
from zalo_alert.zalo.codes import advise, look_up
from zalo_alert.zalo.endpoints import ENDPOINTS

LOOK_EVERY_S = 1.0  # while waiting: how often a stop request is looked for
_RESTORE = "restore the run's folder from a backup"


@dataclass(frozen=True, slots=True)
class Line:
    """How messages leave: the channels by number of route, how fast, how many at once, and how to hang up.

    `unrenewed` tells of each account whose token could not be renewed why, and what to do about it.
    """

    channels: Sequence[Channel]
    pace: Pace
    concurrency: Concurrency
    close: Callable[[], Awaitable[None]]
    unrenewed: Callable[[], Sequence[tuple[str, str]]] = tuple


class Beside(Protocol):
    """What goes out beside the messages to single people, and is begun before them: the broadcast."""

    async def run(self) -> None:
        """Go as far as can be gone now."""

    def stop(self) -> None:
        """Take no further step."""


def frozen_campaign(run: Run) -> Campaign:
    """Read a run's campaign back, and make sure that it is the one that was frozen.

    Raises:
        StorageUnusable: The text was changed.
    """
    text = run.campaign_bytes()
    if digest_of(text) != run.facts.campaign_digest:
        raise StorageUnusable(f"{run.campaign_path} is not the text that was frozen", hint="restore it from a backup")
    return campaign_file.parse(text, str(run.campaign_path))


def check_resumable(run: Run, campaign: Campaign, settings: Settings, now: datetime, start: Start = Start.SOON) -> None:
    """Refuse a run that this workspace must not send now.

    Raises:
        CampaignRefused: It is real and unapproved, was frozen for the other profile, or takes effect another day.
    """
    if run.facts.profile != settings.profile:
        raise CampaignRefused(
            f"run {run.id} was frozen in a {run.facts.profile} workspace, and this one is {settings.profile}",
            hint="live and drill runs never mix; freeze it anew where it belongs",
        )
    if now < campaign.expires:  # an expired run may be resumed: that settles everyone who is left as expired
        check_sendable(campaign, now)
        check_begun(campaign, now, start)


def check_seal(run: Run, settings: Settings) -> str:
    """Recompute a run's digest from the bytes, and refuse to send anything else than what was frozen.

    Returns:
        What to tell of it: that an older run can be checked by fewer parts only; else nothing.

    Raises:
        StorageUnusable: Something in the run's folder is not what was frozen.
        CampaignRefused: Something round it is not: another OA, app or host stands behind the same name.
    """
    if not run.facts.parts:
        if contents.earlier_digest(run) != run.facts.digest:
            raise StorageUnusable(f"run {run.id} is not what was frozen: its digest differs", hint=_RESTORE)
        return f"{run.id} was frozen by an earlier version: its digest does not cover accounts, hosts and limits"
    parts = contents.digest_parts(run) | settings.around(run.facts.accounts)
    changed = seal.differing_parts(dict(run.facts.parts), parts)
    here = [name for name in changed if name not in seal.AROUND]
    if here or (not changed and seal.combine(parts) != run.facts.digest):
        what = ", ".join([*(seal.PARTS[name] for name in here), *contents.altered_shards(run)]) or "the digest itself"
        raise StorageUnusable(f"run {run.id} is not what was frozen: {what} differ from it; nothing was sent", hint=_RESTORE)
    if changed:
        what = ", ".join(seal.PARTS[name] for name in changed)
        raise CampaignRefused(
            f"run {run.id} was frozen for others: {what} are not those of then",
            hint="set zalo-alert.yaml and the ZALO_ALERT_*_URL variables as they were, or freeze it anew under a new code",
        )
    return ""


async def send(
    run: Run,
    campaign: Campaign,
    ledger: Ledger,
    connect: Callable[[], Awaitable[Line]],
    *,
    clock: Clock,
    observer: Observer,
    retry_unknown: bool = False,
    past_canary: bool = False,
    beside: Beside | None = None,
    refusals: Refusals | None = None,
    waits: bool = True,
) -> Ending:
    """Send a run from wherever its ledger stands; the caller holds its lock.

    Args:
        run: Whom to send to.
        campaign: As frozen.
        ledger: Of the run, or one in memory for a dry run.
        connect: Opens the line, inside the event loop that will use it.
        clock: Time, and waiting.
        observer: Told how it goes.
        retry_unknown: Ask those again of whom nobody knows whether they were reached.
        past_canary: Let everyone follow, whatever the first people's answers were.
        beside: Goes out at the same time.
        refusals: Who must not be written to any more.
        waits: Whether to wait for the campaign's `effective`.
    """
    stops = _Stops()
    with _stopped_by_signals(stops, observer):
        if waits:
            await _until_effective(run, campaign, clock, observer, stops)
        audience = run.audience()
        line = await connect()
        try:
            dispatcher = Dispatcher(
                ledger=ledger,
                source=audience,
                channels=line.channels,
                pace=line.pace,
                rules=Rules(campaign.expires, campaign.limits.on_unknown, campaign.limits.attempts),
                clock=clock,
                observer=Telling(observer, run.folder),
                concurrency=line.concurrency,
                stop_requested=run.stop_requested,
                accounts=run.facts.accounts,
                refusals=refusals,
                stages=stages(run.facts.staff, run.facts.audience) if campaign.canary and not past_canary else (),
            )
            if retry_unknown:
                dispatcher.retry_unknown()
            stops.then(dispatcher.stop)
            if beside:
                stops.then(beside.stop)
            ending = await (_both(dispatcher, beside) if beside else dispatcher.run())
            by_hand = stops.by_hand and ending.why is Why.STOPPED
            return replace(ending, by_hand=by_hand, unrenewed=tuple(line.unrenewed()))
        finally:
            await line.close()
            audience.close()


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
        observer.on_note(f"waiting for {words(campaign.effective)}, when {campaign.code} takes effect; Ctrl-C stops")
    while (left_s := ahead_s(campaign, clock.now())) and not stops.asked.is_set():
        if run.stop_requested():
            stops()
        await clock.wait(stops.asked, min(left_s, LOOK_EVERY_S))


async def _both(dispatcher: Dispatcher, beside: Beside) -> Ending:
    """Begin what goes beside, then dispatch; neither waits for the other, and what stops one stops both."""
    going = asyncio.create_task(beside.run(), name="beside")
    try:
        ending = await dispatcher.run()
        if ending.why is Why.STOPPED:
            beside.stop()
    except BaseException:
        beside.stop()
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
    loop = asyncio.get_running_loop()
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    def heard(number: int, frame: object) -> None:
        restore()
        if previous[signal.SIGINT] is signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        stop.by_hand = number == signal.SIGINT  # SIGTERM is a machine that goes down, and the next start goes on
        loop.call_soon_threadsafe(stop)
        loop.call_soon_threadsafe(observer.on_note, "stopping: settling what is on its way (once more to end at once)")

    for number in previous:
        signal.signal(number, heard)
    try:
        yield
    finally:
        restore()


# --- how it ended, in words --------------------------------------------------------------------------------------------

_REASONS: Mapping[Reason, tuple[str, str]] = {
    Reason.NOT_SENT: ("the server cannot be reached", "check the network and ZALO_ALERT_OPENAPI_URL"),
    Reason.PROXY: ("a proxy refuses to pass messages on", "give HTTPS_PROXY the name and password that it asks for"),
    Reason.NO_ANSWER: ("requests are left without an answer", "check the network; `report` lists the people concerned"),
    Reason.SERVER_ERROR: ("the server answers with errors only", "wait for Zalo to recover"),
    Reason.UNREADABLE: ("the server's answers cannot be read", "see whether something stands between you and Zalo"),
    Reason.OUT_OF_STEP: ("answers come that are other people's", "see whether a proxy or balancer repeats answers"),
    Reason.CRASH: ("the sender crashed", ""),
}


MOST_TOLD = 3  # that are told in one sentence; `accounts list --problems` has all of them


def halted(campaign: Campaign, halt: Halt, proxy: str = "", unrenewed: Sequence[tuple[str, str]] = ()) -> tuple[str, str]:
    """Say why a run halted and what to do about it; a proxy that stands between may be why.

    Args:
        campaign: Whose routes.
        halt: What was noticed.
        proxy: The one that calls go through, if any.
        unrenewed: Of each account whose token could not be renewed, why, and what to do about it.
    """
    if halt.reason in _REASONS:
        reason, cure = _REASONS[halt.reason]
        return (f"{reason}, through the proxy {proxy}", f"{cure}; see whether the proxy is right") if proxy else (reason, cure)
    route = campaign.routes[halt.route].type
    host = ENDPOINTS[route][0]
    meaning = look_up(host, halt.code).meaning
    reason = f"Zalo answered {halt.code} on route {route}: {meaning}"
    if halt.reason is Reason.TOKEN and unrenewed:
        whys, cures = zip(*unrenewed[:MOST_TOLD], strict=True)
        more = ("`zalo-alert accounts list --problems` names the others",) if len(unrenewed) > MOST_TOLD else ()
        return "; ".join((reason, *whys)), "; ".join((*cures, *more))
    return reason, advise(host, halt.code)


def verdict(run: Run, campaign: Campaign, ending: Ending, proxy: str = "") -> ZaloAlertError | None:
    """Turn an ending into the error that says it, with its exit code; None when everyone was accepted.

    Args:
        run: Which one.
        campaign: As frozen.
        ending: Of the dispatch.
        proxy: The one that calls go through, if any.
    """
    totals = ending.totals
    resume = f"`zalo-alert resume {run.id}` continues"
    if ending.why is Why.HALTED and ending.halt:
        reason, cure = halted(campaign, ending.halt, proxy, ending.unrenewed)
        return RunSuspended(f"the run halted: {reason}", hint=f"{cure}; {resume}" if "resume" not in cure else cure)
    if ending.why is Why.PAUSED:
        return RunSuspended(
            f"the run paused {ending.objection}",
            hint=f"`zalo-alert report {run.id}` says more; `zalo-alert resume {run.id} --past-canary` goes on in spite of it",
        )
    if ending.why is Why.STOPPED:
        left = totals[State.PENDING] + totals[State.DEFERRED]
        cancel = f", `zalo-alert cancel {run.id}` ends it for good"
        return Interrupted(f"stopped with {persons(left)} left and {count(totals[State.UNKNOWN])} unknown", hint=resume + cancel)
    if ending.why is Why.WAITING:
        due = words(instant(ending.due_at_s)) if ending.due_at_s else "later"
        return RunSuspended(f"everyone left must wait until {due} (quota or night)", hint=f"{resume} then")
    missed = sum(totals.values()) - totals[State.ACCEPTED]
    if missed:
        return RunUnfinished(
            f"finished; {persons(missed)} without an accepted message", hint=f"`zalo-alert report {run.id}` says why"
        )
    return None
