"""Letters that no alert should hold: of another alphabet, or invisible. Pure; a text is looked at composed (NFC).

Each language has its alphabet: Vietnamese and ASCII for all, beside them Khmer, Cham and Tai Viet script, and the Latin letters
of the languages of the Central Highlands.

Source: Unicode 14.0, Blocks.txt; the alphabets of Ê Đê, Gia Rai and Ba Na as their schoolbooks have them.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from zalo_alert.foundation import invisible
from zalo_alert.wording.lookalikes import VIETNAMESE, right_letter

_SIGNS = "ªºµ\u02bb\u02bc"  # Unicode calls them letters; people write them as degrees, micro and apostrophes
_HIGHLANDS = "ĂăĔĕĬĭŎŏŬŭƀɃČčÑñŊŋÄäËëÏïÖöÜü\u0306\u0302\u031b"  # a breve stands apart on ê, ô, ơ and ư
_ALPHABETS = {
    "km": "\u1780-\u17ff\u19e0-\u19ff",
    "cjm": "\uaa00-\uaa5f",
    "tai": "\uaa80-\uaadf",
    "hmn": "\U00016b00-\U00016b8f\U0001e100-\U0001e14f",
    "rad": _HIGHLANDS,
    "jra": _HIGHLANDS,
    "bdq": _HIGHLANDS,
}
_MICRO = re.compile("\u03bc(?=[gmSlL])")  # Greek mu, as many keyboards write µg and µm
_MARKS = range(0x300, 0x370)
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffc-\uffff\ufdd0-\ufdef\U000f0000-\U0010ffff\ud800-\udfff]"
)
_SPACES = dict.fromkeys((0x09, 0x0A, 0x0D, 0xA0, 0x202F))
_MAY_HIDE = frozenset(f"{invisible.BLANK}\ufffc\ufffd\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f") | set(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)  # what Python takes for printable
_IN_WORD = 40  # characters on either side that are shown of a word


class Foreign(NamedTuple):
    """A word with letters of another alphabet.

    Args:
        start: Where the word stands.
        end: Where it ends.
        word: As it is written.
        letters: Its letters of another alphabet, each once.
        mended: The word with those that they look like; "" where one of them looks like none.
    """

    start: int
    end: int
    word: str
    letters: tuple[str, ...]
    mended: str


def foreign_words(text: str, language: str = "vi") -> Iterator[Foreign]:
    """Yield the words of a text with a letter or digit that its language doesn't have."""
    end = 0
    for found in _strange(language).finditer(text):
        if found.start() >= end and _is_foreign(text, found.start()):
            start, end = _word_round(text, found.start())
            yield _foreign(text, start, end, language)


def unseen(text: str) -> Iterator[tuple[int, str]]:
    """Yield each character that nobody sees or that has no shape of its own, and where it stands."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return
    if _MAY_HIDE.isdisjoint(text) and text.translate(_SPACES).isprintable():
        return
    yield from invisible.hidden(text)
    yield from ((found.start(), found[0]) for found in _CONTROL.finditer(text))


def name_of(char: str) -> str:
    """Name a character as Unicode does."""
    return invisible.name_of(char)


def _is_foreign(text: str, at: int) -> bool:
    char = text[at]
    if char.isalpha() or char.isdecimal():
        return not _MICRO.match(text, at)
    return ord(char) in _MARKS


def _foreign(text: str, start: int, end: int, language: str) -> Foreign:
    word = text[start:end]
    wrong = {match[0] for match in _strange(language).finditer(word) if _is_foreign(word, match.start())}
    right = {char: char if ord(char) in _MARKS else right_letter(char) for char in wrong}
    mended = _without_marks("".join(right.get(char, char) for char in word)) if all(right.values()) else ""
    return Foreign(start, end, word, tuple(sorted(wrong, key=word.index)), mended)


def _without_marks(word: str) -> str:
    """Put marks on the letters that have them, and leave the others out."""
    return "".join(char for char in unicodedata.normalize("NFC", word) if ord(char) not in _MARKS)


def _word_round(text: str, at: int) -> tuple[int, int]:
    start, end = at, at + 1
    while start > max(0, at - _IN_WORD) and _is_of_word(text[start - 1]):
        start -= 1
    while end < min(len(text), at + _IN_WORD) and _is_of_word(text[end]):
        end += 1
    return start, end


def _is_of_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")


@cache
def _strange(language: str) -> re.Pattern[str]:
    """Return what finds everything beside the language's alphabet; signs that are no letters, too."""
    known = "".join(sorted(VIETNAMESE)) + _SIGNS + _ALPHABETS.get(language, "")
    return re.compile(rf"[^\x00-\x7f{known}]")
