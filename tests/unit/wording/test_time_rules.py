"""Rules of time: each with texts in which it finds something, and with texts nearly like them in which it must not."""

import pytest

from tests.wording import campaign_of, codes_of, found_in

PLACE = "[CẢNH BÁO BÃO] {{ place }}\n"
GUIDANCE = " Đề nghị người dân tránh xa bờ biển, cửa sông."
TODAY = "Phát lúc 14 giờ 00, thứ Sáu 18/9/2026."

WRONG = [
    ("no-time", "Bão số 7 sắp vào bờ."),
    ("no-time", "Trong 6 giờ qua mưa to; 12–24 giờ tới còn mưa, gọi 112."),
    ("no-date", "Sơ tán trước 20 giờ, ở trong nhà đến 5h sáng."),
    ("weekday", "Bão vào bờ sáng thứ Sáu 19/9."),
    ("weekday", "Hiệu lực đến 12 giờ, Chủ nhật, ngày 19 tháng 9 năm 2026."),
    ("weekday", "Mưa to từ thứ Bảy và thứ Hai 19–20/9."),
    ("weekday", "Sơ tán trước 19/9 (thứ 6)."),
    ("weekday", "Đến T2 20-9-2026."),
    ("no-such-date", "Hiệu lực đến ngày 31/9."),
    ("no-such-date", "Hiệu lực đến 31/9."),
    ("no-such-date", "Trước 20 giờ 32/9."),
    ("no-such-date", "Ngày 18 tháng 13 năm 2026."),
    ("no-such-hour", "Sơ tán trước 25 giờ tối nay (18/9)."),
    ("no-such-hour", "Sơ tán lúc 20 giờ 75, ngày 18/9."),
    ("no-such-hour", "Từ 25h ngày 18/9."),
    ("no-such-hour", "Trước 24h30 ngày 18/9."),
    ("no-such-hour", "Trước 20:61 ngày 18/9."),
    ("other-year", "Bão vào bờ ngày 19/9/2025."),
    ("other-year", "Hiệu lực đến 12 giờ 19-9-2027."),
    ("other-year", "Hiệu lực đến 12 giờ 19/9 năm 2025."),
    ("weekday", "Hiệu lực đến sáng Chủ Nhật (19/9)."),
    ("weekday", "Hiệu lực đến thứ 7, ngày 18/09/2026."),
    ("no-such-date", "Hiệu lực đến đêm 31 tháng 11."),
    ("no-such-date", "Hiệu lực đến 31.11.2026."),
    ("no-such-date", "Hiệu lực đến 31 tháng 9."),
    ("no-such-hour", "Sơ tán trước 20h60 tối nay (18/9)."),
    ("relative-day", TODAY + " Sơ tán trước 20 giờ mai."),
    ("no-such-hour", "Từ 20 giờ đến 25 giờ ngày 18/9."),
    ("no-such-hour", "Trước 19 giờ 90 phút, 18/9."),
    ("relative-today", TODAY + " Chằng chống nhà cửa trong hôm nay."),
    ("relative-day", TODAY + " Rời nhà trước chiều mai; đêm mai bão vào."),
    ("relative-today", TODAY + " Tối nay bão vào bờ."),
    ("relative-day", "Ngày mai mưa to. Phát ngày 18/9."),
    ("relative-day", TODAY + " Sơ tán trước 6 giờ sáng sớm mai."),
    ("relative-day", TODAY + " Mưa từ hôm nay đến mai."),
    ("relative-today", "Phat luc 14 gio 18/9. Toi nay bao vao bo."),
    ("relative-day", "Sơ tán trước 20 giờ tối nay (16/9)."),
    ("relative-day", "Sơ tán trước trưa mai, 22/9."),
    ("date-outside", "Bão vào bờ sáng 19/8."),
    ("date-outside", TODAY + " Mưa kéo dài đến ngày 28/9."),
    ("twelve-hour-clock", TODAY + " Sơ tán trước 7 giờ tối."),
    ("twelve-hour-clock", TODAY + " Sơ tán trước 8h30 PM."),
    ("twelve-hour-clock", TODAY + " Bão vào bờ lúc 2 giờ chiều."),
    ("twelve-hour-clock", TODAY + " Bão vào bờ khoảng 11 giờ đêm."),
]
RIGHT = [
    ("no-time", TODAY),
    ("no-time", "Sơ tán trước 20h ngày 18/9."),
    ("no-date", "Sơ tán trước 20 giờ tối nay (18/9)."),
    ("weekday", "Bão vào bờ từ 2 giờ đến 6 giờ sáng thứ Bảy 19/9."),
    ("weekday", "Mưa to thứ Bảy và Chủ nhật 19–20/9."),
    ("weekday", "Từ thứ Sáu 18 đến Chủ nhật 20/9."),
    ("weekday", "Đến 12 giờ 18/9, thứ Bảy 19/9 còn mưa."),
    ("weekday", "Đợt mưa lần thứ hai, ngày 19/9."),
    ("no-such-date", "Rủi ro cấp 4/5; 31/34 xã, 30/2 hộ có điện 24/24, trực 24/7, km 31/2; ngày 18/9."),
    ("no-such-date", "Rằm 30/8 âm lịch, ngày 30/9."),
    ("no-such-date", "Theo Quyết định số 18/2021/QĐ-TTg; mực nước 4.000 m³/s; gọi 112; ngày 18/9."),
    ("no-such-hour", "Trong 48 giờ tới mưa 25 giờ liên tục; từ 24 đến 36 giờ tới; đến 24 giờ ngày 18/9."),
    ("no-such-date", "Cứ 6 tháng 1 lần, trong 3 tháng 9 ngày; ngày 18/9."),
    ("no-such-hour", "Thông báo trước 48 giờ; mưa trong 3 giờ 70 mm; đến 20 giờ 30, 18/9."),
    ("other-year", "Đỉnh lũ có thể như trận lũ lịch sử ngày 18/11/2009; phát ngày 18/9/2026."),
    ("other-year", "Theo Quyết định số 18/2021/QĐ-TTg ngày 22/4/2021; phát ngày 18/9/2026."),
    ("relative-day", "Tối nay (18/9) bão vào bờ, sáng mai (19/9) suy yếu."),
    ("relative-day", "Từ đêm nay 18/9 đến rạng sáng mai 19/9 mưa to; từ đầu năm tới nay chưa từng có."),
    ("relative-day", "Hôm nay (18/9), bão vào Biển Đông. Chiều tối nay gió mạnh dần."),
    ("relative-day", "Mưa làm tốc mái nhà, mai vàng gãy đổ, hiện nay vẫn mưa. " + TODAY),
    ("date-outside", "Theo bản tin ngày 17/9; mưa đến hết ngày 20/9."),
    ("date-outside", "Bão 18, 19 và 20/9; cấp 3/5; 2/3 số xã; số 12/5."),
    ("twelve-hour-clock", TODAY + " Từ 2 giờ đến 6 giờ sáng, 12 giờ trưa, 19 giờ tối, trong 6 giờ tới."),
]


@pytest.mark.parametrize(("code", "text"), WRONG)
def test_a_wrong_time_is_found(code, text):
    assert code in codes_of(PLACE + text + GUIDANCE)


@pytest.mark.parametrize(("code", "text"), RIGHT)
def test_what_nearly_looks_wrong_is_not_found(code, text):
    assert code not in codes_of(PLACE + text + GUIDANCE)


@pytest.mark.parametrize(
    ("effective", "expires", "text"),
    [
        ("2026-12-31T20:00:00+07:00", "2027-01-01T20:00:00+07:00", "Từ tối nay 31/12 đến thứ Sáu 1/1/2027."),
        ("2027-01-01T01:00:00+07:00", "2027-01-01T20:00:00+07:00", "Theo bản tin thứ Năm 31/12/2026; đêm nay (1/1)."),
        ("2026-09-18T23:30:00+07:00", "2026-09-19T20:00:00+07:00", "Sáng nay (19/9) bão vào bờ."),
    ],
)
def test_days_at_the_turn_of_a_day_or_year_are_right(effective, expires, text):
    codes = codes_of(PLACE + text + GUIDANCE, effective=effective, expires=expires)

    assert not codes & {"weekday", "other-year", "relative-day", "date-outside"}


def test_the_fix_is_what_must_be_written():
    findings = {each.code: each.fix for each in found_in(campaign_of(PLACE + "Tối nay (thứ Hai 18/9), 7 giờ 30 tối." + GUIDANCE))}

    assert "thứ Sáu 18/9" in findings["weekday"]
    assert "19 giờ 30" in findings["twelve-hour-clock"]
