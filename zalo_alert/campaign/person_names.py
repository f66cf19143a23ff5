"""Names that people chose themselves, made safe to print in an alert."""

import re
import unicodedata

from zalo_alert.foundation import invisible

MAX_NAME = 40  # characters of a person's name; a longer one is no name
# Names as most people write them: printable, NFC, of one length in small and in capital letters.
_ORDINARY = re.compile("[0-9A-Za-z.'_À-ÖØ-Þà-öø-ýÿĂăĐđĨĩŨũƠơƯưẠ-ỹ-]+(?: [0-9A-Za-z.'_À-ÖØ-Þà-öø-ýÿĂăĐđĨĩŨũƠơƯưẠ-ỹ-]+)*").fullmatch
_NEW_EMOJI = range(0x1F000, 0x1FC00)  # blocks in which each edition of Unicode fills gaps; Python's own edition is older


def clean_name(name: str) -> str:
    """Make a name that its owner chose safe to print.

    One line, nothing that nobody sees, in NFC at most `MAX_NAME` characters long, in capital letters too. What joins emoji, or
    the letters of other scripts, stays.
    """
    if _ORDINARY(name):
        return name if len(name) <= MAX_NAME else name[:MAX_NAME].rstrip()
    return _clean(name)


def _clean(name: str) -> str:
    visible = invisible.remove(unicodedata.normalize("NFC", name[: 10 * MAX_NAME]))
    words = " ".join("".join(c if _is_text(c) else " " for c in visible).split())  # GAP is no text, so no name can forge it
    short = _shorten(words)
    while (again := _shorten(" ".join(invisible.remove(short).split()))) != short:  # what the cut has left without a fellow
        short = again
    return short


def _shorten(name: str) -> str:
    short = name[:MAX_NAME]
    while max(len(short.upper()), len(short.lower()), len(short.title())) > MAX_NAME:
        short = short[:-1]
    return short.rstrip()


def _is_text(char: str) -> bool:
    if char.isprintable():
        return True
    kind = unicodedata.category(char)
    return kind == "Cf" or (kind == "Cn" and ord(char) in _NEW_EMOJI)  # of Cf, `removed` has left only what belongs there
