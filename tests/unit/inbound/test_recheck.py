import pytest

from tests.webhook_events import APP, OA, receipt, said
from zalo_alert.foundation.secret import Secret
from zalo_alert.inbound.journal import read_journal
from zalo_alert.inbound.parked import Parked, ParkedEvent
from zalo_alert.inbound.receipt_lane import read_receipts
from zalo_alert.inbound.recheck import recheck
from zalo_alert.inbound.secret_uses import SecretUses
from zalo_alert.inbound.signature import mac_of
from zalo_alert.inbound.switchboard import Switchboard
from zalo_alert.settings.load import load

NOON_MS = 1_795_780_800_000
STAMP = b"1787209817225"


def parked(body, secret):
    return ParkedEvent(APP, OA, "wrong secret", f"mac={mac_of(APP, body, STAMP, Secret(secret))}", 1, NOON_MS, body)


@pytest.fixture
def switchboard(tmp_path):
    (tmp_path / "zalo-alert.yaml").write_text(
        f'profile: live\naccounts: [{{id: xa, oa_id: "{OA}", app_id: "{APP}"}}]\n', encoding="utf-8"
    )
    return Switchboard(load(tmp_path, {"ZALO_ALERT_XA_OA_SECRET": "old", "ZALO_ALERT_XA_OA_SECRET_NEXT": "new"}))


def test_those_that_are_right_now_are_let_in_and_others_wait(tmp_path, switchboard):
    folder, seen = tmp_path / "inbound", receipt("user_seen_message", {"msg_ids": ["a", "b"]})
    ring = Parked(folder)
    ring.append([parked(said(), "new"), parked(seen, "new"), parked(said(), "forged"), parked(said(event_name=None), "new")])
    assert recheck(folder, switchboard, str, NOON_MS + 5) == (3, 1)
    stored = read_journal(folder, None, 9)
    assert [(event.name, event.arrived_ms, event.tries) for event in stored] == [("user_send_text", NOON_MS, 1), ("", NOON_MS, 1)]
    assert [one.msg_id for one in read_receipts(folder, None, 9)] == ["a", "b"]
    assert SecretUses(folder).all() == [("xa", "ZALO_ALERT_XA_OA_SECRET_NEXT", NOON_MS + 5)]
    assert ring.counts() == (1, 3, 0, 0, 4)


def test_a_second_time_changes_nothing(tmp_path, switchboard):
    folder = tmp_path / "inbound"
    Parked(folder).append([parked(said(), "new")])
    recheck(folder, switchboard, str, NOON_MS)
    Parked(folder).append([parked(said(), "new")])  # as if it had been killed before it left the ring
    assert recheck(folder, switchboard, str, NOON_MS) == (1, 0)
    assert len(read_journal(folder, None, 9)) == 1
