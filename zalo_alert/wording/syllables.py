"""Words that are spelled in more than one way made the same: `Thanh Hoá` and `Thanh Hóa`, `QUẢNG TRỊ` and `Quảng Trị`."""

import unicodedata

_TONES = "\u0300\u0301\u0303\u0309\u0323"


class _Canonical(dict[str, str]):
    """Every word read so far: Vietnamese has some seven thousand syllables, so nearly every word is a look-up."""

    LIMIT = 50_000

    def __missing__(self, word: str) -> str:
        if len(self) > self.LIMIT:
            self.clear()
        self[word] = made = _canonical(word.lower())
        return made


def _canonical(word: str) -> str:
    if word.isascii():
        return word
    signs = unicodedata.normalize("NFD", word)
    tones = "".join(sign for sign in signs if sign in _TONES)
    return unicodedata.normalize("NFC", "".join(sign for sign in signs if sign not in _TONES)) + tones


CANONICAL = _Canonical()


def canonical(name: str) -> tuple[str, ...]:
    """Return the syllables of a name, each with its tone at its end, so that it does not matter over which letter it stood."""
    return tuple(CANONICAL[word] for word in name.replace("-", " ").split())
