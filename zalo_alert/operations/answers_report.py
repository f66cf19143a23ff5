"""What was asked and what became of the answers, by rule and hour: numbers alone, for no word of a citizen is counted by."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from zalo_alert.answers.asked import Asked
from zalo_alert.foundation.clock import instant
from zalo_alert.inbound.inbound_store import find_store
from zalo_alert.models import State
from zalo_alert.outbox.sight import OutboxCounts, outbox_counts
from zalo_alert.reporting.sheet import write_sheet
from zalo_alert.settings.model import Settings

_ENDS = (State.ACCEPTED, State.REJECTED, State.EXPIRED, State.WITHHELD, State.UNKNOWN)


class RuleRow(NamedTuple):
    """What became of one rule.

    Args:
        hour: Since when, for an hour; None is all of the time.
        rule: As it is counted: `police-qa/can-cuoc`; `…/fallback` is texts for which no rule has an answer.
        asked: How often somebody asked for it.
        answered: Answers that Zalo took.
        refused: That it refused.
        expired: That came too late.
        withheld: That were not sent: replaced by a later one, shed in a rush, of somebody who was forgotten.
        unknown: That perhaps went out.
    """

    hour: datetime | None
    rule: str
    asked: int
    answered: int
    refused: int
    expired: int
    withheld: int
    unknown: int


class AnswersReport(NamedTuple):
    """The rows, those that were asked most first within an hour, and how the outbox stands now."""

    rows: Sequence[RuleRow]
    now: OutboxCounts


def answers_report(settings: Settings, since: datetime, *, by_hour: bool = False) -> AnswersReport:
    """Count what was asked since the hour of an instant, by rule, and by the hour where that is wanted.

    Raises:
        StorageUnusable: It can't be read.
    """
    since_ms = int(since.timestamp() * 1000)
    counts = outbox_counts(settings.state_dir, since_ms)
    tallies: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for hour_ms, rule, n in _asked(settings, since_ms):
        tallies[hour_ms if by_hour else 0, rule]["asked"] += n
    for each in counts.by_rule:
        tallies[each.hour_ms if by_hour else 0, each.rule][each.state] += each.answers
    rows = [_row(hour_ms, rule, tally) for (hour_ms, rule), tally in tallies.items()]
    return AnswersReport(sorted(rows, key=lambda row: (row.hour or since, -row.asked, row.rule)), counts)


def write_report(report: AnswersReport, target: Path) -> None:
    """Write the rows as CSV, for a spreadsheet.

    Raises:
        InputInvalid: The file can't be written.
    """
    rows = (row._asdict() | {"hour": row.hour.isoformat() if row.hour else ""} for row in report.rows)
    write_sheet(rows, target, RuleRow._fields)


def _asked(settings: Settings, since_ms: int) -> list[tuple[int, str, int]]:
    if (db := find_store(settings.state_dir)) is None:
        return []
    with closing(db):
        return Asked(db).since(since_ms)


def _row(hour_ms: int, rule: str, tally: Mapping[str, int]) -> RuleRow:
    hour = instant(hour_ms / 1000) if hour_ms else None
    return RuleRow(hour, rule, tally["asked"], *(tally[state] for state in _ENDS))
