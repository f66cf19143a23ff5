"""What an Update or a Cancel speaks of: known codes, in force, and all that it takes the place of."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from zalo_alert.errors import CampaignRefused
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.layout import runs_of
from zalo_alert.operations.campaign_files import read_campaign
from zalo_alert.operations.references import check_references
from zalo_alert.operations.workspace import Workspace
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Profile

pytestmark = pytest.mark.long


def write(desk, *references: str, msg_type: str = "Update", **changes: str) -> str:
    """Write a campaign that speaks of others, and return its name."""
    path = desk.folder / desk.campaign(**{"code": "DT-9"} | changes)
    named = f"msgType: {msg_type}\nreferences: [{', '.join(references)}]"
    path.write_text(path.read_text(encoding="utf-8").replace("msgType: Alert", named), encoding="utf-8")
    return path.name


def odd(desk, path: str) -> dict[str, str]:
    facts = desk.run("plan", path, "--json").facts
    return {fact["code"]: fact["oddity"] for fact in facts if fact["type"] == "reference"}


def in_live(desk, path: str, later: timedelta = timedelta()) -> list[str]:
    """Look at the references as a live workspace would, perhaps later."""
    settings: Any = SimpleNamespace(profile=Profile.LIVE)
    campaign = read_campaign(desk.folder / path)[1]
    now = SystemClock().now() + later
    return [notice.sentence for notice in check_references(campaign, settings, Runs(runs_of(desk.folder)), now)]


@pytest.fixture
def sent(desk, sandbox):
    """Return a desk that has sent DT-1 to everyone."""
    assert desk.at(sandbox).run("send", desk.campaign(), "--yes").code == 0
    return desk


def test_a_code_of_the_workspace_is_in_order(sent):
    for msg_type in ("Update", "Cancel"):
        path = write(sent, "DT-1", msg_type=msg_type)
        assert odd(sent, path) == {}
        assert in_live(sent, path) == []


def test_an_unknown_code_is_told_in_a_drill_and_refused_in_earnest_with_the_one_that_was_meant(sent):
    path = write(sent, "DT-11", "DT-1")
    assert odd(sent, path) == {"DT-11": "unknown"}
    assert 'references[0] no run of this workspace is of "DT-11"; did you mean "DT-1"?' in sent.run("validate", path).said
    with pytest.raises(CampaignRefused, match='no run of this workspace is of "DT-11"; did you mean "DT-1"'):
        in_live(sent, path)


def test_outside_a_workspace_nobody_can_know(sent, tmp_path):
    path = write(sent, "DT-5")
    assert "DT-5" not in sent.run("validate", path, "--workspace", str(tmp_path)).said


def test_what_nobody_was_sent_is_told(desk, sandbox, monkeypatch):
    for name, value in desk.at(sandbox).environ.items():
        monkeypatch.setenv(name, value)
    Workspace(desk.folder).freeze(desk.folder / desk.campaign(), lambda draft: None)
    assert odd(desk, write(desk, "DT-1")) == {"DT-1": "unsent"}


def test_what_has_expired_can_be_cleared_or_taken_back_and_nothing_can_take_its_place(sent):
    day = timedelta(days=1)
    with pytest.raises(CampaignRefused, match="DT-9: DT-1 expired at"):
        in_live(sent, write(sent, "DT-1"), day)
    assert in_live(sent, write(sent, "DT-1", msg_type="Cancel"), day) == []
    all_clear = sent.folder / write(sent, "DT-1")
    all_clear.write_text(all_clear.read_text(encoding="utf-8").replace("urgency: Expected", "urgency: Past"), encoding="utf-8")
    assert in_live(sent, all_clear.name, day) == []


def test_an_update_that_forgets_a_message_in_force_where_it_goes_is_told_of_it(sent):
    assert sent.run("send", sent.campaign(code="DT-2", areas="[new:46]"), "--yes").code == 0
    assert odd(sent, write(sent, "DT-1")) == {"DT-2": "unlisted"}
    [sentence] = in_live(sent, write(sent, "DT-1", areas="[new:46]"))
    assert "DT-2 is in force until" in sentence
    assert odd(sent, write(sent, "DT-1", "DT-2")) == {}
    assert odd(sent, write(sent, "DT-1", msg_type="Cancel")) == {}  # the other one was not wrong
    elsewhere = write(sent, "DT-1", areas="[new:01]")
    assert in_live(sent, elsewhere) == []


def test_what_another_update_took_the_place_of_need_not_be_named(sent):
    assert sent.run("send", write(sent, "DT-1", code="DT-2"), "--yes").code == 0
    assert odd(sent, write(sent, "DT-2")) == {}


def test_another_hazard_is_another_matter(sent):
    path = sent.folder / sent.campaign(code="DT-2")
    path.write_text(path.read_text(encoding="utf-8").replace("event: bao", "event: lu"), encoding="utf-8")
    assert sent.run("send", path.name, "--yes").code == 0
    assert odd(sent, write(sent, "DT-1")) == {}
