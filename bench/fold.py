"""Folds the receipts of a great run: `make bench-fold`, or `python -m bench.fold --millions 4`.

The run is written through the tables of the ledger, in which one of 2,000 is unknown and one refused; 90 % of the others have
received their message and 27 % have seen it, a tenth of these without a receipt that they received it. Receipts of a million
people at a time come in any order. Counts are compared person by person afterwards. Beside it, the least that this takes: reading
the receipts and the ledger's ids once, and doing nothing.
"""

import argparse
import multiprocessing
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.aftermath import make
from bench.book import run as timed
from zalo_alert.inbound.event import Receipt, ReceiptKind
from zalo_alert.inbound.receipt_lane import RECEIPTS, ReceiptLane
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings import load

BLOCK = 1_000_000
_STORE = """
INSERT INTO receipt (part, oa, person, kind, msg_id, tracking_id, at_ms, text_digest, arrived_ms)
SELECT 0, :oa, 'u' || number, kind, message_id, '', (at_s + after_s) * 1000, x'', :arrived_ms FROM (
    SELECT number, message_id, at_s, 'received' AS kind, 2 AS after_s FROM run.outcome
    WHERE number >= :first AND number < :end AND state = 'accepted' AND number % 10 < 9
    UNION ALL
    SELECT number, message_id, at_s, 'seen', 300 FROM run.outcome
    WHERE number >= :first AND number < :end AND state = 'accepted' AND number % 100 < 27)
ORDER BY random()"""
_EXPECTED = """
SELECT COUNT(*), SUM(number % 100 < 27) FROM outcome WHERE state = 'accepted' AND (number % 10 < 9 OR number % 100 < 27)"""
_WRONG = """
SELECT COUNT(*) FROM kept.receipt AS r LEFT JOIN outcome USING (number)
WHERE state IS NOT 'accepted' OR delivered_s IS NOT at_s + iif(number % 10 < 9, 2, 300)
    OR seen_s IS NOT iif(number % 100 < 27, at_s + 300, NULL)"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--millions", type=int, default=37)
    options.add_argument("--keep", type=Path, help="keep the workspace here, and use what is there already")
    given = options.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="fold-"))
    try:
        if not (folder / "zalo-alert.yaml").exists():
            # In a process of its own: a child's peak of memory begins with that of whoever started it.
            maker = multiprocessing.get_context("spawn").Process(target=lay_out, args=(folder, given.millions))
            maker.start()
            maker.join()
        measure(folder)
    finally:
        if not given.keep:
            shutil.rmtree(folder)


def lay_out(folder: Path, millions: int) -> None:
    """Make a workspace with a great run in which everyone is settled, and its receipts."""
    make(folder, millions)
    state_dir = load.load(folder, {}).state_dir
    with closing(Runs(state_dir / "runs").likely()[0]) as run:
        store_receipts(run, state_dir / "inbound")


def store_receipts(run: Run, inbound: Path) -> None:
    """Write the receipts of a run, as they would have come."""
    arrived_ms = int(time.time() * 1000)
    with closing(ReceiptLane(inbound, str)) as lane:
        lane.append([Receipt(0, run.facts.oa_ids[0], "", ReceiptKind.FEEDBACK, "", "", 0, b"")], arrived_ms)
    path = next((inbound / RECEIPTS).glob("*.db"))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("ATTACH ? AS run", (str(run.folder / "run.db"),))
        for first in range(0, run.facts.audience, BLOCK):
            block = {"oa": run.facts.oa_ids[0], "first": first, "end": first + BLOCK, "arrived_ms": arrived_ms}
            db.execute(_STORE, block)


def measure(folder: Path) -> None:
    """Fold, compare, and print what it took."""
    state_dir = load.load(folder, {}).state_dir
    with closing(Runs(state_dir / "runs").likely()[0]) as run:
        run_folder, audience = run.folder, run.facts.audience
    (run_folder / "receipts.db").unlink(missing_ok=True)
    for path in (state_dir / "inbound").glob("folding*"):
        path.unlink() if path.is_file() else shutil.rmtree(path)
    receipts, least_s = read_once(next((state_dir / "inbound" / RECEIPTS).glob("*.db")), run_folder / "run.db")
    print(f"{audience:,} people, {receipts:,} receipts; to read both once takes {least_s:.1f} s", flush=True)
    took_s, peak_mb = timed(("receipts", "fold"), folder)
    sizes = {
        path.name: path.stat().st_size / 1e6 for path in [*(state_dir / "inbound").glob("*.duckdb"), run_folder / "receipts.db"]
    }
    print(f"fold: {took_s:.1f} s, {receipts / took_s:,.0f} receipts/s, {took_s / least_s:.1f} x, {peak_mb:.0f} MB", flush=True)
    print(", ".join(f"{name} {size:,.0f} MB" for name, size in sizes.items()))
    compare(run_folder)
    took_s, peak_mb = timed(("receipts", "status"), folder)
    print(f"receipts status: {took_s:.2f} s, {peak_mb:.0f} MB")


def read_once(lane: Path, ledger: Path) -> tuple[int, float]:
    """Read every receipt and every id once; return how many receipts, and how long it took in seconds."""
    begun_s, receipts = time.perf_counter(), 0
    with closing(sqlite3.connect(lane)) as db:
        for _ in db.execute("SELECT oa, person, kind, msg_id, tracking_id, at_ms, text_digest, arrived_ms FROM receipt"):
            receipts += 1
    with closing(sqlite3.connect(ledger)) as db:
        for _ in db.execute("SELECT number, place, message_id FROM outcome"):
            pass
    return receipts, time.perf_counter() - begun_s


def compare(run_folder: Path) -> None:
    """Compare what was folded with what was written, person by person and in sum."""
    with closing(sqlite3.connect(run_folder / "run.db")) as db:
        db.execute("ATTACH ? AS kept", (str(run_folder / "receipts.db"),))
        expected = db.execute(_EXPECTED).fetchone()
        places = db.execute("SELECT SUM(delivered), SUM(seen) FROM kept.place").fetchone()
        minutes = db.execute("SELECT SUM(delivered), SUM(seen) FROM kept.minute").fetchone()
        wrong = db.execute(_WRONG).fetchone()[0]
        people = db.execute("SELECT COUNT(*), COUNT(seen_s) FROM kept.receipt").fetchone()
    assert wrong == 0, f"{wrong} people are wrong"
    assert expected == people == places == minutes, (expected, people, places, minutes)
    print(f"delivered {people[0]:,}, seen {people[1]:,}: each person right, by place and by minute too")


if __name__ == "__main__":
    main()
