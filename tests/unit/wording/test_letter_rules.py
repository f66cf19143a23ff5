"""Letters: one text that each rule finds, and texts as offices write them that none does."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.wording.asking import codes, found, text_of
from zalo_alert.wording.letter_rules import RULES
from zalo_alert.wording.letters import foreign_words, unseen
from zalo_alert.wording.lookalikes import LOOKALIKES, VIETNAMESE, right_letter

LETTERS = "".join(sorted(VIETNAMESE)) + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("SƠ TÁN trước 20 giờ, hạ treo cао trước 18 giờ", "letters", "cао"),  # Cyrillic
        ("Ρhát lúc 14 giờ 00", "letters", "Ρhát"),  # Greek
        ("ɴước dâng tới 1 m", "letters", "ɴước"),
        ("gọi １１２", "letters", "１１２"),
        ("bɑ̃o số 7", "letters", "bɑ̃o"),
        ("Ƭránh xa cửa kính", "letters", "Ƭránh"),
        ("Ðà Nẵng: ở trong nhà", "letters", "Ðà"),  # eth
        ("mǎt bão", "letters", "mǎt"),
        ("𝐊𝐇𝐎̂𝐍𝐆 ra ngoài", "letters", "𝐊𝐇𝐎̂𝐍𝐆"),
        ("SƠ TÁN\u200b ngay", "invisible", "TÁN\u200b"),
        ("Mã tin: TW\u00ad-260918-03", "invisible", "TW\u00ad-260918-03"),
        ("gọi \u202e211\u202c", "invisible", "\u202e211\u202c"),
        ("Quảng Trị\ufffd: bão", "invisible", "Trị\ufffd:"),
        ("NGƯỜI DÂN VEN BIỂN KHẨN TRƯƠNG SƠ TÁN ĐẾN NƠI AN TOÀN TRƯỚC 20 GIỜ NGÀY 18/9, KHÔNG Ở LẠI TRÊN TÀU", "capitals", ""),
        ("[BÃO] SƠ TÁN NGAY KHỎI NHÀ VEN BIỂN, KHÔNG RA KHƠI, CHẰNG CHỐNG NHÀ CỬA. Mã tin: TW-260918-03", "capitals", ""),
    ],
)  # fmt: skip
def test_a_letter_that_is_wrong_is_found_in_its_word(text, code, word):
    assert (code, word) in found(RULES, text)


@pytest.mark.parametrize(
    "text",
    [
        "Bão KAJIKI, Wutip, Ragasa: gió cấp 12, 4.000 m³/giây, 30°C, 30ºC, 5 µm, 5 μg/m³, ±0,5 m, khóa XIV, Ⅲ",
        "Xem https://nchmf.gov.vn/Kttv/vi-VN/1/index.html – “bản tin” số 5…",
        "[KHẨN CẤP: LŨ QUÉT, SẠT LỞ ĐẤT – RỦI RO CẤP 3/5] XÃ TRẠM TẤU, XÃ HẠNH PHÚC (TỈNH LÀO CAI): rời nhà ngay, lên chỗ cao",
        "KHÔNG ra ngoài. SƠ TÁN trước 20 giờ. Nhắn CUU HO kèm địa chỉ, nhắn AN TOAN khi đã an toàn",
        "HẾT CẢNH BÁO BÃO SỐ 7",
        "QL1A, Km12, 5l nước, 3 lít, 2h30, 10l, III",
        "Đắk Lắk, H'Mông, Ê Đê, Cư M’gar, Krông Pắc, Ea H’leo, Pờ Ê, Đăk Tơ Lung",
        "⚠️ Gọi 112 👨‍👩‍👧",
        "Gọi\u00a0112, 10\u202f000 người",
    ],
)
def test_what_offices_write_has_no_wrong_letter(text):
    assert codes(RULES, text) == set()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("km", "ព្យុះលេខ ៧ សូមជម្លៀសទៅទីខ្ពស់ មុនម៉ោង 20 ថ្ងៃទី 18/9 (Trà Vinh)"),
        ("cjm", "ꨌꩌ ꨚꨤꨯꨱꩀ Ninh Thuận"),
        ("tai", "ꪁꪫꪱꪣ ꪼꪕ Sơn La"),
        ("rad", "Mnuih ƀuôn sang, čar Dak Lak, êlâo kơ 20 mông, ê̆n, hriăm, ñu"),
        ("bdq", "kon pơlei, ĭnh, tơ̆"),
        ("hmn", "Tsis txhob tawm hauv tsev, hu 112"),
        ("en", "Leave before 20:00. Thừa Thiên Huế"),
    ],
)
def test_each_language_has_its_letters(language, text):
    assert codes(RULES, text, language=language) == set()


@pytest.mark.parametrize(("language", "text"), [("vi", "សូមជម្លៀស"), ("en", "leаve"), ("km", "ជម្លៀស ƀuôn"), ("rad", "ƀuôп")])
def test_no_language_has_those_of_another(language, text):
    assert codes(RULES, text, language=language) == {"letters"}


def test_what_is_wrong_is_said_with_what_is_right():
    (spot,) = RULES[0].check(text_of("Ở nhà cаo tầng"))

    assert spot.message == '"cаo" holds U+0430 (cyrillic small letter a), which only looks like what belongs there: "cao"'
    assert spot.fix == 'type it again: "cao"'


def test_a_word_that_looks_like_none_is_to_be_typed_again():
    (spot,) = RULES[0].check(text_of("Sơ tán 人 ngay"))

    assert spot.fix == "type the word again, with letters of the text's own language"


@given(st.text(alphabet=LETTERS + "0123456789 \n.,;:!?()[]/–-%°³"))
def test_vietnamese_has_only_its_own_letters(text):
    assert not list(foreign_words(text))
    assert not list(unseen(text))


@given(before=st.text(alphabet=LETTERS + " ", max_size=20), behind=st.text(alphabet=LETTERS + " ", max_size=20), data=st.data())
def test_every_look_alike_is_found_wherever_it_stands(before, behind, data):
    right = data.draw(st.sampled_from(sorted(LOOKALIKES)))
    wrong = data.draw(st.sampled_from(sorted(LOOKALIKES[right])))
    assume(wrong != "\u03bc" or not behind.startswith(tuple("gmSlL")))  # a micro sign before its unit
    (word,) = foreign_words(f"{before}{wrong}{behind}")

    assert word.start <= len(before) < word.end
    assert word.letters == (wrong,)
    assert right in word.mended


@given(st.text(max_size=30))
def test_what_is_quickly_passed_over_hides_nothing(text):
    slowly = {
        at for at, char in enumerate(text) if 0xE000 <= ord(char) <= 0xF8FF or ord(char) < 9 or char in "\u200b\u202e\ufffd"
    }

    assert slowly <= {at for at, _char in unseen(text)}


def test_every_look_alike_has_one_right_letter():
    pairs = [(wrong, right) for right, wrongs in LOOKALIKES.items() for wrong in wrongs]

    assert [pair for pair in pairs if right_letter(pair[0]) != pair[1]] == []
    assert len({wrong for wrong, _right in pairs}) == len(pairs)


@pytest.mark.parametrize("word", ["а", "\u200b", "а ", "\u0301", "Ạ ", "\x00", "\U000e0041"])
def test_a_hostile_text_ends_soon(word):
    text = text_of(word * (20_000 // len(word)))

    for rule in RULES:
        for _number, spot in zip(range(20), rule.check(text), strict=False):
            assert 0 <= spot.start <= spot.end <= len(text.words)
