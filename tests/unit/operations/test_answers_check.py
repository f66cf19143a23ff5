"""How `doctor` says that rules stand."""

from datetime import date

import pytest

from tests.unit.answers.conftest import Office
from zalo_alert.operations.answers_check import look_at_answers
from zalo_alert.preflight.token_health import Grade

TODAY = date(2026, 11, 27)


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path, "live")


def look(office, today=TODAY):
    return [(check.grade, str(check.said)) for check in look_at_answers(office.settings, today)]


def test_sound_rules_take_one_line(office):
    assert look(office) == [(Grade.OK, "2 rules can speak")]


def test_rules_with_faults_are_a_fail_that_names_the_first(office):
    office.change("rank: 6", "rank: 0")

    ((grade, said),) = look(office)
    assert grade is Grade.FAIL
    assert said.startswith("no rule speaks: 1 problem in inbound/police-qa.yaml; inbound/police-qa.yaml:21:16  limits.rank")


def test_what_is_soon_to_be_looked_at_again_is_a_warning(office):
    ((grade, said),) = look(office, date(2027, 4, 20))

    assert grade is Grade.WARN
    assert said.startswith(
        "2 rules can speak; 1 fact is to be filled in or looked at again, the first is inbound/police-qa.yaml:5"
    )


def test_what_is_overdue_is_a_fail_in_a_live_workspace(office):
    ((grade, said),) = look(office, date(2027, 5, 2))

    assert grade is Grade.FAIL
    assert "should have been looked at again by 2027-05-01" in said


def test_a_workspace_without_rules_says_nothing_of_them(office):
    for path in (office.folder / "inbound").iterdir():
        path.unlink()

    assert look(office) == []
