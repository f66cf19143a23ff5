"""What people type, brought to words that can be compared: no accents, no punctuation, short forms written out. Pure.

Phrases of rules and texts of people go through the same folding, so that each finds the other. Beside its letters a word keeps
how it was spelled, for the few cases in which accents decide. Knows no rule.
"""

import csv
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from zalo_alert.foundation import invisible

MOST_CHARACTERS = 2000  # that are looked at: Zalo lets nobody write more, and a button carries less
_MOST_RAW = 4 * MOST_CHARACTERS + 16  # a composed letter is at most four characters when its accents stand apart
_MOST_IN_WORD = 64  # a longer one is a link or a key held down; its end tells nothing more
_TOKEN = re.compile(rf"[\w\u0300-\u036f{invisible.HIDDEN}]+")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_HELD_DOWN = re.compile(r"([^\W\d_])\1{2,}$")
_VOWEL = re.compile("[aeiouy]")


class Words(NamedTuple):
    """The words of a text, twice; both lists are as long.

    Attributes:
        folded: Without accents, as `giay` for `giấy`.
        spelled: With them, the tone behind the word's letters wherever it was put: `hủy` and `huỷ` are one spelling.
    """

    folded: list[str]
    spelled: list[str]

    @property
    def has_accents(self) -> bool:
        """Whether whoever wrote it types accents."""
        return self.folded != self.spelled


def fold(text: str) -> str:
    """Return the folded words of a text, with blanks between them; folding that again changes nothing."""
    return " ".join(read(text).folded)


def read(text: str) -> Words:
    """Read a text, at most its first 2,000 characters."""
    folded: list[str] = []
    spelled: list[str] = []
    for token in _TOKEN.findall(_normal(text)):
        plain, written = _word(token[:_MOST_IN_WORD])
        folded += plain
        spelled += written
    return Words(folded, spelled)


def pieces(text: str) -> list[tuple[str, int]]:
    """Return what stands in front of each word and how many words each token makes: the slow way, to see the punctuation."""
    normal, end, found = _normal(text), 0, []
    for token in _TOKEN.finditer(normal):
        count = len(_word(token[0][:_MOST_IN_WORD])[0])
        found.append((normal[end : token.start()], count))
        end = token.end()
    return found


def _normal(text: str) -> str:
    composed = text if text.isascii() else unicodedata.normalize("NFKC", text[:_MOST_RAW])
    return composed[:MOST_CHARACTERS].lower().replace("_", " ")


@lru_cache(maxsize=1 << 15)  # Vietnamese has some seven thousand syllables, so nearly every word is a look-up
def _word(token: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what one token says, folded and spelled: no word, one, or several where it is a short form."""
    seen = token if token.isascii() else invisible.remove(token)
    if " " in seen:  # what looks blank and counts as a letter
        parts = [_word(part) for part in seen.split()]
        return tuple(word for plain, _ in parts for word in plain), tuple(word for _, written in parts for word in written)
    plain, written = _plain(seen)
    if not plain:
        return (), ()
    if (squeezed := _squeezed(plain)) != plain:
        plain = written = squeezed
    if meant := teencode().get(unicodedata.normalize("NFC", seen)) or teencode().get(plain):
        return meant, meant
    return (plain,), (written,)


def _plain(word: str) -> tuple[str, str]:
    """Return a word without accents, and with them in the one order."""
    if word.isascii():
        return word, word
    letters, marked, tones = [], [], []
    for sign in unicodedata.normalize("NFKD", word):
        if sign in _TONES:
            tones.append(sign)
        elif unicodedata.category(sign) == "Mn":
            marked.append(sign)
        elif sign.isalnum():
            letters.append("d" if sign == "đ" else sign)
            marked.append(sign)
    return "".join(letters), "".join(marked + tones)


def _squeezed(word: str) -> str:
    """Return a word without letters that were held down: `khongggg`, `alooo`; a short form such as `pccc` has them all."""
    if not (_RUN.search(word) and _VOWEL.search(word)):
        return word
    return _RUN.sub(r"\1\1", _HELD_DOWN.sub(r"\1", word))  # no word of Vietnamese ends in a doubled letter


@cache
def teencode() -> dict[str, tuple[str, ...]]:
    """Return the short forms that people type, with the folded words that each stands for; shipped with the package."""
    text = (files("zalo_alert.answers") / "teencode.csv").read_text(encoding="utf-8")
    return {row["typed"]: tuple(row["meant"].split()) for row in csv.DictReader(text.splitlines())}
