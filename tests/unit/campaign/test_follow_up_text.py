"""The file of what follows an alert: sound, the same every time, and the alert's but for what it says."""

from datetime import timedelta
from pathlib import Path

import pytest

from zalo_alert.campaign import parse
from zalo_alert.campaign.follow_up import Section
from zalo_alert.campaign.follow_up_text import window_of, with_text, write
from zalo_alert.errors import CampaignInvalid
from zalo_alert.foundation import yaml_document
from zalo_alert.models import MsgType, OnUnknown, RouteType

CAMPAIGNS = sorted((Path(__file__).parent.parent.parent.parent / "campaigns").glob("*.yaml"))
HOUR = timedelta(hours=1)


def parsed(text):
    return parse.parse(text, "c.yaml", is_frozen=True)


def with_routes(path):
    """Which sections of a campaign have anywhere to go."""
    campaign = parsed(path.read_bytes())
    return [section for section in Section if (said := section.of(campaign)) and said.routes]


FOLLOWED = [(path, section) for path in CAMPAIGNS for section in with_routes(path)]


def test_examples_have_each_of_them():
    assert {section for _, section in FOLLOWED} == set(Section)


@pytest.mark.parametrize(("path", "section"), FOLLOWED, ids=[f"{path.stem}-{section}" for path, section in FOLLOWED])
def test_what_follows_each_example_is_sound_and_always_the_same(path, section):
    alert = path.read_bytes()
    campaign = parsed(alert)
    said = section.of(campaign)
    window = window_of(campaign, campaign.effective + HOUR, HOUR)
    text = write(alert, section, [campaign.code], window, with_article=False)
    follow_up = parsed(text)

    assert text == write(alert, section, [campaign.code], window, with_article=False)
    assert (follow_up.headline, follow_up.text, follow_up.routes) == (said.headline, said.text, said.routes)
    assert follow_up.msg_type is (MsgType.CANCEL if section is Section.CORRECTION else MsgType.UPDATE)
    assert (follow_up.code, follow_up.references) == (campaign.code, (campaign.code,))
    assert (follow_up.effective, follow_up.audience, follow_up.status) == (campaign.effective, campaign.audience, campaign.status)
    assert (follow_up.limits.on_unknown, follow_up.limits.rate_per_s) == (OnUnknown.HOLD, None)
    assert [variant.areas for variant in follow_up.variants] == [variant.areas for variant in campaign.variants]
    assert all(variant.text == said.text for variant in follow_up.variants)
    assert not follow_up.canary
    assert (follow_up.correction, follow_up.all_clear) == (None, None)


ALERT = b"""
code: DT-1
status: Exercise
msgType: Alert
event: bao
urgency: Expected
severity: Extreme
certainty: Likely
effective: 2026-09-18T14:00:00+07:00
expires: 2026-09-18T20:00:00+07:00
audience: {areas: [new:44]}
routes: [{type: broadcast, cover: "https://x.vn/a.jpg", author: A}, {type: cs}]
message: {headline: "DI\xe1\xbb\x84N T\xe1\xba\xacP", text: "DI\xe1\xbb\x84N T\xe1\xba\xacP"}
correction:
  text: "DI\xe1\xbb\x84N T\xe1\xba\xacP: sai\\nhai d\xc3\xb2ng"
  routes: [{type: broadcast, cover: "https://x.vn/b.jpg", author: B}, {type: cs}]
"""


@pytest.mark.parametrize(
    ("after", "lasts", "left"),
    [
        (timedelta(hours=1), timedelta(0), timedelta(hours=24)),
        (timedelta(days=40), timedelta(hours=13), timedelta(hours=26)),
        (timedelta(hours=1), timedelta(days=30), timedelta(days=14)),
    ],
    ids=["a day", "twice as long as it takes", "14 days at most"],
)
def test_it_is_in_force_long_enough_whenever_it_comes(after, lasts, left):
    campaign = parsed(ALERT)
    now = campaign.effective + after
    window = window_of(campaign, now, lasts)

    assert window.expires - now == left
    follow_up = parsed(write(ALERT, Section.CORRECTION, ["DT-1"], window, with_article=True))
    assert (follow_up.effective, follow_up.expires) == (campaign.effective, window.expires)


def test_its_article_goes_out_only_where_it_is_asked_for():
    campaign = parsed(ALERT)
    window = window_of(campaign, campaign.effective, HOUR)
    assert parsed(write(ALERT, Section.CORRECTION, ["DT-1"], window, with_article=False)).broadcast is None
    follow_up = parsed(write(ALERT, Section.CORRECTION, ["DT-1"], window, with_article=True))
    assert follow_up.broadcast == campaign.correction.broadcast
    assert [route.type for route in follow_up.routes] == [RouteType.CS]


def test_another_text_keeps_what_it_does_not_say():
    given = parsed(with_text(ALERT, Section.CORRECTION, "\ufeffDIỄN TẬP: xin lỗi\n".encode(), "a.txt")).correction
    assert (given.text, given.routes) == ("DIỄN TẬP: xin lỗi", parsed(ALERT).correction.routes)
    fields = "text: DIỄN TẬP\nheadline: DIỄN TẬP h\nroutes: [{type: cs}]".encode()
    given = parsed(with_text(ALERT, Section.CORRECTION, fields, "a.yml")).correction
    assert (given.headline, given.broadcast) == ("DIỄN TẬP h", None)


@pytest.mark.parametrize(
    ("given", "file", "field"),
    [
        (b"", "a.txt", ""),
        (b"\xff\xfe", "a.txt", ""),
        ("DIỄN TẬP {{ x }}".encode(), "a.txt", "text"),
        (b"headline: x", "a.yaml", ""),
        (b"text: [", "a.yaml", ""),
        ("text: DIỄN TẬP\nroutes: []".encode(), "a.yaml", "routes"),
    ],
)
def test_the_faults_of_another_text_are_told_of_its_own_file(given, file, field):
    with pytest.raises(CampaignInvalid) as refused:
        with_text(ALERT, Section.CORRECTION, given, file)
    assert {problem.file for problem in refused.value.problems} == {file}
    assert field in {problem.field for problem in refused.value.problems}


@pytest.mark.parametrize(
    "text",
    ["a", "no", "on", "null", "1e3", "08", "2026-01-01", ": x", "# x", "a: b", "line\nline", "trail \nx", "\n\n", "'\"", "-"],
)
def test_what_is_written_is_read_as_the_same(text):
    data = {"text": text, "rows": [{"key": text, "n": 1, "f": 0.5, "yes": True}], "empty": []}
    assert yaml_document.load(yaml_document.write(data).encode(), "x.yaml").data == data
