"""What became of everyone in a run: counted from the ledger alone, so that every number shown anywhere is the same.

Owns the counting; knows neither terminal nor file formats.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any, TypeAlias

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.clock import instant, iso_text
from zalo_alert.language import _, count
from zalo_alert.ledger.base import Detail, Ledger, Tally
from zalo_alert.ledger.broadcasts import BroadcastStatus
from zalo_alert.models import Campaign, Reason, State
from zalo_alert.receipts.counts import ReceiptCounts, receipt_counts
from zalo_alert.reporting.arrived import NOT_KEPT, Arrived, arrived_json, arrived_of, receipts_json
from zalo_alert.reporting.release import NOT_RELEASED, Release
from zalo_alert.runs.facts import RunPlace
from zalo_alert.runs.history import Event
from zalo_alert.runs.run import Run
from zalo_alert.zalo.codes import look_up
from zalo_alert.zalo.endpoints import ENDPOINTS

MEANINGS: Mapping[Reason, str] = {
    Reason.NO_ADDRESS: _("no phone number for this route"),
    Reason.NO_VALUE: _("no name, which the template demands"),
    Reason.SAME_PHONE: _("the phone number is another person's, who is written to in this run (see `export`)"),
    Reason.NO_ANSWER: _("asked, and no answer came back"),
    Reason.SERVER_ERROR: _("asked, and the server failed"),
    Reason.UNREADABLE: _("asked, and the answer could not be read"),
    Reason.CRASH: _("claimed when the sender was killed"),
    Reason.RESTORED: _("left over in a backup: another machine may have written to them since"),
    Reason.NOT_SENT: _("the server could not be reached"),
    Reason.NEVER: _("on the list of those never written to"),
    Reason.FORGOTTEN: _("forgotten on request after the run was frozen"),
    Reason.LEFT: _("left the OA after the run was frozen"),
    Reason.OPTED_OUT: _("opted out after the run was frozen"),
    Reason.CANCELLED: _("the run was cancelled before their turn"),
    Reason.OUT_OF_STEP: _("asked, and the answer may be another person's"),
    Reason.RECEIPT: _("no clear answer came, and a phone's receipt proves it"),
    Reason.ECHO: _("no clear answer came, and Zalo's echo proves it"),
}

_PUT_OFF: Mapping[Reason, str] = {
    Reason.QUOTA: _("the route has no quota left"),
    Reason.NIGHT: _("Zalo takes no such messages at night"),
    Reason.THROTTLED: _("Zalo's rate was used up"),
    Reason.BUSY: _("Zalo asks to try later"),
    Reason.TOKEN: _("the access token is of no use"),
    Reason.STOPPED: _("Zalo refuses the account or the app"),
    Reason.PROXY: _("a proxy refuses to pass messages on"),
}  # who was put off with others, and not by an answer of their own


SecondsOf: TypeAlias = Callable[[Sequence[int]], list[tuple[int, int]]]  # as `Ledger.accepted_seconds`


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """One group of people and where they stand."""

    place: RunPlace
    states: Mapping[State, int]
    arrived: Arrived | None = None  # None where no receipts are kept


@dataclass(frozen=True, slots=True)
class Cause:
    """Why some people were not accepted."""

    state: State
    route: str
    code: int
    reason: Reason
    meaning: str
    people: int

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        return {
            "state": self.state,
            "route_type": self.route,
            "code": self.code,
            "reason": self.reason,
            "why": self.meaning,
            "people": self.people,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """A run's account; `totals` add up to `audience`."""

    run: str
    code: str
    status: str
    digest: str
    audience: int
    totals: Mapping[State, int]
    places: tuple[PlaceCount, ...]
    causes: tuple[Cause, ...]
    maybe_twice: int
    first_at: datetime | None
    half_at: datetime | None
    last_at: datetime | None
    history: tuple[Event, ...]
    over_cap: int = 0  # who had had as many messages as anybody may, and were written to all the same
    without_id: int = 0  # accepted, and Zalo named no message: no receipt can ever say whether it arrived
    broadcast: tuple[BroadcastStatus, ...] = ()  # one an OA; nobody of it is counted in `totals`
    release: Release = NOT_RELEASED
    receipts: ReceiptCounts = NOT_KEPT
    is_rehearsal: bool = False  # it went from a live workspace to this machine: none of these people was reached

    @property
    def arrived(self) -> Arrived | None:
        """How many messages were delivered and seen; None where no receipts are kept."""
        return Arrived(self.receipts.delivered, self.receipts.seen) if self.receipts.is_kept else None

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values, with names that do not change."""
        return {
            "run": self.run,
            "code": self.code,
            "status": self.status,
            "rehearsal": self.is_rehearsal,
            "digest": self.digest,
            "audience": self.audience,
            "totals": _all_states(self.totals),
            "maybe_twice": self.maybe_twice,
            "accepted_without_id": self.without_id,
            "over_cap": self.over_cap,
            "first_accepted_at": _iso(self.first_at),
            "half_accepted_at": _iso(self.half_at),
            "last_accepted_at": _iso(self.last_at),
            "receipts": receipts_json(self.receipts),
            "places": [_place_json(place) for place in self.places],
            "causes": [cause.as_json() for cause in self.causes],
            "history": [{"at": iso_text(e.at_s), "what": e.what, "detail": e.detail} for e in self.history],
            "broadcast": [broadcast_as_json(broadcast) for broadcast in self.broadcast],
            **self.release.as_json(),
        }


def _place_json(counted: PlaceCount) -> dict[str, Any]:
    place, totals = counted.place, _all_states(counted.states)
    return {"place": place.key, "name": place.label, "totals": totals, **arrived_json(counted.arrived)}


def _all_states(totals: Mapping[State, int]) -> dict[str, int]:
    return {state.value: totals.get(state, 0) for state in State}


def make(run: Run, campaign: Campaign, ledger: Ledger, release: Release = NOT_RELEASED) -> Report:
    """Count a run.

    Raises:
        StorageUnusable: The states do not add up to the audience.
    """
    return make_of(run, campaign, ledger, ledger.details(), release)


def make_of(run: Run, campaign: Campaign, ledger: Ledger, details: Sequence[Detail], release: Release = NOT_RELEASED) -> Report:
    """Count a run whose ledger was read already.

    Raises:
        StorageUnusable: The states do not add up to the audience.
    """
    totals = ledger.totals()
    total = sum(totals.values())
    if total != run.facts.audience:
        raise StorageUnusable(
            _(
                "run {run}: the states add up to {people}, not to the audience of {audience}",
                run=run.id,
                people=count(total),
                audience=count(run.facts.audience),
            ),
            hint=_("don't resume it; keep the folder for whoever looks into this"),
        )
    tallies = [detail.tally for detail in details]
    receipts = receipt_counts(run)
    first, half, last = _milestones(accepted_by_minute(details), ledger.accepted_seconds)
    return Report(
        run=run.id,
        code=run.facts.code,
        status=run.facts.status,
        digest=run.facts.digest,
        audience=run.facts.audience,
        totals=totals,
        places=by_place(run.places(), tallies, ledger.untouched_state(), receipts),
        causes=causes_of(campaign, tallies, totals, run.facts.person_cap),
        maybe_twice=sum(detail.maybe_twice for detail in details),
        first_at=first,
        half_at=half,
        last_at=last,
        history=tuple(run.history()),
        without_id=sum(detail.without_id for detail in details),
        over_cap=run.facts.over_cap,
        broadcast=read_broadcast(run),
        release=release,
        receipts=receipts,
        is_rehearsal=run.facts.is_rehearsal,
    )


def read_broadcast(run: Run) -> tuple[BroadcastStatus, ...]:
    """Return how far a run's broadcast is, OA by OA; empty when it has none."""
    ledger = run.broadcasts()
    if ledger is None:
        return ()
    try:
        return tuple(ledger.all())
    finally:
        ledger.close()


def broadcast_as_json(status: BroadcastStatus) -> dict[str, Any]:
    """Return one OA's broadcast as plain values, with names that do not change."""
    return {
        "account": status.account,
        "state": status.state.value,
        "step": status.step.value,
        "message_id": status.message_id,
        "article_id": status.article_id,
        "code": status.code,
        "why": status.why,
        "maybe_twice": bool(status.unclear),
        "at": iso_text(status.at_s) if status.at_s else None,
        "due_at": iso_text(status.due_at_s) if status.due_at_s else None,
    }


def by_place(
    places: Sequence[RunPlace], tallies: Sequence[Tally], untouched: State, receipts: ReceiptCounts = NOT_KEPT
) -> tuple[PlaceCount, ...]:
    """Count the states of each place; whoever has no row is `untouched`."""
    counts: list[Counter[State]] = [Counter() for _ in places]
    for tally in tallies:
        counts[tally.place][tally.state] += tally.people
    for place, states in zip(places, counts, strict=True):
        states[untouched] += place.people - states.total()  # whoever has no row was not settled yet
    return tuple(
        PlaceCount(place, {state: states[state] for state in State if states[state]}, arrived_of(receipts, [number]))
        for number, (place, states) in enumerate(zip(places, counts, strict=True))
    )


def causes_of(
    campaign: Campaign, tallies: Sequence[Tally], totals: Mapping[State, int], person_cap: Sequence[int]
) -> tuple[Cause, ...]:
    """Say why people were not accepted; whoever is withheld without a row was never begun with when the run was cancelled."""
    people: Counter[tuple[State, int, int, Reason]] = Counter()
    if untouched := totals[State.WITHHELD] - sum(tally.people for tally in tallies if tally.state is State.WITHHELD):
        people[State.WITHHELD, 0, 0, Reason.CANCELLED] = untouched
    for tally in tallies:
        if tally.state is not State.ACCEPTED and tally.reason is not Reason.NONE:
            people[tally.state, tally.route, tally.code, tally.reason] += tally.people
    causes = []
    for (state, route, code, reason), concerned in people.most_common():
        kind = campaign.routes[route].type
        meaning = _capped(reason, person_cap) or MEANINGS.get(reason) or (not code and _PUT_OFF.get(reason)) or ""
        meaning = meaning or look_up(ENDPOINTS[kind][0], code).meaning
        causes.append(Cause(state, kind, code, reason, meaning, concerned))
    return tuple(causes)


def _capped(reason: Reason, person_cap: Sequence[int]) -> str:
    """Say of whoever had had messages enough how many those were; "" for every other reason."""
    sentences = {
        Reason.DAY_CAP: _("had had {messages} messages or more in 24 hours", messages=count(person_cap[0] if person_cap else 0)),
        Reason.WEEK_CAP: _("had had {messages} messages or more in 7 days", messages=count(person_cap[-1] if person_cap else 0)),
    }
    return sentences.get(reason, "")


def accepted_by_minute(details: Sequence[Detail]) -> list[tuple[int, int]]:
    """Return the accepted people by minute, as `Ledger.pace` does."""
    minutes: Counter[int] = Counter()
    for detail in details:
        if detail.state is State.ACCEPTED:
            minutes[detail.minute_s] += detail.people
    return sorted(minutes.items())


def _milestones(minutes: Sequence[tuple[int, int]], seconds_of: SecondsOf) -> tuple[datetime | None, ...]:
    """Name the seconds in which the first, the middle and the last person was accepted; only their minutes are read once more."""
    if not minutes:
        return None, None, None
    upto = list(accumulate(people for _, people in minutes))
    middle = (upto[-1] + 1) // 2
    half = bisect_left(upto, middle)
    asked = [minutes[0][0], minutes[half][0], minutes[-1][0]]
    seconds = seconds_of(sorted(set(asked)))
    within = [(at_s, people) for at_s, people in seconds if at_s // 60 * 60 == minutes[half][0]]
    if not within:  # all of them were doubted meanwhile
        first, middle_at, last = map(instant, asked)
        return first, middle_at, last
    at = bisect_left(list(accumulate(people for _, people in within)), middle - (upto[half] - minutes[half][1]))
    return instant(seconds[0][0]), instant(within[min(at, len(within) - 1)][0]), instant(seconds[-1][0])


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def broadcast_in_words(standing: BroadcastStatus) -> str:
    """Say in a sentence where one OA's broadcast stands."""
    from zalo_alert.delivery.broadcaster import describe  # loads what asks Zalo, which a report of single people does without

    return describe(standing)
