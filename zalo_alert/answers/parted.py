"""Phrases whose parts stand apart: `mất + căn cước` is in "em mất hết rồi, giờ làm lại căn cước sao ạ". Pure.

The parts stand in any order and not too far from each other. A part that is one word must agree in its accents: `mất` is not
`mặt`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise, product
from typing import NamedTuple

from zalo_alert.answers.folding import Words

SEPARATOR = "+"  # between the parts of a phrase
MOST_APART = 16  # words from the first part to the end of the last: further apart a text speaks of two matters
_MOST_PLACES = 4  # of one part that are looked at; somebody who repeats a word means it once


class Parted(NamedTuple):
    """A phrase in parts.

    Attributes:
        number: The caller's, by which it is told what was found.
        parts: What each may be; the words of a part stand together.
    """

    number: int
    parts: tuple[tuple[Words, ...], ...]


class _Node:
    __slots__ = ("following", "parts")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.parts: list[tuple[int, int, Words]] = []


class PartTree:
    """The parts of all such phrases, by their words."""

    def __init__(self, phrases: Iterable[Parted]) -> None:
        self._root = _Node()
        self._count: dict[int, int] = {}
        for phrase in phrases:
            self._count[phrase.number] = len(phrase.parts)
            for place, choices in enumerate(phrase.parts):
                for words in choices:
                    self._add(phrase.number, place, words)

    def _add(self, number: int, place: int, words: Words) -> None:
        node = self._root
        for word in words.folded:
            node = node.following.setdefault(word, _Node())
        node.parts.append((number, place, words))

    def standing(self, text: Words) -> list[tuple[int, int, int]]:
        """Return which phrases stand in a text with all their parts: number, start and end of the narrowest place."""
        found: defaultdict[int, defaultdict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for start in range(len(text.folded)):
            for end, number, place in self._from(text, start):
                found[number][place].append((start, end))
        whole = ((number, places) for number, places in found.items() if len(places) == self._count[number])
        return [(number, *span) for number, places in whole if (span := _narrowest(list(places.values())))]

    def _from(self, text: Words, start: int) -> Iterable[tuple[int, int, int]]:
        node, at = self._root, start
        while at < len(text.folded) and (following := node.following.get(text.folded[at])):
            node, at = following, at + 1
            for number, place, words in node.parts:
                if at - start > 1 or agrees(text.spelled[start], text.folded[start], words.spelled[0]):
                    yield at, number, place


def _narrowest(places: Sequence[Sequence[tuple[int, int]]]) -> tuple[int, int] | None:
    """Return from where to where all parts stand, each in words of its own; None if not near each other."""
    best: tuple[int, int] | None = None
    for chosen in product(*(spans[:_MOST_PLACES] for spans in places)):
        ordered = sorted(chosen)
        start, end = ordered[0][0], max(last for _, last in chosen)
        is_apart = all(one[1] <= other[0] for one, other in pairwise(ordered))
        if is_apart and end - start <= MOST_APART and (best is None or end - start < best[1] - best[0]):
            best = start, end
    return best


def agrees(written: str, plain: str, spelled: str) -> bool:
    """Whether a word of a text may be the word of a phrase: spelled alike, or typed without accents."""
    return written in (spelled, plain)
