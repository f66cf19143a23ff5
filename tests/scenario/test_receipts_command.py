"""`receipts` over the command line: from a run that was sent to counts on the screen."""

from contextlib import closing

import pytest

from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.event import Receipt, ReceiptKind
from zalo_alert.inbound.receipt_lane import ReceiptLane
from zalo_alert.models import State
from zalo_alert.operations.receipts import FoldBeside
from zalo_alert.operations.workspace import Workspace
from zalo_alert.receipts.counts import receipt_counts
from zalo_alert.settings.load import load

CODE = "DT-1"


@pytest.fixture
def sent(desk, sandbox):
    """A run that was sent to its end, and the receipts of six of its people."""
    result = desk.at(sandbox).run("send", desk.campaign(), "--yes")
    assert result.code == 0, result.err
    with (
        closing(Workspace(desk.folder).runs.open(CODE)) as run,
        closing(run.ledger()) as ledger,
        closing(run.audience()) as audience,
    ):
        rows = [row for row in ledger.entries() if row.state is State.ACCEPTED][:6]
        ids = [person.user_id for person in audience.people([row.number for row in rows])]
        oa, at_ms = run.facts.oa_ids[0], rows[0].at_s * 1000
    state_dir = desk.folder / ".zalo-alert"
    with closing(ReceiptLane(state_dir / "inbound", Marks(state_dir).joinable)) as lane:
        received = [Receipt(0, oa, ids[n], ReceiptKind.RECEIVED, rows[n].message_id, "", at_ms, b"") for n in range(5)]
        seen = Receipt(0, oa, ids[5], ReceiptKind.SEEN, rows[5].message_id, "", at_ms + 9_000, b"")
        lane.append([*received, seen, Receipt(0, oa, "nobody", ReceiptKind.RECEIVED, "stray", "", at_ms, b"")], at_ms + 10_000)
    return desk, oa


def test_receipts_are_folded_and_shown(sent):
    desk, oa = sent

    before = desk.run("receipts", "status", "--json")
    waiting = desk.run("receipts", "status")
    folded = desk.run("receipts", "fold", "--json")
    after = desk.run("receipts", "status", "--json")
    shown = desk.run("receipts", "status", CODE)

    assert [result.code for result in (before, folded, after, shown)] == [0, 0, 0, 0]
    assert [fact["type"] for fact in before.facts] == ["receipts-lag"]
    assert 0 < before.facts[0]["lag_s"] < 60
    assert "none is folded yet" in waiting.err
    done = next(fact for fact in folded.facts if fact["type"] == "folding")
    assert (done["receipts"], done["settled"]) == (7, 0)
    facts = {fact["type"]: fact for fact in after.facts}
    assert {name: facts["receipts"][name] for name in ("run", "kept", "delivered", "seen")} == {
        "run": CODE, "kept": True, "delivered": 6, "seen": 1,
    }  # fmt: skip
    assert (facts["receipts-lag"]["unattributed"], facts["receipts-lag"]["lag_s"]) == ({oa: 1}, 0)
    assert "6 delivered, 1 seen" in shown.out + shown.err


def test_the_worker_folds_beside_its_events(sent):
    desk, _ = sent
    step = FoldBeside(load(desk.folder, {}), SystemClock())

    assert step()
    assert not step()
    with closing(Workspace(desk.folder).runs.open(CODE)) as run:
        assert receipt_counts(run).delivered == 6
    step.close()
