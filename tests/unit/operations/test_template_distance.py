"""How far a campaign file has gone from the library's template: as an approver reads it, and as a request keeps it."""

from dataclasses import replace
from datetime import datetime

import pytest

from zalo_alert.campaign import parse as campaign_file
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.operations.new_campaign import NewCampaign, NewOrder
from zalo_alert.operations.template_distance import TemplateDistance, measure_distance, read_distance

NOW = datetime(2026, 9, 18, 14, 5, tzinfo=VIETNAM)


@pytest.fixture
def text(tmp_path):
    values = {"ten_bao": "bão số 7", "suc_gio": "gió cấp 11", "tu_luc": "+12h"}
    return NewCampaign(NewOrder("bao", ("new:46",), "warning", 4, values=values), tmp_path, NOW, {}).write().text.decode()


def measured(text, folder):
    return measure_distance(campaign_file.parse(text.encode(), "c.yaml"), folder)


def test_a_line_of_guidance_that_somebody_took_out_is_read_by_the_approver(text, tmp_path):
    line = next(line for line in text.splitlines() if "KHÔNG ở lại trên tàu" in line)
    distance = measured(text.replace(f"{line}\n", ""), tmp_path)

    assert distance.is_far
    assert str(distance.sentence()).startswith("template bao/warning/4: a few words differ from the template (")
    assert line.strip() in distance.gone_sentence()
    assert read_distance(distance.as_json()) == replace(distance, share=round(distance.share, 3))
    assert distance.gone == (line.strip(),)


def test_an_untouched_text_is_as_the_template(text, tmp_path):
    distance = measured(text, tmp_path)

    assert (distance.sentence(), distance.gone_sentence()) == ("template bao/warning/4: as the template", "")
    assert not distance.is_far


def test_a_template_that_nobody_has_is_no_reason_to_trust_the_text(text, tmp_path):
    distance = measured(text.replace("template: bao/warning/4", "template: bao/warning/9"), tmp_path)

    assert distance.as_json() == {"name": "bao/warning/9", "distance": None, "gone": []}
    assert distance.is_far
    assert "is not in this library" in distance.sentence()


def test_a_text_that_began_from_nothing_has_no_distance(text, tmp_path):
    assert measured(text.replace("template: bao/warning/4", ""), tmp_path) is None
    assert read_distance(None) is None


def test_whoever_submits_and_whoever_approves_read_the_same_share():
    distance = TemplateDistance("bao/warning/4", 0.22540, ())

    read = read_distance(distance.as_json())

    assert read is not None
    assert str(read.sentence()) == str(distance.sentence())
    assert "(23 %)" in distance.sentence()  # as the page of an approver rounds it
