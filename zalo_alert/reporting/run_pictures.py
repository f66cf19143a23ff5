"""The pictures of a run's report: the curve of its rate, the map, the bars."""

from collections.abc import Mapping, Sequence

from zalo_alert.language import _, count
from zalo_alert.models import State
from zalo_alert.pictures import Bar, Mark, Shade, bars, map_of_vietnam, rate_curve
from zalo_alert.reporting.full_report import CurveMark, FullReport, ProvinceResult, share_of
from zalo_alert.reporting.page import Picture, Reader
from zalo_alert.reporting.percent import percent_of

_KINDS: Mapping[str, str] = {
    "halted": "halt", "failed": "halt", "stopped": "stop", "cancelled": "stop", "corrected": "stop", "paused": "pause",
    "waiting": "pause", "onset": "onset", "expires": "expiry",
}  # fmt: skip
STACKED = (
    State.ACCEPTED, State.REJECTED, State.UNKNOWN, State.EXPIRED, State.WITHHELD, State.DEFERRED, State.CLAIMED, State.PENDING,
)  # fmt: skip


def curve_of(full: FullReport, reader: Reader) -> Picture:
    """Draw how many were accepted a minute, and how many delivered, with what halted, stopped and resumed it."""
    marks = marks_of(full.marks)
    planned = full.course.planned_per_s * 60 or None
    delivered = [(at_s, people) for at_s, people, _seen in full.receipts.by_minute]
    caption = (
        _("People accepted a minute; the broken line is what the plan counted on, the other one how many were delivered.")
        if delivered
        else _("People accepted a minute; the line is what the plan counted on.")
    )

    def drawn(*, compact: bool) -> str:
        return rate_curve(full.by_minute, marks, planned, delivered=delivered, compact=compact, language=reader.language)

    return Picture(drawn(compact=False), drawn(compact=True), caption)


def marks_of(marks: Sequence[CurveMark]) -> tuple[Mark, ...]:
    """Return instants as pictures mark them."""
    return tuple(Mark(mark.at.timestamp(), mark.words, _KINDS.get(mark.kind, mark.kind)) for mark in marks)


def map_picture(full: FullReport, reader: Reader) -> Picture:
    """Draw the map, each province by the share of its people that was accepted."""
    shades = _shades(full)
    caption = _("Share of the people meant who were accepted; grey: nobody of it was meant.")
    return Picture(
        map_of_vietnam(shades, language=reader.language),
        map_of_vietnam(shades, compact=True, language=reader.language),
        caption,
        "map",
    )


def _shades(full: FullReport) -> dict[str, Shade]:
    """Colour today's provinces; staff, and those of whom nobody knows where they live, stand on no map."""
    return {row.key: _shade(row.name, row.totals, row.people) for row in full.provinces if row.population}


def _shade(name: str, totals: Mapping[State, int], people: int) -> Shade:
    accepted = totals.get(State.ACCEPTED, 0)
    told = _("{place}: {accepted} of {people} accepted ({percent} %)", place=name, accepted=count(accepted),
             people=count(people), percent=percent_of(accepted, people))  # fmt: skip
    return Shade(share_of(totals, people), told if people else "")


def bars_picture(rows: Sequence[ProvinceResult], reader: Reader) -> Picture:
    """Draw a bar for each province in the order given."""
    drawn = [Bar(row.name, tuple((state.value, row.totals.get(state, 0)) for state in STACKED), _note(row)) for row in rows]
    return Picture(bars(drawn, language=reader.language), bars(drawn, compact=True, language=reader.language))


def _note(row: ProvinceResult) -> str:
    accepted = row.totals.get(State.ACCEPTED, 0)
    return _("{percent} %", percent=percent_of(accepted, row.people)) if row.people else ""
