"""What the screen says of one run beyond its card: its places, the worst first, and why people were not accepted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from zalo_alert import places
from zalo_alert.foundation.clock import instant
from zalo_alert.language import _, _n, count, moment
from zalo_alert.models import RouteType, State
from zalo_alert.reporting.percent import percent_of
from zalo_alert.reporting.report import Cause
from zalo_alert.reporting.sight import PlaceSight
from zalo_alert.reporting.verdict import ON_TIME_S, drift_in_words
from zalo_alert.runs.schedule import Drift
from zalo_alert.wall.watcher import SeenRun
from zalo_alert.zalo.codes import look_up
from zalo_alert.zalo.endpoints import ENDPOINTS

FEW = 3  # places that a table has room for although they are on time
MOST_ROWS = 8  # as many as can be read from four metres
MOST_CAUSES = 3


_Planned: TypeAlias = Mapping[str, tuple[float, int]]


class PlaceRow(NamedTuple):
    """A row of the table: of people, how many were reached and should have been, when the last one is, and how late that is.

    `delivered` is how many of the messages that Zalo took there arrived, as far as receipts say; "" where none are kept.
    """

    label: str
    people: str
    reached: str
    planned: str
    last_at: str
    drift: str
    is_bad: bool
    delivered: str = ""


class CauseRow(NamedTuple):
    """Why people were not accepted: how many, what that means, Zalo's number for it or "", and what to do or ""."""

    people: str
    meaning: str
    code: str
    cure: str


class Shares(NamedTuple):
    """Of a province's people: 0 to 1 that were accepted, and that the plan had asked by now (None where it has no hour)."""

    reached: float
    planned: float | None


@dataclass(frozen=True, slots=True)
class Details:
    """See the module.

    Args:
        rows: The places that are worst, the worst first.
        others: What is said of the rest in one line; "" where there is none.
        causes: The most frequent first.
        shares: By the key of a province.
    """

    rows: tuple[PlaceRow, ...]
    others: str
    causes: tuple[CauseRow, ...]
    shares: Mapping[str, Shares]

    @property
    def has_receipts(self) -> bool:
        """Whether any row says how many messages were delivered."""
        return any(row.delivered for row in self.rows)


def details_of(seen: SeenRun, now: datetime) -> Details | None:
    """Say what there is to say of a run; None where nobody could read it."""
    if seen.sight is None:
        return None
    planned = _planned(seen, now)
    ordered = sorted(seen.sight.places, key=_badness, reverse=True)
    bad = [place for place in ordered if _badness(place)[0] > 0][:MOST_ROWS]
    rows = bad or ordered[:FEW]
    causes = tuple(map(_cause_row, seen.sight.causes[:MOST_CAUSES]))
    shares = _shares(seen.sight.places, planned)
    return Details(tuple(_row(place, planned, now) for place in rows), _others(ordered[len(rows) :]), causes, shares)


def _badness(place: PlaceSight) -> tuple[int, float]:
    """Return a key of order: those whom the danger reaches first, those of whom nobody can tell, the late ones, the rest."""
    drift = place.drift
    if drift is None or not place.people:
        return 0, float("-inf")
    if drift.expected_at_s is None or drift.late_s is None:
        return 2, float(place.people)
    if is_overtaken(place):
        return 3, drift.late_s
    return int(drift.late_s >= ON_TIME_S), drift.late_s


def is_overtaken(place: PlaceSight) -> bool:
    """Whether the danger begins before the last person of a place is asked, as things go now."""
    drift = place.drift
    return bool(drift and drift.expected_at_s and place.onset and drift.expected_at_s > place.onset.timestamp())


def _row(place: PlaceSight, planned: _Planned, now: datetime) -> PlaceRow:
    share = _share_of(place.keys, planned)
    return PlaceRow(
        place.label,
        count(place.people),
        _percent(percent_of(place.totals.get(State.ACCEPTED, 0), place.people)),
        "" if share is None else _percent(count(int(share * 100))),
        _last_at(place.drift, now),
        _("after the onset") if is_overtaken(place) else drift_in_words(place.drift),
        _badness(place)[0] > 0,
        _delivered(place),
    )


def _delivered(place: PlaceSight) -> str:
    accepted = place.totals.get(State.ACCEPTED, 0)
    if place.arrived is None or not accepted:
        return ""
    return _percent(percent_of(place.arrived.delivered, accepted))


def _percent(number: str) -> str:
    return _("{number} %", number=number)


def _last_at(drift: Drift | None, now: datetime) -> str:
    if drift is None:
        return ""
    if drift.expected_at_s is None:
        return _("not known")
    at = moment(instant(drift.expected_at_s), now.date())
    return _("done {at}", at=at) if drift.is_done else at


def _others(rest: Sequence[PlaceSight]) -> str:
    """Say in one line how the places stand that have no row."""
    late = sum(_badness(place)[0] > 0 for place in rest)
    if late:
        return _("{late} more places are late, {others} are on time", late=count(late), others=count(len(rest) - late))
    return (
        _n("{places} more place is on time", "{places} more places are on time", len(rest), places=count(len(rest)))
        if rest
        else ""
    )


def _cause_row(cause: Cause) -> CauseRow:
    found = look_up(ENDPOINTS[RouteType(cause.route)][0], cause.code) if cause.code else None
    return CauseRow(count(cause.people), cause.meaning, str(cause.code or ""), found.advice if found else "")


# --- reached, and planned by now -----------------------------------------------------------------------------------------


def _planned(seen: SeenRun, now: datetime) -> _Planned:
    """Return by key of a place how many of its people the plan had asked by now, and of how many."""
    if seen.alert is None or len(seen.planned) != len(seen.alert.places):
        return {}
    by_key = {}
    for place, hours in zip(seen.alert.places, seen.planned, strict=True):
        whole_s = max(1e-9, hours.finishes_at_s - hours.starts_at_s)
        share = min(1.0, max(0.0, (now.timestamp() - hours.starts_at_s) / whole_s))
        by_key[place.key] = (share * place.people, place.people)
    return by_key


def _share_of(keys: Iterable[str], planned: _Planned) -> float | None:
    found = [planned[key] for key in keys if key in planned]
    people = sum(people for _, people in found)
    return sum(asked for asked, _ in found) / people if people else None


def _shares(sights: Iterable[PlaceSight], planned: _Planned) -> dict[str, Shares]:
    """Return both shares by province; the people of wards count in their province of today."""
    grouped: dict[str, list[PlaceSight]] = {}
    for place in sights:
        for key in dict.fromkeys(filter(None, map(_province_of, place.keys))):
            grouped.setdefault(key, []).append(place)
    shares = {}
    for key, own in grouped.items():
        people = sum(place.people for place in own)
        if people:
            accepted = sum(place.totals.get(State.ACCEPTED, 0) for place in own)
            shares[key] = Shares(accepted / people, _share_of([key for place in own for key in place.keys], planned))
    return shares


def _province_of(key: str) -> str:
    """Return the key of a province that a map has, for any place; "" where there is none."""
    if key.startswith(("new:", "old:")):
        return key.removesuffix(places.ELSEWHERE)
    ward = places.wards().get(places.ward_of(key))
    return f"new:{ward.new_code}" if ward else ""
