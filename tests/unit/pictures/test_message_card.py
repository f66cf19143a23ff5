"""The picture of a message: every word of it is there, and nothing of a stranger's text is more than a word."""

import xml.etree.ElementTree as ET

import pytest

from zalo_alert.pictures.message_card import CardText, draw_card, width_of, wrap

SVG = "{http://www.w3.org/2000/svg}"
CARD = CardText(
    "Ban Chỉ huy",
    "DIỄN TẬP",
    "exercise",
    "",
    "Bão số 7.\n\nSƠ TÁN trước 20 giờ.",
    ("Gọi trực ban",),
    ("Mã tin DT-1",),
    "tin DT-1",
)


def words(drawn):
    return " ".join(text.text for text in ET.fromstring(drawn.svg).iter(f"{SVG}text") if text.text)


@pytest.mark.parametrize(
    "text", ["Bão số 7.\n\nSƠ TÁN ngay.", "từ " * 600, "x" * 3000, "<script>alert(1)</script> & ]]>", "a\x00b\u202ec"]
)
def test_every_word_is_drawn_and_none_is_markup(text):
    drawn = draw_card(CARD._replace(text=text))

    shown = "".join(words(drawn).split())
    for word in text.replace("\x00", "\ufffd").replace("\u202e", "").split():
        assert word in shown
    assert "<script" not in drawn.svg


def test_the_work_grows_as_the_text_does(monkeypatch):
    measured = []

    def width(text, *_args, **_settings):
        measured.append(text)
        return 10 * len(text)

    monkeypatch.setattr("zalo_alert.pictures.message_card.width_of", width)

    assert "".join(wrap("x" * 5_000, 400, 10)) == "x" * 5_000
    assert sum(map(len, measured)) <= 3 * 5_000


def test_it_is_as_high_as_what_it_says():
    short, long = draw_card(CARD), draw_card(CARD._replace(text=CARD.text * 20, sender="Ban Chỉ huy " * 12))

    assert short.height < long.height
    for drawn in (short, long):
        lowest = max(float(text.get("y", "0")) for text in ET.fromstring(drawn.svg).iter(f"{SVG}text"))
        assert lowest < drawn.height


@pytest.mark.parametrize("text", ["", "một hai ba", "MMMM " * 40, "x" * 500, "ກ ខ្មែរ តេស្ត", "🌀" * 80])
def test_no_line_is_wider_than_it_may_be(text):
    lines = wrap(text, 200, 26)

    assert all(width_of(line, 26) <= 200 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
