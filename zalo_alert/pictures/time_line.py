"""Several goes side by side on one axis of time: an alert, its correction, the all-clear."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zalo_alert.language import Language, _, joined, moment
from zalo_alert.pictures.drawing import draw, fitted, mark_of, plain
from zalo_alert.pictures.marks import Mark, kind_of
from zalo_alert.pictures.time_axis import TimeAxis, axis_over, flags, instant, is_instant, rows_of


class Lane(NamedTuple):
    """One row of a time line.

    Args:
        label: Its name.
        begins_at_s: Seconds since 1970.
        ends_at_s: Of one that has not ended, the present; what ends before it begins is drawn as an instant.
        marks: What happened in it.
    """

    label: str
    begins_at_s: float
    ends_at_s: float
    marks: tuple[Mark, ...]


class _Frame(NamedTuple):
    width: float
    left: float
    right: float
    row: float
    is_below: bool  # the bar stands below its label, not behind it
    apart: float


_FULL, _COMPACT = _Frame(760, 170, 736, 44, False, 76), _Frame(380, 20, 360, 62, True, 60)
_LEAST = 3.0  # units: what an instant is drawn as


class _Row(NamedTuple):
    label: str
    title: str
    x: float
    width: float
    marks: tuple[tuple[float, str, str, str, str], ...]  # x, kind, name, anchor, whole name


def time_line(
    lanes: Sequence[Lane], marks: Sequence[Mark] = (), *, compact: bool = False, language: Language = Language.EN
) -> str:
    """Draw lanes in the order given, on one axis.

    Args:
        lanes: Any number.
        marks: What holds for all of them: the onset.
        compact: For phones: narrow, the labels above the bars.
        language: Of descriptions.

    Returns:
        An `svg` element; its height grows with the lanes.
    """
    frame = _COMPACT if compact else _FULL
    axis = axis_over(_instants(lanes, marks), frame.left, frame.right)
    laid = flags(marks, axis, 12, language)
    top = 20.0 + 16 * rows_of(laid)
    return draw(
        "time_line.svg.j2",
        frame=frame,
        compact=compact,
        mark=mark_of("line", lanes, marks, compact, language),
        title=plain(_("Time line"), language),
        about=plain(joined(map(_told, lanes), "; "), language, 4000),
        top=top,
        bottom=top + max(1, len(lanes)) * frame.row,
        rows=[_row(lane, axis, frame, language) for lane in lanes] if axis else [],
        ticks=axis.ticks(frame.apart) if axis else [],
        flags=laid,
        empty="" if axis else plain(_("Nothing has happened yet."), language),
    )


def _instants(lanes: Sequence[Lane], marks: Sequence[Mark]) -> Iterator[float]:
    yield from (mark.at_s for mark in marks)
    for lane in lanes:
        yield from (lane.begins_at_s, lane.ends_at_s)
        yield from (mark.at_s for mark in lane.marks)


def _row(lane: Lane, axis: TimeAxis, frame: _Frame, language: Language) -> _Row:
    label = plain(lane.label, language)
    begins, ends = axis.at(lane.begins_at_s), axis.at(max(lane.begins_at_s, lane.ends_at_s))
    if not is_instant(lane.begins_at_s):
        begins = ends = axis.left
    room = frame.right - frame.left if frame.is_below else frame.left - 12
    return _Row(
        fitted(label, room, 13),
        plain(_told(lane), language),
        begins,
        max(_LEAST, ends - begins),
        tuple(_marks(lane, axis, language)),
    )


def _marks(lane: Lane, axis: TimeAxis, language: Language) -> Iterator[tuple[float, str, str, str, str]]:
    """Yield the marks of a lane; a name that would cover the one before it is left to the tooltip."""
    free = axis.left - 1
    for mark in sorted((mark for mark in lane.marks if is_instant(mark.at_s)), key=lambda mark: mark.at_s):
        x, whole = axis.at(mark.at_s), plain(mark.label, language)
        name = plain(whole, limit=24)
        width = len(name) * 6.6 + 8
        anchor = "start" if x + width <= axis.right else "end"
        begins = x if anchor == "start" else x - width
        if begins < free:
            name = ""
        else:
            free = begins + width
        yield x, kind_of(mark), name, anchor, whole


def _told(lane: Lane) -> str:
    if not is_instant(lane.begins_at_s) or not is_instant(lane.ends_at_s):
        return lane.label
    begins, ends = instant(lane.begins_at_s), instant(max(lane.begins_at_s, lane.ends_at_s))
    return _(
        "{name}: {begins} to {ends}", name=lane.label, begins=moment(begins, begins.date()), ends=moment(ends, begins.date())
    )
