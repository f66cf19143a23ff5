"""A short message: how many signs it has as phones count them, and what of an alert fits into one.

Source: 3GPP TS 23.038 (the GSM 7-bit alphabet, where the signs of its extension count twice) and TS 23.040 (160 signs in one
message, 153 in each part of several; any other letter makes it 70 and 67).
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from zalo_alert.campaign.drill_marks import drill_word_in
from zalo_alert.fallback.script import GUIDANCE, HELP, LOUD, for_ears, ranks_of
from zalo_alert.fallback.speech import sentences_of

ONE_GSM, PART_GSM = 160, 153
ONE_UCS2, PART_UCS2 = 70, 67

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_PLAIN = {
    "đ": "d", "Đ": "D", "–": "-", "—": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "³": "3", "²": "2", "°": " do ",
}  # fmt: skip
_LAST_MARK = re.compile(r"\s*\[(?:DIỄN TẬP|THỬ NGHIỆM)\]$")  # the text's own mark ends the message
_EXCEPTION = re.compile(r"\b(?:trừ|nếu|khi|nhưng|chỉ|đến|hoặc|và)\b", re.IGNORECASE)  # what a sentence must not lose
_ROUND = str.maketrans("[]", "()")  # brackets count twice


class ShortMessage(NamedTuple):
    """A text as a short message.

    Args:
        text: What is sent.
        signs: As phones count them.
        parts: How many messages it takes; each is paid for, and one that is lost leaves a gap.
    """

    text: str
    signs: int
    parts: int


class Proposal(NamedTuple):
    """An alert as one short message.

    Args:
        plain: Without accents: one message on every phone.
        accented: The same words as they are written.
        is_whole: False where even the headline is too long, or nothing of what to do has found room: somebody must write it.
    """

    plain: ShortMessage
    accented: ShortMessage
    is_whole: bool


def propose(headline: str, text: str, code: str) -> Proposal:
    """Put as much of an alert as fits into one short message: what and where, what to do first, where help is, the code.

    Sentences come in the order of the alert, and none is passed over for a lesser one behind it.

    Args:
        headline: As a reader in the place reads it, with the marks of a drill.
        text: Likewise.
        code: The alert's.
    """
    headline = _LAST_MARK.sub("", headline).rstrip(" .")
    parts = [headline, *_needful(text)]
    guidance = [_shortened(part) for part in parts[1:2]] if len(parts) > 1 else []
    end = _end_mark(text)
    chosen = [headline]
    for sentence, shorter in zip(parts[1:], [*guidance, *parts[2:]], strict=True):
        fitting = next((each for each in (sentence, shorter) if _fits([*chosen, each, *end])), None)
        if fitting is None:
            break
        chosen.append(fitting)
    told = len(chosen) > 1 or len(parts) == 1
    for more in (_help(text), [f"Mã tin {code}"]):
        if more and _fits([*chosen, *more, *end]):
            chosen += more
    plain = measure(without_accents(_joined([*chosen, *end])))
    return Proposal(plain, measure(_joined([*chosen, *end])), told and plain.parts == 1)


def _joined(sentences: list[str]) -> str:
    return " ".join(sentence if sentence[-1:] in ".!?]" else f"{sentence}." for sentence in sentences)


def _fits(sentences: list[str]) -> bool:
    return measure(without_accents(_joined(sentences))).signs <= ONE_GSM


def _needful(text: str) -> Iterator[str]:
    """Yield what people are to do, as the alert says it."""
    parts = [part for part in sentences_of(text) if for_ears(part)]
    yield from (for_ears(part) for part, rank in zip(parts, ranks_of(parts), strict=True) if rank == GUIDANCE)


def _shortened(sentence: str) -> str:
    """Cut a sentence after its key words, where what is left out makes no exception; else return it as it is."""
    if not (loud := LOUD.search(sentence)):
        return sentence
    cut = re.compile("[,;(]").search(sentence, loud.end())
    if cut is None or _EXCEPTION.search(sentence, loud.end()):
        return sentence
    return sentence[: cut.start()].strip()


def _help(text: str) -> list[str]:
    parts = [part for part in sentences_of(text) if for_ears(part)]
    return [for_ears(part) for part, rank in zip(parts, ranks_of(parts), strict=True) if rank == HELP][:1]


def _end_mark(text: str) -> list[str]:
    """Return the mark with which a drill's text ends."""
    word = drill_word_in(text)
    return [f"HẾT TIN {word.upper()}"] if word else []


def without_accents(text: str) -> str:
    """Write a text in letters that every phone has, each of which counts once."""
    plain = "".join(_PLAIN.get(sign, sign) for sign in unicodedata.normalize("NFC", text)).translate(_ROUND)
    bare = "".join(sign for sign in unicodedata.normalize("NFD", plain) if not unicodedata.combining(sign))
    return "".join(sign if sign in _BASIC else "?" for sign in bare)


def measure(text: str) -> ShortMessage:
    """Count the signs and parts of a text."""
    if all(sign in _BASIC or sign in _EXTENSION for sign in text):
        signs = len(text) + sum(sign in _EXTENSION for sign in text)
        return ShortMessage(text, signs, _parts(signs, ONE_GSM, PART_GSM))
    signs = len(text.encode("utf-16-le")) // 2
    return ShortMessage(text, signs, _parts(signs, ONE_UCS2, PART_UCS2))


def _parts(signs: int, one: int, part: int) -> int:
    return 1 if signs <= one else -(-signs // part)
