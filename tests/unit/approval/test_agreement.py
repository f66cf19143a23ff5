"""Who may agree to what, and how many must: the rule of two persons, case by case."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from office import make_key

from zalo_alert.approval.agreement import Judge, approvers_needed, deadline, is_too_old, needs_approval
from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.officers import Officer, Role, Roster
from zalo_alert.approval.request import make_request
from zalo_alert.approval.signer import open_signer
from zalo_alert.campaign.parse import parse
from zalo_alert.errors import SignatureRefused
from zalo_alert.models import Status, Urgency
from zalo_alert.settings.model import ApprovalRule, Hosts, Profile, Settings
from zalo_alert.testing import FakeClock, drill

NOW = FakeClock().now()
CAMPAIGN = parse(drill(NOW, areas="[new:46]").encode(), "c.yaml")
SETTINGS = Settings(Path(), Profile.LIVE, (), 4000, Hosts(), {})
REQUEST = make_request({"run": "DT-1", "audience": {"people": 3}}, {"by": "Dung", "at": NOW.isoformat()})
OTHER = make_request({"run": "DT-2", "audience": {"people": 3}}, {"by": "Dung", "at": NOW.isoformat()})


@pytest.fixture(scope="module")
def signers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    names = ("Dung", "Dung2", "Cuc", "stranger")
    return {name: open_signer(make_key(folder / name), find_tool=lambda: None) for name in names}


def officer(signers, key, name="", **changes):
    given = Officer(name or key, Role.APPROVER, ("all",), signers[key].key, NOW - timedelta(days=9), NOW + timedelta(days=9))
    return replace(given, **changes)


def judge(*officers, now=NOW, campaign=CAMPAIGN, request=REQUEST):
    return Judge(request, campaign, Roster(officers), now)


def signed(signers, key, namespace=Namespace.APPROVE, request=REQUEST):
    return signers[key].sign(request.text, namespace)


def test_another_officer_approves(signers):
    found = judge(officer(signers, "Dung"), officer(signers, "Cuc")).approver(
        signed(signers, "Cuc"), signed(signers, "Dung", Namespace.SUBMIT)
    )

    assert found.name == "Cuc"


@pytest.mark.parametrize(
    ("changes", "now", "why"),
    [
        ({"role": Role.EDITOR}, NOW, "is an editor"),
        ({"revoked_at": NOW}, NOW, "was revoked at"),
        ({"until": NOW}, NOW, "was good until"),
        ({"since": NOW + timedelta(seconds=1)}, NOW, "was good until"),
        ({"areas": ("new:44",)}, NOW, "answers for new:44, not for new:46"),
        ({"areas": ("ward:19900",)}, NOW, "not for new:46"),
        ({"name": "Dung"}, NOW, "nobody approves their own"),
        ({}, NOW + timedelta(days=10), "was good until"),
    ],
    ids=["editor", "revoked", "expired", "not-yet", "another-province", "a-ward-of-it", "same-name", "later"],
)
def test_who_may_not_approve_is_told_why(signers, changes, now, why):
    one = judge(officer(signers, "Dung"), officer(signers, "Cuc", **changes), now=now)
    with pytest.raises(SignatureRefused, match=why) as refused:
        one.approver(signed(signers, "Cuc"), signed(signers, "Dung", Namespace.SUBMIT))

    assert refused.value.hint


@pytest.mark.parametrize(
    ("key", "namespace", "request_", "why"),
    [
        ("stranger", Namespace.APPROVE, REQUEST, "is nobody's on the list"),
        ("Cuc", Namespace.SUBMIT, REQUEST, "and not for approve@zalo-alert"),
        ("Cuc", Namespace.STANDING, REQUEST, "and not for approve@zalo-alert"),
        ("Cuc", Namespace.APPROVE, OTHER, "of another text"),
        ("Dung", Namespace.APPROVE, REQUEST, "nobody approves their own"),
    ],
)
def test_a_signature_of_something_else_is_none(signers, key, namespace, request_, why):
    one = judge(officer(signers, "Dung"), officer(signers, "Cuc"))
    with pytest.raises(SignatureRefused, match=why):
        one.approver(signed(signers, key, namespace, request_), signed(signers, "Dung", Namespace.SUBMIT))


def test_a_second_key_makes_no_second_person(signers):
    one = judge(officer(signers, "Dung"), officer(signers, "Dung2", "Dung"))
    with pytest.raises(SignatureRefused, match="nobody approves their own"):
        one.approver(signed(signers, "Dung2"), signed(signers, "Dung", Namespace.SUBMIT))


def test_an_approval_counts_once_for_each_person(signers):
    one = judge(officer(signers, "Dung"), officer(signers, "Cuc"))
    approvals = [signed(signers, "Cuc"), signed(signers, "Cuc"), "no signature", signed(signers, "stranger")]
    agreed = one.count(signed(signers, "Dung", Namespace.SUBMIT), approvals, 2)

    assert [approver.name for approver in agreed.approvers] == ["Cuc"]
    assert not agreed.is_enough
    assert len(agreed.objections) == 2


def test_an_officer_of_a_province_answers_for_no_list_of_people(signers):
    given = parse(drill(NOW).replace("areas: [all]", "from: recipients").encode(), "c.yaml")
    one = judge(officer(signers, "Dung"), officer(signers, "Cuc", areas=("new:46",)), campaign=given)
    with pytest.raises(SignatureRefused, match="not for a list of people"):
        one.approver(signed(signers, "Cuc"), signed(signers, "Dung", Namespace.SUBMIT))


@pytest.mark.parametrize(
    ("changes", "people", "provinces", "needed"),
    [
        ({}, 10_000_000, 12, 1),
        ({}, 10_000_001, 12, 2),
        ({}, 10, 13, 2),
        ({"urgency": Urgency.IMMEDIATE}, 10_000_001, 13, 1),
    ],
)
def test_what_is_vast_needs_one_more_unless_it_is_immediate(changes, people, provinces, needed):
    assert approvers_needed(replace(CAMPAIGN, **changes), people, provinces, SETTINGS) == needed


def test_the_whole_country_needs_one_more_however_few_follow():
    everywhere = parse(drill(NOW).encode(), "c.yaml")

    assert approvers_needed(everywhere, 10, 1, SETTINGS) == 2
    assert approvers_needed(everywhere, 10, 1, replace(SETTINGS, approval=ApprovalRule(more_approvers=3))) == 4


@pytest.mark.parametrize(
    ("profile", "status", "people", "needed"),
    [
        (Profile.DRILL, Status.EXERCISE, 10**7, False),
        (Profile.LIVE, Status.EXERCISE, 1, True),
        (Profile.LIVE, Status.ACTUAL, 1, True),
        (Profile.LIVE, Status.TEST, 1000, False),
        (Profile.LIVE, Status.TEST, 1001, True),
    ],
)
def test_what_goes_to_the_public_needs_approval(profile, status, people, needed):
    assert needs_approval(replace(CAMPAIGN, status=status), people, profile) is needed


def test_an_approval_holds_for_its_hours_to_the_second():
    end = deadline(REQUEST, SETTINGS)

    assert end - REQUEST.submitted_at == timedelta(hours=6)
    assert not is_too_old(REQUEST, end, SETTINGS)
    assert is_too_old(REQUEST, end + timedelta(seconds=1), SETTINGS)
