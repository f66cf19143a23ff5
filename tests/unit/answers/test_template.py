"""Templates of answers: what they may name, what they may not, and that nothing of Python is behind a dot."""

import pytest

from zalo_alert.answers.template import TemplateFailed, names_used, render
from zalo_alert.answers.template_check import Scope, check

ROW = {"sbd": "02001234", "mon": {"Toán": 8.5, "Văn": 7}, "lan": ["a", "b"], "vang": None}
LOOKUP = Scope(frozenset({"address", "phone"}), frozenset({"le_phi"}), has_found=True)
RULE = Scope(frozenset({"address", "phone"}), frozenset({"le_phi"}))
FALLBACK = RULE._replace(words=frozenset({"wait", "opens"}))
LOOP = "{% for mon, diem in found.mon.items() %}{{ mon }} {{ diem }}; {% endfor %}"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Thí sinh {{ found.sbd }}: " + LOOP, "Thí sinh 02001234: Toán 8.5; Văn 7;"),
        ("{% for lan in found.lan %}{{ lan|upper }}{% endfor %}", "AB"),
        ("{{ found.mon.Toán }}", "8.5"),
        ("[{{ found.vang }}]", "[]"),
        ("{% if oa.phone %}Gọi {{ oa.phone }}{% else %}Đến {{ oa.address }}{% endif %}", "Đến 2 Tràng Thi"),
        ('{{ oa.phone|default("113") }}', "113"),
        ("{% if oa.phone is defined %}1{% else %}0{% endif %}", "0"),
        ("{{ value.le_phi }}", "50.000 đồng"),
    ],
)
def test_a_sound_template_is_rendered(template, text):
    values = {"oa": {"address": "2 Tràng Thi"}, "value": {"le_phi": "50.000 đồng"}, "found": ROW}

    assert check(template, LOOKUP) == []
    assert render(template, values) == text


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ oa.adress }}", "{{ oa.adress }} is not there; did you mean {{ oa.address }}?"),
        ("{{ value.lephi }}", "did you mean {{ value.le_phi }}?"),
        ("{{ oa }}", "oa needs a dot"),
        ("{{ found.sbd }}", "is for look-ups alone"),
        ("{{ wait }}", "is for the fallback alone"),
        ("{{ name }}", "is not a field; there are oa.…, value.…"),
        ("{{ oa.address.__class__ }}", ".__class__ is not allowed here"),
        ("{{ oa['address'] }}", "uses getitem"),
        ("{{ oa.address.upper() }}", "uses call"),
        ("{% for x in oa.address %}{{ x }}{% endfor %}", "uses for"),
        ("{% set x = 1 %}", "uses assign"),
        ("{{ oa.address|replace('a', 'b') }}", "|replace is not a filter"),
        ("{{ oa.address|default(oa.phone) }}", "|default takes one text"),
        ("{{ oa.address + 1 }}", "uses add"),
        ("{# note #}", "begins a comment"),
        ("{{ oa.address ", "is not closed"),
        ("{% if oa.address > 1 %}{% endif %}", "compares with more than == and !="),
        ("{" * 20_001, "characters; at most"),
    ],
)
def test_what_could_fail_or_lead_out_is_refused(template, said):
    (fault, *_) = check(template, RULE)

    assert said in fault.message


@pytest.mark.parametrize(
    "template",
    [
        "{% for x in found.mon.items() %}{% for y in found.lan %}{{ y }}{% endfor %}{% endfor %}",
        "{% for x in found.mon.keys() %}{{ x }}{% endfor %}",
        "{% for x in oa.address %}{{ x }}{% endfor %}",
        "{% for x in found.lan if x %}{{ x }}{% endfor %}",
        "{% for x in found.lan recursive %}{{ loop(x) }}{% endfor %}",
    ],
)
def test_a_loop_goes_over_one_part_of_a_row(template):
    assert any("a for goes over one part of found" in fault.message for fault in check(template, LOOKUP))


def test_a_fault_has_its_line():
    assert [fault.line for fault in check("a\nb {{ oa.adress }}\n{{ x }}", RULE)] == [2, 3]


def test_what_is_not_there_is_never_printed():
    with pytest.raises(TemplateFailed, match="phone"):
        render("Gọi {{ oa.phone }}", {"oa": {}})


def test_a_dot_means_a_key_and_no_method():
    assert render("{{ oa.keys }}", {"oa": {"keys": "hai"}}) == "hai"
    with pytest.raises(TemplateFailed):
        render("{{ oa.keys }}", {"oa": {}})


def test_a_row_with_very_many_values_is_not_looped_over():
    with pytest.raises(TemplateFailed, match="more than 100"):
        render(LOOP, {"found": {"mon": {str(n): n for n in range(101)}}})


def test_a_value_is_never_a_template():
    assert render("{{ oa.address }}", {"oa": {"address": "{{ value.x }}{% if %}"}}) == "{{ value.x }}{% if %}"


def test_what_a_template_reads_is_known():
    assert names_used("{{ oa.address }} {% if value.x %}{{ wait }}{% endif %}") == {"oa.address", "value.x", "wait"}


def test_the_words_of_a_fallback_are_there_in_a_fallback():
    assert check("{{ wait }} {{ opens }}", FALLBACK) == []
