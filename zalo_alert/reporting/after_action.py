"""The after-action report: an alert with what followed it, where time was lost, whom it reached too late or wrongly. Pure.

Steps are those of public warning: draft, submitted, approved, the first person, half of them, nine in ten. Of
each alert the longest one is marked, as that is where the next alert can gain most.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.reporting.alert_record import AlertRecord, PlaceTimes, causes_together
from zalo_alert.reporting.decisions import Decision
from zalo_alert.reporting.reach import ProvinceReach, Reach, together, total_of
from zalo_alert.reporting.report import Cause
from zalo_alert.runs.facts import Kind

SHORT_LEAD_S = 3600.0  # with less than an hour nobody evacuates
FEW = 0.3  # of a population: below that a province had to be reached by other means
MANY_MESSAGES = 3  # in a day; whoever had more may stop reading them


class Moment(NamedTuple):
    """One line of the time line.

    Args:
        at: When, to the second.
        run: Which run it is of; "" for none.
        what: A word for scripts: of the log, of a history, or of `_OF_A_RUN`.
        words: What a person reads.
        who: The officer, or the account of the machine; "" where nobody did it.
        why: What was typed, or a sentence; may be "".
    """

    at: datetime
    run: str
    what: str
    words: str
    who: str = ""
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"happened_at": _iso(self.at), "run": self.run, "what": self.what, "who": self.who, "detail": self.why}


class Step(NamedTuple):
    """A stretch of an alert's way.

    Args:
        run: Of which run.
        begins: What it begins with: draft, submitted, approved, first, half; and `ends` what it ends with.
        begins_at: When.
        ends_at: When.
        is_worst: Whether no other step of this run took longer.
    """

    run: str
    begins: str
    ends: str
    begins_at: datetime
    ends_at: datetime
    is_worst: bool = False

    @property
    def took_s(self) -> float:
        """Seconds."""
        return (self.ends_at - self.begins_at).total_seconds()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "run": self.run, "begins": self.begins, "ends": self.ends, "begins_at": _iso(self.begins_at),
            "ends_at": _iso(self.ends_at), "took_s": round(self.took_s, 3), "worst": self.is_worst,
        }  # fmt: skip


class Lead(NamedTuple):
    """How long before the danger half of a place's people had an alert.

    Args:
        run: Of which run.
        place: Its people, and when they had it.
    """

    run: str
    place: PlaceTimes

    @property
    def is_known(self) -> bool:
        """Whether half of them ever had it."""
        return self.place.lead_s is not None

    @property
    def is_short(self) -> bool:
        """Whether it was less than an hour, or came too late, or half of them never had it."""
        return self.place.lead_s is None or self.place.lead_s < SHORT_LEAD_S

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        place = self.place
        return {
            "run": self.run, "name": place.label, "people": place.people, "accepted": place.accepted, "onset": _iso(place.onset),
            "half_at": _iso(place.times.half_at), "ninety_at": _iso(place.times.ninety_at), "lead_s": place.lead_s,
            "short": self.is_short,
        }  # fmt: skip


class Correction(NamedTuple):
    """How soon an alert that was wrong was put right, and with whom.

    Args:
        run: The correction.
        follows: The alert.
        first_after_s: Seconds from the alert's first person to the correction's; None where one of both is not known.
        half_after_s: The same to half of the correction's people.
        wrong: People who have the alert, or may have it.
        reached: Of them, those who were sent the correction.
    """

    run: str
    follows: str
    first_after_s: float | None
    half_after_s: float | None
    wrong: int
    reached: int

    @property
    def share(self) -> float | None:
        """Reached of wrongly alerted, from 0 to 1."""
        return self.reached / self.wrong if self.wrong else None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "run": self.run, "follows": self.follows, "first_after_s": self.first_after_s, "half_after_s": self.half_after_s,
            "wrong": self.wrong, "reached": self.reached, "share": None if self.share is None else round(self.share, 6),
        }  # fmt: skip


class LogEnd(NamedTuple):
    """The last line of the audit log that the report looks at: its number and digest; and which version made the report."""

    number: int
    head: str
    version: str


@dataclass(frozen=True, slots=True)
class AfterAction:
    """One report.

    Args:
        at: As of when.
        records: The runs, in the order in which they were begun.
        moments: The time line.
        steps: Where time went.
        corrections: What was put right.
        flooded: People who had more than `MANY_MESSAGES` within a day of these runs; None where that could not be counted.
        remarks: What of the log or of a run can't be read, each as a sentence.
        log: See there.
    """

    at: datetime
    records: tuple[AlertRecord, ...]
    moments: tuple[Moment, ...]
    steps: tuple[Step, ...]
    corrections: tuple[Correction, ...]
    flooded: int | None
    remarks: tuple[str, ...]
    log: LogEnd

    @property
    def alerts(self) -> tuple[AlertRecord, ...]:
        """The runs whose people are counted: alerts that were begun, and neither corrections nor all-clears."""
        return tuple(record for record in self.records if record.is_counted)

    @property
    def is_drill(self) -> bool:
        """Whether no run of it was real."""
        return all(record.is_drill for record in self.records)

    @property
    def provinces(self) -> tuple[ProvinceReach, ...]:
        """Whom the alerts were meant for, and reached."""
        return together(record.provinces for record in self.alerts)

    @property
    def total(self) -> Reach:
        """All provinces together."""
        return total_of(row.reach for row in self.provinces)

    @property
    def gaps(self) -> tuple[ProvinceReach, ...]:
        """Provinces of which less than `FEW` of the population was reached, as far as anybody knows."""
        return tuple(row for row in self.provinces if row.population_share is not None and row.population_share < FEW)

    @property
    def leads(self) -> tuple[Lead, ...]:
        """Of every place whose danger has a beginning: those first of which half never had it, then the shortest."""
        found = [Lead(record.run, place) for record in self.alerts for place in record.places if place.onset]
        return tuple(sorted(found, key=lambda lead: (lead.is_known, lead.place.lead_s or 0.0, lead.run, lead.place.label)))

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Why people were not accepted, in all runs."""
        return causes_together(self.records)

    @property
    def maybe_twice(self) -> int:
        """People who may have had a message twice."""
        return sum(record.maybe_twice for record in self.records)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        return {
            "until": _iso(self.at), "drill": self.is_drill, "alerts": [record.as_json() for record in self.records],
            "timeline": [moment.as_json() for moment in self.moments], "steps": [step.as_json() for step in self.steps],
            "leads": [lead.as_json() for lead in self.leads], "total": self.total.as_json(),
            "provinces": [row.as_json() for row in self.provinces],
            "corrections": [each.as_json() for each in self.corrections], "maybe_twice": self.maybe_twice,
            "flooded": self.flooded, "causes": [cause.as_json() for cause in self.causes],
            "interruptions": sum(len(record.interruptions) for record in self.records),
            "restarts": sum(record.restarts for record in self.records), "problems": list(self.remarks),
            "log_lines": self.log.number, "log_head": self.log.head, "version": self.log.version,
        }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return in_vietnam(at).isoformat() if at else None


def steps_of(record: AlertRecord, decisions: Iterable[Decision]) -> tuple[Step, ...]:
    """Return where an alert's time went, step by step; a step whose ends are not both known is left out.

    Args:
        record: The run.
        decisions: What the log tells of it: it may have been drafted, submitted and rejected before.
    """
    drafted_at = min([record.facts.frozen_at, *(row.at for row in decisions)])
    times = record.times
    stations = [
        ("draft", drafted_at), ("submitted", record.submitted_at), ("approved", record.approved_at), ("first", times.first_at),
        ("half", times.half_at), ("ninety", times.ninety_at),
    ]  # fmt: skip
    known = [(name, at) for name, at in stations if at]
    steps = [Step(record.run, begins, ends, since, until) for (begins, since), (ends, until) in pairwise(known)]
    worst = max(steps, key=lambda step: step.took_s, default=None)
    return tuple(step._replace(is_worst=step is worst) for step in steps)


def corrections_of(records: Sequence[AlertRecord]) -> tuple[Correction, ...]:
    """Compare each correction with the alerts that it puts right."""
    return tuple(_corrections(records))


def _corrections(records: Sequence[AlertRecord]) -> Iterator[Correction]:
    by_name = {record.run: record for record in records}
    for record in records:
        if record.kind is not Kind.CORRECTION:
            continue
        for alert in (by_name[name] for name in record.facts.parent if name in by_name):
            since = alert.times.first_at
            wrong = alert.reach.accepted + alert.reach.unknown
            first, half = (_seconds(since, at) for at in (record.times.first_at, record.times.half_at))
            yield Correction(record.run, alert.run, first, half, wrong, record.reach.accepted)


def _seconds(since: datetime | None, until: datetime | None) -> float | None:
    return (until - since).total_seconds() if since and until else None
