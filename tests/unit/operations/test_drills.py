"""Who has practised, read off logs: of this workspace, of a practice workspace, and what the settings make of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.office import Officers
from zalo_alert.approval.roster import read_roster
from zalo_alert.audit.log import AuditLog
from zalo_alert.errors import CampaignRefused, InputInvalid
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.drills import check_practice, drills_of_officers, look_at_drills
from zalo_alert.operations.scaffold import create
from zalo_alert.preflight.token_health import Grade
from zalo_alert.settings import load
from zalo_alert.settings.model import DrillRule, Lapsed, Profile

NOW = SystemClock().now()
LATER = NOW + timedelta(days=120)  # when none of the officers is new any more


@pytest.fixture
def live(tmp_path):
    folder = tmp_path / "live"
    create(folder, NOW)
    settings = load.load(folder, {})
    Officers(folder, tmp_path / "keys")
    return replace(settings, profile=Profile.LIVE)


def practice(folder, who, at, event="approve"):
    create(folder, NOW)
    AuditLog(folder / ".zalo-alert").append(event, at, who=who, run="DT-9")
    return folder


def told(settings, who, at, event="run-submitted", **facts):
    AuditLog(settings.state_dir).append(event, at, who=who, run="DT-1", facts=facts)


def lapsed(settings, **given):
    return [row.officer for row in drills_of_officers(settings, 3, now=LATER, **given) if row.is_lapsed]


def test_what_the_log_calls_a_drill_counts_and_an_alert_does_not(live):
    (live.state_dir / "profile").write_text("live\n", encoding="ascii")
    told(live, "Cuc", LATER - timedelta(days=9), drill=True)
    told(live, "Dung", LATER - timedelta(days=9))
    told(live, "An", LATER - timedelta(days=9), event="export", drill=True)
    assert lapsed(live) == ["An", "Binh", "Dung"]


def test_drills_of_a_practice_workspace_count_for_whoever_is_called_the_same(live, tmp_path):
    folder = practice(tmp_path / "practice", "binh", LATER - timedelta(days=80))
    assert lapsed(live) == ["An", "Binh", "Cuc", "Dung"]
    assert lapsed(live, also=[folder]) == ["An", "Cuc", "Dung"]
    assert lapsed(replace(live, drill_rule=DrillRule(also=(folder, folder)))) == ["An", "Cuc", "Dung"]
    with pytest.raises(InputInvalid, match="is no workspace"):
        lapsed(live, also=[tmp_path / "none"])


@pytest.mark.parametrize(("rule", "ends"), [(Lapsed.DOCTOR, None), (Lapsed.WARN, "told"), (Lapsed.REFUSE, "refused")])
def test_the_settings_say_what_becomes_of_the_signature(live, rule, ends):
    settings = replace(live, drill_rule=DrillRule(lapsed=rule))
    officer = read_roster(live.state_dir).named("Cuc")[0]
    assert check_practice(officer, "Exercise", settings, LATER) is None
    assert check_practice(officer, "Actual", settings, NOW) is None, "who is new has had no time for it"
    if ends == "refused":
        with pytest.raises(CampaignRefused, match="no drill for 3 months"):
            check_practice(officer, "Actual", settings, LATER)
    else:
        assert bool(check_practice(officer, "Actual", settings, LATER)) is (ends == "told")


def test_a_folder_of_drills_that_is_gone_keeps_nobody_from_an_alert(live, tmp_path):
    settings = replace(live, drill_rule=DrillRule(lapsed=Lapsed.REFUSE, also=(tmp_path / "gone",)))
    officer = read_roster(live.state_dir).named("Cuc")[0]
    notice = check_practice(officer, "Actual", settings, LATER)
    assert notice
    assert "is no workspace" in notice.sentence


def test_the_doctor_counts_nobody_where_nobody_is_to_be_counted(live, tmp_path):
    assert look_at_drills(replace(live, drill_rule=DrillRule(every_months=0))) == []
    assert [check.grade for check in look_at_drills(live)] == [Grade.OK]
