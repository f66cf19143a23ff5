"""What each person reads: NFC, nothing from outside the campaign, and a name that cannot lie."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zalo_alert.campaign import parse
from zalo_alert.render import MAX_NAME, Renderer, check, clean_name
from zalo_alert.workspace import examples

CAMPAIGN = parse(examples()["bao-so-7.yaml"], "c.yaml")


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
    "{{ code | map }}", "\ue000", "x" * 30_000,
]  # fmt: skip


@pytest.mark.parametrize("template", DANGEROUS)
def test_a_template_that_could_fail_or_run_away_is_refused(template):
    assert check(template)


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
    assert cleaned.isprintable()
    assert clean_name(cleaned) == cleaned
