"""How a finished run is judged: what of it calls for a person, and the sentence that says how it ended.

The rule is an office's own: so many per cent refused are everyday (`limits.tolerate_rejected`), because people leave an OA every
day. It judges what is over and stops nothing. What pauses a run after its first thousand people is another rule, the canary's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zalo_alert.errors import Cure, RunUnfinished, ZaloAlertError
from zalo_alert.language import _, _n, count, decimal, joined, persons
from zalo_alert.models import Reason, State
from zalo_alert.reporting.percent import percent_of
from zalo_alert.reporting.report import Cause, Report
from zalo_alert.zalo.codes import CLOSED, GONE

NO_ROUTE = frozenset({Reason.NO_ADDRESS, Reason.NO_VALUE})  # nothing was asked: a phone number or a name is missing


@dataclass(frozen=True, slots=True)
class Shortfalls:
    """Who of a run was not accepted, by what that calls for; the numbers and `accepted` add up to `audience`.

    Args:
        audience: Everyone who was frozen.
        accepted: Whose message Zalo took.
        unknown: Perhaps reached: a person decides whether to ask again.
        expired: Too late to be written to.
        left: Not settled yet: pending, on its way or deferred.
        unrouted: Without a route of this campaign: no phone number, no name, or no talk with the OA that a `cs` message needs.
        gone: Refused, because they do not follow the OA any more.
        refused: Refused for any other reason.
        shared: Whose phone number is another person's, who was written to.
        withheld: Not to be written to, or had messages enough.
        tolerate_rejected: Per cent of those written to who may be refused before that calls for a person.
    """

    audience: int
    accepted: int
    unknown: int
    expired: int
    left: int
    unrouted: int
    gone: int
    refused: int
    shared: int
    withheld: int
    tolerate_rejected: float

    @property
    def is_refused_too_often(self) -> bool:
        """Whether more were refused than is everyday."""
        asked = self.audience - self.withheld
        return (self.gone + self.refused) * 100 > self.tolerate_rejected * asked

    @property
    def calls_for_a_person(self) -> bool:
        """Whether somebody must look at it."""
        return bool(self.unknown or self.expired or self.left or self.unrouted or self.is_refused_too_often)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        names = ("unknown", "expired", "left", "unrouted", "gone", "refused", "shared", "withheld")
        numbers = {name: getattr(self, name) for name in names}
        return {**numbers, "tolerate_rejected": self.tolerate_rejected, "calls_for_a_person": self.calls_for_a_person}


def shortfalls(totals: Mapping[State, int], audience: int, tolerate_rejected: float, causes: Sequence[Cause] = ()) -> Shortfalls:
    """Sort those who were not accepted by what that calls for.

    Args:
        totals: Where everyone stands.
        audience: Everyone; the states add up to it.
        tolerate_rejected: Per cent of those written to who may be refused.
        causes: Why people were not accepted; without them, everyone who was rejected is taken as refused.
    """
    rejected = [cause for cause in causes if cause.state is State.REJECTED]
    unrouted = sum(cause.people for cause in rejected if _is_without_route(cause))
    gone = sum(cause.people for cause in rejected if cause.reason is Reason.DEAD and cause.code in GONE)
    shared = sum(cause.people for cause in rejected if cause.reason is Reason.SAME_PHONE)
    return Shortfalls(
        audience=audience,
        accepted=totals.get(State.ACCEPTED, 0),
        unknown=totals.get(State.UNKNOWN, 0),
        expired=totals.get(State.EXPIRED, 0),
        left=sum(totals.get(state, 0) for state in (State.PENDING, State.CLAIMED, State.DEFERRED)),
        unrouted=unrouted,
        gone=gone,
        refused=totals.get(State.REJECTED, 0) - unrouted - gone - shared,
        shared=shared,
        withheld=totals.get(State.WITHHELD, 0),
        tolerate_rejected=tolerate_rejected,
    )


def _is_without_route(cause: Cause) -> bool:
    return cause.reason in NO_ROUTE or (cause.reason is Reason.NOT_THIS_ROUTE and cause.code in CLOSED)


def shortfalls_of(report: Report, tolerate_rejected: float) -> Shortfalls:
    """Sort those of a run; see `shortfalls`."""
    return shortfalls(report.totals, report.audience, tolerate_rejected, report.causes)


def describe_completion(found: Shortfalls, broadcasts: int = 0) -> str:
    """Say in one sentence how a finished run ended: how many of how many, then who was not accepted, the gravest first.

    Args:
        found: Who was not accepted.
        broadcasts: How many OAs' broadcasts were accepted.
    """
    if not found.audience:
        return _describe_broadcasts(broadcasts) if broadcasts else _("finished: nobody was to be written to")
    accepted = _(
        "finished: {accepted} of {audience} accepted ({percent} %)",
        accepted=count(found.accepted),
        audience=count(found.audience),
        percent=percent_of(found.accepted, found.audience),
    )
    return joined((accepted, *_describe_others(found)), "; ")


def _describe_broadcasts(broadcasts: int) -> str:
    return _n(
        "finished: the broadcast of {count} account accepted",
        "finished: the broadcasts of {count} accounts accepted",
        broadcasts,
        count=count(broadcasts),
    )


def _describe_others(found: Shortfalls) -> Iterator[str]:
    if found.unknown:
        yield _("{people} unknown", people=persons(found.unknown))
    if found.expired:
        yield _("{people} too late to be sent to", people=persons(found.expired))
    if found.left:
        yield _("{people} not settled yet", people=persons(found.left))
    if found.unrouted:
        yield _("{people} without a route", people=persons(found.unrouted))
    if found.gone:
        yield _n("{count} does not follow any more", "{count} do not follow any more", found.gone, count=count(found.gone))
    if found.refused:
        yield _("{people} refused", people=persons(found.refused))
    if found.is_refused_too_often:
        yield _(
            "more than {percent} % refused",
            percent=decimal(found.tolerate_rejected, 0 if found.tolerate_rejected.is_integer() else 1),
        )
    if found.shared:
        yield _("{people} with another person's phone number, who was written to", people=persons(found.shared))
    if found.withheld:
        yield _("{people} withheld", people=persons(found.withheld))


def verdict(run: str, found: Shortfalls, *, is_strict: bool = False) -> ZaloAlertError | None:
    """Return the error that a finished run ends with; None where nothing of it calls for a person.

    Args:
        run: Its name.
        found: Who was not accepted.
        is_strict: Whether anybody at all who was not accepted calls for a person.
    """
    is_short = found.accepted < found.audience if is_strict else found.calls_for_a_person
    if not is_short:
        return None
    return RunUnfinished(describe_completion(found), hint=joined(_cures(run, found), "; "))


def _cures(run: str, found: Shortfalls) -> Iterator[str]:
    if found.unknown:
        yield _("{resume} sends to the unknown again, though some have it already", resume=Cure.RESUME(run, retry_unknown=True))
    if found.left:
        yield _("{resume} continues", resume=Cure.RESUME(run))
    yield _("{report} says why", report=Cure.REPORT(run))
