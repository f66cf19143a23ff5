"""Making a situation report of a workspace: which runs it tells of, what it is compared with, and keeping its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import os_user
from zalo_alert.audit.reading import lines
from zalo_alert.errors import StorageUnusable, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _
from zalo_alert.operations.audit import log_of
from zalo_alert.operations.records import read_of_time
from zalo_alert.reporting import sitrep_kept
from zalo_alert.reporting.sheet import alert_row, province_row, total_row, write_sheet
from zalo_alert.reporting.sitrep import Heading, KeptSitrep, Noted, Sitrep, make_sitrep

if TYPE_CHECKING:
    from zalo_alert.runs.store import Runs

DECISIONS = {AuditEvent.NOTE, AuditEvent.RUN_REJECTED}  # what is decided against, or beside, sending


@dataclass(frozen=True, slots=True)
class SitrepOrder:
    """What a situation report is to say.

    Args:
        title: What the event is called; "" for the hazards of its alerts.
        since: From when on; None for when the report before began, or a day ago.
        at: Until when, and for when it is made; None is now. A report of an earlier time is compared, and not kept.
        by: Who makes it; "" for the account of the operating system.
        problems: What the office adds to those that the numbers show.
        wanted: What it asks for.
    """

    title: str = ""
    since: datetime | None = None
    at: datetime | None = None
    by: str = ""
    problems: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()


def make_report(runs: "Runs", order: SitrepOrder) -> tuple[Sitrep, str]:
    """Make a situation report, and keep its numbers for the next one.

    Returns:
        The report, and why its numbers can't be kept; "" where they are, or need not be.

    Raises:
        UsageError: It would begin after its end.
        StorageUnusable: The log can't be read.
    """
    at = order.at or SystemClock().now()
    kept, trouble = _read_kept(runs)
    last = sitrep_kept.before(kept, order.title, at)
    heading = _heading(order, last, at)
    records = read_of_time(runs, heading.since, at)
    made = make_sitrep(
        heading, records.read, records.sights, decisions=_decisions(runs, heading), problems=order.problems,
        wanted=order.wanted, before=last, unread=[*filter(None, (trouble,)), *records.unread],
    )  # fmt: skip
    return made, "" if order.at or trouble else _keep(runs, kept, made)


def _heading(order: SitrepOrder, last: KeptSitrep | None, at: datetime) -> Heading:
    since = order.since or (last.since if last else at - sitrep_kept.FIRST)
    if since >= at:
        raise UsageError(_("the report would begin after its end"), hint=_("give an earlier beginning, or a later end"))
    return Heading(order.title, since, at, order.by or os_user(), last.number + 1 if last else 1)


def _read_kept(runs: "Runs") -> tuple[list[KeptSitrep], str]:
    try:
        return sitrep_kept.read_kept(log_of(runs).path.parent), ""
    except StorageUnusable as exc:
        return [], exc.message


def _keep(runs: "Runs", kept: Sequence[KeptSitrep], made: Sitrep) -> str:
    heading = made.heading
    one = KeptSitrep(heading.number, heading.title, heading.since, heading.at, made.numbers)
    try:
        sitrep_kept.keep(log_of(runs).path.parent, kept, one)
    except StorageUnusable as exc:
        return exc.message
    return ""


def _decisions(runs: "Runs", heading: Heading) -> list[Noted]:
    found = lines(log_of(runs).path, since=heading.since)
    return [
        Noted(line.at, line.who or line.user, line.run, line.why_said)
        for line in found
        if line.event in DECISIONS and line.at <= heading.at
    ]


def write_table(made: Sitrep, target: Path) -> None:
    """Write a report's numbers as a table: a row for the whole, for each province, for each run.

    Raises:
        InputInvalid: It can't be written.
    """
    write_sheet([total_row(made.total), *map(province_row, made.provinces), *map(alert_row, made.records)], target)
