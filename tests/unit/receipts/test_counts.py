"""What a report asks of a run's receipts."""

from types import SimpleNamespace

from zalo_alert.receipts.counts import ReceiptCounts, receipt_counts, receipts_between
from zalo_alert.receipts.kept import RunReceipts
from zalo_alert.receipts.published import Published, publish, read_published


def run_at(tmp_path, oa_ids=("1",)):
    folder = tmp_path / "runs" / "R-1"
    folder.mkdir(parents=True)
    (tmp_path / "inbound").mkdir()
    return SimpleNamespace(folder=folder, facts=SimpleNamespace(oa_ids=oa_ids))


def test_a_run_without_receipts_says_so(tmp_path):
    run = run_at(tmp_path)

    assert receipt_counts(run) == ReceiptCounts(False, 0, 0, {}, (), 0, 0, 0, 0, 0)
    assert receipts_between(run, 0, 9) == {}


def test_counts_are_those_that_are_kept(tmp_path):
    run = run_at(tmp_path)
    kept = RunReceipts(run.folder)
    kept.mark([(0, 2, 60, None), (1, 2, 61, 125), (5, 3, 130, None)])
    kept.settle([(5, False)])
    kept.contest([7])
    kept.close()
    publish(tmp_path / "inbound", Published(5_000, 4, {"1": 3, "2": 9}, {"1": 2}, ("R-9",), 5.5))

    counts = receipt_counts(run)

    assert counts == ReceiptCounts(True, 3, 1, {2: (2, 1), 3: (1, 0)}, [(60, 2, 0), (120, 1, 1)], 5_000, 5, 1, 0, 1)
    assert receipts_between(run, 1, 6) == {1: (61, 125), 5: (130, None)}


def test_a_file_that_tells_nothing_is_passed_over(tmp_path):
    (tmp_path / "folded.json").write_bytes(b'{"folded": ')

    assert read_published(tmp_path) == Published()
