"""What the lint does with whatever rules there are: everything read is looked at, each thing is told once, with its place."""

from pathlib import Path

import pytest

from zalo_alert.campaign import parse
from zalo_alert.foundation import yaml_document
from zalo_alert.planning.run_places import sample_places
from zalo_alert.wording.as_read import as_read
from zalo_alert.wording.lint import lint

CAMPAIGNS = Path(__file__).parents[3] / "campaigns"


def found(text, template_texts=None):
    campaign = parse.parse(text, "c.yaml")
    read = as_read(campaign, sample_places(campaign), template_texts or {})
    return lint(campaign, yaml_document.load(text, "c.yaml"), read)


def storm(**exchanged):
    text = (CAMPAIGNS / "bao-so-7.yaml").read_text(encoding="utf-8")
    for old, new in exchanged.items():
        text = text.replace(old, new)
    return text


def test_a_variant_without_guidance_is_found_at_its_own_text():
    text = storm()
    start, end = (
        text.index("      1. Người trên đầm phá"),
        text.index("      Cần cứu giúp: gọi 112, hoặc nhắn CUU HO kèm địa chỉ. Hiệu"),
    )
    (finding,) = [each for each in found((text[:start] + text[end:]).encode()) if each.code == "no-guidance"]

    assert finding.problem.field == "variants[0].text"
    assert finding.part == "alert"
    assert finding.place == "Huế"


@pytest.mark.parametrize("name", ["bao-so-7", "het-bao", "dinh-chinh"])
def test_a_shipped_campaign_says_what_to_do(name):
    assert "no-guidance" not in {each.code for each in found((CAMPAIGNS / f"{name}.yaml").read_bytes())}
