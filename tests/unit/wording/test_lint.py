"""What the lint does with whatever rules there are: everything read is looked at, each thing is told once, with its place."""

import unicodedata
from pathlib import Path

import pytest

from tests.wording import SOUND, campaign_of, found_in
from zalo_alert.wording.finding import Severity

CAMPAIGNS = Path(__file__).parents[3] / "campaigns"


def only(code, findings):
    (finding,) = [each for each in findings if each.code == code]
    return finding


def test_a_variant_without_guidance_is_found_at_its_own_text():
    variant = 'variants: [{areas: [old:44], text: "Quảng Bình: bão vào lúc 2 giờ, thứ Bảy 19/9."}]'
    finding = only("no-guidance", found_in(campaign_of(SOUND, more=variant)))

    assert (finding.problem.field, finding.part, finding.place) == ("variants[0].text", "alert", "Quảng Trị")


@pytest.mark.parametrize("composed", ["NFC", "NFD"])
def test_what_is_found_stands_where_it_is_written(composed):
    text = unicodedata.normalize(composed, campaign_of(f"{SOUND}\nHiệu lực đến 12 giờ, thứ Sáu 19/9.").decode())
    finding = only("weekday", found_in(text.encode()))
    line = text.splitlines()[finding.problem.line - 1]

    assert unicodedata.normalize("NFC", line[finding.problem.column - 1 :]).startswith("thứ Sáu 19/9")


def test_the_second_of_equal_words_is_told_at_its_own_place():
    finding = only("weekday", found_in(campaign_of(f"{SOUND}\nĐến thứ Bảy 19/9.\nTừ thứ Bảy 20/9.")))

    assert finding.problem.line == 19


def test_what_every_place_reads_is_told_once():
    text = SOUND.replace("{{ place }}", "Bắc Trung Bộ") + " Đến thứ Hai 19/9."
    finding = only("weekday", found_in(campaign_of(text, areas='"region:bac-trung-bo"')))

    assert finding.places > 5
    assert finding.place == ""


def test_data_of_a_template_is_looked_at_and_its_text_where_the_office_kept_it():
    data = '{type: template, template_id: "311203", data: {ma_tin: "{{ code }}", noi_dung: "Sơ tán trước thứ Hai 18/9"}}'
    campaign = campaign_of(SOUND).replace(b"[{type: cs}]", f"[{data}, {{type: cs}}]".encode())
    kept = {"311203": "Tin <ma_tin>: <noi_dung>."}

    assert only("weekday", found_in(campaign)).problem.field == "routes[0].data.noi_dung"
    assert "no-place" not in {each.code for each in found_in(campaign)}
    assert "no-place" in {each.code for each in found_in(campaign, kept) if each.part == "alert"}


def test_a_correction_and_an_all_clear_are_asked_less():
    findings = found_in(campaign_of(SOUND, correction="Tin trước đã gửi nhầm. Chúng tôi xin lỗi."))

    assert {each.severity for each in findings if each.part == "correction"} == {Severity.WARNING}
    assert {"no-guidance"} <= {each.code for each in findings if each.part == "correction"}  # and what are people to do now?
    assert "no-time" not in {each.code for each in findings}


@pytest.mark.parametrize("path", sorted(CAMPAIGNS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_campaigns_have_no_error(path):
    assert [each for each in found_in(path.read_bytes()) if each.severity is Severity.ERROR] == []


def test_buttons_and_what_stands_round_an_article_are_read_too():
    button = (
        '{type: cs, buttons: [{title: "Bản đồ", url: "https://bit.ly/sotan"}, {title: "Gọi trưc bɑn", phone: "842331123456"}]}'
    )
    article = '{type: broadcast, cover: "https://x.gov.vn/a.jpg", author: "Ban Chỉ huу", description: "Xem www.x.vn"}'
    findings = found_in(campaign_of(SOUND).replace(b"[{type: cs}]", f"[{article}, {button}]".encode()))

    assert only("link-shortener", findings).problem.field == "routes[1].buttons[0].url"
    assert only("link-domain", findings).problem.field == "routes[0].description"
    assert {each.problem.field for each in findings if each.code == "letters"} == {
        "routes[1].buttons[1].title",
        "routes[0].author",
    }
    assert {each.code for each in findings if ".buttons" in each.problem.field} == {"link-shortener", "letters"}
