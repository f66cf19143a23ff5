"""How many people were accepted a minute, over the time of a run, with what halted it and what it had to be done before.

Owns how long runs are made coarser and where marks far away go.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from zalo_alert.language import Language, _, count, joined, moment, persons
from zalo_alert.pictures.drawing import draw, mark_of, plain
from zalo_alert.pictures.marks import Mark
from zalo_alert.pictures.time_axis import TimeAxis, axis_over, flags, instant, is_instant, rows_of

_MOST_STEPS = 360  # a step of two pixels: a longer run is shown in longer steps
_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440, 10_080)
_EMPTY = 60  # units of height of a curve without anything
_FAR = 1.0  # a mark later than so many lengths of the run is named at the edge, or the run would be a dot


class _Frame(NamedTuple):
    width: float
    left: float
    right: float
    curve: float  # its height
    apart: float  # between two hours that are written


_FULL, _COMPACT = _Frame(760, 62, 736, 220, 76), _Frame(380, 52, 360, 170, 60)


class _Curve(NamedTuple):
    """People a minute in each step, from the first minute with any to the last."""

    begins_s: int
    step_s: int
    rates: tuple[float, ...]

    @property
    def ends_s(self) -> int:
        return self.begins_s + self.step_s * len(self.rates)

    def gaps(self) -> Iterator[tuple[int, int]]:
        """Yield where nobody was accepted: from, to."""
        begins = None
        for at, rate in enumerate((*self.rates, 1.0)):
            if not rate and begins is None:
                begins = at
            elif rate and begins is not None:
                yield self.begins_s + begins * self.step_s, self.begins_s + at * self.step_s
                begins = None


def rate_curve(
    by_minute: Sequence[tuple[int, int]],
    marks: Sequence[Mark] = (),
    planned_per_min: float | None = None,
    *,
    delivered: Sequence[tuple[int, int]] = (),
    compact: bool = False,
    language: Language = Language.EN,
) -> str:
    """Draw the curve.

    Args:
        by_minute: Seconds since 1970 at a minute's start, people accepted in it; minutes without any may be missing.
        marks: What to mark: halts, stops, onset, expiry.
        planned_per_min: People a minute that the plan counted on; None for no line.
        delivered: The same of messages that arrived, drawn as a line beside it; what comes long after the run is left out.
        compact: For phones.
        language: Of labels and descriptions.

    Returns:
        An `svg` element.
    """
    frame = _COMPACT if compact else _FULL
    people = Counter[int]()
    for at_s, number in by_minute:
        if is_instant(at_s) and number > 0:
            people[int(at_s) // 60 * 60] += number
    curve = _curve(people)
    arrived = _arrived(curve, delivered)
    axis = _axis(curve, arrived, marks, frame)
    laid = flags(marks, axis, 12, language)
    planned = planned_per_min if planned_per_min and isfinite(planned_per_min) and planned_per_min > 0 else 0.0
    top = 20.0 + 16 * rows_of(laid)
    height = frame.curve if people or planned else _EMPTY
    scale = _Scale(max(planned, *curve.rates, *arrived.rates, 0.0), top + height, height - 10)
    return draw(
        "rate_curve.svg.j2",
        frame=frame,
        compact=compact,
        mark=mark_of("rate", by_minute, delivered, marks, planned, compact, language),
        title=plain(_("People accepted a minute"), language),
        about=plain(_about(people, curve, arrived), language),
        top=top,
        bottom=scale.bottom,
        steps=[(scale.at(rate), plain(count(round(rate)), language)) for rate in scale.rates()],
        planned=(scale.at(planned), plain(_("planned: {people}/min", people=count(round(planned))), language))
        if planned
        else None,
        path=_path(curve, axis, scale) if axis else "",
        arrived=_line(arrived, axis, scale) if axis and arrived.rates else "",
        arrived_words=plain(_("delivered a minute"), language),
        gaps=[(axis.at(begins), axis.at(ends)) for begins, ends in curve.gaps()] if axis else [],
        gap_words=plain(_("nobody accepted"), language),
        ticks=axis.ticks(frame.apart) if axis else [],
        flags=laid,
        coarse=plain(_("mean of {minutes} min", minutes=curve.step_s // 60), language) if curve.step_s > 60 else "",
        empty="" if people else plain(_("Nobody has been accepted yet."), language),
    )


class _Scale(NamedTuple):
    """From 0 up to a rate: where it stands in the picture."""

    most: float
    bottom: float
    height: float

    def at(self, rate: float) -> float:
        return self.bottom - rate / (self.most or 1) * self.height

    def rates(self) -> list[float]:
        """Return about four round rates; none where the scale ends at 0."""
        if not self.most:
            return []
        least = self.most / 4
        power = 10.0 ** (len(f"{int(least)}") - 1) if least >= 1 else 1.0
        step = max(1.0, next(power * times for times in (1, 2, 5, 10) if power * times >= least))
        return [step * at for at in range(int(self.most / step) + 1)]


def _curve(people: Mapping[int, int]) -> _Curve:
    if not people:
        return _Curve(0, 60, ())
    minutes = (max(people) - min(people)) // 60 + 1
    step_s = 60 * next((step for step in _STEPS_MIN if minutes / step <= _MOST_STEPS), -(-minutes // _MOST_STEPS))
    begins_s = min(people) // step_s * step_s
    sums = Counter[int]()
    for at_s, number in people.items():
        sums[(at_s - begins_s) // step_s] += number
    return _Curve(begins_s, step_s, tuple(sums[at] * 60 / step_s for at in range(max(sums) + 1)))


def _arrived(curve: _Curve, delivered: Sequence[tuple[int, int]]) -> _Curve:
    """Put what was delivered into the steps of the curve, and into as many again behind it; clocks may differ before it."""
    sums, ends_s = Counter[int](), curve.ends_s + max(600, curve.ends_s - curve.begins_s)
    for at_s, number in delivered if curve.rates else ():
        if number > 0 and is_instant(at_s) and at_s < ends_s:
            sums[max(0, (int(at_s) - curve.begins_s) // curve.step_s)] += number
    rates = tuple(sums[at] * 60 / curve.step_s for at in range(max(sums) + 1)) if sums else ()
    return _Curve(curve.begins_s, curve.step_s, rates)


def _axis(curve: _Curve, arrived: _Curve, marks: Sequence[Mark], frame: _Frame) -> TimeAxis | None:
    known = [mark.at_s for mark in marks if is_instant(mark.at_s)]
    if not curve.rates:
        return axis_over(known, frame.left, frame.right)
    length = max(600.0, curve.ends_s - curve.begins_s) * _FAR
    near = [at_s for at_s in known if curve.begins_s - length <= at_s <= curve.ends_s + length]
    return axis_over([curve.begins_s, max(curve.ends_s, arrived.ends_s), *near], frame.left, frame.right)


def _path(curve: _Curve, axis: TimeAxis, scale: _Scale) -> str:
    """Return the area under the steps."""
    return f"{_line(curve, axis, scale)}z"


def _line(curve: _Curve, axis: TimeAxis, scale: _Scale) -> str:
    """Return the line over the steps, from the ground and back to it."""
    parts = [f"M{axis.at(curve.begins_s):.1f} {scale.bottom:.1f}"]
    for at, rate in enumerate(curve.rates, 1):
        parts.append(f"V{scale.at(rate):.1f}H{axis.at(curve.begins_s + at * curve.step_s):.1f}")
    return "".join((*parts, f"V{scale.bottom:.1f}"))


def _about(people: Mapping[int, int], curve: _Curve, arrived: _Curve) -> str:
    if not people:
        return _("Nobody has been accepted yet.")
    begins, ends = instant(min(people)), instant(max(people) + 60)
    about = _(
        "{people} accepted from {begins} to {ends}; at most {most} a minute.",
        people=persons(sum(people.values())),
        begins=moment(begins, begins.date()),
        ends=moment(ends, begins.date()),
        most=count(round(max(curve.rates))),
    )
    shown = round(sum(arrived.rates) * arrived.step_s / 60)
    return joined([about, _("{messages} messages delivered.", messages=count(shown))], " ") if shown else about
