"""A new campaign out of the library: every template fills into a sound file; what can't be is refused before one is written."""

import errno
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from zalo_alert.campaign import parse as campaign_file
from zalo_alert.errors import CampaignInvalid, InputInvalid, SettingsInvalid, UsageError
from zalo_alert.foundation.clock import VIETNAM, words
from zalo_alert.library.load import load_library
from zalo_alert.library.template import Kind
from zalo_alert.models import OnUnknown, Status
from zalo_alert.operations.new_campaign import NewCampaign, NewOrder, wording_of
from zalo_alert.operations.scaffold import create
from zalo_alert.operations.template_distance import measure_distance
from zalo_alert.places import PlaceUnknown

NOW = datetime(2026, 9, 18, 14, 5, 33, tzinfo=VIETNAM)
BAO = {"ten_bao": "bão số 7", "suc_gio": "gió cấp 11–12, giật cấp 14", "tu_luc": "2h mai", "so_tan_truoc": "20h"}
LIBRARY = load_library(None)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace")
    create(folder, NOW)
    return folder


@pytest.fixture
def new(workspace, tmp_path):
    def make(**order: Any) -> NewCampaign:
        given: dict[str, Any] = {"hazard": "bao", "areas": ["new:46"], "level": 4, "stage": "warning", "values": BAO}
        return NewCampaign(NewOrder(**given | order), workspace, NOW, {})

    return make


def upcoming(interview):
    ask = interview.next()
    assert ask is not None
    return ask


def answer(question):
    if question.kind is Kind.INSTANT:
        return "+3h"
    return question.choices[0] if question.choices else question.example


def answers_to(template):
    """Answers to what only a person can answer; their own office is known, and so is what a message follows."""
    return {
        question.name: answer(question)
        for question in template.questions
        if not question.default and question.name not in ("don_vi", "thay_cho")
    }


def filled(template, workspace, out):
    order = NewOrder(
        template.hazard, ("new:46",), template.stage.value, template.level, values=answers_to(template),
        is_drill=template.is_drill, references=("TW-260918-03",), out=out,
    )  # fmt: skip
    return NewCampaign(order, workspace, NOW, {}).write()


def check_sound(template, workspace, folder):
    """Fill a template, and look at the file that comes of it as `validate` does."""
    written = filled(template, workspace, folder / f"{template.name.replace('/', '-')}.yaml")
    campaign = written.reading.campaign
    assert [*written.reading.remarks] == [], template.name
    assert [str(finding.problem) for finding in wording_of(written, workspace, {}) if finding.severity == "error"] == []
    distance = measure_distance(campaign, workspace)
    assert distance is not None
    assert distance.share == 0.0
    assert (campaign.template, bool(campaign.correction)) == (template.name, True)
    assert campaign.all_clear or template.stage == "all-clear"


def highest(hazard):
    """The template of each stage at its highest level, and a drill."""
    for stage in LIBRARY.stages(hazard):
        levels = LIBRARY.levels(hazard, stage)
        yield LIBRARY.find(hazard, stage, levels[-1] if levels else None, is_drill=False)
    yield LIBRARY.find(hazard, stage, levels[-1] if levels else None, is_drill=True)


@pytest.mark.parametrize("hazard", LIBRARY.hazards())
def test_a_template_fills_into_a_sound_file_of_clean_words(hazard, workspace, tmp_path):
    for template in highest(hazard):
        check_sound(template, workspace, tmp_path)


@pytest.mark.long
def test_every_template_fills_into_a_sound_file_of_clean_words(workspace, tmp_path):
    for template in LIBRARY.every():
        check_sound(template, workspace, tmp_path)


def _typed(ask, template):
    return "" if ask.default else answer(next(one for one in template.questions if one.name == ask.name))


def count_questions(template, workspace):
    """Answer whatever is asked for a template, until nothing is."""
    interview, asked = NewCampaign(NewOrder(template.hazard, is_drill=template.is_drill), workspace, NOW, {}).interview, 0
    while (ask := interview.next()) is not None:
        level = f" {template.level}" if template.level else ""
        answers = {"areas": "new:46", "stage": f"{template.stage.value}{level}"}
        interview.take(ask, answers.get(ask.name) or _typed(ask, template))
        asked += 1
    assert not interview.missing()
    return asked


@pytest.mark.parametrize("hazard", LIBRARY.hazards())
def test_six_questions_are_enough_for_every_template(hazard, workspace):
    asked = {template.name: count_questions(template, workspace) for template in highest(hazard)}

    assert {name: number for name, number in asked.items() if number > 6} == {}


def test_the_file_holds_what_was_answered_and_says_what_may_be_changed(new, tmp_path):
    written = new(out=tmp_path / "bao.yaml").write()
    campaign, text = written.reading.campaign, written.text.decode()

    assert campaign.fields["so_tan_truoc"] == datetime(2026, 9, 18, 20, 0, tzinfo=VIETNAM)
    assert campaign.fields["don_vi"] == "Ban Chỉ huy Phòng thủ dân sự thành phố Huế"
    assert (words(campaign.effective), words(campaign.onset)) == ("14:05 18/9/2026", "02:00 19/9/2026")
    assert campaign.expires.minute == 0
    assert campaign.code == "DT-HUE-260918-01"
    assert "so_tan_truoc: 2026-09-18T20:00:00+07:00       # " in text
    assert "    - new:46                                    # Huế" in text
    assert text.startswith("# yaml-language-server: $schema=../campaign.schema.json\n# Bắt đầu từ mẫu tin bao/warning/4.")
    assert written.sample.startswith("[DIỄN TẬP")
    assert {"ban_tin", "don_vi"} <= written.guessed


def test_an_immediate_message_chooses_to_hold_and_says_so(new, tmp_path):
    written = new(stage="evacuate", out=tmp_path / "c.yaml").write()

    assert written.reading.campaign.limits.on_unknown is OnUnknown.HOLD
    assert "on_unknown: hold}         # khi không rõ đã tới chưa" in written.text.decode()


def test_codes_count_on_over_campaigns_and_the_files_are_named_after_them(workspace, new):
    paths = [new(areas=("new:44", "new:46")).write().path for _ in range(2)]

    assert [path.name for path in paths] == ["bao-dt-tw-260918-01.yaml", "bao-dt-tw-260918-02.yaml"]
    assert all(path.parent == workspace / "campaigns" for path in paths)
    with pytest.raises(UsageError) as refused:
        new(code="DT-TW-260918-02")
    assert "DT-TW-260918-03 is free" in refused.value.hint


def test_nothing_is_ever_written_over(new, tmp_path):
    out = tmp_path / "c.yaml"
    out.write_text("mine", encoding="utf-8")
    (tmp_path / "c-2.yaml").write_text("mine too", encoding="utf-8")

    with pytest.raises(UsageError) as refused:
        new(out=out)
    assert "c-3.yaml" in refused.value.hint
    late = new(out=tmp_path / "d.yaml")
    (tmp_path / "d.yaml").write_text("somebody was quicker", encoding="utf-8")
    with pytest.raises(UsageError, match="is there already, and stays as it is"):
        late.write()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c-2.yaml", "c.yaml", "d.yaml"]


def test_an_all_clear_takes_what_its_warning_said(new, workspace, tmp_path):
    warned = new(areas=("new:44", "new:46"), out=tmp_path / "w.yaml", code="TW-260918-77", status="actual").write()
    order = NewOrder(source=str(warned.path), stage="hết cảnh báo", out=tmp_path / "clear.yaml")
    campaign = NewCampaign(order, workspace, NOW + timedelta(hours=20), {}).write().reading.campaign

    assert [area.label for area in campaign.audience.areas] == ["new:44", "new:46"]
    assert (campaign.references, campaign.status, campaign.urgency) == (("TW-260918-77",), Status.ACTUAL, "Past")
    assert campaign.fields["don_vi"] == warned.reading.campaign.fields["don_vi"]
    assert "TW-260918-77" in campaign.text.replace("{{ thay_cho }}", str(campaign.fields["thay_cho"]))


def test_an_update_takes_level_fields_and_routes_but_no_time_that_has_passed(new, workspace, tmp_path):
    text = new(out=tmp_path / "w.yaml").write().text.decode()
    routes = '  - {type: template, template_id: "311203", data: {ma_tin: "{{ code }}"}}\n  - {type: cs}'
    (tmp_path / "w.yaml").write_text(text.replace("  - {type: cs}", routes, 1), encoding="utf-8")
    order = NewOrder(source=str(tmp_path / "w.yaml"), out=tmp_path / "u.yaml")
    update = NewCampaign(order, workspace, NOW + timedelta(hours=7), {})

    assert [ask.name for ask in update.interview.missing()] == ["dien_bien"]
    update.interview.set("dien_bien", "bão đi nhanh hơn dự báo")
    campaign = update.write().reading.campaign
    assert (campaign.template, campaign.msg_type, campaign.risk_level) == ("bao/update/4", "Update", 4)
    assert campaign.fields["ten_bao"] == "bão số 7"
    next_at = campaign.fields["tin_tiep_theo"]
    assert isinstance(next_at, datetime)
    assert next_at > NOW + timedelta(hours=7)
    assert [route.template_id for route in campaign.routes] == ["311203", ""]


def test_the_office_of_the_newest_campaign_issues_the_next_one(tmp_path):
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "a.yaml").write_text(
        'code: X-HUE-1\nfields:\n  don_vi: "Ủy ban nhân dân xã A"  # …\n', encoding="utf-8"
    )

    campaign = NewCampaign(NewOrder("bao", ("new:46",), "warning", 4, values=BAO), tmp_path, NOW, {})

    assert campaign.write().fields["don_vi"] == "Ủy ban nhân dân xã A"


def test_who_issues_a_message_of_another_province_is_not_taken_over(workspace, new, tmp_path):
    assert new(out=tmp_path / "c.yaml", areas=("new:51",)).write().fields["don_vi"].endswith("tỉnh Quảng Ngãi")


def test_an_update_first_asks_whose_place_it_takes_and_then_only_for_what_is_new(new, workspace):
    warned = new(areas=("new:44",), code="TW-260918-50").write().reading.campaign
    interview = NewCampaign(NewOrder("bao"), workspace, NOW + timedelta(hours=3), {}).interview

    interview.take(upcoming(interview), "cập nhật 4")
    assert (upcoming(interview).name, upcoming(interview).default) == ("thay_cho", "TW-260918-50")
    interview.take(upcoming(interview), "")
    assert [place.selector for place in interview.areas] == ["new:44"]
    assert [ask.name for ask in interview.missing()] == ["dien_bien"]
    assert interview.fields()["tu_luc"] == warned.fields["tu_luc"]


def test_a_hazard_asks_what_only_a_person_knows_first_and_shows_what_enter_means(workspace):
    interview = NewCampaign(NewOrder("bão"), workspace, NOW, {}).interview

    assert {ask.name for ask in interview.missing()} == {"areas", "stage", "ten_bao", "tu_luc", "suc_gio"}
    assert interview.take(upcoming(interview), "sơ tán cấp 4") == "bao/evacuate/4"
    assert interview.take(upcoming(interview), "new:44, Huế") == "new:44 Quảng Trị; new:46 Huế"
    assert interview.take(upcoming(interview), "bão số 7") == "bão số 7"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "an answer is needed here"),
        ("Quảng Trị", "means more than one place"),
        ("Hạnh Phúc", "ward:04585"),
        ("Atlantis", "is neither a province nor a ward"),
        (" , ;", "an answer is needed here"),
    ],
)
def test_places_that_are_unknown_or_several_are_asked_again(workspace, typed, why):
    interview = NewCampaign(NewOrder("bao", stage="warning", level=4), workspace, NOW, {}).interview

    with pytest.raises((UsageError, PlaceUnknown)) as refused:
        interview.take(upcoming(interview), typed)
    assert why in refused.value.message
    assert upcoming(interview).name == "areas"


@pytest.mark.parametrize("typed", ["9", "sơ tán", "sơ tán 2", "evakuate 4", "4 5 3"])
def test_a_stage_or_level_that_there_is_not_is_asked_again(workspace, typed):
    interview = NewCampaign(NewOrder("bao", ("new:46",)), workspace, NOW, {}).interview

    with pytest.raises(UsageError):
        interview.take(upcoming(interview), typed)
    assert (upcoming(interview).name, interview.stage) == ("stage", None)


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ({"hazard": ""}, "which hazard is it for? there are "),
        ({"hazard": "sóng"}, '"sóng" is not a known hazard'),
        ({"stage": "evakuate"}, '"evakuate" is not a stage here; did you mean "evacuate"?'),
        ({"level": 2}, "levels of bão are 3 to 5"),
        ({"stage": "", "level": 1}, "levels of bão are 3 to 5"),
        ({"values": {"so_tan": "20h"}}, 'has no field "so_tan"; did you mean "so_tan_truoc"?'),
        ({"values": BAO | {"so_tan_truoc": "8h"}}, "so_tan_truoc: "),
        ({"values": BAO | {"so_tan_truoc": "17/9 8h"}}, "which has passed"),
        ({"values": BAO | {"ten_bao": "{{ code }}"}}, "template language"),
        ({"code": "bão 7"}, "is not a valid code"),
        ({"references": ("?",)}, "is not a valid code"),
        ({"status": "Thật"}, "is not a status: there are Actual, Exercise, Test"),
        ({"areas": ("old:99",)}, "is not a valid code of the 63"),
        ({"effective": "hôm nào"}, "is not understood as a time"),
        ({"source": "nowhere.yaml"}, "can't read nowhere.yaml"),
        ({"source": "TW-1"}, 'there is no run "TW-1"'),
        ({"account": "nobody"}, "nobody"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_refused_before_anybody_is_asked(new, order, why):
    with pytest.raises((UsageError, PlaceUnknown, CampaignInvalid, SettingsInvalid)) as refused:
        new(**order)
    assert why in refused.value.message


def test_a_campaign_that_would_not_be_sound_is_not_written(new, tmp_path):
    with pytest.raises(CampaignInvalid):
        new(expires="15h", effective="16h", out=tmp_path / "c.yaml").write()
    assert list(tmp_path.iterdir()) == []


def test_an_alert_lasts_beyond_the_hour_at_which_the_danger_comes(new, tmp_path):
    campaign = new(values=BAO | {"tu_luc": "23/9 2h"}, out=tmp_path / "c.yaml").write().reading.campaign

    assert words(campaign.expires) == "08:00 23/9/2026"


def test_a_value_is_quoted_so_that_yaml_gives_it_back(new, tmp_path):
    odd = 'bão "số 7": # không, \\ có'
    written = new(values=BAO | {"ten_bao": odd}, out=tmp_path / "c.yaml").write()

    assert campaign_file.parse(written.text, "c.yaml").fields["ten_bao"] == odd


def test_an_office_has_its_own_templates(workspace, tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.yaml").write_text("hazard: nothing\n", encoding="utf-8")

    with pytest.raises(CampaignInvalid):
        NewCampaign(NewOrder("bao"), tmp_path, NOW, {})


def test_the_default_has_people_gone_before_the_danger_begins(new):
    interview = new(values={name: BAO[name] for name in ("ten_bao", "suc_gio")} | {"tu_luc": "17h"}).interview

    assert interview.fields()["so_tan_truoc"] == NOW.replace(hour=16, minute=15, second=0)


# --- found before anybody is asked -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"expires": "25:00"}, "has an hour that does not exist"),
        ({"routes_from": Path("nowhere.yaml")}, "can't read nowhere.yaml"),
        ({"source": "x" * 300}, "no run"),
    ],
)
def test_what_cant_be_is_told_before_six_questions(new, given, says):
    with pytest.raises(UsageError, match=says):
        new(values={}, **given)


def test_a_name_that_no_disk_takes_is_told_in_a_sentence(new, tmp_path):
    with pytest.raises(InputInvalid, match=r"can't write .*File name too long"):
        new(out=tmp_path / ("x" * 300)).write()


def test_a_full_disk_leaves_nothing_half_written_and_says_what_to_do(new, tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputInvalid, match="can't write") as caught:
        new(out=tmp_path / "c.yaml").write()

    assert "free space" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_dangling_link_is_no_free_name(new, tmp_path):
    (tmp_path / "c.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(UsageError, match="is there already"):
        new(out=tmp_path / "c.yaml")


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(UsageError, match="there is no folder"):
        NewCampaign(NewOrder("bao"), tmp_path / "nowhere", NOW, {})


def test_the_command_shown_gives_a_shell_nothing_to_obey(new):
    options = new(values={"ten_bao": 'bão "$(id)`x`\\'}, areas=["Hà Nội"]).command().options

    assert options[0] == ("areas", '"Hà Nội"')
    assert ("set", r'ten_bao="bão \"\$(id)\`x\`\\"') in options
