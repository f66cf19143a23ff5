"""The phrases of rules as a tree of words, and where they stand in a text. Pure.

Knows phrases and whole words; what a phrase that stands somewhere is worth, the matcher says.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zalo_alert.answers.folding import Words, read


class Phrases(NamedTuple):
    """What a rule listens for.

    Attributes:
        id: The rule's, with its rule set: "police-qa/can-cuoc".
        phrases: Any one of them means the rule; as the office wrote them, with accents.
        excluded: Where one of these stands too, another rule is meant.
        takes_negation: A phrase counts behind "không", "chưa" and their like as well.
    """

    id: str
    phrases: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    takes_negation: bool = False


class Entry(NamedTuple):
    """One phrase of one rule.

    Attributes:
        rule: The rule's number among those given.
        phrase: As it was written.
        words: Its words.
        is_excluding: It rules its rule out.
    """

    rule: int
    phrase: str
    words: Words
    is_excluding: bool

    @property
    def folded(self) -> str:
        """The phrase without accents."""
        return " ".join(self.words.folded)


class Standing(NamedTuple):
    """A phrase in a text: the words from `start` to before `end`, and whose phrases those are."""

    start: int
    end: int
    entries: tuple[Entry, ...]


class Node:
    """The phrases that go on alike."""

    __slots__ = ("entries", "following")

    def __init__(self) -> None:
        self.following: dict[str, Node] = {}
        self.entries: tuple[Entry, ...] = ()


class PhraseTree:
    """The phrases of all rules, by their words; `root` is for whoever walks it with slips of the pen."""

    def __init__(self, rules: Sequence[Phrases]) -> None:
        self.root = Node()
        for entry in _entries(rules):
            node = self.root
            for word in entry.words.folded:
                node = node.following.setdefault(word, Node())
            node.entries += (entry,)

    def standing(self, words: Sequence[str]) -> list[Standing]:
        """Return every phrase that stands in the folded words of a text, in the order in which they begin."""
        found: list[Standing] = []
        first, count = self.root.following, len(words)
        for start, word in enumerate(words):
            node, at = first.get(word), start + 1
            while node is not None:
                if node.entries:
                    found.append(Standing(start, at, node.entries))
                node = node.following.get(words[at]) if at < count else None
                at += 1
        return found


def _entries(rules: Sequence[Phrases]) -> Iterator[Entry]:
    """Yield each phrase that has any words; one of signs alone never stands anywhere."""
    for number, rule in enumerate(rules):
        for phrases, is_excluding in ((rule.phrases, False), (rule.excluded, True)):
            for phrase in phrases:
                if (words := read(phrase)).folded:
                    yield Entry(number, phrase, words, is_excluding)
