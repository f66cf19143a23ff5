"""A run, what corrects it and what ends it as CAP alerts: named for good, complete in what they refer to; and drafts."""

import xml.etree.ElementTree as ET
from datetime import datetime, timedelta

import pytest

from tests.unit.cap.test_round_trip import is_valid

FOLLOW_UPS = """
correction:
  text: "DIỄN TẬP. Đính chính: hãy bỏ qua tin {{ code }}, {{ place }}. HẾT TIN DIỄN TẬP."
all_clear:
  text: "DIỄN TẬP. Hết cảnh báo, {{ place }}. Không cần ở trong nhà nữa. HẾT TIN DIỄN TẬP."
"""
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


@pytest.fixture
def office(desk, sandbox):
    """A desk that can send, and write alerts with what may follow them."""
    desk.at(sandbox)
    return desk


def prepared(desk, name, code, update=""):
    """Write an alert with what may follow it, or an Update that takes the place of another."""
    path = desk.campaign(name, code=code)
    text = (desk.folder / path).read_text(encoding="utf-8")
    if update:
        text = text.replace("msgType: Alert", f"msgType: Update\nreferences: [{update}]")
    (desk.folder / path).write_text(text + FOLLOW_UPS, encoding="utf-8")
    return path


def send(desk, *what, words=()):
    assert desk.run("send", prepared(desk, *what), "--yes", *words).code == 0


def export(desk, run, *words):
    """Export a run; return the alert as a tree, and the line that tells of it."""
    result = desk.run("cap", "export", run, "--out", "x.cap.xml", "--json", *words)
    assert (result.code, [fact for fact in result.facts if fact["type"] == "cap-finding"]) == (0, []), result.said
    data = (desk.folder / "x.cap.xml").read_bytes()
    assert is_valid(data)
    return ET.fromstring(data), result.fact("cap-exported")


def said(alert, name):
    return alert.findtext(f".//{CAP}{name}")


def name_of(fact):
    return f"{fact['sender']},{fact['identifier']},{fact['sent']}"


@pytest.mark.long
def test_a_run_its_correction_and_its_all_clear_refer_to_all_that_still_holds(office):
    send(office, "a.yaml", "DT-1")
    send(office, "b.yaml", "DT-2", "DT-1")
    assert office.run("all-clear", "DT-2", "--yes").code == 0

    first, first_fact = export(office, "DT-1")
    assert (said(first, "status"), said(first, "msgType"), said(first, "scope")) == ("Exercise", "Alert", "Restricted")
    assert said(first, "references") is None
    second, second_fact = export(office, "DT-2")
    assert (said(second, "msgType"), said(second, "references")) == ("Update", name_of(first_fact))

    clear, fact = export(office, "DT-2@all-clear")
    assert (said(clear, "msgType"), said(clear, "responseType"), said(clear, "urgency")) == ("Update", "AllClear", "Past")
    assert said(clear, "references").split() == [name_of(first_fact), name_of(second_fact)]
    lasts = datetime.fromisoformat(said(clear, "expires")) - datetime.fromisoformat(fact["sent"])
    assert timedelta() < lasts <= timedelta(hours=6)

    assert office.run("correct", "DT-1", "--yes").code == 0
    wrong, _ = export(office, "DT-1@correction")
    assert (said(wrong, "msgType"), said(wrong, "responseType")) == ("Cancel", "None")
    assert name_of(first_fact) in said(wrong, "references").split()
    assert "hãy bỏ qua tin DT-1" in said(wrong, "description") + said(wrong, "instruction")


def test_a_run_is_the_same_alert_whenever_it_is_exported_and_whoever_sends_it_then(office):
    send(office, "a.yaml", "DT-1")
    before = office.run("cap", "export", "DT-1", "--out", "-")
    office.configure("profile: drill", "profile: drill\ncap: {sender: pctt.example.vn, sender_name: Ban Chỉ huy}")
    again = office.run("cap", "export", "DT-1", "--out", "-")

    sender = "zalo-oa-388613280878808645"
    assert f"<sender>{sender}</sender>" in before.out
    assert again.out == before.out.replace(f"<senderName>{sender}<", "<senderName>Ban Chỉ huy<")
    drill = office.campaign("b.yaml", code="DT-2")
    assert "<sender>pctt.example.vn</sender>" in office.run("cap", "export", drill, "--out", "-").out


@pytest.mark.long
def test_what_it_refers_to_must_have_been_sent_and_be_one_message(office):
    update = prepared(office, "u.yaml", "DT-9", "DT-1")
    unknown = office.run("cap", "export", update)
    assert (unknown.code, 'no run of this workspace is of "DT-1"' in unknown.said) == (10, True)
    for key in ("one", "two"):
        send(office, "a.yaml", "DT-1", words=("--occurrence", key))
    several = office.run("cap", "export", update)
    assert (several.code, "several messages of DT-1 hold: DT-1@one, DT-1@two" in several.said) == (10, True)
    assert not list(office.folder.glob("*.xml"))

    alert, fact = export(office, update, "--follows", "DT-1@two")
    assert said(alert, "references") == name_of(export(office, "DT-1@two")[1])
    assert fact["references"] == 1


def test_what_nobody_agreed_to_is_a_draft(live_desk):
    path = live_desk.campaign("a.yaml", code="TW-1", text="Bão đang vào. SƠ TÁN ngay.")
    text = (live_desk.folder / path).read_text(encoding="utf-8").replace("Exercise", "Actual").replace("DIỄN TẬP: ", "")
    (live_desk.folder / path).write_text(f"{text}\ncorrection: {{text: Hãy bỏ qua tin trước.}}\n", encoding="utf-8")
    alert, fact = export(live_desk, path)

    assert (said(alert, "status"), said(alert, "scope"), fact["status"]) == ("Draft", "Restricted", "Draft")


def test_a_draft_goes_back_out_as_it_came_in_and_nothing_is_overwritten(office):
    office.run("cap", "export", office.campaign("a.yaml"), "--out", "a.xml")
    imported = office.run("cap", "import", "a.xml", "--json")
    assert (imported.code, imported.fact("cap-imported")["remarks"]) == (0, 0), imported.said
    path = imported.fact("cap-imported")["file"]
    assert office.run("validate", path).code == 10
    draft = (office.folder / path).read_text(encoding="utf-8")
    (office.folder / path).write_text(draft.replace('nguoi_soat: "…"', 'nguoi_soat: "Trần An"'), encoding="utf-8")
    assert office.run("validate", path).code == 0
    office.run("cap", "export", path, "--out", "b.xml")

    one, other = ((office.folder / name).read_text(encoding="utf-8").splitlines() for name in ("a.xml", "b.xml"))
    assert [line for line in one if line not in other] == [line for line in one if "<identifier>" in line]
    before = (office.folder / path).read_bytes()
    again = office.run("cap", "import", "a.xml")
    assert (again.code, "is there already, and stays as it is" in again.said) == (2, True)
    assert (office.folder / path).read_bytes() == before


def test_what_is_no_alert_ends_with_10_and_a_place_and_nothing_is_written(empty_desk):
    (empty_desk.folder / "page.xml").write_text("<!DOCTYPE html><html></html>")
    (empty_desk.folder / "old.xml").write_text('<alert xmlns="urn:oasis:names:tc:emergency:cap:1.1"/>')
    checked = empty_desk.run("cap", "check", "page.xml", "old.xml", "--json")
    imported = empty_desk.run("cap", "import", "-", stdin=b"\xff\xfe<\x00")

    assert (checked.code, imported.code) == (10, 10)
    assert {fact["file"] for fact in checked.facts if fact["type"] == "cap-finding"} == {"page.xml", "old.xml"}
    assert "nothing was written" in imported.said
    assert sorted(path.name for path in empty_desk.folder.iterdir()) == ["old.xml", "page.xml"]


def test_strict_ends_with_10_for_a_warning(empty_desk):
    from tests.cap_documents import storm
    from zalo_alert.cap.write import write

    data = write(storm(info_contact=""))
    assert empty_desk.run("cap", "check", "-", stdin=data).code == 0
    strict = empty_desk.run("cap", "check", "-", "--strict", stdin=data)
    assert (strict.code, "[W409] /alert/info[1]/contact is missing" in strict.said) == (10, True)
