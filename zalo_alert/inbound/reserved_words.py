"""The words that mean the same to every OA: no more messages, messages again, is this alert real, a person please. Pure.

Only a message that is nothing else counts. Who refuses must write the accents: folded, Đúng (yes), dùng, đừng, Dũng and the name
Huy are the same letters, and a wrong opt-out ends somebody's storm warnings; without accents those letters get a question. What a
button carries comes back as text that the person has "typed", so a payload is one more such word.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import NamedTuple

STOP_PAYLOAD = "ZA_STOP"  # what a button "no more messages" carries
AGAIN_PAYLOAD = "ZA_START"  # what a button "messages again" carries
PERSON_PAYLOAD = "ZA_PERSON"  # what a button "to an officer" carries
HELP_PAYLOAD = "ZA_HELP"  # what a button "what can I ask" carries
MOST_CHARACTERS = 80  # a longer message is none of these, and is not read to find out


class Word(StrEnum):
    """What a message says that is one of them."""

    STOP = "stop"
    AGAIN = "again"
    MAYBE_STOP = "maybe-stop"  # asked, with STOP_PAYLOAD and AGAIN_PAYLOAD as the two buttons
    CHECK = "check"  # is the alert with this code real?
    HELP = "help"  # what can be asked here; while an event is active it may as well be a cry for help
    PERSON = "person"
    FORGET = "forget"


class Reserved(NamedTuple):
    """A reserved word as somebody wrote it.

    Attributes:
        word: Which one.
        argument: Behind CHECK the alert's code as runs write theirs, "BAO-SO-7"; else "".
        is_sure: False where the code may be other words as well ("kiểm tra cccd"): it counts only if some run has it.
    """

    word: Word
    argument: str = ""
    is_sure: bool = True


def _with_and_without_accents(*texts: str) -> Iterator[str]:
    """Yield texts with each of their words as it is and without accents."""
    for text in texts:
        yield from (" ".join(words) for words in product(*({word, _plain(word)} for word in text.split())))


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(sign for sign in bare if not unicodedata.combining(sign))


# `hủy` and `huỷ` are two spellings of one word: older and newer rules put the tone over another vowel.
_MEANT = {
    Word.STOP: ("stop", "dừng", "dừng nhận tin", "hủy nhận tin", "huỷ nhận tin", STOP_PAYLOAD.casefold()),
    Word.AGAIN: ("mo lai", "mở lại", AGAIN_PAYLOAD.casefold()),
    Word.MAYBE_STOP: (
        *("dung", "huy"),
        *(f"{first} {rest}" for first in ("dung", "huy") for rest in _with_and_without_accents("nhận tin")),
    ),
    Word.HELP: (*_with_and_without_accents("giúp", "trợ giúp"), HELP_PAYLOAD.casefold()),
    Word.PERSON: (*_with_and_without_accents("người", "gặp người", "gặp cán bộ"), PERSON_PAYLOAD.casefold()),
    Word.FORGET: tuple(
        _with_and_without_accents("xóa dữ liệu", "xoá dữ liệu", "xóa dữ liệu của tôi", "xoá dữ liệu của tôi"),
    ),
}  # fmt: skip
_WORD_OF = {text: word for word, texts in _MEANT.items() for text in texts}
_EDGES = " \t\r\n.,;:!…\"'“”‘’()[]<>"  # a question mark is none of them: "dừng?" asks, and does not refuse
_ALL_SEEN = re.compile("[\0-\xac\xae-\u024f\u1e00-\u1eff]*")  # letters of Vietnamese and the like: nothing of Cf is among them
_CHECK = re.compile(r"ki[eể]m tra(?: mã)? (?!mã\s*\??$)(?P<code>[^?]+?)\s*\??")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,39}")  # as a campaign's `code`
# "Cho em gặp cán bộ ạ": nothing is said in it but the wish, however politely.
_WISH = re.compile(
    r"(?:(?:cho|xin|em|tôi|toi|mình|minh|cháu|chau|con|bác|bac) |(?:muốn|muon|cần|can|được|duoc|đc|dc|làm ơn|lam on|vui lòng) )*"
    r"(?:g[aặ]p|n[oó]i chuy[eệ]n v[oớ]i) (?:c[aá]n b[oộ]|nh[aâ]n vi[eê]n|ng[uư][oờ]i th[aậ]t)"
    r"(?: (?:ạ|a|ah|với|voi|nhé|nhe|nha|giúp|giup|đi|di|được không|duoc khong|đc ko|dc ko))*\s*\??"
)
_GAPS = re.compile(r"[\s_–—-]+")


def word_of(text: str) -> Word | None:
    """Return which reserved word a whole message is; None when it is anything else."""
    reserved = reserved_of(text)
    return reserved.word if reserved else None


@lru_cache(maxsize=1)  # of one message it is asked twice: does it opt out, and what is answered; not kept beyond the next
def reserved_of(text: str) -> Reserved | None:
    """Return what a whole message says if it is one of the reserved words; None when it is anything else.

    A leading # is left out of it: an OA may have Zalo pass on only what begins with one.
    """
    if len(text) > MOST_CHARACTERS:
        return None
    seen = unicodedata.normalize("NFC", text)
    if not _ALL_SEEN.fullmatch(seen):
        seen = "".join(sign for sign in seen if unicodedata.category(sign) != "Cf")
    bare = " ".join(seen.strip(_EDGES).removeprefix("#").strip(_EDGES).casefold().split())
    bare = unicodedata.normalize("NFC", bare)
    if word := _WORD_OF.get(bare):
        return Reserved(word)
    if _WISH.fullmatch(bare):
        return Reserved(Word.PERSON)
    return _checked(found["code"]) if (found := _CHECK.fullmatch(bare)) else None


def _checked(written: str) -> Reserved | None:
    """Return the question whether an alert is real; None where what follows looks like no code at all."""
    code = _GAPS.sub("-", _plain(written.strip(_EDGES))).upper().strip("-")
    is_one_word, has_digit = " " not in written, any(sign.isdigit() for sign in code)
    if not _CODE.fullmatch(code) or not (is_one_word or has_digit):
        return None
    return Reserved(Word.CHECK, code, is_sure=is_one_word and has_digit and not code[0].isdigit())
