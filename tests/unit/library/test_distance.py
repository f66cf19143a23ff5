"""The share of words that differ from a template, and which of its guidance is gone."""

from types import SimpleNamespace
from typing import Any

import pytest

from zalo_alert.library.distance import Closeness, compare, distance

TEXT = """[CẢNH BÁO BÃO – RỦI RO CẤP {{ risk_level }}/5] {{ place }}
Phát lúc {{ effective }} – {{ don_vi }}, theo {{ ban_tin }} {{ ban_tin_luc|gio_gon }}.

Nhà ven biển, cửa sông, nhà tạm:
1. SƠ TÁN trước {{ so_tan_truoc|gon }}, theo hướng dẫn của xã, phường, đặc khu.
2. KHÔNG ở lại trên tàu, lồng bè, chòi canh.
3. Sạc điện thoại, đèn pin; trữ nước uống, thức ăn đủ 3 ngày.

Hiệu lực đến {{ expires }}. Mã tin: {{ code }}
"""
CORRECTION = "[ĐÍNH CHÍNH] {{ place }}. Tin mã {{ code }} đã GỬI NHẦM tới bạn."
TEMPLATE: Any = SimpleNamespace(
    headline="Cảnh báo bão, {{ place }}", text=TEXT, correction=CORRECTION, all_clear=("Hết bão", "Hết.")
)


def campaign(text=TEXT, **changes):
    parts = {
        "headline": TEMPLATE.headline,
        "variants": (),
        "correction": SimpleNamespace(headline="", text=CORRECTION),
        "all_clear": SimpleNamespace(headline="Hết bão", text="Hết."),
    }
    return SimpleNamespace(**(parts | {"text": text} | changes))


def test_the_template_itself_is_at_no_distance():
    assert distance(TEMPLATE, campaign()) == 0.0
    assert compare(TEMPLATE, campaign(TEXT.rstrip().replace("{{ place }}", "{{place}}"))).closeness is Closeness.SAME


def test_fields_that_were_filled_in_by_hand_are_no_difference():
    filled = TEXT.replace("{{ so_tan_truoc|gon }}", "20 giờ, thứ Sáu 18/9").replace("{{ place }}", "Quảng Trị, thành phố Huế")

    assert distance(TEMPLATE, campaign(filled.replace("{{ don_vi }}", "Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị"))) == 0.0


def test_a_line_of_guidance_that_is_gone_is_named():
    result = compare(TEMPLATE, campaign(TEXT.replace("2. KHÔNG ở lại trên tàu, lồng bè, chòi canh.\n", "")))

    assert result.gone == ("2. KHÔNG ở lại trên tàu, lồng bè, chòi canh.",)
    assert 0 < result.share < 0.2


def test_guidance_in_another_order_or_slightly_reworded_is_not_gone():
    lines = TEXT.splitlines()
    lines[4], lines[6] = lines[6], lines[4]

    assert compare(TEMPLATE, campaign("\n".join(lines))).gone == ()
    assert compare(TEMPLATE, campaign(TEXT.replace("đủ 3 ngày", "cho 5 ngày"))).gone == ()


@pytest.mark.parametrize(
    ("text", "closeness"),
    [
        (TEXT, Closeness.SAME),
        (TEXT.replace("đủ 3 ngày", "cho 5 ngày"), Closeness.FEW),
        (TEXT.replace("2. KHÔNG ở lại trên tàu, lồng bè, chòi canh.\n", ""), Closeness.FEW),
        (TEXT + "Thêm một câu dài mà mẫu tin không có, nói về việc khác, để người duyệt phải đọc lại.\n", Closeness.PART),
        ("Một tin khác hẳn, không còn câu nào của mẫu.", Closeness.MUCH),
    ],
)
def test_the_share_is_said_in_a_word(text, closeness):
    assert compare(TEMPLATE, campaign(text)).closeness is closeness


def test_a_missing_correction_and_a_variant_of_its_own_count():
    other = SimpleNamespace(text="Một tin khác hẳn.")

    assert distance(TEMPLATE, campaign(correction=None)) > 0
    assert compare(TEMPLATE, campaign(variants=(other,))).gone[0].startswith("1. SƠ TÁN")


@pytest.mark.parametrize(
    "text",
    ["", "a " * 10_000, "\n" * 20_000, "x" * 20_000, "{{ a }} " * 2_500, "{" * 20_000, " ".join(f"w{n}" for n in range(4000))],
    ids=["empty", "words", "lines", "word", "fields", "braces", "others"],
)
def test_any_text_is_at_some_distance(text):
    assert 0.5 < distance(TEMPLATE, campaign(text)) <= 1.0


def test_a_template_without_an_all_clear_asks_for_none():
    bare: Any = SimpleNamespace(**vars(TEMPLATE) | {"all_clear": ("", "")})

    assert distance(bare, campaign(all_clear=None)) == 0.0
