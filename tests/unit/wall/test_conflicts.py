from dataclasses import replace
from datetime import timedelta

import pytest

from tests.wall_runs import freeze_run, make_workspace
from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.models import MsgType, Status
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.wall.conflicts import Advice, Alert, advice_of, conflicts

NOW = SystemClock().now()


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("Hãy sơ tán ngay.", Advice.GO),
        ("DI DỜI khỏi vùng trũng", Advice.GO),
        ("Ở yên trong nhà, không ra ngoài.", Advice.STAY),
        ("Không được ra đường", Advice.STAY),
        ("Stay indoors.", Advice.STAY),
        ("Evacuate now.", Advice.GO),
        ("Ở trong nhà, chuẩn bị sơ tán.", None),
        ("Theo dõi bản tin tiếp theo.", None),
    ],
)
def test_a_text_tells_to_go_or_to_stay(text, advice):
    assert advice_of(text) is advice


@pytest.fixture(scope="module")
def alert(tmp_path_factory):
    """Return what makes alerts of runs, each once."""
    folder = make_workspace(tmp_path_factory.mktemp("workspace"), NOW)
    kept = {}

    def make(code, **changes):
        if code not in kept:
            run = freeze_run(folder, NOW, code, **changes)
            kept[code] = Alert(run.facts, frozen_campaign(run), tuple(run.places()), RunState.SENDING)
        return kept[code]

    return make


@pytest.fixture
def go(alert):
    return alert("GO", areas='["new:46"]', text="Sơ tán ngay.")


@pytest.fixture
def stay(alert):
    return alert("STAY", areas='["new:46", "new:44"]', text="Ở yên trong nhà.")


def test_leaving_and_staying_in_one_place_contradict_each_other(go, stay):
    (found,) = conflicts([go, stay], NOW)

    assert found.runs == ("GO", "STAY")
    assert found.sentence == "Huế: GO tells people to leave, STAY tells them to stay at home"


def test_alerts_of_different_places_do_not(go, alert):
    assert conflicts([go, alert("FAR", areas='["new:44"]', text="Ở yên trong nhà.")], NOW) == []


def test_a_former_province_lies_in_the_one_of_today(alert):
    old = alert("OLD", areas='["old:45"]', text="Sơ tán ngay.")
    new = alert("NEW", areas='["new:44"]', text="Ở yên trong nhà.")

    assert len(conflicts([old, new], NOW)) == 1


def test_two_levels_of_one_hazard_contradict_each_other(alert):
    three, four = (alert(f"L{n}", areas='["new:46"]', head=f"risk_level: {n}\n") for n in (3, 4))
    (found,) = conflicts([three, four], NOW)

    assert "L3 says risk level 3, L4 says 4" in found.sentence


@pytest.mark.parametrize(
    "change",
    [
        {"state": RunState.CANCELLED},
        {"state": RunState.CORRECTED},
        {"facts": {"expires": NOW - timedelta(minutes=1)}},
        {"facts": {"kind": Kind.CORRECTION, "parent": ("GO",)}},
        {"campaign": {"references": ("GO",)}},
        {"campaign": {"msg_type": MsgType.CANCEL}},
        {"campaign": {"code": "GO"}},
        {"campaign": {"status": Status.ACTUAL}},
    ],
    ids=["cancelled", "corrected", "expired", "a correction", "an update of it", "a withdrawal", "its other part", "no drill"],
)
def test_what_is_gone_or_takes_the_others_place_contradicts_nothing(go, stay, change):
    parts = {name: replace(getattr(stay, name), **part) if isinstance(part, dict) else part for name, part in change.items()}

    assert conflicts([go, replace(stay, **parts)], NOW) == []
