"""How long a text takes to be read aloud."""

import pytest

from zalo_alert.fallback.speech import count_syllables, number_in_words, seconds_aloud, sentences_of, spoken


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "không"), (5, "năm"), (10, "mười"), (15, "mười lăm"), (21, "hai mươi mốt"), (31, "ba mươi mốt"), (11, "mười một"),
        (101, "một trăm lẻ một"), (110, "một trăm mười"), (4000, "bốn nghìn"), (1005, "một nghìn không trăm lẻ năm"),
        (2_000_000, "hai triệu"), (1_000_000_000, "một tỷ"),
    ],
)  # fmt: skip
def test_a_number_is_said_in_words(number, said):
    assert number_in_words(number) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("thứ Bảy 19/9", "thứ Bảy mười chín tháng chín"),
        ("cấp 4/5", "cấp bốn trên năm"),
        ("lên 4.000 m³/giây", "lên bốn nghìn mét khối trên giây"),
        ("gọi 112", "gọi một một hai"),
        ("gọi 0236 3822 123", "gọi không hai ba sáu ba tám hai hai một hai ba"),
        ("20 giờ 00", "hai mươi giờ"),
        ("20 giờ 05", "hai mươi giờ không năm"),
        ("1,5–2 m", "một phẩy năm đến hai mét"),
        ("UBND xã", "ủy ban nhân dân xã"),
        ("cấp 11-12", "cấp mười một đến mười hai"),
    ],
)
def test_what_is_short_on_paper_is_said_in_full(written, said):
    assert " ".join(spoken(written).split()) == said


def test_a_longer_text_takes_longer():
    assert count_syllables("Sơ tán trước 20 giờ.") == 6
    assert 0 < seconds_aloud("Sơ tán ngay.") < seconds_aloud("Sơ tán ngay. Không chờ trời sáng.")


def test_a_text_is_cut_where_a_speaker_breathes():
    assert sentences_of("1. SƠ TÁN ngay. KHÔNG ở lại TP. Huế.\n\nGọi 112!") == [
        "1. SƠ TÁN ngay.", "KHÔNG ở lại TP. Huế.", "Gọi 112!",
    ]  # fmt: skip
