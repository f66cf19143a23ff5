"""Levels: one text that each rule finds, and texts as offices write them that none does."""

import pytest

from tests.unit.wording.asking import codes, found, text_of
from zalo_alert.wording.level_rules import RULES


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("Cảnh báo bão: rủi ro thiên tai cấp 3", "level-differs", "cấp 3"),
        ("[BÃO – RỦI RO CẤP 3/5] Quảng Trị", "level-differs", "CẤP 3/5"),
        ("Cấp độ rủi ro thiên tai do bão: cấp 5; do mưa lớn: cấp 2", "level-differs", "cấp 5"),
        ("Rủi ro thiên tai cấp III", "level-differs", "cấp III"),
        ("Cấp độ 3. Sơ tán ngay", "level-differs", "Cấp độ 3"),
        ("Cấp độ rủi ro thiên tai: 3", "level-differs", "Cấp độ rủi ro thiên tai: 3"),
        ("Rủi ro thiên tai 3/5", "level-differs", "Rủi ro thiên tai 3/5"),
        ("Rủi ro thiên tai cấp ba", "level-differs", "cấp ba"),
        ("Nâng mức rủi ro thiên tai từ cấp 4 lên cấp 5", "level-differs", "cấp 5"),
        ("Lũ sông Hiếu vượt báo động 4", "alarm-scale", "báo động 4"),
        ("mực nước trên BĐ4 0,5 m", "alarm-scale", "BĐ4"),
        ("Nước lên báo động cấp IV", "alarm-scale", "báo động cấp IV"),
        ("đỉnh lũ ở mức báo động 3 - 4", "alarm-scale", "báo động 3 - 4"),
        ("Nước lên báo động cấp độ 4", "alarm-scale", "báo động cấp độ 4"),
        ("Cấp độ thiên tai 3", "level-differs", "Cấp độ thiên tai 3"),
        ("Bão cấp 5 đang đi vào bờ", "bare-level", "cấp 5"),
        ("Cảnh báo cấp 3 cho các xã ven biển", "bare-level", "cấp 3"),
        ("Rủi ro cấp 4/5 tại Gio Linh. Rủi ro cấp 3/5 tại Hải Lăng", "several-levels", "cấp 3/5"),
        ("Cảnh báo bão mức đỏ tại Quảng Trị", "colour-alone", "mức đỏ"),
    ],
)
def test_a_level_that_is_wrong_is_found(text, code, words):
    assert (code, words) in found(RULES, text)


@pytest.mark.parametrize(
    "text",
    [
        "[CẢNH BÁO BÃO – RỦI RO CẤP 4/5] Quảng Trị. Gió cấp 11–12, giật cấp 14 có thể tốc mái nhà",
        "Gió mạnh cấp 8-9, vùng gần tâm bão cấp 10-12, giật cấp 15; rủi ro thiên tai cấp 4",
        "Sức gió mạnh nhất vùng gần tâm bão mạnh cấp 10 (89-102 km/giờ), giật cấp 12, biển động dữ dội",
        "Cấp độ rủi ro thiên tai do lũ quét, sạt lở đất: cấp 1; do bão: cấp 4; lốc, sét, mưa đá: cấp 1",
        "Rủi ro thiên tai cấp 4, có thể nâng lên cấp 5",
        "Rủi ro thiên tai do mưa lớn cấp 2, do bão cấp 4",
        "Nâng mức rủi ro thiên tai từ cấp 3 lên cấp 4",
        "Mưa lớn rủi ro cấp 2",
        "Nhà cấp 4 phải sơ tán; học sinh trường cấp 2 nghỉ học; cung cấp 3 tấn gạo; các cấp, cấp xã, cấp cứu 115",
        "Gió mạnh dần lên cấp 6-7, sau tăng lên cấp 8-9; ven bờ cấp 7, cấp 8; sâu trong đất liền gió cấp 5, có nơi cấp 4",
        "Bão số 7 mạnh cấp 12; bão cấp 12, giật cấp 14",
        "Lũ trên báo động 3 khoảng 0,5 m, sông Bồ ở mức BĐ2 - BĐ3; báo động 30 cm; báo động III; báo động 2 lúc 4 giờ",
        "Mức báo động 3, 4 giờ sáng mai đạt đỉnh; báo động 3 – 20 giờ",
        "Theo tin bão khẩn cấp 5 giờ, rủi ro cấp 4. Sơ tán khẩn cấp hai thôn, khẩn cấp 3 xã, nhà cấp bốn, cung cấp ba lô",
        "Mức đỏ, rủi ro cấp 4/5. Vùng xanh tươi",
        "Đường cấp 3 miền núi, đê cấp 4, cảnh báo cháy rừng cấp V",
    ],
)
def test_levels_as_offices_write_them_are_right(text):
    assert codes(RULES, text) == set()


def test_a_variant_has_a_level_of_its_own():
    assert codes(RULES, "Rủi ro cấp 3/5", risk_level=3) == set()


def test_without_risk_level_nothing_differs():
    assert codes(RULES, "Rủi ro cấp 3/5", risk_level=None) == set()


def test_a_wrong_level_says_both():
    (spot,) = RULES[0].check(text_of("Rủi ro thiên tai cấp 3"))

    assert spot.message == 'says "cấp 3", but risk_level is 4'
    assert spot.fix == "write {{ risk_level }} in the text, or put risk_level right"


@pytest.mark.parametrize("word", ["cấp 3 ", "rủi ro cấp 3. ", "báo động 4 ", "có thể lên cấp 3,", "cấp ", "mức đỏ ", "do bão"])
def test_a_hostile_text_ends_soon(word):
    text = text_of(word * (20_000 // len(word)))

    for rule in RULES:
        for _number, spot in zip(range(20), rule.check(text), strict=False):
            assert 0 <= spot.start <= spot.end <= len(text.words)
