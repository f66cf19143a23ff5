"""Is it going well? A run in one sentence, the first of every screen and of every message about it. Pure; reads no clock."""

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from zalo_alert.foundation.clock import instant
from zalo_alert.language import _, count, joined, persons, rate, span
from zalo_alert.models import State
from zalo_alert.reporting.completion import shortfalls
from zalo_alert.reporting.percent import percent_of
from zalo_alert.reporting.sight import RunSight
from zalo_alert.reporting.slow_words import short_moment, why_slow
from zalo_alert.runs.lifecycle import NEVER_SENT, WORDS, RunState
from zalo_alert.runs.schedule import Drift

ON_TIME_S = 60.0  # no plan is finer than this
_SLOWER = 0.9  # of the planned rate: below that the rate is what makes a run late
_STANDING = {RunState.STOPPED, RunState.PAUSED, RunState.HALTED, RunState.WAITING}
_SAID_ITSELF = {RunState.PAUSED, RunState.HALTED, RunState.WAITING, "failed"}  # what happened last, and its detail says why


class Word(StrEnum):
    """How a run goes, in a word for scripts and styles."""

    ON_TIME = "on-time"
    LATE = "late"
    EARLY = "early"
    DONE = "done"
    DONE_LATE = "done-late"
    STANDS = "stands"  # stopped, paused, halted or waiting
    NOT_BEGUN = "not-begun"
    ENDED = "ended"  # expired, cancelled, corrected or rejected: nothing more of it is sent


class Verdict(NamedTuple):
    """How a run goes.

    Args:
        word: In a word.
        sentence: One line, without a stop at its end.
        is_bad: Whether it calls for a person.
    """

    word: Word
    sentence: str
    is_bad: bool


def verdict_of(sight: RunSight) -> Verdict:
    """Say how a run goes."""
    state = sight.status.state
    if state in NEVER_SENT and state is not RunState.REJECTED:
        return Verdict(Word.NOT_BEGUN, _describe_not_begun(sight), is_bad=False)
    if state in _STANDING:
        is_bad = state in (RunState.PAUSED, RunState.HALTED)
        return Verdict(Word.STANDS, _describe_standing(sight), is_bad)
    if state is RunState.SENDING:
        return _going(sight)
    return _over(sight)


def _describe_not_begun(sight: RunSight) -> str:
    state = WORDS[sight.status.state]
    if not sight.status.audience:
        return _("{state}: a broadcast, nobody is written to one by one", state=state)
    return _("{state}: {people} to be written to", state=state, people=persons(sight.left))


def _describe_standing(sight: RunSight) -> str:
    status, left = sight.status, sight.left
    why = status.last.detail if status.last.what in _SAID_ITSELF else ""
    if status.state is RunState.HALTED and not why:  # nobody was left to say it
        why = _("halted: the process that sent it was cut off")
    why = why or WORDS[status.state]
    return _("{why}; {people} left", why=why, people=persons(left)) if status.audience else why


def _going(sight: RunSight) -> Verdict:
    drift = sight.status.drift
    if not drift or not sight.status.audience:
        return Verdict(Word.ON_TIME, _("the broadcast is going out"), is_bad=False)
    if drift.expected_at_s is None or drift.late_s is None:
        return Verdict(Word.LATE, _stuck(sight), is_bad=True)
    if missed := sight.missed_at_expiry:
        return Verdict(Word.LATE, _too_slow(sight, missed), is_bad=True)
    at = _moment(drift.expected_at_s, sight)
    if drift.late_s >= ON_TIME_S:
        return Verdict(Word.LATE, _late(sight, drift.late_s, at), is_bad=True)
    if drift.late_s <= -ON_TIME_S:
        early = _("{time} early: last person {at}", time=_span(drift.late_s), at=at)
        return Verdict(Word.EARLY, early, is_bad=False)
    return Verdict(Word.ON_TIME, _("on time: last person {at}", at=at), is_bad=False)


def _stuck(sight: RunSight) -> str:
    if sight.rate_per_s <= 0 and not sight.settled and not sight.status.slowed:
        return _("begun, and nobody has been reached yet")
    return joined(filter(None, (_("nobody is being reached"), why_late(sight))), ": ")


def _too_slow(sight: RunSight, missed: int) -> str:
    sentence = _("too slow: {people} not reached by {expires}, when it expires", people=persons(missed), expires=_expiry(sight))
    return joined(filter(None, (sentence, why_late(sight))), ": ")


def _expiry(sight: RunSight) -> str:
    return short_moment(sight.expires, sight.at)


def _late(sight: RunSight, late_s: float, at: str) -> str:
    sentence = _("{time} late: last person {at}", time=_span(late_s), at=at)
    return joined(filter(None, (sentence, why_late(sight))), ", ")


def why_late(sight: RunSight) -> str:
    """Say what makes a run late: what slows it now, or a late beginning, or too low a rate; "" where nobody can tell."""
    if sight.status.slowed:
        return why_slow(sight.status.slowed[0], sight.at)
    if sight.rate_per_s <= 0 and sight.due_at and sight.due_at > sight.at:
        return _("those left are put off until {at}", at=short_moment(sight.due_at, sight.at, seconds=True))
    drift = sight.status.drift
    late_s = drift.late_s if drift and drift.late_s is not None else 0.0
    if late_s and sight.began_late_s >= late_s / 2:
        return _("it began {time} late", time=_span(sight.began_late_s))
    if 0 < sight.rate_per_s < _SLOWER * sight.planned_per_s:
        return _("{rate} instead of {planned}", rate=rate(sight.rate_per_s), planned=rate(sight.planned_per_s))
    return _("it stood still for a while") if late_s and sight.rate_per_s else ""


def _over(sight: RunSight) -> Verdict:
    status, totals = sight.status, sight.status.totals
    if not status.audience:
        return _broadcast_over(sight)
    is_bad = shortfalls(totals, status.audience, sight.tolerate_rejected, sight.causes).calls_for_a_person
    reached = _("{accepted} of {audience} accepted ({percent} %)", **_share(sight))
    if status.state is not RunState.FINISHED:
        word = WORDS[status.state]
        is_bad = status.state is RunState.EXPIRED or (is_bad and status.state is not RunState.REJECTED)
        return Verdict(Word.ENDED, _("{state}: {reached}", state=word, reached=reached), is_bad)
    if totals[State.UNKNOWN]:
        unknown = _("{people} of whom nobody knows", people=persons(totals[State.UNKNOWN]))
        reached = joined((reached, unknown))
    drift = status.drift
    if drift and drift.late_s is not None and drift.late_s >= ON_TIME_S:
        return Verdict(Word.DONE_LATE, _("done {time} late: {reached}", time=_span(drift.late_s), reached=reached), is_bad)
    return Verdict(Word.DONE, _("done: {reached}", reached=reached), is_bad)


def _broadcast_over(sight: RunSight) -> Verdict:
    state, broadcasts = sight.status.state, sight.status.broadcasts
    out = sum(broadcast.state is State.ACCEPTED for broadcast in broadcasts)
    is_bad = out < len(broadcasts)
    if state is not RunState.FINISHED:
        return Verdict(Word.ENDED, WORDS[state], is_bad and state is RunState.EXPIRED)
    if not broadcasts:
        return Verdict(Word.DONE, _("done: there was nobody to write to"), is_bad=False)
    of = _("done: the broadcast of {out} of {accounts} OAs is out", out=count(out), accounts=count(len(broadcasts)))
    return Verdict(Word.DONE, of, is_bad)


def _share(sight: RunSight) -> dict[str, str]:
    accepted, audience = sight.status.totals[State.ACCEPTED], sight.status.audience
    percent = percent_of(accepted, audience)
    return {"accepted": count(accepted), "audience": count(audience), "percent": percent}


def drift_in_words(drift: Drift | None) -> str:
    """Say of a place whether it is on time; "" where nobody can tell."""
    if drift is None or drift.late_s is None:
        return ""
    if abs(drift.late_s) < ON_TIME_S:
        return _("on time")
    time = _span(drift.late_s)
    return _("{time} late", time=time) if drift.late_s > 0 else _("{time} early", time=time)


def _moment(at_s: float, sight: RunSight) -> str:
    return short_moment(instant(at_s), sight.at)


def _span(seconds: float) -> str:
    return span(timedelta(seconds=abs(seconds)))
