"""Texts that are no alert, looked at for what is wrong in any text: letters, links, slips of the pen.

What an alert must say (place, time, what to do) is not asked of them. They have no campaign, so only rules that need none are.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, cast

from zalo_alert.errors import Problem
from zalo_alert.foundation.yaml_document import MAX_PROBLEMS
from zalo_alert.models import Campaign
from zalo_alert.wording.as_read import AsRead
from zalo_alert.wording.finding import Finding, Severity
from zalo_alert.wording.rule import Spot
from zalo_alert.wording.rules import RULES
from zalo_alert.wording.text import Text

CODES = frozenset({
    "letters", "invisible", "link-http", "link-shortener", "link-domain", "link-bare", "unfilled", "number-letters", "misspelt",
    "doubled-word", "no-accents", "no-such-hour",
})  # fmt: skip
MOST_SPOTS = 20  # that one rule tells of one text
_NO_CAMPAIGN = cast(Campaign, None)  # none of these rules asks for it, and a test holds them to that


class Written(NamedTuple):
    """A text, and the line of its file that it begins on, from 1."""

    text: str
    line: int


def lint_plain(texts: Sequence[Written], file: str, lines: Sequence[str], links: Collection[str]) -> list[Finding]:
    """Look at some texts of a file.

    Args:
        texts: As they are read.
        file: What to call it.
        lines: Of the file, to say where in them a word stands.
        links: Domains that links may lead to, those below them included.

    Returns:
        Errors first, then in the order of the file.
    """
    found = [finding for written in texts for finding in _of_text(written, file, lines, links)]
    order = list(Severity)
    return sorted(found, key=lambda each: (order.index(each.severity), each.problem, each.code))[:MAX_PROBLEMS]


def _of_text(written: Written, file: str, lines: Sequence[str], links: Collection[str]) -> Iterator[Finding]:
    text = Text(_NO_CAMPAIGN, AsRead("article", "", (), "", "", None, "", written.text), links, None)
    for rule in RULES:
        for _number, spot in zip(range(MOST_SPOTS), rule.check(text) if rule.code in CODES else (), strict=False):
            line, column = _place(written, spot, lines)
            yield Finding(rule.code, rule.severity, Problem(file, line, column, "", spot.message), spot.fix, "article")


def _place(written: Written, spot: Spot, lines: Sequence[str]) -> tuple[int, int]:
    """Find the words of a spot from the line on that their text begins on."""
    words = written.text[spot.start : spot.end].strip()
    for number in range(written.line - 1, min(len(lines), written.line + 100) if words else 0):
        if (column := lines[number].find(words)) >= 0:
            return number + 1, column + 1
    return written.line, 1
