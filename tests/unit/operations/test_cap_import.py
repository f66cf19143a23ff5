"""A draft campaign out of a CAP alert: it says what it could not take over, guesses no place, and could never leave."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.cap_campaigns import completed
from tests.cap_documents import ALERTS, EARLIER, SENT, SQUARE, spoilt, storm
from zalo_alert.campaign import parse
from zalo_alert.cap.document import Area, Named, Resource
from zalo_alert.cap.importing import Known, draft_of
from zalo_alert.cap.read import Read, read
from zalo_alert.cap.write import write
from zalo_alert.errors import CampaignInvalid, InputInvalid
from zalo_alert.foundation import yaml_document
from zalo_alert.operations.cap import import_alert

DATA = write(storm())
KNOWN = Known(lambda name: "", lambda reference: "TW-260918-02" if reference == EARLIER else "")


def draft(alert=None, known=KNOWN, **changes):
    return draft_of(alert or storm(**changes), known)


def values(imported):
    """Return what stands in a draft, comments left out."""
    return yaml_document.load(imported.text.encode(), "d.yaml").data


def faults(imported):
    with pytest.raises(CampaignInvalid) as caught:
        parse.parse(imported.text.encode(), "d.yaml")
    return [f"{problem.field}: {problem.message}" for problem in caught.value.problems]


def remarks(imported):
    return [f"{remark.place}: {remark.why}" for remark in imported.remarks]


def test_a_real_alert_becomes_a_draft_that_is_not_sound_before_somebody_puts_their_name_into_it():
    imported = draft()

    assert [fault.split(":")[0] for fault in faults(imported)] == ["fields.nguoi_soat", "correction.text"]
    campaign = parse.parse(completed(imported.text).encode(), "d.yaml")
    assert (campaign.status, campaign.msg_type, campaign.event, campaign.risk_level) == ("Actual", "Update", "bao", 4)
    assert (campaign.references, campaign.onset) == (("TW-260918-02",), storm().infos[0].onset)
    assert campaign.text == "Bão số 7 vào bờ từ 2 giờ đến 6 giờ sáng thứ Bảy 19/9.\nGió cấp 11–12, giật cấp 14.\n\n" + (
        "Sơ tán trước 20 giờ (18/9). Từ 20 giờ ở trong nhà kiên cố.\n"
    )
    assert campaign.fields["don_vi"] == "Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị"


@pytest.mark.parametrize("status", ["Exercise", "Test"])
def test_a_drill_of_others_is_read_by_somebody_before_it_leaves(status):
    assert "fields.nguoi_soat: is not filled in: write its value" in faults(draft(status=status))


def test_what_could_not_be_taken_over_is_told_and_stands_in_the_file():
    imported = draft(
        scope="Private", addresses=("x@example.vn",), area_geocodes=(Named("UGC", "VNZ01"), Named("VN-DVHC-2025", "44"))
    )

    told = remarks(imported)
    for place in ("info[1]/area[1]/geocode[1]", "info[1]/area[1]", "info[1]/web", "info[1]/resource[1]", "scope", "incidents"):
        assert any(remark.startswith(f"/alert/{place}: ") for remark in told), place
    assert imported.text.count("\n# - /alert") == len(told)
    assert "# - /alert/info[1]/resource[1]: " in imported.text


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Phường Thuận An, Huế", "ward:19900"),
        ("Thành phố Hà Nội", "new:01"),
        ("Thuận An", "…"),  # of two
        ("Quảng Trị", "…"),  # the former one, or today's
        ("Đông Hà", "…"),  # a ward, and once a town
        ("Vĩnh Atlantis", "…"),
        ("all", "…"),
        ("region:coastal", "…"),
        ("old:52", "…"),
        ("new:44 - ward:19333", "…"),
    ],
)
def test_a_name_is_taken_for_a_place_only_where_it_can_mean_no_other(name, key):
    imported = draft(area_area_desc=name, area_geocodes=())

    assert values(imported)["audience"]["areas"] == [key]
    assert any(fault.startswith("audience.areas[0]") for fault in faults(imported)) == (key == "…")


def test_infos_in_other_languages_stand_below_the_vietnamese_text_and_want_to_be_checked():
    vi = storm().infos[0]
    km = replace(vi, language="km-KH", description="ខ្យល់ព្យុះ", instruction="រត់")
    lo = replace(vi, language="lo", description="ພາຍຸ\nstatus: Actual", instruction="")
    imported = draft(replace(storm(), status="Exercise", infos=(km, lo, vi)))

    message = values(imported)["message"]
    assert message["languages"] == {"km": {"text": "ខ្យល់ព្យុះ\n\nរត់\n", "checked_by": ""}}
    assert message["text"].startswith("Bão số 7")
    assert "#   ພາຍຸ\n  #   status: Actual\n" in imported.text
    assert [fault for fault in faults(imported) if "checked_by" in fault]


def test_an_alert_without_vietnamese_leaves_the_text_to_the_officer():
    imported = draft(info_language="en-US")

    assert values(imported)["message"] | {"languages": {}} == {"headline": "", "text": "", "languages": {}}
    assert any("message.text: is empty" in fault for fault in faults(imported))


@pytest.mark.parametrize("changes", [{"msg_type": "Ack"}, {"msg_type": "Error"}, {"status": "System"}])
def test_what_is_no_message_to_people_becomes_nothing(changes):
    with pytest.raises(InputInvalid):
        draft(**changes)


def test_a_foreign_text_writes_neither_fields_nor_keys():
    evil = "{{ code }} {% if x %} {# y #}\nstatus: Exercise\n# ---\n\u2028routes: []"
    imported = draft(
        identifier="x\u2028status:Exercise", info_headline=evil, info_description=evil, info_sender_name=evil,
        source="\u0085status: Exercise", info_web="https://x.vn/\u2028status:Exercise",
    )  # fmt: skip

    assert values(imported)["status"] == "Actual"
    assert [fault.split(":")[0] for fault in faults(imported)] == ["fields.nguoi_soat", "message.text", "correction.text"]
    seen = completed(imported.text).replace("\\u2028", "")
    assert "{ { code }} { % if x %} { # y #}\nstatus: Exercise\n# ---\nroutes" in parse.parse(seen.encode(), "d.yaml").text


def test_references_that_nobody_here_knows_are_left_to_the_officer():
    imported = draft(references=(EARLIER._replace(identifier="other"), EARLIER))

    assert values(imported)["references"] == ["…", "TW-260918-02"]
    assert any(fault.startswith("references[0]") for fault in faults(imported))


def test_a_headline_that_no_text_says_and_a_code_that_is_taken_are_told():
    vi = storm().infos[0]
    km = replace(vi, language="km", headline="ព្យុះ", description="x", instruction="y")
    told = remarks(draft(replace(storm(), infos=(vi, km)), KNOWN._replace(is_taken=lambda code: True)))

    assert "/alert/info[2]/headline: it is left out, as a campaign has one: put it into the text: ព្យុះ" in told
    assert "/alert/identifier: the code TW-260918-03 is taken here: if this is another message, change it" in told


def test_nothing_is_written_over_and_nothing_out_of_an_alert_with_errors(tmp_path):
    sound = read(DATA, "x.xml")
    written = import_alert(sound, None, tmp_path, {})
    assert written.path == tmp_path / "cap-tw-260918-03.yaml"
    before = written.path.read_bytes()

    with pytest.raises(InputInvalid):
        import_alert(read(write(storm(info_expires=SENT)), "x.xml"), tmp_path / "d.yaml", tmp_path, {})
    assert [path.name for path in tmp_path.iterdir()] == [written.path.name]
    assert written.path.read_bytes() == before


def check_spoilt(seed, folder):
    """Import a spoilt file: it is refused and nothing is written, or a draft is, which somebody must read first."""
    result = read(spoilt(DATA, seed), "x.xml")
    out = folder / f"{seed}.yaml"
    try:
        import_alert(result, out, folder, {})
    except InputInvalid:
        assert not out.exists()
        return
    assert result.is_sound
    with pytest.raises(CampaignInvalid):
        parse.parse(out.read_bytes(), "d.yaml")


def test_three_hundred_spoilt_files_become_drafts_or_nothing(tmp_path):
    for seed in range(300):
        check_spoilt(seed, tmp_path)


@pytest.mark.long
def test_ten_thousand_spoilt_files_become_drafts_or_nothing(tmp_path):
    for seed in range(300, 10_300):
        check_spoilt(seed, tmp_path)


def check_any(alert):
    if alert.msg_type in ("Ack", "Error") or alert.status == "System":
        return
    imported = draft(alert)
    data = values(imported)
    assert data["status"] == ("Actual" if alert.status in ("Actual", "Draft") else alert.status)
    if data["status"] == "Actual":
        assert any(fault.startswith("fields.nguoi_soat") for fault in faults(imported))


@settings(max_examples=40, deadline=None)
@given(ALERTS)
def test_any_alert_becomes_a_file_with_its_own_status_and_a_real_one_is_no_campaign_yet(alert):
    check_any(alert)


@pytest.mark.long
@settings(max_examples=2000, deadline=None)
@given(ALERTS)
def test_any_of_very_many_alerts_becomes_a_draft(alert):
    check_any(alert)


def test_ours_read_only_what_they_were_given(tmp_path, monkeypatch):
    """No address of an alert is opened: not even a socket is made."""
    monkeypatch.setattr("socket.socket.__init__", lambda *args, **more: pytest.fail("a socket was made"))
    resources = (Resource(resource_desc="x", mime_type="image/png", uri="http://127.0.0.1:9/x.png"),)
    alert = storm(info_resources=resources, info_web="http://127.0.0.1:9/", area_polygons=(SQUARE,))
    import_alert(Read(alert, ()), tmp_path / "d.yaml", tmp_path, {})


def test_no_more_names_are_looked_up_than_a_province_has():
    places = [Area(area_desc="; ".join(f"Vùng {number} {part}" for part in range(40))) for number in range(50)]
    imported = draft(info_areas=tuple(places))

    assert len(values(imported)["audience"]["areas"]) == 201
    assert remarks(imported)[100:] == ["/alert: and more than is told here: compare the whole alert"]
    assert "còn những nơi khác: xem tin gốc" in imported.text


def test_codes_of_wards_that_are_a_whole_former_province_are_called_so():
    from zalo_alert.places.units import wards

    codes = [ward.code for ward in wards().values() if ward.old_code == "52"]
    area = Area(area_desc="Bình Định", geocodes=tuple(Named("VN-DVHC-2025", code) for code in codes))
    assert values(draft(info_areas=(area,)))["audience"]["areas"] == ["old:52"]
