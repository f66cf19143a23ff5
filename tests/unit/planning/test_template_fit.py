"""Whether a campaign's data fits its templates, told for each parameter with the limit's name."""

import pytest

from zalo_alert.campaign import parse
from zalo_alert.planning.run_places import sample_places
from zalo_alert.planning.template_fit import CURE, Gap, Misfit, gaps, misfits
from zalo_alert.testing import FakeClock, drill
from zalo_alert.zalo.templates import Parameter, Template

ROUTES = '[{type: template, template_id: "311203", data: {tinh: "{{ place }}", ma: "{{ code }}", ten: "{{ name }}"}}]'


def found(*parameters, nameless=0, status="ENABLE", routes=ROUTES, areas="[new:46, old:52]"):
    text = drill(FakeClock().now(), routes=routes, areas=areas)
    given = parse.parse(text.encode(), "c.yaml")
    template = Template("311203", "Cảnh báo", status, "TRANSACTION", "HIGH", parameters)
    return list(misfits(given, {0: template}, sample_places(given), nameless))


def parameter(name, most=None, least=0, type_="STRING", *, required=True):
    return Parameter(name, required, type_, least, most)


FITTING = (parameter("tinh", 200), parameter("ma", 30), parameter("ten", 40))


def test_what_fits_is_left_alone():
    assert found(*FITTING) == []


def test_the_longest_place_is_what_is_measured_in_nfc():
    (misfit,) = found(parameter("tinh", 10), *FITTING[1:])
    assert misfit[:2] == (0, "tinh")
    assert misfit.why == 'comes to 19 characters for Bình Định (Gia Lai) ("Bình Định (Gia Lai)"); the template takes 10'


def test_the_longest_name_that_there_may_be_is_what_is_measured():
    (misfit,) = found(*FITTING[:2], parameter("ten", 30))
    assert "comes to 40 characters" in misfit.why


def test_an_unknown_key_and_a_missing_one_are_both_named():
    unknown, missing = found(parameter("tinh"), parameter("ma_tin"), parameter("ten"))
    assert (
        unknown == Misfit(0, "ma", 'template 311203 has no such parameter; did you mean "ma_tin"?')
        or "has no such" in unknown.why
    )
    assert missing == Misfit(0, "", "template 311203 needs the parameter ma_tin")


def test_what_is_not_required_may_be_left_out():
    assert found(*FITTING, parameter("ghi_chu", required=False)) == []


def test_a_template_that_is_not_approved_is_named():
    (misfit,) = found(*FITTING, status="DISABLE")
    assert misfit == Misfit(0, "template_id", 'template 311203 "Cảnh báo" is DISABLE: not approved now')


def test_an_awaited_template_reaches_administrators_already():
    routes = '[{type: phone, template_id: "311203", mode: development, data: {ma: "{{ code }}"}}]'
    assert found(parameter("ma"), status="PENDING_REVIEW", routes=routes) == []
    assert found(parameter("ma"), status="REJECT", routes=routes) != []


def test_numbers_and_dates_have_forms():
    routes = '[{type: template, template_id: "311203", data: {so: "1.234", ngay: "18/09/2026", xau: "mai"}}]'
    (misfit,) = found(
        parameter("so", type_="NUMBER"), parameter("ngay", type_="DATE"), parameter("xau", type_="DATE"), routes=routes
    )
    assert misfit == Misfit(0, "xau", 'is "mai"; the template takes a date such as 18/09/2026')


def test_too_short_and_empty_are_told():
    routes = '[{type: template, template_id: "311203", data: {a: "x", b: ""}}]'
    short, empty = found(parameter("a", least=5), parameter("b"), routes=routes)
    assert "the template wants 5" in short.why
    assert "is empty" in empty.why


def test_a_required_value_that_some_people_lack_is_told_with_their_number():
    (misfit,) = found(*FITTING, nameless=60)
    assert misfit[:2] == (0, "ten")
    assert misfit.people == 60
    assert misfit.why == f"is empty for 60 people without a name, and the template needs it: {CURE}"
    assert found(*FITTING[:2], parameter("ten", 40, required=False), nameless=60) == []
    (short,) = found(*FITTING[:2], parameter("ten", 40, least=2, required=False), nameless=60)
    assert "comes to 0 characters for 60 people without a name" in short.why


@pytest.mark.parametrize("value", ['{{ name|default(\\"Anh/Chị\\") }}', "{% if name %}{{ name }}{% else %}Anh/Chị{% endif %}"])
def test_a_value_that_a_campaign_has_for_everyone_is_lacked_by_nobody(value):
    routes = ROUTES.replace("{{ name }}", value)
    assert found(*FITTING, nameless=60, routes=routes) == []
    assert found(parameter("tinh"), parameter("ma"), parameter("ten"), nameless=0) == []


@pytest.mark.parametrize(
    ("routes", "text", "expected"),
    [
        (ROUTES, "DIỄN TẬP", [Gap(0, ("ten",))]),
        (ROUTES.replace("}]", "}, {type: cs}]"), "DIỄN TẬP {{ name }}", [Gap(0, ("ten",)), Gap(1, ())]),
        ("[{type: cs, file: a.pdf}, {type: promotion}]", "DIỄN TẬP {{ name }}", [Gap(1, ())]),
        ("[{type: cs}]", "DIỄN TẬP {{ name or 'bạn' }}", []),
    ],
)
def test_the_routes_that_have_a_gap_are_known(routes, text, expected):
    source = drill(FakeClock().now(), routes=routes).replace("DIỄN TẬP {{ place }}", text)
    assert gaps(parse.parse(source.encode(), "c.yaml")) == expected
