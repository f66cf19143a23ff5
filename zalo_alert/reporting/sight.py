"""All that a screen says of a run at one instant: the panel, `status --watch`, the wall and whoever tells people read this."""

import re
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType

from zalo_alert.foundation.clock import instant
from zalo_alert.ledger.counting import LedgerCount, RunningCount
from zalo_alert.models import Campaign, State
from zalo_alert.pacing.meter import Lane
from zalo_alert.pacing.pace import Pace
from zalo_alert.receipts.counts import ReceiptCounts, receipt_counts
from zalo_alert.reporting.arrived import NOT_KEPT, Arrived, together
from zalo_alert.reporting.release import NOT_RELEASED, Release
from zalo_alert.reporting.report import Cause, by_place, causes_of
from zalo_alert.reporting.status import RunStatus, status_of
from zalo_alert.runs import schedule
from zalo_alert.runs.run import Run
from zalo_alert.runs.schedule import Drift
from zalo_alert.settings.model import DEFAULT_TOLERATE_REJECTED

_FIELD = re.compile(r"\{\{\s*(\w*)[^}]*\}\}")
ENOUGH_S = 20.0  # of watching, before what was seen counts for more than what the ledger says of the first attempts


@dataclass(frozen=True, slots=True)
class PlaceSight:
    """The people of one label: one row of a screen.

    Args:
        label: What their messages call the place.
        keys: Of the groups that read this label: `new:44`, `old:45`, `ward:19333`.
        people: How many they are; `totals` add up to that.
        drift: Of the group that is latest; None where nobody is written to one by one.
        onset: When the danger begins there; None where nobody has said.
        arrived: How many messages there were delivered and seen; None where no receipts are kept.
    """

    label: str
    keys: tuple[str, ...]
    people: int
    totals: Mapping[State, int]
    drift: Drift | None
    onset: datetime | None
    arrived: Arrived | None = None


@dataclass(frozen=True, slots=True)
class RunSight:
    """A run at one instant.

    Args:
        at: The instant.
        status: Its state, totals, drift, and what slows it.
        code: The campaign's.
        headline: The campaign's, with an ellipsis for what each place reads otherwise.
        onset: When the danger begins; where places differ, the first that is still ahead.
        expires: After which nothing is sent.
        rate_per_s: People answered a second, lately; 0 while nobody sends.
        planned_per_s: People a second that the plan counted on.
        places: By label, in the order of sending.
        causes: Why people were not accepted, the most first.
        by_minute: Accepted people: seconds since 1970 at the minute's start, how many.
        planned_at: When the plan had its first person asked; None where nobody is written to one by one.
        began_at: When it was first begun with; None before that.
        granted_per_s: People a second that Zalo's limits and the campaign's own let through; None where nobody knows.
        due_at: When the first of those who are put off is tried again; None where nobody is put off.
        tolerate_rejected: Per cent of those written to who may be refused before that calls for a person.
        receipts: How many messages were delivered and seen.
    """

    at: datetime
    status: RunStatus
    code: str
    headline: str
    onset: datetime | None
    expires: datetime
    rate_per_s: float
    planned_per_s: float
    places: tuple[PlaceSight, ...]
    causes: tuple[Cause, ...]
    by_minute: tuple[tuple[int, int], ...]
    planned_at: datetime | None = None
    began_at: datetime | None = None
    granted_per_s: float | None = None
    due_at: datetime | None = None
    tolerate_rejected: float = DEFAULT_TOLERATE_REJECTED
    receipts: ReceiptCounts = NOT_KEPT

    @property
    def left(self) -> int:
        """People who may still be written to."""
        totals = self.status.totals
        return totals[State.PENDING] + totals[State.CLAIMED] + totals[State.DEFERRED]

    @property
    def settled(self) -> int:
        """People of whom nothing more is to come."""
        return self.status.audience - self.left

    @property
    def began_late_s(self) -> float:
        """By how many seconds it began later than planned; 0 where it did not."""
        if not self.planned_at or not self.began_at:
            return 0.0
        return max(0.0, (self.began_at - self.planned_at).total_seconds())

    @property
    def missed_at_expiry(self) -> int:
        """How many will not have been asked when nothing more may be sent, at the rate of now; 0 where nobody can tell."""
        drift = self.status.drift
        if not drift or drift.is_done or drift.expected_at_s is None or drift.expected_at_s <= self.expires.timestamp():
            return 0
        seconds = max(0.0, (self.expires - self.at).total_seconds())
        whole = max(1e-9, drift.expected_at_s - self.at.timestamp())
        return max(1, round(self.left * (1 - min(1.0, seconds / whole))))


def _plain_headline(campaign: Campaign) -> str:
    known = {"code": campaign.code, "risk_level": campaign.risk_level or "…"}
    return _FIELD.sub(lambda field: str(known.get(field[1], "…")), campaign.headline)


class RecentRate:
    """People settled a second over the last minute, from counts and instants handed in, whoever they are: also of retries."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def update(self, settled: int, now_s: float) -> float | None:
        """Take in how many are settled; return the rate, None until it is watched for long enough."""
        samples = self._samples
        samples.append((now_s, settled))
        while len(samples) > 2 and now_s - samples[1][0] >= schedule.RATE_WINDOW_S:
            samples.popleft()
        first_s, first = samples[0]
        return max(0, settled - first) / (now_s - first_s) if now_s - first_s >= ENOUGH_S else None


class RunWatch:
    """Looks at a run again and again; a context manager that closes what it holds open.

    The first look counts everyone, every other who is new: see `ledger.counting`.

    Args:
        run: Which one; its folder stays the caller's.
        release: Who let it out where no second officer approved it.
        lanes: What Zalo grants its accounts; none where nobody knows.
        tolerate_rejected: See `RunSight`.
    """

    def __init__(
        self,
        run: Run,
        release: Release = NOT_RELEASED,
        lanes: Sequence[Lane] = (),
        tolerate_rejected: float = DEFAULT_TOLERATE_REJECTED,
    ) -> None:
        from zalo_alert.delivery.checks import frozen_campaign  # loads the parser, which whoever only draws a sight does without

        self._run, self._release, self._recent = run, release, RecentRate()
        self._tolerate_rejected = tolerate_rejected
        self._campaign, self._ledger = frozen_campaign(run), run.ledger()
        self._granted_per_s = Pace(rate_per_s=self._campaign.limits.rate_per_s, lanes=lanes).rate_per_s
        ledger = self._ledger
        self._count = RunningCount(run.folder / "run.db", ledger.audience, ledger.withheld)

    def __enter__(self) -> "RunWatch":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the ledger."""
        self._count.close()
        self._ledger.close()

    def look(self, now: datetime) -> RunSight:
        """Return how it stands now."""
        run, active, counted = self._run, self._run.is_active, self._count.look()
        totals = counted.totals
        open_people = totals[State.PENDING] + totals[State.CLAIMED] + totals[State.DEFERRED]
        rate_per_s = self._recent.update(run.facts.audience - open_people, now.timestamp()) if active else None
        status = status_of(
            run, self._ledger, active=active, release=self._release, totals=totals, rate_per_s=rate_per_s, now_s=now.timestamp()
        )
        planned = run.schedule() if self._ledger.claimable else []
        receipts = receipt_counts(run)
        due_s = self._ledger.next_due_s() if totals[State.DEFERRED] else None
        return RunSight(
            at=now,
            status=status,
            code=run.facts.code,
            headline=_plain_headline(self._campaign),
            onset=self._next_onset(status, now),
            expires=run.facts.expires,
            rate_per_s=status.rate_per_s,
            planned_per_s=schedule.measure_planned_rate(planned) if planned else 0.0,
            places=tuple(self._places(status, counted, receipts)),
            causes=tuple(causes_of(self._campaign, counted.tallies, totals, run.facts.person_cap)),
            by_minute=counted.pace,
            planned_at=instant(min(planned).starts_at_s) if planned else None,
            began_at=next((instant(event.at_s) for event in run.history() if event.what == "started"), None),
            granted_per_s=self._granted_per_s,
            tolerate_rejected=self._tolerate_rejected,
            due_at=instant(due_s) if due_s else None,
            receipts=receipts,
        )

    def _next_onset(self, status: RunStatus, now: datetime) -> datetime | None:
        onsets = [at for place in status.places if (at := self._campaign.onset_of(place.variant))]
        return min((at for at in onsets if at > now), default=max(onsets, default=None))

    def _places(self, status: RunStatus, count: LedgerCount, receipts: ReceiptCounts) -> list[PlaceSight]:
        counted = by_place(status.places, count.tallies, count.untouched, receipts)
        drifts: Sequence[Drift | None] = status.drifts or [None] * len(counted)
        groups: dict[str, list[int]] = {}
        for at, place in enumerate(status.places):
            groups.setdefault(place.label, []).append(at)
        sights = []
        for label, own in groups.items():
            totals: Counter[State] = sum((Counter(counted[at].states) for at in own), Counter())
            onsets = [begins for at in own if (begins := self._campaign.onset_of(status.places[at].variant))]
            sights.append(
                PlaceSight(
                    label,
                    tuple(status.places[at].key for at in own),
                    sum(status.places[at].people for at in own),
                    totals,
                    max((drift for at in own if (drift := drifts[at])), default=None, key=lambda drift: drift.planned_at_s),
                    min(onsets, default=None),
                    together(counted[at].arrived for at in own),
                )
            )
        return sights
