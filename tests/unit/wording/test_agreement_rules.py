"""Agreement of a text with the file, its own hours and the scales: one text that each rule finds, and a near miss."""

import pytest

from tests.unit.wording.asking import codes, found
from zalo_alert.models import MsgType, Status
from zalo_alert.wording.agreement_rules import RULES


@pytest.mark.parametrize(
    ("words", "code", "shown"),
    [
        ("Có hiệu lực đến 10 giờ ngày 19/9/2026.", "expiry-differs", "10 giờ"),
        ("Hiệu lực: đến hết 18 giờ, thứ Sáu 18/9", "expiry-differs", "18 giờ"),
        ("Bản tin tiếp theo: 9 giờ ngày 18/9", "next-message-past", "9 giờ"),
        ("Tin tiếp theo lúc 14 giờ, thứ Sáu 18/9", "next-message-past", "14 giờ"),
        ("Thay cho tin QTR-260916-07", "other-code", "QTR-260916-07"),
        ("Từ ngày 20/9 đến ngày 16/9, mặn vào sâu", "range-backwards", "20/9 đến ngày 16/9"),
        ("Siêu bão số 7, gió cấp 11, giật cấp 14", "storm-class", "Siêu bão"),
        ("Gió cấp 10, giật cấp 8", "gust-below-wind", "cấp 10, giật cấp 8"),
        ("Hồ tăng lượng xả từ 180 lên 120 m³/s", "change-backwards", "tăng lượng xả từ 180 lên 120"),
        ("Cắt điện từ 10h00 đến 9h30", "hours-backwards", "10h00 đến 9h30"),
        ("[RỦI RO CẤP 2/3] Sa Pa", "level-scale", "RỦI RO CẤP 2/3"),
        ("Lũ trên mức báo động đỏ", "alarm-colour", "báo động đỏ"),
        ("Xảy ra động đất cấp 8,1", "quake-scale", "động đất cấp 8,1"),
        ("Theo thông tin lan truyền trên Facebook, nước đang lên", "hearsay", "Theo thông tin lan truyền"),
        ("Lũ quét về thật rồi, bà con chạy đi", "drill-says-real", "về thật rồi"),
        ("Sự việc có thật, bà con chú ý", "drill-says-real", "Sự việc có thật"),
    ],
)
def test_what_does_not_agree_is_found(words, code, shown):
    pairs = found(RULES, words)

    assert code in {each for each, _words in pairs}
    assert any(shown.startswith(words_shown) or words_shown.startswith(shown) for each, words_shown in pairs if each == code)


@pytest.mark.parametrize(
    "words",
    [
        "Có hiệu lực đến 12 giờ ngày 19/9/2026; cảnh báo cũ hết hiệu lực lúc 10 giờ ngày 18/9.",
        "Tin tiếp theo: 17 giờ ngày 18/9. Tin trước phát lúc 9 giờ ngày 18/9.",
        "Mã tin: TW-260918-03. Văn bản số 15-260918",
        "Từ ngày 16/9 đến ngày 20/9; từ 20/9, sau đó 18/9 là ngày họp",
        "Bão có thể mạnh lên thành siêu bão; gió cấp 11",
        "Siêu bão, gió cấp 16, giật trên cấp 17",
        "Rủi ro thiên tai cấp 3/5, 2/3 số xã ngập",
        "Gió cấp 10-11, giật cấp 13; tăng từ 1.200 lên khoảng 4.000 m³/s, giảm từ 1,5 xuống 1,2 m",
        "Từ 22 giờ đến 4 giờ sáng, từ 7 giờ đến 9 giờ; tăng từ 7 giờ lên",
        "Báo động 3; đèn báo động đỏ (cấp 3)",
        "Động đất độ lớn 5,1, chấn động cấp VI",
        "Tin lan truyền trên Facebook rằng vỡ đập là sai sự thật",
        "Không có lũ về thật. Nếu bão đến thật thì gọi 112; lên thật nhanh, chạy thật xa",
        "Đây không phải là tình huống thật. Khi có tình huống thật, gọi 112.",
    ],
)
def test_what_agrees_is_not(words):
    assert codes(RULES, words) == set()


def test_the_words_of_a_drill_are_found_in_a_real_alert_alone():
    words = "Tình huống giả định: mưa 140 mm, đất no nước"

    assert codes(RULES, words, status=Status.ACTUAL) == {"drill-words"}
    assert codes(RULES, words, status=Status.ACTUAL, msg_type=MsgType.CANCEL) == set()
    assert codes(RULES, words) == set()


def test_a_code_that_the_file_refers_to_is_right():
    assert codes(RULES, "Thay cho tin TW-260917-01", references=("TW-260917-01",)) == set()


@pytest.mark.parametrize(
    "word", ["từ ngày 1/9 đến ngày ", "QTR-260916-07 ", "siêu bão cấp 9 ", "theo thông tin ", "đây là ", "1 giờ "]
)
def test_a_hostile_text_ends_soon(word):
    assert len(found(RULES, word * (20_000 // len(word)))) <= 20_000
