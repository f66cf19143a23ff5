"""Which rule a text means, if any: phrases that stand in it, accents where they decide, slips of the pen. Pure.

The first step that is decisive wins, and what decided is told with the answer. Knows no OA, no person and no words of an answer.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum, StrEnum
from itertools import groupby
from typing import NamedTuple

from zalo_alert.answers.folding import Words, read
from zalo_alert.answers.negation import negation_before
from zalo_alert.answers.phrases import Entry, Phrases, PhraseTree, Standing


class MatchKind(StrEnum):
    """What a text came to."""

    RULE = "rule"  # one rule: its answer
    SEVERAL = "several"  # as many rules as there are ids: a question with a button for each
    SUGGEST = "suggest"  # perhaps one: "Ý bạn là …?", never the answer itself
    NONE = "none"


class Step(IntEnum):
    """What decided, by the number that the design gives it."""

    PHRASE = 5
    ACCENTS = 6
    SLIP = 7
    NOTHING = 8


class VetoReason(StrEnum):
    """Why a phrase that stands in a text does not count."""

    NEGATION = "negation"
    EXCLUDED = "excluded"
    ACCENTS = "accents"


class Veto(NamedTuple):
    """A phrase that stands in a text and does not count: whose it is, and the words that say so."""

    id: str
    phrase: str
    reason: VetoReason
    words: str


class Why(NamedTuple):
    """What decided.

    Attributes:
        step: The one that did.
        words: Of the text, folded; "" where nothing did.
        phrases: Of the rules, as they were written, one for each id.
        score: How near the words come to the phrase, 100 for the same.
        vetoes: What stands there too and does not count.
    """

    step: Step
    words: str = ""
    phrases: tuple[str, ...] = ()
    score: float = 100.0
    vetoes: tuple[Veto, ...] = ()


class Match(NamedTuple):
    """What a text means: the ids of its rules in the order of the text, and why."""

    kind: MatchKind
    ids: tuple[str, ...]
    why: Why


class Matcher:
    """Reads texts by the phrases of some rules; one may serve thousands of OAs, and several threads.

    Args:
        rules: Whose order decides nothing.
    """

    def __init__(self, rules: Sequence[Phrases]) -> None:
        self._rules = tuple(rules)
        self._tree = PhraseTree(self._rules)

    def match(self, text: str) -> Match:
        """Say which rule a text means; takes any text, and looks at its first 2,000 characters."""
        words = read(text)
        reading = _Reading(self._rules, text, words)
        found = self._tree.standing(words.folded)
        if found and (match := reading.by_phrase(found)):
            return match
        return Match(MatchKind.NONE, (), Why(Step.NOTHING, vetoes=tuple(reading.vetoes)))


class _Reading:
    """One text, while it is read."""

    __slots__ = ("_rules", "_text", "_words", "vetoes")

    def __init__(self, rules: Sequence[Phrases], text: str, words: Words) -> None:
        self._rules, self._text, self._words = rules, text, words
        self.vetoes: list[Veto] = []

    def by_phrase(self, found: list[Standing]) -> Match | None:
        """Return what the longest phrases mean that count; None when none does."""
        excluded = self._excluded(found)
        found.sort(key=lambda one: one.start - one.end)  # longest first; the sort keeps the order of the text
        barred: list[Standing] = []
        for _, alike in groupby(found, lambda one: one.end - one.start):
            counting = [pair for one in alike for pair in self._counting(one, excluded, barred)]
            if counting:
                return self._decided(counting)
        return None

    def _counting(self, one: Standing, excluded: dict[int, Entry], barred: list[Standing]) -> list[tuple[Standing, Entry, Step]]:
        """Return the entries of a phrase that count where it stands."""
        entries = [entry for entry in one.entries if not entry.is_excluding]
        if not entries or any(out.start <= one.start and one.end <= out.end for out in barred):
            return []
        if negation := negation_before(self._words.folded, one.start, self._text):
            denied = [entry for entry in entries if not self._rules[entry.rule].takes_negation]
            self._veto(denied, VetoReason.NEGATION, negation)
            entries = [entry for entry in entries if entry not in denied]
            if denied and not entries:
                barred.append(one)
        for entry in [entry for entry in entries if entry.rule in excluded]:
            self._veto([entry], VetoReason.EXCLUDED, excluded[entry.rule].phrase)
            entries.remove(entry)
        return self._by_accents(one, entries)

    def _by_accents(self, one: Standing, entries: list[Entry]) -> list[tuple[Standing, Entry, Step]]:
        """Let accents decide between rules that fold alike, and about a single word."""
        rules = {entry.rule for entry in entries}
        if len(rules) < 2 and one.end - one.start > 1:
            return [(one, entry, Step.PHRASE) for entry in entries]
        written = self._words.spelled[one.start : one.end]
        if len(rules) < 2:
            agreeing = [entry for entry in entries if _agrees(written, self._words.folded[one.start : one.end], entry)]
            self._veto([entry for entry in entries if entry not in agreeing], VetoReason.ACCENTS, written[0])
            return [(one, entry, Step.PHRASE) for entry in agreeing]
        return [(one, entry, Step.ACCENTS) for entry in self._chosen_by_accents(one, written, entries)]

    def _chosen_by_accents(self, one: Standing, written: Sequence[str], entries: list[Entry]) -> list[Entry]:
        exact = [entry for entry in entries if entry.words.spelled == written]
        if exact and self._words.has_accents:
            return exact
        plain = self._words.folded[one.start : one.end]
        agreeing = [entry for entry in entries if _agrees(written, plain, entry)]
        if agreeing or one.end - one.start > 1:
            return agreeing or entries  # accents of no rule: asked
        self._veto(entries, VetoReason.ACCENTS, written[0])
        return []

    def _decided(self, counting: list[tuple[Standing, Entry, Step]]) -> Match:
        by_rule: dict[str, tuple[Standing, Entry, Step]] = {}
        for one in counting:
            by_rule.setdefault(self._rules[one[1].rule].id, one)
        deciding = list(by_rule.values())
        places = dict.fromkeys((one.start, one.end) for one, _, _ in deciding)
        said = " … ".join(" ".join(self._words.folded[start:end]) for start, end in places)
        why = Why(max(step for _, _, step in deciding), said, tuple(e.phrase for _, e, _ in deciding), vetoes=tuple(self.vetoes))
        return Match(MatchKind.RULE if len(by_rule) == 1 else MatchKind.SEVERAL, tuple(by_rule), why)

    @staticmethod
    def _excluded(found: Iterable[Standing]) -> dict[int, Entry]:
        """Return which rules are ruled out by a phrase of theirs, and by which."""
        return {entry.rule: entry for one in found for entry in one.entries if entry.is_excluding}

    def _veto(self, entries: Iterable[Entry], reason: VetoReason, words: str) -> None:
        self.vetoes += [Veto(self._rules[entry.rule].id, entry.phrase, reason, words) for entry in entries]


def _agrees(written: Sequence[str], plain: Sequence[str], entry: Entry) -> bool:
    """Whether each word that was written with accents is spelled as the phrase has it; one without may be any."""
    return all(word in (spelled, bare) for word, bare, spelled in zip(written, plain, entry.words.spelled, strict=True))
