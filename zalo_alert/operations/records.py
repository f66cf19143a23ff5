"""Several runs of a workspace read for a report: what can't be read is named, and the others go on."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import instant
from zalo_alert.language import _
from zalo_alert.operations.release import release_of
from zalo_alert.reporting.alert_record import AlertRecord, Campaigns, read_record
from zalo_alert.reporting.sight import RunSight, RunWatch
from zalo_alert.runs.lifecycle import NEVER_SENT, OVER

if TYPE_CHECKING:
    from zalo_alert.runs.run import Run
    from zalo_alert.runs.store import Runs

IN_FORCE = timedelta(days=7)  # no alert holds longer, so no older run can still be in force


@dataclass(slots=True)
class Records:
    """Runs that were read.

    Args:
        read: Those that could be, in the order of the workspace.
        sights: Of those that are not over.
        unread: The others, each as a sentence.
    """

    read: list[AlertRecord] = field(default_factory=list)
    sights: list[RunSight] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_named(
    runs: "Runs", names: Iterable[str], now: datetime, *, sights: bool = False, wants: "Callable[[Run], bool]" = lambda run: True
) -> Records:
    """Read some runs.

    Args:
        runs: The workspace's.
        names: Of those runs.
        now: When.
        sights: Whether to look also at how those go that are not over.
        wants: Asked of each before its ledger is read.
    """
    found, campaigns = Records(), Campaigns()
    for name in names:
        try:
            with closing(runs.open_to_read(name)) as run:
                if wants(run):
                    _read(run, found, campaigns, now, sights=sights)
        except ZaloAlertError as exc:
            found.unread.append(_("{run} can't be read: {why}", run=name, why=exc.message))
    return found


def _read(run: "Run", found: Records, campaigns: Campaigns, now: datetime, *, sights: bool) -> None:
    release = release_of(run)
    record = read_record(run, release, campaigns)
    if sights and record.is_open:
        with RunWatch(run, release) as watch:
            found.sights.append(watch.look(now))
    found.read.append(record)


def read_of_time(runs: "Runs", since: datetime, until: datetime) -> Records:
    """Read the runs that something happened to in a stretch of time, or that were still in force at its end."""
    written = runs.written_since_to_read(min(since, until - IN_FORCE).timestamp())
    names = [name for name, _written_s in written]
    return read_named(runs, names, until, sights=True, wants=lambda run: _is_of_time(run, since, until))


def _is_of_time(run: "Run", since: datetime, until: datetime) -> bool:
    if run.facts.frozen_at > until:
        return False
    happened = [instant(event.at_s) for event in run.history()]
    state = run.state
    is_in_force = run.facts.expires > until and state not in NEVER_SENT and run.facts.frozen_at > until - IN_FORCE
    return is_in_force or any(since <= at <= until for at in happened) or state not in OVER | NEVER_SENT


def sort_by_time(records: Sequence[AlertRecord]) -> list[AlertRecord]:
    """Return runs in the order in which they were begun."""
    return sorted(records, key=lambda record: (record.began_at or record.facts.frozen_at, record.run))
