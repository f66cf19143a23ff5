"""Corrections and all-clears before anything is sent: shown, counted in plans, held against Zalo's templates."""

import pytest

CORRECTION = 'correction: {{text: "DIỄN TẬP: tin sai", routes: [{route}]}}\n'


def campaign(desk, route: str, **changes: str) -> str:
    path = desk.campaign(**changes)
    with (desk.folder / path).open("a", encoding="utf-8") as file:
        file.write(CORRECTION.format(route=route))
    return path


@pytest.mark.parametrize(
    ("template", "data", "said"),
    [
        ("311206", '{tinh: "{{ place }}"}', "correction.routes[0] template 311206 needs the parameter ma_tin"),
        ("311206", '{ma_tin: "{{ code }}", x: y}', "correction.routes[0].data.x template 311206 has no such parameter"),
        ("311219", '{ma_tin: "{{ code }}"}', "correction.routes[0].template_id"),
        ("99", "{a: b}", "correction.routes[0].template_id template 99 of pctt"),
    ],
)
def test_a_correction_that_does_not_fit_its_template_is_found_before_the_alert_is_frozen(
    desk, sandbox_with, template, data, said
):
    desk.at(sandbox := sandbox_with(templates="strict"))
    path = campaign(desk, f'{{type: template, template_id: "{template}", data: {data}}}')
    told = desk.run("validate", "--online", path)
    assert told.code == 10
    assert said in told.said
    assert "c.yaml:16:" in told.said
    refused = desk.run("send", path, "--yes", "--json")
    assert refused.code == 10
    assert {fact["part"] for fact in refused.facts if fact["type"] == "misfit"} == {"correction"}
    assert not (desk.folder / ".zalo-alert" / "runs").exists()
    assert sandbox.stats()["accepted"] == 0


def test_a_correction_that_fits_is_named_and_stops_nothing(desk, sandbox_with):
    desk.at(sandbox_with(templates="strict"))
    path = campaign(desk, '{type: template, template_id: "311206", data: {ma_tin: "{{ code }}"}}')
    told = desk.run("validate", "--online", path)
    assert told.code == 0, told.said
    assert 'pctt: route 1 of correction is template 311206 "Đính chính", ENABLE' in told.said
    assert desk.run("validate", "--online", "--json", path).fact("template")["part"] == "correction"
    assert desk.run("send", path, "--yes").code == 0


def test_the_preview_shows_what_may_follow_as_a_phone_does(desk):
    path = campaign(desk, '{type: template, template_id: "311206", data: {ma_tin: "{{ code }}"}}, {type: cs}')
    shown = desk.run("preview", path, "--json")
    parts = [(fact["part"], fact["route"], fact["text"], fact["data"]) for fact in shown.facts if fact["type"] == "preview"]
    assert ("correction", 1, "", {"ma_tin": "DT-1"}) in parts
    assert ("correction", 2, "DIỄN TẬP: tin sai [HẾT TIN DIỄN TẬP]", {}) in parts
    assert "correction: sent when the alert was wrong" in desk.run("preview", path).out


def test_a_plan_says_what_is_ready(desk):
    path = campaign(desk, "{type: cs}")
    plan = desk.run("plan", path, "--json").fact("plan")
    assert (plan["correction"], plan["all_clear"]) == (True, False)
