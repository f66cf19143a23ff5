"""What holds for every text: nothing is raised, folding settles at once, and a "no" is never taken for a yes."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zalo_alert.answers.folding import MOST_CHARACTERS, fold, pieces, read, teencode
from zalo_alert.answers.match import MatchKind
from zalo_alert.answers.matcher import Matcher
from zalo_alert.answers.phrases import Phrases

VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
WORDS = st.text(VIETNAMESE, min_size=1, max_size=6)
PHRASES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
ODD = st.sampled_from(
    ["\u0301", "\u0323", "\u200b", "\u202e", "\ufeff", "\x00", "_", "#", "İ", "ß", "ﷺ", "½", "𝐜", "ㅤ", "👍🏽", "े"]
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(st.one_of(WORDS, ODD, st.text(max_size=3)), max_size=40).map("".join), PHRASES)
ANY = st.one_of(TEXTS, st.text(st.characters(categories=("Cs", "Cc", "Mn", "Lo", "Cf")), max_size=200))
RULES = Matcher(
    [
        Phrases("a", ("cấp căn cước", "cccd", "mất + căn cước"), excluded=("định danh",)),
        Phrases("b", ("đăng ký tạm trú", "tạm trú", "dừng")),
        Phrases("c", ("an toàn", "đừng"), takes_negation=True),
    ]
)


@given(ANY)
@settings(deadline=None)
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
@settings(deadline=None)
def test_accents_apart_or_composed_fold_alike(text: str) -> None:
    composed, apart = read(unicodedata.normalize("NFC", text)), read(unicodedata.normalize("NFD", text))

    assert composed == apart


@given(ANY)
@settings(deadline=None)
def test_words_are_as_many_as_their_spellings_and_pieces(text: str) -> None:
    words = read(text)

    assert len(words.folded) == len(words.spelled) == sum(count for _, count in pieces(text))
    assert all(words.folded)


@given(ANY)
@settings(deadline=None)
def test_any_text_can_be_matched(text: str) -> None:
    match = RULES.match(text)

    assert (match.kind is MatchKind.NONE) == (not match.ids)
    assert len(match.ids) == len(match.titles) == len(set(match.ids))


@pytest.mark.parametrize(
    "text",
    ["a " * 500_000, "cccd " * 200_000, "khong " * 200_000, "\u0301" * 1_000_000, "dang ky tam tu " * 70_000, "c" * 1_000_000,
     "\ud800" * 1_000_000, "\u202e\u2066" * 500_000, "ﷺ" * 100_000],
    ids=["letters", "phrases", "negations", "accents", "slips", "word", "surrogates", "bidi", "ligatures"],
)  # fmt: skip
def test_a_text_without_end_is_read_to_a_limit(text: str) -> None:
    RULES.match(text)

    assert sum(map(len, read(text).folded)) <= MOST_CHARACTERS


@given(st.lists(PHRASES, min_size=1, max_size=8, unique=True))
@settings(deadline=None)
def test_the_phrase_of_a_rule_alone_means_it_or_a_conflict(phrases: list[str]) -> None:
    matcher = Matcher([Phrases(f"r{number}", (phrase,)) for number, phrase in enumerate(phrases)])

    for number, phrase in enumerate(phrases):
        alike = {f"r{other}" for other, one in enumerate(phrases) if fold(one) == fold(phrase)}
        match = matcher.match(phrase)
        assert f"r{number}" in match.ids
        assert set(match.ids) <= alike
        assert match.kind is (MatchKind.RULE if len(match.ids) == 1 else MatchKind.SEVERAL)


@given(
    st.sampled_from(["khong", "không", "ko", "k", "hông", "chưa", "chua", "chẳng", "hết", "KHÔNG", "khôngggg"]),
    st.sampled_from(["", " thấy", " được", " thấy được", " hề"]),
    st.sampled_from(["an toàn", "an toan", "AN TOAN", "antoan", "an  toàn", "an toann"]),
    st.sampled_from(["", " đâu", " lắm ạ", "!", "?"]),
)
@settings(deadline=None)
def test_what_is_not_safe_is_never_safe(negation: str, between: str, phrase: str, end: str) -> None:
    matcher = Matcher([Phrases("safe", ("an toàn", "tôi an toàn"))])

    assert matcher.match(f"{negation}{between} {phrase}{end}").kind is MatchKind.NONE


def test_short_forms_stand_for_words_that_are_none_themselves() -> None:
    table = teencode()

    assert len(table) > 50
    assert [typed for typed, meant in table.items() if any(word in table or fold(word) != word for word in meant)] == []
