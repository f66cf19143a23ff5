"""The texts that rules are measured on: two halves of one size and one mix, and no text in both."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

import zalo_alert

EXAMPLES = Path(zalo_alert.__file__).parent / "answers" / "examples"
HELD = Path(__file__).parents[1] / "data" / "held"
NAMES = ["police-qa", "ward-qa", "hospital-qa"]


def rows(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [(row["text"], row["rule"]) for row in csv.DictReader(lines)]


def bare(text: str) -> str:
    """Return a text without case, accents and punctuation: "Mất thẻ?" and "mat the" are one question."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split())


@pytest.mark.parametrize("name", NAMES)
def test_the_half_that_ships_and_the_half_held_back_share_no_text(name: str) -> None:
    shipped, held = (
        {bare(text) for text, rule in rows(path) if rule != "-"}
        for path in (EXAMPLES / name / "cau-hoi.csv", HELD / f"{name}.csv")
    )

    assert min(len(shipped), len(held)) >= 150
    assert not shipped & held


@pytest.mark.parametrize("name", NAMES)
def test_both_halves_are_of_one_size(name: str) -> None:
    assert len(rows(EXAMPLES / name / "cau-hoi.csv")) == len(rows(HELD / f"{name}.csv"))


@pytest.mark.parametrize("name", NAMES)
def test_both_halves_ask_for_each_rule_equally_often(name: str) -> None:
    shipped, held = (Counter(rule for _, rule in rows(path)) for path in (EXAMPLES / name / "cau-hoi.csv", HELD / f"{name}.csv"))

    assert all(abs(shipped[rule] - held[rule]) <= 4 for rule in shipped | held)


def test_an_opt_out_is_expected_only_of_a_whole_word_with_its_accents() -> None:
    expected = dict(rows(HELD / "opt-outs.csv"))

    assert set("|".join(expected.values()).split("|")) == {"stop", "again", "maybe", "-"}
    assert len(expected) >= 300
    assert {expected[text] for text in ("Đúng", "dùng", "Đừng", "Dũng", "xe dừng đỗ sai")} == {"-"}
