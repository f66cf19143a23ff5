"""When a phrase is answered at once, when people are asked instead, and by which rules."""

import pytest

from zalo_alert.answers.doubt import MOST_OFFERED
from zalo_alert.answers.evidence import is_common
from zalo_alert.answers.folding import read
from zalo_alert.answers.match import Match, MatchKind, Step
from zalo_alert.answers.matcher import Matcher
from zalo_alert.answers.phrases import Phrases
from zalo_alert.answers.variants import Alike

ALIKE = (Alike("căn cước", ("cccd", "thẻ chip")),)
CARD = Phrases("card", ("làm căn cước", "cấp căn cước"), alike=ALIKE, about="Mang khai sinh, chụp ảnh tại chỗ.", title="Căn cước")
CHILD = Phrases(
    "child", ("căn cước trẻ em", "căn cước học sinh", "trẻ em + tuổi"), alike=ALIKE, about="Trẻ dưới 14 tuổi.", title="Trẻ em"
)
LOST = Phrases("lost", ("mất căn cước", "mất ví"), excluded=("hộ chiếu",), alike=ALIKE, about="Báo mất.", title="Mất thẻ")
SAFE = Phrases("safe", ("an toàn", "tôi an toàn"), about="Cảm ơn.", title="An toàn")
RULES = (CARD, CHILD, LOST, SAFE)
MATCHER = Matcher(RULES)


def match(text: str) -> Match:
    return MATCHER.match(text)


@pytest.mark.parametrize("text", ["làm căn cước", "cho em hỏi làm căn cước ở đâu ạ", "LAM CCCD", "ad ơi cấp thẻ chip với ạ"])
def test_a_phrase_that_stands_alone_is_answered(text: str) -> None:
    assert (match(text).kind, match(text).ids) == (MatchKind.RULE, ("card",))


def test_words_of_another_rule_make_a_question_of_it() -> None:
    found = match("làm căn cước học sinh mấy tuổi trẻ")

    assert found.kind is MatchKind.SEVERAL
    assert set(found.ids[:2]) == {"card", "child"}
    assert found.why.words
    assert found.titles == found.why.phrases + found.why.beside


def test_words_without_a_phrase_are_asked_about() -> None:
    found = match("học sinh bao nhiêu tuổi thì có thẻ chip trẻ")

    assert found.kind is MatchKind.SUGGEST
    assert found.ids[0] == "child"
    assert found.why.step is Step.WORDS
    assert {"hoc", "sinh", "tuoi"} <= set(found.why.words.split())
    assert found.why.beside[0] == "Trẻ em"


@pytest.mark.parametrize("text", ["xin chào", "hôm nay trời mưa", "bao lâu vậy ạ", "cảm ơn anh chị nhiều", "..."])
def test_words_of_no_rule_are_not_led_astray(text: str) -> None:
    assert match(text).kind is MatchKind.NONE


@pytest.mark.parametrize("text", ["không an toàn", "khong an toan", "chưa thấy an toàn", "ko an toan dau", "không an toann"])
def test_what_is_denied_is_not_even_asked_about(text: str) -> None:
    assert "safe" not in match(text).ids


def test_an_excluded_phrase_forbids_the_answer_and_not_the_question() -> None:
    found = match("mất ví có hộ chiếu")

    assert found.kind in {MatchKind.NONE, MatchKind.SUGGEST}


def test_no_more_is_offered_than_buttons_hold() -> None:
    rules = [Phrases(f"r{n}", (f"việc số {n}", "việc chung"), about="Một việc.", title=f"Việc {n}") for n in range(9)]
    found = Matcher(rules).match("việc chung")

    assert found.kind is MatchKind.SEVERAL
    assert len(found.ids) == len(found.titles) == MOST_OFFERED


def test_the_same_text_always_means_the_same() -> None:
    text = "trẻ em mất căn cước học sinh làm lại"

    assert {Matcher(RULES).match(text) for _ in range(5)} == {match(text)}


def test_a_common_word_is_told_by_its_accents() -> None:
    said = [is_common(*pair) for pair in zip(*read("chú chủ chu"), strict=True)]

    assert said == [True, False, True]
