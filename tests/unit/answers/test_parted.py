"""Phrases whose parts stand apart, and words that mean the same."""

import pytest

from zalo_alert.answers.folding import read
from zalo_alert.answers.match import MatchKind
from zalo_alert.answers.matcher import Matcher
from zalo_alert.answers.phrases import Phrases
from zalo_alert.answers.variants import MOST_VARIANTS, Alike, Variants

CARD = Alike("căn cước", ("cccd", "chứng minh"))
LOST = Alike("mất", ("rơi", "thất lạc"))
RULES = (
    Phrases("new", ("làm căn cước",), ("mất",), alike=(CARD, LOST)),
    Phrases("lost", ("mất + căn cước",), alike=(CARD, LOST)),
    Phrases("plate", ("mất + biển số",), alike=(LOST,)),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("mất căn cước", "lost", id="together"),
        pytest.param("em mất hết rồi, giờ phải lên đâu để làm căn cước", "lost", id="apart"),
        pytest.param("thẻ căn cước của em bị rơi", "lost", id="the other way round, in another word"),
        pytest.param("lam roi cccd o ben xe", "lost", id="without accents"),
        pytest.param("làm cccd", "new", id="another word"),
        pytest.param("làm chứng minh", "new", id="two other words"),
        pytest.param("làm căn cước có phải chụp mặt không", "new", id="mặt is not mất"),
        pytest.param("làm căn cước mất bao lâu", "new", id="how long it takes is no loss"),
    ],
)
def test_parts_are_found_in_any_order(text: str, expected: str) -> None:
    match = Matcher(RULES, ("mất bao lâu",)).match(text)

    assert (match.kind, match.ids) == (MatchKind.RULE, (expected,))


@pytest.mark.parametrize("text", ["biển số bị mờ", "mất " + "và " * 20 + "căn cước"], ids=["one part", "far apart"])
def test_a_phrase_in_parts_needs_all_of_them_near_each_other(text: str) -> None:
    assert Matcher(RULES).match(text).kind is not MatchKind.RULE


def test_a_word_counts_for_one_part_alone() -> None:
    matcher = Matcher((Phrases("twice", ("căn cước + cước phí",)),))

    assert matcher.match("căn cước phí").kind is not MatchKind.RULE
    assert matcher.match("căn cước cước phí").ids == ("twice",)


def test_what_is_said_more_fully_decides_and_nearly_as_fully_is_asked() -> None:
    matcher = Matcher((*RULES, Phrases("child", ("căn cước + cho con gái", "căn cước + cho bé"), alike=(CARD,))))

    assert matcher.match("làm cccd cho con gái").ids == ("child",)
    assert matcher.match("làm cccd cho bé").kind is MatchKind.SEVERAL
    assert set(matcher.match("làm cccd cho bé").ids) == {"child", "new"}


def test_a_phrase_has_no_more_variants_than_memory_holds() -> None:
    many = Alike("a", tuple(f"a{n}" for n in range(40)))

    found = Variants((many,)).of(read("a a a"))

    assert len(found) == MOST_VARIANTS
    assert found[0].folded == ["a", "a", "a"]
