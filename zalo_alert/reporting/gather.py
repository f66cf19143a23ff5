"""Gathers all that is told of a run afterwards: its ledger is read once, the log of the workspace once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from importlib.metadata import version

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.campaign.render import Renderer
from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import instant
from zalo_alert.language import _
from zalo_alert.ledger.base import Detail
from zalo_alert.models import Campaign, Reason, RouteType, State
from zalo_alert.reporting.as_read import texts_read, texts_ready
from zalo_alert.reporting.course import course_of, marks_of
from zalo_alert.reporting.decisions import decisions_of
from zalo_alert.reporting.full_report import AlertFacts, FullReport, QuotaUse, RouteUse
from zalo_alert.reporting.lessons import lessons_of
from zalo_alert.reporting.milestones import Milestones, milestones_of
from zalo_alert.reporting.place_results import place_results, province_results
from zalo_alert.reporting.release import NOT_RELEASED, Release
from zalo_alert.reporting.report import Cause, Report, accepted_by_minute, make_of
from zalo_alert.reporting.sight import RunSight
from zalo_alert.reporting.status import status_of
from zalo_alert.reporting.verdict import Verdict, verdict_of
from zalo_alert.runs.run import Run
from zalo_alert.runs.schedule import measure_planned_rate
from zalo_alert.zalo.codes import ADVICE, look_up
from zalo_alert.zalo.endpoints import ENDPOINTS


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is not the run's own.

    Args:
        release: Who let it out where no second officer approved it.
        followers: In the follower books, by the key of their place; None where they could not be counted.
        followers_unknown: Why not.
        quotas: What is left of them.
    """

    release: Release = NOT_RELEASED
    followers: Mapping[str, int] | None = None
    followers_unknown: str = ""
    quotas: tuple[QuotaUse, ...] = field(default=())


def gather(run: Run, around: Surroundings, now: datetime) -> FullReport:
    """Gather all that is told of a run.

    Raises:
        StorageUnusable: The run's files can't be used, or its states don't add up.
    """
    gathered = _Gathering(run, around, now).all()
    return replace(gathered, lessons=lessons_of(gathered))


class _Gathering:
    """One look at a run; each part of the report is made of what was read."""

    def __init__(self, run: Run, around: Surroundings, now: datetime) -> None:
        self._run, self._around, self._now = run, around, now
        self._campaign = frozen_campaign(run)
        self._is_active = run.is_active
        with closing(run.ledger()) as ledger:
            self._details: Sequence[Detail] = ledger.details()
            report = make_of(run, self._campaign, ledger, self._details, around.release)
            self._report = _as_counted_by_place(report) if self._is_active else report
            self._status = status_of(run, ledger, active=self._is_active, release=around.release)
            self._planned = run.schedule() if ledger.claimable else []
        self._is_open = self._is_active or run.is_open()

    def all(self) -> FullReport:
        run, campaign, report = self._run, self._campaign, self._report
        run_places = run.places()
        return FullReport(
            made_at=self._now,
            version=version("zalo-alert"),
            is_open=self._is_open,
            verdict=self._verdict(),
            report=report,
            alert=self._alert(),
            decisions=decisions_of(run, report.history),
            texts=tuple(texts_read(campaign, run_places, self._details)),
            ready=tuple(texts_ready(campaign, run_places)),
            course=course_of(campaign, run.facts, report, self._details, self._planned, self._now),
            marks=tuple(marks_of(campaign, report, Milestones() if self._is_open else self._milestones, self._onsets())),
            by_minute=tuple(self._by_minute),
            places=tuple(place_results(campaign, report.places, self._details, self._planned, is_open=self._is_open)),
            provinces=tuple(province_results(report.places, self._around.followers)),
            cures=tuple(_cure(cause, report.run) for cause in report.causes),
            routes=tuple(self._routes()),
            quotas=self._around.quotas,
            followers_unknown=self._around.followers_unknown,
        )

    def _onsets(self) -> list[datetime]:
        places = self._run.places()
        return [at for place in places if place.people and (at := self._campaign.onset_of(place.variant))]

    @cached_property
    def _by_minute(self) -> list[tuple[int, int]]:
        return accepted_by_minute(self._details)

    @cached_property
    def _milestones(self) -> Milestones:
        return milestones_of(self._by_minute)

    def _verdict(self) -> Verdict:
        """Say how it goes or went, as every screen does; the places are not looked at for it."""
        onsets = self._onsets()
        began = next((instant(event.at_s) for event in self._report.history if event.what == "started"), None)
        return verdict_of(
            RunSight(
                self._now, replace(self._status, totals=dict(self._report.totals)), self._report.code, self._campaign.headline,
                min(onsets, default=None), self._campaign.expires, 0.0,
                measure_planned_rate(self._planned) if self._planned else 0.0, (), self._report.causes, tuple(self._by_minute),
                instant(min(self._planned).starts_at_s) if self._planned else None, began,
            )
        )  # fmt: skip

    def _alert(self) -> AlertFacts:
        run, campaign, facts = self._run, self._campaign, self._run.facts
        largest = max(run.places(), key=lambda place: place.people, default=None)
        label, variant = (largest.label, largest.variant) if largest else ("", None)
        return AlertFacts(
            Renderer(campaign).headline(label, variant), _hazard(campaign), campaign.risk_level, campaign.urgency,
            campaign.severity, campaign.certainty, campaign.effective, campaign.onset, campaign.expires, facts.frozen_at,
            facts.kind, facts.parent, facts.accounts, facts.profile,
        )  # fmt: skip

    def _routes(self) -> list[RouteUse]:
        accepted, tried = Counter[int](), Counter[int]()
        for detail in self._details:
            if detail.state is not State.WITHHELD:
                tried[detail.route] += detail.people
            if detail.state is State.ACCEPTED:
                accepted[detail.route] += detail.people
        return [
            RouteUse(number, route.type, route.template_id, accepted[number], tried[number])
            for number, route in enumerate(self._campaign.routes)
        ]


def _hazard(campaign: Campaign) -> str:
    return HAZARDS[campaign.event].name if campaign.event in HAZARDS else campaign.event


def _as_counted_by_place(report: Report) -> Report:
    """Take the totals of a run that is being sent from its places, so that all figures of a page are of one instant."""
    totals: Counter[State] = Counter()
    for place in report.places:
        totals.update(place.states)
    return replace(report, totals={state: totals[state] for state in State})


_REASON_CURES: Mapping[Reason, str] = {
    Reason.NO_ADDRESS: _("ask for their phone numbers, or give the campaign a route that needs none"),
    Reason.NO_VALUE: _("import their names, or take the name out of the template"),
    Reason.NEVER: _("they stay on the list of those never written to"),
    Reason.DEAD: _("they follow no more, or have blocked the OA: {sync} brings the book up to date", sync=Cure.SYNC()),
    Reason.DAY_CAP: _("an alert of severity Severe or Extreme goes to them all the same"),
    Reason.WEEK_CAP: _("an alert of severity Severe or Extreme goes to them all the same"),
}


def _cure(cause: Cause, run: str) -> str:
    """Say what can be done about why people were not accepted; "" where nothing need be."""
    if cause.state is State.UNKNOWN:
        resume = Cure.RESUME(run, retry_unknown=True)
        return _("some of them have it already: {resume} asks them again, and may reach them twice", resume=resume)
    if cause.reason in _REASON_CURES:
        return _REASON_CURES[cause.reason]
    row = look_up(ENDPOINTS[RouteType(cause.route)][0], cause.code)
    return row.advice or ADVICE.get(row.action, "") if cause.code else ""
