"""What messages carry, and what Zalo must have approved before: through the command line, against the sandbox."""

import json

import pytest

pytestmark = pytest.mark.long

PNG = b"\x89PNG\r\n\x1a\n" + bytes(1000)
TEMPLATE = '{type: template, template_id: "311203", data: {ma_tin: "{{ code }}"}}'
BUTTONS = '[{title: Bản đồ, url: "https://pctt.gov.vn"}, {title: Gọi, phone: "842437336640"}]'


def send(desk, *words, **campaign):
    return desk.run("send", desk.campaign(**campaign), "--yes", *words)


def test_a_picture_and_buttons_are_frozen_uploaded_once_and_reach_everyone(desk, sandbox):
    desk.at(sandbox)
    (desk.folder / "ban-do.png").write_bytes(PNG)
    routes = f"[{{type: cs, image: ban-do.png, buttons: {BUTTONS}}}]"
    assert desk.run("validate", desk.campaign(routes=routes)).code == 0
    result = send(desk, routes=routes)
    assert result.code == 0, result.err
    (desk.folder / "ban-do.png").unlink()  # the run has its own
    assert send(desk, code="DT-2", routes=routes).code == 10
    (desk.folder / "ban-do.png").write_bytes(PNG)
    assert send(desk, code="DT-2", routes=routes).code == 0
    stats = sandbox.stats()
    assert (stats["accepted"], stats["people"]) == (2000, 1000)


def test_a_file_that_was_changed_in_the_run_is_refused(desk, sandbox):
    (desk.at(sandbox).folder / "a.pdf").write_bytes(b"%PDF-1.7 plan")
    sandbox.change(stop_after=100)
    assert send(desk, routes="[{type: cs, file: a.pdf}]").code == 13
    (desk.folder / ".zalo-alert" / "runs" / "DT-1" / "file-0").write_bytes(b"%PDF-1.7 other")
    sandbox.change(stop_after=0)
    result = desk.run("resume")
    assert result.code == 13
    assert "is not the a.pdf that was frozen" in result.said


def test_a_run_that_outlives_its_uploads_uploads_again_and_nobody_is_written_to_twice(desk, sandbox, wait_until):
    desk.at(sandbox)
    (desk.folder / "a.png").write_bytes(PNG)
    path = desk.folder / desk.campaign(routes="[{type: cs, image: a.png}]")
    path.write_text(path.read_text().replace("limits: {", "limits: {rate_per_s: 300, "))
    child = desk.start("send", path.name, "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 200)
    sandbox.tick(8 * 86_400)  # tokens and uploads are dead now
    result = desk.ended(child)
    assert result.code == 0, result.err
    stats = sandbox.stats()
    assert (stats["people"], stats["twice"]) == (1000, 0)
    assert stats["refused"]["-100"]


def test_a_hashed_number_reaches_whom_it_stands_for(desk, sandbox):
    routes = '[{type: phone, template_id: "311204", hashed: true, data: {ma_tin: "{{ code }}"}}, {type: cs}]'
    result = send(desk.at(sandbox), routes=routes)
    assert result.code == 0, result.err
    stats = sandbox.stats()
    assert (stats["accepted"], stats["twice"]) == (1000, 0)
    assert any(len(person) == 64 for person in sandbox.reached())  # by digest, and not by number
    assert not any(person.startswith("84") and len(person) == 11 for person in sandbox.reached())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ('{tinh: "{{ place }}"}', "needs the parameter ma_tin"),
        ('{ma_tinh: "{{ code }}"}', 'did you mean "ma_tin"'),
        ('{ma_tin: "' + "x" * 300 + '"}', "the template takes"),
    ],
)
def test_a_campaign_that_does_not_fit_its_template_is_refused_before_anything_is_frozen(desk, sandbox_with, data, said):
    sandbox = sandbox_with(templates="strict")
    routes = f'[{{type: template, template_id: "311204", data: {data}}}]'
    desk.at(sandbox)
    told = desk.run("validate", "--online", desk.campaign(routes=routes))
    assert told.code == 10
    assert said in told.said
    assert "c.yaml:" in told.said
    refused = send(desk, routes=routes)
    assert refused.code == 10
    assert said in refused.said
    assert not (desk.folder / ".zalo-alert" / "runs").exists()
    assert sandbox.stats()["accepted"] == 0


def test_a_template_that_nobody_knows_or_approved_is_named(desk, sandbox_with):
    desk.at(sandbox_with(templates="strict"))
    result = desk.run("validate", "--online", desk.campaign(routes='[{type: template, template_id: "99", data: {a: b}}]'))
    assert result.code == 10
    assert "template 99 of pctt" in result.said


def test_when_nobody_can_be_asked_about_templates_the_alert_goes_out_all_the_same(desk, sandbox):
    desk.at(sandbox).environ["ZALO_ALERT_BUSINESS_URL"] = "http://127.0.0.1:9"
    result = send(desk, routes='[{type: template, template_id: "311203", data: {a: b}}]')
    assert result.code == 0, result.err
    assert "could not be looked up" in result.said


def test_online_validation_tells_what_it_found(desk, sandbox):
    desk.at(sandbox)
    routes = '[{type: template, template_id: "311203", data: {ma_tin: "{{ code }}"}}]'
    result = desk.run("validate", "--online", "--json", desk.campaign(routes=routes))
    assert result.code == 0, result.err
    assert result.fact("template")["status"] == "ENABLE"
    assert result.fact("quota")["left"] > 0
    assert json.loads(result.err.splitlines()[-1])["code"] == 0


def test_an_old_template_is_refused_by_user_id_before_anything_is_frozen(desk, sandbox):
    desk.at(sandbox)
    data = '{ma_tin: "{{ code }}"}'
    result = send(desk, routes=f'[{{type: template, template_id: "298001", data: {data}}}]')
    assert result.code == 10
    assert "was made before 10/12/2025" in result.said
    assert send(desk, code="DT-2", routes=f'[{{type: phone, template_id: "298001", data: {data}}}, {{type: cs}}]').code == 0


def test_a_quota_that_does_not_suffice_is_told_before_and_what_is_left_afterwards(desk, sandbox_with):
    sandbox = sandbox_with(quota=400)
    routes = f"[{TEMPLATE}, {{type: cs}}]"
    planned = desk.at(sandbox).run("plan", desk.campaign(routes=routes))
    assert planned.code == 0
    assert "quota (template): 400 left, up to 1000 needed: 600 must wait" in planned.said
    assert send(desk, routes=routes).code == 0
    told = desk.run("status", "--json")
    (left,) = [fact["left"] for fact in told.facts if fact["type"] == "quota" and fact["kind"] == "template"]
    assert left == 400  # as heard before the run: answers by user id do not say
    by_phone = TEMPLATE.replace("template,", "phone,")
    sandbox.change(quota=2000)
    assert send(desk, code="DT-2", routes=f"[{by_phone}, {{type: cs}}]").code == 0
    told = desk.run("status", "DT-2", "--json")
    (left,) = [fact["left"] for fact in told.facts if fact["type"] == "quota" and fact["kind"] == "template"]
    assert 0 < left < 1600  # heard from the answers


def test_a_plan_needs_nobody_to_answer(desk, sandbox):
    desk.at(sandbox)
    desk.environ |= dict.fromkeys(("ZALO_ALERT_OPENAPI_URL", "ZALO_ALERT_BUSINESS_URL"), "http://127.0.0.1:9")
    assert desk.run("plan", desk.campaign()).code == 0
    for name in [name for name in desk.environ if name.startswith("ZALO_ALERT_")]:
        del desk.environ[name]
    assert desk.run("plan", desk.campaign()).code == 0


def test_every_campaign_that_ships_fits_the_templates_of_the_sandbox(desk, sandbox_with):
    desk.at(sandbox_with(templates="strict"))
    files = sorted(str(path.relative_to(desk.folder)) for path in (desk.folder / "campaigns").glob("*.yaml"))
    assert len(files) >= 7
    result = desk.run("validate", "--online", *files)
    assert result.code == 0, result.said
