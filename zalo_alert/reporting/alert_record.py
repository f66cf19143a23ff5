"""One run as the reports of several see it: what it said, who agreed, when it reached how many, and what went wrong.

Read off the run's own folder alone. Knows neither the log nor the clock.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from zalo_alert import places
from zalo_alert.approval.request import read_request
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.campaign.occurrence import at_occurrence
from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.foundation.clock import in_vietnam, instant
from zalo_alert.foundation.digests import digest_of
from zalo_alert.language import Sentence
from zalo_alert.ledger.base import AcceptedTimes, Ledger
from zalo_alert.models import Campaign, Digest, State, Status
from zalo_alert.receipts.counts import receipt_counts
from zalo_alert.reporting.arrived import Arrived
from zalo_alert.reporting.milestones import Milestones, milestones_of
from zalo_alert.reporting.reach import ProvinceReach, Reach, provinces_of, reach_of
from zalo_alert.reporting.release import NOT_RELEASED, Release
from zalo_alert.reporting.report import Cause, PlaceCount, by_place, causes_of
from zalo_alert.runs.facts import Kind, RunFacts
from zalo_alert.runs.history import Event
from zalo_alert.runs.lifecycle import NEVER_SENT, OVER, RunState
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Profile

_INTERRUPTED = {"halted", "paused", "waiting", "stopped", "failed", "held"}  # of the history's words


@dataclass(frozen=True, slots=True)
class PlaceTimes:
    """The people of one label, and when they had the message.

    Args:
        label: What their message calls the place.
        people: How many they are.
        accepted: How many Zalo took it for.
        onset: When the danger begins there; None where nobody has said.
        times: To the minute; half and nine in ten of all of them, reached or not.
    """

    label: str
    people: int
    accepted: int
    onset: datetime | None
    times: Milestones

    @property
    def lead_s(self) -> float | None:
        """Seconds from when half of them had it to the danger; below 0 it came too late. None where half never had it."""
        if self.onset is None or self.times.half_at is None:
            return None
        return (self.onset - self.times.half_at).total_seconds()


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """One run.

    Args:
        run: Its name.
        facts: Fixed when it was frozen.
        campaign: As frozen.
        state: Where it stands.
        area: What it is about, in words.
        submitted_at: None where nobody need submit it, as in a drill.
        submitted_by: Whose name stands there; "" where nobody's does.
        approved_at: Of the last signature that was needed.
        approved_by: Who has approved it.
        began_at: When its sending began; None where it has not.
        ended_at: When it was over; None while it is not.
        release: Who let it out where no second officer approved it.
        reach: Everyone.
        provinces: The same by province.
        causes: Why people were not accepted.
        maybe_twice: Who may have been reached twice.
        times: To the second.
        by_second: Accepted people: seconds since 1970, how many.
        places: By label, in the order of sending.
        history: What happened to it as a whole.
    """

    run: str
    facts: RunFacts
    campaign: Campaign
    state: RunState
    area: str
    submitted_at: datetime | None
    submitted_by: str
    approved_at: datetime | None
    approved_by: tuple[str, ...]
    began_at: datetime | None
    ended_at: datetime | None
    release: Release
    reach: Reach
    provinces: tuple[ProvinceReach, ...]
    causes: tuple[Cause, ...]
    maybe_twice: int
    times: Milestones
    by_second: tuple[tuple[int, int], ...]
    places: tuple[PlaceTimes, ...]
    history: tuple[Event, ...]

    @property
    def kind(self) -> Kind:
        """What it is to the runs that it follows."""
        return self.facts.kind

    @property
    def is_drill(self) -> bool:
        """Whether it is an exercise or a test, or reached nobody although it was real."""
        return self.facts.status != Status.ACTUAL or self.facts.profile == Profile.DRILL or self.facts.is_rehearsal

    @property
    def hazard(self) -> str:
        """What threatens, by the law's name of it."""
        known = HAZARDS.get(self.campaign.event)
        return known.name if known else self.campaign.event

    @property
    def level(self) -> int | None:
        """The highest risk level that it names anywhere."""
        levels = [self.campaign.risk_level, *(variant.risk_level for variant in self.campaign.variants)]
        return max((level for level in levels if level is not None), default=None)

    @property
    def is_counted(self) -> bool:
        """Whether its people count where several runs are added up: it is an alert, and it was begun or has reached somebody."""
        return self.kind is Kind.ALERT and bool(self.began_at or self.times.first_at)

    @property
    def is_open(self) -> bool:
        """Whether somebody of it is still to be written to."""
        return self.state not in OVER and self.state not in NEVER_SENT

    @property
    def interruptions(self) -> tuple[Event, ...]:
        """What made it stand still, each time."""
        return tuple(event for event in self.history if event.what in _INTERRUPTED)

    @property
    def restarts(self) -> int:
        """How often it went on after it had stood still."""
        return max(0, sum(event.what == "started" for event in self.history) - 1)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        return {
            "run": self.run,
            "code": self.facts.code,
            "follows": list(self.facts.parent),
            "kind": self.kind.value or "alert",
            "msg_type": self.campaign.msg_type.value,
            "status": self.facts.status,
            "drill": self.is_drill,
            "event": self.campaign.event,
            "risk_level": self.level,
            "area": self.area,
            "state": self.state.value,
            "submitted_at": _iso(self.submitted_at),
            "submitted_by": self.submitted_by,
            "approved_at": _iso(self.approved_at),
            "approved_by": list(self.approved_by),
            "alone_by": self.release.alone_by,
            "standing": self.release.standing,
            "effective": _iso(self.campaign.effective),
            "onset": _iso(self.campaign.onset),
            "expires": _iso(self.campaign.expires),
            "frozen_at": _iso(self.facts.frozen_at),
            "began_at": _iso(self.began_at),
            "ended_at": _iso(self.ended_at),
            **self.times.as_json(),
            "reach": self.reach.as_json(),
        }


def _iso(at: datetime | None) -> str | None:
    return in_vietnam(at).isoformat() if at else None


class Campaigns:
    """Reads the frozen campaigns of many runs; one text is taken apart once, as routine notices have the same each time."""

    def __init__(self) -> None:
        self._known: dict[tuple[Digest, bool], Campaign] = {}

    def of(self, run: Run) -> Campaign:
        """Return a run's campaign; `StorageUnusable` where it is not the one that was frozen."""
        facts = run.facts
        key = (facts.campaign_digest, facts.is_marked)
        if key not in self._known or digest_of(run.campaign_bytes()) != facts.campaign_digest:
            self._known[key] = frozen_campaign(run)
        return at_occurrence(self._known[key], facts.occurrence)


def read_record(run: Run, release: Release = NOT_RELEASED, campaigns: Campaigns | None = None) -> AlertRecord:
    """Read a run.

    Args:
        run: Opened; stays the caller's.
        release: Who let it out where no second officer approved it.
        campaigns: Of those that were read before.

    Raises:
        StorageUnusable: It is damaged.
    """
    campaign = (campaigns or Campaigns()).of(run)
    history = tuple(run.history())
    with closing(run.ledger()) as ledger:
        counted = _count(run, campaign, ledger)
    submitted, approved = _last(history, "submitted"), _last(history, "approved")
    return AlertRecord(
        run=run.id,
        facts=run.facts,
        campaign=campaign,
        state=run.standing(),
        area=places.name_target(campaign.audience.areas, campaign.audience.target),
        submitted_at=instant(submitted.at_s) if submitted else None,
        submitted_by=_submitter(run, submitted),
        approved_at=instant(approved.at_s) if approved else None,
        approved_by=tuple(dict.fromkeys(filter(None, (_name_in(e.detail) for e in history if e.what == "approved")))),
        began_at=_first_at(history, "started"),
        ended_at=_ended_at(history),
        release=release,
        history=history,
        **counted,
    )


def _count(run: Run, campaign: Campaign, ledger: Ledger) -> dict[str, Any]:
    tallies, run_places = list(ledger.tallies()), run.places()
    receipts = receipt_counts(run)
    counted = by_place(run_places, tallies, ledger.untouched_state(), receipts)
    totals = {state: sum(place.states.get(state, 0) for place in counted) for state in State}
    times = ledger.accepted_times()
    return {
        "reach": reach_of(totals, Arrived(receipts.delivered, receipts.seen) if receipts.is_kept else None),
        "provinces": provinces_of(run_places, [reach_of(place.states, place.arrived) for place in counted], tallies),
        "causes": causes_of(campaign, tallies, totals, run.facts.person_cap),
        "maybe_twice": ledger.maybe_twice(),
        "times": milestones_of(times.by_second),
        "by_second": tuple(times.by_second),
        "places": tuple(_places(campaign, counted, times)),
    }


def _places(campaign: Campaign, counted: Sequence[PlaceCount], times: AcceptedTimes) -> list[PlaceTimes]:
    groups: dict[str, list[int]] = {}
    for number, place in enumerate(counted):
        groups.setdefault(place.place.label, []).append(number)
    return [_place_times(label, own, campaign, counted, times) for label, own in groups.items()]


def _place_times(
    label: str, own: Sequence[int], campaign: Campaign, counted: Sequence[PlaceCount], times: AcceptedTimes
) -> PlaceTimes:
    minutes: dict[int, int] = {}
    for at_s, people in (each for number in own for each in times.by_place.get(number, ())):
        minutes[at_s] = minutes.get(at_s, 0) + people
    onsets = [onset for number in own if (onset := campaign.onset_of(counted[number].place.variant))]
    people = sum(counted[number].place.people for number in own)
    return PlaceTimes(
        label,
        people,
        sum(counted[number].states.get(State.ACCEPTED, 0) for number in own),
        min(onsets, default=None),
        milestones_of(sorted(minutes.items()), people),
    )


def _last(history: Sequence[Event], what: str) -> Event | None:
    return next((event for event in reversed(history) if event.what == what), None)


def _first_at(history: Sequence[Event], what: str) -> datetime | None:
    return next((instant(event.at_s) for event in history if event.what == what), None)


def _ended_at(history: Sequence[Event]) -> datetime | None:
    """Return when the run was over: what happened last says so; a cure behind it is no event."""
    last = next((event for event in reversed(history) if event.what != "cure"), None)
    return instant(last.at_s) if last and last.what in set(OVER) else None


def _submitter(run: Run, submitted: Event | None) -> str:
    return str(read_request(run.request).signed["by"]) if run.request else _name_in(submitted.detail) if submitted else ""


def _name_in(detail: str) -> str:
    """Return the officer that a line of the history names."""
    return str(detail.fields.get("name", "")) if isinstance(detail, Sentence) else ""


def causes_together(records: Iterable[AlertRecord]) -> tuple[Cause, ...]:
    """Return why people of several runs were not accepted, the most first."""
    merged: dict[tuple[object, ...], Cause] = {}
    for cause in (cause for record in records for cause in record.causes):
        key = (cause.state, cause.route, cause.code, cause.reason)
        known = merged.get(key)
        merged[key] = replace(cause, people=cause.people + known.people) if known else cause
    return tuple(sorted(merged.values(), key=lambda cause: (-cause.people, cause.state, cause.reason, cause.code)))
