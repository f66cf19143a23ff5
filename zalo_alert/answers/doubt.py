"""Whether what phrases say is sure enough to be answered at once, and what else to ask about. Pure.

A question costs a tap; the fee of another matter costs a journey. So a phrase answers where all words of a text together speak
for its rule, too; else people are asked, and so they are where no phrase stands in a text that speaks for some rules.
"""

from collections.abc import Collection, Mapping, Sequence
from heapq import nlargest

from zalo_alert.answers.evidence import Evidence, is_common
from zalo_alert.answers.folding import Words
from zalo_alert.answers.match import Match, MatchKind, Step, VetoReason, Why
from zalo_alert.answers.parted import SEPARATOR
from zalo_alert.answers.phrases import Phrases

MOST_OFFERED = 4  # rules: Zalo takes five buttons, and the last says that none of them is meant
# A phrase answers where so many times as much speaks for its rule as for any other, each word of the phrase counting besides and
# the other in any case for as much as a weak word.
_AGREES, _OF_PHRASE, _OF_OTHER = 1.65, 0.2, 0.5
_SURE = 1.0  # and no less speaks for its rule than this: one word that it alone knows
_LEAST = 1.6  # a score from which rules are offered though no phrase stands in the text
# What a rule keeps of its score though a phrase of its does not count: what was denied is not asked about, what is excluded may
# still be meant, and other accents say nothing of the other words.
_SHARES = {VetoReason.NEGATION: 0.0, VetoReason.EXCLUDED: 0.8, VetoReason.ACCENTS: 1.0}


class Doubt:
    """Weighs what phrases say against all words of a text.

    Args:
        rules: The matcher's.
        vocabulary: The folded words of their phrases.
    """

    def __init__(self, rules: Sequence[Phrases], vocabulary: Collection[str]) -> None:
        self._evidence = Evidence(rules)
        self._vocabulary = frozenset(vocabulary)
        self._numbers = {rule.id: number for number, rule in enumerate(rules)}
        self._ids = [rule.id for rule in rules]
        self._titles = [rule.title for rule in rules]

    def settle(self, match: Match, words: Words) -> Match:
        """Return a match as it is where all words agree, else a question; `words`: of the text, without those denied."""
        if match.kind is MatchKind.RULE and self._is_all(match, words):
            return match
        scores = self._allowed(match, self._evidence.weigh(words))
        if match.kind is MatchKind.NONE:
            return self._guessed(match, words, scores)
        own = scores.get(self._numbers[match.ids[0]], 0.0)
        if match.kind is MatchKind.RULE and own >= _SURE and self._agrees(match, own, scores):
            return match
        if match.kind is MatchKind.SUGGEST and own < _SURE:  # a slip, and no other word: `rồi đó` is no `rơi đồ`
            return self._guessed(_nothing(match), words, scores)
        return self._asked(match, scores)

    def _is_all(self, match: Match, words: Words) -> bool:
        """Whether a phrase stands there alone: no other word is one of phrases, or only one of those that any question has."""
        if SEPARATOR in match.why.phrases[0]:
            return False
        others = self._vocabulary.intersection(words.folded).difference(match.why.words.split())
        return not others or all(is_common(word, written) for word, written in zip(*words, strict=True) if word in others)

    def _allowed(self, match: Match, scores: dict[int, float]) -> dict[int, float]:
        """Return the scores of rules that may be asked about: what was denied is not."""
        for id_, reason in {(veto.id, veto.reason) for veto in match.why.vetoes if veto.id not in match.ids}:
            number = self._numbers[id_]
            scores[number] = _SHARES[reason] * scores.get(number, 0.0)
        return scores

    def _agrees(self, match: Match, own: float, scores: Mapping[int, float]) -> bool:
        number = self._numbers[match.ids[0]]
        other = max((score for one, score in scores.items() if one != number), default=0.0)
        said = len(match.why.phrases[0].replace(SEPARATOR, " ").split())
        return own + _OF_PHRASE * said >= _AGREES * (other + _OF_OTHER)

    def _best(self, scores: Mapping[int, float]) -> list[int]:
        best = nlargest(MOST_OFFERED, ((score, -number) for number, score in scores.items() if score))
        return [-number for _, number in best]

    def _asked(self, match: Match, scores: Mapping[int, float]) -> Match:
        """Return a question about what phrases say, and what else is spoken of."""
        said = list(zip(match.ids, match.why.phrases, strict=True))
        if len(said) > MOST_OFFERED:
            kept = nlargest(MOST_OFFERED, match.ids, key=lambda id_: scores.get(self._numbers[id_], 0.0))
            said = [pair for pair in said if pair[0] in kept]
        beside = [number for number in self._best(scores) if self._ids[number] not in match.ids][: MOST_OFFERED - len(said)]
        kind = MatchKind.SEVERAL if match.kind is MatchKind.RULE and beside else match.kind
        ids = (*(id_ for id_, _ in said), *(self._ids[number] for number in beside))
        why = match.why._replace(phrases=tuple(phrase for _, phrase in said), beside=self._called(beside))
        return Match(kind, ids, why)

    def _guessed(self, match: Match, words: Words, scores: Mapping[int, float]) -> Match:
        """Return a question about the rules that a text speaks for, where it speaks enough."""
        best = self._best(scores)
        if not best or scores[best[0]] < _LEAST:
            return match
        why = Why(Step.WORDS, " ".join(self._evidence.telling(words, best)), (), self._called(best), vetoes=match.why.vetoes)
        return Match(MatchKind.SUGGEST, tuple(self._ids[number] for number in best), why)

    def _called(self, numbers: Sequence[int]) -> tuple[str, ...]:
        return tuple(self._titles[number] for number in numbers)


def _nothing(match: Match) -> Match:
    return Match(MatchKind.NONE, (), Why(Step.NOTHING, vetoes=match.why.vetoes))
