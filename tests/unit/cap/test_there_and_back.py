"""What goes out as CAP comes back the same: a campaign exported, imported, completed and exported again is the same alert."""

from collections import Counter

import pytest
from hypothesis import assume, given, settings

from tests.cap_campaigns import SHIPPED, campaign_files, export, there_and_back
from tests.unit.cap.test_round_trip import is_valid
from zalo_alert.campaign import parse
from zalo_alert.campaign.measure import MAX_TEXT
from zalo_alert.cap.read import read
from zalo_alert.cap.write import write
from zalo_alert.foundation import yaml_document


def check_there_and_back(data):
    alert = export(parse.parse(data, "c.yaml"))

    written = write(alert)
    assert is_valid(written)
    assert read(written, "x.xml").alert == alert
    assert export(there_and_back(alert)) == alert


def is_short(data):
    """Whether what each place reads still fits, in all its languages, once every place is written out as an alert has it."""
    said = Counter[object]()
    for info in export(parse.parse(data, "c.yaml")).infos:
        said[info.areas] += len(info.description + info.instruction) + 50
    return max(said.values()) < MAX_TEXT


@settings(max_examples=8, deadline=None)
@given(campaign_files())
def test_any_campaign_comes_back_the_same(data):
    assume(is_short(data))
    check_there_and_back(data)


@pytest.mark.long
@settings(max_examples=600, deadline=None)
@given(campaign_files())
def test_any_of_very_many_campaigns_comes_back_the_same(data):
    assume(is_short(data))
    check_there_and_back(data)


@pytest.mark.parametrize("path", [path for path in SHIPPED if path.stem != "dinh-chinh"], ids=lambda path: path.stem)
def test_a_shipped_campaign_comes_back_the_same_and_nothing_is_found_in_it(path):
    check_there_and_back(path.read_bytes())
    assert read(write(export(parse.parse(path.read_bytes(), "c.yaml"))), "x.xml").findings == ()


def test_a_variant_that_says_what_all_read_is_no_info_of_its_own():
    shipped = yaml_document.load(SHIPPED[0].read_bytes(), "c.yaml").data
    message = {"headline": "Bão", "text": "Gió mạnh. SƠ TÁN ngay."}
    same = {"areas": ["new:46"], "text": message["text"]}
    whole = {**shipped, "audience": {"areas": ["new:44", "new:46"]}, "message": message, "variants": [same]}

    (info,) = export(parse.parse(yaml_document.write(whole).encode(), "c.yaml")).infos
    assert [code.value for area in info.areas for code in area.geocodes] == ["44", "46"]
