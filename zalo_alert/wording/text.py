"""A read text with what rules share about it: folded, cut into lines, sentences and words; its days, hours and places."""

import re
from bisect import bisect_right
from collections.abc import Collection
from datetime import date
from functools import cached_property
from typing import NamedTuple

from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.models import Area, Campaign
from zalo_alert.wording.as_read import AsRead
from zalo_alert.wording.dates import WrittenDate, dates_in
from zalo_alert.wording.folded import Folded, fold
from zalo_alert.wording.hours import WrittenHour, hours_in
from zalo_alert.wording.mentions import Mention, communes_in, mentions_in

_WORD = re.compile(r"[^\W_]+")
_SHORT = re.compile(r"(?:^|[\s(])(?:tp|tx|tt|q|p|h|x|gs|ts|ths|bs|đ/c)$")
_ITEM = re.compile(r"\s*[0-9]{1,2}")
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]+(?=[\s\"”’)\]]|$)|\n+|;(?=\s)")


class Span(NamedTuple):
    """A stretch of `Folded.seen`."""

    start: int
    end: int


class Text:
    """What rules look at. All offsets are into `folded.seen`, `.lowered` and `.plain`, which are equally long; see `place`.

    Args:
        campaign: The part of it that is read; a correction's is made by `campaign.follow_up`.
        as_read: The text, where it stands, and who reads it.
        allowed_links: Domains that links may lead to.
        targets: Where it is meant to be read; None where that is not known.
    """

    def __init__(self, campaign: Campaign, as_read: AsRead, allowed_links: Collection[str], targets: Area | None) -> None:
        self.campaign, self.as_read, self.allowed_links, self.targets = campaign, as_read, allowed_links, targets

    @property
    def words(self) -> str:
        """The text as it is read, NFC."""
        return self.as_read.text

    @property
    def is_whole(self) -> bool:
        """Whether all of what is read is known."""
        return self.as_read.is_whole

    @cached_property
    def folded(self) -> Folded:
        """The text made comparable."""
        return fold(self.words)

    @property
    def seen(self) -> str:
        """The text without what nobody sees."""
        return self.folded.seen

    @property
    def lowered(self) -> str:
        """The same in lower case, every space a plain one; accents as they are."""
        return self.folded.lowered

    @property
    def plain(self) -> str:
        """The same without accents."""
        return self.folded.plain

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of `seen` stands in `words`: what a `Spot` needs."""
        return self.folded.place(start, end)

    @cached_property
    def lines(self) -> tuple[Span, ...]:
        """Its lines, empty ones left out."""
        return tuple(Span(*found.span()) for found in re.finditer(r"[^\n]+", self.seen) if found[0].strip())

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """Its sentences: they end with a line, a full stop, a semicolon; `1.200` and `TP. Huế` end none."""
        ends = [found.end() for found in _SENTENCE_END.finditer(self.seen) if not self._is_short(found.start())]
        starts = [0, *ends]
        spans = (Span(start, end) for start, end in zip(starts, [*ends, len(self.seen)], strict=True))
        return tuple(span for span in spans if self.seen[span.start : span.end].strip())

    def _is_short(self, end: int) -> bool:
        """Whether a stop stands behind an abbreviation or the number of an item."""
        if self.seen[end : end + 1] != ".":
            return False
        begun = self.lowered[self.lowered.rfind("\n", 0, end) + 1 : end]
        return bool(_SHORT.search(begun[-6:])) or bool(_ITEM.fullmatch(begun))

    @cached_property
    def syllables(self) -> tuple[tuple[int, int], ...]:
        """Where its words begin and end, which in Vietnamese are syllables; numbers count as one."""
        return tuple(found.span() for found in _WORD.finditer(self.seen))

    @cached_property
    def effective(self) -> date:
        """The alert's own day, in Vietnam."""
        return in_vietnam(self.campaign.effective).date()

    @cached_property
    def dates(self) -> tuple[WrittenDate, ...]:
        """The days that it names, whether there are such or not."""
        return tuple(dates_in(self.plain, self.effective))

    @cached_property
    def hours(self) -> tuple[WrittenHour, ...]:
        """The hours that it names, and the spans."""
        return tuple(hours_in(self.lowered))

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """The places that it names, also rivers and offices that are called after one."""
        return tuple(mentions_in(self.folded, self.syllables))

    @cached_property
    def communes_mask(self) -> int:
        """Where the communes lie that it may name without a word for their kind; see `mentions.communes_in`."""
        return communes_in(self.folded, self.syllables, self.mentions)

    def sentence_at(self, offset: int) -> Span:
        """Return the sentence in which a place of the text lies."""
        number = bisect_right(self.sentences, offset, key=lambda span: span.start) - 1
        is_in = number >= 0 and offset < self.sentences[number].end
        return self.sentences[number] if is_in else Span(0, len(self.seen))
