"""How a run stands now: its totals, how far it is from its plan, whether it is being sent, and what slows it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from zalo_alert.errors import Cure, ErrorCause, about_run
from zalo_alert.language import _
from zalo_alert.ledger.base import Ledger
from zalo_alert.ledger.broadcasts import BroadcastStatus as BroadcastStanding
from zalo_alert.models import State
from zalo_alert.pacing.slowness import Slowed, read_slowed
from zalo_alert.reporting.release import NOT_RELEASED, Release
from zalo_alert.reporting.report import read_broadcast
from zalo_alert.runs import schedule
from zalo_alert.runs.facts import RunPlace
from zalo_alert.runs.history import Event, Hold
from zalo_alert.runs.lifecycle import GO_ON_BY_RESUME, WORDS, RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.schedule import Drift, RunPosition, SettledAt

SETTLING_S = 20.0  # after a beginning: the first people go slowly, and their rate says nothing of the others'


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run at one instant.

    Args:
        state: Where it stands.
        is_active: Whether a process has it now.
        totals: Every state; they add up to `audience`.
        last: What happened to it as a whole, and `cure` what can be done about that.
        cause: Why it is open, in a word; None where it is not.
        slowed: Whatever holds it up now.
        drift: How far it is from its plan; None where nobody is written to one by one.
        places: Of its audience, and in `drifts` how far each is.
        broadcasts: Where the broadcast of each OA stands.
        release: Who let it out where no second officer approved it.
        is_rehearsal: Whether it goes from a live workspace to this machine: nobody is reached.
        rate_per_s: People answered a second, lately; 0 while nobody sends.
    """

    run: str
    status: str
    state: RunState
    is_active: bool
    audience: int
    totals: "dict[State, int]"
    last: Event
    cure: str
    cause: ErrorCause | None
    slowed: tuple[Slowed, ...]
    drift: Drift | None
    places: tuple[RunPlace, ...]
    drifts: tuple[Drift, ...]
    broadcasts: tuple[BroadcastStanding, ...]
    is_rehearsal: bool
    release: Release = NOT_RELEASED
    rate_per_s: float = 0.0


class Standing(NamedTuple):
    """How a run stands as a whole.

    Args:
        state: See `RunState`.
        last: What happened last.
        cure: What can be done about it, or how it goes on; "" where nothing need be.
        cause: Why somebody is left, in a word; None where nobody is.
    """

    state: RunState
    last: Event
    cure: str
    cause: ErrorCause | None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        return {"state": self.state, "cause": self.cause, "why": self.last.detail, "cure": self.cure}


def standing_of(run: Run) -> Standing:
    """Say how a run stands."""
    state, (last, cure) = run.standing(), run.latest()
    return Standing(state, last, way_on_of(run.id, state, cure), _cause(run, state))


def way_on(status: RunStatus) -> str:
    """Say what can be done about a run; see `way_on_of`."""
    return way_on_of(status.run, status.state, status.cure)


def way_on_of(run: str, state: RunState, cure: str = "") -> str:
    """Say what can be done about a run: what was said when it ended; of one that nobody could say it of, how it goes on."""
    if cure:
        return about_run(cure, run)  # one that an earlier version kept names no run
    resume = Cure.RESUME(run)
    match state:
        case RunState.STOPPED:
            return _("{resume} continues, {cancel} ends it for good", resume=resume, cancel=Cure.CANCEL(run))
        case RunState.SUBMITTED:
            return _("another officer reads it: {approve}, or {reject}", approve=Cure.APPROVE(run), reject=Cure.REJECT(run))
        case RunState.APPROVED:
            return _("{send} sends it", send=Cure.SEND(run))
    return _("{resume} continues", resume=resume) if state in GO_ON_BY_RESUME else ""


_SAYS_IT_ALL = {"finished", "halted", "paused", "waiting"}  # what happened last, and its sentence says how the run stands


def standing_in_words(state: RunState, last: Event) -> str:
    """Say how a run stands that nobody sends: why it ended, where that was said, else its state and what happened last."""
    if last.what in _SAYS_IT_ALL and last.detail and state not in (RunState.CANCELLED, RunState.CORRECTED, RunState.SENDING):
        return last.detail
    return _("{state}; last: {what_happened}", state=WORDS[state], what_happened=last.detail or last.words)


def _cause(run: Run, state: RunState) -> ErrorCause | None:
    if state is RunState.SUBMITTED:
        return ErrorCause.APPROVAL_MISSING
    if run.hold is Hold.HELD and state is RunState.STOPPED:
        return ErrorCause.RUN_HELD
    if state not in {RunState.STOPPED, *GO_ON_BY_RESUME}:
        return None
    word = run.cause()  # of a sender that was killed nobody has said why, nor an earlier version of any
    return ErrorCause(word) if word in tuple(ErrorCause) else ErrorCause.INTERRUPTED


def status_of(
    run: Run,
    ledger: Ledger,
    *,
    active: bool,
    release: Release = NOT_RELEASED,
    totals: Mapping[State, int] | None = None,
    rate_per_s: float | None = None,
    now_s: float | None = None,
) -> RunStatus:
    """Say how a run stands; the ledger is the caller's, who may ask again: it counts each settled person once.

    Args:
        run: Which one.
        ledger: Of the run, open.
        active: Whether a process sends it.
        release: Who let it out where no second officer approved it.
        totals: Where everyone stands, if that is counted already.
        rate_per_s: People answered a second, if that is measured already.
        now_s: Seconds since 1970; None asks the machine's clock.
    """
    totals = ledger.totals() if totals is None else totals
    unsettled = totals[State.PENDING] + totals[State.CLAIMED] + totals[State.DEFERRED]
    asked, now_s = ledger.claimable - totals[State.PENDING], time.time() if now_s is None else now_s
    whole: Drift | None = None
    drifts: Sequence[Drift] = ()
    if ledger.claimable:
        if active and rate_per_s is None:
            rate_per_s = _measure_rate(run, asked, ledger.settled_at_s, now_s)
        places = run.schedule()
        planned_per_s = schedule.measure_planned_rate(places)
        is_settling = active and now_s - _started_s(run, now_s) < SETTLING_S
        expected_per_s = max(rate_per_s or 0.0, planned_per_s if is_settling else 0.0) if active else planned_per_s
        whole, drifts = schedule.measure_drift(places, RunPosition(asked, unsettled, now_s, expected_per_s, ledger.settled_at_s))
    state, (last, cure) = run.standing(), run.latest()
    slowed = tuple(read_slowed(run.folder)) if state is RunState.SENDING else ()
    return RunStatus(
        run.id, run.facts.status, state, active, run.facts.audience, dict(totals), last, cure, _cause(run, state), slowed, whole,
        tuple(run.places()), tuple(drifts), read_broadcast(run), run.facts.is_rehearsal, release,
        (rate_per_s or 0.0) if active else 0.0,
    )  # fmt: skip


def _measure_rate(run: Run, asked: int, settled_at: SettledAt, now_s: float) -> float:
    """Return how many people a second were asked for the first time in the last minute."""
    return schedule.measure_rate(asked, settled_at, now_s, _started_s(run, now_s))


def _started_s(run: Run, now_s: float) -> float:
    return max((event.at_s for event in run.history() if event.what == "started"), default=now_s)
