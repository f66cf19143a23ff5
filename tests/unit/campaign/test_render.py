"""What each person reads: NFC, nothing from outside the campaign, and a name that cannot lie."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zalo_alert.campaign.parse import parse
from zalo_alert.campaign.person_names import MAX_NAME, clean_name
from zalo_alert.campaign.render import Renderer
from zalo_alert.campaign.template import bares_name
from zalo_alert.campaign.template_check import check
from zalo_alert.foundation.invisible import hidden
from zalo_alert.operations.scaffold import examples

CAMPAIGN = replace(parse(examples()["bao-so-7.yaml"], "c.yaml"), is_marked=False)  # what a drill's marks add: test_drill_marks


def rendered(text, label="Huế", name=""):
    return Renderer(replace(CAMPAIGN, text=text, variants=())).text(label, None, name)


def test_fields_of_the_campaign_and_of_the_place():
    assert rendered("{{ code }} {{ place }} {{ risk_level }}") == f"{CAMPAIGN.code} Huế 4"
    assert rendered("{{ effective | gio }}, {{ expires | ngay }}") == "14 giờ 00, thứ Bảy 19/9/2026"


def test_a_variant_s_own_danger_stands_in_text_headline_and_data():
    variant = replace(CAMPAIGN.variants[0], text="{{ risk_level }} {{ onset | gio }}", risk_level=5)
    route = replace(CAMPAIGN.routes[0], data={"cap": "{{ risk_level }}"})
    renderer = Renderer(replace(CAMPAIGN, headline="{{ risk_level }}", variants=(variant,), routes=(route,)))
    assert renderer.text("Huế", 0) == "5 3 giờ 00"
    assert [renderer.headline("Huế", which) for which in (0, None)] == ["5", "4"]
    assert [renderer.data(0, "Huế", which) for which in (0, None)] == [{"cap": "5"}, {"cap": "4"}]


def test_texts_come_out_composed():
    decomposed = unicodedata.normalize("NFD", "Cảnh báo {{ place }}")
    assert unicodedata.is_normalized("NFC", rendered(decomposed, unicodedata.normalize("NFD", "Huế")))


def test_a_name_is_filled_in_for_each_person():
    assert rendered("Chào {{ name }}!", name="Nguyễn Văn A") == "Chào Nguyễn Văn A!"
    assert rendered("{% if name %}{{ name | upper }}{% else %}bạn{% endif %}", name="An") == "AN"
    assert rendered("{% if name %}{{ name }}{% else %}bạn{% endif %}") == "bạn"


@pytest.mark.parametrize("name", ["A\nB", "A\u202eB", "x" * 500, "\ue000", "{{ code }}", "A\0B"])
def test_a_name_chosen_to_deceive_is_made_harmless(name):
    text = rendered("Chào {{ name }}.", name=name)
    assert "\n" not in text
    assert "\u202e" not in text
    assert len(text) <= MAX_NAME + 10
    assert CAMPAIGN.code not in text


DANGEROUS = [
    "{{ unknown }}", "{{ code.__class__ }}", "{% for x in y %}{% endfor %}", "{{ ''.join }}", "{{ range(10**9) }}", "{% rwa %}",
    "{{ 9 ** 9 ** 9 }}", "{{ 'x' * 10000000 }}", "{% set a = 1 %}", "{% include 'x' %}", "{{", "{{ " + "(" * 5000,
    "{{ code | map }}", "a {# b #} c", "a {# b", "{% raw %}{{ name }}{% endraw %}", "\ue000", "x" * 30_000,
]  # fmt: skip


@pytest.mark.parametrize("template", DANGEROUS)
def test_a_template_that_could_fail_or_run_away_is_refused(template):
    assert check(template)


@pytest.mark.slow
@settings(deadline=None)
@given(st.text(alphabet="{}%|. \n'\"()[]ab09_codeplacenameif", max_size=60))
def test_whatever_passes_the_check_can_be_rendered(template):
    if not check(unicodedata.normalize("NFC", template)):
        assert isinstance(rendered(template, name="An"), str)


@given(st.text() | st.text(alphabet="ab \ue000\u200b", max_size=2 * MAX_NAME))
@example("x" * (MAX_NAME - 1) + " x")
def test_clean_names_are_short_printable_and_stay_as_they_are(name):
    cleaned = clean_name(name)
    assert len(cleaned) <= MAX_NAME
    assert max(len(cleaned.upper()), len(cleaned.lower()), len(unicodedata.normalize("NFC", cleaned))) <= MAX_NAME
    assert " ".join(cleaned.split()) == cleaned
    assert not list(hidden(cleaned))
    assert not any(unicodedata.category(char) in {"Cc", "Co", "Cs", "Zl", "Zp"} for char in cleaned)
    assert clean_name(cleaned) == cleaned


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Bác sĩ 👩\u200d⚕️", "Bác sĩ 👩\u200d⚕️"),
        ("ශ්\u200dරී", "ශ්\u200dරී"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        (
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ),
        ("An \U0001fae9", "An \U0001fae9"),  # of Unicode 16
        ("\U0001fae9", "\U0001fae9"),
        ("\u3164", ""),
        ("\u2800\u2800", ""),
        ("\u200b\u200d\ufe0f", ""),
        ("An\u3164Bình", "An Bình"),
        ("A\u200bn", "An"),
        ("A\u202enA", "AnA"),
        ("A\u00a0 B", "A B"),
        ("Nguyễn Văn A.-B_1", "Nguyễn Văn A.-B_1"),
        (unicodedata.normalize("NFD", "Nguyễn"), "Nguyễn"),
        ("\U0001d160" * 40, "\U0001d158\U0001d165\U0001d16e" * 13 + "\U0001d158"),
        ("ﬃ" * 40, "ﬃ" * 13),
        ("ß" * 40, "ß" * 20),
        ("x" * 39 + "👩\u200d⚕️", "x" * 39 + "👩"),
    ],
)
def test_a_name_keeps_what_it_is_written_with_and_loses_what_nobody_sees(name, shown):
    assert clean_name(name) == shown


@pytest.mark.parametrize("name", ["ΐ" * 40, "ﬃ" * 40, "\U0001d160" * 40, "İ" * 40, "e\u0301" * 80])
@pytest.mark.parametrize("use", ["name", "name | upper", "name | lower", "name | title"])
def test_no_name_makes_a_text_longer_than_the_longest_that_was_measured(name, use):
    template = f"{{{{ {use} }}}}!"
    assert len(rendered(template, name=name)) <= len(rendered(template, name="x" * MAX_NAME))


@pytest.mark.parametrize(
    ("template", "with_name", "without"),
    [
        ("Kính gửi {{ name }}: x", "Kính gửi An: x", "Kính gửi : x"),
        ('Kính gửi {{ name|default("Anh/Chị") }}: x', "Kính gửi An: x", "Kính gửi Anh/Chị: x"),
        ('Kính gửi {{ name or "Anh/Chị" }}: x', "Kính gửi An: x", "Kính gửi Anh/Chị: x"),
        ('{{ name|default("Anh/Chị")|upper }}', "AN", "ANH/CHỊ"),
        ("{% if name %}Chào {{ name }}{% else %}Chào bạn{% endif %}", "Chào An", "Chào bạn"),
        ("{% if not name %}Chào bạn{% else %}Chào {{ name }}{% endif %}", "Chào An", "Chào bạn"),
        ("{% if risk_level > 3 %}{% if name %}{{ name }}{% endif %}{% endif %} {{ place }}", "An Huế", " Huế"),
    ],
)
def test_people_without_a_name_read_what_the_campaign_has_for_them(template, with_name, without):
    assert check(template) == []
    renderer = Renderer(replace(CAMPAIGN, text=template, variants=()))
    for _ in range(2):  # what was rendered once for all people of a place is filled in afterwards
        assert renderer.text("Huế", None, "An") == with_name
        assert renderer.text("Huế", None, "") == renderer.text("Huế", None, " \u3164") == without


@pytest.mark.parametrize(
    ("template", "bare"),
    [
        ("{{ name }}", True),
        ("{{ place }}", False),
        ('{{ name|default("bạn") }}', False),
        ('{{ name or "bạn" }}', False),
        ("{% if name %}{{ name }}{% else %}bạn{% endif %}", False),
        ("{% if not name %}bạn{% else %}{{ name|upper }}{% endif %}", False),
        ("{% if risk_level > 3 %}{{ name }}{% endif %}", True),
        ("{% if name %}{{ name }}{% endif %}, {{ name }}", True),
        ("{{ name|upper }}", True),
    ],
)
def test_a_text_that_leaves_a_gap_for_people_without_a_name_is_known(template, bare):
    assert bares_name(template) is bare


def test_a_parameter_is_lacking_only_for_want_of_a_name():
    data = {"ten": "{{ name }}", "trong": "", "chao": '{{ name|default("bạn") }}'}
    renderer = Renderer(replace(CAMPAIGN, routes=(replace(CAMPAIGN.routes[0], data=data), CAMPAIGN.routes[1])))
    assert renderer.lacks(0, "Huế", None, "\u2800")
    assert not renderer.lacks(0, "Huế", None, "An")
    assert not renderer.lacks(1, "Huế", None, "")


@pytest.mark.parametrize(
    "template",
    [
        '{{ place|default("x") }}',
        "{{ name|default }}",
        "{{ name|default(1) }}",
        '{{ name|default("") }}',
        '{{ name|default("x", true) }}',
    ],
)
def test_a_default_is_one_text_and_for_a_name(template):
    assert check(template)
