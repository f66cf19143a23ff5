from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.inbound.backlog import ParkedGroup
from zalo_alert.inbound.door_sight import DoorSight
from zalo_alert.ledger.base import Fate, Outcomes
from zalo_alert.models import Reason, State
from zalo_alert.operations.webhook_alarms import WebhookSight, alarms, is_receipt_due
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.settings.load import load

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=VIETNAM)
OPEN = DoorSight(7, "127.0.0.1:8080", 0, int(NOW.timestamp() * 1000))
CONFIG = 'profile: drill\naccounts:\n  - {id: pctt, oa_id: "388613280878808645", app_id: "360846524940903967"}\n'


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "zalo-alert.yaml").write_text(CONFIG, encoding="utf-8")
    return load(tmp_path, {})


def ago(**span):
    return NOW - timedelta(**span)


def ms(at):
    return int(at.timestamp() * 1000)


def parked(at, events=3):
    return ParkedGroup("360846524940903967", "388613280878808645", events, ms(at))


@pytest.mark.parametrize(
    ("sight", "told"),
    [
        (WebhookSight(None), []),
        (WebhookSight(OPEN, True, waiting_since=ago(seconds=40), last_receipt=ago(seconds=1)), []),
        (WebhookSight(OPEN, True, waiting_since=ago(minutes=5)), ["webhook-lag"]),
        (WebhookSight(OPEN, True, parked=[parked(ago(minutes=1))]), ["webhook-secret"]),
        (WebhookSight(OPEN, True, parked=[parked(ago(hours=5))]), []),
        (WebhookSight(OPEN._replace(closed_why="the disk is full", closed_ms=ms(ago(minutes=2))), True), ["webhook-storage"]),
        (WebhookSight(OPEN), ["webhook-down"]),
        (WebhookSight(OPEN, waiting_since=ago(hours=1)), ["webhook-down"]),
        (WebhookSight(OPEN._replace(stopped_ms=ms(NOW))), []),
        (WebhookSight(OPEN, True, last_receipt=ago(hours=9)), []),
    ],
    ids=["none", "well", "lag", "secret", "old-parked", "storage", "dead", "dead-first", "stopped", "a-quiet-oa"],
)
def test_what_calls_for_a_person(sight, told, settings):
    assert [message.event.value for message in alarms(sight, settings, [], NOW)] == told


def test_a_lag_is_told_again_at_each_doubling(settings):
    sights = [WebhookSight(OPEN, True, waiting_since=ago(minutes=minutes)) for minutes in (4, 5, 9, 10, 39, 40)]
    levels = [[one.level for one in alarms(sight, settings, [], NOW)] for sight in sights]

    assert levels == [[], [1], [1], [2], [3], [4]]


def test_a_clock_behind_is_no_lag(settings):
    assert list(alarms(WebhookSight(OPEN, True, waiting_since=NOW + timedelta(hours=1)), settings, [], NOW)) == []


def test_a_secret_is_told_with_where_it_goes_and_what_to_do_then(settings):
    sight = WebhookSight(OPEN, True, parked=[parked(NOW, 2), ParkedGroup("360846524940903967", "", 5, ms(NOW))])
    (message,) = alarms(sight, settings, [], NOW)

    assert message.facts["parked"] == 7
    assert "ZALO_ALERT_APP_360846524940903967_OA_SECRET" in message.text
    assert "⟨webhook recheck⟩" in message.text


def test_a_closed_door_says_until_when_zalo_comes_again(settings):
    sight = WebhookSight(OPEN._replace(closed_why="no space is left", closed_ms=ms(ago(minutes=10))), True)
    (message,) = alarms(sight, settings, [], NOW)

    assert "no space is left" in message.title
    assert "22:40" in message.text


# --- silence where receipts are due -----------------------------------------------------------------------------------------


class Ledger:
    """Two people: one accepted, one refused, each at a time."""

    next_number = 2

    def __init__(self, accepted, refused):
        fates = [Fate(State.ACCEPTED, 0, 1, 0, Reason.NONE, 0), Fate(State.REJECTED, 0, 1, -201, Reason.NONE, 0)]
        self._rows = Outcomes([0, 1], [0, 1], [int(accepted.timestamp()), int(refused.timestamp())], ["m1", ""], fates)

    def outcomes(self, first, end):
        assert (first, end) == (0, 2)
        return self._rows

    def close(self):
        pass


def sending(*, began_s=1800, accepted_s=20, state=RunState.SENDING, is_active=True):
    history = [SimpleNamespace(what="started", at_s=ago(seconds=began_s).timestamp()), SimpleNamespace(what="held", at_s=0.0)]
    ledger = Ledger(ago(seconds=accepted_s), NOW)
    return SimpleNamespace(state=state, is_active=is_active, history=lambda: history, ledger=lambda: ledger)


@pytest.mark.parametrize(
    ("run", "is_due"),
    [
        (sending(), True),
        (sending(began_s=100), False),
        (sending(accepted_s=200), False),
        (sending(state=RunState.HALTED), False),
        (sending(is_active=False), False),
    ],
    ids=["sent", "just-begun", "nobody-accepted-lately", "halted", "its-sender-died"],
)
def test_when_a_receipt_is_due(run, is_due):
    assert is_receipt_due(run, NOW) is is_due
