"""Words that are no words of Vietnamese, read as what was meant: `chếiu`, `bhytt`, and Telex that was not turned into accents.

Only what is no syllable is changed, and only where one word alone can be meant: what may stand as it is written, stays. Pure.
"""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from zalo_alert.answers.folding import Words
from zalo_alert.answers.neighbours import LONGEST, Neighbours

_VOWELS = (
    "uya|uye|uyu|ieu|yeu|oai|oay|oao|oeo|uai|uay|uau|uoi|uou|ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|oo|ua|ue|ui|uo|uu|uy|ye|[aeiouy]"
)
_SYLLABLE = re.compile(rf"(?:ngh?|nh|ph|th|tr|ch|gh|gi|kh|qu|[bcdghklmnprstvx])?(?:{_VOWELS})(?:ch|ng|nh|[cmnpt])?")
_DOUBLED = re.compile(r"([aeod])\1")  # Telex: aa is â, dd is đ
_TONES = "sfrxj"  # Telex: typed behind the word
_LEAST_LETTERS = 4  # of a word that is read as another: in a shorter one a letter more or less makes anything


class Corrected(NamedTuple):
    """A text with its misspelled words put right, and how near it comes to what was written, of 100."""

    words: Words
    score: float


class Spelling:
    """Reads misspelled words of texts.

    Args:
        vocabulary: The folded words of all phrases, which are what it reads them as.
    """

    def __init__(self, vocabulary: Collection[str]) -> None:
        self._vocabulary = frozenset(vocabulary)
        self._neighbours = Neighbours(self._vocabulary)
        self._meant = lru_cache(maxsize=1 << 15)(self._look_up)

    def corrected(self, text: Words) -> Corrected | None:
        """Return a text with its misspelled words read as what was meant; None when there are none."""
        meant = [self._meant(word) for word in text.folded]
        if not any(meant):
            return None
        folded = [one or word for one, word in zip(meant, text.folded, strict=True)]
        spelled = [one or word for one, word in zip(meant, text.spelled, strict=True)]
        score = round(fuzz.ratio(" ".join(text.folded), " ".join(folded)), 1)
        return Corrected(Words(folded, spelled), score)

    def _look_up(self, word: str) -> str:
        """Return the one word that is meant by what is none, or ""."""
        if word in self._vocabulary or _SYLLABLE.fullmatch(word) or not word.isalpha() or len(word) > LONGEST:
            return ""
        if (typed := _from_telex(word)) != word and typed in self._vocabulary:
            return typed
        near = self._near(word) if len(word) >= _LEAST_LETTERS else ()
        return near[0] if len(near) == 1 else ""

    def _near(self, word: str) -> Sequence[str]:
        """Return the words that are one slip away; those with a letter doubled or two swapped alone where there are any."""
        near = self._neighbours.of(word)
        alike = [one for one in near if _same_letters(one, word)]
        return alike or near


def _same_letters(one: str, other: str) -> bool:
    return sorted(one) == sorted(other) or set(one) == set(other)


def _from_telex(word: str) -> str:
    """Return what the keys of a word would have made with Telex switched on, without its accents."""
    plain = _DOUBLED.sub(r"\1", word.replace("w", ""))
    return plain[:-1] if plain[-1:] in _TONES and len(plain) > 1 else plain
