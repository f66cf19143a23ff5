"""How many of those an alert was meant for it reached: in all, and by province of today. Pure; reads nothing.

Of one alert the numbers are people. Over several they are messages, as one person may get each of them: so the share of a
province's population is reckoned with the alert that reached most there, and is the least that it can be.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from zalo_alert import places
from zalo_alert.ledger.base import Tally
from zalo_alert.models import Reason, State
from zalo_alert.reporting.arrived import Arrived
from zalo_alert.runs.facts import RunPlace

NOWHERE = ""  # the key of those whose province nobody knows


class Reach(NamedTuple):
    """People by what became of them; the states add up to `targeted`.

    Args:
        targeted: Everyone frozen into the run.
        left: Not asked yet, on their way, or put off.
        delivered: Those accepted of whom a receipt says that it arrived.
        seen: Those of whom one says that they saw it.
        with_receipts: Accepted people of the runs of which receipts are kept: of these `delivered` and `seen` are.
    """

    targeted: int = 0
    accepted: int = 0
    rejected: int = 0
    unknown: int = 0
    withheld: int = 0
    expired: int = 0
    left: int = 0
    delivered: int = 0
    seen: int = 0
    with_receipts: int = 0

    def plus(self, other: "Reach") -> "Reach":
        """Return both together."""
        return Reach(*(one + more for one, more in zip(self, other, strict=True)))

    @property
    def share(self) -> float | None:
        """Accepted of targeted, from 0 to 1; None where nobody was."""
        return self.accepted / self.targeted if self.targeted else None

    def as_json(self) -> dict[str, int]:
        """Return it as plain values."""
        return self._asdict()


STATES_OF_REACH = Reach._fields[:7]  # and what receipts say behind them


def reach_of(states: Mapping[State, int], arrived: Arrived | None = None) -> Reach:
    """Count people by state; `arrived` says how many messages were delivered and seen, None where no receipts are kept."""
    left = sum(states.get(state, 0) for state in (State.PENDING, State.CLAIMED, State.DEFERRED))
    settled = [states.get(s, 0) for s in (State.ACCEPTED, State.REJECTED, State.UNKNOWN, State.WITHHELD, State.EXPIRED)]
    accepted, rejected, unknown, withheld, expired = settled
    receipts = (*arrived, accepted) if arrived else ()
    return Reach(sum(settled) + left, accepted, rejected, unknown, withheld, expired, left, *receipts)


def total_of(reaches: Iterable[Reach]) -> Reach:
    """Return several together."""
    total = Reach()
    for reach in reaches:
        total = total.plus(reach)
    return total


@dataclass(frozen=True, slots=True)
class ProvinceReach:
    """The people of one of today's provinces.

    Args:
        key: `new:44`; `NOWHERE` for those whose province nobody knows.
        name: Of the province; "" for those.
        reach: Of all alerts together.
        most: Accepted people of the alert that reached most: at least so many different ones.
        reasons: Why people were rejected or not written to, with how many.
    """

    key: str
    name: str
    reach: Reach
    most: int
    reasons: Mapping[Reason, int] = field(default_factory=dict)

    @property
    def population(self) -> int | None:
        """How many live there; None where nobody knows."""
        return places.population().get(self.key)

    @property
    def population_share(self) -> float | None:
        """The least share of the population that had an alert, from 0 to 1: an estimate."""
        return self.most / self.population if self.population else None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "province": self.name,
            "place": self.key,
            "population": self.population,
            "population_share": _rounded(self.population_share),
            "targeted_share": _rounded(self.reach.share),
            "reached_most": self.most,
            "reach": self.reach.as_json(),
            "reasons": {reason.value: people for reason, people in self.reasons.items()},
        }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def provinces_of(run_places: Sequence[RunPlace], counts: Sequence[Reach], tallies: Iterable[Tally]) -> tuple[ProvinceReach, ...]:
    """Sum one run's places up to today's provinces, the most people first.

    Args:
        run_places: Of the run, by number.
        counts: Of each.
        tallies: Of its ledger, for the reasons.
    """
    keys = [province_key(place.key) for place in run_places]
    reaches: dict[str, Reach] = {}
    for key, reach in zip(keys, counts, strict=True):
        reaches[key] = reaches.get(key, Reach()).plus(reach)
    reasons: dict[str, Counter[Reason]] = {}
    for tally in tallies:
        if tally.state is not State.ACCEPTED and tally.reason is not Reason.NONE:
            reasons.setdefault(keys[tally.place], Counter())[tally.reason] += tally.people
    rows = [ProvinceReach(key, _name(key), reach, reach.accepted, _ordered(reasons.get(key))) for key, reach in reaches.items()]
    return _in_order(rows)


def together(runs: Iterable[Sequence[ProvinceReach]]) -> tuple[ProvinceReach, ...]:
    """Sum the provinces of several runs up."""
    reaches: dict[str, Reach] = {}
    most: Counter[str] = Counter()
    reasons: dict[str, Counter[Reason]] = {}
    for row in (row for rows in runs for row in rows):
        reaches[row.key] = reaches.get(row.key, Reach()).plus(row.reach)
        most[row.key] = max(most[row.key], row.most)
        reasons.setdefault(row.key, Counter()).update(row.reasons)
    return _in_order(ProvinceReach(key, _name(key), reach, most[key], _ordered(reasons[key])) for key, reach in reaches.items())


def _in_order(rows: Iterable[ProvinceReach]) -> tuple[ProvinceReach, ...]:
    return tuple(sorted(rows, key=lambda row: (row.key == NOWHERE, -row.reach.targeted, row.key)))


def _ordered(reasons: Counter[Reason] | None) -> dict[Reason, int]:
    return dict(sorted((reasons or {}).items(), key=lambda item: (-item[1], item[0])))


@cache
def province_key(key: str) -> str:
    """Return the key of today's province of a place's key; `NOWHERE` where nobody knows it, or it is no place."""
    try:
        mask = places.mask_of(key)
    except KeyError:
        return NOWHERE
    return next((province.key for province in places.PROVINCES if province.mask & mask), NOWHERE)


def _name(key: str) -> str:
    return places.name_of(key) if key else ""
