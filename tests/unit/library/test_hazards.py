"""What the library says: every template sound, short enough to be read, without a fault of wording, and with its sources."""

import re
from functools import cache
from importlib.resources import files

import pytest

from tests.unit.library.filling import REPLACED, written
from zalo_alert.campaign import parse
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.foundation import yaml_document
from zalo_alert.library import checks
from zalo_alert.library.build import UNCHECKED
from zalo_alert.library.form import HazardForm
from zalo_alert.library.hazard import fields_in, piece_of
from zalo_alert.library.load import load_library, packaged, shared
from zalo_alert.library.template import MOST_ASKED, Kind, Stage
from zalo_alert.models import MsgType
from zalo_alert.operations.wording import lint_campaign
from zalo_alert.runs.facts import RunPlace
from zalo_alert.wording.as_read import as_read

LIBRARY = load_library(None)
LONGEST, LONGEST_ALL = 1110, 1000  # characters of an alert, and of what follows it: some is read on a small screen in the rain
FIRST_LINE = 100
PLACES = [RunPlace("44", "Quảng Trị", None, 1)]
TYPED = re.compile(r"\b(?:[0-9]{1,2} ?(?:giờ|h)\b|[0-9]{1,2}/[0-9]{1,2}\b|20[0-9]{2}\b)")
RELATIVE = re.compile(r"\b(?:hôm nay|tối nay|đêm nay|chiều nay|sáng mai|ngày mai|hôm qua|khu vực của bạn)\b", re.IGNORECASE)
SMART = re.compile("[“”‘’«»…\u200b-\u200f]|[\U0001f300-\U0001faff]")

every_hazard = pytest.mark.parametrize("code", LIBRARY.hazards())


@cache
def templates_of(code):
    return list(LIBRARY.of(code))


def most_urgent_of(code):
    """The highest level of the stage in which people must act."""
    acting = [template for template in templates_of(code) if template.stage in (Stage.WARNING, Stage.EVACUATE)]
    return [template for template in acting if not template.is_drill][-1]


def texts_of(template):
    return [text for text in (template.text, template.correction, template.all_clear[1]) if text]


def test_every_hazard_of_the_law_has_templates():
    assert LIBRARY.hazards() == tuple(HAZARDS)


@every_hazard
def test_a_packaged_file_has_no_fault_and_nothing_unused(code):
    file = files("zalo_alert.library") / f"hazards/{code}.yaml"
    document = yaml_document.load(file.read_bytes(), file.name)
    form = packaged(code)
    assert form is not None
    used = [use for stage in form.stages.values() for use in (stage.happens or []) + (stage.remains or [])]
    used += [use for stage in form.stages.values() for group in stage.people or [] for use in group.do]
    sources = {piece.source for piece in form.pieces.values()}
    told = "\n".join(template.text + template.headline for template in templates_of(code))

    assert document.problems == ()
    assert checks.check(HazardForm.model_validate(document.data), document, shared(), None) == []
    assert set(form.pieces) <= set(map(piece_of, used))
    assert set(form.sources) <= sources
    assert set(form.questions) <= set(fields_in(told))


@every_hazard
def test_each_stage_and_level_says_place_time_sender_code_and_when_the_next_message_comes(code):
    for template in templates_of(code):
        for text in texts_of(template):
            assert {"{{ place }}", "{{ don_vi }}", "{{ code }}", "{{ effective }}"} <= set(re.findall(r"\{\{[^}]*\}\}", text))
        if template.stage is not Stage.ALL_CLEAR and not template.is_drill:
            assert "{{ tin_tiep_theo|gon }}" in template.text
            assert "{{ expires }}" in template.text
            assert "112" in template.text
        assert template.correction
        assert all(template.all_clear) == (template.stage is not Stage.ALL_CLEAR or template.is_drill)


@every_hazard
def test_dates_and_hours_are_fields_and_nothing_is_said_of_today(code):
    for text in {text for template in templates_of(code) for text in (*texts_of(template), template.headline)}:
        words = re.sub(r"\{\{[^}]*\}\}", "", text)
        assert not TYPED.search(words), words
        assert not RELATIVE.search(words), words
        assert not SMART.search(words), words


@every_hazard
def test_every_sentence_of_guidance_names_its_source(code):
    form = packaged(code)
    assert form is not None
    named = {source.name for source in (*shared().sources.values(), *form.sources.values())}
    for template in templates_of(code):
        if template.is_drill:
            assert template.sources == {}
            continue
        guidance = [line for text in (template.text, template.all_clear[1]) for line in re.findall(r"^\d+\. (.+)$", text, re.M)]
        assert guidance
        assert set(guidance) <= set(template.sources)
        assert {source.removesuffix(f" {UNCHECKED}") for source in template.sources.values()} <= named


@every_hazard
def test_people_are_away_before_the_danger_and_names_keep_their_capitals(code):
    form = packaged(code)
    assert form is not None
    onset = form.onset
    for template in templates_of(code):
        for line in template.text.splitlines():
            if re.search("SƠ TÁN|RỜI NHÀ|ĐƯA", line) and not line.startswith("["):
                assert not onset or f"trước {{{{ {onset}|" not in line.casefold(), (template.name, line)
        assert "|capitalize" not in template.text  # it would write "hồ Sông Mẫu" as "Hồ sông mẫu"


@every_hazard
def test_who_stayed_is_not_sent_into_the_wind_or_the_water(code):
    update = next(
        template for template in reversed(templates_of(code)) if template.stage is Stage.UPDATE and not template.is_drill
    )
    for line in update.text.splitlines():
        if "Chưa sơ tán" in line:
            assert re.search("ĐI NGAY nếu .+ KHÔNG (?:ra đường|lội)", line), line


@every_hazard
def test_at_most_six_questions_must_be_answered_and_they_come_first(code):
    for template in templates_of(code):
        open_ones = [question for question in template.questions if not question.default]
        assert list(template.questions[: len(open_ones)]) == open_ones
        assert len(open_ones) <= MOST_ASKED
        late = [question.name for question in template.questions[MOST_ASKED:] if question.kind is Kind.INSTANT]
        assert set(late) <= {"ban_tin_luc", "tin_tiep_theo"}
        assert all(question.asks and question.asks_en and question.example for question in template.questions)


@every_hazard
def test_a_drill_says_that_nothing_is_to_be_done_and_gives_no_order(code):
    for template in templates_of(code):
        if template.is_drill:
            assert "KHÔNG PHẢI TÌNH HUỐNG THẬT" in template.text
            assert "Bạn KHÔNG cần làm gì, không cần gọi 112" in template.text
            assert all(text.startswith("[DIỄN TẬP") and "HẾT TIN DIỄN TẬP" in text for text in texts_of(template))
            assert not re.search("SƠ TÁN|RỜI NHÀ|CHẠY", "".join(texts_of(template)))


@every_hazard
def test_the_most_urgent_template_is_sound_short_and_without_a_finding(code):
    look_at(most_urgent_of(code))


@pytest.mark.long
@every_hazard
def test_every_stage_level_and_drill_is_sound_short_and_without_a_finding(code):
    for template in templates_of(code):
        look_at(template)


def look_at(template):
    file = written(template)
    campaign = parse.parse(file, "c.yaml")
    read = as_read(campaign, PLACES, {})

    assert [(str(finding.code), str(finding.problem)) for finding in lint_campaign(file)] == [], template.name
    assert campaign.msg_type is (MsgType.UPDATE if REPLACED in campaign.references else MsgType.ALERT)
    for part in read:
        most = LONGEST if part.part == "alert" else LONGEST_ALL
        assert len(part.text) <= most, (template.name, part.part, len(part.text))
        assert len(part.text.partition("\n")[0]) <= FIRST_LINE, part.text
        assert "{{" not in part.text
