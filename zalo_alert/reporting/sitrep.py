"""The situation report that a duty office sends up every one to three hours: the values of one page. Pure; reads nothing.

Source: the office's own form, "Báo cáo nhanh công tác phòng chống thiên tai": the hazard, what was done, what is wanted, and by
how much each number has changed since the report before.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from zalo_alert.foundation.clock import in_vietnam, instant
from zalo_alert.language import _, persons
from zalo_alert.reporting.alert_record import AlertRecord, causes_together
from zalo_alert.reporting.reach import ProvinceReach, Reach, together, total_of
from zalo_alert.reporting.report import Cause
from zalo_alert.reporting.sight import RunSight
from zalo_alert.reporting.verdict import verdict_of
from zalo_alert.runs.lifecycle import WORDS, RunState

_STANDS = {RunState.HALTED, RunState.PAUSED}  # without an officer's word: somebody must act


@dataclass(frozen=True, slots=True)
class SitrepNumbers:
    """The numbers that the next report is compared with.

    Args:
        alerts: How many runs were sent, follow-ups too.
        sending: How many of them are not over.
        reach: Of all alerts together, without their corrections and all-clears.
        accepted: By province, of the same.
    """

    alerts: int
    sending: int
    reach: Reach
    accepted: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return them as plain values."""
        return {"alerts": self.alerts, "sending": self.sending, "reach": self.reach.as_json(), "accepted": dict(self.accepted)}


class KeptSitrep(NamedTuple):
    """What is kept of a report that was made: its number, what it was called, from when until when it told, its numbers."""

    number: int
    title: str
    since: datetime
    at: datetime
    numbers: SitrepNumbers


class Sending(NamedTuple):
    """A run that is not over.

    Args:
        run: Its name.
        verdict: How it goes, in one line.
        done: Settled people, from 0 to 1.
        rate_per_s: People answered a second, lately; 0 while nobody sends.
        planned_at: When the last person was to be asked; None where nobody is written to one by one.
        expected_at: When they will be; None where nobody can tell.
        onset: When the danger begins; None where nobody has said.
    """

    run: str
    verdict: str
    done: float
    rate_per_s: float
    planned_at: datetime | None
    expected_at: datetime | None
    onset: datetime | None

    @property
    def is_after_onset(self) -> bool | None:
        """Whether the last person will be asked after the danger has begun; None where nobody can tell."""
        if self.onset is None or self.expected_at is None:
            return None
        return self.expected_at > self.onset

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "run": self.run, "detail": self.verdict, "done": round(self.done, 4), "rate_per_s": round(self.rate_per_s, 1),
            "planned_finish_at": _iso(self.planned_at), "finishes_at": _iso(self.expected_at), "onset": _iso(self.onset),
            "after_onset": self.is_after_onset,
        }  # fmt: skip


class Noted(NamedTuple):
    """What an officer has written into the log: above all that nothing is sent."""

    at: datetime
    who: str
    run: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values; the text is a person's own."""
        return {"happened_at": _iso(self.at), "who": self.who, "run": self.run, "text": self.text}


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over a report.

    Args:
        title: What the event is called; "" for the hazards of its alerts.
        since: From when on it tells.
        at: When it is made: it tells of nothing later.
        by: Who makes it.
        number: Which one of this event it is.
    """

    title: str
    since: datetime
    at: datetime
    by: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Sitrep:
    """One report.

    Args:
        heading: See there.
        is_drill: Whether it tells of drills alone.
        records: The runs that it tells of, the earliest first.
        apart: Drills of the same time, of which nothing is counted.
        provinces: Whom the alerts were meant for and reached.
        sendings: Runs that are not over.
        decisions: What officers have written down.
        problems: What calls for a person, each as a sentence.
        wanted: What is asked of whoever reads it, as it was typed.
        before: The report before; None where this is the first.
        unread: Runs that can't be read, each as a sentence.
    """

    heading: Heading
    is_drill: bool
    records: tuple[AlertRecord, ...]
    apart: tuple[str, ...]
    provinces: tuple[ProvinceReach, ...]
    sendings: tuple[Sending, ...]
    decisions: tuple[Noted, ...]
    problems: tuple[str, ...]
    wanted: tuple[str, ...]
    before: KeptSitrep | None
    unread: tuple[str, ...]

    @property
    def title(self) -> str:
        """What the event is called."""
        return self.heading.title or ", ".join(dict.fromkeys(record.hazard for record in self.records))

    @property
    def in_force(self) -> tuple[AlertRecord, ...]:
        """The alerts that still hold."""
        at = self.heading.at
        return tuple(r for r in self.records if r.is_counted and at < r.campaign.expires and not _is_over(r))

    @property
    def total(self) -> Reach:
        """All provinces together."""
        return total_of(row.reach for row in self.provinces)

    @property
    def counted(self) -> tuple[AlertRecord, ...]:
        """The runs whose people are counted: alerts that were begun, and neither corrections nor all-clears."""
        return tuple(record for record in self.records if record.is_counted)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Why people were not accepted, the most first."""
        return causes_together(self.counted)

    @property
    def numbers(self) -> SitrepNumbers:
        """What the next report is compared with."""
        accepted = {row.key: row.reach.accepted for row in self.provinces}
        return SitrepNumbers(len(self.records), len(self.sendings), self.total, accepted)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        heading, before = self.heading, self.before
        return {
            "number": heading.number, "title": self.title, "since": _iso(heading.since), "until": _iso(heading.at),
            "by": heading.by, "drill": self.is_drill, "alerts": [record.as_json() for record in self.records],
            "apart": list(self.apart), "total": self.total.as_json(), "provinces": [row.as_json() for row in self.provinces],
            "sending": [sending.as_json() for sending in self.sendings],
            "decisions": [decision.as_json() for decision in self.decisions],
            "causes": [cause.as_json() for cause in self.causes],
            "problems": list(self.problems), "wanted": list(self.wanted), "unread": list(self.unread),
            "before": {"number": before.number, "until": _iso(before.at), **before.numbers.as_json()} if before else None,
        }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return in_vietnam(at).isoformat() if at else None


def _is_over(record: AlertRecord) -> bool:
    return record.state in (RunState.CORRECTED, RunState.CANCELLED, RunState.REJECTED)


def make_sitrep(
    heading: Heading,
    records: Sequence[AlertRecord],
    sights: Sequence[RunSight],
    *,
    decisions: Sequence[Noted] = (),
    problems: Sequence[str] = (),
    wanted: Sequence[str] = (),
    before: KeptSitrep | None = None,
    unread: Sequence[str] = (),
) -> Sitrep:
    """Put a report together; where there is anything real, drills are named apart, and nothing of them is counted.

    Args:
        heading: See there.
        records: Runs of the time that it tells of.
        sights: Of those that are not over.
        decisions: What officers have written down in that time.
        problems: What the office adds to those that the numbers show.
        wanted: What it asks for.
        before: The report before.
        unread: Runs that can't be read.
    """
    real = [record for record in records if not record.is_drill]
    told = real or list(records)
    names = {record.run for record in told}
    told.sort(key=lambda record: (record.began_at or record.facts.frozen_at, record.run))
    return Sitrep(
        heading,
        is_drill=bool(told) and not real,
        records=tuple(told),
        apart=tuple(record.run for record in records if record.run not in names),
        provinces=together(record.provinces for record in told if record.is_counted),
        sendings=tuple(_sending(sight) for sight in sights if sight.status.run in names),
        decisions=tuple(decisions),
        problems=(*_problems(told), *unread, *problems),
        wanted=tuple(wanted),
        before=before,
        unread=tuple(unread),
    )


def _sending(sight: RunSight) -> Sending:
    drift, audience = sight.status.drift, sight.status.audience
    return Sending(
        run=sight.status.run,
        verdict=verdict_of(sight).sentence,
        done=sight.settled / audience if audience else 0.0,
        rate_per_s=sight.rate_per_s,
        planned_at=instant(drift.planned_at_s) if drift else None,
        expected_at=instant(drift.expected_at_s) if drift and drift.expected_at_s is not None else None,
        onset=sight.onset,
    )


def _problems(records: Iterable[AlertRecord]) -> Iterator[str]:
    """Say what calls for a person, run by run."""
    for record in records:
        yield from (_of_run(record, problem) for problem in _problems_of(record))


def _of_run(record: AlertRecord, problem: str) -> str:
    return _("{run}: {problem}", run=record.run, problem=problem)


def _problems_of(record: AlertRecord) -> Iterator[str]:
    if record.state in _STANDS:
        last = record.interruptions[-1].detail if record.interruptions else ""
        yield _("{state}: {why}", state=WORDS[record.state], why=last) if last else WORDS[record.state]
    if record.reach.unknown:
        yield _("of {people} nobody knows whether they have it", people=persons(record.reach.unknown))
    if record.reach.expired:
        yield _("{people} were not asked before it expired", people=persons(record.reach.expired))
    if late := [place.label for place in record.places if place.lead_s is not None and place.lead_s < 0]:
        yield _("half of the people had it after the danger began: {places}", places=", ".join(late))
    if record.release.is_unreviewed:
        yield _("sent by one officer alone, {name}, and nobody has reviewed it", name=record.release.alone_by)
    if record.state is RunState.SUBMITTED:
        yield WORDS[record.state]
