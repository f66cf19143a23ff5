"""A text cut into what CAP keeps apart, a description and an instruction; both together are the whole of it.

Joined and cut once more, a text falls into the same two parts: whatever passes through several systems stays as it is.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

Tells = Callable[[str], bool]  # whether words say what to do

_BLANK = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"(?<=[.!?…។])(?<![0-9]\.)\s+(?=\S)")  # the dot behind a number ends none


class Parts(NamedTuple):
    """What happens, and what to do."""

    description: str
    instruction: str

    @property
    def whole(self) -> str:
        """Both, as one text to be read."""
        return "\n\n".join(filter(None, self))


def tidy(text: str) -> str:
    """Return a text with line feeds between its lines, nothing invisible at their ends and one blank line at most between two."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def part(text: str, tells: Tells) -> Parts:
    """Cut a text where its guidance begins; the order of its words stays.

    Args:
        text: Of a message; what comes out is `tidy`.
        tells: Whether words say what to do.

    Returns:
        A part of the text each: before the first paragraph that says what to do, else before such a line, else before such a
        sentence, and never before the first. Where none is, the first paragraph, line or sentence is the description. Only one
        sentence has no instruction.
    """
    whole = tidy(text)
    units = (_starts(whole, _BLANK), _starts(whole, re.compile("\n")), _starts(whole, _SENTENCE))
    for starts in units:
        for begin, end in pairwise([*starts, len(whole)]):
            if tells(whole[begin:end]):
                return _cut(whole, begin)
    return next((_cut(whole, starts[0]) for starts in units if starts), Parts(whole, ""))


def _starts(text: str, gap: re.Pattern[str]) -> list[int]:
    """Return where the parts between gaps begin, but for the first."""
    return [found.end() for found in gap.finditer(text)]


def _cut(text: str, at: int) -> Parts:
    return Parts(text[:at].rstrip(), text[at:].lstrip())
