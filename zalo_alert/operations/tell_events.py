"""What is told of a run's events: the words, and the facts beside them for programs."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from zalo_alert.approval.request import Request
from zalo_alert.approval.words import six_words
from zalo_alert.errors import Cure, ZaloAlertError
from zalo_alert.foundation.clock import instant, words
from zalo_alert.language import _, count, joined, persons, span
from zalo_alert.models import State, Status
from zalo_alert.notify.base import Event, Message
from zalo_alert.pacing.slowness import Slowed
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run

_ENDINGS: Mapping[RunState, Event] = {
    RunState.PAUSED: Event.PAUSED,
    RunState.HALTED: Event.HALTED,
    RunState.WAITING: Event.WAITING,
    RunState.STOPPED: Event.STOPPED,
    RunState.FINISHED: Event.FINISHED,
    RunState.EXPIRED: Event.EXPIRED,
}
_TITLES: Mapping[Event, str] = {
    Event.PAUSED: _("{run} paused after the first people"),
    Event.HALTED: _("{run} halted"),
    Event.WAITING: _("{run} waits"),
    Event.STOPPED: _("{run} is stopped"),
    Event.FINISHED: _("{run} is finished"),
    Event.EXPIRED: _("{run} expired with people left"),
}
_URGENT = frozenset({Event.PAUSED, Event.HALTED, Event.EXPIRED})


def facts_of(run: Run, **more: Any) -> dict[str, Any]:
    """Return what programs are told of every event of a run."""
    return {"code": run.facts.code, "status": run.facts.status, "drill": is_drill(run), "people": run.facts.audience, **more}


def is_drill(run: Run) -> bool:
    """Whether a run is a drill or a test, in a live workspace too."""
    return run.facts.status != Status.ACTUAL.value


def started(run: Run, at: datetime) -> Message:
    """Say that sending begins."""
    finishes = max((planned.finishes_at_s for planned in run.schedule()), default=None)
    people = persons(run.facts.audience)
    text = people if finishes is None else _("{people}, planned until {time}", people=people, time=words(instant(finishes)))
    return Message(Event.STARTED, run.id, at, _("{run}: sending began", run=run.id), text, facts_of(run))


def ended(run: Run, state: RunState, verdict: ZaloAlertError | None, totals: Mapping[State, int], at: datetime) -> Message | None:
    """Say how a go at a run ended; None where that is no event.

    Args:
        run: Which.
        state: Where it stands now.
        verdict: What keeps it from being well.
        totals: People by state.
        at: When.
    """
    event = _ENDINGS.get(state)
    if event is None:
        return None
    accepted = _(
        "{accepted} of {people} accepted", accepted=count(totals.get(State.ACCEPTED, 0)), people=count(run.facts.audience)
    )
    text = joined(filter(None, (accepted, *(said(verdict) if verdict else ()))), "\n")
    facts = facts_of(run, totals={name.value: number for name, number in totals.items()}, cause=verdict and verdict.cause.value)
    topic = verdict.cause.value if verdict and event in _URGENT else ""
    return Message(event, run.id, at, _(_TITLES[event], run=run.id), text, facts, event in _URGENT, topic)


def failed(run: Run, exc: ZaloAlertError, at: datetime) -> Message:
    """Say that a run ended by an error."""
    facts = facts_of(run, cause=exc.cause.value)
    text = joined(said(exc), "\n")
    return Message(Event.HALTED, run.id, at, _(_TITLES[Event.HALTED], run=run.id), text, facts, True, exc.cause.value)


def said(exc: ZaloAlertError) -> tuple[str, ...]:
    """Return what is wrong, and what to do about it."""
    return tuple(filter(None, (exc.message, exc.hint)))


def stopped(run: Run, why: str, at: datetime) -> Message:
    """Say that a person has stopped a run that nobody was sending, or ended it for good."""
    return Message(Event.STOPPED, run.id, at, _(_TITLES[Event.STOPPED], run=run.id), why, facts_of(run))


def corrected(run: Run, by: str, at: datetime) -> Message:
    """Say that a run was wrong."""
    title = _("{run} was wrong: {correction} corrects it", run=run.id, correction=by)
    text = _("{status} shows how that goes", status=Cure.STATUS(by))
    return Message(Event.CORRECTED, run.id, at, title, text, facts_of(run, correction=by), True)


def submitted(run: Run, request: Request, at: datetime) -> Message:
    """Say that a run waits for approval; a program gets the request itself."""
    text = joined(
        (
            _("{people}; its six words: {words}", people=persons(request.people), words=six_words(request.digest)),
            _("another officer reads it: {approve}, or {reject}", approve=Cure.APPROVE(run.id), reject=Cure.REJECT(run.id)),
        ),
        "\n",
    )
    title = _("{run} waits for approval", run=run.id)
    facts = facts_of(run, digest=request.digest)
    return Message(Event.SUBMITTED, run.id, at, title, text, facts, True, str(request.digest), document=request.text)


def let_out(run: Run, by: str, reason: str, at: datetime, document: bytes) -> Message:
    """Say that one person has let a run out alone."""
    title = _("{run} was let out by one person alone: {name}", run=run.id, name=by)
    facts = facts_of(run, by=by, reason=reason)
    return Message(Event.BREAK_GLASS, run.id, at, title, _("the reason: {why}", why=reason), facts, True, document=document)


def proposed(name: str, by: str, at: datetime, document: bytes) -> Message:
    """Say that a standing approval waits for its approvers; a program gets its text."""
    title = _("the standing approval {name} waits for approval", name=name)
    text = _("proposed by {name}: {approve}", name=by, approve=Cure.STANDING_APPROVE(name))
    return Message(Event.STANDING, "", at, title, text, {"name": name, "by": by}, document=document)


def late(run: Run, late_s: float, level: int, at: datetime, slowed: Iterable[Slowed] = ()) -> Message:
    """Say that a run reaches its last person later than was planned; `level` is how often the bound has doubled."""
    title = _("{run} is {time} late", run=run.id, time=span(timedelta(seconds=late_s)))
    text = _("{status} shows where it stands", status=Cure.STATUS(run.id))
    facts = facts_of(run, late_min=int(late_s // 60), slowed=[each.cause.value for each in slowed])
    return Message(Event.LATE, run.id, at, title, text, facts, True, level=level)
