"""What an officer reads before agreeing: whole, unmistakable, and asked for."""

from datetime import UTC, datetime
from typing import Any

import pytest

from zalo_alert.cli import card_view
from zalo_alert.cli.display import display
from zalo_alert.operations.card import Card, is_about

LONG = " ".join(f"từ{number}" for number in range(120))


def card(**changes):
    given: dict[str, Any] = {
        "code": "TW-1", "status": "Actual", "is_live": True, "is_rehearsal": False, "event": "bão", "risk_level": 4,
        "urgency": "Expected", "people": 65_550, "provinces": (("Huế", 65_550),), "texts": ({"route": "cs", "text": LONG},),
        "expires": datetime(2026, 11, 28, tzinfo=UTC), "onset": None, "finishes_at": None, "hosts": ("https://a", "https://a"),
        "overrides": (("hours", "nước lên"),), "correction": ({"route": "cs", "text": LONG},),
    }  # fmt: skip
    return Card(**(given | changes))


def shown(capsys, one, **how):
    display.err.width = 80
    card_view.show_card(one, **how)
    return capsys.readouterr().err


def test_no_word_of_a_text_is_cut_off(capsys):
    said = shown(capsys, card(), in_full=True)

    assert all(said.count(f"từ{number} ") + said.count(f"từ{number}\n") >= 1 for number in range(119))


def test_a_correction_by_template_is_shown_as_its_template_says_it(capsys):
    ready = {"route": "template", "template_id": "311206", "place": "Huế", "data": {"ma_tin": "TW-1"}}
    said = shown(capsys, card(correction=(ready,)), in_full=True)

    assert "template · 311206 · Huế" in said
    assert "ma_tin: TW-1" in said


def test_of_templates_the_longest_values_stand_on_the_card():
    text = {"route": "template", "template_id": "311203", "data": {"ma_tin": "TW-1", "noi_dung": "Bão số 7, rủi ro cấp 4/5"}}
    assert card(texts=(text, text)).first_lines == ("Bão số 7, rủi ro cấp 4/5", "TW-1")


def test_live_rehearsal_and_drill_have_nothing_in_common(capsys):
    looks = [card(), card(is_rehearsal=True), card(is_live=False), card(status="Exercise"), card(is_follow_up=True)]
    titles = {shown(capsys, one).splitlines()[0] for one in looks}

    assert len(titles) == len(looks)


def test_whoever_answers_for_a_language_is_on_the_card(capsys):
    said = shown(capsys, card(languages=(("km", "Thạch Sơn"), ("xx", "Lê Hà"))))
    assert "Khmer, checked by Thạch Sơn; xx, checked by Lê Hà" in said


@pytest.mark.parametrize("told", ["65550", "Huế", "hours", "nước lên", "https://a"])
def test_what_decides_is_on_the_card(capsys, told):
    assert told in shown(capsys, card()).replace("\u202f", "")


def test_an_actual_alert_without_a_correction_says_so(capsys):
    assert "no correction is ready" in shown(capsys, card(correction=()))
    assert "no correction is ready" not in shown(capsys, card(correction=(), is_follow_up=True))


@pytest.mark.parametrize(
    ("typed", "is_right"),
    [("66000", True), ("65.550", True), ("65 550", True), ("6600", False), ("660000", False), ("", False), ("x", False),
     ("9" * 30, False), ("62000", False)],
)  # fmt: skip
def test_about_how_many_is_a_matter_of_two_figures(typed, is_right):
    assert is_about(typed, 65_550) is is_right
