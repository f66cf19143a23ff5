"""Rules of place: each with texts in which it finds something, and with texts nearly like them in which it must not."""

import pytest

from tests.wording import codes_of

REST = " Phát lúc 14 giờ 00, thứ Sáu 18/9/2026. Đề nghị người dân tránh xa bờ biển, cửa sông."

WRONG = [  # of an alert for Quảng Trị
    ("no-place", "[CẢNH BÁO BÃO] Bão số 7 sắp vào bờ."),
    ("no-place", "[CẢNH BÁO BÃO] Bão ở Biển Đông, nước dâng cao bằng mái nhà."),
    ("target-unnamed", "[CẢNH BÁO BÃO] Thành phố Huế"),
    ("target-unnamed", "[CẢNH BÁO BÃO] Các tỉnh từ Quảng Ninh đến Thanh Hóa"),
    ("target-unnamed", "[CẢNH BÁO BÃO] Tây Nguyên"),
    ("target-unnamed", "CẢNH BÁO BÃO. Bão cách Quảng Trị 200 km, mưa to ở Hà Tĩnh."),
    ("other-place", "[CẢNH BÁO BÃO] Quảng Trị, Huế"),
    ("other-place", "[CẢNH BÁO BÃO] Quảng Trị\nNgười dân tỉnh Hà Tĩnh rời nhà ngay."),
    ("other-place", "[CẢNH BÁO BÃO] Quảng Trị\nSơ tán trên địa bàn thành phố Đà Nẵng."),
    ("other-place", "[CẢNH BÁO LŨ] Quảng Trị\nCác xã Trạm Tấu, Phong Dụ Thượng sơ tán."),
    ("other-place", "[CẢNH BÁO BÃO] QUẢNG TRỊ VÀ TP. HỒ CHÍ MINH"),
    ("other-place", "[CẢNH BÁO BÃO] Quảng Trị, Đà Lạt"),
    ("target-unnamed", "[CẢNH BÁO BÃO] Thành phố Vinh"),
    ("other-place-named", "[CẢNH BÁO BÃO] Quảng Trị\nMưa to tại Hà Tĩnh, gió giật cấp 12."),
    ("other-place-named", "[CẢNH BÁO BÃO] Quảng Trị\nBão đổ bộ vào khu vực Khánh Hòa – Lâm Đồng."),
    ("other-place", "[CẢNH BÁO BÃO] Quảng Trị\nBà con ven biển Đà Nẵng rời nhà."),
    ("your-area", "[CẢNH BÁO BÃO] Bão sắp vào khu vực của bạn."),
    ("your-area", "[CẢNH BÁO BÃO] Nơi bạn ở sắp có bão. Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị."),
    ("place-as-sender", "Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị: bão sắp vào bờ."),
]
RIGHT = [
    ("no-place", "[CẢNH BÁO BÃO] {{ place }}"),
    ("no-place", "[CẢNH BÁO LŨ] Hạ du sông Bến Hải: nước đang lên."),
    ("target-unnamed", "[CẢNH BÁO BÃO] Các tỉnh, thành phố Bắc Trung Bộ"),
    ("target-unnamed", "[CẢNH BÁO BÃO] Các tỉnh ven biển từ Nghệ An đến Đà Nẵng"),
    ("target-unnamed", "[CẢNH BÁO BÃO] Khu vực Thanh Hóa – Đà Nẵng"),
    ("target-unnamed", "[CẢNH BÁO BÃO] tỉnh quảng trị"),
    ("target-unnamed", "[CANH BAO BAO] Quang Tri"),
    ("target-unnamed", "[CẢNH BÁO BÃO] Quảng Bình và các xã phía bắc Quảng Trị"),
    ("target-unnamed", "[CẢNH BÁO LŨ] Xã Vĩnh Linh, phường Đông Hà"),
    ("other-place", "[CẢNH BÁO BÃO] Quảng Trị\nBão số 7 cách Đà Nẵng 200 km, vào bờ khu vực Quảng Trị – Huế."),
    ("other-place", "[CẢNH BÁO BÃO] Quảng Trị\nMưa từ Thanh Hóa đến Huế, ở Bắc Trung Bộ, Vịnh Bắc Bộ, Biển Đông."),
    ("other-place", "[CẢNH BÁO BÃO] Quảng Trị\nNgười dân không qua đèo Hải Vân, sông Đồng Nai, đường Điện Biên Phủ."),
    ("other-place", "[CẢNH BÁO BÃO] Quảng Trị\nTheo Đài Khí tượng Thủy văn Hà Tĩnh; thủy điện Hòa Bình xả lũ."),
    ("other-place", "[CẢNH BÁO BÃO] Quảng Trị\nNgười dân phường Đồng Hới, xã Vĩnh Linh, huyện Hải Lăng, xã Cam Lộ rời nhà."),
    ("other-place-named", "[CẢNH BÁO BÃO] Quảng Trị, Bão từ phía đông bắc Hà Tĩnh, ngoài khơi Đà Nẵng, Thái Bình Dương."),
    ("other-place-named", "[CẢNH BÁO BÃO] Quảng Trị\nBão đổ bộ vào khu vực Nghệ An – Hà Tĩnh."),
    ("your-area", "[CẢNH BÁO BÃO] Quảng Trị. Khu vực của bạn có gió cấp 12."),
    ("place-as-sender", "Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị: bão vào các xã ven biển Quảng Trị."),
]


@pytest.mark.parametrize(("code", "text"), WRONG)
def test_a_wrong_place_is_found(code, text):
    assert code in codes_of(text + REST)


@pytest.mark.parametrize(("code", "text"), RIGHT)
def test_what_nearly_looks_wrong_is_not_found(code, text):
    assert code not in codes_of(text + REST)


@pytest.mark.parametrize(
    ("areas", "text"),
    [
        ("ward:19900", "[CẢNH BÁO LŨ] Phường Thuận An, thành phố Huế"),
        ("ward:22255, ward:22319", "[CẢNH BÁO XẢ LŨ] Hạ du sông Mẫu: Tây Hòa, Phú Hòa 1"),
        ("new:79", "[CẢNH BÁO TRIỀU CƯỜNG] TPHCM"),
        ("new:79", "[CẢNH BÁO TRIỀU CƯỜNG] TP. Hồ Chí Minh"),
        ("new:66", "[CẢNH BÁO LŨ] Tỉnh Đắc Lắc"),
        ("new:38", "[CẢNH BÁO LŨ] Tỉnh Thanh Hoá"),
        ("old:46", "[CẢNH BÁO LŨ] Thừa Thiên - Huế"),
        ("new:68", "[CẢNH BÁO MƯA LỚN] Đà Lạt, Bảo Lộc"),
        ("new:40", "[CẢNH BÁO MƯA LỚN] Thành phố Vinh"),
        ("new:44", "[CẢNH BÁO LŨ QUÉT] Hướng Hóa, Khe Sanh, Lao Bảo"),
        ("ward:04606", "[LŨ QUÉT] Trạm Tấu: rời nhà ngay"),
        ("all", "[CẢNH BÁO] Các địa phương trong cả nước"),
    ],
)
def test_a_place_may_be_written_in_more_than_one_way(areas, text):
    assert not codes_of(text + REST, areas=areas) & {"no-place", "target-unnamed", "other-place", "your-area"}
