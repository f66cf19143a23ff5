"""Words that refuse our messages: a wrong opt-out ends somebody's storm warnings, so there is none among hundreds of messages."""

import re
import unicodedata
from pathlib import Path

import pytest

from zalo_alert.inbound.reserved_words import Word, word_of

CORPUS = Path(__file__).parents[2] / "data" / "inbound" / "reserved-words.txt"
MEANT = {"STOP": Word.STOP, "AGAIN": Word.AGAIN, "-": None}


def lines() -> list[tuple[Word | None, str]]:
    rows = [line.split("\t", 1) for line in CORPUS.read_text(encoding="utf-8").splitlines() if not line.startswith("# ")]
    return [(MEANT[meant], _unescaped(text)) for meant, text in rows]


def _unescaped(text: str) -> str:
    text = text.replace(r"\n", "\n").replace(r"\t", "\t")
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


def test_the_corpus_has_no_wrong_opt_out_and_misses_none() -> None:
    cases = lines()

    assert len(cases) >= 200
    assert [(text, word_of(text)) for meant, text in cases if word_of(text) is not meant] == []


def test_a_message_with_its_accents_apart_means_the_same() -> None:
    for meant, text in lines():
        assert word_of(unicodedata.normalize("NFD", text)) is meant, text


@pytest.mark.parametrize("text", ["STOP " * 100, "dừng" * 5000, "\ufeff" * 41])
def test_a_long_message_is_none_of_them(text: str) -> None:
    assert word_of(text) is None
