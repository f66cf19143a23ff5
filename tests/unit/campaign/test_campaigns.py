"""Campaign files: the examples are sound, every fault is found at once, and nothing a person writes makes a traceback."""

import re
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from zalo_alert.campaign.form import schema
from zalo_alert.campaign.parse import parse, redate
from zalo_alert.errors import CampaignInvalid, Problem
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.models import OnUnknown, RouteType, Status
from zalo_alert.operations.scaffold import examples

CAMPAIGNS = examples()
SOUND = CAMPAIGNS["bao-so-7.yaml"].decode()


def faults(text):
    with pytest.raises(CampaignInvalid) as caught:
        parse(text.encode() if isinstance(text, str) else text, "c.yaml")
    return [str(problem) for problem in caught.value.problems]


def changed(old, new):
    assert old in SOUND
    return SOUND.replace(old, new)


def test_the_examples_cover_what_an_office_sends():
    found = {name: parse(text, name) for name, text in CAMPAIGNS.items()}
    assert len(found) >= 6
    assert {campaign.event for campaign in found.values()} >= {"bao", "lu-quet", "xa-lu"}
    assert {campaign.msg_type for campaign in found.values()} >= {"Alert", "Update", "Cancel"}
    assert all(campaign.status in (Status.EXERCISE, Status.TEST) for campaign in found.values())


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_every_example_is_sound_and_fits_the_schema_that_editors_use(name):
    campaign = parse(CAMPAIGNS[name], name)
    jsonschema.validate(yaml.load(CAMPAIGNS[name], Loader=yaml.BaseLoader) | _numbers(CAMPAIGNS[name]), schema())
    assert campaign.expires > campaign.effective
    assert "DIỄN TẬP" in campaign.headline.upper() or "THỬ" in campaign.headline.upper()


def _numbers(text):
    # The schema is of YAML as an editor reads it: numbers are numbers, and instants are text.
    return {key: value for key, value in yaml.safe_load(text).items() if key in ("risk_level", "limits")}


def test_every_fault_is_listed_at_once_with_its_place():
    text = SOUND.replace("msgType: Alert", "msgTyp: Alert").replace("certainty: Likely", "certainty: Maybe")
    text = text.replace("expires: ", "expires: 2020-01-01T00:00:00+07:00 # ")
    found = faults(text)
    assert len(found) >= 3
    assert any("msgTyp" in line and "did you mean" in line for line in found)
    assert any("certainty" in line for line in found)
    assert any("expires" in line for line in found)
    assert all(re.match(r"c\.yaml:\d+:\d+ ", line) for line in found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("status: Exercise", "status: Excercise", "Exercise"),
        ("event: bao", "event: bap", "bao"),
        ("risk_level: 4", "risk_level: 9", "risk_level"),
        ("risk_level: 4", "risk_level: four", "risk_level"),
        ("status: Exercise", "status: Exercise\nstatus: Test", "status"),
        ("audience:", "audience: []\nother:", "audience"),
    ],
)
def test_single_faults(old, new, said):
    assert any(said in line for line in faults(changed(old, new)))


VARIANT = "    onset: 2026-09-19T03:00:00+07:00\n"


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("    risk_level: 2\n", r"variants\[0\].risk_level +is 2; the risk levels of bão are 3 to 5"),
        ("    risk_level: 9\n", r"variants\[0\].risk_level "),
        ("    onset: tomorrow\n", r'variants\[0\].onset +"tomorrow" is not an instant'),
        ("    onset: 2026-09-19T03:00:00\n", r"variants\[0\].onset .*no time zone"),
        ("    onset: 2026-10-19T03:00:00+07:00\n", r"expires .*is not after variants\[0\].onset"),
    ],
)
def test_the_danger_of_a_variant_is_checked_like_the_campaign_s(own, said):
    assert any(re.search(said, line) for line in faults(changed(VARIANT, own)))


def test_a_variant_may_differ_in_its_danger_alone_and_must_differ_in_something():
    start, end = SOUND.index(VARIANT), SOUND.index("limits: {rate")
    campaign = parse(f"{SOUND[:start]}    risk_level: 5\n{SOUND[end:]}".encode(), "c.yaml")
    assert campaign.variants[0].text == campaign.text
    assert (campaign.risk_of(0), campaign.risk_of(None)) == (5, 4)
    assert campaign.onset_of(0) == campaign.onset
    assert any("changes nothing" in line for line in faults(SOUND[:start] + SOUND[end:]))


def test_a_text_may_use_a_danger_that_only_its_variant_has():
    own = (
        changed("risk_level: 4\n", "").replace("{{ risk_level }}/5] {{ place }}", "?", 1).replace("cấp {{ risk_level }}/5, ", "")
    )
    assert any("risk_level" in line for line in faults(own))
    assert parse(own.replace(VARIANT, f"{VARIANT}    risk_level: 5\n").encode(), "c.yaml").risk_of(0) == 5


@pytest.mark.parametrize("place", ["Thanh Hoá 2", "old:99", "Huee", "region:xyz", "44"])
def test_an_unknown_or_bare_place_is_refused(place):
    text = CAMPAIGNS["dien-tap-tinh.yaml"].decode()
    data = yaml.safe_load(text)
    area = next(line for line in text.splitlines() if line.strip().startswith("areas:"))
    assert data["audience"]["areas"]
    found = faults(text.replace(area, f'  areas: ["{place}"]'))
    assert any(place in line for line in found)


@pytest.mark.parametrize("areas", ["[]", "", "null", "[null]", "[[]]"])
def test_an_empty_area_is_never_everyone(areas):
    text = CAMPAIGNS["dien-tap-tinh.yaml"].decode()
    area = next(line for line in text.splitlines() if line.strip().startswith("areas:"))
    assert faults(text.replace(area, f"  areas: {areas}"))


def test_an_unknown_field_in_a_text_is_found_before_sending():
    assert any("tinh_thanh" in line for line in faults(changed("{{ place }}", "{{ tinh_thanh }}")))


@pytest.mark.parametrize(
    "text", [b"", b"- a\n- b\n", b"just words", b"a: [1", b"\xff\xfe", b"\x00\x01", b"a: &x [*x]", b"? {}\n: 1\n"]
)
def test_what_is_no_campaign_is_said(text):
    assert faults(text)


def test_a_bomb_of_aliases_is_refused_quickly():
    bomb = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join('*' + chr(97 + n) for _ in range(9))}]\n" for n in range(12)
    )
    assert faults(bomb)


def test_an_immediate_campaign_must_say_what_to_do_with_doubt():
    text = changed("urgency: Expected", "urgency: Immediate")
    text = "\n".join(line for line in text.splitlines() if "on_unknown" not in line)
    assert any("on_unknown" in line for line in faults(text))


def test_only_an_immediate_campaign_may_skip_its_canary():
    skipping = changed("urgency: Expected", "urgency: Immediate\ncanary: skip")
    assert parse(skipping.encode(), "c.yaml").canary is False
    assert any("canary" in line for line in faults(changed("urgency: Expected", "urgency: Expected\ncanary: skip")))


@pytest.mark.parametrize("minute", [0, 31, 59])
def test_a_redated_example_is_sound_and_leaves_the_officer_time(minute):
    now = SystemClock().now().replace(minute=minute, second=59)
    for name, text in CAMPAIGNS.items():
        campaign = parse(redate(text, now), name)
        assert campaign.effective <= now < campaign.expires - timedelta(hours=2)


def test_routes_limits_and_texts_are_read():
    campaign = parse(SOUND.encode(), "c.yaml")
    assert campaign.routes[0].type is RouteType.TEMPLATE
    assert campaign.limits.on_unknown in (OnUnknown.HOLD, OnUnknown.RESEND)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SOUND)), st.integers(0, 80), st.text(max_size=20))
def test_a_damaged_campaign_is_sound_or_has_faults_with_places(at, cut, put):
    text = (SOUND[:at] + put + SOUND[at + cut :]).encode(errors="replace")
    problems: tuple[Problem, ...] = ()
    try:
        parse(text, "c.yaml")
    except CampaignInvalid as exc:
        problems = exc.problems
    assert all(problem.file == "c.yaml" and problem.line >= 1 and problem.message for problem in problems)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=500))
def test_no_bytes_make_it_stumble(data):
    with pytest.raises(CampaignInvalid):
        parse(data, "c.yaml")


def test_the_examples_lie_in_the_repository_too():
    folder = Path(__file__).parents[3] / "campaigns"
    assert {path.name for path in folder.glob("*.yaml")} == set(CAMPAIGNS)
