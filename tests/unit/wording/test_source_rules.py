"""Who speaks, by what, and when again: one text that each rule finds, and texts as offices write them that none does."""

from datetime import datetime, timedelta, timezone

import pytest

from tests.unit.wording.asking import codes, storm, text_of
from zalo_alert.models import Severity, Status, Urgency
from zalo_alert.wording.source_rules import RULES

VIETNAM = timezone(timedelta(hours=7))
WHOLE = (
    "[CẢNH BÁO BÃO – RỦI RO CẤP 4/5] Quảng Trị\n"
    "Phát lúc 14 giờ 00, thứ Sáu 18/9/2026 – Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị, theo bản tin bão khẩn cấp 13 giờ.\n"
    "SƠ TÁN trước 20 giờ. Tin tiếp theo: 17 giờ. Mã tin: TW-260918-03"
)


def actual(words, **changes):
    return codes(RULES, words, **{"status": Status.ACTUAL, **changes})


def test_a_text_with_all_of_it_is_right():
    assert actual(WHOLE) == set()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Mã tin: TW-260918-03", "", "no-code"),
        ("Mã tin: TW-260918-03", "Mã tin: TW-260918-04", "no-code"),
        (" – Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị, theo", ", theo", "no-sender"),
        (" – Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị, theo", ". Làm theo hướng dẫn của UBND xã. Theo", "no-sender"),
        (
            " – Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị, theo",
            ". Gọi Công an xã. Đến trụ sở UBND xã. Theo",
            "no-sender",
        ),
        (" – Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị, theo", ". Mưa cục bộ. Theo", "no-sender"),
        (", theo bản tin bão khẩn cấp 13 giờ", "", "source"),
        ("bản tin bão khẩn cấp 13 giờ", "bản tin bão khẩn cấp 10 giờ", "old-bulletin"),
        ("bản tin bão khẩn cấp 13 giờ", "tin bão số 5 phát lúc 20h30 ngày 17/9", "old-bulletin"),
        ("bản tin bão khẩn cấp 13 giờ", "bản tin 5 giờ sáng cùng ngày", "old-bulletin"),
        ("bản tin bão khẩn cấp 13 giờ", "bản tin lúc 9 giờ tối hôm qua", "old-bulletin"),
        (", theo bản tin bão khẩn cấp 13 giờ", " (tin bão phát lúc 7h30). Khí tượng", "old-bulletin"),
        (", theo bản tin bão khẩn cấp 13 giờ", ". Nguồn: bản tin số 5 lúc 07h00", "old-bulletin"),
        ("bản tin bão khẩn cấp 13 giờ", "bản tin bão khẩn cấp lúc 13 giờ ngày 19/9", "bulletin-ahead"),
        ("Tin tiếp theo: 17 giờ.", "", "no-next-message"),
    ],
)
def test_what_is_missing_is_found(old, new, code):
    assert old in WHOLE
    assert actual(WHOLE.replace(old, new)) == {code}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị", sender)
        for sender in (
            "UBND xã Cửa Việt", "Ban Chỉ đạo", "Cục Quản lý đê điều và Phòng, chống thiên tai", "Sở Nông nghiệp và Môi trường",
            "Chi cục Thủy lợi", "Đài Khí tượng Thủy văn tỉnh", "Trung tâm Dự báo Khí tượng Thủy văn quốc gia", "Công an phường",
            "Bộ đội Biên phòng", "Công ty thủy điện A Vương", "BQL hồ Ngàn Trươi", "BCH PTDS xã", "Uỷ ban nhân dân phường",
        )
    ]
    + [
        ("theo bản tin bão khẩn cấp 13 giờ", source)
        for source in (
            "theo Đài KTTV tỉnh", "căn cứ công điện số 15/CĐ-TTg", "theo thông báo của chủ hồ", "nguồn: nchmf.gov.vn",
            "theo bản tin số 5 của Đài KTTV, từ 3 giờ mưa to", "theo dự báo của Trung tâm Dự báo, từ 4 giờ mưa to",
            "theo công điện số 5/CĐ-PCTT ngày 17/9, hồ mở thêm cửa xả đáy vào 15h00",
            "theo bản tin 12 giờ 30 ngày 18/9", "theo tin bão lúc 11 giờ", "lượng mưa đo được 180 mm",
        )
    ]
    + [
        ("Tin tiếp theo: 17 giờ.", after)
        for after in ("Bản tin tiếp theo lúc 17 giờ.", "Sẽ cập nhật lúc 17 giờ.", "Tiếp tục cập nhật trên trang này.")
    ],
)  # fmt: skip
def test_other_words_for_it_are_right(old, new):
    assert actual(WHOLE.replace(old, new)) == set()


def test_a_bulletin_of_last_evening_is_yesterdays():
    text = WHOLE.replace("bản tin bão khẩn cấp 13 giờ", "bản tin 22 giờ")

    assert actual(text, effective=datetime(2026, 9, 18, 0, 30, tzinfo=VIETNAM)) == set()


def test_a_flash_flood_wants_a_bulletin_of_the_last_hour():
    text = WHOLE.replace("13 giờ", "12 giờ 30")

    assert actual(text) == set()
    assert actual(text, event="lu-quet") == {"old-bulletin"}


@pytest.mark.parametrize(("hour", "found"), [(13, set()), (9, {"old-bulletin"}), (15, {"bulletin-ahead"})])
def test_the_bulletins_hour_may_be_a_field(hour, found):
    text = WHOLE.replace(" 13 giờ", "")

    assert actual(text, fields={"ban_tin_luc": datetime(2026, 9, 18, hour, tzinfo=VIETNAM)}) == found


def test_who_sends_may_be_a_field():
    text = WHOLE.replace("Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị", "Tổ xung kích thôn Bốn")

    assert actual(text) == {"no-sender"}
    assert actual(text, fields={"don_vi": "Tổ xung kích thôn Bốn"}) == set()


@pytest.mark.parametrize(
    "changes", [{"urgency": Urgency.PAST}, {"severity": Severity.MINOR, "urgency": Urgency.FUTURE}], ids=["past", "minor"]
)
def test_not_everything_has_a_next_message(changes):
    assert actual(WHOLE.replace("Tin tiếp theo: 17 giờ.", ""), **changes) == set()


def test_a_drill_in_which_nothing_happens_needs_no_source():
    text = "Đây là tin DIỄN TẬP của UBND xã. Bạn KHÔNG cần làm gì. Mã tin: TW-260918-03"

    assert codes(RULES, text, status=Status.EXERCISE) == set()
    assert actual(text) == {"source", "no-next-message"}


def test_a_template_has_the_code_in_its_data():
    (spot,) = RULES[0].check(text_of("Quảng Trị\n4", is_whole=False))

    assert spot.message == "holds the alert's code nowhere: people can't ask whether TW-260918-03 is real"
    assert spot.fix == "put {{ code }} into the template's data"
    assert storm().code == "TW-260918-03"


@pytest.mark.parametrize("word", ["theo ", "theo tin ", "bản tin 13 giờ ", "hướng dẫn của UBND ", "lúc ", "1 giờ ", "– "])
def test_a_hostile_text_ends_soon(word):
    text = text_of(word * (20_000 // len(word)))

    for rule in RULES:
        for _number, spot in zip(range(20), rule.check(text), strict=False):
            assert 0 <= spot.start <= spot.end <= len(text.words)
