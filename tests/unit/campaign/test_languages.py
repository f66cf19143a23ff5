"""Other languages below the Vietnamese text, in one message: the same fields, somebody who answers for each, none forgotten."""

from dataclasses import replace

import jsonschema
import pytest
import yaml

from zalo_alert.campaign.follow_up import Section, parts
from zalo_alert.campaign.follow_up_text import Window, write
from zalo_alert.campaign.form import schema
from zalo_alert.campaign.parse import parse, read
from zalo_alert.campaign.render import Renderer
from zalo_alert.errors import CampaignInvalid

CAMPAIGN = """code: BAO-1
status: Exercise
msgType: Alert
event: bao
risk_level: 4
urgency: Expected
severity: Extreme
certainty: Likely
effective: 2026-09-18T14:00:00+07:00
expires: 2026-09-19T12:00:00+07:00
audience: {areas: [new:46, new:96]}
routes:
  - {type: cs}
  - {type: broadcast, cover: bia.jpg, author: Ban Chỉ huy}
message:
  headline: "DIỄN TẬP bão"
  text: |
    Bão. Sơ tán trước {{ truoc|gon }}. Mã tin: {{ code }}
  languages:
    km: {text: "ខ្មែរ {{ truoc|gon }} {{ code }}", checked_by: "Thạch Sơn"}
    en: {text: "Storm. {{ code }}", checked_by: "Lê Hà"}
variants:
  - {areas: [new:46], text: "Huế.", languages: {}}
  - {areas: [new:96], risk_level: 5}
correction:
  text: "Nhầm."
  languages: {km: {text: "ខុស {{ code }}", checked_by: "Thạch Sơn"}}
  routes: [{type: cs}, {type: broadcast, cover: bia.jpg, author: Ban Chỉ huy}]
fields: {truoc: 2026-09-18T20:00:00+07:00}
"""
WHOLE = (
    "[DIỄN TẬP] Bão. Sơ tán trước 20 giờ, thứ Sáu 18/9. Mã tin: BAO-1\n\nខ្មែរ 20:00, 18/9 BAO-1\n\nStorm. BAO-1\n"
    "[HẾT TIN DIỄN TẬP]"
)


def faults(old, new):
    assert old in CAMPAIGN
    with pytest.raises(CampaignInvalid) as caught:
        parse(CAMPAIGN.replace(old, new).encode(), "c.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_people_read_vietnamese_first_and_the_marks_stand_round_the_whole():
    renderer = Renderer(parse(CAMPAIGN.encode(), "c.yaml"))
    assert renderer.text("Huế", None) == WHOLE
    assert renderer.text("Cà Mau", 1) == WHOLE  # no text of its own, so the campaign's languages
    assert renderer.text("Huế", 0) == "[DIỄN TẬP] Huế. [HẾT TIN DIỄN TẬP]"
    assert renderer.article("Huế").paragraphs == tuple(WHOLE.split("\n\n"))


def test_what_follows_an_alert_has_its_own_languages_everywhere():
    campaign = parse(CAMPAIGN.encode(), "c.yaml")
    expected = "[DIỄN TẬP] Nhầm.\n\nខុស BAO-1\n[HẾT TIN DIỄN TẬP]"
    window = Window(campaign.effective, campaign.expires)
    sent = parse(write(CAMPAIGN.encode(), Section.CORRECTION, ["BAO-1"], window, with_article=True), "c.yaml", is_frozen=True)
    for part in (parts(campaign)["correction"], replace(sent, is_marked=True)):
        assert [Renderer(part).text("Huế", variant) for variant in (None, 0, 1)] == [expected] * 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (', checked_by: "Lê Hà"', "", "checked_by  is missing: name who read this text and answers for it"),
        ('"Lê Hà"', '" "', "is empty: name who read this text"),
        ("    en: {", "    vi: {", "Vietnamese is message.text"),
        ("    km: {", "    khmer: {", "is none of the languages here; did you mean km?; there are km (Khmer), hmn (Hmong)"),
        ("Storm. {{ code }}", "Storm. {{ cod }}", "{{ cod }} is not a field; did you mean {{ code }}?"),
        ("Storm. {{ code }}", "{{ name }}", "all readers of a broadcast"),
        ("Storm. {{ code }}", "S" * 2_000, "with its languages; a consultation message (cs) takes 2000"),
        (", languages: {}}", "}", "has a text of its own, and message.languages is of another (km, en)"),
        (
            "    en: {",
            "".join(f"    x{i}: {{text: a, checked_by: b}}\n" for i in range(500)) + "    en: {",
            "are 502; at most 20",
        ),
        ("    en: {text", "    en: {txet", 'is not a key of this file; did you mean "text"?'),
    ],
)
def test_a_language_that_nobody_could_read_or_answer_for_is_refused(old, new, said):
    found = faults(old, new)
    assert any(said in each for each in found), found


def test_languages_that_what_follows_lacks_are_a_remark():
    remarks = [str(remark) for remark in read(CAMPAIGN.encode(), "c.yaml").remarks]
    assert [remark for remark in remarks if "languages" in remark] == [
        "c.yaml:26:3  correction  is not in en, and the alert is: add its languages"
    ]


def test_hours_and_numbers_in_other_languages_are_digits_that_people_there_read():
    text = 'text: "{{ truoc }} {{ truoc|gio_gon }} {{ truoc|ngay }} {{ muc }} {{ luong }}"'
    own = CAMPAIGN.replace('text: "Storm. {{ code }}"', text).replace('text: "ខ្មែរ {{ truoc|gon }} {{ code }}"', text)
    fields = ", muc: 1.5, luong: 4000}"
    texts = Renderer(parse(own.replace("+07:00}\n", f"+07:00{fields}\n").encode(), "c.yaml")).by_language("Huế", None)
    assert texts == {
        "vi": "[DIỄN TẬP] Bão. Sơ tán trước 20 giờ, thứ Sáu 18/9. Mã tin: BAO-1 [HẾT TIN DIỄN TẬP]",
        "km": "20:00, 18/9/2026 20:00 18/9/2026 1,5 4.000",
        "en": "20:00, 18/9/2026 20:00 18/9/2026 1.5 4000",
    }


def test_editors_know_the_languages_and_the_names_of_fields():
    data = yaml.load(CAMPAIGN, Loader=yaml.BaseLoader) | {"risk_level": 4}
    data["variants"][1]["risk_level"] = 5
    jsonschema.validate(data, schema())
    for wrong in (data | {"fields": {"Giờ": "x"}}, data | {"message": data["message"] | {"languages": {"vi": {"text": "x"}}}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema())
