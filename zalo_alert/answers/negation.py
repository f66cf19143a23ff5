"""Whether a phrase stands behind a "no": `không an toàn` is no safety. Pure.

Containment is not meaning, so a phrase within reach of a negation does not count unless its rule says so. What only looks
like one is none: `không biết` asks, `được không` ends a question, `hết hạn` is a matter of its own.
"""

from collections.abc import Sequence

from zalo_alert.answers.folding import pieces

NEGATIONS = frozenset({"khong", "chua", "het", "chang"})
BETWEEN = 2  # words that may stand between a negation and the phrase
_UNRELATED = ["lien", "quan"]  # of "không liên quan gì tới", which reaches further
# Behind them no is said of knowing, or of a date, and not of the matter: "không biết làm căn cước ở đâu".
_ASKING = frozenset({"biet", "ro", "hieu", "nho", "han", "tien"})
_ENDING = frozenset({"duoc", "phai", "dung", "co", "vay"})  # a negation behind one ends a question: "hỏi chút được không …"
# "Tôi đâu có hỏi" denies, "ở đâu có" asks: it takes who speaks in front of it, and one of these behind it.
_WHERE, _SPEAKERS, _DENYING = "dau", frozenset({"anh", "chi", "con", "em", "minh", "toi"}), frozenset({"co", "phai"})
_STOPS = frozenset(".?!;:,\n")


def negation_before(words: Sequence[str], start: int, text: str) -> str:
    """Return the negation that reaches the word at `start`, with what stands between them; "" when none does.

    Args:
        words: The folded words of the text.
        start: Where the phrase begins.
        text: As it was written: a full stop or comma between the two parts them.
    """
    for at in range(start - 1, max(start - 4 - BETWEEN, -1), -1):
        word = words[at]
        if (word in NEGATIONS or word == _WHERE) and _reaches(words, at, start) and not _is_parted(text, at, start):
            return " ".join(words[at:start])
    return ""


def _reaches(words: Sequence[str], at: int, start: int) -> bool:
    """Whether a negation says no to what begins so many words behind it."""
    before, between = words[at - 1] if at else "", words[at + 1 : start]
    if words[at] == _WHERE:
        return before in _SPEAKERS and len(between) in range(1, BETWEEN + 2) and between[0] in _DENYING
    if between[:2] == _UNRELATED:
        return True
    if len(between) > BETWEEN or (between and between[0] in _ASKING):
        return False
    return not (words[at] == "khong" and before in _ENDING)


def _is_parted(text: str, at: int, start: int) -> bool:
    """Whether a sign that ends a clause stands between two words of a text."""
    number = 0
    for before, count in pieces(text):
        if at < number <= start and _STOPS.intersection(before):
            return True
        number += count
        if number > start:
            break
    return False
