"""What must never settle anybody: messages whose run is gone, old, or can't be read."""

import os
import shutil
from contextlib import closing

import pytest

from tests.folding import NOW_S, fold, make_run, receipt, send, store
from zalo_alert.inbound.event import ReceiptKind, text_digest
from zalo_alert.models import State
from zalo_alert.receipts.counts import receipt_counts
from zalo_alert.receipts.index import NAME

ACCEPTED, UNKNOWN, SEEN = State.ACCEPTED, State.UNKNOWN, ReceiptKind.SEEN


def state_of(run, number):
    with closing(run.ledger()) as ledger:
        return {row.number: row.state for row in ledger.entries()}[number]


def test_a_message_of_a_deleted_run_settles_nobody(tmp_path):
    earlier = make_run(tmp_path, "A", 1)
    send(earlier, [ACCEPTED], claimed_s=NOW_S - 3600, prefix="a")
    assert fold(tmp_path) == 0
    shutil.rmtree(earlier.folder)
    later = make_run(tmp_path, "B", 1)
    send(later, [UNKNOWN])
    store(tmp_path, [receipt("a0", "u0", SEEN, after_s=60)])

    assert fold(tmp_path) == 0
    assert state_of(later, 0) is UNKNOWN


def test_a_message_of_a_run_that_cant_be_read_settles_nobody(tmp_path):
    earlier = make_run(tmp_path, "A", 1)
    send(earlier, [ACCEPTED], claimed_s=NOW_S - 3600, prefix="a")
    earlier.close()
    whole = (earlier.folder / "run.db").read_bytes()
    (earlier.folder / "run.db").write_bytes(b"rubbish" * 1000)
    later = make_run(tmp_path, "B", 1)
    send(later, [UNKNOWN])
    store(tmp_path, [receipt("a0", "u0", SEEN, after_s=60)])

    assert fold(tmp_path) == 0
    assert state_of(later, 0) is UNKNOWN

    (earlier.folder / "run.db").write_bytes(whole)
    assert fold(tmp_path) == 0
    assert state_of(later, 0) is UNKNOWN


def test_a_message_of_a_run_of_long_ago_settles_nobody(tmp_path):
    earlier = make_run(tmp_path, "A", 1)
    send(earlier, [ACCEPTED], claimed_s=NOW_S - 40 * 86400, prefix="a")
    assert fold(tmp_path) == 0
    for path in earlier.folder.glob("run.db*"):
        os.utime(path, (NOW_S - 40 * 86400,) * 2)
    assert fold(tmp_path) == 0
    later = make_run(tmp_path, "B", 1)
    send(later, [UNKNOWN])
    store(tmp_path, [receipt("a0", "u0", SEEN, after_s=60)])

    assert fold(tmp_path) == 0
    assert state_of(later, 0) is UNKNOWN


def test_a_message_of_a_run_of_long_ago_settles_nobody_by_an_index_made_anew(tmp_path):
    earlier = make_run(tmp_path, "A", 1)
    send(earlier, [ACCEPTED], claimed_s=NOW_S - 40 * 86400, prefix="a")
    earlier.close()
    for path in earlier.folder.glob("run.db*"):
        os.utime(path, (NOW_S - 40 * 86400,) * 2)
    fold(tmp_path)
    (tmp_path / "inbound" / NAME).unlink()
    later = make_run(tmp_path, "B", 1)
    send(later, [UNKNOWN])
    store(tmp_path, [receipt("a0", "u0", SEEN, after_s=60)])

    assert fold(tmp_path) == 0
    assert state_of(later, 0) is UNKNOWN


@pytest.mark.parametrize("kind", [SEEN, ReceiptKind.ECHO])
def test_who_may_have_a_message_of_a_deleted_run_too_stays_unknown(tmp_path, kind):
    earlier = make_run(tmp_path, "A", 1)
    send(earlier, [UNKNOWN], claimed_s=NOW_S - 3600)
    assert fold(tmp_path) == 0
    earlier.close()
    shutil.rmtree(earlier.folder)
    later = make_run(tmp_path, "B", 1)
    send(later, [UNKNOWN])
    store(tmp_path, [receipt("x", "u0", kind, after_s=60, text_digest=text_digest("text to 0"))])

    assert fold(tmp_path) == 0
    assert state_of(later, 0) is UNKNOWN
    assert receipt_counts(later).two_candidates == 1
