"""Phrases that almost stand in a text: a letter wrong, missing, doubled or swapped, a blank too few or too many. Pure.

No text is compared with every phrase: words near a text's own lead through the tree of phrases, and what they reach is judged by
its letters. Knows no rule's meaning and no negation.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple, TypeAlias

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from zalo_alert.answers.folding import Words
from zalo_alert.answers.negation import NEGATIONS
from zalo_alert.answers.neighbours import Neighbours
from zalo_alert.answers.phrases import Entry, Node, PhraseTree, nodes

CUTOFF = 88.0  # of 100: below, other words are meant as often as not
SURE = 95.0  # from here the answer itself is given
LEAST_LETTERS = 5  # of a phrase: in a shorter one a wrong letter makes another word
_MOST_WORDS = 60  # of a text that are looked at: a question is shorter, and time is bounded
_MOST_CHANGED = 2  # words of a phrase that may be slips
# So common in questions that they are meant as they are written: "hỏi thường trú" is no slip for "đổi thường trú".
_COMMON = frozenset({"ad", "anh", "chi", "cho", "em", "hoi", "minh", "muon", "oi", "thi", "toi", "xin"})
_NO_SLIPS = _COMMON | NEGATIONS
_SYLLABLE = re.compile(r"(?:ngh?|nh|ph|th|tr|ch|gh|gi|kh|qu|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?")


class Doubt(IntEnum):
    """How sure it is that a phrase was meant."""

    NONE = 0  # what was mistyped is no word
    WORD = 1  # it may be meant as it is written
    LEAP = 2  # a word is missing, or one too many


class Slip(NamedTuple):
    """A phrase that the words from `start` to before `end` come near to.

    Attributes:
        score: Of 100, from `CUTOFF` up.
        doubt: Whether something else may be meant.
    """

    start: int
    end: int
    entry: Entry
    score: float
    doubt: Doubt

    @property
    def is_sure(self) -> bool:
        """Whether it is so near that nothing else can be meant."""
        return self.score >= SURE and self.doubt is Doubt.NONE


# Where a walk through the tree is: its node, in front of which word of the text, how many were forgiven, the worst doubt, and
# whether a word of the text was left out. A plain tuple: a text makes dozens.
_Path: TypeAlias = tuple[Node, int, int, Doubt, bool]


class Slips:
    """The words of a tree of phrases, by what they are mistyped as."""

    def __init__(self, tree: PhraseTree) -> None:
        every = list(nodes(tree.root))
        self._root = tree.root
        self._vocabulary = frozenset(word for node in every for word in node.following)
        self._neighbours = Neighbours(self._vocabulary)
        self._joined = _joined(every)
        self._beyond = {node: beyond for node in every if (beyond := _beyond(node))}
        self._spellings = _spellings(every)
        self._alike = lru_cache(maxsize=1 << 15)(self._words_alike)

    def near(self, text: Words) -> list[Slip]:
        """Return every phrase that some words of a text come near to, and that does not stand there as it is; best first."""
        words = text.folded[:_MOST_WORDS]
        written = text.spelled if text.has_accents else repeat("")
        alike = [() if word in _NO_SLIPS else self._alike(word, spelled) for word, spelled in zip(words, written, strict=False)]
        found: dict[tuple[int, int, int, str], Slip] = {}
        for start in range(len(words)):
            for path in self._ends(words, alike, start):
                for slip in _judged(words, start, path):
                    key = (start, slip.end, slip.entry.rule, slip.entry.phrase)
                    if key not in found or slip.doubt < found[key].doubt:
                        found[key] = slip
        return sorted(found.values(), key=rank_of)

    def _ends(self, words: Sequence[str], alike: Sequence[Sequence[str]], start: int) -> list[_Path]:
        """Return each way from one word of a text to the end of a phrase on which something was forgiven."""
        ends: list[_Path] = []
        waiting: list[_Path] = [(self._root, start, 0, Doubt.NONE, False)]
        count = len(words)
        while waiting:
            path = waiting.pop()
            node, at, changed, _, _ = path
            if changed and node.entries:
                ends.append(path)
            if at < count and node.following:
                if exact := node.following.get(words[at]):
                    waiting.append((exact, at + 1, *path[2:]))
                if changed < _MOST_CHANGED:
                    waiting += self._steps(words, alike[at], path)
                    if at > start:
                        waiting += self._leaps(words, path)
        return ends

    def _steps(self, words: Sequence[str], alike: Sequence[str], path: _Path) -> list[_Path]:
        """Return where the next word of the text leads if it is mistyped, alone or with the one behind it."""
        node, at, changed, doubt, has_skipped = path
        word, following = words[at], node.following
        steps: list[_Path] = []
        if word in _NO_SLIPS:
            return steps
        for meant in alike:
            if meant in following:
                worst = max(doubt, Doubt.WORD if meant in NEGATIONS or self._may_be_meant(word) else Doubt.NONE)
                steps.append((following[meant], at + 1, changed + 1, worst, has_skipped))
        if word in self._joined:
            steps += [(end, at + 1, changed + 1, doubt, has_skipped) for end in _reached(node, self._joined[word])]
        if at + 1 < len(words):
            glued = word + words[at + 1]
            if glued in following:
                steps.append((following[glued], at + 2, changed + 1, doubt, has_skipped))
            if glued in self._joined:
                steps += [(end, at + 2, changed + 1, doubt, has_skipped) for end in _reached(node, self._joined[glued])]
        return steps

    def _leaps(self, words: Sequence[str], path: _Path) -> list[_Path]:
        """Return where it leads to leave out a word of the phrase, or one of the text; none is left out twice, nor a negation."""
        node, at, changed, _, has_skipped = path
        leaps: list[_Path] = []
        if (beyond := self._beyond.get(node)) and words[at] in beyond:
            leaps += [(end, at + 1, changed + 1, Doubt.LEAP, has_skipped) for end in beyond[words[at]]]
        if not has_skipped and at + 1 < len(words) and words[at] not in NEGATIONS and (end := node.following.get(words[at + 1])):
            leaps.append((end, at + 2, changed + 1, Doubt.LEAP, True))
        return leaps

    def _may_be_meant(self, word: str) -> bool:
        """Whether a word may be meant as it is written: what is no syllable of Vietnamese never is."""
        return word in self._vocabulary or _SYLLABLE.fullmatch(word) is not None

    def _words_alike(self, word: str, spelled: str) -> tuple[str, ...]:
        """Return the words of phrases that are one slip from a word; where accents are written, with them too."""
        alike = self._neighbours.of(word)
        if not spelled or not self._may_be_meant(word):
            return tuple(alike)
        return tuple(one for one in alike if self._is_spelled_alike(spelled, one))

    def _is_spelled_alike(self, spelled: str, word: str) -> bool:
        return any(OSA.distance(spelled, one, score_cutoff=1) <= 1 for one in self._spellings[word])


def _judged(words: Sequence[str], start: int, path: _Path) -> Iterator[Slip]:
    """Yield the phrases at the end of a path whose letters are near enough."""
    node, end, _, doubt, _ = path
    written = " ".join(words[start:end])
    for entry in node.entries:
        phrase = entry.folded
        if len(phrase) >= LEAST_LETTERS and (score := fuzz.ratio(written, phrase, score_cutoff=CUTOFF)):
            yield Slip(start, end, entry, score, doubt)


def rank_of(slip: Slip) -> tuple[bool, int, float]:
    """Order slips: those without missing words, then the longest phrase, then the nearest."""
    return slip.doubt is Doubt.LEAP, -len(slip.entry.words.folded), -slip.score


def _spellings(every: Iterable[Node]) -> dict[str, frozenset[str]]:
    """Return how the words of phrases are spelled."""
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for entry in (entry for node in every for entry in node.entries):
        for word, spelled in zip(*entry.words, strict=True):
            spellings[word].add(spelled)
    return {word: frozenset(several) for word, several in spellings.items()}


def _joined(every: Iterable[Node]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return what two words of a phrase that follow each other look like without the blank: `cancuoc`."""
    joined: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for node in every:
        for first, between in node.following.items():
            for second in between.following:
                if len(first) + len(second) >= LEAST_LETTERS:
                    joined[first + second].add((first, second))
    return {glued: tuple(sorted(pairs)) for glued, pairs in joined.items()}


def _beyond(node: Node) -> dict[str, tuple[Node, ...]]:
    """Return where the words lead that follow the next one in a phrase, by the word; a negation is never left out."""
    beyond: defaultdict[str, tuple[Node, ...]] = defaultdict(tuple)
    for missing, between in node.following.items():
        if missing not in NEGATIONS:
            for word, end in between.following.items():
                beyond[word] += (end,)
    return dict(beyond)


def _reached(node: Node, pairs: Iterable[tuple[str, str]]) -> Iterator[Node]:
    """Yield where pairs of words lead from a node."""
    for first, second in pairs:
        if (between := node.following.get(first)) and (end := between.following.get(second)):
            yield end
