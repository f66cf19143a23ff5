"""Making an after-action report of a workspace: which runs belong together, and what the log tells of them."""

from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.audit.events import AuditEvent
from zalo_alert.campaign import parse as campaign_file
from zalo_alert.errors import StorageUnusable, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _
from zalo_alert.models import MsgType, RunId
from zalo_alert.operations.audit import log_of
from zalo_alert.operations.flooded import count_flooded
from zalo_alert.operations.records import IN_FORCE, read_named, sort_by_time
from zalo_alert.reporting.after_action import AfterAction, LogEnd, corrections_of, steps_of
from zalo_alert.reporting.alert_record import AlertRecord
from zalo_alert.reporting.decisions import Decisions, decisions_of
from zalo_alert.reporting.log_end import read_log_part
from zalo_alert.reporting.sheet import COLUMNS, Row, alert_row, province_row, total_row, write_sheet
from zalo_alert.reporting.time_line_of_runs import moments_of
from zalo_alert.runs.facts import RunFacts

if TYPE_CHECKING:
    from zalo_alert.runs.store import Runs

DAY = timedelta(days=1)
APART = frozenset({AuditEvent.NOTE, AuditEvent.HANDOVER, AuditEvent.REFUSED})  # told although they are about no run
BEFORE = timedelta(hours=12)  # how long before the first draft a decision may belong to it: a shift


def make_after_action(runs: "Runs", names: Sequence[str], at: datetime | None = None) -> AfterAction:
    """Make the report of some runs, and of those that they follow or that follow them.

    Args:
        runs: The workspace's.
        names: Of the runs that are asked about.
        at: As of when; None is now.

    Raises:
        UsageError: There is no such run.
        StorageUnusable: None of them can be read.
    """
    now = at or SystemClock().now()
    for name in names:
        runs.open_to_read(name).close()
    found = read_named(runs, _family(runs, names), now)
    if not found.read:
        raise StorageUnusable(found.unread[0], hint=_("keep the folder, and restore it from a backup"))
    records = sort_by_time([record for record in found.read if record.facts.frozen_at <= now] or found.read)
    decided = {record.run: _decisions(runs, record) for record in records}
    since = min(record.facts.frozen_at for record in records) - BEFORE
    part = read_log_part(log_of(runs).path, since, now, APART)
    apart = [line for line in part.apart if line.at <= _end(records)]
    flooded, uncounted = count_flooded(runs, records)
    remarks = [*found.unread, *filter(None, (part.trouble,)), *uncounted, *(r for each in decided.values() for r in each.remarks)]
    return AfterAction(
        now, tuple(records),
        moments_of(records, {name: each.rows for name, each in decided.items()}, apart, now),
        tuple(step for record in records for step in steps_of(record, decided[record.run].rows)),
        corrections_of(records), flooded, tuple(dict.fromkeys(remarks)),
        LogEnd(part.number, part.head, version("zalo-alert")),
    )  # fmt: skip


def _end(records: Iterable[AlertRecord]) -> datetime:
    """Return until when decisions belong to some runs: a day after they expire."""
    return max(record.campaign.expires for record in records) + DAY


def _decisions(runs: "Runs", record: AlertRecord) -> Decisions:
    with closing(runs.open_to_read(record.run)) as run:
        return decisions_of(run, record.history)


# --- which runs belong together --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kin:
    """A run with the runs and codes that it names."""

    facts: RunFacts
    references: tuple[str, ...]


def _family(runs: "Runs", names: Sequence[str]) -> list[str]:
    """Name the runs that follow each other by their facts or by the codes that an Update or a Cancel speaks of."""
    kin = {each.facts.id: each for each in _kin(runs, names)}
    family = dict.fromkeys(map(RunId, names))
    while True:
        own = [kin[name] for name in family if name in kin]
        codes = {each.facts.code for each in own}
        before = {name for each in own for name in each.facts.parent}
        spoken_of = {code for each in own for code in each.references}
        more = [
            name
            for name, each in kin.items()
            if name in before
            or each.facts.code in spoken_of
            or not family.keys().isdisjoint(each.facts.parent)
            or not codes.isdisjoint(each.references)
        ]
        if family.keys() >= set(more):
            return list(family)
        family |= dict.fromkeys(more)


def _kin(runs: "Runs", names: Sequence[str]) -> Iterable[_Kin]:
    """Read the runs of the same days."""
    with_names = [runs.open_to_read(name) for name in names]
    since = min(run.facts.frozen_at for run in with_names) - IN_FORCE
    for run in with_names:
        run.close()
    for name, _written_s in runs.written_since_to_read(since.timestamp()):
        with suppress(ZaloAlertError), closing(runs.open_to_read(name)) as run:
            yield _Kin(run.facts, () if run.facts.parent else _references(run.campaign_bytes(), run.campaign_path))


def _references(text: bytes, path: Path) -> tuple[str, ...]:
    if b"references" not in text:  # parsing takes longer than all the rest
        return ()
    campaign = campaign_file.parse(text, str(path), is_frozen=True)
    return () if campaign.msg_type is MsgType.ALERT else campaign.references


# --- as a table ------------------------------------------------------------------------------------------------------------


def write_table(made: AfterAction, target: Path) -> None:
    """Write a report's numbers as a table: a row for the whole, for each province, run, step, place and correction.

    Raises:
        InputInvalid: It can't be written.
    """
    rows: list[Row] = [total_row(made.total), *map(province_row, made.provinces), *map(alert_row, made.records)]
    rows += [{"row": "step", "name": "", **step.as_json()} for step in made.steps]
    rows += [{"row": "place", **lead.as_json()} for lead in made.leads]
    rows += [{"row": "correction", "name": "", **each.as_json()} for each in made.corrections]
    write_sheet(rows, target, (*COLUMNS, *_COLUMNS))


_COLUMNS = (
    "begins", "ends", "begins_at", "ends_at", "took_s", "worst", "people", "lead_s", "short", "follows", "first_after_s",
    "half_after_s", "wrong", "reached", "share",
)  # fmt: skip
