"""What is told of a run's events: the words, and the facts beside them for programs."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from zalo_alert.approval.request import Request
from zalo_alert.approval.words import six_words
from zalo_alert.errors import Cure, ZaloAlertError
from zalo_alert.foundation.clock import instant, words
from zalo_alert.language import _, count, joined, persons, span
from zalo_alert.models import State, Status
from zalo_alert.notify.base import Event, Message
from zalo_alert.operations.next_message import NextMessage
from zalo_alert.pacing.slowness import Slowed
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.timetable.entry import Entry
from zalo_alert.timetable.occurrences import Fate, Occurrence
from zalo_alert.timetable.times import key_of

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
EVENT_WORDS: Mapping[Event, str] = {
    Event.SUBMITTED: _("submitted for approval"),
    Event.BREAK_GLASS: _("let out by one person alone"),
    Event.STANDING: _("a standing approval was proposed"),
    Event.STARTED: _("sending began"),
    Event.PAUSED: _("paused after the first people"),
    Event.HALTED: _("halted"),
    Event.WAITING: _("waits"),
    Event.LATE: _("late"),
    Event.STOPPED: _("stopped"),
    Event.CORRECTED: _("corrected"),
    Event.FINISHED: _("finished"),
    Event.EXPIRED: _("expired"),
    Event.NEXT_MESSAGE: _("the next message is due"),
    Event.TOKEN: _("a token ends"),
    Event.QUOTA: _("a quota runs out"),
    Event.SILENT: _("nobody sends it any more"),
    Event.WEBHOOK_SECRET: _("webhook: a secret is wrong"),
    Event.WEBHOOK_STORAGE: _("webhook: nothing can be stored"),
    Event.WEBHOOK_LAG: _("webhook: events wait"),
    Event.WEBHOOK_SILENT: _("webhook: no receipts come"),
    Event.WEBHOOK_DOWN: _("webhook: nobody receives any more"),
    Event.SCHEDULE: _("a planned time failed or was left out"),
    Event.TEST: _("a test"),
}
_URGENT = frozenset({Event.PAUSED, Event.HALTED, Event.EXPIRED})


def facts_of(run: Run, **more: Any) -> dict[str, Any]:
    """Return what programs are told of every event of a run."""
    return {"code": run.facts.code, "status": run.facts.status, "drill": is_drill(run), "people": run.facts.audience, **more}


def is_drill(run: Run) -> bool:
    """Whether a run is a drill or a test, in a live workspace too."""
    return run.facts.status != Status.ACTUAL.value


def started(run: Run, at: datetime) -> Iterator[Message]:
    """Say that sending begins; of a correction also that a run was wrong."""
    if run.facts.kind is Kind.CORRECTION:
        yield _corrected(run, at)
    finishes = max((planned.finishes_at_s for planned in run.schedule()), default=None)
    people = persons(run.facts.audience)
    text = people if finishes is None else _("{people}, planned until {time}", people=people, time=words(instant(finishes)))
    yield Message(Event.STARTED, run.id, at, _("{run}: sending began", run=run.id), text, facts_of(run))


def _corrected(run: Run, at: datetime) -> Message:
    wrong = run.facts.parent[0]
    title = _("{run} was wrong: {correction} corrects it", run=wrong, correction=run.id)
    text = _("{status} shows how that goes", status=Cure.STATUS(run.id))
    return Message(Event.CORRECTED, wrong, at, title, text, facts_of(run, correction=run.id), True)


def ended(
    run: Run, state: RunState, ending: str, verdict: ZaloAlertError | None, totals: Mapping[State, int], at: datetime
) -> Message | None:
    """Say how a go at a run ended; None where that is no event.

    Args:
        run: Which.
        state: Where it stands now.
        ending: How it ended, in a sentence.
        verdict: What of it calls for a person.
        totals: People by state.
        at: When.
    """
    event = _ENDINGS.get(state)
    if event is None:
        return None
    accepted = _(
        "{accepted} of {people} accepted", accepted=count(totals.get(State.ACCEPTED, 0)), people=count(run.facts.audience)
    )
    text = joined(filter(None, (ending, "" if event is Event.FINISHED else accepted, verdict.hint if verdict else "")), "\n")
    facts = facts_of(run, totals={name.value: number for name, number in totals.items()}, cause=verdict and verdict.cause.value)
    is_urgent = event in _URGENT or (event is Event.FINISHED and verdict is not None)
    topic = verdict.cause.value if verdict and event in _URGENT else ""
    level = int(event is Event.EXPIRED)  # told once for all, by whoever notices it first
    return Message(event, run.id, at, _(_TITLES[event], run=run.id), text, facts, is_urgent, "" if level else topic, level)


def failed(run: Run, exc: ZaloAlertError, at: datetime) -> Message:
    """Say that a run ended by an error."""
    facts = facts_of(run, cause=exc.cause.value)
    text = joined(filter(None, (exc.message, exc.hint)), "\n")
    return Message(Event.HALTED, run.id, at, _(_TITLES[Event.HALTED], run=run.id), text, facts, True, exc.cause.value)


def stopped(run: Run, why: str, at: datetime, topic: str = "") -> Message:
    """Say that a person has stopped a run that nobody was sending, or ended it for good, which is another topic."""
    return Message(Event.STOPPED, run.id, at, _(_TITLES[Event.STOPPED], run=run.id), why, facts_of(run), topic=topic)


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


def silent(run: Run, machine: str, at: datetime) -> Message:
    """Say that whoever sent a run is gone; once for each time that it was begun."""
    title = _("nobody sends {run} any more: the process that did, or its machine, is gone", run=run.id)
    text = _("{resume} continues; nobody who was settled is written to again", resume=Cure.RESUME(run.id))
    begun = max((event.at_s for event in run.history() if event.what == "started"), default=0.0)
    return Message(Event.SILENT, run.id, at, title, text, facts_of(run, machine=machine), True, str(int(begun)), 1)


def expired(run: Run, left: int, at: datetime) -> Message:
    """Say that a run expired before everybody was written to."""
    text = _("{people} are left, and nothing more is sent; {report} says who", people=persons(left), report=Cure.REPORT(run.id))
    title = _(_TITLES[Event.EXPIRED], run=run.id)
    return Message(Event.EXPIRED, run.id, at, title, text, facts_of(run, left=left), True, level=1)


def still_waiting(run: Run, waited: timedelta, level: int, at: datetime) -> Message:
    """Say that a run has waited for approval for some time; `level` is how often the bound has doubled."""
    title = _("{run} has waited for approval for {time}", run=run.id, time=span(waited))
    text = _("another officer reads it: {approve}, or {reject}", approve=Cure.APPROVE(run.id), reject=Cure.REJECT(run.id))
    facts = facts_of(run, waited_min=int(waited.total_seconds() // 60))
    return Message(Event.SUBMITTED, run.id, at, title, text, facts, True, "waiting", level)


def next_is_due(run: Run, promise: NextMessage, at: datetime) -> Message:
    """Say that the next message which a run has promised is due soon, and isn't there."""
    text = _(
        "write it with references: [{code}], then {submit}; if the danger is over: {all_clear}",
        code=run.facts.code,
        submit=Cure.SUBMIT("campaigns/….yaml"),
        all_clear=Cure.ALL_CLEAR(run.id),
    )
    facts = facts_of(run, due_at=promise.due_at.isoformat(timespec="seconds"))
    return Message(Event.NEXT_MESSAGE, run.id, at, promise.in_words(at), text, facts, True, "", 1)


def token(account: str, said: str, cure: str, at: datetime, *, has_failed: bool) -> Message:
    """Say that an account's token ends soon, or has ended."""
    title = _("account {account}: {said}", account=account, said=said)
    return Message(Event.TOKEN, "", at, title, cure, {"account": account}, has_failed, account, 2 if has_failed else 1)


def tokens(accounts: int, at: datetime) -> Message:
    """Say that so many accounts more have trouble with their tokens."""
    title = _("{accounts} accounts more need somebody: {list}", accounts=count(accounts), list=Cure.ACCOUNTS(problems=True))
    return Message(Event.TOKEN, "", at, title, "", {"accounts": accounts}, True, "others", accounts.bit_length())


def quota(account: str, kind: str, left: int, total: int, level: int, at: datetime) -> Message:
    """Say that a quota is running out: of a day for templates, of a package for consultation messages."""
    title = _(
        "account {account}: {left} of {total} {kind} messages left",
        account=account,
        left=count(left),
        total=count(total),
        kind=kind,
    )
    topic = f"{account} {kind} {at:%Y-%m-%d}" if kind == "template" else f"{account} {kind}"
    facts = {"account": account, "kind": kind, "left": left, "total": total}
    return Message(Event.QUOTA, "", at, title, "", facts, level > 1, topic, level)


def repeated(event: Event, run: str, times: int, since: datetime, at: datetime) -> Message:
    """Say that something which was told has happened again and again since."""
    title = _("{run}: {event}, {times} times more since {time}", run=run or "–", event=EVENT_WORDS[event], times=count(times),
              time=words(since))  # fmt: skip
    return Message(event, run, at, title, "", {"times": times}, False, "repeats", times)


def trial(at: datetime) -> Message:
    """Say that this is a test."""
    return Message(
        Event.TEST, "", at, _("zalo-alert: a test message"), _("nothing has happened: somebody tries whether you are told")
    )


def planned_time(entry: Entry, occurrence: Occurrence, at: datetime) -> Message:
    """Say what became of a planned time of a timetable."""
    planned, what = words(occurrence.planned_at), entry.code or entry.task
    title = _(_FATES[occurrence.fate], name=what, at=planned)
    key = key_of(occurrence.planned_at)
    by_hand = Cure.SEND(entry.campaign, occurrence=key) if entry.campaign else ""
    step = _("by hand: {send}", send=by_hand) if by_hand and occurrence.fate is not Fate.DONE else ""
    text = joined(filter(None, (occurrence.detail, step)), "\n")
    facts = {
        "name": entry.name, "planned_at": occurrence.planned_at.isoformat(), "fate": occurrence.fate.value,
        "code": occurrence.code, "cause": occurrence.cause or None,
    }  # fmt: skip
    return Message(Event.SCHEDULE, "", at, title, text, facts, occurrence.fate is not Fate.DONE, f"{entry.name} {key}")


_FATES: Mapping[Fate, str] = {
    Fate.BEGUN: _("{name}, planned for {at}, was begun"),
    Fate.DONE: _("{name}, planned for {at}, is done"),
    Fate.FAILED: _("{name}, planned for {at}, failed"),
    Fate.AGAIN: _("{name}, planned for {at}, is tried again"),
    Fate.MISSED: _("{name}, planned for {at}, was missed"),
    Fate.BUSY: _("{name}, planned for {at}, was left out"),
    Fate.GIVEN_UP: _("{name}, planned for {at}, was given up"),
}
