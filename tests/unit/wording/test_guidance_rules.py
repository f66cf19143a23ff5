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
        "Tau thuyen khong ra khoi.",
        "Người đã sơ tán: CHỈ VỀ NHÀ khi xã, phường thông báo.",
    ],
)
def test_whatever_says_what_to_do_is_guidance(text):
    assert "no-guidance" not in codes_of(FIRST + text)
