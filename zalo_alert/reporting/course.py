"""The plan of a run against what happened: when it was sent and stood, how fast, and what a picture marks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from zalo_alert.delivery.canary import PEOPLE
from zalo_alert.foundation.clock import instant
from zalo_alert.language import _
from zalo_alert.ledger.base import Detail
from zalo_alert.models import Campaign, State
from zalo_alert.reporting.full_report import Course, CurveMark
from zalo_alert.reporting.milestones import Milestones
from zalo_alert.reporting.report import Report
from zalo_alert.runs.facts import RunFacts
from zalo_alert.runs.history import Event
from zalo_alert.runs.schedule import Planned, measure_planned_rate

BEGUN = "started"
STOOD = frozenset({"stopped", "halted", "paused", "waiting", "failed", "finished", "expired", "cancelled", "corrected"})
_ANSWERED = (State.ACCEPTED, State.REJECTED, State.UNKNOWN)
_MARKED = frozenset({"started", "stopped", "halted", "paused", "waiting", "failed", "cancelled", "corrected"})


def course_of(
    campaign: Campaign, facts: RunFacts, report: Report, details: Sequence[Detail], planned: Sequence[Planned], now: datetime
) -> Course:
    """Hold what happened against the plan.

    Args:
        campaign: As frozen.
        facts: Of the run.
        report: Its totals and history.
        details: Of the ledger.
        planned: By number of place; empty where nobody is written to one by one.
        now: When it is looked at: until then a run that nobody has ended is being sent.
    """
    spells = list(sending_spells(report.history, now))
    sending_s = sum(end - begin for begin, end in spells)
    whole_s = spells[-1][1] - spells[0][0] if spells else 0.0
    answered = sum(report.totals[state] for state in _ANSWERED)
    asked = facts.audience - facts.withheld - facts.staff
    return Course(
        planned_per_s=measure_planned_rate(planned) if planned else 0.0,
        planned_at=instant(min(planned).starts_at_s) if planned else None,
        planned_end=instant(max(place.finishes_at_s for place in planned)) if planned else None,
        began_at=instant(spells[0][0]) if spells else None,
        ended_at=_ended_at(report, details, spells),
        sending_s=sending_s,
        standing_s=max(0.0, whole_s - sending_s),
        per_s=answered / sending_s if sending_s >= 1 else None,
        most_per_min=max(_accepted(details).values(), default=0),
        staff=facts.staff,
        canary=PEOPLE if campaign.canary and asked > PEOPLE else 0,
        pauses=sum(event.what == "paused" for event in report.history),
    )


def sending_spells(history: Sequence[Event], now: datetime) -> Iterator[tuple[float, float]]:
    """Yield from when to when the run was sent, in seconds since 1970.

    A spell ends with what ended it; where the process died and nobody could note that, with the next beginning.
    """
    begun: float | None = None
    for event in history:
        if event.what == BEGUN or (begun is not None and event.what in STOOD):
            if begun is not None:
                yield begun, event.at_s
            begun = event.at_s if event.what == BEGUN else None
    if begun is not None:
        yield begun, max(begun, now.timestamp())


def _ended_at(report: Report, details: Sequence[Detail], spells: Sequence[tuple[float, float]]) -> datetime | None:
    """Say when the last person had an answer, to the second where one spell ended with that; None while anybody is left."""
    if not spells or any(report.totals[state] for state in (State.PENDING, State.CLAIMED, State.DEFERRED)):
        return None
    last_s = max((detail.minute_s for detail in details if detail.state in _ANSWERED), default=None)
    return instant(min(spells[-1][1], last_s + 60)) if last_s is not None else None


def _accepted(details: Sequence[Detail]) -> Mapping[int, int]:
    minutes: dict[int, int] = {}
    for detail in details:
        if detail.state is State.ACCEPTED:
            minutes[detail.minute_s] = minutes.get(detail.minute_s, 0) + detail.people
    return minutes


def marks_of(campaign: Campaign, report: Report, reached: Milestones, onsets: Sequence[datetime]) -> list[CurveMark]:
    """Return what is worth a mark in a picture of the run, in order of time."""
    marks = [CurveMark(instant(event.at_s), event.what, event.words) for event in report.history if event.what in _MARKED]
    marks += [CurveMark(at, "onset", _("the danger begins")) for at in sorted(set(onsets))]
    marks.append(CurveMark(campaign.expires, "expires", _("the alert expires")))
    if reached.half_at:
        marks.append(CurveMark(reached.half_at, "half", _("half of them have it")))
    if reached.ninety_at:
        marks.append(CurveMark(reached.ninety_at, "ninety", _("90 % have it")))
    return sorted(marks, key=lambda mark: mark.at)
