"""Whatever a text is made of, the lint ends, and the work that it takes grows as the text does."""

import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wording import SOUND, campaign_of, codes_of, found_in
from zalo_alert import places
from zalo_alert.campaign import parse
from zalo_alert.foundation import yaml_document
from zalo_alert.foundation.yaml_document import MAX_PROBLEMS
from zalo_alert.wording.as_read import MAX_READ, AsRead
from zalo_alert.wording.lint import MOST_CHARACTERS, lint

PIECES = [
    "18/9", "31/11", "ngày 18 tháng 9", "thứ Bảy và ", "18, ", "18 và ", "20 giờ ", "25h", "20:75 ", "tối nay ", "sáng mai",
    "Quảng Trị", " – ", "Huế, ", "xã ", "A ", "Hạnh Phúc", "các ", "cách ", "đông ", "Ban Chỉ huy ", "không ", "cần ", ". ", "\n",
    "(", "[", "…", "\u200b", "\u0301", "\u202e", "ẞ", "İ", "ﬁ", "Ⅷ", "²", "￼", "https://a.vn", "cấp 4/5", "báo động ", "5", "/",
    "-", " ", "từ ",
]  # fmt: skip
SOUND_CAMPAIGN = campaign_of(SOUND)
CAMPAIGN = parse.parse(SOUND_CAMPAIGN, "c.yaml")
DOCUMENT = yaml_document.load(SOUND_CAMPAIGN, "c.yaml")


def look_at(text):
    read = AsRead("alert", "cs", ("message", "text"), "Quảng Trị", "new:44", None, "", text, keys=("new:44",))
    return lint(CAMPAIGN, DOCUMENT, [read])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=40).map("".join))
def test_no_text_is_too_odd_to_look_at(text):
    for finding in look_at(text):
        assert finding.problem.line > 0
        assert str(finding.fix)


def steps(text):
    """Count the lines of Python that looking at a text takes."""
    counted = 0

    def count(_frame, event, _argument):
        nonlocal counted
        counted += event == "line"
        return count

    sys.settrace(count)
    try:
        look_at(text)
    finally:
        sys.settrace(None)
    return counted


@pytest.mark.parametrize(
    "piece", ["18/9 ", "tối nay, ", "xã Hạnh Phúc, ", "Quảng Trị – ", "20 giờ 75. ", "không ", ".", "18, ", "a"]
)
def test_the_work_grows_as_the_text_does(piece):
    look_at(piece)  # names of places are read once
    size = 3_000 // len(piece)
    once, twice = steps(piece * size), steps(piece * (2 * size))

    assert twice <= 2.5 * once + 1_000


@pytest.mark.parametrize("piece", PIECES)
def test_as_much_as_is_looked_at_of_anything_is_looked_at(piece):
    findings = look_at((piece * MAX_READ)[:MAX_READ])

    assert len(findings) <= MAX_PROBLEMS
    assert next(each for each in findings if each.severity == "warning").code == "not-looked-at"  # before all the others


def test_more_texts_than_anybody_reads_are_told_of():
    read = AsRead("alert", "cs", ("message", "text"), "Huế", "new:46", None, "", SOUND * 20, keys=("new:46",))
    many = [read._replace(text=f"{number} {read.text}") for number in range(MOST_CHARACTERS // len(read.text) + 2)]
    quick = [each._replace(text=" " * len(each.text)) for each in many[:-1]]

    assert [each.code for each in lint(CAMPAIGN, DOCUMENT, [*quick, many[-1]])] == ["not-looked-at"]


def test_many_errors_of_one_rule_hide_none_of_another():
    line = SOUND.replace("\n", " ")
    odd = " ".join(f"c\u0430o{number}" for number in range(30))
    texts = dict.fromkeys(("new:46", "new:48", "new:40", "new:38", "new:42", "new:51"), f"{line} {odd}")
    texts["new:66"] = f"{line} Xem http://quangtri.gov.vn"
    variants = "".join(f"  - areas: [{area}]\n    text: '{text}'\n" for area, text in texts.items())
    findings = found_in(campaign_of(SOUND, areas=", ".join(("new:44", *texts)), more=f"variants:\n{variants}"))

    assert len(findings) == MAX_PROBLEMS
    assert {"letters", "link-http"} <= {finding.code for finding in findings}


def test_three_thousand_communes_are_looked_at_by_a_few_of_each_province():
    wards = ", ".join(f"ward:{code}" for code in sorted(places.wards())[:300])
    codes = {finding.code for finding in found_in(campaign_of("Bão vào bờ. Tránh xa bờ biển.", areas=wards))}

    assert {"no-place", "no-time"} <= codes


@pytest.mark.parametrize(
    "condition", ['place == "Xã Bảo Nhai, Lào Cai"', 'place|upper == "XÃ BẢO NHAI, LÀO CAI"', "place == own"]
)
def test_of_many_communes_the_one_that_reads_something_else_is_looked_at(condition):
    wards = ", ".join(f"ward:{code}" for code in sorted(places.wards())[:300])
    text = f"{SOUND}{{% if {condition} %}} Xem http://quangtri.gov.vn{{% endif %}}"
    findings = found_in(campaign_of(text, areas=wards, more="fields: {own: 'Xã Bảo Nhai, Lào Cai'}"))

    assert "link-http" in {finding.code for finding in findings}


@pytest.mark.parametrize("condition", ["name", 'name != ""'])
def test_what_only_people_with_a_name_read_is_looked_at(condition):
    assert "link-http" in codes_of(f"{SOUND}{{% if {condition} %}} Xem http://quangtri.gov.vn{{% endif %}}")


def test_an_instant_of_another_zone_is_of_vietnams_day():
    late = datetime(2026, 9, 18, 17, 30, tzinfo=UTC).isoformat()

    findings = found_in(campaign_of(SOUND + " Hôm nay (19/9).", effective=late))
    assert "relative-day" not in {finding.code for finding in findings if finding.part == "alert"}
