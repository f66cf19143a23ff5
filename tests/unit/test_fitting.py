"""Whether a campaign's data fits its templates, told for each parameter with the limit's name."""

from zalo_alert import campaign, plan
from zalo_alert.fitting import Misfit, misfits
from zalo_alert.testing import FakeClock, drill
from zalo_alert.zalo.templates import Parameter, Template

ROUTES = '[{type: template, template_id: "311203", data: {tinh: "{{ place }}", ma: "{{ code }}", ten: "{{ name }}"}}]'


def found(*parameters, status="ENABLE", routes=ROUTES, areas="[new:46, old:52]"):
    text = drill(FakeClock().now(), routes=routes, areas=areas)
    given = campaign.parse(text.encode(), "c.yaml")
    template = Template("311203", "Cảnh báo", status, "TRANSACTION", "HIGH", parameters)
    return list(misfits(given, {0: template}, plan.samples(given)))


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
