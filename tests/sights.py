"""Runs at an instant, made up for what draws and judges them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import State
from zalo_alert.reporting.sight import PlaceSight, RunSight
from zalo_alert.reporting.status import RunStatus
from zalo_alert.runs.history import Event
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.schedule import Drift

NOW = datetime(2026, 11, 26, 22, 0, tzinfo=VIETNAM)


def totals_of(**people: int) -> dict[State, int]:
    """Name every state's people; those who are not named are nobody."""
    return dict.fromkeys(State, 0) | {State(state): number for state, number in people.items()}


def drift_of(planned_min: float, late_s: float | None, *, is_done: bool = False) -> Drift:
    """Make a drift of a plan that ends so many minutes after `NOW`."""
    planned_at_s = (NOW + timedelta(minutes=planned_min)).timestamp()
    return Drift(planned_at_s, None if late_s is None else planned_at_s + late_s, is_done)


def sight_of(
    state: RunState = RunState.SENDING,
    totals: Mapping[State, int] | None = None,
    *,
    last: tuple[str, str] = ("started", ""),
    drift: Drift | None = None,
    status: Mapping[str, Any] | None = None,
    **changes: Any,
) -> RunSight:
    """Make a run that is seen at `NOW`, an hour after it began as planned: 412 minutes of it are ahead, at 1,100 a second."""
    counted = dict(totals or totals_of(pending=60_000, accepted=6_000, rejected=221))
    event = Event((NOW - timedelta(hours=1)).timestamp(), *last)
    is_active = state is RunState.SENDING
    standing = RunStatus(
        "DT-1", "Exercise", state, is_active, sum(counted.values()), counted, event, "", None, (), drift or drift_of(412, 0), (),
        (), (), is_rehearsal=False,
    )  # fmt: skip
    sight = RunSight(
        at=NOW, status=replace(standing, **(status or {})), code="DT-1", headline="DIỄN TẬP bão", onset=None,
        expires=NOW + timedelta(hours=14), rate_per_s=1100.0 if is_active else 0.0, planned_per_s=1100.0, places=(), causes=(),
        by_minute=(), planned_at=NOW - timedelta(hours=1), began_at=NOW - timedelta(hours=1),
    )  # fmt: skip
    return replace(sight, **changes)


def place_of(label: str, people: int, accepted: int, drift: Drift | None = None, onset: datetime | None = None) -> PlaceSight:
    """Make a place of which so many are accepted and the others are pending."""
    totals = totals_of(accepted=accepted, pending=people - accepted)
    return PlaceSight(label, ("new:44",), people, totals, drift or drift_of(412, 0), onset)
