"""How a report looks on a terminal: how it ended or stands and what comes next, then times, states, places and reasons."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.broadcast_view import show_broadcasts
from zalo_alert.cli.display import display
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import VIETNAM, instant, words
from zalo_alert.language import _, joined, span
from zalo_alert.models import State
from zalo_alert.reporting.arrived import WHAT_IT_PROVES, arrived_in_short, doubts_of
from zalo_alert.reporting.completion import Shortfalls, describe_completion
from zalo_alert.reporting.percent import percent_of
from zalo_alert.reporting.release import Release, release_in_words
from zalo_alert.reporting.remarks import describe_unknown, remarks_of
from zalo_alert.reporting.report import Report
from zalo_alert.reporting.slow_words import short_moment
from zalo_alert.reporting.state_words import EXPLAINED
from zalo_alert.reporting.status import Standing, standing_in_words, standing_of
from zalo_alert.reporting.verdict import drift_in_words
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.schedule import Drift
from zalo_alert.runs.spells import sending_spells

if TYPE_CHECKING:
    from zalo_alert.operations.send import RunResult

_FINISHED = {RunState.FINISHED, RunState.EXPIRED}


def report_fields(report: Report, shortfalls: Shortfalls, standing: Standing) -> dict[str, Any]:
    """Return the fields of the line `report`."""
    return {**report.as_json(), **standing.as_json(), "shortfalls": shortfalls.as_json()}


def show_totals(run: Run, result: "RunResult") -> None:
    """Show where everyone of a run stands that was just sent: one table, one JSON line."""
    report = result.report
    display.fact("report", **report_fields(report, result.shortfalls, standing_of(run)))
    show_states(_title(report), report)
    show_release(run.id, report.release)


def show_release(run: str, release: Release) -> None:
    """Show who let a run out where no second officer approved it."""
    if sentence := release_in_words(run, release):
        display.tell(sentence, style="bold red" if release.is_unreviewed else "")


def _title(report: Report) -> str:
    return _("run {run} ({status})", run=report.run, status=kind_of(report.status, is_rehearsal=report.is_rehearsal))


def show_report(report: Report, shortfalls: Shortfalls, standing: Standing, drift: Drift | None) -> None:
    """Show a whole report.

    Args:
        report: What became of everyone.
        shortfalls: Who was not accepted, by what that calls for.
        standing: How the run stands, and what comes next.
        drift: How far it is from its plan; None where nobody is written to one by one.
    """
    if report.is_rehearsal:
        display.tell(_("REHEARSAL: it went to this machine, and none of these people was reached"))
    _show_head(report, shortfalls, standing)
    show_release(report.run, report.release)
    for sentence in (*_describe_course(report, drift, is_active=standing.state is RunState.SENDING), *_describe_accepted(report)):
        display.tell(sentence)
    show_states(_("where everyone stands"), report)
    _show_arrived(report)
    _show_by_place(report)
    _show_causes(report)
    show_broadcasts(report.broadcast)
    for sentence in _describe_unknown(report):
        display.tell(sentence)


def _show_head(report: Report, shortfalls: Shortfalls, standing: Standing) -> None:
    display.tell(_title(report), style="bold")
    if standing.state in _FINISHED:
        how = describe_completion(shortfalls, len(report.broadcast))
        display.tell(how, style="red" if shortfalls.calls_for_a_person else "green")
    else:
        display.tell(standing_in_words(standing.state, standing.last), style="yellow")
    if standing.state is not RunState.SENDING and standing.cure and standing.cure != says_why(report.run):
        display.tell(joined(("→", standing.cure), " "))


def says_why(run: str) -> str:
    """Return the cure of whatever a report explains: a report need not send anybody to itself."""
    return _("{report} says why", report=Cure.REPORT(run))


def _describe_course(report: Report, drift: Drift | None, *, is_active: bool) -> Iterator[str]:
    now = datetime.now(VIETNAM)
    spells = list(sending_spells(report.history, now))
    if spells:
        sent_s, whole_s = sum(end - begin for begin, end in spells), spells[-1][1] - spells[0][0]
        fields = {"begin": _exact(spells[0][0], now), "end": _exact(spells[-1][1], now), "time": _span(sent_s)}
        stood = _("stood still for {time} in between", time=_span(whole_s - sent_s)) if len(spells) > 1 else ""
        yield joined(filter(None, (_("sent from {begin} to {end}, for {time}", **fields), stood)), "; ")
    if drift and drift.expected_at_s is not None and report.first_at:
        planned, at = _moment(drift.planned_at_s, now), _moment(drift.expected_at_s, now)
        last = (
            _("last person: planned {planned}, done {done}", planned=planned, done=at)
            if drift.is_done
            else _("last person: planned {planned}, expected {expected}", planned=planned, expected=at)
            if is_active
            else _("last person: planned {planned}, if resumed now {expected}", planned=planned, expected=at)
        )
        yield joined(filter(None, (last, drift_in_words(drift))), ": ")


def _moment(at_s: float, now: datetime) -> str:
    return short_moment(instant(at_s), now)


def _exact(at_s: float, now: datetime) -> str:
    return short_moment(instant(at_s), now, seconds=True)


def _span(seconds: float) -> str:
    return span(timedelta(seconds=seconds))


def _describe_accepted(report: Report) -> Iterator[str]:
    if report.first_at and report.half_at and report.last_at:
        yield _(
            "first accepted {first_at} · half by {half_at} · last {last_at}",
            first_at=words(report.first_at),
            half_at=words(report.half_at),
            last_at=words(report.last_at),
        )
    yield from remarks_of(report)


def show_states(title: str, report: Report) -> None:
    """Show how many are in each state, and how many per cent that are."""
    if not report.audience:
        display.tell(_("nobody is written to one by one"))
        return
    totals = [(state, people) for state, people in report.totals.items() if people]
    rows = [(state.value, people, percent_of(people, report.audience), EXPLAINED[state]) for state, people in totals]
    columns = (_("state"), _("people"), "%", _("meaning"))
    display.table(title, columns, rows, total=(_("audience"), report.audience, "", ""), whole=1)


def _show_arrived(report: Report) -> None:
    if not (accepted := report.totals[State.ACCEPTED]):
        return
    display.tell(arrived_in_short(report.receipts, accepted))
    if report.receipts.is_kept:
        display.tell(WHAT_IT_PROVES)
    for doubt in doubts_of(report.receipts, report.run):
        display.tell(doubt)


def _show_by_place(report: Report) -> None:
    by_label: dict[str, Counter[State]] = {}
    arrived: dict[str, Counter[str]] = {}
    for row in report.places:
        by_label.setdefault(row.place.label, Counter()).update(row.states)
        if row.arrived:
            arrived.setdefault(row.place.label, Counter()).update(row.arrived.as_json())
    states = [state for state in State if report.totals[state]]
    columns = (_("delivered"), _("seen")) if arrived else ()
    rows = [
        (
            label, totals.total(), percent_of(totals[State.ACCEPTED], totals.total()), *(totals[state] for state in states),
            *([arrived[label]["delivered"], arrived[label]["seen"]] if arrived else []),
        )
        for label, totals in sorted(by_label.items(), key=lambda place: _share_accepted(place[1]))
    ]  # fmt: skip
    if rows:
        columns = (_("place"), _("people"), _("accepted %"), *states, *columns)
        display.table(_("by place, the worst first"), columns, rows, whole=1)


def _share_accepted(totals: Counter[State]) -> tuple[float, int]:
    """Order places: the smaller the share that was accepted the earlier; of equal shares, the one with more people."""
    return totals[State.ACCEPTED] / max(1, totals.total()), -totals.total()


def _show_causes(report: Report) -> None:
    if not report.causes:
        return
    columns: Sequence[str] = (_("state"), _("people"), _("route"), _("code"), _("why"))
    rows = [(cause.state, cause.people, cause.route, cause.code or "", cause.meaning) for cause in report.causes]
    display.table(_("why not accepted"), columns, rows, whole=1)


def _describe_unknown(report: Report) -> Iterator[str]:
    resume = Cure.RESUME(report.run, retry_unknown=True)
    if unknown := describe_unknown(report):
        yield unknown
    if any(broadcast.state is State.UNKNOWN for broadcast in report.broadcast):
        yield _("see whether the OA's page has it; if not, {resume} broadcasts it again", resume=resume)
