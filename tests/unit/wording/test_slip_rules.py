"""Slips: one text in which each rule finds its fault, and a near miss in which it must not."""

import pytest

from tests.unit.wording.asking import codes, found, storm, text_of
from zalo_alert.models import Status
from zalo_alert.wording.slip_rules import RULES


@pytest.mark.parametrize(
    ("words", "code", "shown"),
    [
        ("Liên hệ UBND xã ………… để được giúp.", "unfilled", "…………"),
        ("Gọi trực ban: ____", "unfilled", "____"),
        ("Phát lúc 8 giờ ngày .../.../2026", "unfilled", ".../..."),
        ("Sơ tán đến [điền tên trường].", "unfilled", "[điền tên trường]"),
        ("Mực nước xxx m", "unfilled", "xxx"),
        ("Trực ban 0219 3OOO 112", "number-letters", "0219 3OOO 112"),
        ("Gọi 1l2 khi cần", "number-letters", "1l2"),
        ("Hoàn thành trước 10 giờ ngày 18/9.", "deadline-past", "10 giờ"),
        ("SƠ TÁN chậm nhất 13 giờ, thứ Sáu 18/9", "deadline-past", "13 giờ"),
        ("Gió mạnh từ 8 giờ ngày 18/9", "start-past", "8 giờ"),
        ("Hồ xả từ 9 giờ hôm nay (18-9)", "start-past", "9 giờ"),
        ("Lấy nước trước ngày …/12", "unfilled", "…/1"),
        ("Bà con SƠ TÁNG ngay", "misspelt", "SƠ TÁNG"),
        ("Học sinh sinh tiểu học nghỉ", "doubled-word", "sinh sinh"),
        ("Không được không đốt rẫy", "twice-no", "Không được không"),
        ("Phường Điện Bàn (Quảng Nam)", "former-name", "(Quảng Nam"),
        ("Bão số 9 sắp vào bờ. Bão số 11 gây mưa to", "storm-differs", "Bão số 11"),
        ("Tin của tỉnh Quảng Bình về mưa lớn", "former-name", "tỉnh Quảng Bình"),
    ],
)
def test_a_slip_is_found(words, code, shown):
    onset = storm().effective.replace(hour=20)

    assert (code, shown) in found(RULES, words, onset=onset)


@pytest.mark.parametrize(
    "words",
    [
        "Nước dâng nhanh… bà con khẩn trương sơ tán...",
        "Trực ban 0219 3000 112, 1022, mã OA HCM",
        "SƠ TÁN trước 20 giờ ngày 18/9, chậm nhất 23 giờ 30, thứ Sáu 18/9.",
        "Mưa từ 7 giờ ngày 17/9 đến nay; theo bản tin lúc 8 giờ ngày 18/9",
        "Khu vực tỉnh Quảng Bình cũ, nay thuộc Quảng Trị; vùng biển Quảng Bình",
        "Tin báo trước 6 giờ. Trang www.xxx.gov.vn, tệp x.xxx-y",
        "Mưa từ 9 giờ hôm nay (18/9) đến nay đã đạt 100 mm",
        "Nước lên nhanh nhanh, tiếng ầm ầm; phía Đông Đông Bắc; Cảnh sát phòng Phòng cháy",
        "Không thể không phòng; sau bão số 8, bão số 9 đang vào",
        "Sơ tán, di dời, sạt lở, chằng chống, bão số 7",
        "BÃO SỐ 7 VÀO BỜ QUẢNG TRỊ – SƠ TÁN NGAY TRƯỚC 20 GIỜ",
    ],
)
def test_what_offices_write_is_no_slip(words):
    assert codes(RULES, words, onset=storm().effective.replace(hour=20)) == set()


def test_a_paragraph_in_capitals_is_found_and_a_key_phrase_is_not():
    loud = "ĐỀ NGHỊ BÀ CON VEN SÔNG KHẨN TRƯƠNG ĐƯA NGƯỜI GIÀ VÀ TRẺ EM LÊN CHỖ CAO, KHÔNG Ở LẠI TRÊN LỒNG BÈ, CHÒI CANH"

    assert codes(RULES, f"Bão số 7.\n{loud}") == {"capitals-line"}
    assert codes(RULES, f"Bão số 7.\nSƠ TÁN trước 20 giờ. {loud.capitalize()}") == set()


def test_headline_and_text_speak_of_the_same_storm():
    text = text_of("BÃO SỐ 9 vào bờ")
    rule = next(rule for rule in RULES if rule.code == "storm-differs")

    for headline, is_found in (("Bão số 6, Huế", True), ("Bão số 9, Huế", False), ("Bão, Huế", False)):
        text.as_read = text.as_read._replace(headline=headline)
        assert bool(list(rule.check(text))) is is_found


@pytest.mark.parametrize(
    ("words", "status", "is_found"),
    [
        ("Lũ đang về, sơ tán ngay lên chỗ cao!", Status.EXERCISE, True),
        ("DIỄN TẬP: lũ đang về, sơ tán ngay lên chỗ cao!", Status.EXERCISE, False),
        ("Lũ đang về, sơ tán ngay lên chỗ cao!", Status.ACTUAL, False),
        ("TW-260918-03\nQuảng Trị", Status.EXERCISE, False),
    ],
)
def test_the_data_of_a_drills_template_says_that_it_is_a_drill(words, status, is_found):
    text = text_of(words, status=status, is_whole=False)
    text.as_read = text.as_read._replace(route="template 311203")
    rule = next(rule for rule in RULES if rule.code == "drill-unmarked")

    assert bool(list(rule.check(text))) is is_found


@pytest.mark.parametrize("word", ["…", ". ", "0O", "1l2 ", "trước 1 giờ ", "bão số 1 ", "tỉnh Quảng Bình ", "X "])
def test_a_hostile_text_ends_soon(word):
    assert len(found(RULES, word * (20_000 // len(word)))) <= 20_000
