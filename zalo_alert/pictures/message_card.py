"""A message as a phone shows it, as a picture: for the approver's chat and for the press.

Owns how it looks. The words are the campaign's; nothing of them is cut off, however long they are.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zalo_alert.foundation import invisible
from zalo_alert.pictures.drawing import draw, plain

WIDTH = 720.0
_SIZE, _LINE = 26.0, 37.0  # of a letter and of a line, in pixels: read on a phone that shows the picture half as large
_EDGE, _INSIDE = 28.0, 26.0
_BUTTON = 58.0
_NARROW, _WIDE = frozenset("iíìỉĩịIÍÌỈĨỊljtfr.,:;'!|()[]/ -"), frozenset("mwMW@%–—")


class CardText(NamedTuple):
    """What is drawn.

    Args:
        sender: Whose account it is.
        badge: What kind of message it is, in words that nobody mistakes; `look` is its colour: actual, exercise, test, drill or
            rehearsal.
        headline: "" where the route shows none.
        text: As it is read; line breaks are kept.
        buttons: Their titles.
        foot: What stands below the phone's message, a line each.
        title: Of the picture, for those who hear it.
    """

    sender: str
    badge: str
    look: str
    headline: str
    text: str
    buttons: tuple[str, ...]
    foot: tuple[str, ...]
    title: str


class Drawn(NamedTuple):
    """A picture as SVG, and its size in pixels."""

    svg: str
    width: int
    height: int


def draw_card(card: CardText) -> Drawn:
    """Draw a message."""
    within = WIDTH - 2 * (_EDGE + _INSIDE)
    badge, headline = wrap(card.badge, WIDTH - 2 * _EDGE, _SIZE, bold=True), wrap(card.headline, within, _SIZE, bold=True)
    text = [line for part in _drawable(card.text).split("\n") for line in wrap(part, within, _SIZE) or [""]]
    foot = [line for part in card.foot for line in wrap(part, WIDTH - 2 * _EDGE, _SIZE * 0.8)]
    sender = wrap(card.sender, WIDTH - 2 * _EDGE - 58, _SIZE, bold=True)
    bar = max(1, len(sender)) * _LINE + 39
    head = bar + len(badge) * _LINE + 34
    bubble = _INSIDE + (len(headline) * _LINE + (12 if headline else 0)) + len(text) * _LINE + 6
    height = head + bubble + len(card.buttons) * _BUTTON + 36 + len(foot) * _LINE * 0.8 + 24
    svg = draw(
        "message_card.svg.j2", width=WIDTH, height=height, size=_SIZE, line=_LINE, edge=_EDGE, inside=_INSIDE, bar=bar, head=head,
        bubble=bubble, button=_BUTTON, look=card.look, sender=sender, initial=plain(card.sender)[:1].upper() or "Z", badge=badge,
        headline=headline, text=text, buttons=[plain(title, limit=60) for title in card.buttons], foot=foot,
        title=plain(card.title), about=plain(card.text),
    )  # fmt: skip
    return Drawn(svg, round(WIDTH), round(height))


def _drawable(text: str) -> str:
    """Return a text as a picture can hold it, its lines kept."""
    return "\n".join(
        plain(line, limit=len(line) + 1) for line in invisible.remove(unicodedata.normalize("NFC", text)).splitlines()
    )


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Break a line into such as are no wider than that; a word that is wider by itself is broken, too."""
    lines, used, gap = list[str](), 0.0, width_of(" ", size, bold=bold)
    for word in _pieces(text.split(), width, size, bold=bold):
        needed = width_of(word, size, bold=bold)
        if lines and used + gap + needed <= width:
            lines[-1] += f" {word}"
            used += gap + needed
        else:
            lines.append(word)
            used = needed
    return lines


def _pieces(words: Sequence[str], width: float, size: float, *, bold: bool) -> Iterator[str]:
    for word in words:
        start, used = 0, 0.0
        for at, sign in enumerate(word):
            needed = width_of(sign, size, bold=bold)
            if at > start and used + needed > width:
                yield word[start:at]
                start, used = at, 0.0
            used += needed
        yield word[start:]


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a text is: no wider font than DejaVu Sans is reckoned with, which is the widest of ours."""
    return sum(map(_share, text)) * size * (1.09 if bold else 1.0)


def _share(sign: str) -> float:
    if unicodedata.combining(sign):
        return 0.0
    if sign in _NARROW:
        return 0.39
    if sign in _WIDE:
        return 1.0
    if unicodedata.east_asian_width(sign) in "WF":
        return 1.05
    return 0.75 if sign.isupper() else 0.64
