"""What a text asks of a look-up: both facts in one line, the number alone, or that somebody wants to ask. Pure.

People write `tra điểm 02 001 234 sinh ngày 15/3/2008`, `SBD: 02001234, NS 15-03-08`, or the words alone and are asked for more.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from zalo_alert.answers.folding import read
from zalo_alert.answers.lookup_set import LookupSet
from zalo_alert.answers.matcher import MatchKind
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
    tokens = _PUNCTUATION.sub(" ", text).removeprefix("#").split()
    if len(tokens) > MOST_TOKENS:
        return None
    rest = _without(tokens, words) if words else tokens
    if facts := _facts(rest, lookup, this_year):
        return Question(*facts, len(words))
    bare = _stripped(rest, _BEFORE_NUMBER)
    if key := _key(bare, lookup):
        return Question(key, "", len(words)) if words or _is_sure(key, lookup) else None
    if not words:
        return None
    other = [token for token in bare if not (folded := _folded(token)) or not _COURTESY.issuperset(folded)]
    return Question("", "", len(words), any(map(str.isdigit, "".join(other)))) if len(other) <= MOST_OTHER_WORDS else None


def read_key(text: str, lookup: LookupSet, this_year: int) -> Question | None:
    """Read the answer to the question for the number; both facts may come at once. None where it says neither."""
    question = read_question(text, lookup, this_year)
    if question and (question.key or question.phrase_words):
        return question
    bare = _stripped(_PUNCTUATION.sub(" ", text[:MOST_CHARACTERS]).split(), _BEFORE_NUMBER)
    if key := _key(bare, lookup):
        return Question(key)
    return Question(is_odd=True) if _is_short_with_digits(bare) else None


def read_check(text: str, lookup: LookupSet, key: str, this_year: int) -> Question | None:
    """Read the answer to the question for the second fact; None where it is none."""
    question = read_question(text, lookup, this_year)
    if question and question.key and question.check:
        return question
    tokens = _PUNCTUATION.sub(" ", text[:MOST_CHARACTERS]).split()
    if check := fold_check(lookup.check.kind, " ".join(_stripped(tokens, _BEFORE_ANY)), this_year):
        return Question(key, check)
    return Question(key, is_odd=True) if _is_short_with_digits(tokens) else None


def holds_a_fact(text: str, lookup: LookupSet, this_year: int, *, is_in_step: bool) -> bool:
    """Whether a text gives a number or a second fact, as a question or as the answer to one (`is_in_step`)."""
    question = read_question(text, lookup, this_year)
    if question and question.key:
        return True
    tokens = _PUNCTUATION.sub(" ", text[:MOST_CHARACTERS]).split()
    if lookup.check.kind is CheckKind.DATE and fold_check(CheckKind.DATE, " ".join(_stripped(tokens, _BEFORE_ANY)), this_year):
        return True
    return is_in_step and (lookup.check.kind is CheckKind.TEXT or _is_short_with_digits(tokens))


def _is_short_with_digits(tokens: Sequence[str]) -> bool:
    return 0 < len(tokens) <= MOST_OTHER_WORDS and any(sign.isdigit() for token in tokens for sign in token)


def _phrase_in(text: str, lookup: LookupSet) -> list[str]:
    match = lookup.matcher.match(text)
    return match.why.words.split(" … ")[0].split() if match.kind is MatchKind.RULE else []


def _folded(token: str) -> Sequence[str]:
    """Return the words of a token; those of letters alone are remembered, a number or a date of somebody's never is."""
    return _folded_letters(token) if token.isalpha() else read(token).folded


@lru_cache(maxsize=1 << 12)
def _folded_letters(token: str) -> Sequence[str]:
    return tuple(read(token).folded)


def _without(tokens: Sequence[str], words: Sequence[str]) -> list[str]:
    """Leave out the tokens that make up a phrase, where they first stand."""
    folded = [(at, word) for at, token in enumerate(tokens) for word in _folded(token)]
    for start in range(len(folded) - len(words) + 1):
        if [word for _at, word in folded[start : start + len(words)]] == list(words):
            gone = {at for at, _word in folded[start : start + len(words)]}
            return [token for at, token in enumerate(tokens) if at not in gone]
    return list(tokens)


def _facts(tokens: Sequence[str], lookup: LookupSet, this_year: int) -> tuple[str, str] | None:
    """Part tokens into a number and a second fact, in the order that the file says, or else in the other."""
    for left, right in _splits(tokens):
        for numbers, others in ((left, right), (right, left)) if lookup.is_key_first else ((right, left), (left, right)):
            key = _key(_stripped(numbers, _BEFORE_NUMBER), lookup)
            check = key and fold_check(lookup.check.kind, " ".join(_stripped(others, _BEFORE_ANY)), this_year)
            if key and check:
                return key, check
    return None


def _splits(tokens: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    return ((tokens[:at], tokens[at:]) for at in range(1, len(tokens)))


def _stripped(tokens: Sequence[str], labels: frozenset[str]) -> list[str]:
    """Leave out labels before and behind."""
    kept = list(tokens)
    while kept and labels.issuperset(_folded(kept[0])):
        kept.pop(0)
    while kept and labels.issuperset(_folded(kept[-1])):
        kept.pop()
    return kept


def _key(tokens: Sequence[str], lookup: LookupSet) -> str:
    return lookup.key.read(" ".join(tokens)) if tokens else ""


def _is_sure(key: str, lookup: LookupSet) -> bool:
    """Whether a number alone, without any word, may be taken as a question: one of a known shape, and not of a few digits."""
    return bool(lookup.key.pattern) and sum(sign.isdigit() for sign in key) >= 5
