"""What `doctor` says of the list of officers: whose key ends, whether enough are left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from zalo_alert.approval.keys import PublicKey
from zalo_alert.approval.officers import Officer, Role, Roster
from zalo_alert.preflight.officers import check_officers
from zalo_alert.preflight.token_health import Grade

NOW = datetime(2026, 9, 18, tzinfo=UTC)


def officer(name, role=Role.ADMIN, days=200.0, **changes):
    key = PublicKey("ssh-ed25519", name.encode())
    return replace(Officer(name, role, ("all",), key, NOW - timedelta(days=100), NOW + timedelta(days=days)), **changes)


def said(*officers, is_live=True, approvers=1):
    return [(check.grade, check.said) for check in check_officers(Roster(officers), NOW, is_live=is_live, approvers=approvers)]


def test_two_admins_with_time_left_are_well():
    assert said(officer("Lan"), officer("Minh")) == [(Grade.OK, "2 officers may sign")]


def test_without_a_list_nothing_can_go_to_the_public_and_a_drill_needs_none():
    ((grade, sentence),) = said()

    assert (grade, "nobody can approve anything" in sentence) == (Grade.WARN, True)
    assert said(is_live=False) == []


@pytest.mark.parametrize(("days", "warns"), [(29.9, True), (30.1, False)])
def test_a_key_is_told_of_thirty_days_before_it_ends(days, warns):
    told = said(officer("Lan"), officer("Minh", days=days))

    assert (told[0][0] is Grade.WARN) == warns
    assert ("the key of Minh ends in" in told[0][1]) == warns


def test_a_key_that_has_ended_is_told_of_unless_it_was_revoked_or_another_took_its_place():
    ended = officer("Hoa", Role.APPROVER, days=-1)

    assert any("the key of Hoa ended at" in sentence for _grade, sentence in said(officer("Lan"), officer("Minh"), ended))
    for others in ([replace(ended, revoked_at=NOW)], [ended, officer("Hoa", Role.APPROVER)]):
        assert said(officer("Lan"), officer("Minh"), *others)[0][0] is Grade.OK


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ([officer("Hoa", Role.APPROVER)], "Lan is the only admin"),
        ([officer("Minh", revoked_at=NOW)], "Lan is the only admin"),
        ([officer("Minh", days=-1)], "1 of 2 officers who may approve: Lan"),
        ([officer("Sơn", Role.EDITOR)], "1 of 2 officers who may approve: Lan"),
    ],
)
def test_too_few_are_named_before_the_night_when_they_are_needed(others, told):
    assert any(told in sentence for _grade, sentence in said(officer("Lan"), *others))


def test_a_list_without_an_admin_says_how_to_begin_anew():
    told = list(check_officers(Roster((officer("Hoa", Role.APPROVER),)), NOW, is_live=False))

    assert [("no admin is left" in check.said, "found the list anew" in check.cure) for check in told] == [(True, True)]


def test_who_must_approve_beside_the_submitter_counts():
    assert said(officer("Lan"), officer("Minh"), approvers=2) == [(Grade.WARN, "2 of 3 officers who may approve: Lan, Minh")]
