"""What receipts teach for the next time, with care: a message without a receipt may have arrived all the same. Pure."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import accumulate
from math import sqrt
from typing import TypeVar

from zalo_alert.errors import Cure
from zalo_alert.language import _, span
from zalo_alert.models import State
from zalo_alert.reporting.full_report import FullReport, PlaceResult, ProvinceResult
from zalo_alert.reporting.percent import percent_of

NEARLY_ALL = 0.9  # of what was delivered so far: the last phones are switched on days later
ENOUGH = 200  # accepted people of a place: fewer say nothing
FEW = 0.5  # of the share that was delivered everywhere
SURE = 4.0  # standard deviations below it: no accident of small numbers

Row = TypeVar("Row", PlaceResult, ProvinceResult)


def not_taken(full: FullReport) -> Iterator[str]:
    """Say that nobody took receipts."""
    if full.report.totals[State.ACCEPTED] and not full.receipts.is_kept:
        yield _(
            "receipts were not taken: nobody knows how many messages were delivered and seen; have {webhook} run, and Zalo send "
            "to it, before the next alert",
            webhook=Cure.WEBHOOK(),
        )


def how_soon(full: FullReport) -> Iterator[str]:
    """Say how soon nearly all that was delivered had been, and how many saw it."""
    accepted, counts, began = full.report.totals[State.ACCEPTED], full.receipts, full.course.began_at
    upto = list(accumulate(delivered for _at_s, delivered, _seen in counts.by_minute))
    if not accepted or not began or not upto or not upto[-1]:
        return
    at = next(at for at, delivered in enumerate(upto) if delivered >= NEARLY_ALL * upto[-1])
    took_s = max(60.0, counts.by_minute[at][0] + 60 - began.timestamp())
    yield _(
        "{percent} % of those accepted had it delivered within {time} of the beginning, {all_percent} % until now; "
        "{seen_percent} % have seen it",
        percent=percent_of(upto[at], accepted),
        time=span(timedelta(seconds=took_s)),
        all_percent=percent_of(counts.delivered, accepted),
        seen_percent=percent_of(counts.seen, accepted),
    )


def few_receipts(rows: Iterable[Row], delivered: int, accepted: int) -> list[Row]:
    """Return the places with unusually few receipts among those accepted, the fewest first.

    Args:
        rows: Places or provinces.
        delivered: In all.
        accepted: In all.
    """
    whole = min(1.0, delivered / accepted) if accepted else 0.0
    told = [(_share(row), row) for row in rows if row.arrived and row.totals.get(State.ACCEPTED, 0) >= ENOUGH]
    few = [(share, row) for share, row in told if share < FEW * whole and share < whole - SURE * _spread(whole, row)]
    return [row for _share_there, row in sorted(few, key=lambda each: each[0])]


def _share(row: PlaceResult | ProvinceResult) -> float:
    return (row.arrived.delivered if row.arrived else 0) / max(1, row.totals.get(State.ACCEPTED, 0))


def _spread(share: float, row: PlaceResult | ProvinceResult) -> float:
    return sqrt(share * (1 - share) / row.totals[State.ACCEPTED])
