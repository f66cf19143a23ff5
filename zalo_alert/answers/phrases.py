"""The phrases of rules as a tree of words, and where they stand in a text. Pure.

Knows phrases and whole words; what a phrase that stands somewhere is worth, the matcher says.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from zalo_alert.answers.folding import Words, read
from zalo_alert.answers.parted import SEPARATOR, Parted, PartTree
from zalo_alert.answers.variants import Alike, Variants

Parts: TypeAlias = tuple[tuple[Words, ...], ...]  # what each part of a phrase may be


class Phrases(NamedTuple):
    """What a rule listens for.

    Attributes:
        id: The rule's, with its rule set: "police-qa/can-cuoc".
        phrases: Any one of them means the rule; as the office wrote them, with accents. In `mất + căn cước` the parts may stand
            apart, in any order.
        excluded: Where one of these stands too, another rule is meant.
        takes_negation: A phrase counts behind "không", "chưa" and their like as well.
        alike: Words of its rule set that mean the same.
        about: What it answers: words that may tell that it is meant, though no phrase stands in a text.
        title: What it is called.
    """

    id: str
    phrases: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    takes_negation: bool = False
    alike: tuple[Alike, ...] = ()
    about: str = ""
    title: str = ""


class Entry(NamedTuple):
    """One phrase of one rule.

    Attributes:
        rule: The rule's number among those given.
        phrase: As it was written.
        words: Its words.
        folded: Those without accents, with blanks between them.
        is_excluding: It rules its rule out.
        weight: The number of words that the office wrote, whatever stands for them.
    """

    rule: int
    phrase: str
    words: Words
    folded: str
    is_excluding: bool
    weight: int


class Standing(NamedTuple):
    """A phrase in a text: the words from `start` to before `end`, whose phrases those are, and how much they say.

    Attributes:
        weight: Of the phrase's words as they were written; the most decides.
        is_parted: Its parts stand apart, and agree in their accents.
        excluding: Instead of `entries`, the phrases by which rules are ruled out here, by the rule's number.
    """

    start: int
    end: int
    entries: tuple[Entry, ...]
    weight: int
    is_parted: bool = False
    excluding: Mapping[int, tuple[Entry, ...]] | None = None


class Node:
    """The phrases that go on alike."""

    __slots__ = ("entries", "excluding", "following", "weights")

    def __init__(self) -> None:
        self.following: dict[str, Node] = {}
        self.entries: tuple[Entry, ...] = ()
        self.weights: tuple[tuple[int, tuple[Entry, ...]], ...] = ()  # those that count; nearly always one
        self.excluding: dict[int, tuple[Entry, ...]] = {}

    def add(self, entry: Entry) -> None:
        """Let a phrase end here."""
        self.entries += (entry,)
        if entry.is_excluding:
            self.excluding[entry.rule] = (*self.excluding.get(entry.rule, ()), entry)
            return
        by_weight = dict(self.weights)
        by_weight[entry.weight] = (*by_weight.get(entry.weight, ()), entry)
        self.weights = tuple(by_weight.items())


class PhraseTree:
    """The phrases of all rules, by their words; `root` is for whoever walks it with slips of the pen."""

    def __init__(self, rules: Sequence[Phrases]) -> None:
        self.root = Node()
        self._parted: list[Entry] = []
        parted: list[Parted] = []
        for entry, parts in _entries(rules):
            if parts:
                parted.append(Parted(len(self._parted), parts))
                self._parted.append(entry)
            else:
                self._add(entry)
        self._parts = PartTree(parted)
        self.vocabulary = _vocabulary(self.root, parted)

    def _add(self, entry: Entry) -> None:
        node = self.root
        for word in entry.words.folded:
            node = node.following.setdefault(word, Node())
        node.add(entry)

    def standing(self, text: Words) -> list[Standing]:
        """Return every phrase that stands in the words of a text: what stands together in the order in which it begins."""
        found = self._together(text.folded)
        if self._parted:
            for number, start, end in self._parts.standing(text):
                entry = self._parted[number]
                if entry.is_excluding:
                    found.append(Standing(start, end, (), 0, True, {entry.rule: (entry,)}))
                else:
                    found.append(Standing(start, end, (entry,), entry.weight, True))
        return found

    def _together(self, words: Sequence[str]) -> list[Standing]:
        found: list[Standing] = []
        first, count = self.root.following, len(words)
        for start, word in enumerate(words):
            node, at = first.get(word), start + 1
            while node is not None:
                for weight, entries in node.weights:
                    found.append(Standing(start, at, entries, weight))
                if node.excluding:
                    found.append(Standing(start, at, (), 0, False, node.excluding))
                node = node.following.get(words[at]) if at < count else None
                at += 1
        return found


def nodes(root: Node) -> Iterator[Node]:
    """Yield every node of a tree, the root first."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.following.values()


def _vocabulary(root: Node, parted: Sequence[Parted]) -> frozenset[str]:
    """Return the folded words of all phrases."""
    of_parts = (word for phrase in parted for part in phrase.parts for words in part for word in words.folded)
    return frozenset(of_parts).union(*(node.following for node in nodes(root)))


def _entries(rules: Sequence[Phrases]) -> Iterator[tuple[Entry, Parts]]:
    """Yield each phrase that has any words, with its parts if they may stand apart; one of signs alone never stands anywhere."""
    shared: dict[tuple[Alike, ...], Variants] = {}
    for number, rule in enumerate(rules):
        if (variants := shared.get(rule.alike)) is None:
            variants = shared[rule.alike] = Variants(rule.alike)
        for phrases, is_excluding in ((rule.phrases, False), (rule.excluded, True)):
            for phrase in phrases:
                for words, weight, parts in _read(phrase, variants):
                    yield Entry(number, phrase, words, " ".join(words.folded), is_excluding, weight), parts


def _read(phrase: str, variants: Variants) -> Iterator[tuple[Words, int, Parts]]:
    """Yield a phrase's words as written or as they may be instead, how many were written, and the parts of one in parts."""
    written = read(phrase)
    parts = [words for part in phrase.split(SEPARATOR) if (words := read(part)).folded]
    if len(parts) > 1:
        yield written, len(written.folded), tuple(tuple(variants.of(part)) for part in parts)
    elif parts:
        seen: set[tuple[str, ...]] = set()
        for words in variants.of(parts[0]):
            if (spelled := tuple(words.spelled)) not in seen:
                seen.add(spelled)
                yield words, len(written.folded), ()
