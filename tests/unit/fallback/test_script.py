"""What of an alert is read aloud in a minute, and what fits into one short message."""

import pytest

from zalo_alert.fallback.script import script_of
from zalo_alert.fallback.sms import measure, propose, without_accents

STORM = """\
[CẢNH BÁO BÃO – RỦI RO CẤP 4/5] Quảng Trị
Phát lúc 14 giờ 00, thứ Sáu 18/9/2026 – Ban Chỉ đạo, theo bản tin bão khẩn cấp 13 giờ.

BÃO SỐ 7 dự kiến vào bờ từ 2 giờ đến 6 giờ thứ Bảy 19/9. Gió cấp 11–12, giật cấp 14 có thể tốc mái nhà, quật đổ cây và cột điện.
Nước biển dâng có thể làm ngập nhà ven biển, cửa sông tới 1 m.

Nhà ven biển, cửa sông, nhà tạm:
1. SƠ TÁN trước 20 giờ, thứ Sáu 18/9 theo hướng dẫn của xã, phường, đặc khu.
2. KHÔNG ở lại trên tàu, lồng bè, chòi canh.

Mọi người:
3. Chằng chống nhà cửa, hạ vật treo cao trước 18 giờ, thứ Sáu 18/9.
4. Từ 20 giờ: Ở TRONG NHÀ KIÊN CỐ, tránh xa cửa kính.
5. Sạc điện thoại, đèn pin; trữ nước uống, thức ăn đủ 3 ngày.

Cần cứu giúp: gọi 112, hoặc nhắn CUU HO kèm địa chỉ. Đã an toàn: nhắn AN TOAN.
Hiệu lực đến 12 giờ 00, thứ Bảy 19/9/2026. Mã tin: TW-260918-03"""


def test_a_minute_holds_what_to_do_and_where_help_is():
    script = script_of(STORM)

    assert script.seconds <= 60
    assert script.sentences[0].startswith("[CẢNH BÁO BÃO")
    for needed in ("SƠ TÁN", "KHÔNG ở lại", "Ở TRONG NHÀ", "gọi 112"):
        assert needed in script.text
    assert script.left_out


def test_nothing_is_reworded_and_nothing_is_lost():
    script = script_of(STORM)

    for sentence in (*script.sentences, *script.left_out):
        assert sentence in STORM.replace(", hoặc nhắn CUU HO kèm địa chỉ", "")


def test_nobody_is_told_over_a_loudspeaker_to_send_a_text():
    assert "nhắn" not in script_of(STORM, 999).text


def test_a_drill_says_so_at_both_ends_however_little_time_there_is():
    script = script_of(f"[DIỄN TẬP] {STORM}\n[HẾT TIN DIỄN TẬP]", 5)

    assert "DIỄN TẬP" in script.sentences[0]
    assert script.sentences[-1] == "[HẾT TIN DIỄN TẬP]"


def test_a_heading_without_an_item_is_not_read():
    script = script_of("[BÃO] Huế\nMọi người:\nXem thêm tại https://x.gov.vn/bao và nhắn tin cho chúng tôi.")

    assert script.sentences == ("[BÃO] Huế",)


def test_who_speaks_is_read_before_the_alert_begins():
    script = script_of(f"Thông báo của Ban Chỉ huy.\n{STORM}", 8, reads_first=True)

    assert [line[:12] for line in script.sentences[:2]] == ["Thông báo củ", "[CẢNH BÁO BÃ"]


@pytest.mark.parametrize(
    ("text", "signs", "parts"),
    [
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 307, 307, 3),
        ("[a]", 5, 1),
        ("ơ" * 70, 70, 1),
        ("ơ" * 71, 71, 2),
        ("🌀", 2, 1),
    ],
)
def test_signs_and_parts_are_counted_as_phones_do(text, signs, parts):
    assert measure(text)[1:] == (signs, parts)


def test_every_phone_can_show_what_is_left_of_the_accents():
    plain = without_accents("Đường ngập – “KHÔNG” qua 4.000 m³, 20 °C … [BÃO] ảo ữ 🌀")

    assert plain == 'Duong ngap - "KHONG" qua 4.000 m3, 20  do C ... (BAO) ao u ?'


def test_a_short_message_says_where_and_what_to_do_first():
    message = propose("Bão số 7, rủi ro cấp 4/5, Quảng Trị", STORM, "TW-260918-03")

    assert (message.is_whole, message.plain.parts) == (True, 1)
    assert message.plain.signs <= 160
    assert message.plain.text.startswith("Bao so 7, rui ro cap 4/5, Quang Tri. SO TAN truoc 20 gio")
    assert without_accents(message.accented.text) == message.plain.text
    assert message.accented.parts > 1


def test_a_lesser_thing_to_do_does_not_take_the_place_of_a_greater():
    text = (
        "[XẢ LŨ] Tây Hòa\n1. Nhà ở bãi sông: ĐƯA người già, trẻ em, người bệnh " + "và " * 40 + "đến nơi cao.\n2. KHÔNG vớt củi."
    )

    message = propose("Xả lũ, Tây Hòa", text, "DLK-1")

    assert "KHONG vot cui" not in message.plain.text
    assert not message.is_whole


def test_what_is_left_out_of_a_sentence_makes_no_exception():
    text = "[LŨ] Huế\n1. KHÔNG ra khỏi nhà, trừ khi " + "xã, phường bảo đi và " * 8 + "có người đưa."

    assert not propose("Lũ, Huế", text, "H-1").is_whole
    cut = propose("Lũ, Huế", "[LŨ] Huế\n1. KHÔNG lội qua suối, " + "đường ngập, " * 20 + "ngầm tràn.", "H-1")
    assert "KHONG loi qua suoi." in cut.plain.text


def test_a_drill_as_a_short_message_says_so_twice():
    message = propose("DIỄN TẬP: bão, Huế [DIỄN TẬP]", "[DIỄN TẬP] Bão\nBạn KHÔNG cần làm gì.\n[HẾT TIN DIỄN TẬP]", "DT-1")

    assert message.plain.text == "DIEN TAP: bao, Hue. Ban KHONG can lam gi. Ma tin DT-1. HET TIN DIEN TAP."
