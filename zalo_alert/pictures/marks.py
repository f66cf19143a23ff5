"""What happened at one instant of a run, to be marked in a picture."""

from typing import NamedTuple


class Mark(NamedTuple):
    """An instant with a name.

    Args:
        at_s: Seconds since 1970.
        label: Its name; may be a phrase.
        kind: `halt`, `stop`, `pause`, `onset`, `expiry` are alarming or at least bounds; any other word is a plain mark.
    """

    at_s: float
    label: str
    kind: str


KINDS = ("halt", "stop", "pause", "onset", "expiry")


def kind_of(mark: Mark) -> str:
    """Return a mark's kind as the style sheet knows it."""
    return mark.kind if mark.kind in KINDS else "plain"
