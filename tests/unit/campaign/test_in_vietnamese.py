"""A campaign file full of mistakes, read by an officer who knows no English: each says what is wrong and what to write."""

import re

import pytest

from zalo_alert.campaign import form
from zalo_alert.campaign.instants import instant_of
from zalo_alert.campaign.parse import parse
from zalo_alert.campaign.template_check import check
from zalo_alert.errors import CampaignInvalid
from zalo_alert.language import Language, catalogue_of, said_in

VI = catalogue_of(Language.VI)
MISTAKES = """\
code: Bão số 7
status: Dien tap
msgType: Update
event: bảo
risk_level: 7
urgency: Immediate
severity: Severe
effective: 27/11/2026 12:00
expires: 2026-11-27T02:00:00
audiense: {}
audience:
  areas: [Quảng Trị, new:99, Nghệ Ann, Vinh, "45", Tây Nguyên]
routes:
  - {type: cs, template_id: 311203, buttons: [{title: Bản đồ, url: bando.vn}]}
  - {type: broadcast, cover: bia.gif}
message:
  headline: Bão số 7 # tin khẩn
  text: "Bão số 7 sắp vào {{ tinh }}. {{ place }"
limits: {attempts: nhiều}
"""
WRITE = {
    "code": "ví dụ BAO-SO-7",
    "status": "Exercise (diễn tập)",
    "msgType": "references: [mã của tin",
    "event": 'có phải là "bao" không?',
    "effective": "2026-11-27T12:00:00+07:00",
    "expires": "hãy thêm +07:00",
    "certainty": "certainty: Likely",
    "audience.areas[0]": "new:44",
    "audience.areas[3]": "ward:16681",
    "audience.areas[4]": "old:45 (Quảng Trị)",
    "audience.areas[5]": "hãy ghi region:tay-nguyen",
    "routes[0].template_id": '"311203"',
    "routes[0].buttons[0].url": "https://",
    "routes[1]": "author: ",
    "routes[1].cover": ".jpg, .jpeg, .png",
    "message.headline": "dấu nháy kép",
    "message.text": "{{ place }}",
    "limits.on_unknown": "limits: {on_unknown: hold}",
}


@pytest.fixture(scope="module")
def problems():
    with pytest.raises(CampaignInvalid) as caught:
        parse(MISTAKES.encode(), "sai.yaml")
    return {problem.field: said_in(problem.message, VI) for problem in caught.value.problems}


@pytest.mark.parametrize(("field", "cure"), WRITE.items(), ids=list(WRITE))
def test_each_mistake_comes_with_what_to_write(problems, field, cure):
    assert cure in problems[field]


def test_no_english_sentence_is_left(problems):
    english = re.compile(r"\b(is|are|the|not|must|should|of|there|has|write|missing|needs)\b")
    assert len(problems) >= 20
    assert [said for said in problems.values() if english.search(said)] == []


def test_whatever_may_be_missing_has_an_example_that_names_it():
    required = {name for names in form.REQUIRED.values() for name in names}
    assert {name: example.partition(":")[0] for name, example in form.EXAMPLES.items()} == {name: name for name in required}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("27/11/2026 12:00", "2026-11-27T12:00:00+07:00"),
        ("12 giờ 30, 27-11-2026", "2026-11-27T12:30:00+07:00"),
        ("7g 1.2.2026", "2026-02-01T07:00:00+07:00"),
        ("31/2/2026 12:00", "2026-09-18T14:00:00+07:00"),
        ("27/11/2026", "2026-09-18T14:00:00+07:00"),
    ],
)
def test_a_day_typed_the_vietnamese_way_comes_back_as_it_is_written(typed, meant):
    with pytest.raises(ValueError, match=re.escape(f"write it like {meant}")):
        instant_of(typed)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ place", 'chưa đóng: thiếu "}}"'),
        ("{{ place }", '"}" đặt sai chỗ'),
        ("{{ }}", 'thiếu tên trường trước "}}"'),
        ("{% if risk_level %}x", "{% endif %}"),
        ("{% for %}", 'thiếu tên trường|cần có'),
        ("{% foo %}", "không có {% foo %}"),
        ("{{ dia chi }}", 'cần có "}}" mà lại gặp "chi"'),
    ],
)  # fmt: skip
def test_what_jinja_finds_is_said_in_our_words(template, said):
    assert re.search(said if "|" in said else re.escape(said), said_in(check(template)[0].message, VI))


def test_an_editor_shows_the_keys_in_the_language_of_whoever_writes():
    schema = form.schema(Language.VI)
    assert schema["properties"]["expires"]["description"] == "Sau giờ này không gửi gì nữa"
    assert schema["properties"]["event"]["description"].startswith("Loại thiên tai: bao, ")
