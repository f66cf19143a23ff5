"""What an officer sees before sending: `validate` and `preview`, called in this process on a small book."""

import os
from pathlib import Path

import pytest

from zalo_alert.book import Book
from zalo_alert.campaign import parse
from zalo_alert.cli import preview as previewing
from zalo_alert.cli.display import Display
from zalo_alert.cli.validate import validate
from zalo_alert.errors import CampaignInvalid, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.preflight import in_words
from zalo_alert.operations.scaffold import create, examples
from zalo_alert.planning import preview
from zalo_alert.planning.run_places import sample_places
from zalo_alert.runs.facts import RunPlace
from zalo_alert.testing import FakeClock, drill
from zalo_alert.zalo.base import Host
from zalo_alert.zalo.client import Refused
from zalo_alert.zalo.templates import Template

OA = "388613280878808645"
TEMPLATE = '{type: template, template_id: "311203", data: {ma_tin: "{{ code }}", ten: "{{ name }}"}}'
PHONE = '{type: phone, template_id: "311204", data: {tinh: "{{ place }}"}}'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("office")
    create(made, SystemClock().now())
    rows = [f"{10**15 + n},{'An' if n % 4 else ''},{'Quảng Trị' if n % 2 else 'Huế'}" for n in range(8)]
    (made / "f.csv").write_text("\n".join(["user_id,name,city", *rows]), encoding="utf-8")
    book = Book(made / ".zalo-alert" / "book" / OA)
    book.import_rows(made / "f.csv", "f.csv", rejects=made / "r.csv", clock=SystemClock())
    return made


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)

    def write(**changes):
        (tmp_path / "c.yaml").write_text(drill(SystemClock().now(), **changes), encoding="utf-8")
        return Path("c.yaml")

    return write


def said(capsys):
    out, err = capsys.readouterr()
    return " ".join((out + err).split())


def previewed(path, workspace, *, place=None, every=False):
    previewing.preview(path, place, "Bình", every, False, workspace, False)


def test_the_preview_shows_every_route_headed_by_its_share(written, folder, capsys):
    previewed(written(routes=f"[{TEMPLATE}, {PHONE}, {{type: cs, image: a.png, buttons: [{{title: Gọi, query: x}}]}}]"), folder)
    shown = said(capsys)
    assert "template 311203: 8 people, 100 %" in shown
    assert "phone 311204: 0 people as of now" in shown
    assert "cs: 0 people as of now" in shown
    assert shown.index("template 311203") < shown.index("phone 311204") < shown.index("cs: 0")
    assert "ma_tin: DT-1" in shown
    assert "everywhere alike" in shown
    assert "ten: Bình" in shown
    assert "without a name" in shown
    assert "(picture: a.png)" in shown
    assert "sends back x" in shown
    assert "2 of 8 people have no name: by route 1 (template 311203) they would be sent a gap in ten" in shown


def test_a_preview_needs_no_book_and_cuts_no_headline(written, tmp_path, capsys):
    path = written(areas="[old:44, old:52]")
    long = f"DIỄN TẬP {'rất dài ' * 20}{{{{ place }}}}"
    path.write_text(path.read_text(encoding="utf-8").replace("headline: DIỄN TẬP", f'headline: "{long}"'), encoding="utf-8")
    previewed(path, tmp_path)
    shown = said(capsys)
    assert "how many people each route reaches is not known" in shown
    assert "the longest" in shown
    assert "the shortest" in shown
    assert f"{long.replace('{{ place }}', 'Quảng Bình (Quảng Trị)')}" in shown
    previewed(path, tmp_path, every=True)
    shown = said(capsys)
    assert "Bình Định (Gia Lai) · " in shown
    assert "Quảng Bình (Quảng Trị) · " in shown
    previewed(path, tmp_path, place="new:46")
    assert "DIỄN TẬP Huế." in said(capsys)


def test_what_is_the_same_everywhere_is_shown_once_and_every_variant_by_itself():
    found = parse.parse(examples()["bao-so-7.yaml"], "c.yaml")
    places = sample_places(found)
    template, _, text = preview.phones(found, places, "")
    assert [(screen.place.label, screen.place.variant) for screen in text.screens] == [("Quảng Trị", None), ("Huế", 0)]
    same = parse.parse(drill(FakeClock().now(), routes=f"[{TEMPLATE}]", areas="[old:44, old:52]").encode(), "c.yaml")
    ((one,),) = [phone.screens for phone in preview.phones(same, sample_places(same), "")]
    assert one.note == "everywhere alike"
    assert len(preview.phones(found, places, "", every=True)[0].screens) == len({(p.label, p.variant) for p in places})
    assert template.screens[0].data["ma_tin"] == found.code


def test_a_document_is_shown_instead_of_the_text_and_a_long_headline_as_it_is_sent():
    source = drill(FakeClock().now(), routes="[{type: cs, file: a.pdf}, {type: promotion}]")
    found = parse.parse(source.replace("headline: DIỄN TẬP", f"headline: DIỄN TẬP {'x' * 120}").encode(), "c.yaml")
    document, promotion = preview.phones(found, [RunPlace("new:46", "Huế", None, 1)], "")
    assert document.screens[0].text == ""
    assert len(promotion.screens[0].headline) == 100


def test_validate_says_what_each_place_was_taken_for(written, tmp_path, capsys):
    validate([written(areas="[Đông Hà, Hà Nôi, new:44, old:52, region:tay-nguyen]")], False, None, tmp_path, False)
    shown = said(capsys)
    for line in (
        "Đông Hà = ward:19333 Phường Đông Hà, Quảng Trị",
        "Đông Hà is taken for one ward; the former thành phố Đông Hà was larger (9 wards): write ward:19333 + ward:19351",
        "Hà Nôi = new:01 Hà Nội",
        "new:44 = Quảng Trị",
        "old:52 = former Bình Định",
    ):
        assert line in shown


def test_validate_says_that_a_campaign_is_over_or_begins_later(written, tmp_path, capsys):
    validate([written(effective="2026-01-01T00:00:00+07:00", expires="2026-01-01T01:00:00+07:00")], False, None, tmp_path, False)
    assert "it is over: it expired at 01:00 1/1/2026" in said(capsys)
    validate([written(effective="2099-01-01T00:00:00Z", expires="2099-01-01T20:00:00+07:00")], False, None, tmp_path, False)
    shown = said(capsys)
    assert "it takes effect at 07:00 1/1/2099" in shown
    assert "effective 2099-01-01T00:00:00Z is 07:00 1/1/2099 in Vietnam" in shown


def test_the_problems_of_several_files_are_counted_over_all_of_them(written, tmp_path):
    (tmp_path / "d.yaml").write_text("code: x\n", encoding="utf-8")
    with pytest.raises(CampaignInvalid, match=r"problems in 2 files") as caught:
        validate([written(areas="[nowhere]"), Path("d.yaml")], False, None, tmp_path, False)
    assert {problem.file for problem in caught.value.problems} == {"c.yaml", "d.yaml"}


@pytest.mark.parametrize(("path", "kind"), [("pipe.yaml", "a pipe"), ("/dev/zero", "a device"), (".", "a folder")])
def test_a_campaign_that_is_no_plain_file_is_refused_and_never_waited_for(tmp_path, monkeypatch, path, kind):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.yaml")
    with pytest.raises(UsageError, match=f"is {kind}, not a plain file"):
        validate([Path(path)], False, None, tmp_path, False)


def test_a_number_in_a_narrow_table_stays_one_number(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")  # elsewhere there is nothing to be narrow
    rows = [[1, "Quảng Trị", 3000, "18:16:03", "old:45 new:44"]]
    Display(json=False).table("t", ["turn", "place", "people", "from", "known as"], rows, total=["", "all", 123_456, "", ""])
    lines = capsys.readouterr().out.splitlines()
    assert any("3000" in line for line in lines)
    assert any("123\u202f456" in line for line in lines)


def test_what_zalo_answered_is_said_once():
    assert in_words(Refused(Host.BUSINESS, -109, "Template id is invalid")) == "Zalo answered -109 Template id is invalid"
    assert in_words(Refused(Host.BUSINESS, -109, "No")) == "Zalo answered -109 No (the template id is invalid)"


def test_a_preview_names_the_template_as_zalo_does():
    template = Template("311203", "Cảnh báo", "ENABLE", "", "", (), "https://zalo.example/p")
    route = parse.parse(drill(FakeClock().now(), routes=f"[{TEMPLATE}]").encode(), "c.yaml").routes[0]
    assert previewing.name_route(route, template) == "template 311203 «Cảnh báo»"
    assert previewing.name_route(route, None) == "template 311203"
