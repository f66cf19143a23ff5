"""Bars of places, one a row: how many of a place's people are in which state.

Each bar is as long as every other, so that a commune's seven people are seen beside a city's millions; their number is written.
"""

from collections.abc import Sequence
from typing import NamedTuple

from zalo_alert.language import Language, _, catalogue_of, count, joined, persons, said_in
from zalo_alert.models import State
from zalo_alert.pictures.drawing import draw, fitted, mark_of, plain

_LEAST = 2.0  # units: what a single person among millions is drawn as, so that nobody is overlooked

STATE_WORDS = {
    State.ACCEPTED.value: _("accepted"),
    State.REJECTED.value: _("refused"),
    State.UNKNOWN.value: _("unknown"),
    State.EXPIRED.value: _("too late"),
    State.WITHHELD.value: _("withheld"),
    State.DEFERRED.value: _("deferred"),
    State.CLAIMED.value: _("being asked"),
    State.PENDING.value: _("not asked yet"),
}


class Bar(NamedTuple):
    """One row.

    Args:
        label: Of the place.
        parts: State words and people, in the order in which they are stacked; parts of nobody are left out.
        note: Stands behind it; "" for the number of people.
    """

    label: str
    parts: tuple[tuple[str, int], ...]
    note: str = ""


class _Frame(NamedTuple):
    """Measures of a picture, in units that are pixels where it is shown as wide as it is."""

    width: float
    left: float
    right: float
    text: float
    row: float
    bar: float
    is_below: bool  # the bar stands below its label, not behind it


_FULL = _Frame(760, 190, 610, 13, 26, 14, False)
_COMPACT = _Frame(380, 4, 376, 13, 44, 14, True)


class _Piece(NamedTuple):
    x: float
    width: float
    tone: str
    title: str


class _Row(NamedTuple):
    label: str
    title: str
    note: str
    pieces: tuple[_Piece, ...]


def bars(rows: Sequence[Bar], *, compact: bool = False, language: Language = Language.EN) -> str:
    """Draw bars in the order given.

    Args:
        rows: Any number; the caller puts the worst first.
        compact: For phones: narrow, the labels above the bars.
        language: Of legend and descriptions.

    Returns:
        An `svg` element; its height grows with the rows.
    """
    frame = _COMPACT if compact else _FULL
    words = list(dict.fromkeys(word for row in rows for word, people in row.parts if people > 0))
    legend = _legend(words, frame, language)
    head = (legend[-1][1] + 2 * frame.text) if legend else frame.text
    return draw(
        "bars.svg.j2",
        frame=frame,
        compact=compact,
        mark=mark_of("bars", rows, compact, language),
        title=plain(_("People by place and state"), language),
        about=plain(_about(rows), language, 4000),
        legend=legend,
        head=head,
        height=head + max(1, len(rows)) * frame.row + 6,
        rows=[_row(row, frame, language) for row in rows],
        empty=plain(_("No places."), language),
    )


def tone_of(word: str) -> str:
    """Return the class of a state word; "other" for one that is not the ledger's."""
    return word if word in STATE_WORDS else "other"


def _row(row: Bar, frame: _Frame, language: Language) -> _Row:
    label, people = plain(row.label, language), sum(max(0, people) for _word, people in row.parts)
    note = plain(row.note or persons(people), language)
    room = (frame.right - frame.left) * 0.62 if frame.is_below else frame.left - 12
    behind = (frame.right - frame.left) * 0.36 if frame.is_below else frame.width - frame.right - 10
    title = plain(joined([label, _told(row)], ": "), language)
    return _Row(fitted(label, room, frame.text), title, fitted(note, behind, frame.text), _pieces(row, frame, language))


def _pieces(row: Bar, frame: _Frame, language: Language) -> tuple[_Piece, ...]:
    parts = [(word, people) for word, people in row.parts if people > 0]
    widths = _widths([people for _word, people in parts], frame.right - frame.left)
    pieces, x = [], frame.left
    for (word, people), width in zip(parts, widths, strict=True):
        pieces.append(_Piece(x, width, tone_of(word), plain(_part(word, people), language)))
        x += width
    return tuple(pieces)


def _widths(people: Sequence[int], whole: float) -> list[float]:
    """Share out a width: each part has the least that can be seen, and of the rest what its people are of all."""
    least = min(_LEAST, whole / max(1, len(people)))
    rest = whole - least * len(people)
    return [least + rest * number / sum(people) for number in people]


def _part(word: str, people: int) -> str:
    return _("{state}: {people}", state=STATE_WORDS.get(word, word), people=count(people))


def _told(row: Bar) -> str:
    return joined(_part(word, people) for word, people in row.parts if people > 0) or _("nobody")


def _about(rows: Sequence[Bar]) -> str:
    return joined([joined([row.label, _told(row)], ": ") for row in rows[:100]], "; ") or _("No places.")


def _legend(words: Sequence[str], frame: _Frame, language: Language) -> list[tuple[float, float, str, str]]:
    """Place the words one after another, in as many lines as they need."""
    x, y, placed = 4.0, frame.text, []
    for word in words:
        said = plain(said_in(STATE_WORDS.get(word, word), catalogue_of(language)), limit=24)
        width = frame.text * (2.4 + 0.6 * len(said))
        if x + width > frame.width and x > 4:
            x, y = 4.0, y + frame.text * 1.6
        placed.append((x, y, tone_of(word), said))
        x += width
    return placed
