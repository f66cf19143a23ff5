"""How `status` says a run: on a terminal as the panel, elsewhere in plain lines, to machines as JSON."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.broadcast_view import show_broadcasts
from zalo_alert.cli.display import display
from zalo_alert.cli.panel import describe_arrived, describe_done, draw
from zalo_alert.cli.report_view import show_release
from zalo_alert.cli.run_view import show_states, totals_fields
from zalo_alert.cli.time_cell import time_cell
from zalo_alert.foundation.clock import in_vietnam, instant
from zalo_alert.language import _, joined, rate
from zalo_alert.models import State
from zalo_alert.reporting.arrived import arrived_json, arrived_of, receipts_json
from zalo_alert.reporting.report import broadcast_as_json
from zalo_alert.reporting.sight import PlaceSight, RunSight
from zalo_alert.reporting.slow_words import short_moment, why_slow
from zalo_alert.reporting.status import RunStatus, standing_in_words, way_on
from zalo_alert.reporting.verdict import drift_in_words, verdict_of
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.schedule import Drift

if TYPE_CHECKING:
    from zalo_alert.operations.next_message import NextMessage


def show_status(sight: RunSight) -> None:
    """Show how a run stands."""
    display.fact("status", **status_fields(sight))
    if display.out.is_terminal:
        display.show(draw(sight))
    else:
        _tell_status(sight)


def show_next_message(promise: "NextMessage", now: datetime) -> None:
    """Say when a run's next message is due, loudly where none is there."""
    display.fact("next-message", run=promise.run, due_at=promise.due_at, missing=promise.is_missing)
    display.say(promise.in_words(now), style="bold red" if promise.is_missing else "")


def status_fields(sight: RunSight) -> dict[str, Any]:
    """Return how a run stands as plain values, with names that do not change."""
    status, verdict = sight.status, verdict_of(sight)
    return {
        "run": status.run,
        "verdict": verdict.word,
        "message": verdict.sentence,
        "bad": verdict.is_bad,
        "state": status.state,
        "rehearsal": status.is_rehearsal,
        "audience": status.audience,
        "settled": sight.settled,
        "left": sight.left,
        "totals": totals_fields(status.totals),
        "rate_per_s": round(sight.rate_per_s, 1),
        "granted_per_s": None if sight.granted_per_s is None else round(sight.granted_per_s, 1),
        "planned_per_s": round(sight.planned_per_s, 1),
        "onset": _iso(sight.onset),
        "expires": _iso(sight.expires),
        "due_at": _iso(sight.due_at),
        "missed_at_expiry": sight.missed_at_expiry,
        "last": status.last.what,
        "detail": status.last.detail,
        "cure": way_on(status),
        "cause": status.cause,
        **_drift_fields(status.drift),
        "receipts": receipts_json(sight.receipts),
        "slowed": [cause.as_json() for cause in status.slowed],
        "places": _place_fields(sight),
        "causes": [cause.as_json() for cause in sight.causes],
        "broadcast": [broadcast_as_json(broadcast) for broadcast in status.broadcasts],
        **status.release.as_json(),
    }


def _place_fields(sight: RunSight) -> list[dict[str, Any]]:
    """Return each group of people with its drift, and what stands of all that read its label."""
    status, by_key = sight.status, {key: place for place in sight.places for key in place.keys}
    if not status.drift:
        return []
    return [
        {
            "place": row.key, "name": row.label, **_drift_fields(drift), "onset": _onset_of(by_key.get(row.key)),
            **arrived_json(arrived_of(sight.receipts, [number])),
        }
        for number, (row, drift) in enumerate(zip(status.places, status.drifts, strict=True))
    ]  # fmt: skip


def _onset_of(place: PlaceSight | None) -> str | None:
    return _iso(place.onset) if place else None


def _iso(at: datetime | None) -> str | None:
    return in_vietnam(at).isoformat(timespec="seconds") if at else None


def tell_line(sight: RunSight) -> None:
    """Say how a run stands in one line with its time, for what is no terminal."""
    said = [verdict_of(sight).sentence]
    if sight.status.audience:
        said.append(describe_done(sight))
    if sight.rate_per_s:
        said.append(rate(sight.rate_per_s))
    said += [why_slow(cause, sight.at) for cause in sight.status.slowed]
    at = f"{in_vietnam(sight.at):%H:%M:%S %d/%m}"
    display.tell(joined((at, joined((sight.status.run, joined(said, " · ")), ": ")), " "))


def _tell_status(sight: RunSight) -> None:
    status, totals, whole = sight.status, sight.status.totals, sight.status.drift
    display.tell(verdict_of(sight).sentence)
    display.tell(
        _(
            "{run} ({status}): {what_happened}",
            run=status.run,
            status=kind_of(status.status, is_rehearsal=status.is_rehearsal),
            what_happened=standing_in_words(status.state, status.last),
        )
    )
    show_release(status.run, status.release)
    if status.state is not RunState.SENDING and (cure := way_on(status)):
        display.tell(joined(("→", cure), " "))
    for cause in status.slowed:
        display.tell(why_slow(cause, sight.at), style="yellow")
    show_states("", totals, status.audience)
    for told in describe_arrived(sight):
        display.tell(told)
    if whole and status.state != "cancelled":
        _show_drift(sight, status, whole)
    show_broadcasts(status.broadcasts)
    if totals[State.CLAIMED] and not status.is_active:
        display.tell(_("whoever sent it was cut off: those still claimed become unknown when the run is resumed"))


def _drift_fields(drift: Drift | None) -> dict[str, object]:
    if drift is None:
        return {"planned_finishes_at": None, "finishes_at": None, "late_s": None, "done": None}
    expected_at_s, late_s = drift.expected_at_s, drift.late_s
    return {
        "planned_finishes_at": instant(drift.planned_at_s).isoformat(timespec="seconds"),
        "finishes_at": None if expected_at_s is None else instant(expected_at_s).isoformat(timespec="seconds"),
        "late_s": None if late_s is None else round(late_s),
        "done": drift.is_done,
    }


def _show_drift(sight: RunSight, status: RunStatus, whole: Drift) -> None:
    now, arrived = sight.at, {place.label: place.arrived for place in sight.places}
    drift = _describe_drift(whole, now)
    goes_on = status.is_active or whole.is_done
    display.tell(_("last person: {drift}", drift=drift) if goes_on else _("last person, if resumed now: {drift}", drift=drift))
    latest: dict[str, Drift] = {}
    for place, drift_there in zip(status.places, status.drifts, strict=True):
        latest[place.label] = max(latest.get(place.label, drift_there), drift_there)
    rows = [
        (label, *_drift_cells(drift_there, now, time_cell), *(arrived.get(label) or ())) for label, drift_there in latest.items()
    ]
    columns = (_("delivered"), _("seen")) if sight.receipts.is_kept else ()
    display.table(_("last person by place"), (_("place"), _("planned"), _("expected"), _("drift"), *columns), rows)


def _describe_drift(drift: Drift, now: datetime) -> str:
    planned, expected, late = _drift_cells(drift, now, short_moment)
    if drift.expected_at_s is None:
        return _("planned {planned}, expected not known: nobody is being reached", planned=planned)
    if not drift.is_done:
        expected = _("expected {expected}", expected=expected)
    whole = _("planned {planned}, {expected}", planned=planned, expected=expected)
    return joined((whole, late), ": ") if late else whole


def _drift_cells(drift: Drift, now: datetime, write: Callable[[datetime, datetime], str]) -> tuple[str, str, str]:
    planned = write(instant(drift.planned_at_s), now)
    if drift.expected_at_s is None or drift.late_s is None:
        return planned, _("not known"), ""
    at = write(instant(drift.expected_at_s), now)
    return planned, _("done {at}", at=at) if drift.is_done else at, drift_in_words(drift)
