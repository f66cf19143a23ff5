"""What a text asks of a look-up: both facts in one line, the number alone, or that somebody wants to ask. Pure.

People write `tra điểm 02 001 234 sinh ngày 15/3/2008`, `SBD: 02001234, NS 15-03-08`, or the words alone and are asked for more.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from zalo_alert.answers.folding import read
from zalo_alert.answers.lookup_set import LookupSet
from zalo_alert.answers.match import MatchKind
from zalo_alert.tables.facts import CheckKind, fold_check

MOST_CHARACTERS = 300  # of a question; a longer text tells a story
MOST_TOKENS = 24
MOST_OTHER_WORDS = 6  # beside the phrase: "điểm thi năm nay có cao không, tôi nghe nói…" asks for no result
_DIGIT = re.compile(r"[0-9]")
_PUNCTUATION = re.compile(r"[:=,;()\[\]\"“”!?|]+")
_NUMBER_LABELS = frozenset({"sbd", "so", "bao", "danh", "ma", "thi", "sinh", "hs", "thisinh", "sobaodanh"})
_CHECK_LABELS = frozenset({"ngay", "sinh", "ns", "ngaysinh", "sinhngay", "nam", "ntns"})
# fmt: off
_COURTESY = frozenset({
    "cho", "em", "toi", "minh", "con", "chau", "xin", "voi", "la", "cua", "a", "ah", "nhe", "nha", "giup", "oi", "dum", "ho",
    "ad", "admin", "va", "the", "hoi", "muon",
})
# fmt: on
_BEFORE_NUMBER = _NUMBER_LABELS | _COURTESY
_BEFORE_ANY = _BEFORE_NUMBER | _CHECK_LABELS


class Question(NamedTuple):
    """What is asked; a fact that was not given is "", and one that could not be read is in `is_odd`."""

    key: str = ""
    check: str = ""
    phrase_words: int = 0
    is_odd: bool = False


def read_question(text: str, lookup: LookupSet, this_year: int) -> Question | None:
    """Read a text that nobody has asked for; None where it asks nothing of this look-up."""
    if len(text) > MOST_CHARACTERS:
        return None
    words = _phrase_in(text, lookup)
    if not words and lookup.key.has_digits and not _DIGIT.search(text):
        return None  # what most people write who ask for something else
    line = _Line(_PUNCTUATION.sub(" ", text).removeprefix("#").split())
    if len(line.tokens) > MOST_TOKENS:
        return None
    rest = line.without(words) if words else line
    if facts := _facts(rest, lookup, this_year):
        return Question(*facts, len(words))
    first, end = rest.stripped(0, len(rest.tokens), _BEFORE_NUMBER)
    if key := lookup.key.read(rest.text(first, end)):
        return Question(key, "", len(words)) if words or _is_sure(key, lookup) else None
    if not words:
        return None
    other = [token for token, said in rest.pairs(first, end) if not said or not _COURTESY.issuperset(said)]
    return Question("", "", len(words), any(map(str.isdigit, "".join(other)))) if len(other) <= MOST_OTHER_WORDS else None


def read_key(text: str, lookup: LookupSet, this_year: int) -> Question | None:
    """Read the answer to the question for the number; both facts may come at once. None where it says neither."""
    question = read_question(text, lookup, this_year)
    if question and (question.key or question.phrase_words):
        return question
    line = _Line(_PUNCTUATION.sub(" ", text[:MOST_CHARACTERS]).split())
    first, end = line.stripped(0, len(line.tokens), _BEFORE_NUMBER)
    if key := lookup.key.read(line.text(first, end)):
        return Question(key)
    return Question(is_odd=True) if _is_short_with_digits(line.tokens[first:end]) else None


def read_check(text: str, lookup: LookupSet, key: str, this_year: int) -> Question | None:
    """Read the answer to the question for the second fact; None where it is none."""
    question = read_question(text, lookup, this_year)
    if question and question.key and question.check:
        return question
    line = _Line(_PUNCTUATION.sub(" ", text[:MOST_CHARACTERS]).split())
    if check := fold_check(lookup.check.kind, line.text(*line.stripped(0, len(line.tokens), _BEFORE_ANY)), this_year):
        return Question(key, check)
    return Question(key, is_odd=True) if _is_short_with_digits(line.tokens) else None


def holds_a_fact(text: str, lookup: LookupSet, this_year: int, *, is_in_step: bool) -> bool:
    """Whether a text gives a number or a second fact, as a question or as the answer to one (`is_in_step`)."""
    question = read_question(text, lookup, this_year)
    if question and question.key:
        return True
    line = _Line(_PUNCTUATION.sub(" ", text[:MOST_CHARACTERS]).split())
    bare = line.text(*line.stripped(0, len(line.tokens), _BEFORE_ANY))
    if lookup.check.kind is CheckKind.DATE and fold_check(CheckKind.DATE, bare, this_year):
        return True
    return is_in_step and (lookup.check.kind is CheckKind.TEXT or _is_short_with_digits(line.tokens))


def _is_short_with_digits(tokens: Sequence[str]) -> bool:
    return 0 < len(tokens) <= MOST_OTHER_WORDS and any(sign.isdigit() for token in tokens for sign in token)


def _phrase_in(text: str, lookup: LookupSet) -> list[str]:
    match = lookup.matcher.match(text)
    return match.why.words.split(" … ")[0].split() if match.kind is MatchKind.RULE else []


class _Line:
    """The tokens of a text, and the folded words of each: read once, and looked at in parts.

    Args:
        tokens: As they were written.
        said: Their folded words; None has them read.
    """

    def __init__(self, tokens: list[str], said: list[Sequence[str]] | None = None) -> None:
        self.tokens = tokens
        self._said = [_folded(token) for token in tokens] if said is None else said

    def without(self, words: Sequence[str]) -> "_Line":
        """Leave out the tokens that make up a phrase, where they first stand."""
        said = [(word, at) for at, each in enumerate(self._said) for word in each]
        for start in range(len(said) - len(words) + 1):
            if all(said[start + n][0] == word for n, word in enumerate(words)):
                gone = {at for _word, at in said[start : start + len(words)]}
                left = [at for at in range(len(self.tokens)) if at not in gone]
                return _Line([self.tokens[at] for at in left], [self._said[at] for at in left])
        return self

    def stripped(self, first: int, end: int, labels: frozenset[str]) -> tuple[int, int]:
        """Return where the tokens between two places begin and end without labels before and behind."""
        while first < end and labels.issuperset(self._said[first]):
            first += 1
        while first < end and labels.issuperset(self._said[end - 1]):
            end -= 1
        return first, end

    def text(self, first: int, end: int) -> str:
        """Return what stands between two places."""
        return " ".join(self.tokens[first:end])

    def pairs(self, first: int, end: int) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield the tokens between two places with their folded words."""
        return zip(self.tokens[first:end], self._said[first:end], strict=True)


def _folded(token: str) -> Sequence[str]:
    """Return the words of a token; those of letters alone are remembered, a number or a date of somebody's never is."""
    if token.isdecimal() and token.isascii():
        return (token,)
    return _folded_letters(token) if token.isalpha() else read(token).folded


@lru_cache(maxsize=1 << 12)
def _folded_letters(token: str) -> Sequence[str]:
    return tuple(read(token).folded)


def _facts(line: _Line, lookup: LookupSet, this_year: int) -> tuple[str, str] | None:
    """Part tokens into a number and a second fact, in the order that the file says, or else in the other."""
    last = len(line.tokens)
    for at in range(1, last):
        left, right = (0, at), (at, last)
        for numbers, others in ((left, right), (right, left)) if lookup.is_key_first else ((right, left), (left, right)):
            key = lookup.key.read(line.text(*line.stripped(*numbers, _BEFORE_NUMBER)))
            if key and (check := fold_check(lookup.check.kind, line.text(*line.stripped(*others, _BEFORE_ANY)), this_year)):
                return key, check
    return None


def _is_sure(key: str, lookup: LookupSet) -> bool:
    """Whether a number alone, without any word, may be taken as a question: one of a known shape, and not of a few digits."""
    return bool(lookup.key.pattern) and sum(sign.isdigit() for sign in key) >= 5
