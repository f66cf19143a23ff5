"""How far a campaign's words have gone from the template that it began with, and which of its guidance is gone.

Words are compared, not letters; a field that somebody has filled in by hand is no difference. Bounded on any text. Knows no file
and no screen.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from zalo_alert.campaign.build import nfc
from zalo_alert.language import _

if TYPE_CHECKING:
    from zalo_alert.library.template import Template
    from zalo_alert.models import Campaign, FollowUp

MOST_WORDS = 12_000  # of a text that are compared: three times as many as the longest article has
FILLED = 12  # words that may stand for one field that somebody has filled in by hand
A_FEW, MUCH = 0.15, 0.4  # of the words
_KEPT = 0.5  # of a line's words, from which on it still says what it said
_ALIKE = 60.0  # of 100, by which a line that was moved is known again
_FIELD = "{"  # begins a token that stands for a field

_TOKEN = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}|[^\W_]+(?:[.,:/–-][0-9]+)*")
_GUIDANCE = re.compile(r"\s*(?:[0-9]{1,2}[.)]|[-•–*])\s+\S")


class Closeness(StrEnum):
    """How near a campaign is to its template, in a word that never changes."""

    SAME = "same"
    FEW = "few"
    PART = "part"
    MUCH = "much"


class Distance(NamedTuple):
    """What has become of a template's words.

    Args:
        share: Of the words that differ, from 0 (as the template) to 1.
        gone: Lines of guidance that no text of the alert says any more, as the template has them.
    """

    share: float
    gone: tuple[str, ...]

    @property
    def closeness(self) -> Closeness:
        """The share in a word."""
        if not self.share:
            return Closeness.SAME
        return Closeness.FEW if self.share <= A_FEW else Closeness.PART if self.share < MUCH else Closeness.MUCH

    @property
    def words(self) -> str:
        """The share in words for a person."""
        return {
            Closeness.SAME: _("as the template"),
            Closeness.FEW: _("a few words differ from the template"),
            Closeness.PART: _("partly reworded"),
            Closeness.MUCH: _("much changed"),
        }[self.closeness]


def distance(template: "Template", campaign: "Campaign") -> float:
    """Return the share of words that differ between a campaign's texts and its template's: 0 as the template, 1 nothing left."""
    return compare(template, campaign).share


def compare(template: "Template", campaign: "Campaign") -> Distance:
    """Compare every text of a campaign with its template's: the alert, its variants, the correction and the all-clear."""
    differing = size = 0
    gone: dict[str, None] = {}
    for ours, theirs, has_guidance in _pairs(template, campaign):
        alignment = _Alignment(ours, theirs)
        differing, size = differing + alignment.differing, size + alignment.size
        if has_guidance:
            gone |= dict.fromkeys(alignment.gone())
    return Distance(differing / size if size else 0.0, tuple(gone))


def _pairs(template: "Template", campaign: "Campaign") -> "Iterator[tuple[str, str, bool]]":
    """Yield texts to be compared, the template's first, and whether guidance stands in them."""
    yield template.headline, campaign.headline, False
    for text in dict.fromkeys((campaign.text, *(variant.text for variant in campaign.variants))):
        yield template.text, text, True
    if template.correction:
        yield template.correction, _text_of(campaign.correction), False
    headline, text = (*template.all_clear, "", "")[:2]
    if text:
        yield headline, campaign.all_clear.headline if campaign.all_clear else "", False
        yield text, _text_of(campaign.all_clear), False


def _text_of(follow_up: "FollowUp | None") -> str:
    return follow_up.text if follow_up else ""


class _Alignment:
    """Two texts laid beside each other, word by word.

    Args:
        ours: The template's.
        theirs: The campaign's.
    """

    def __init__(self, ours: str, theirs: str) -> None:
        self._lines = [line for line in nfc(ours).splitlines() if line.strip()]
        self._theirs = nfc(theirs)
        words = [_tokens(line) for line in self._lines]
        self._ours = [word for line in words for word in line][:MOST_WORDS]
        self._begins = [0]
        for line in words:
            self._begins.append(self._begins[-1] + len(line))
        self._kept: set[int] = set()
        self.differing = self.size = 0
        self._align(self._ours, _tokens(self._theirs)[:MOST_WORDS])

    def _align(self, ours: Sequence[str], theirs: Sequence[str]) -> None:
        at_ours = at_theirs = 0
        for block in Indel.opcodes(ours, theirs).as_matching_blocks():
            self._count(ours[at_ours : block.a], theirs[at_theirs : block.b])
            self.size += block.size
            self._kept.update(range(block.a, block.a + block.size))
            at_ours, at_theirs = block.a + block.size, block.b + block.size

    def _count(self, ours: Sequence[str], theirs: Sequence[str]) -> None:
        """Count what stands between two pieces that agree, but for fields that were filled in there."""
        fields = sum(word.startswith(_FIELD) for word in ours)
        filled = min(len(theirs), FILLED * fields)
        between = max(len(ours) - min(fields, filled), len(theirs) - filled)
        self.differing += between
        self.size += between

    def gone(self) -> Iterator[str]:
        """Yield the template's lines of guidance that the other text does not say any more, wherever they may stand in it."""
        lines: list[str] | None = None
        for number, line in enumerate(self._lines):
            if not _GUIDANCE.match(line) or self._is_kept(number):
                continue
            lines = lines if lines is not None else self._theirs.splitlines()
            if process.extractOne(_without_fields(line), lines, scorer=fuzz.ratio, score_cutoff=_ALIKE) is None:
                yield line.strip()

    def _is_kept(self, number: int) -> bool:
        begin, end = self._begins[number], self._begins[number + 1]
        own = [at for at in range(begin, min(end, len(self._ours))) if not self._ours[at].startswith(_FIELD)]
        return not own or sum(at in self._kept for at in own) >= _KEPT * len(own)


def _tokens(text: str) -> list[str]:
    """Cut a text into words and fields; blanks within a field don't count."""
    return [word if word[0] != _FIELD else "".join(word.split()) for word in _TOKEN.findall(text)]


def _without_fields(line: str) -> str:
    return " ".join(word for word in _TOKEN.findall(line) if word[0] != _FIELD)
