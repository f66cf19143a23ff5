"""Words that refuse our messages: a wrong opt-out ends somebody's storm warnings, so there is none among hundreds of messages."""

import csv
import re
import unicodedata
from pathlib import Path

import pytest

from zalo_alert.inbound.reserved_words import Reserved, Word, reserved_of, word_of

CORPUS = Path(__file__).parents[2] / "data" / "inbound" / "reserved-words.txt"


def lines() -> list[tuple[Reserved | None, str]]:
    rows = [line.split("\t", 1) for line in CORPUS.read_text(encoding="utf-8").splitlines() if not line.startswith("# ")]
    return [(_meant(meant), _unescaped(text)) for meant, text in rows]


def _meant(written: str) -> Reserved | None:
    if written == "-":
        return None
    word, _, code = written.partition(" ")
    return Reserved(Word[word], code.removesuffix(" ?"), is_sure=not code.endswith("?"))


def _unescaped(text: str) -> str:
    text = text.replace(r"\n", "\n").replace(r"\t", "\t")
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


def test_the_corpus_has_no_wrong_word_and_misses_none() -> None:
    cases = lines()

    assert len(cases) >= 400
    assert [(text, reserved_of(text)) for meant, text in cases if reserved_of(text) != meant] == []


def test_nothing_that_is_no_refusal_is_taken_for_one() -> None:
    others = [text for meant, text in lines() if meant is None or meant.word is not Word.STOP]

    assert len(others) >= 350
    assert [text for text in others if word_of(text) is Word.STOP] == []


def test_a_message_with_its_accents_apart_means_the_same() -> None:
    for meant, text in lines():
        assert reserved_of(unicodedata.normalize("NFD", text)) == meant, text


@pytest.mark.parametrize("text", ["STOP " * 100, "dừng" * 5000, "\ufeff" * 81, "kiem tra " + "A" * 80])
def test_a_long_message_is_none_of_them(text: str) -> None:
    assert word_of(text) is None


HELD = Path(__file__).parents[2] / "data" / "held" / "opt-outs.csv"
HELD_WORDS: dict[Word | None, str] = {Word.STOP: "stop", Word.AGAIN: "again", Word.MAYBE_STOP: "maybe"}


def test_texts_that_nobody_saw_who_chose_the_words_are_understood() -> None:
    with HELD.open(encoding="utf-8", newline="") as file:
        held = [(row["text"], row["rule"].split("|")) for row in csv.DictReader(file)]
    heard = [(text, meant, found.word if (found := reserved_of(text)) else None) for text, meant in held]

    assert [text for text, meant, word in heard if HELD_WORDS.get(word, "-") not in meant] == []
