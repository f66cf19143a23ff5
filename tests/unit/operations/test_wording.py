"""What is wrong with a campaign's words, before anybody agrees to it, and what may be passed for a reason."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from zalo_alert.campaign.parse import parse
from zalo_alert.errors import ErrorCause, UsageError, WordingRefused
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import Language, catalogue_of
from zalo_alert.operations.card import notes_of
from zalo_alert.operations.template_texts import path_of
from zalo_alert.operations.wording import Source, as_json, lint_campaign, look_at, needless, passed
from zalo_alert.runs.facts import RunPlace
from zalo_alert.testing import SOUND, drill

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=VIETNAM)
OPEN = SOUND.replace("HẾT TIN", "Xem http://quangtri.gov.vn. HẾT TIN")  # a link that anybody can exchange on its way
BY_TEMPLATE = '[{type: template, template_id: "311203", data: {ma_tin: "{{ code }}", noi_dung: "{{ headline }}"}}]'


def findings(workspace: Path | None = None, **changes: str) -> list[tuple[str, str]]:
    """Return what is found in a drill: code and severity."""
    return [(one.code, one.severity) for one in lint_campaign(drill(NOW, **changes).encode(), workspace=workspace)]


def test_nothing_is_wrong_with_the_words_of_a_test():
    assert findings() == []


def test_what_is_found_stands_at_its_place():
    (found,) = lint_campaign(drill(NOW, text=OPEN).encode())

    assert (found.code, found.severity, found.part, found.route) == ("link-http", "error", "alert", "cs")
    assert (found.problem.file, found.problem.line, found.problem.field) == ("campaign.yaml", 14, "message.text")


def test_a_campaign_that_is_over_is_looked_at_all_the_same():
    began = NOW - timedelta(days=90)
    ended = began + timedelta(hours=1)

    assert findings(text=OPEN, effective=began.isoformat(), expires=ended.isoformat()) == [("link-http", "error")]


def test_the_text_of_a_template_is_read_where_the_office_keeps_it(tmp_path):
    unknown = findings(tmp_path, routes=BY_TEMPLATE)
    kept = path_of(tmp_path, "311203")
    kept.parent.mkdir()
    kept.write_text(
        "DIỄN TẬP <noi_dung>, tin <ma_tin>, do Ban Chỉ huy Phòng thủ dân sự phát. HẾT TIN DIỄN TẬP.", encoding="utf-8"
    )

    assert unknown == [("template-unknown", "warning")]  # once, however many templates there are
    assert ("no-guidance", "error") in findings(tmp_path, routes=BY_TEMPLATE)


def test_templates_whose_texts_nobody_keeps_are_told_together(tmp_path):
    several = BY_TEMPLATE[:-1] + ', {type: phone, template_id: "311204", data: {ma_tin: "{{ code }}"}}]'
    (found,) = lint_campaign(drill(NOW, text=SOUND, routes=several).encode(), workspace=tmp_path)

    assert "templates 311203, 311204" in found.problem.message


def test_a_template_whose_text_cant_be_read_is_told_once(tmp_path):
    path_of(tmp_path, "311203").mkdir(parents=True)

    assert findings(tmp_path, routes=BY_TEMPLATE) == [("template-file", "warning")]


def test_it_is_read_where_the_people_are():
    text = drill(NOW, text=OPEN).encode()
    places = [RunPlace("new:46", "Thành phố Huế", None, 5), RunPlace("new:44", "Quảng Trị", None, 5)]
    (found,) = look_at(Source(parse(text, "c.yaml"), text, "c.yaml"), None, places=places)

    assert (found.place, found.places) == ("", 2)  # all of them


# --- what is passed ----------------------------------------------------------------------------------------------------------


def test_an_error_without_a_reason_refuses_and_carries_everything():
    found = lint_campaign(drill(NOW, text=OPEN, routes="[{type: cs}]").encode())
    with pytest.raises(WordingRefused) as caught:
        passed(found, (), "c.yaml")

    assert caught.value.findings == tuple(found)
    assert (caught.value.cause, caught.value.exit_code) == (ErrorCause.WORDING_REFUSED, 10)
    assert str(caught.value) == "1 error in the wording of c.yaml"
    assert '+despite=link-http "…"' in caught.value.hint


def test_a_reason_becomes_an_override_in_one_line():
    found = lint_campaign(drill(NOW, text=OPEN).encode())

    assert passed(found, (("link-http", "it only tells\n  that it is over"),), "c.yaml") == {
        "wording:link-http": "it only tells that it is over"
    }


def test_a_reason_is_kept_without_what_nobody_sees():
    found = lint_campaign(drill(NOW, text=OPEN).encode())
    why = "the page\x1b[2J opens\u202e \u200bso\udcff\x00"

    assert passed(found, (("link-http", why),), "c.yaml") == {"wording:link-http": "the page [2J opens so"}


def test_a_reason_for_nothing_is_told_and_not_kept():
    found = lint_campaign(drill(NOW).encode())
    despite = (("no-guidance", "for safety"), ("no-guidance", "twice"))

    assert passed(found, despite, "c.yaml") == {}
    assert [str(notice.sentence) for notice in needless(found, despite)] == [
        "no-guidance finds no error, so that there is nothing to pass over"
    ]


@pytest.mark.parametrize(
    ("code", "why", "sentence"),
    [
        pytest.param(
            "no-guidence", "why", 'no error of wording is called "no-guidence"; did you mean "no-guidance"?', id="mistyped"
        ),
        pytest.param("drill-words", "why", 'no error of wording is called "drill-words"', id="another rule"),
        pytest.param("template-unknown", "why", 'no error of wording is called "template-unknown"', id="a warning"),
        pytest.param("no-guidance", " ", "a reason to pass over no-guidance has 1 to 200 characters", id="empty"),
        pytest.param("no-guidance", "\u200b", "a reason to pass over no-guidance has 1 to 200 characters", id="unseen"),
        pytest.param("no-guidance", "\u3164.", "a reason to pass over no-guidance has 1 to 200 characters", id="blank"),
        pytest.param("no-guidance", "x" * 201, "a reason to pass over no-guidance has 1 to 200 characters", id="too long"),
    ],
)
def test_what_is_no_reason(code, why, sentence):
    with pytest.raises(UsageError) as caught:
        passed((), ((code, why),), "c.yaml")

    assert str(caught.value) == sentence


def test_what_a_request_says_of_the_words_is_what_a_card_shows():
    found = lint_campaign(drill(NOW, text=OPEN).encode())
    (row,) = as_json(found, catalogue_of(Language.VI))
    (note,) = notes_of(found, {"wording:link-http": "it is over"})

    assert row[:2] == ["link-http", "error"]
    assert row[2].endswith(" message.text")
    assert row[2].split()[0].startswith("14:")
    assert (note.code, note.is_error, note.place, note.despite) == ("link-http", True, row[2], "it is over")
