"""Which rule a text means: phrases as people type them, and what only looks like one."""

import pytest

from zalo_alert.answers.match import MatchKind, Step, VetoReason
from zalo_alert.answers.matcher import Matcher
from zalo_alert.answers.phrases import Phrases

CAN_CUOC = Phrases("can-cuoc", ("cấp căn cước", "làm căn cước", "căn cước", "cccd"), excluded=("định danh mức 2",))
LE_PHI = Phrases("le-phi", ("lệ phí căn cước",))
TAM_TRU = Phrases("tam-tru", ("đăng ký tạm trú",))
AN_TOAN = Phrases("an-toan", ("an toàn",))
GIAO_THONG = Phrases("giao-thong", ("an toàn giao thông",))
DUNG = Phrases("dung", ("dừng",))
DUNG_HAM = Phrases("dung-ham", ("dùng",))
HU_HONG = Phrases("hu-hong", ("hỏng căn cước",), takes_negation=True)


def match(text: str, *rules: Phrases):
    return Matcher(rules or (CAN_CUOC, LE_PHI, TAM_TRU, AN_TOAN)).match(text)


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("Cho em hỏi làm căn cước ở đâu ạ", "can-cuoc"),
        ("LAM CAN CUOC O DAU", "can-cuoc"),
        ("#can_cuoc", "can-cuoc"),
        ("căn  cước?", "can-cuoc"),
        ("làm cccd", "can-cuoc"),
        ("lệ phí căn cước bn", "le-phi"),
        ("lệ phí, căn cước", "le-phi"),
        ("e muốn đk tạm trú", "tam-tru"),
        ("đăng kí tạm trú", "tam-tru"),
        ("căn cướcccc", "can-cuoc"),
        ("c\u0103n\u200b c\u01b0\u1edb\u200dc", "can-cuoc"),
        ("căn cuoc", "can-cuoc"),
        ("𝐜ăn cước", "can-cuoc"),
    ],
)
def test_a_phrase_as_whole_words_decides(text: str, id_: str) -> None:
    found = match(text)

    assert (found.kind, found.ids) == (MatchKind.RULE, (id_,))
    assert found.why.step is Step.PHRASE


@pytest.mark.parametrize("text", ["", "???", "căn", "cướccăn", "xin chào", "mecccdan", "\ud800", "\x00"])
def test_what_holds_no_phrase_means_none(text: str) -> None:
    assert match(text).kind is MatchKind.NONE


def test_two_rules_of_equal_length_are_asked_about_in_the_order_of_the_text() -> None:
    found = match("đăng ký tạm trú và lệ phí căn cước")

    assert (found.kind, found.ids) == (MatchKind.SEVERAL, ("tam-tru", "le-phi"))
    assert found.why.phrases == ("đăng ký tạm trú", "lệ phí căn cước")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("cccd và an toàn", ("can-cuoc", "an-toan")),
        ("an toàn, làm căn cước", ("an-toan", "can-cuoc")),
        ("an toàn, lệ phí căn cước", ("le-phi",)),
        ("làm căn cước lệ phí căn cước", ("can-cuoc", "le-phi")),
        ("lệ phí căn cước", ("le-phi",)),
    ],
)
def test_what_is_nearly_as_long_elsewhere_is_asked_about_too(text: str, ids: tuple[str, ...]) -> None:
    found = match(text)

    assert found.ids == ids
    assert found.kind is (MatchKind.SEVERAL if len(ids) > 1 else MatchKind.RULE)


@pytest.mark.parametrize(
    "text",
    [
        "không an toàn",
        "khong an toan",
        "ko an toàn",
        "chưa thấy an toàn",
        "hết được an toàn",
        "chẳng an toàn",
        "tôi đâu có an toàn",
        "em dau phai dang an toan",
        "không liên quan gì tới an toàn",
    ],
)
def test_a_phrase_behind_a_negation_does_not_count(text: str) -> None:
    found = match(text)

    assert found.kind is MatchKind.NONE
    assert [(veto.id, veto.reason) for veto in found.why.vetoes] == [("an-toan", VetoReason.NEGATION)]


@pytest.mark.parametrize(
    "text",
    [
        "không. an toàn",
        "không biết an toàn ở đâu",
        "em hỏi được không an toàn là gì",
        "không ai trong nhà này an toàn",
        "an toàn không",
        "em hỏi ở đâu có an toàn",
        "chưa an toàn, giờ an toàn",
    ],
)
def test_what_only_looks_like_a_negation_is_none(text: str) -> None:
    assert match(text).ids == ("an-toan",)


def test_a_rule_may_take_negations() -> None:
    assert match("không hỏng căn cước", HU_HONG).ids == ("hu-hong",)


def test_no_shorter_phrase_speaks_inside_one_that_was_denied() -> None:
    found = match("chưa có an toàn giao thông", GIAO_THONG, Phrases("xe", ("giao thông",)))

    assert found.kind is MatchKind.NONE


def test_an_excluded_phrase_rules_its_rule_out_and_leaves_others() -> None:
    assert match("căn cước định danh mức 2").kind is MatchKind.NONE
    assert match("căn cước định danh mức 2 an toàn").ids == ("an-toan",)


@pytest.mark.parametrize(
    ("text", "kind", "ids"),
    [
        ("dừng", MatchKind.RULE, ("dung",)),
        ("xin dùng ạ", MatchKind.RULE, ("dung-ham",)),
        ("dung", MatchKind.SEVERAL, ("dung", "dung-ham")),
        ("Dũng", MatchKind.NONE, ()),
        ("đúng", MatchKind.NONE, ()),
    ],
)
def test_accents_decide_where_rules_fold_alike(text: str, kind: MatchKind, ids: tuple[str, ...]) -> None:
    found = match(text, DUNG, DUNG_HAM)

    assert (found.kind, found.ids) == (kind, ids)


def test_accents_decide_about_a_single_word() -> None:
    thue = Phrases("thue", ("thuế",))

    assert match("thuê nhà", thue).kind is MatchKind.NONE
    assert match("thue nha", thue).kind is MatchKind.NONE  # `thuê nhà` as likely
    assert match("thúê nhà", thue).ids == ("thue",)


def test_one_tone_may_stand_over_either_vowel() -> None:
    assert match("huỷ", Phrases("a", ("hủy",)), Phrases("b", ("huy",))).ids == ("a",)


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("làm căn cướv", "can-cuoc"),
        ("lam can cuoi o dau", "can-cuoc"),
        ("đăng kýy tạm tú", "tam-tru"),
        ("cancuoc", "can-cuoc"),
        ("đăng ký cho con tạm trú", None),
        ("đăng ký em tạm trú", "tam-tru"),
        ("can cu oc", "can-cuoc"),
        ("lam cna cuoc", "can-cuoc"),
    ],
)
def test_a_slip_of_the_pen_is_asked_about(text: str, id_: str | None) -> None:
    found = match(text)

    assert found.ids == ((id_,) if id_ else ())
    assert found.kind is (MatchKind.SUGGEST if id_ else MatchKind.NONE)


def test_a_slip_that_is_beyond_doubt_gets_the_answer() -> None:
    found = match("muốn đăng kýs tạm trú")

    assert (found.kind, found.ids, found.why.step) == (MatchKind.RULE, ("tam-tru",), Step.SLIP)
    assert found.why.score >= 95


@pytest.mark.parametrize("text", ["không an toann", "khong an toam", "chưa lam can cuov"])
def test_no_slip_gets_past_a_negation(text: str) -> None:
    assert match(text).kind is MatchKind.NONE


def test_a_negation_is_no_slip_and_none_is_left_out() -> None:
    khoang = Phrases("khoang", ("khoảng cách an toàn",))
    mat = Phrases("mat", ("không nhận được thẻ căn cước",))

    assert match("không cách an toàn", khoang).kind is MatchKind.NONE
    assert match("nhận được thẻ căn cước", mat).kind is MatchKind.NONE
    assert match("khoảng cách không an toàn", khoang).kind is MatchKind.NONE


def test_a_number_is_never_another_one() -> None:
    assert match("định danh mức 1", Phrases("a", ("định danh mức 2",))).kind is MatchKind.NONE
