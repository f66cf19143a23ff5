"""What is checked before rules speak: each ambiguity with its place, for every OA; what is an error, and what a remark."""

from datetime import date

import pytest

from zalo_alert.answers.findings import details_of, errors_of, remarks_of
from zalo_alert.answers.load import read_inbound

TODAY = date(2026, 11, 27)
FILE = "inbound/police-qa.yaml"


def look(office, today=TODAY):
    findings = read_inbound(office.folder, office.settings, today).findings
    return [list(map(str, problems)) for problems in (errors_of(findings), remarks_of(findings))]


def details(office):
    return list(map(str, details_of(read_inbound(office.folder, office.settings, TODAY).findings)))


def add_rule(office, phrases="đăng ký xe", text="Có.", **keys):
    extra = "".join(f", {key}: {value}" for key, value in keys.items())
    office.change("fallback:", f"  - {{id: xe, phrases: [{phrases}], text: {text}{extra}}}\nfallback:")


@pytest.mark.parametrize(
    ("old", "new", "remark"),
    [
        ("Cấp căn cước tại", "Cấp cаn cước tại", f'{FILE}:11:7  rules[0].text  "cаn" holds U+0430 (cyrillic small letter a), '
                                                 'which only looks like a letter of "can": type it again'),
        ("title: Lệ phí", "title: Lệ ρhí", '"ρhí" holds U+03C1 (greek small letter rho)'),
        ("{{ value.le_phi_can_cuoc }}.", "xem tracuu.vn.", '"tracuu.vn" is not https and of a host'),
        ("50.000 đồng", "50.000 đồnɡ", "fields.le_phi_can_cuoc.value"),
        ("Cơ quan mở", "机关 mở", '"机关" holds U+673A'),
    ],
)  # fmt: skip
def test_a_wrong_letter_and_an_odd_address_are_remarks(office, old, new, remark):
    office.change(old, new)
    errors, remarks = look(office)

    assert errors == []
    assert any(remark in found for found in remarks), remarks


def test_an_address_of_a_listed_host_may_stand_without_https(office):
    office.change("{{ value.le_phi_can_cuoc }}.", "{{ value.le_phi_can_cuoc }}, xem dichvucong.gov.vn.")

    assert look(office) == [[], []]


def test_a_sound_file_has_nothing_wrong_and_nothing_odd(office, live_office_in):
    assert look(office) == [[], []]
    assert look(live_office_in()) == [[], []]


@pytest.mark.parametrize(
    ("phrases", "error"),
    [
        ('"?!"', "rules[2].phrases[0]  has neither letters nor digits"),
        ("STOP", '"STOP" is a reserved word, which never comes to the rules'),
        ("dừng nhận tin", "is a reserved word"),
    ],
)
def test_phrases_that_can_not_decide_are_errors(office, phrases, error):
    add_rule(office, phrases)

    assert any(error in found for found in look(office)[0]), look(office)[0]


@pytest.mark.parametrize(
    ("phrases", "remark"),
    [
        ("lệ phí thẻ xe", None),
        (
            "cccd",
            'rules[2].phrases[0]  "cccd" is also a phrase of the rule "can-cuoc" (line 8): people are asked which they mean',
        ),
        ("CCCD!", '"CCCD!" is also a phrase of the rule "can-cuoc"'),
        ("cáp căn cước", 'without accents "cáp căn cước" is also a phrase of the rule "can-cuoc" (line 8)'),
    ],
)
def test_what_somebody_should_look_at_is_a_remark(office, phrases, remark):
    add_rule(office, phrases)
    errors, remarks = look(office)

    assert errors == []
    assert any(remark in found for found in remarks) if remark else True, remarks


def test_a_phrase_that_its_own_rule_excludes_leads_nowhere(office):
    add_rule(office, "đăng ký xe máy", **{"not": "[xe máy]"})
    errors, remarks = look(office)

    assert f'{FILE}:18:10  rules[2].id  none of its phrases leads to the rule "xe"' in errors
    assert any('"đăng ký xe máy" leads nowhere' in remark for remark in remarks)


def test_a_rule_that_a_denial_would_trigger_is_told(office):
    add_rule(office, "đăng ký xe", takes_negation="true")

    assert any('"không đăng ký xe" leads to this rule too' in detail for detail in details(office))


@pytest.mark.parametrize(
    ("phrases", "detail"),
    [
        ("đăng ký xe, dang ky xe", '"dang ky xe" is on line 18 already'),
        ("thẻ", '"thẻ" stands in "lệ phí thẻ" of the rule "le-phi" (line 17), which wins'),
    ],
)
def test_how_phrases_come_together_is_no_remark(office, phrases, detail):
    add_rule(office, phrases)

    assert any(detail in found for found in details(office)), details(office)
    assert look(office) == [[], []]


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("id: le-phi", "id: can-cuoc", '"can-cuoc" stands twice (first on line 7)'),
        ("id: le-phi", "id: person", '"person" is a word of its own here'),
        ("go: le-phi", "go: lephi", f'{FILE}:14:29  rules[0].buttons[0].go  no rule has the id "lephi", and it is not person; '
                                    'did you mean "le-phi"?'),
        ("go: le-phi", 'go: le-phi, phone: "113"', "a button has exactly one of go, url and phone"),
        (", go: le-phi", "", "a button has exactly one of go, url and phone"),
        ("go: le-phi", "phone: công an", '"công an" is no telephone number'),
        ("title: Lệ phí", f"title: {'L' * 101}", "has 101 characters when filled in; Zalo takes 100"),
        ("Cấp căn cước tại", "Cấp căn cước tại " + "rất dài " * 260, "characters when filled in; Zalo takes"),
        ("{{ oa.address }},", "{{ oa.adress }},", f"{FILE}:11:7  rules[0].text  {{{{ oa.adress }}}} is not there; did you mean"),
        ("{{ oa.hours_text }}.", "{{ oa.hours_txt }}.", f"{FILE}:12:7  rules[0].text"),
        ("{{ value.le_phi_can_cuoc }}", "{{ value.le_phi }}", "{{ value.le_phi }} is not there"),
        ("{{ wait }}", "{{ found.sbd }}", "is for look-ups alone"),
        ("{{ value.le_phi_can_cuoc }}.", "http://gov.vn", '"http://gov.vn" is not https and of a host that answers.links lists'),
        ("{{ value.le_phi_can_cuoc }}.", "xem www.dichvucong.vn.", '"www.dichvucong.vn" is not https and of a host'),
        ("{{ value.le_phi_can_cuoc }}.", "xem bit.ly/phi.", '"bit.ly/phi" is not https and of a host'),
        ("50.000 đồng", "xem http://gov.vn", f'{FILE}:5:60  fields.le_phi_can_cuoc.value  "http://gov.vn" is not https'),
        ("{{ oa.map_url }}", "https://congan.gov.vn.evil.com/", "is not https and of a host"),
        ("tags: [cong-an]}", "ids: [ca-hu]}", 'accounts.ids[0]  no account has the id "ca-hu"; did you mean "ca-hue"?'),
        ("tags: [cong-an]}", "areas: [new:99]}", "is not a valid code of the 34 present provinces"),
        ("{tags: [cong-an]}", "{}", "names nobody"),
        ("  out_of_hours:", "#", "out_of_hours is missing: the office has opening hours"),
    ],
)  # fmt: skip
def test_what_keeps_rules_from_speaking_is_told_with_its_place(office, old, new, error):
    office.change(old, new)

    assert any(error in found for found in look(office)[0]), look(office)[0]


def test_a_missing_fallback_is_an_error(office):
    text = (office.folder / FILE).read_text(encoding="utf-8")
    office.write(text[: text.index("fallback:")])

    assert look(office)[0] == [f"{FILE}:1:1  fallback is missing: what do people read whom no rule answers?"]


def test_a_column_that_some_accounts_have_not_filled_in_is_told_with_how_many(office):
    config = office.folder / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("address: 1 Lê Lợi, ", ""), encoding="utf-8")

    assert look(office)[0] == [
        f"{FILE}:10:11  rules[0].text  says {{{{ oa.address }}}}, which is not filled in (1 of 2 accounts: ca-hue)"
    ]


def test_a_text_may_ask_whether_a_column_is_filled_in(office):
    office.change("{{ oa.address }},", "{% if oa.phone %}{{ oa.phone }}{% else %}{{ oa.address }}{% endif %},")
    config = office.folder / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("address: 1 Lê Lợi, ", 'phone: "0234", '), encoding="utf-8")

    assert look(office)[0] == []


def test_the_longest_value_of_any_account_counts(office):
    config = office.folder / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("1 Lê Lợi", "Lê" * 200), encoding="utf-8")
    office.change("{{ oa.address }},", "{{ oa.address }} " * 5)

    assert any("characters when filled in" in error for error in look(office)[0])


def test_one_link_that_leads_elsewhere_is_found_among_many_accounts(office):
    config = office.folder / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("congan.gov.vn/hue", "bit.ly/x"), encoding="utf-8")

    (error,) = look(office)[0]
    assert error.startswith(f'{FILE}:16:33  rules[0].buttons[2].url  "https://bit.ly/x" is not https and of a host')
    assert error.endswith("(1 of 2 accounts: ca-hue)")


def test_two_rule_sets_for_one_account_are_an_error(office):
    office.write((office.folder / FILE).read_text(encoding="utf-8").replace("{tags: [cong-an]}", "{ids: [ca-hue]}"), "hue.yaml")

    (error,) = look(office)[0]
    assert error == f"{FILE}:2:11  accounts  inbound/hue.yaml is for ca-hue too: one account has one rule set"


def test_a_tag_that_no_account_has_is_a_remark(office):
    office.change("tags: [cong-an]", "tags: [benh-vien]")
    errors, remarks = look(office)

    assert errors == []
    assert [remark.partition("  ")[2] for remark in remarks] == [
        "accounts  is for no account of the workspace, so nobody is answered by it",
        'accounts.tags[0]  no account has the tag "benh-vien"',
    ]


def test_overrides_are_of_accounts_that_are_there(office):
    office.change("limits:", "overrides: {ca-hu: {fields: {le_phi_can_cuoc: x}}, pctt: {fields: {le_phi_can_cuoc: x}}}\nlimits:")
    errors, remarks = look(office)

    assert errors == [f'{FILE}:21:13  overrides.ca-hu  no account has the id "ca-hu"; did you mean "ca-hue"?']
    assert remarks == [f"{FILE}:21:52  overrides.pctt  is not among the accounts that this file is for"]


def test_a_field_that_nobody_filled_in_is_refused_by_live_and_told_in_a_drill(office, live_office_in):
    live = live_office_in()
    for one in (office, live):
        one.change(" value: 50.000 đồng,", "")

    errors, remarks = look(office)
    assert (errors, len(remarks)) == ([], 1)
    assert "people read [Lệ phí cấp lại căn cước]" in remarks[0]
    assert look(live) == [
        [f"{FILE}:5:20  fields.le_phi_can_cuoc  is not filled in, and people would read [Lệ phí cấp lại căn cước]: "
         "write its value"],
        [],
    ]  # fmt: skip


def test_a_field_that_each_account_fills_in_needs_no_value_of_its_own(live_office_in):
    live = live_office_in()
    live.change(" value: 50.000 đồng,", "")
    own = "{fields: {le_phi_can_cuoc: miễn phí}}"
    live.change("limits:", f"overrides: {{ca-hue: {own}, ca-hoan-kiem: {own}}}\nlimits:")

    assert look(live)[0] == []


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2027, 3, 1), None),
        (date(2027, 4, 10), "must be looked at again by 2027-05-01"),
        (date(2027, 5, 1), "must be looked"),
    ],
)
def test_what_is_soon_to_be_looked_at_again_is_told_in_time(live_office_in, today, said):
    errors, remarks = look(live_office_in(), today)

    assert errors == []
    assert (said in remarks[0]) if said else remarks == []


def test_what_should_have_been_looked_at_again_is_refused_by_live_and_told_in_a_drill(office, live_office_in):
    said = "fields.le_phi_can_cuoc.review_by  should have been looked at again by 2027-05-01: check it, and write the next day"

    assert [said in found for found in look(office, date(2027, 5, 2))[1]] == [True]
    assert [said in found for found in look(live_office_in(), date(2027, 5, 2))[0]] == [True]


def test_a_field_that_no_text_says_is_a_remark(office):
    office.change("{{ value.le_phi_can_cuoc }}", "50.000")

    assert [remark.partition("  ")[2] for remark in look(office)[1]] == [
        "fields.le_phi_can_cuoc  no text says {{ value.le_phi_can_cuoc }}"
    ]


def test_an_app_that_some_account_has_not_is_an_error(office):
    office.change("limits: {rank: 6", 'limits: {via_app: "460846524940903967", rank: 6')
    [error] = look(office)[0]
    assert "limits.via_app  2 of its accounts have no app 460846524940903967, the first is ca-hoan-kiem" in error
    assert "more_apps" in error


def test_an_app_that_all_accounts_have_is_right(office):
    office.change("limits: {rank: 6", 'limits: {via_app: "460846524940903967", rank: 6')
    config = office.folder / "zalo-alert.yaml"
    config.write_text(config.read_text("utf-8").replace("    tags:", '    more_apps: ["460846524940903967"]\n    tags:'), "utf-8")
    assert look(office) == [[], []]
