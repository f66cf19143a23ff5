"""Style: one text that each rule finds, and texts as offices write them that none does."""

import pytest

from tests.unit.wording.asking import codes, found, text_of
from zalo_alert.models import Status
from zalo_alert.wording.style_rules import RULES

FIRST = "[CẢNH BÁO BÃO – RỦI RO CẤP 4/5] Quảng Trị"


def below(line):
    """Return codes of a text whose first line is as it should be."""
    return codes(RULES, f"{FIRST}\n{line}")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Kính gửi bà con nhân dân trong tỉnh,", "Kính gửi bà con nhân dân trong tỉnh,"),
        ("CẢNH BÁO BÃO tại Quảng Trị", "CẢNH BÁO BÃO tại Quảng Trị"),  # no level
        ("[BÃO – RỦI RO CẤP 4/5] Khẩn cấp", "[BÃO – RỦI RO CẤP 4/5] Khẩn cấp"),  # no place
        (f"{FIRST}: " + "các xã ven biển, " * 5, f"{FIRST}: " + "các xã ven biển, " * 5),
    ],
)
def test_a_first_line_says_hazard_level_and_place(line, shown):
    assert ("first-line", shown) in found(RULES, f"{line}\nPhát lúc 14 giờ", status=Status.ACTUAL)


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        (FIRST, {}),
        ("BÃO KHẨN CẤP, rủi ro cấp IV, các xã ven biển", {}),
        ("XẢ LŨ HỒ CHỨA: hạ du sông Mẫu", {"risk_level": None}),
        ("RÉT ĐẬM, RÉT HẠI – Lai Châu, Điện Biên, Sơn La", {"risk_level": None}),
        ("Thông báo thời tiết nguy hiểm – Đồng Tháp, ngày 18/8", {"risk_level": None}),
    ],
)
def test_a_first_line_as_offices_write_it_is_right(line, changes):
    assert codes(RULES, f"{line}\nPhát lúc 14 giờ", **changes) == set()


def test_without_accents_a_first_line_still_says_all():
    assert codes(RULES, "CANH BAO BAO, rui ro cap 4 - Quang Tri") == {"no-accents"}


def test_a_drill_in_which_nothing_happens_says_only_that():
    text = "[DIỄN TẬP – KHÔNG PHẢI TÌNH HUỐNG THẬT] Quảng Trị\nBạn KHÔNG cần làm gì."

    assert codes(RULES, text, status=Status.EXERCISE) == set()
    assert codes(RULES, text, status=Status.ACTUAL) == {"first-line"}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Nhắn “CUU HO” kèm địa chỉ", "quotes"),
        ("Nhắn ‘CUU HO’ kèm địa chỉ", "quotes"),
        (
            "Người dân sống ở ven biển và cửa sông cùng người đang ở trên tàu thuyền và lồng bè phải khẩn trương di chuyển "
            "đến nơi an toàn trước khi gió mạnh lên vì sau đó lực lượng cứu hộ không thể ra ngoài",
            "long-sentence",
        ),
        ("De nghi nguoi dan ven bien so tan truoc 20 gio", "no-accents"),
        ("SƠ TÁN NGAY. Nguoi dan ven bien so tan truoc 20 gio, tránh xa bờ biển", "no-accents"),
        ("⚠️ Sơ tán trước 20 giờ", "emoji"),
        ("☎ 112", "emoji"),
        ("Xem hình bên dưới", "picture-only"),
        ("Chi tiết tại link https://quangtri.gov.vn/a", "picture-only"),
        ("Hướng dẫn sơ tán trong ảnh đính kèm", "picture-only"),
        ("Bấm vào đường dẫn để biết thêm", "picture-only"),
    ],
)
def test_what_reads_badly_is_found(line, code):
    assert below(line) == {code}


@pytest.mark.parametrize(
    "line",
    [
        'Nhắn "CUU HO" kèm địa chỉ; xã Cư M’gar, xã Ea H’leo, lúc 2h30’ sáng; ★ Lưu ý',
        "Cần cứu giúp: nhắn CUU HO kèm địa chỉ. Đã an toàn: nhắn AN TOAN.",
        "Các xã: Trạm Tấu, Hạnh Phúc, Phình Hồ, Nghĩa Tâm, Văn Chấn, Mường Lai, Cảm Nhân, Yên Thành, Thác Bà, Yên Bình, Bảo Ái, "
        "Hưng Khánh, Lương Thịnh, Việt Hồng, Quy Mông, Trấn Yên, Mậu A, Xuân Ái, Mỏ Vàng, Lâm Thượng: rời nhà ngay",
        "Bão Kajiki, Wutip, Ragasa, Bualoi, Matmo, Fengshen, Kalmaegi, Fung-wong",
        "1. Nhà ở bãi sông, ven sông, chỗ trũng: ĐƯA người già, trẻ em, người bệnh đến nơi cao hoặc điểm sơ tán của xã, phường.",
        "Sơ tán trước 20 giờ. Xem bản đồ điểm sơ tán: https://quangtri.gov.vn/a",
        "Mưa 50–100 mm → 200 mm ± 10 %, 4.000 m³/giây • 30°C",
    ],
)
def test_what_offices_write_reads_well(line):
    assert below(line) == set()


@pytest.mark.parametrize("word", ["xem hinh ", "a ", "a, ", "\n", "chi tiet ", "“", "🌀", "A. "])
def test_a_hostile_text_ends_soon(word):
    text = text_of(word * (20_000 // len(word)))

    for rule in RULES:
        for _number, spot in zip(range(20), rule.check(text), strict=False):
            assert 0 <= spot.start <= spot.end <= len(text.words)
