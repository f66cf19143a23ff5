"""Phrases whose parts stand apart: `mất + căn cước` is in "em mất hết rồi, giờ làm lại căn cước sao ạ". Pure.

The parts stand in any order and not too far from each other. A part that is one word must agree in its accents: `mất` is not
`mặt`.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
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


Places = dict[int, list[tuple[int, int]]]  # by part: from where to where it stands


class _Node:
    __slots__ = ("following", "parts")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.parts: list[tuple[int, str]] = []  # those that end here, with how their first word is spelled


class PartTree:
    """The parts of all such phrases, by their words; a part that many phrases have stands in it once."""

    def __init__(self, phrases: Sequence[Parted]) -> None:
        self._root = _Node()
        numbers: dict[tuple[tuple[str, ...], ...], int] = {}
        self._phrases = [(phrase.number, tuple(self._number(part, numbers) for part in phrase.parts)) for phrase in phrases]
        uses = Counter(part for _, parts in self._phrases for part in parts)
        self._by_rarest: defaultdict[int, defaultdict[int, list[tuple[int, tuple[int, ...]]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for number, parts in self._phrases:
            rarest, next_to_it, *_ = sorted(parts, key=lambda part: uses[part])
            self._by_rarest[rarest][next_to_it].append((number, parts))

    def _number(self, part: tuple[Words, ...], numbers: dict[tuple[tuple[str, ...], ...], int]) -> int:
        """Return the number of a part, which is put into the tree when it is seen first."""
        key = tuple(tuple(words.spelled) for words in part)
        if key not in numbers:
            numbers[key] = len(numbers)
            for words in part:
                self._add(numbers[key], words)
        return numbers[key]

    def _add(self, part: int, words: Words) -> None:
        node = self._root
        for word in words.folded:
            node = node.following.setdefault(word, _Node())
        node.parts.append((part, words.spelled[0]))

    def standing(self, text: Words) -> list[tuple[int, int, int]]:
        """Return which phrases stand in a text with all their parts: number, start and end of the narrowest place."""
        places = self._places(text)
        here = places.keys()
        return [
            (number, *span)
            for rarest in here & self._by_rarest.keys()
            for second in here & self._by_rarest[rarest].keys()
            for number, parts in self._by_rarest[rarest][second]
            if here >= {*parts} and (span := _narrowest([places[part] for part in parts]))
        ]

    def _places(self, text: Words) -> Places:
        places: Places = {}
        folded, spelled, first = text.folded, text.spelled, self._root.following
        for start, word in enumerate(folded):
            node, end = first.get(word), start + 1
            while node is not None:
                for part, written in node.parts:
                    if end - start > 1 or spelled[start] in (written, word):
                        places.setdefault(part, []).append((start, end))
                node = node.following.get(folded[end]) if end < len(folded) else None
                end += 1
        return places


def _narrowest(places: Sequence[Sequence[tuple[int, int]]]) -> tuple[int, int] | None:
    """Return from where to where all parts stand, each in words of its own; None if not near each other."""
    if len(places) == 2 and len(places[0]) == len(places[1]) == 1:  # nearly always, and the quicker way
        one, other = sorted((places[0][0], places[1][0]))
        end = max(one[1], other[1])
        return (one[0], end) if one[1] <= other[0] and end - one[0] <= MOST_APART else None
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
