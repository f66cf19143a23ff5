"""The report of a month, for the ministry: every run, by level and province; the OAs' followers; who has practised. Pure.

Drills stand apart: nothing of them is counted among what is real, and the other way round.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.reporting.alert_record import AlertRecord, causes_together
from zalo_alert.reporting.reach import ProvinceReach, Reach, together, total_of
from zalo_alert.reporting.report import Cause


class OaMonth(NamedTuple):
    """An OA's followers over a month, as its book knew them.

    Args:
        account: Its name in the workspace.
        begins_at: Of when the first count is; None where there is none.
        before: How many there were then.
        ends_at: Of when the last count is.
        after: How many there were then.
        trouble: Why there is none; "" where nobody was ever imported.
    """

    account: str
    begins_at: datetime | None = None
    before: int = 0
    ends_at: datetime | None = None
    after: int = 0
    trouble: str = ""

    @property
    def change(self) -> int:
        """Won, or below 0 lost."""
        return self.after - self.before

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "account": self.account, "begins_at": _iso(self.begins_at), "before": self.before, "ends_at": _iso(self.ends_at),
            "after": self.after, "change": self.change,
        }  # fmt: skip


class Practice(NamedTuple):
    """How often an officer did what they may in a month: in drills, and for real."""

    officer: str
    submitted: int
    approved: int
    submitted_real: int
    approved_real: int

    @property
    def is_out_of_practice(self) -> bool:
        """Whether they did neither, in no drill and not for real."""
        return not any(self[1:])

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**self._asdict(), "practised": not self.is_out_of_practice}


@dataclass(frozen=True, slots=True)
class Part:
    """What was real in a month, or its drills.

    Args:
        records: The runs, in the order in which they were begun.
    """

    records: tuple[AlertRecord, ...]

    @property
    def counted(self) -> tuple[AlertRecord, ...]:
        """Those whose people are counted: alerts that were begun, and neither corrections nor all-clears."""
        return tuple(record for record in self.records if record.is_counted)

    @property
    def provinces(self) -> tuple[ProvinceReach, ...]:
        """By province of today."""
        return together(record.provinces for record in self.counted)

    @property
    def total(self) -> Reach:
        """All together."""
        return total_of(record.reach for record in self.counted)

    @property
    def levels(self) -> Mapping[int, tuple[int, Reach]]:
        """By risk level, 0 where there is none: how many alerts, and whom they reached."""
        levels = sorted({record.level or 0 for record in self.counted})
        own = {level: [record for record in self.counted if (record.level or 0) == level] for level in levels}
        return {level: (len(records), total_of(record.reach for record in records)) for level, records in own.items()}

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Why people were not accepted."""
        return causes_together(self.counted)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        levels = [
            {"risk_level": level or None, "alerts": number, "reach": reach.as_json()}
            for level, (number, reach) in self.levels.items()
        ]
        return {
            "alerts": len(self.counted), "runs": len(self.records), "total": self.total.as_json(), "levels": levels,
            "provinces": [row.as_json() for row in self.provinces], "causes": [cause.as_json() for cause in self.causes],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Monthly:
    """One report.

    Args:
        begins_at: The month's first instant, and `ends_at` the first of the next.
        at: When it is made.
        real: What was real.
        drills: What was not.
        oas: Each OA's followers.
        practice: Of each officer on the list; nobody where there is no list.
        unread: What can't be read, each as a sentence.
    """

    begins_at: datetime
    ends_at: datetime
    at: datetime
    real: Part
    drills: Part
    oas: tuple[OaMonth, ...]
    practice: tuple[Practice, ...]
    unread: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        """Whether the month had ended when it was made."""
        return self.at >= self.ends_at

    @property
    def name(self) -> str:
        """The month: `2026-11`."""
        return f"{in_vietnam(self.begins_at):%Y-%m}"

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change; its runs are lines of their own."""
        return {
            "month": self.name, "until": _iso(min(self.at, self.ends_at)), "over": self.is_over, "real": self.real.as_json(),
            "drills": self.drills.as_json(), "oas": [oa.as_json() for oa in self.oas],
            "practice": [each.as_json() for each in self.practice], "unread": list(self.unread),
        }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return in_vietnam(at).isoformat() if at else None


def apart(records: Iterable[AlertRecord]) -> tuple[Part, Part]:
    """Part what was real from drills."""
    told = list(records)
    return Part(tuple(r for r in told if not r.is_drill)), Part(tuple(r for r in told if r.is_drill))


def practice_of(officers: Sequence[str], records: Iterable[AlertRecord]) -> tuple[Practice, ...]:
    """Count what each officer did, those first who did nothing."""
    told = list(records)

    def count(name: str, *, drill: bool) -> tuple[int, int]:
        own = [record for record in told if record.is_drill is drill]
        return sum(r.submitted_by == name for r in own), sum(name in r.approved_by for r in own)

    found = [Practice(name, *count(name, drill=True), *count(name, drill=False)) for name in officers]
    return tuple(sorted(found, key=lambda each: (not each.is_out_of_practice, each.officer)))
