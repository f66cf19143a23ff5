"""Characters that nobody sees, or that turn text round: which there are, where they stand, what they are called.

Emoji, Sinhala, Persian and their like need some of them between their signs; there they are text like any other. Knows nothing
of files or messages.

Source: Unicode 15.0, Default_Ignorable_Code_Point and Bidi_Control (DerivedCoreProperties.txt, PropList.txt), and the signs that
are blank without being spaces; UTS 51 for what joins emoji.
"""

import re
import unicodedata
from collections.abc import Iterator

BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # as wide as a letter and empty: fillers of Hangul, and braille without a dot
HIDDEN = (
    f"{BLANK}\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)  # as a class of a regular expression
_JOINED = (
    "\u0600-\u109f\u1780-\u18af\u1a20-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc"  # Arabic, Syriac, the scripts of India …
    "\u00a9\u00ae\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001fbff"  # emoji, those of later editions too
)
_FITTING = (
    "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,7}\U000e007f"  # the flags of England, Scotland, Wales
    f"|(?<=[\ufe0f{_JOINED}])[\u200c\u200d](?=[{_JOINED}])"
    f"|(?<=[#*0-9\u203c\u2049\u2122\u2139{_JOINED}])[\ufe0e\ufe0f]"
    "|(?<=[\u3400-\u9fff\U00020000-\U0003ffff])[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
PATTERN = f"(?:{_FITTING})|([{HIDDEN}])"  # as a regular expression of Python or JavaScript; its group is what nobody sees
_FOUND = re.compile(PATTERN)
_ODD = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"  # what looks like a space and is another character
_SPACES = re.compile(f"[{_ODD}]")
NOTHING = rf"\x{{00}}-\x{{20}}\x{{7f}}-\x{{9f}}{_ODD}\x{{e000}}-\x{{f8ff}}{HIDDEN}"  # as a class of RE2, DuckDB's own


def hidden(text: str) -> Iterator[tuple[int, str]]:
    """Yield each character that nobody sees, and where it stands."""
    for found in _FOUND.finditer(text):
        if found[1]:
            yield found.start(), found[1]


def remove(text: str) -> str:
    """Return a text without them; those as wide as a letter become spaces."""
    return _FOUND.sub(lambda found: (" " if found[1] in BLANK else "") if found[1] else found[0], text)


def mark(text: str) -> str:
    """Return a text in which each of them, and each space that is no plain one, is named: `Exercise<U+00A0>`."""
    if text.isascii():
        return text
    shown = _FOUND.sub(lambda found: _mark(found[1]) if found[1] else found[0], text)
    return _SPACES.sub(lambda found: _mark(found[0]), shown)


def odd_space(text: str) -> str:
    """Return the first character of a text when it looks like a space and is another one; else ""."""
    return text[0] if text and _SPACES.match(text) else ""


def name_of(char: str) -> str:
    """Name a character as Unicode does: `U+200B (zero width space)`."""
    name = unicodedata.name(char, "").lower()
    return f"U+{ord(char):04X} ({name})" if name else f"U+{ord(char):04X}"


def _mark(char: str) -> str:
    return f"<U+{ord(char):04X}>"
