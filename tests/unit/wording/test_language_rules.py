"""A text in another language is read by itself, and says the hours, days, level and code of the Vietnamese one."""

import pytest

from tests.unit.wording.asking import CAMPAIGNS, text_of
from zalo_alert.campaign import parse
from zalo_alert.runs.facts import RunPlace
from zalo_alert.wording import language_rules
from zalo_alert.wording.as_read import as_read

VIETNAMESE = "Rủi ro cấp 4/5. Mưa trong 6 giờ qua. Trước 20 giờ 30, thứ Sáu 18/9/2026: SƠ TÁN. Mã tin: TW-260918-03"


def found(words, vietnamese=VIETNAMESE):
    text = text_of(words, language="en")
    text.as_read = text.as_read._replace(vietnamese=vietnamese)
    return [(words[spot.start : spot.end], str(spot.message)) for rule in language_rules.RULES for spot in rule.check(text)]


@pytest.mark.parametrize(
    ("words", "shown", "said"),
    [
        ("Level 4/5. Leave before 20:00, 18/9/2026. TW-260918-03", "20:00", "20:00 is not in the Vietnamese text"),
        ("Level 4/5. Leave before 20:30, 19/9. TW-260918-03", "19/9", "19/9 is not in the Vietnamese text"),
        ("Level 3/5. Leave before 20:30, 18/9. TW-260918-03", "", "English lacks 4/5, which the Vietnamese text says"),
        ("Level 4/5. Leave now. TW-260918-03", "", "English lacks 20:30, 18/9, which the Vietnamese text says"),
        ("Level 4/5. Leave before 20:30, 18/9.", "", "English lacks TW-260918-03, which the Vietnamese text says"),
    ],
)
def test_an_hour_a_day_a_level_or_a_code_that_differs_is_found(words, shown, said):
    assert (shown, said) in found(words)


def test_a_telephone_that_differs_is_found():
    (lacking,) = found("Call 113", "Gọi 112")
    (other,) = found("Call 0299 382 1235 or 112", "Gọi 112")

    assert lacking[1] == "English lacks 112, which the Vietnamese text says"
    assert other[1] == "02993821235 is not in the Vietnamese text"


def test_a_sentence_that_nobody_translated_is_told():
    told = found("Leave now. nước sông dâng rất nhanh", "Nước sông dâng rất nhanh. RỜI NHÀ NGAY.")

    assert told == [("nước sông dâng rất nhanh", "stands word for word in the Vietnamese text, too")]


@pytest.mark.parametrize("word", ["1/", "18/9 ", "0 ", "9", "A-", "SƠ TÁN ", "១"])
def test_a_hostile_text_ends_soon(word):
    assert len(found(word * (20_000 // len(word)))) < 20_000


@pytest.mark.parametrize(
    "words",
    [
        "Level 4 of 5. Friday 18 September, 20.30 at the latest: LEAVE. Code: TW-260918-03. Call 112",
        "Level 4/5. Leave before 20:30, 18/9/2026. Code: TW-260918-03",
        "កម្រិត ៤/៥ ។ ២០:៣០, ១៨/៩ TW-260918-03",
        "Level 4/5: 180 mm in 6 hours. Call 112. Leave before 20:30, 18/9. TW-260918-03",
    ],
)
def test_what_says_the_same_is_not(words):
    assert found(words) == []


def test_each_language_is_read_by_itself_where_it_stands_in_the_file():
    text = (CAMPAIGNS / "bao-so-7.yaml").read_text(encoding="utf-8")
    english = '  languages: {en: {text: "Storm {{ so_tan_truoc|gon }}", checked_by: An}}\nvariants:\n'
    campaign = parse.parse(text.replace("variants:\n", english).replace("      [DIỄN", "      {{ code }}[DIỄN"). replace(
        "    onset: 2026-09-19T03", "    languages: {}\n    onset: 2026-09-19T03").encode(), "c.yaml")  # fmt: skip
    read = as_read(campaign, [RunPlace("old:45", "Quảng Trị", None, 1), RunPlace("new:46", "Huế", 0, 1)], {})
    languages = [(each.part, each.path, each.text) for each in read if each.language == "en"]
    assert languages == [("alert", ("message", "languages", "en", "text"), "Storm 20:00, 18/9")]
    assert not any("Storm" in each.text for each in read if each.language == "vi")
