"""A draft while it is made, and what there is to say of it."""

from typing import NamedTuple

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


class Draft:
    """Gathers remarks, each once and not too many."""

    def __init__(self) -> None:
        self.remarks: list[Remark] = []

    def remark(self, place: str, why: str) -> None:
        """Take one."""
        one = Remark(place, why)
        if len(self.remarks) < MOST_REMARKS and one not in self.remarks:
            self.remarks.append(one)
