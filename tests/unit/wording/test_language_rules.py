"""Texts in other languages: what must be the same in all of them, and what must not."""

import pytest

from tests.unit.wording.asking import text_of
from zalo_alert.wording.language_rules import RULES

VIETNAMESE = (
    "[CẢNH BÁO BÃO – RỦI RO CẤP 4/5] Sóc Trăng\nPhát lúc 14 giờ 00, thứ Sáu 18/9/2026 – Ban Chỉ huy.\n"
    "1. SƠ TÁN trước 20 giờ, thứ Sáu 18/9 đến trường học của xã. Gió cấp 11–12, mưa 150–200 mm.\n"
    "Cần cứu giúp: gọi 112 hoặc 0299 382 1234. Mã tin: TW-260918-03"
)
ENGLISH = (
    "[STORM WARNING – RISK LEVEL 4/5] Sóc Trăng\nIssued 14:00, Friday 18 September 2026 – Ban Chỉ huy.\n"
    "1. LEAVE before 20:00, Friday 18 September for the commune's school. Winds of force 11 to 12.\n"
    "Help: call 112 or 0299 3821234. Code: TW-260918-03"
)
KHMER = (
    "[ព្យុះ – ហានិភ័យ កម្រិត ៤/៥] Sóc Trăng\nម៉ោង ១៤:០០ ថ្ងៃសុក្រ ១៨/៩/២០២៦ – Ban Chỉ huy\n"
    "1. ជម្លៀសមុនម៉ោង ២០ ថ្ងៃសុក្រ ១៨/៩។\nហៅ ១១២ ឬ 02993821234។ TW-260918-03"
)


def found(words, language="en"):
    text = text_of(words, language=language)
    text.as_read = text.as_read._replace(vietnamese=VIETNAMESE)
    return {rule.code: [spot.message for spot in rule.check(text)] for rule in RULES}


@pytest.mark.parametrize(("words", "language"), [(ENGLISH, "en"), (KHMER, "km")])
def test_the_same_in_another_language_differs_in_nothing(words, language):
    assert found(words, language) == {"language-differs": [], "text-in-languages-alike": []}


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("20:00, Friday", "22:00, Friday", "20 giờ, 22:00"),
        ("before 20:00, Friday", "before 8 p.m., Friday", "20 giờ"),
        ("18 September", "19 September", "18/9, 18/9/2026"),
        ("LEVEL 4/5", "LEVEL 3/5", "4/5, 3/5"),
        ("TW-260918-03", "TW-260918-04", "TW-260918-03, TW-260918-04"),
        ("call 112", "call 113", "112, 113"),
        ("0299 3821234", "0299 3821235", "02993821234, 02993821235"),
    ],
)
def test_what_differs_is_told(old, new, shown):
    assert found(ENGLISH.replace(old, new))["language-differs"] == [f"is not the same here and in the Vietnamese text: {shown}"]


def test_khmer_digits_are_read():
    (message,) = found(KHMER.replace("មុនម៉ោង ២០", "មុនម៉ោង ២២"), "km")["language-differs"]

    assert message.endswith(": 20 giờ")


def test_a_sentence_that_nobody_translated_is_told():
    untranslated = ENGLISH + ". Gió cấp 11–12, mưa 150–200 mm"
    copied = found(ENGLISH + "\nSƠ TÁN trước 20 giờ, thứ Sáu 18/9 đến trường học của xã.")

    assert found(untranslated)["text-in-languages-alike"] == []  # three words
    assert found(VIETNAMESE)["text-in-languages-alike"] != []
    assert copied["language-differs"] == []


@pytest.mark.parametrize("word", ["1/", "18/9 ", "0 ", "9", "A-", "SƠ TÁN ", "១"])
def test_a_hostile_text_ends_soon(word):
    for spots in found(word * (20_000 // len(word))).values():
        assert len(spots) <= 20_000
