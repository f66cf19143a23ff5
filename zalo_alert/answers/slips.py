"""Phrases that almost stand in a text: a letter wrong, missing, doubled or swapped, a blank too few or too many. Pure.

No text is compared with every phrase: words near a text's own lead through the tree of phrases, and what they reach is judged by
its letters. The other home of rapidfuzz. Knows no rule's meaning and no negation.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from zalo_alert.answers.negation import NEGATIONS
from zalo_alert.answers.phrases import Entry, Node, PhraseTree, nodes

CUTOFF = 88.0  # of 100: below, other words are meant as often as not
SURE = 95.0  # from here the answer itself is given
LEAST_LETTERS = 5  # of a phrase: in a shorter one a wrong letter makes another word
_MOST_WORDS = 60  # of a text that are looked at: a question is shorter, and time is bounded
_MOST_CHANGED = 2  # words of a phrase that may be slips
_LONGEST_WORD = 12  # letters of a word that may have one; Vietnamese has seven


class Slip(NamedTuple):
    """A phrase that the words from `start` to before `end` come near to.

    Attributes:
        score: Of 100, from `CUTOFF` up.
        is_doubtful: A word was left out or put in, or one of the office's own words was taken for another.
    """

    start: int
    end: int
    entry: Entry
    score: float
    is_doubtful: bool

    @property
    def is_sure(self) -> bool:
        """Whether it is so near that nothing else can be meant."""
        return self.score >= SURE and not self.is_doubtful


class _Path(NamedTuple):
    """Where a walk through the tree is: in front of which word of the text, and what it forgave on its way."""

    node: Node
    at: int
    changed: int = 0
    is_doubtful: bool = False
    has_skipped: bool = False


class Slips:
    """The words of a tree of phrases, by what they are mistyped as."""

    def __init__(self, tree: PhraseTree) -> None:
        every = list(nodes(tree.root))
        self._root = tree.root
        self._vocabulary = frozenset(word for node in every for word in node.following)
        self._by_shorter = _by_shorter(self._vocabulary)
        self._joined = _joined(every)
        self._alike = lru_cache(maxsize=1 << 15)(self._words_alike)

    def near(self, words: Sequence[str]) -> list[Slip]:
        """Return every phrase that some words of a text come near to, and that does not stand there as it is; best first."""
        words = words[:_MOST_WORDS]
        found: dict[tuple[int, int, int, str], Slip] = {}
        for start in range(len(words)):
            for path in self._walk(words, start):
                for slip in _judged(words, start, path):
                    key = (start, slip.end, slip.entry.rule, slip.entry.phrase)
                    if key not in found or found[key].is_doubtful:
                        found[key] = slip
        return sorted(found.values(), key=rank_of)

    def _walk(self, words: Sequence[str], start: int) -> Iterator[_Path]:
        """Yield each way from one word of a text to the end of a phrase on which something was forgiven."""
        waiting = [_Path(self._root, start)]
        while waiting:
            path = waiting.pop()
            if path.at < len(words):
                for step in self._steps(words, path, is_first=path.at == start):
                    if step.changed and step.node.entries:
                        yield step
                    waiting.append(step)
                if path.at > start and (skipping := _skipping(words, path)):
                    waiting.append(skipping)

    def _steps(self, words: Sequence[str], path: _Path, *, is_first: bool) -> Iterator[_Path]:
        """Yield where one or two words of the text lead."""
        word, following = words[path.at], path.node.following
        if node := following.get(word):
            yield path._replace(node=node, at=path.at + 1)
        if path.changed == _MOST_CHANGED or word in NEGATIONS:
            return
        is_known = path.is_doubtful or word in self._vocabulary
        for meant in self._alike(word):
            if node := following.get(meant):
                doubtful = is_known or meant in NEGATIONS
                yield path._replace(node=node, at=path.at + 1, changed=path.changed + 1, is_doubtful=doubtful)
        for node in _reached(path.node, self._joined.get(word, ())):
            yield path._replace(node=node, at=path.at + 1, changed=path.changed + 1)
        if path.at + 1 < len(words) and (node := following.get(word + words[path.at + 1])):
            yield path._replace(node=node, at=path.at + 2, changed=path.changed + 1)
        if not is_first:
            for missing, between in following.items():
                if (node := between.following.get(word)) and missing not in NEGATIONS:
                    yield path._replace(node=node, at=path.at + 1, changed=path.changed + 1, is_doubtful=True)

    def _words_alike(self, word: str) -> frozenset[str]:
        """Return the words of phrases that are one slip from a word."""
        candidates = {one for shorter in _shorter(word) for one in self._by_shorter.get(shorter, ())}
        return frozenset(one for one in candidates if OSA.distance(word, one, score_cutoff=1) == 1)


def _skipping(words: Sequence[str], path: _Path) -> _Path | None:
    """Return the path that leaves a word of the text out; none is left out twice, and never a negation."""
    if path.has_skipped or path.changed == _MOST_CHANGED or words[path.at] in NEGATIONS:
        return None
    return path._replace(at=path.at + 1, changed=path.changed + 1, is_doubtful=True, has_skipped=True)


def _judged(words: Sequence[str], start: int, path: _Path) -> Iterator[Slip]:
    """Yield the phrases at the end of a path whose letters are near enough."""
    written = " ".join(words[start : path.at])
    for entry in path.node.entries:
        phrase = entry.folded
        if len(phrase) >= LEAST_LETTERS and (score := fuzz.ratio(written, phrase, score_cutoff=CUTOFF)):
            yield Slip(start, path.at, entry, score, path.is_doubtful)


def rank_of(slip: Slip) -> tuple[bool, int, float]:
    """Order slips: those beyond doubt, then the longest phrase, then the nearest."""
    return slip.is_doubtful, -len(slip.entry.words.folded), -slip.score


def _shorter(word: str) -> Iterator[str]:
    """Yield a word, and all that it leaves when one letter is missing; a number is never another one."""
    if 1 < len(word) <= _LONGEST_WORD and not word.isdecimal():
        yield word
        yield from {word[:at] + word[at + 1 :] for at in range(len(word))}


def _by_shorter(vocabulary: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the words by what they leave when a letter is missing: two that are one slip apart have one of those in common."""
    by_shorter: defaultdict[str, list[str]] = defaultdict(list)
    for word in vocabulary:
        for shorter in _shorter(word):
            by_shorter[shorter].append(word)
    return {shorter: tuple(words) for shorter, words in by_shorter.items()}


def _joined(every: Iterable[Node]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return what two words of a phrase that follow each other look like without the blank: `cancuoc`."""
    joined: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for node in every:
        for first, between in node.following.items():
            for second in between.following:
                if len(first) + len(second) >= LEAST_LETTERS:
                    joined[first + second].add((first, second))
    return {glued: tuple(sorted(pairs)) for glued, pairs in joined.items()}


def _reached(node: Node, pairs: Iterable[tuple[str, str]]) -> Iterator[Node]:
    """Yield where pairs of words lead from a node."""
    for first, second in pairs:
        if (between := node.following.get(first)) and (end := between.following.get(second)):
            yield end
