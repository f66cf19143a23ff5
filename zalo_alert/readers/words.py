"""What offices write for yes and no, and for the topics that people may refuse. Knows no list.

Accents, case and signs make no difference. `book.selecting` asks the same words of books imported before they were known.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

TOPICS = ("drill", "warning", "information")  # as `segment.topic` names them

YES = frozenset({"1", "true", "yes", "y", "x", "co", "t", "v", "on", "ok"})
NO = frozenset({"0", "false", "no", "n", "khong", "f", "off", "chua"})
NOTHING = NO | {"none", "null", "n_a", "nan", ""}
_ALL_WORDS = """
all tat_ca toan_bo moi_thu moi_tin tu_choi da_tu_choi tu_choi_nhan tu_choi_nhan_tin khong_nhan khong_nhan_tin khong_muon_nhan huy
huy_nhan huy_dang_ky da_huy ngung ngung_nhan ngung_nhan_tin dung dung_nhan dung_gui stop unsubscribe unsubscribed optout opt_out
opted_out
"""
ALL = frozenset(_ALL_WORDS.split())
_TOPIC_WORDS = {
    "drill": "drill drills exercise exercises test dien_tap tin_dien_tap luyen_tap thu_nghiem",
    "warning": "warning warnings alert alerts canh_bao tin_canh_bao",
    "information": "information info news thong_tin tin_tuc thong_bao ban_tin tin_thong_bao",
}
_TOPIC_OF = {word: topic for topic, words in _TOPIC_WORDS.items() for word in words.split()}
_KEPT = str.maketrans({"✓": " x ", "✔": " x ", "☑": " x ", "√": " x "})
_BETWEEN = re.compile(r"[;|,/+&\n]|\s+(?:và|va|and)\s+", re.IGNORECASE)


def folded(value: Any) -> str:
    """Return a word without case, accents and signs, `_` between its parts."""
    plain = unicodedata.normalize("NFD", str(value).strip().casefold().replace("đ", "d"))
    bare = "".join(c if c.isalnum() else "_" for c in plain if not unicodedata.combining(c))
    return re.sub("_+", "_", bare).strip("_")


def truth_of(text: str) -> bool | None:
    """Return yes, no, or None when it says neither."""
    word = folded(text.translate(_KEPT))
    return True if word in YES else False if word in NO else None


def topics_refused(words: Iterable[str]) -> tuple[str, ...]:
    """Return the topics that words refuse, and unknown words as they are.

    Yes, and words such as `all` or `từ chối`, refuse every topic; no refuses none.
    """
    topics: dict[str, None] = {}
    for word in words:
        bare = folded(word.translate(_KEPT))
        if bare in YES or bare in ALL:
            topics |= dict.fromkeys(TOPICS)
        elif bare in _TOPIC_OF:
            topics[_TOPIC_OF[bare]] = None
        elif bare not in NOTHING:
            topics[word] = None
    return tuple(topics)


def split_topics(text: str) -> list[str]:
    """Part a text into the words that may each name a topic."""
    return [text] if folded(text) in NOTHING else [part.strip() for part in _BETWEEN.split(text)]


def words_refusing(topic: str) -> frozenset[str]:
    """Return every folded word that refuses a topic."""
    return YES | ALL | {word for word, meant in _TOPIC_OF.items() if meant == topic}
