"""What `doctor` says of a webhook, from what is known of it."""

from datetime import datetime, timedelta

import pytest

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.preflight.webhook import WANTED, Rotation, WebhookFacts, check_webhook

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=VIETNAM)
APP, NAME = "360846524940903967", "ZALO_ALERT_APP_360846524940903967_OA_SECRET"
ALL_SEEN = {(APP, name): NOW - timedelta(days=2) for name in WANTED}
WELL = WebhookFacts(True, True, ALL_SEEN, [APP], [Rotation(NAME, True, False, NAME)])


def checked(**changes):
    return [(check.grade.value, check.said) for check in check_webhook(WELL._replace(**changes), NOW)]


def test_all_is_well_in_one_line():
    assert checked() == [("ok", "the door is open, and every kind of event has come")]


@pytest.mark.parametrize(
    ("changes", "grade", "words"),
    [
        ({"is_alive": False}, "fail", "the process that did is gone"),
        ({"is_alive": False, "is_wanted": False}, "warn", "the door was stopped"),
        ({"without_secret": ["pctt", "hue"]}, "fail", "no OA secret is known for pctt, hue"),
        ({"seen": {}}, "warn", f"nothing has come for app {APP} for a week"),
        ({"strangers": {"5": 3, "6": 4}}, "warn", "OA 5, 6 (7 events)"),
        ({"strangers": dict.fromkeys("abcdefgh", 1)}, "warn", "a, b, c, d, e and 3 more (8 events)"),
        ({"parked": 12}, "warn", "12 events are parked"),
        ({"ahead_s": 301.0}, "warn", "ahead of this machine's clock"),
        ({"self_answered": ["388"]}, "warn", "Zalo's own automatic answer is on for OA 388"),
        ({"certificate_ends": NOW + timedelta(days=20)}, "warn", "the door's certificate ends in"),
        ({"certificate_ends": NOW}, "fail", "the door's certificate ended"),
    ],
)
def test_what_is_not_well_is_said_with_what_to_do(changes, grade, words):
    (check,) = check_webhook(WELL._replace(**changes), NOW)

    assert (check.grade.value, words in check.said) == (grade, True), check.said
    assert check.cure


@pytest.mark.parametrize("changes", [{"ahead_s": 300.0}, {"certificate_ends": NOW + timedelta(days=21)}])
def test_what_is_well_enough_is_not_said(changes):
    assert checked(**changes) == checked()


def test_kinds_of_events_that_have_not_come_are_named():
    seen = ALL_SEEN | {(APP, "follow"): NOW - timedelta(days=8)}
    del seen[APP, "user_seen_message"]

    assert checked(seen=seen) == [("warn", f"app {APP}: these have not come for a week: user_seen_message, follow")]


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (Rotation(NAME, True, True, f"{NAME}_NEXT"), f"{NAME}_NEXT is the one that Zalo signs with now"),
        (Rotation(NAME, True, True, NAME), f"Zalo still signs with {NAME}, and {NAME}_NEXT waits"),
        (Rotation(NAME, False, True, ""), f"{NAME}_NEXT is the one"),
        (Rotation(NAME, True, True, ""), f"neither {NAME} nor {NAME}_NEXT was ever right"),
    ],
    ids=["can-end", "still-the-old", "only-the-next", "never"],
)
def test_how_far_the_change_of_a_secret_is(use, words):
    ((grade, said),) = checked(secrets=[use])

    assert (grade, words in said) == ("warn", True), said
