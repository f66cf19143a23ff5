"""Folding is killed at any moment, and goes on: every count is right in the end, and nothing is counted twice."""

import os
import random
import signal
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.folding import fold, make_run, receipt, send, store
from zalo_alert.inbound.event import ReceiptKind
from zalo_alert.models import State
from zalo_alert.receipts.counts import receipt_counts, receipts_between

pytestmark = [pytest.mark.kill, pytest.mark.skipif(os.name != "posix", reason="kills by signal")]
PEOPLE = 600
_FOLD = """
import sys
from contextlib import closing
from pathlib import Path
from tests.folding import folder_of
with closing(folder_of(Path(sys.argv[1]))) as folder:
    print("ready", flush=True)
    while not folder.step(40).is_done:
        pass
"""


@pytest.mark.parametrize("kills", [1, pytest.param(60, marks=pytest.mark.long)])
def test_whenever_it_is_killed_the_counts_are_right_in_the_end(tmp_path: Path, kills: int) -> None:
    chance = random.Random(kills)
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    runs = [lay_out(folder) for folder in (killed, whole)]
    for _ in range(kills):
        kill_at(chance.uniform(0, 0.4), killed)

    fold(killed, limit=200)
    fold(whole)

    assert receipts_between(runs[0], 0, PEOPLE) == receipts_between(runs[1], 0, PEOPLE)
    assert receipt_counts(runs[0]) == receipt_counts(runs[1])
    assert receipt_counts(runs[0]).settled_by_receipt == PEOPLE // 10
    with closing(runs[0].ledger()) as one, closing(runs[1].ledger()) as other:
        assert list(one.entries()) == list(other.entries())


def lay_out(folder: Path):
    """Make a run in which every tenth is unknown, and receipts of two thirds, seen and not, in any order."""
    run = make_run(folder, "A", PEOPLE)
    send(run, [State.UNKNOWN if number % 10 == 0 else State.ACCEPTED for number in range(PEOPLE)])
    receipts = [receipt(f"m{n}", f"u{n}", after_s=2 + n % 200) for n in range(PEOPLE) if n % 3 or n % 10 == 0]
    receipts += [receipt(f"m{n}", f"u{n}", ReceiptKind.SEEN, after_s=1 + n % 400) for n in range(0, PEOPLE, 2)]
    random.Random(7).shuffle(receipts)
    store(folder, receipts)
    return run


def kill_at(after_s: float, folder: Path) -> None:
    """Fold in a process of its own, which is killed a while after it has begun."""
    child = subprocess.Popen([sys.executable, "-c", _FOLD, str(folder)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
    try:
        assert child.stdout is not None
        child.stdout.readline()
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=after_s)
    finally:
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=60)
