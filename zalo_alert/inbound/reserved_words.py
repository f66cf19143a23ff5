"""The words by which a person refuses our messages, or takes that back. Pure.

Only a message that is nothing else counts, and only with its accents: folded, Đúng (yes), dùng, đừng, Dũng and the name Huy are
the same letters, and a wrong opt-out ends somebody's storm warnings. What a button carries comes back as text that the person
has "typed", so a payload is one more such word.
"""

import unicodedata
from enum import StrEnum

STOP_PAYLOAD = "ZA_STOP"  # what a button "no more messages" carries
AGAIN_PAYLOAD = "ZA_START"  # what a button "messages again" carries
MOST_CHARACTERS = 40  # a longer message is none of these, and is not folded to find out


class Word(StrEnum):
    """What a message says that is one of them."""

    STOP = "stop"
    AGAIN = "again"


# `hủy` and `huỷ` are two spellings of one word: older and newer rules put the tone over another vowel.
_MEANT = {
    Word.STOP: ("stop", "dừng", "dừng nhận tin", "hủy nhận tin", "huỷ nhận tin", STOP_PAYLOAD.casefold()),
    Word.AGAIN: ("mo lai", "mở lại", AGAIN_PAYLOAD.casefold()),
}
_WORD_OF = {text: word for word, texts in _MEANT.items() for text in texts}
_EDGES = " \t\r\n.,;:!…\"'“”‘’()[]"  # a question mark is none of them: "dừng?" asks, and does not refuse


def word_of(text: str) -> Word | None:
    """Return what a whole message says if it is one of the reserved words; None when it is anything else.

    A leading # is left out of it: an OA may have Zalo pass on only what begins with one.
    """
    if len(text) > MOST_CHARACTERS:
        return None
    seen = "".join(sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) != "Cf")
    bare = " ".join(seen.strip(_EDGES).removeprefix("#").strip(_EDGES).casefold().split())
    return _WORD_OF.get(unicodedata.normalize("NFC", bare))
