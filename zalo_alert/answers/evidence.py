"""Which rules a text speaks of by all its words, whether or not a phrase stands in it. Pure.

A word, or two that follow each other, tells the more the fewer rules know it. A rule knows the words of its phrases, and to a
lesser degree those of its answer; words of an office that mean the same are one. Knows no order of words beyond two, no
negation and no accents: what it finds is worth a question, never an answer.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TypeAlias

from zalo_alert.answers.folding import Words, read
from zalo_alert.answers.parted import SEPARATOR
from zalo_alert.answers.phrases import Phrases
from zalo_alert.answers.variants import Alike

_OF_ANSWERS = 0.25  # what a word of an answer is worth, beside one of a phrase
_MOST_OF_ANSWERS = 0.1  # of all rules, by what they are worth: a word of more answers tells nothing, and costs time
_OF_RARE = 0.2  # what one is worth that stands in few of the rule's phrases; those of one in eight are worth the whole
_OFTEN = 8
_MOST_WORDS = 100  # of a text that are looked at: a question is shorter, and time is bounded
_CLAUSE = re.compile(r"\{\{.*?\}\}|[.,;:!?()\n]")  # words on both sides of these do not follow each other

Token: TypeAlias = str | tuple[str, str]


class Evidence:
    """The words of some rules.

    Args:
        rules: Whose order is the numbers that it returns.
    """

    def __init__(self, rules: Sequence[Phrases]) -> None:
        self._concepts = Concepts(dict.fromkeys(one for rule in rules for one in rule.alike))
        known = [self._known(rule) for rule in rules]
        spread: Counter[Token] = Counter()
        for words in known:
            spread.update(words)  # by what a word is worth, not by how often it stands
        most = math.log(len(rules) + 1)  # so that a word of one rule is worth 1, be they three or three hundred
        worth = {token: math.log((len(rules) + 1) / count) / most for token, count in spread.items()}
        self._rules_of: dict[Token, list[tuple[int, float]]] = {}
        for number, words in enumerate(known):
            for token, share in words.items():
                if share > _OF_ANSWERS or spread[token] < _MOST_OF_ANSWERS * len(rules):
                    self._rules_of.setdefault(token, []).append((number, share * worth[token]))

    def _known(self, rule: Phrases) -> dict[Token, float]:
        """Return the words that a rule knows, and what each is worth to it."""
        words: dict[Token, float] = dict.fromkeys(
            (token for part in _CLAUSE.split(rule.about) for token in self._of(part)), _OF_ANSWERS
        )
        for token, count in Counter(self._of_phrases(rule)).items():
            words[token] = _OF_RARE + (1 - _OF_RARE) * min(1.0, _OFTEN * count / len(rule.phrases))
        return words

    def _of_phrases(self, rule: Phrases) -> Iterator[Token]:
        for phrase in (*rule.phrases, rule.title):
            yield from dict.fromkeys(token for part in phrase.split(SEPARATOR) for token in self._of(part))

    def _of(self, text: str) -> Iterator[Token]:
        return self._tokens(read(text))

    def _tokens(self, words: Words) -> Iterator[Token]:
        said, spelled = self._concepts.named(words)
        yield from (word for word, written in zip(said, spelled, strict=True) if not is_common(word, written))
        yield from pairwise(said)

    def weigh(self, words: Words) -> dict[int, float]:
        """Return how much the words of a text speak for each rule, by its number: about 1 for each word that it alone knows."""
        scores: dict[int, float] = {}
        for token in dict.fromkeys(self._tokens(Words(words.folded[:_MOST_WORDS], words.spelled[:_MOST_WORDS]))):
            for number, worth in self._rules_of.get(token, ()):
                scores[number] = scores.get(number, 0.0) + worth
        return scores

    def telling(self, words: Words, rules: Collection[int]) -> list[str]:
        """Return the words of a text that speak for some rules, in its order."""
        told: list[str] = []
        for said, start, end in self._concepts.places(words):
            of_rules = {number for number, _ in self._rules_of.get(said, ())}
            if not is_common(said, words.spelled[start]) and not of_rules.isdisjoint(rules):
                told += words.folded[start:end]
        return told


class Concepts:
    """Words of an office that mean the same, as one."""

    def __init__(self, alike: Iterable[Alike]) -> None:
        self._names: dict[str, list[tuple[list[str], str]]] = defaultdict(list)
        for one in alike:
            name = f"={one.name}"
            for said in (one.name, *one.others):
                if words := read(said).folded:
                    self._names[words[0]].append((words, name))
        for several in self._names.values():
            several.sort(key=lambda pair: -len(pair[0]))

    def named(self, words: Words) -> Words:
        """Return words with each that an office has others for under one name; the longest that stands there counts."""
        said = Words([], [])
        for name, start, _ in self.places(words):
            said.folded.append(name)
            said.spelled.append(words.spelled[start] if name == words.folded[start] else name)
        return said

    def places(self, words: Words) -> Iterator[tuple[str, int, int]]:
        """Yield each name or word, and from where to where it stands."""
        at = 0
        while at < len(words.folded):
            name, end = self._at(words.folded, at)
            yield name, at, end
            at = end

    def _at(self, words: Sequence[str], at: int) -> tuple[str, int]:
        for meant, name in self._names.get(words[at], ()):
            if words[at : at + len(meant)] == meant:
                return name, at + len(meant)
        return words[at], at + 1


def is_common(word: str, written: str) -> bool:
    """Whether a word stands in any question and tells nothing of its matter: `chú` does, `chủ` does not, `chu` may."""
    return word in _common()[0] if word == written else written in _common()[1]


@cache
def _common() -> tuple[frozenset[str], frozenset[str]]:
    """Return such words without their accents and with them; shipped with the package."""
    text = (files("zalo_alert.answers") / "common-words.txt").read_text(encoding="utf-8")
    words = read(" ".join(line for line in text.splitlines() if not line.startswith("#")))
    return frozenset(words.folded), frozenset(words.spelled)
