"""What the screen says of one run: sentences and numbers, in no language yet. Pure; knows neither HTML nor colours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.language import _, count, joined, moment, rate, span
from zalo_alert.models import State, Status
from zalo_alert.reporting.arrived import NONE_PROVES_NOTHING, folded_until
from zalo_alert.reporting.percent import percent_of
from zalo_alert.reporting.sight import RunSight
from zalo_alert.reporting.status import way_on
from zalo_alert.reporting.verdict import Word
from zalo_alert.runs.lifecycle import OVER, RunState
from zalo_alert.wall.watcher import SeenRun

OLD_S = 5.0  # data of a run that is being sent, from when on it may be called old
_UNREAD = _("can't be read yet")
_BRIEFLY = {
    Word.ON_TIME: _("on time"),
    Word.EARLY: _("early"),
    Word.LATE: _("late"),
    Word.DONE: _("done"),
    Word.DONE_LATE: _("done late"),
    Word.STANDS: _("stands still"),
    Word.NOT_BEGUN: _("not begun yet"),
    Word.ENDED: _("ended"),
}
_MARKS = {Status.EXERCISE: _("EXERCISE"), Status.TEST: _("TEST")}


class Fact(NamedTuple):
    """A number with what it is; `word` is its style: "" for an ordinary one, "bad" for one that calls for a person."""

    label: str
    value: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One run, as its card says it.

    Args:
        name: The run's.
        mark: That it is a drill, a test or a rehearsal; "" for the real thing.
        about: Hazard and headline.
        word: How it goes, in a word for styles.
        is_bad: Whether it calls for a person.
        brief: The same for a reader's ear, which is told when it changes, and not every minute.
        verdict: The sentence that says how it goes.
        cure: What can be done about it; "" for nothing.
        is_over: Whether nothing more of it is sent.
        done: People who are settled.
        people: Of how many.
        percent: The same as a share.
        facts: Numbers.
        trouble: Why it can't be read now.
        aged: How old what is shown is, where it is old.
    """

    name: str
    mark: str = ""
    about: str = ""
    word: str = "unread"
    is_bad: bool = False
    brief: str = _UNREAD
    verdict: str = _UNREAD
    cure: str = ""
    is_over: bool = False
    done: int = 0
    people: int = 0
    percent: str = ""
    facts: tuple[Fact, ...] = ()
    trouble: str = ""
    aged: str = ""


def card_of(seen: SeenRun, now: datetime) -> Card:
    """Say what there is to say of a run."""
    sight, verdict = seen.sight, seen.verdict
    if sight is None or verdict is None:
        return Card(seen.name, trouble=seen.trouble, is_bad=bool(seen.trouble))
    totals, people = sight.status.totals, sight.status.audience
    return Card(
        seen.name,
        mark_of(sight),
        _about(seen, sight),
        verdict.word,
        verdict.is_bad or bool(seen.trouble),
        _("{how}, needs somebody", how=_BRIEFLY[verdict.word]) if verdict.is_bad else _BRIEFLY[verdict.word],
        verdict.sentence,
        way_on(sight.status) if sight.status.state is not RunState.SENDING else "",
        sight.status.state in OVER,
        sight.settled,
        people,
        percent_of(totals[State.ACCEPTED], people) if people else "",
        tuple(_facts(sight, now)),
        seen.trouble,
        aged(seen, now),
    )


def mark_of(sight: RunSight) -> str:
    """Say that a run is not the real thing; "" where it is."""
    if sight.status.is_rehearsal:
        return _("REHEARSAL: nobody is reached")
    return _MARKS.get(Status(sight.status.status), "")


def aged(seen: SeenRun, now: datetime) -> str:
    """Say how old what is shown of a run is; "" where that is no matter."""
    sight = seen.sight
    if sight is None or (sight.status.state is not RunState.SENDING and not seen.trouble):
        return ""
    age_s = (now - sight.at).total_seconds()
    return _("as it was {time} ago", time=span(timedelta(seconds=age_s))) if age_s > OLD_S else ""


def _about(seen: SeenRun, sight: RunSight) -> str:
    campaign = seen.alert.campaign if seen.alert else None
    if campaign is None or campaign.event not in HAZARDS:
        return sight.headline
    name = HAZARDS[campaign.event].name
    if campaign.risk_level is None:
        return _("{hazard}: {headline}", hazard=name, headline=sight.headline)
    return _("{hazard}, level {level}: {headline}", hazard=name, level=campaign.risk_level, headline=sight.headline)


def _facts(sight: RunSight, now: datetime) -> Iterator[Fact]:
    status, totals = sight.status, sight.status.totals
    if status.audience:
        accepted, audience = count(totals[State.ACCEPTED]), count(status.audience)
        yield Fact(_("accepted"), _("{accepted} of {audience}", accepted=accepted, audience=audience))
    yield from _arrived(sight, totals[State.ACCEPTED])
    if status.state is RunState.SENDING and sight.planned_per_s:
        yield Fact(_("rate"), _("{rate} of {planned}", rate=rate(sight.rate_per_s), planned=rate(sight.planned_per_s)))
    if status.state not in OVER:
        yield from _time_left(sight, now)
    for state, label in ((State.UNKNOWN, _("unknown")), (State.REJECTED, _("rejected")), (State.EXPIRED, _("too late"))):
        if totals[state]:
            yield Fact(label, count(totals[state]), "" if state is State.REJECTED else "bad")


def _arrived(sight: RunSight, accepted: int) -> Iterator[Fact]:
    """Say how many messages were delivered and seen; that nobody keeps that only where nothing more is sent."""
    counts = sight.receipts
    if not accepted or (not counts.is_kept and sight.status.state not in OVER):
        return
    if not counts.is_kept:
        yield Fact(_("delivered, seen"), _("not kept"))
        return
    yield Fact(_("delivered"), _share(counts.delivered, accepted))
    yield Fact(_("seen"), _share(counts.seen, accepted))
    if until := folded_until(counts):
        at = moment(until, sight.at.date(), seconds=True)
        yield Fact(_("receipts until"), joined((at, NONE_PROVES_NOTHING), "; "))


def _share(people: int, accepted: int) -> str:
    return _("{people} ({percent} % of accepted)", people=count(people), percent=percent_of(people, accepted))


def _time_left(sight: RunSight, now: datetime) -> Iterator[Fact]:
    drift = sight.status.drift
    if drift and drift.expected_at_s and not drift.is_done and sight.status.state is RunState.SENDING:
        yield Fact(_("time left"), span(timedelta(seconds=drift.expected_at_s - now.timestamp())))
    if sight.onset:
        yield _countdown(_("onset"), sight.onset, now, is_bad=False)
    yield _countdown(_("expires"), sight.expires, now, is_bad=bool(sight.missed_at_expiry))


def _countdown(label: str, at: datetime, now: datetime, *, is_bad: bool) -> Fact:
    at_words = moment(at, now.date())
    if at <= now:
        return Fact(label, _("{time} ago ({at})", time=span(now - at), at=at_words), "bad")
    return Fact(label, _("in {time} ({at})", time=span(at - now), at=at_words), "bad" if is_bad else "")
