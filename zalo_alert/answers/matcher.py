"""Which rule a text means, if any: phrases that stand in it, accents where they decide, slips of the pen. Pure.

The first step that is decisive wins, and what decided is told with the answer. Knows no OA, no person and no words of an answer.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypeAlias

from zalo_alert.answers.doubt import Doubt
from zalo_alert.answers.folding import Words, read
from zalo_alert.answers.match import Match, MatchKind, Step, Veto, VetoReason, Why
from zalo_alert.answers.negation import negation_before
from zalo_alert.answers.parted import agrees
from zalo_alert.answers.phrases import Entry, Phrases, PhraseTree, Standing
from zalo_alert.answers.slips import SURE, Slip, Slips, rank_of
from zalo_alert.answers.spelling import Corrected, Spelling

_NEARLY = 1  # so many words less, and a text may as well mean the other matter: who asks two things is asked which
_UNHEARD = "…"  # no word of a phrase: folding takes signs away


class Matcher:
    """Reads texts by the phrases of some rules; one may serve thousands of OAs, and several threads.

    Args:
        rules: Whose order decides nothing.
        ignored: Phrases whose words say nothing: `mất bao lâu` is not `mất`.
    """

    def __init__(self, rules: Sequence[Phrases], ignored: Sequence[str] = ()) -> None:
        self._rules = tuple(rules)
        self._ignored = PhraseTree((Phrases("", tuple(ignored)),)) if ignored else None
        self._tree = PhraseTree(self._rules)
        self._slips = Slips(self._tree)
        self._spelling = Spelling(self._tree.vocabulary)
        self._doubt = Doubt(self._rules, self._tree.vocabulary) if any(rule.about for rule in self._rules) else None

    def match(self, text: str) -> Match:
        """Say which rule a text means; takes any text, and looks at its first 2,000 characters."""
        words = self._heard(read(text))
        corrected = self._spelling.corrected(words)
        reading = _Reading(self._rules, text, words)
        match = (corrected and self._as_corrected(text, words, corrected)) or self._as_written(reading)
        if self._doubt is None:
            return match
        return self._doubt.settle(match, reading.undenied(corrected.words if corrected else words))

    def _as_written(self, reading: "_Reading") -> Match:
        found = self._tree.standing(reading.words)
        if found and (match := reading.by_phrase(found)):
            return match
        if (slips := self._slips.near(reading.words)) and (match := reading.by_slip(slips)):
            return match
        return Match(MatchKind.NONE, (), Why(Step.NOTHING, vetoes=tuple(reading.vetoes)))

    def _as_corrected(self, text: str, words: Words, corrected: Corrected) -> Match | None:
        """Return what a text means with its misspelled words put right; None when no phrase stands in it then."""
        match = _Reading(self._rules, text, corrected.words).by_phrase(self._tree.standing(corrected.words))
        if match is None or set(match.why.words.split()).issubset(words.folded):
            return match
        kind = MatchKind.SUGGEST if match.kind is MatchKind.RULE and corrected.score < SURE else match.kind
        return match._replace(kind=kind, why=match.why._replace(step=Step.SLIP, score=corrected.score))

    def _heard(self, words: Words) -> Words:
        """Return the words of a text, with those that say nothing made unlike any other."""
        if self._ignored is None:
            return words
        for one in self._ignored.standing(words):
            if any(_agrees_at(words, one, entry) for entry in one.entries):
                words.folded[one.start : one.end] = words.spelled[one.start : one.end] = [_UNHEARD] * (one.end - one.start)
        return words


_Counting: TypeAlias = tuple[Standing, Entry, Step]  # a phrase that counts: where, whose, and by what


class _Reading:
    """One text, while it is read."""

    __slots__ = ("_barred", "_excluded", "_excluding", "_rules", "_text", "vetoes", "words")

    def __init__(self, rules: Sequence[Phrases], text: str, words: Words) -> None:
        self._rules, self._text, self.words = rules, text, words
        self._barred: list[tuple[int, int]] = []  # where a phrase was denied; nothing speaks inside it
        self._excluding: list[Standing] = []
        self._excluded: dict[int, str] = {}  # by which phrase a rule is ruled out, once it was asked; "" by none
        self.vetoes: list[Veto] = []

    def by_phrase(self, found: list[Standing]) -> Match | None:
        """Return what the longest phrases mean that count, and others said nearly as fully beside them; None when none counts."""
        self._excluding = [one for one in found if one.excluding]
        counting = [one for one in found if one.entries] if self._excluding else found
        counting.sort(key=_order)  # the sort keeps the order of the text
        pairs: list[_Counting] = []
        for _, alike in groupby(counting, _order):
            places = list(alike)
            if pairs and places[0].weight < pairs[0][0].weight - _NEARLY:
                break
            beside = [one for one in places if _is_beside(one, pairs)] if pairs else places
            pairs += [pair for one in beside for pair in self._counting(one)]
        return self._decided(pairs) if pairs else None

    def undenied(self, words: Words) -> Words:
        """Return words of the text without those of phrases that were denied."""
        for start, end in self._barred:
            words.folded[start:end] = words.spelled[start:end] = [_UNHEARD] * (end - start)
        return words

    def by_slip(self, slips: list[Slip]) -> Match | None:
        """Return what the best slips mean that count: the answer itself where one is sure, else a question."""
        for slip in slips:
            if slip.entry.is_excluding:
                self._excluded[slip.entry.rule] = slip.entry.phrase
        best_rank = None
        best: dict[str, Slip] = {}
        for slip in slips:
            rank = rank_of(slip)
            if best and rank != best_rank:
                break
            if self._unvetoed([slip.entry], slip.start, slip.end):
                best_rank = rank
                best.setdefault(self._rules[slip.entry.rule].id, slip)
        return self._suggested(best) if best else None

    def _counting(self, one: Standing) -> list[tuple[Standing, Entry, Step]]:
        """Return the entries of a phrase that count where it stands."""
        return self._by_accents(one, self._unvetoed(one.entries, one.start, one.end))

    def _unvetoed(self, entries: Sequence[Entry], start: int, end: int) -> list[Entry]:
        """Return those of a phrase's entries that neither a negation nor an excluded phrase forbids."""
        entries = [entry for entry in entries if not entry.is_excluding]
        if not entries or any(first <= start and end <= last for first, last in self._barred):
            return []
        if negation := negation_before(self.words.folded, start, self._text):
            denied = [entry for entry in entries if not self._rules[entry.rule].takes_negation]
            self._veto(denied, VetoReason.NEGATION, negation)
            entries = [entry for entry in entries if self._rules[entry.rule].takes_negation]
            if not entries:
                self._barred.append((start, end))
        if not (self._excluded or self._excluding):
            return entries
        by_what = [(entry, self._excluded_by(entry.rule)) for entry in entries]
        for entry, phrase in by_what:
            if phrase:
                self._veto([entry], VetoReason.EXCLUDED, phrase)
        return [entry for entry, phrase in by_what if not phrase]

    def _excluded_by(self, rule: int) -> str:
        """Return the phrase that rules a rule out; "" when none does. Looked for when the rule is about to answer."""
        if rule not in self._excluded:
            entries = ((one, entry) for one in self._excluding for entry in (one.excluding or {}).get(rule, ()))
            self._excluded[rule] = next((entry.phrase for one, entry in entries if self._may_exclude(one, entry)), "")
        return self._excluded[rule]

    def _by_accents(self, one: Standing, entries: list[Entry]) -> list[tuple[Standing, Entry, Step]]:
        """Let accents decide between rules that fold alike, and about a single word."""
        is_one = len(entries) < 2 or len({entry.rule for entry in entries}) == 1
        if one.is_parted or (is_one and one.end - one.start > 1):
            if one.is_parted or not self.words.has_accents:
                return [(one, entry, Step.PHRASE) for entry in entries]
            return [(one, entry, Step.PHRASE) for entry in entries if self._agrees_by_half(one, entry)]
        written = self.words.spelled[one.start : one.end]
        if is_one:  # one syllable typed without its accents is five other words: `chay`, `chạy`, `cháy`
            agreeing = [entry for entry in entries if entry.words.spelled == written]
            self._veto([entry for entry in entries if entry not in agreeing], VetoReason.ACCENTS, written[0])
            return [(one, entry, Step.PHRASE) for entry in agreeing]
        return [(one, entry, Step.ACCENTS) for entry in self._chosen_by_accents(one, written, entries)]

    def _agrees_by_half(self, one: Standing, entry: Entry) -> bool:
        """Whether at least half the words are spelled as the phrase has them: `dân cư` is no slip of `đạn cũ`."""
        count = one.end - one.start
        spelled, folded = self.words.spelled[one.start : one.end], self.words.folded[one.start : one.end]
        if spelled == entry.words.spelled:
            return True
        alike = sum(map(agrees, spelled, folded, entry.words.spelled))
        if 2 * alike < count:
            self._veto([entry], VetoReason.ACCENTS, " ".join(folded))
        return 2 * alike >= count

    def _chosen_by_accents(self, one: Standing, written: Sequence[str], entries: list[Entry]) -> list[Entry]:
        exact = [entry for entry in entries if entry.words.spelled == written]
        if exact and self.words.has_accents:
            return exact
        plain = self.words.folded[one.start : one.end]
        agreeing = [entry for entry in entries if _agrees(written, plain, entry)]
        if agreeing or one.end - one.start > 1:
            return agreeing or entries  # accents of no rule: asked
        self._veto(entries, VetoReason.ACCENTS, written[0])
        return []

    def _decided(self, counting: list[tuple[Standing, Entry, Step]]) -> Match:
        if len(counting) == 1:  # nearly always, and the quicker way
            place, entry, step = counting[0]
            said = " ".join(self.words.folded[place.start : place.end])
            why = Why(step, said, (entry.phrase,), vetoes=tuple(self.vetoes))
            return Match(MatchKind.RULE, (self._rules[entry.rule].id,), why)
        by_rule: dict[str, tuple[Standing, Entry, Step]] = {}
        for one in counting:
            by_rule.setdefault(self._rules[one[1].rule].id, one)
        deciding = sorted(by_rule.values(), key=lambda one: one[0].start)
        places = dict.fromkeys((one.start, one.end) for one, _, _ in deciding)
        said = " … ".join(" ".join(self.words.folded[start:end]) for start, end in places)
        why = Why(max(step for _, _, step in deciding), said, tuple(e.phrase for _, e, _ in deciding), vetoes=tuple(self.vetoes))
        ids = tuple(self._rules[entry.rule].id for _, entry, _ in deciding)
        return Match(MatchKind.RULE if len(ids) == 1 else MatchKind.SEVERAL, ids, why)

    def _suggested(self, best: dict[str, Slip]) -> Match:
        slips = list(best.values())
        said = dict.fromkeys(" ".join(self.words.folded[slip.start : slip.end]) for slip in slips)
        phrases = tuple(slip.entry.phrase for slip in slips)
        why = Why(Step.SLIP, " … ".join(said), phrases, (), round(slips[0].score, 1), tuple(self.vetoes))
        return Match(MatchKind.RULE if len(slips) == 1 and slips[0].is_sure else MatchKind.SUGGEST, tuple(best), why)

    def _may_exclude(self, one: Standing, entry: Entry) -> bool:
        """Whether a phrase is what it looks like: with its accents where there are any, a single word always."""
        if one.is_parted or one.end - one.start > 1:
            return one.is_parted or _agrees_at(self.words, one, entry)
        return self.words.spelled[one.start] == entry.words.spelled[0]

    def _veto(self, entries: Iterable[Entry], reason: VetoReason, words: str) -> None:
        self.vetoes += [Veto(self._rules[entry.rule].id, entry.phrase, reason, words) for entry in entries]


def _is_beside(one: Standing, pairs: Sequence[_Counting]) -> bool:
    """Whether a phrase says something of its own: it does not stand inside one that says more."""
    return one.is_parted or not any(other.start <= one.start and one.end <= other.end for other, _, _ in pairs)


def _order(one: Standing) -> tuple[int, bool]:
    """Order phrases by how much they say, those whose words stand together before others."""
    return -one.weight, one.is_parted


def _agrees_at(words: Words, one: Standing, entry: Entry) -> bool:
    return _agrees(words.spelled[one.start : one.end], words.folded[one.start : one.end], entry)


def _agrees(written: Sequence[str], plain: Sequence[str], entry: Entry) -> bool:
    """Whether each word that was written with accents is spelled as the phrase has it; one without may be any."""
    return all(word in (spelled, bare) for word, bare, spelled in zip(written, plain, entry.words.spelled, strict=True))
