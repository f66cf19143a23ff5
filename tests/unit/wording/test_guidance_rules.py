"""A warning says what to do: what counts as that, and what does not."""

import pytest

from tests.wording import codes_of

FIRST = "[CẢNH BÁO BÃO] {{ place }}\nPhát lúc {{ effective }}. Ban Chỉ huy Phòng, chống thiên tai. "


@pytest.mark.parametrize(
    "text",
    [
        "Bão số 7 vào bờ đêm nay (18/9), gió cấp 12, giật cấp 14.",
        "Nước dâng tới 1 m, đây KHÔNG PHẢI vỡ đập. Cần cứu giúp: gọi 112, hoặc nhắn CUU HO. Mã tin: QTR-260918-03",
    ],
)
def test_a_text_that_only_tells_of_the_danger_is_found(text):
    assert "no-guidance" in codes_of(FIRST + text)


@pytest.mark.parametrize(
    "text",
    [
        "Bạn KHÔNG cần làm gì.",
        "SƠ TÁN trước 20 giờ.",
        "Đề nghị bà con chủ động phòng tránh.",
        "Người dân ở trong nhà, tránh xa cửa kính.",
        "Người đã sơ tán: CHỈ VỀ NHÀ khi xã, phường thông báo.",
    ],
)
def test_whatever_says_what_to_do_is_guidance(text):
    assert "no-guidance" not in codes_of(FIRST + text)


def test_a_text_without_accents_is_read_too():
    first = "[CANH BAO BAO] Quang Tri\nPhat luc 14 gio, thu Sau 18/9/2026. Ban Chi huy Phong thu dan su. "

    assert "no-guidance" not in codes_of(first + "Tau thuyen khong ra khoi.")
    assert "no-guidance" in codes_of(first + "Bao so 7 manh cap 12. Can cuu giup: goi 112.")
