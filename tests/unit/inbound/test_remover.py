from contextlib import closing
from datetime import UTC, datetime, timedelta

from tests.webhook_events import APP, OA, receipt, said
from zalo_alert.answers.asked import Asked
from zalo_alert.answers.conversation import Conversation, Conversations
from zalo_alert.cases.case import Asker
from zalo_alert.inbound.event import read_event, receipts_of
from zalo_alert.inbound.inbound_store import folder_of, open_store
from zalo_alert.inbound.journal import Arrival, Journal
from zalo_alert.inbound.receipt_lane import ReceiptLane
from zalo_alert.inbound.worker import Worker
from zalo_alert.operations.webhook_removal import Remover
from zalo_alert.receipts.published import Published, publish
from zalo_alert.settings.load import load
from zalo_alert.testing import FakeClock

BEGIN = datetime(2026, 11, 27, 12, tzinfo=UTC)
BEGIN_MS = int(BEGIN.timestamp() * 1000)
HOUR_MS = 3_600_000


def test_what_is_handled_and_old_goes_and_what_is_not_folded_stays(tmp_path):
    (tmp_path / "zalo-alert.yaml").write_text(
        f'profile: live\naccounts: [{{id: xa, oa_id: "{OA}", app_id: "{APP}"}}]\n', encoding="utf-8"
    )
    settings = load(tmp_path, {})
    folder = folder_of(settings.state_dir)
    with closing(Journal(folder)) as journal, closing(ReceiptLane(folder, str)) as lane:
        for day in range(4):
            body = said(message={"msg_id": f"m{day}"})
            journal.append([Arrival(read_event(body, "ab"), body, BEGIN_MS + day * 24 * HOUR_MS, 0)])
            lane.append(receipts_of(receipt("user_received_message", {"msg_id": "m"})), BEGIN_MS + day * HOUR_MS)
    remover = Remover(settings, FakeClock(BEGIN + timedelta(days=40)))
    assert remover.remove().files == ()
    with closing(Worker(settings.state_dir, lambda oa: oa == OA)) as worker:
        worker.step()
    publish(folder, Published(folded_until_ms=BEGIN_MS + HOUR_MS + 5))
    assert remover.remove().files == ("journal/2026-11-27.db", "journal/2026-11-28.db", "receipts/2026-11-27T12.db")
    assert remover.remove().files == ()


def test_conversations_and_counts_go_in_time(tmp_path):
    (tmp_path / "zalo-alert.yaml").write_text(
        f'profile: live\naccounts: [{{id: xa, oa_id: "{OA}", app_id: "{APP}"}}]\n', encoding="utf-8"
    )
    settings = load(tmp_path, {})
    with closing(open_store(settings.state_dir)) as db:
        asked = Asked(db)
        asked.count("a/b", BEGIN_MS)
        asked.keep()
        Conversations(db).keep(Asker(OA, "77777"), Conversation(by_hand_ms=BEGIN_MS))
    left = []
    for days in (2, 3, 400, 401):
        Remover(settings, FakeClock(BEGIN + timedelta(days=days))).remove()
        with closing(open_store(settings.state_dir)) as db:
            left.append((len(db.rows("SELECT 1 FROM asked")), len(db.rows("SELECT 1 FROM conversation"))))
    assert left == [(1, 1), (1, 0), (1, 0), (0, 0)]
