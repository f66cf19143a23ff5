"""Everything that is told of a run afterwards, as values: pages, CSV and JSON draw the same of them. Gathers nothing itself.

A number is people unless it says otherwise; None is what nobody knows, which is not 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.models import State
from zalo_alert.receipts.counts import ReceiptCounts
from zalo_alert.reporting.arrived import Arrived, arrived_json
from zalo_alert.reporting.decisions import Decisions
from zalo_alert.reporting.report import Report
from zalo_alert.reporting.verdict import Verdict

LOW_SHARE = 0.3  # a place of which less was reached needs other ways


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What the alert was, as it was frozen.

    Args:
        headline: As the largest place reads it.
        event: The hazard, in Vietnamese; `risk_level` of the law, where it has one.
        urgency: CAP's word, as `severity` and `certainty`.
        kind: "" of an alert, or what it is to the runs that it follows, which are `follows`.
        accounts: Our names of the OAs.
        profile: Of the workspace: live or drill.
    """

    headline: str
    event: str
    risk_level: int | None
    urgency: str
    severity: str
    certainty: str
    effective: datetime
    onset: datetime | None
    expires: datetime
    frozen_at: datetime
    kind: str
    follows: tuple[str, ...]
    accounts: tuple[str, ...]
    profile: str


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text as it was read: by one route, in one of the campaign's variants.

    Args:
        place: The largest place that reads it, whose name stands in it.
        route: Type of the route; "broadcast" for the article.
        template_id: Of the approved template that was filled in with `data`; "" where `text` was read.
        people: How many were accepted with it; None of an article, which nobody is counted for.
        share: Of all that were accepted, 0 to 1; None where nobody was.
    """

    place: str
    route: str
    headline: str
    text: str
    template_id: str
    data: Mapping[str, str]
    people: int | None
    share: float | None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        return {
            "place": self.place,
            "route_type": self.route,
            "headline": self.headline,
            "text": self.text,
            "template_id": self.template_id,
            "data": dict(self.data),
            "accepted": self.people,
        }


@dataclass(frozen=True, slots=True)
class ReadyText:
    """What stood ready to follow the alert: `kind` is "correction" or "all_clear"."""

    kind: str
    place: str
    headline: str
    text: str


@dataclass(frozen=True, slots=True)
class Course:
    """The plan against what happened.

    Args:
        planned_per_s: People a second that the plan counted on; 0 where nobody is written to one by one.
        planned_at: When the plan had its first person asked, and in `planned_end` its last.
        began_at: When it was begun with; None before that.
        ended_at: When the last answer came of a run that is over; None while anybody is left.
        sending_s: Seconds during which it was sent, and `standing_s` those in between during which it stood.
        per_s: People answered a second while it was sent; None where it was sent for no time.
        most_per_min: Accepted in the best minute.
        staff: How many went first, and `canary` how many of the area after them; 0 where there was no such stage.
        pauses: How often that stopped the rest.
    """

    planned_per_s: float
    planned_at: datetime | None
    planned_end: datetime | None
    began_at: datetime | None
    ended_at: datetime | None
    sending_s: float
    standing_s: float
    per_s: float | None
    most_per_min: int
    staff: int
    canary: int
    pauses: int

    @property
    def late_s(self) -> float | None:
        """By how many seconds it ended after the plan; below 0 it was early; None while nobody can tell."""
        if self.planned_end is None or self.ended_at is None:
            return None
        return (self.ended_at - self.planned_end).total_seconds()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        return {
            "planned_per_s": round(self.planned_per_s, 1),
            "per_s": None if self.per_s is None else round(self.per_s, 1),
            "planned_at": iso(self.planned_at),
            "planned_finishes_at": iso(self.planned_end),
            "began_at": iso(self.began_at),
            "ended_at": iso(self.ended_at),
            "late_s": None if self.late_s is None else round(self.late_s),
            "sending_s": round(self.sending_s),
            "standing_s": round(self.standing_s),
            "most_per_min": self.most_per_min,
            "staff": self.staff,
            "canary": self.canary,
            "pauses": self.pauses,
        }


@dataclass(frozen=True, slots=True)
class CurveMark:
    """An instant worth a mark in the pictures: `kind` is a word of the run's history, or onset, expires, half, ninety."""

    at: datetime
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class PlaceResult:
    """The people of one label, and when they were reached.

    Args:
        label: What their messages call the place.
        keys: Of the groups that read this label.
        totals: By state; they add up to `people`.
        onset: When the danger begins there.
        planned_at: When the last of them was to be asked.
        first_at: The minute in which the first was accepted; `half_at`, `ninety_at` and `last_at` those in which half, 90 % and
            the last of all accepted were; half and 90 % are None while more may be.
        arrived: How many messages there were delivered and seen; None where no receipts are kept.
    """

    label: str
    keys: tuple[str, ...]
    people: int
    totals: Mapping[State, int]
    onset: datetime | None
    planned_at: datetime | None
    first_at: datetime | None
    half_at: datetime | None
    ninety_at: datetime | None
    last_at: datetime | None
    arrived: Arrived | None = None

    @property
    def share(self) -> float | None:
        """How much of them was accepted, 0 to 1; None of nobody."""
        return share_of(self.totals, self.people)

    @property
    def lead_s(self) -> float | None:
        """How many seconds before the danger half of them had it; below 0 it was after; None where nobody can tell."""
        return (self.onset - self.half_at).total_seconds() if self.onset and self.half_at else None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        return {
            "name": self.label,
            "places": list(self.keys),
            "people": self.people,
            "totals": all_states(self.totals),
            "onset": iso(self.onset),
            "planned_at": iso(self.planned_at),
            "first_at": iso(self.first_at),
            "half_at": iso(self.half_at),
            "ninety_at": iso(self.ninety_at),
            "last_at": iso(self.last_at),
            **arrived_json(self.arrived),
        }


@dataclass(frozen=True, slots=True)
class ProvinceResult:
    """The people of one of today's provinces, or of whom nobody knows where they live.

    Args:
        key: `new:44`; `unknown`, `foreign` or `staff`.
        followers: In the follower books of the OAs when the report was made; None where they could not be counted.
        population: Of `population_year`, an estimate; None of what is no province.
        arrived: How many messages there were delivered and seen; None where no receipts are kept.
    """

    key: str
    name: str
    people: int
    totals: Mapping[State, int]
    followers: int | None
    population: int | None
    arrived: Arrived | None = None

    @property
    def share(self) -> float | None:
        """How much of those meant was accepted, 0 to 1; None of nobody."""
        return share_of(self.totals, self.people)

    @property
    def of_followers(self) -> float | None:
        """How much of the followers that is; None where nobody knows. Above 1 where some have left since."""
        return self._of(self.followers)

    @property
    def of_population(self) -> float | None:
        """How much of the people who live there that is: an estimate; one person may follow several OAs."""
        return self._of(self.population)

    def _of(self, whole: int | None) -> float | None:
        return self.totals.get(State.ACCEPTED, 0) / whole if whole else None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        return {
            "place": self.key,
            "name": self.name,
            "people": self.people,
            "totals": all_states(self.totals),
            "followers": self.followers,
            "population": self.population,
            **arrived_json(self.arrived),
        }


@dataclass(frozen=True, slots=True)
class RouteUse:
    """What one route was used for: `accepted` messages, and `tried`, the people whose last answer came by it."""

    number: int
    type: str
    template_id: str
    accepted: int
    tried: int

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        route = {"number": self.number + 1, "route_type": self.type, "template_id": self.template_id}
        return {**route, "accepted": self.accepted, "tried": self.tried}


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """What is left of an OA's quota, as Zalo told last."""

    account: str
    kind: str
    left: int
    total: int | None
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class FullReport:
    """All that is told of a run.

    Args:
        made_at: When it was counted.
        version: Of the tool.
        is_open: Whether it may still change: figures are those of `made_at`.
        verdict: How it went, in a sentence.
        report: Its states, reasons and history; whatever else there is adds up to its totals.
        provinces: The worst reached first.
        by_minute: Accepted people: seconds since 1970 at the minute's start, how many.
        cures: Of each of the report's causes, what can be done; "" where nothing need be.
        followers_unknown: Why the follower books could not be counted; "" where they were.
        lessons: What to do better, the gravest first.
    """

    made_at: datetime
    version: str
    is_open: bool
    verdict: Verdict
    report: Report
    alert: AlertFacts
    decisions: Decisions
    texts: tuple[ReadText, ...]
    ready: tuple[ReadyText, ...]
    course: Course
    marks: tuple[CurveMark, ...]
    by_minute: tuple[tuple[int, int], ...]
    places: tuple[PlaceResult, ...]
    provinces: tuple[ProvinceResult, ...]
    cures: tuple[str, ...]
    routes: tuple[RouteUse, ...]
    quotas: tuple[QuotaUse, ...]
    followers_unknown: str
    lessons: tuple[str, ...] = ()

    @property
    def receipts(self) -> ReceiptCounts:
        """How many messages were delivered and seen."""
        return self.report.receipts


def share_of(totals: Mapping[State, int], people: int) -> float | None:
    """Return how much of some people was accepted, 0 to 1; None of nobody."""
    return totals.get(State.ACCEPTED, 0) / people if people else None


def all_states(totals: Mapping[State, int]) -> dict[str, int]:
    """Return every state with its people, zeros too."""
    return {state.value: totals.get(state, 0) for state in State}


def iso(at: datetime | None) -> str | None:
    """Write an instant for a script, in Vietnam's time."""
    return in_vietnam(at).isoformat() if at else None
