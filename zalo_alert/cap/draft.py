"""A draft while it is made, and what there is to say of it."""

from typing import NamedTuple

from zalo_alert.language import _

MOST_REMARKS = 100  # in one draft: a file of thousands of areas has one cause
UNFILLED = "…"  # what `validate` refuses wherever it stands


class Remark(NamedTuple):
    """Something that could not be carried over, or that was guessed.

    Args:
        place: In the alert, like `/alert/info[1]/area[2]`.
        why: A sentence.
    """

    place: str
    why: str


class Selector(NamedTuple):
    """A place as a campaign names it, and what stands behind it for whoever reads the file."""

    text: str
    about: str


class Draft:
    """Gathers remarks, each once and not too many, and remembers for what a name of a place was taken."""

    def __init__(self) -> None:
        self.remarks: list[Remark] = []
        self.named: dict[str, Selector] = {}

    def remark(self, place: str, why: str) -> None:
        """Take one."""
        one = Remark(place, why)
        if one in self.remarks or len(self.remarks) > MOST_REMARKS:
            return
        is_last = len(self.remarks) == MOST_REMARKS
        self.remarks.append(Remark("/alert", _("and more than is told here: compare the whole alert")) if is_last else one)
