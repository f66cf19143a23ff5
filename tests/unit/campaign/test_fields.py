"""A campaign's own fields: typed once, shown alike in every text, moved with the campaign."""

import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zalo_alert.campaign.follow_up import Section, parts
from zalo_alert.campaign.follow_up_text import Window, write
from zalo_alert.campaign.parse import parse, read, redate
from zalo_alert.campaign.render import Renderer
from zalo_alert.campaign.values import Instant, shown_value
from zalo_alert.errors import CampaignInvalid
from zalo_alert.foundation import yaml_document
from zalo_alert.foundation.clock import VIETNAM, in_vietnam

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
audience: {{areas: [new:46]}}
routes:
  - {{type: cs}}
  - {{type: template, template_id: "1", data: {{truoc: "{{{{ so_tan_truoc|gio_gon }}}}"}}}}
message: {{headline: "DIỄN TẬP {{{{ place }}}}", text: "{text}"}}
correction:
  text: "Tin sơ tán trước {{{{ so_tan_truoc|gon }}}} đã GỬI NHẦM."
fields:
{fields}
"""
FIELDS = ("so_tan_truoc: 2026-09-18T20:30:00+07:00", 'ten_bao: "tin bão khẩn cấp"', "luong_xa: 4000", "muc: 1.5")


def written(text="{{ so_tan_truoc }}", fields=FIELDS):
    return CAMPAIGN.format(text=text, fields="\n".join(f"  {line}" for line in fields)).encode()


def rendered(text, fields=FIELDS):
    return Renderer(parse(written(text, fields), "c.yaml")).text("Huế", None).removeprefix("[DIỄN TẬP] ").split(" [HẾT")[0]


def faults(text="{{ so_tan_truoc }}", fields=FIELDS):
    with pytest.raises(CampaignInvalid) as caught:
        parse(written(text, fields), "c.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ so_tan_truoc }}", "20 giờ 30, thứ Sáu 18/9/2026"),
        ("{{ so_tan_truoc|gio }} {{ effective|gio_gon }} {{ so_tan_truoc|gio_gon }}", "20 giờ 30 14 giờ 20 giờ 30"),
        ("{{ so_tan_truoc|ngay }} {{ so_tan_truoc.ngay_gon }}", "thứ Sáu 18/9/2026 18/9"),
        ("{{ effective|gon }}; {{ so_tan_truoc|gon }}", "14 giờ, thứ Sáu 18/9; 20 giờ 30, thứ Sáu 18/9"),
        ("{{ ten_bao|upper }}: {{ luong_xa }} và {{ muc }}", "TIN BÃO KHẨN CẤP: 4.000 và 1,5"),
        ("{% if luong_xa == 4000 %}đúng{% endif %}", "đúng"),
    ],
)
def test_texts_show_fields_as_bulletins_write_them(template, shown):
    assert rendered(template) == shown


def test_template_data_and_what_follows_show_the_same_fields():
    campaign = parse(written(), "c.yaml")
    assert Renderer(campaign).data(1, "Huế") == {"truoc": "20 giờ 30"}
    assert "trước 20 giờ 30, thứ Sáu 18/9" in Renderer(parts(campaign)["correction"]).text("Huế", None)


def test_instants_of_fields_move_with_the_campaign():
    moved = parse(redate(written(), datetime(2027, 1, 1, 7, 14, 59, tzinfo=VIETNAM)), "c.yaml")
    assert moved.effective == datetime(2027, 1, 1, 7, 0, tzinfo=VIETNAM)
    assert moved.fields["so_tan_truoc"] == datetime(2027, 1, 1, 13, 30, tzinfo=VIETNAM)
    assert moved.fields["ten_bao"] == "tin bão khẩn cấp"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100 * 365 * 24 * 3600), st.integers(-12, 14))
def test_any_instant_reads_back_to_its_minute_from_each_form(second, zone):
    instant = datetime(2000, 1, 2, tzinfo=timezone(timedelta(hours=zone))) + timedelta(seconds=second)
    local, shown = in_vietnam(instant).replace(second=0, microsecond=0), Instant(instant)
    assert re.fullmatch(r"\d+ giờ( \d\d)?", shown.gio_gon)
    hour, minute = [*re.findall(r"\d+", shown.gio_gon), "0"][:2]
    day, month = shown.ngay_gon.split("/")
    assert local == datetime(local.year, int(month), int(day), int(hour), int(minute), tzinfo=VIETNAM)
    assert shown.gon == f"{shown.gio_gon}, {shown.ngay.removesuffix(f'/{local.year}')}"
    assert shown == f"{shown.gio}, {shown.ngay}"
    weekday = ["Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "nhật"].index(shown.ngay.split()[1])
    assert (weekday, shown.gio) == (local.weekday(), f"{local.hour} giờ {local.minute:02}")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("so_tan: 2026-09-18T20:00", "says no time zone: add +07:00"),
        ("so_tan: 2026-09-18", "says no time zone"),
        ("so_tan: 2026-02-30T20:00:00+07:00", "is not an instant"),
        ("so_tan: 2026-09-18T20:00:00-07:00", "write it with +07:00"),
        ('so_tan: "20 giờ, 18/9/2026"', "write it like 2026-09-18T20:00:00+07:00"),
        ("so_tan:", "is empty"),
        ('so_tan: ""', "is not filled in"),
        ('so_tan: "…"', "is not filled in"),
        ("so_tan: .nan", "is no number"),
        ("so_tan: 1e300", "is no number that people read"),
        ("so_tan: true", "put the word in quotes"),
        ("so_tan: {a: {b: 1}}", "not keys and values"),
        ("so_tan: [1]", "not a list"),
        ('so_tan: "{{ place }}"', "would read it as it is typed"),
        ('so_tan: "a\\nb"', "one line"),
        ('so_tan: "a\\u200bb"', "invisible character"),
        ('so_tan: "a\\ue000b"', "invisible character"),
        (f"so_tan: {'x' * 100_000}", "has 100\u202f000 characters; at most 500"),
        ("__class__: x", "is not a name of a field"),
        ("SoTan: x", "is not a name of a field"),
        ("place: x", "is a field that every campaign has"),
        ("self: x", "is a word of the template language"),
    ],
)
def test_a_field_that_cannot_be_shown_is_named_with_its_place(line, said):
    found = faults(fields=[FIELDS[0], line])
    assert any(said in each and each.startswith("c.yaml:20:") for each in found), found
    assert len(found) == 1


def test_a_field_with_a_fault_is_told_once_however_often_it_is_shown():
    assert len(faults("{{ so_tan_truoc|gon }} {{ so_tan_truoc }}", ["so_tan_truoc: 2026-09-18"])) == 1


def test_an_unknown_field_is_told_with_what_was_meant():
    (found,) = faults("{{ so_tan_truc }}")
    assert "{{ so_tan_truc }} is not a field; did you mean {{ so_tan_truoc }}?" in found
    assert "only for effective, expires, so_tan_truoc" in faults("{{ ten_bao|gon }}")[0]


def test_ten_thousand_fields_are_one_sentence():
    found = faults(fields=[FIELDS[0], *(f"f{number}: x" for number in range(10_000))])
    assert [each.split("  ")[-1] for each in found] == ["are 10\u202f001; at most 100 are read"]


def test_a_field_that_no_text_shows_is_a_remark():
    remarks = [str(remark) for remark in read(written("{{ luong_xa }} {{ muc }}"), "c.yaml").remarks]
    assert [remark for remark in remarks if "no text shows it" in remark] == [
        "c.yaml:20:3  fields.ten_bao  no text shows it: write {{ ten_bao }} in one, or take it out"
    ]


def test_where_a_text_began_and_what_people_should_do_stay_with_the_alert():
    head = b"template: bao/warning/4\nresponseType: [Evacuate, Shelter]\nall_clear: {text: het}\n"
    campaign = parse(head + written(), "c.yaml")
    assert (campaign.template, campaign.response_types) == ("bao/warning/4", ("Evacuate", "Shelter"))
    assert {name: (part.template, part.response_types) for name, part in parts(campaign).items() if name != "alert"} == {
        "correction": ("", ()),
        "all_clear": ("", ("AllClear",)),
    }
    with pytest.raises(CampaignInvalid, match="2 problems"):
        parse(head.replace(b"bao/", b"../").replace(b"Shelter", b"Run") + written(), "c.yaml")


def test_what_follows_an_alert_is_written_with_its_fields():
    campaign = parse(written(), "c.yaml")
    window = Window(campaign.effective, campaign.expires)
    follow_up = parse(write(written(), Section.CORRECTION, ["BAO-1"], window, with_article=True), "c.yaml", is_frozen=True)
    assert follow_up.fields == campaign.fields
    assert Renderer(follow_up).text("Huế", None) == "Tin sơ tán trước 20 giờ 30, thứ Sáu 18/9 đã GỬI NHẦM."


START = datetime(2001, 1, 1, tzinfo=VIETNAM)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
LIKELY = st.one_of(
    st.text("aăâbcdđeêoôơuưyáàảãạ 0123456789,.-", min_size=1, max_size=30), st.integers(-(10**9), 10**9), st.floats(0.01, 10**6),
    st.integers(0, 90 * 365 * 24 * 60).map(lambda minutes: (START + timedelta(minutes=minutes)).isoformat()),
)  # fmt: skip
ODD = st.one_of(
    st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers(), max_size=2),
    st.datetimes().map(datetime.isoformat),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.dictionaries(NAMES, LIKELY, max_size=4), st.dictionaries(NAMES | st.text(max_size=6), ODD, max_size=3)))
def test_whatever_stands_in_fields_is_shown_or_refused(values):
    rest, own = written().split(b"fields:\n")[0], {**values, "so_tan_truoc": "2026-09-18T20:30:00+07:00"}
    text = rest.replace(b"{{ so_tan_truoc }}", "".join(f"[{{{{ {name} }}}}]" for name in values if name.isidentifier()).encode())
    try:
        campaign = parse(text + yaml_document.write({"fields": own}).encode(), "c.yaml")
    except CampaignInvalid:  # and nothing else is raised
        return
    shown = Renderer(campaign).text("Huế", None)
    assert all(f"[{shown_value(campaign.fields[name])}]" in shown for name in values)
