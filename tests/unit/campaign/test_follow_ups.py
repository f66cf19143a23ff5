"""What may follow an alert: its correction and its all-clear, written, checked and frozen with it."""

import pytest

from zalo_alert.campaign import attachments
from zalo_alert.campaign import parse as parse_module
from zalo_alert.campaign.follow_up import Section, follow_up_of, parts
from zalo_alert.campaign.parse import parse
from zalo_alert.campaign.render import Renderer
from zalo_alert.errors import CampaignInvalid, InputInvalid
from zalo_alert.models import MsgType, RouteType
from zalo_alert.operations.scaffold import examples
from zalo_alert.testing import FakeClock, drill

NOW = FakeClock().now()
TEMPLATE = '{type: template, template_id: "311203"}'
PHONE = '{type: phone, template_id: "311204"}'
BROADCAST = '{type: broadcast, cover: "https://oa.example/c.jpg", author: Ban Chỉ đạo}'
TEXT = "DIỄN TẬP: tin {{ code }} sai"


def source(follow_up: str, routes: str = "[{type: cs}]", **changes: str) -> str:
    return drill(NOW, routes=routes, **changes) + follow_up


def read(follow_up: str, routes: str = "[{type: cs}]", **changes: str):
    return parse(source(follow_up, routes, **changes).encode(), "c.yaml")


def faults(follow_up: str, routes: str = "[{type: cs}]", **changes: str) -> list[str]:
    return faults_of(source(follow_up, routes, **changes))


def faults_of(text: str) -> list[str]:
    with pytest.raises(CampaignInvalid) as caught:
        parse(text.encode(), "c.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_both_may_stand_there_with_headline_text_and_routes():
    campaign = parse(examples()["bao-so-7.yaml"], "c.yaml")
    assert campaign.correction is not None
    assert campaign.all_clear is not None
    assert [route.type for route in campaign.correction.routes] == [RouteType.TEMPLATE, RouteType.PHONE, RouteType.CS]
    assert campaign.all_clear.routes[0].template_id == "311205"


def test_a_text_is_enough_where_the_alert_goes_by_cs():
    follow_up = read(f'correction: {{text: "{TEXT}"}}\n', f"[{TEMPLATE}, {{type: cs}}]").correction
    assert follow_up is not None
    assert [route.type for route in follow_up.routes] == [RouteType.CS]
    assert follow_up.headline == "Đính chính: hãy bỏ qua tin {{ code }}"


def test_a_headline_of_our_own_says_what_it_is_and_does_not_alarm_once_more():
    campaign = read(f'correction: {{text: "{TEXT}"}}\nall_clear: {{text: "{TEXT}"}}\n')
    shown = {name: Renderer(part).headline("Huế") for name, part in parts(campaign).items()}
    assert shown["correction"] == "[DIỄN TẬP] Đính chính: hãy bỏ qua tin DT-1 [DIỄN TẬP]"
    assert shown["all_clear"] == "[DIỄN TẬP] Hết cảnh báo bão, Huế [DIỄN TẬP]"


def test_neither_is_there_unasked():
    campaign = read("")
    assert (campaign.correction, campaign.all_clear) == (None, None)
    assert (follow_up_of(campaign, Section.CORRECTION), follow_up_of(campaign, Section.ALL_CLEAR)) == (None, None)


@pytest.mark.parametrize("name", ["correction", "all_clear"])
@pytest.mark.parametrize(
    ("routes", "own", "missed"),
    [
        (f"[{TEMPLATE}]", "", "template"),
        (f"[{PHONE}, {{type: cs}}]", "", "phone"),
        (f"[{BROADCAST}]", "", "broadcast"),
        (f"[{TEMPLATE}, {PHONE}]", f", routes: [{TEMPLATE}]", "phone"),
        (f"[{TEMPLATE}, {PHONE}]", f", routes: [{PHONE}]", "template"),
        (f"[{TEMPLATE}, {{type: cs}}]", f", routes: [{BROADCAST}]", "template, cs"),
    ],
)
def test_whoever_the_alert_reaches_is_reached_again(name, routes, own, missed):
    [fault] = faults(f'{name}: {{text: "{TEXT}"{own}}}\n', routes)
    assert name in fault
    assert f"reaches nobody whom the alert reaches by {missed}:" in fault


@pytest.mark.parametrize(
    ("routes", "own"),
    [
        (f"[{TEMPLATE}]", "[{type: cs}]"),
        ("[{type: cs}]", f"[{TEMPLATE}]"),
        (f"[{PHONE}, {TEMPLATE}]", f"[{TEMPLATE}, {PHONE}]"),
        (f"[{BROADCAST}]", f"[{BROADCAST}]"),
    ],
)
def test_other_routes_of_the_same_people_will_do(routes, own):
    assert read(f'correction: {{text: "{TEXT}", routes: {own}}}\n', routes).correction is not None


@pytest.mark.parametrize(
    ("own", "at", "said"),
    [
        ("texts: x", "correction.texts", "did you mean"),
        ("headline: x", "correction.text", "is missing"),
        (f'text: "{TEXT}", routes: []', "correction.routes", "is empty"),
        (f'text: "{TEXT}", routes: [{{type: template}}]', "correction.routes[0]", "template_id"),
        (f'text: "{TEXT}", routes: [{{type: cs, hashed: true}}]', "correction.routes[0].hashed", "phone"),
        (f'text: "{TEXT}", routes: [{{type: cs}}, {{type: cs}}]', "correction.routes[1]", "same as route 1"),
        (f'text: "{TEXT}", headline: "DIỄN TẬP {{{{ nane }}}}"', "correction.headline", "nane"),
        (f'text: "{TEXT} {{{{ onset }}}}"', "correction.text", "onset"),
        ('text: " "', "correction.text", "is empty"),
        ('text: "Không phải diễn tập"', "correction.text", "must not say"),
        (f'text: "{TEXT} {"x" * 2000}"', "correction.text", "a consultation message (cs) takes"),
        (f'text: "{TEXT}", headline: "{"x" * 201}"', "correction.headline", "one line"),
        (f'text: "{TEXT}", headline: "{{{{ name }}}}"', "correction.headline", "name"),
        (f'text: "{TEXT}", routes: [{{type: cs, file: ../x.pdf}}]', "correction.routes[0].file", "beside the campaign"),
    ],
)
def test_every_fault_has_its_place(own, at, said):
    found = faults(f"correction: {{{own}}}\n")
    assert any(f" {at} " in fault and said in fault for fault in found), found


@pytest.mark.parametrize(
    ("own", "at", "said"),
    [
        (f"headline: DIỄN TẬP {'x' * 151}", "headline", "an article's title takes 150"),
        ("headline: không phải diễn tập", "headline", "must not say"),
        ("headline: DIỄN TẬP", "routes[1].description", "an article's description takes 300"),
    ],
)
def test_an_article_of_its_own_is_measured_as_one(own, at, said):
    article = BROADCAST.replace("}", f', description: "{"x" * 301}"}}')
    found = faults(f'all_clear: {{text: "{TEXT}", {own}, routes: [{{type: cs}}, {article}]}}\n')
    assert any(f" all_clear.{at} " in fault and said in fault for fault in found), found


def test_the_longest_danger_of_any_place_counts():
    size = 1963 - len(" HẾT TIN DIỄN TẬP")
    variant = 'variants: [{areas: [new:46], onset: 2026-09-18T17:00:00+07:00, text: "DIỄN TẬP"}]\n'  # a digit more than elsewhere
    own = f'{{text: "DIỄN TẬP {"x" * size} {{{{ onset }}}} HẾT TIN DIỄN TẬP"}}'
    text = f"{variant}onset: 2026-09-18T09:00:00+07:00\nall_clear: {own}\n"
    [fault] = faults(text)
    assert "all_clear.text  comes to 2001 characters" in fault
    assert read(text.replace("x" * size, "x" * (size - 1))).all_clear is not None


def remarks(follow_up: str, routes: str) -> list[str]:
    return [f"{remark.field}  {remark.message}" for remark in parse_module.read(source(follow_up, routes).encode(), "c").remarks]


def test_whoever_may_be_missed_is_told_of():
    own = f'correction: {{text: "{TEXT}"}}\n'
    [article] = remarks(own, f"[{BROADCAST}, {{type: cs}}]")
    assert "correction.routes  has no broadcast" in article
    [consent] = remarks(own, f"[{TEMPLATE}, {{type: cs}}]")
    assert "correction.routes  reaches followers by cs only" in consent
    assert remarks(own, "[{type: cs}]") == []
    assert remarks(own.replace("}\n", f", routes: [{TEMPLATE}]}}\n"), f"[{TEMPLATE}, {{type: cs}}]") == []


def test_what_follows_has_its_files_read_with_the_alert_s(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    routes = f"[{{type: cs, file: a.pdf}}, {BROADCAST.replace('https://oa.example/c.jpg', 'c.png')}]"
    campaign = read(f'correction: {{text: "{TEXT}", headline: DIỄN TẬP, routes: {routes}}}\n')
    assert campaign.attachments == {"a.pdf", "c.png"}
    assert set(attachments.read(campaign, tmp_path)) == {"a.pdf", "c.png"}
    (tmp_path / "c.png").unlink()
    with pytest.raises(InputInvalid, match=r"c\.png"):
        attachments.read(campaign, tmp_path)


def test_a_real_alert_may_be_corrected_as_one_that_was_meant_as_a_drill():
    text = source('correction: {text: "Tin trước là diễn tập gửi nhầm"}\n', code="BAO-1").replace("DIỄN TẬP", "BÃO")
    text = text.replace("status: Exercise", "status: Actual")
    assert parse(text.encode(), "c.yaml").correction is not None
    [fault] = faults_of(text.replace("correction:", "correction: {text: Tin sai}\nall_clear:"))
    assert 'must not say "diễn tập"' in fault


def test_what_a_run_was_frozen_with_is_still_read():
    text = source('correction: {text: "tin trước sai"}\n', f"[{TEMPLATE}, {PHONE}]").encode()
    with pytest.raises(CampaignInvalid):
        parse(text, "c.yaml")
    follow_up = parse(text, "c.yaml", is_frozen=True).correction
    assert follow_up is not None
    assert (follow_up.text, follow_up.routes) == ("tin trước sai", ())


def test_it_is_a_campaign_of_its_own_that_keeps_code_places_and_dangers():
    campaign = parse(examples()["bao-so-7.yaml"], "c.yaml")
    correction, all_clear = follow_up_of(campaign, Section.CORRECTION), follow_up_of(campaign, Section.ALL_CLEAR)
    assert correction is not None
    assert all_clear is not None
    assert (correction.msg_type, all_clear.msg_type) == (MsgType.CANCEL, MsgType.UPDATE)
    assert correction.references == (correction.code,) == (campaign.code,)
    assert [variant.areas for variant in correction.variants] == [variant.areas for variant in campaign.variants]
    assert correction.onset_of(0) == campaign.onset_of(0)
    assert (
        Renderer(correction).text("Thành phố Huế", 0).startswith("[DIỄN TẬP: ĐÍNH CHÍNH – HÃY BỎ QUA TIN TRƯỚC] Thành phố Huế\n")
    )
    assert Renderer(correction).data(0, "Thành phố Huế") == {"ma_tin": campaign.code}


def actual(text: str, msg_type: str = "Alert", references: str = "") -> str:
    named = f"msgType: {msg_type}{references}"
    return text.replace("DIỄN TẬP", "BÃO").replace("status: Exercise", "status: Actual").replace("msgType: Alert", named)


def test_a_real_warning_has_its_correction_ready_and_a_cancel_need_not():
    for msg_type, references in (("Alert", ""), ("Update", "\nreferences: [A-1]")):
        [fault] = faults_of(actual(source(""), msg_type, references))
        assert "correction  is missing" in fault
    assert parse(actual(source(""), "Cancel", "\nreferences: [A-1]").encode(), "c.yaml").correction is None
    own = 'correction: {text: "BÃO"}\n'
    assert parse(actual(source(own), "Cancel", "\nreferences: [A-1]").encode(), "c.yaml").correction is not None


def test_a_real_warning_of_a_danger_that_is_near_is_reminded_of_its_all_clear():
    text = actual(source('correction: {text: "sai"}\n'))
    [remark] = parse_module.read(text.encode(), "c.yaml").remarks
    assert remark.field == "all_clear"
    for other in (text.replace("Expected", "Past"), text + 'all_clear: {text: "hết"}\n', source("")):
        assert parse_module.read(other.encode(), "c.yaml").remarks == ()


@pytest.mark.parametrize(
    ("references", "said"), [("[]", "references  is empty"), ("[DT-1]", "references[0]  is this campaign's own")]
)
def test_an_update_speaks_of_an_earlier_message(references, said):
    text = source("").replace("msgType: Alert", f"msgType: Update\nreferences: {references}")
    [fault] = faults_of(text)
    assert said in fault
    assert parse(text.encode(), "c.yaml", is_frozen=True).msg_type is MsgType.UPDATE


def test_the_examples_call_an_all_clear_an_update_and_a_correction_a_cancel():
    assert parse(examples()["het-bao.yaml"], "c.yaml").msg_type is MsgType.UPDATE
    assert parse(examples()["dinh-chinh.yaml"], "c.yaml").msg_type is MsgType.CANCEL
