"""Vietnamese as people type it: accents or none, composed or not, `hoà` or `hòa`, `q1`, `TP.`, `Ð` for `Đ`.

Turns text into syllables that can be compared: by their plain letters at once, by their accents where someone wrote any. Knows no
place.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+")
_SPACES = re.compile("  +")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_GLUED = re.compile(r"(q|p|f|x|h|quan|phuong|khu|ward|district|dist)([0-9]{1,2})")
# What one Vietnamese syllable can be without accents: `tpvinh` is not one, so its type word is stuck to a name.
_LEGAL = re.compile(r"(ngh|ng|nh|ph|th|tr|ch|gh|gi|kh|qu|[bcdghklmnprstvx])?[aeiouy]{1,3}(ch|ng|nh|[cmnpt])?")
_SOUNDS = {"f": "ph", "j": "gi", "z": "d"}  # `Vĩnh Fúc`, `An Jang`: as one hears it
_FOREIGN_LETTERS = re.compile("^[fjz](?=[a-z])")
_SHORT = frozenset({"qnam", "qngai", "qbinh", "qtri", "qninh"})  # provinces, not districts
_STUCK = (
    "thanhpho",
    "thitran",
    "pho",
    "thixa",
    "phuong",
    "huyen",
    "quan",
    "tinh",
    "tp",
    "tx",
    "tt",
    "xa",
    "p",
    "q",
    "h",
    "x",
    "t",
)
_DOUBLED = re.compile("(d|a|e|o)\\1")
_UNTELEX = re.compile("(?<!^)(?<!^t)[sfrxj]|w|[0-9]")
LOST = "ʔ"  # stands for a letter that was lost, as `�` or `?`: a word with one is neither a type word nor a name
# A question mark inside a word, or after a consonant alone: `Qu?ng Tr?`, `H? Giang`, but not `Ở Huế?`.
_ASKED = re.compile(r"(?<=\w)\?(?=\w)|\?(?=[^\W\d_])|(?<=\b[bcdghklmnpqrstvxđBCDGHKLMNPQRSTVXĐ])\?")
MAX_LENGTH = (
    400  # characters that are looked at, from the end: an address is shorter, and nothing far from its end names a province
)

# One sound, two spellings: Qui Nhơn, Mĩ Tho, Lí Nhân, Kì Anh, Đắc Đoa. Both sides are read so.
_SAME = {"quy": "qui", "my": "mi", "ly": "li", "ky": "ki", "sy": "si", "ty": "ti", "hy": "hi", "dac": "dak",
         "đăc": "đăk", "đac": "đak", "dăc": "dăk"}  # fmt: skip
_WORDS = {
    "tp": ("thanh", "pho"), "tpho": ("thanh", "pho"), "tx": ("thi", "xa"), "tt": ("thi", "tran"), "q": ("quan",), "h": ("huyen",),
    "p": ("phuong",), "f": ("phuong",), "x": ("xa",), "t": ("tinh",), "dk": ("dak", "khu"), "ward": ("phuong",),
    "wards": ("phuong",), "commune": ("xa",), "district": ("quan",), "dist": ("quan",), "tphcm": ("thanh", "pho", "hcm"),
}  # fmt: skip


TYPE_WORDS = ("tinh", "thanh pho", "quan", "huyen", "thi xa", "phuong", "xa", "thi tran", "dak khu")


class Syllable(NamedTuple):
    """A syllable without accents, with its hats (â, ê, ô, ă, ơ, ư, đ) but no tone, and its tone; "" is level or unwritten."""

    plain: str
    hatted: str
    tone: str

    @property
    def is_plain(self) -> bool:
        """Whether no accent was written, so that any may be meant."""
        return self.hatted == self.plain and not self.tone


class Initial(Syllable):
    """A type word that was written as one letter, which may as well begin a name: `Q. Nam` is Quận Năm or Quảng Nam."""


def folded(text: str) -> str:
    """Bring a text into lower case, composed, without invisible characters; the part at its end that can matter."""
    text = text[-MAX_LENGTH:]
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).replace("\ufffd", LOST)
    if "?" in text:
        text = _ASKED.sub(LOST, text)
    if "  " in text:
        text = _SPACES.sub(" ", text)
    return text.strip().lower().replace("ð", "đ")


class _Words(dict[str, tuple[Syllable, ...]]):
    """Every word read so far: Vietnamese has some seven thousand syllables, so nearly every word is a look-up."""

    LIMIT = 200_000

    def __missing__(self, word: str) -> tuple[Syllable, ...]:
        if len(self) > self.LIMIT:
            self.clear()
        self[word] = parts = tuple(_read(word))
        return parts


_WORDS_READ = _Words()


def syllables(text: str) -> list[Syllable]:
    """Split a folded text into syllables, abbreviations of type words written out."""
    read: list[Syllable] = []
    words = _WORD.findall(text)
    if "t" in words:
        words = _spelled_out(words)
    for word in words:
        read += _WORDS_READ[word]
    return read


def _spelled_out(words: list[str]) -> list[str]:
    """Join the letters of `T.X.`, `T.P.` and `T.T.`."""
    parts: list[str] = []
    for word in words:
        if parts and parts[-1] == "t" and word in ("x", "p", "t"):
            parts[-1] += word
        else:
            parts.append(word)
    return parts


def untelexed(text: str) -> str:
    """Take the keys of Telex and VNI out of words that are not Vietnamese: `haf nooji`, `d9a2 na8ng4`."""
    return " ".join(word if _LEGAL.fullmatch(word) else _UNTELEX.sub("", _DOUBLED.sub(r"\1", word)) for word in text.split(" "))


def _read(word: str) -> Iterable[Syllable]:
    if word.isdecimal():
        number = str(int(word)) if len(word) < 3 else word
        yield Syllable(number, number, "")
        return
    syllable = _syllable(word)
    if glued := _GLUED.fullmatch(syllable.plain):
        yield from _WORDS_READ[glued[1]]
        yield Syllable(str(int(glued[2])), str(int(glued[2])), "")
    elif word in _WORDS:
        kind = Initial if len(word) == 1 else Syllable
        yield from (kind(part, part, "") for part in _WORDS[word])
    elif size := _stuck(syllable.plain):
        yield from _WORDS_READ[word[:size]]
        yield from _WORDS_READ[word[size:]]
    else:
        yield syllable


def _stuck(letters: str) -> int:
    """Return how long the type word is that sticks to a name, as in `PBồ Đề` and `TPHà Nội`; 0 for anything else."""
    if _LEGAL.fullmatch(letters) or letters in _SHORT:
        return 0
    for word in _STUCK:
        rest = letters.removeprefix(word)
        if rest != letters and len(rest) > 1 and (len(word) > 1 or rest[0] not in "aeiouy") and _LEGAL.fullmatch(rest):
            return len(word)
    return 0


def _syllable(word: str) -> Syllable:
    if word.isascii():
        plain = _SAME.get(word) or _FOREIGN_LETTERS.sub(lambda found: _SOUNDS[found[0]], word)
        return Syllable(plain, plain, "")
    tone, letters, bare = "", [], []
    for char in unicodedata.normalize("NFD", word):
        if char in _TONES:
            tone = char
        elif unicodedata.combining(char):
            letters.append(char)
        else:
            letters.append(char)
            bare.append("d" if char == "đ" else char)
    plain = _FOREIGN_LETTERS.sub(lambda found: _SOUNDS[found[0]], "".join(bare))
    hatted = _FOREIGN_LETTERS.sub(lambda found: _SOUNDS[found[0]], unicodedata.normalize("NFC", "".join(letters)))
    same = _SAME.get(plain)
    return Syllable(same or plain, _SAME.get(hatted, same if same and hatted == plain else hatted), tone)


def plain(spelled: Iterable[Syllable]) -> str:
    """Join syllables without their accents."""
    return " ".join(syllable.plain for syllable in spelled)


def fits(written: Sequence[Syllable], name: Sequence[Syllable]) -> bool:
    """Whether what someone wrote may be this name: each accent that was written is the name's, and any may be missing."""
    return len(written) == len(name) and all(map(_fits, written, name))


def is_exactly(written: Sequence[Syllable], name: Sequence[Syllable]) -> bool:
    """Whether someone wrote a name with all its accents; a type word may lack them, as abbreviations do."""
    free = type_size(name)
    return all(w == n or (i < free and w.is_plain) for i, (w, n) in enumerate(zip(written, name, strict=True)))


def type_size(name: Sequence[Syllable]) -> int:
    """Return how many syllables at the beginning of a name are its type word."""
    return 2 if plain(name[:2]) in TYPE_WORDS else 1 if name[0].plain in TYPE_WORDS else 0


def _fits(written: Syllable, name: Syllable) -> bool:
    if written == name or written.is_plain:
        return written.plain == name.plain
    if written.tone and written.tone != name.tone:
        return False
    return all(w in (n, p) for w, n, p in zip(written.hatted, name.hatted, name.plain, strict=False))


def uncamelled(text: str) -> str:
    """Part words that were joined with capitals: `BinhDinh`."""
    text = unicodedata.normalize("NFC", text)
    return "".join(
        f" {char}" if char.isupper() and before.islower() else char for before, char in zip(" " + text, text, strict=False)
    )
