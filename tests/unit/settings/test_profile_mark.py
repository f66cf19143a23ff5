"""A workspace is for drills or live for good: what its config says must be what it was made for."""

import stat
from dataclasses import replace

import pytest

from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.scaffold import create
from zalo_alert.operations.state import state_folder
from zalo_alert.settings import load
from zalo_alert.settings.model import Hosts, Profile, require_safe_hosts


@pytest.fixture
def drill(tmp_path):
    create(tmp_path, SystemClock().now())
    return tmp_path


def configure(folder, old, new):
    config = folder / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_a_drill_folder_can_t_be_made_live_by_a_word(drill):
    configure(drill, "profile: drill", "profile: live")
    with pytest.raises(SettingsInvalid) as caught:
        load.load(drill, {})
    assert "says live, and this workspace was made for drill" in caught.value.message
    assert "init" in caught.value.hint


def test_a_live_folder_can_t_be_made_a_drill_by_a_word(tmp_path):
    create(tmp_path, SystemClock().now(), profile="live")
    configure(tmp_path, 'oa_id: "…", app_id: "…"', 'oa_id: "1234567", app_id: "7654321"')
    assert load.load(tmp_path, {}).profile is Profile.LIVE
    configure(tmp_path, "profile: live", "profile: drill")
    with pytest.raises(SettingsInvalid, match="made for live"):
        load.load(tmp_path, {})


def test_a_workspace_of_before_is_what_its_config_says_when_it_is_first_used(drill):
    mark = drill / ".zalo-alert" / "profile"
    mark.unlink()
    settings = load.load(drill, {})
    assert not mark.exists()  # whoever only looks writes nothing
    state_folder(settings)
    state_folder(replace(settings, profile=Profile.LIVE))  # said once
    assert (mark.read_text(), stat.S_IMODE(mark.stat().st_mode)) == ("drill\n", 0o600)


@pytest.mark.parametrize("content", [b"", b"both\n", b"\xff\xd8\xff\xe0 a picture", b"drill" * 1000])
def test_a_mark_that_says_neither_is_refused(drill, content):
    (drill / ".zalo-alert" / "profile").write_bytes(content)
    with pytest.raises(SettingsInvalid, match="neither live nor drill"):
        load.load(drill, {})


def test_a_mark_that_is_a_folder_is_told(drill):
    (drill / ".zalo-alert" / "profile").unlink()
    (drill / ".zalo-alert" / "profile").mkdir()
    with pytest.raises(SettingsInvalid, match="can't read"):
        load.load(drill, {})


def test_a_drill_has_no_host_of_zalo_to_fall_back_on(drill):
    settings = load.load(drill, {"ZALO_ALERT_OPENAPI_URL": "http://127.0.0.1:8"})
    assert settings.hosts == Hosts("http://127.0.0.1:8", "", "")
    with pytest.raises(SettingsInvalid, match="no sandbox is named"):
        require_safe_hosts(settings)


def test_a_new_live_workspace_waits_for_its_accounts_and_says_where(tmp_path):
    create(tmp_path, SystemClock().now(), profile="live")
    with pytest.raises(SettingsInvalid) as caught:
        load.load(tmp_path, {})
    assert [(problem.field, problem.line) for problem in caught.value.problems] == [
        ("accounts[0].oa_id", 4),
        ("accounts[0].app_id", 4),
    ]
