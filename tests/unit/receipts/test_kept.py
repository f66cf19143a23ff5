"""What is kept of a run's receipts: the earliest time wins, in any order and however often, and the sums follow."""

from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from zalo_alert.receipts.kept import NAME, Kept, RunReceipts, read_between, read_kept, read_lines

PLACE_OF = {number: number % 3 for number in range(8)}
MARKS = st.lists(
    st.tuples(st.sampled_from(sorted(PLACE_OF)), st.integers(0, 400), st.none() | st.integers(0, 400)).map(
        lambda drawn: (drawn[0], PLACE_OF[drawn[0]], min(drawn[1], drawn[1] if drawn[2] is None else drawn[2]), drawn[2])
    ),
    max_size=12,
)


def expected(batches):
    """Return by number when it was delivered and seen, and the sums, in the plainest way."""
    times: dict[int, tuple[int, int | None]] = {}
    for number, _place, delivered, seen in (mark for batch in batches for mark in batch):
        old = times.get(number, (delivered, None))
        times[number] = (min(old[0], delivered), min((s for s in (old[1], seen) if s is not None), default=None))
    places: dict[int, list[int]] = {}
    delivered, seen = Counter[int](), Counter[int]()
    for number, (delivered_s, seen_s) in times.items():
        place = places.setdefault(PLACE_OF[number], [0, 0])
        place[0] += 1
        place[1] += seen_s is not None
        delivered[delivered_s // 60 * 60] += 1
        if seen_s is not None:
            seen[seen_s // 60 * 60] += 1
    minutes = [(minute, delivered[minute], seen[minute]) for minute in sorted(delivered | seen)]
    return times, {place: (both[0], both[1]) for place, both in sorted(places.items())}, minutes


@settings(max_examples=60, deadline=None)
@given(st.lists(MARKS, min_size=1, max_size=4))
def test_the_earliest_time_wins_and_the_sums_follow(tmp_path_factory, batches):
    folder = tmp_path_factory.mktemp("run")
    kept = RunReceipts(folder)
    for batch in batches:
        kept.mark(batch)
    kept.mark(batches[0])  # again, as after a kill
    kept.close()

    times, places, minutes = expected(batches)

    assert read_between(folder, 0, 100) == times
    assert read_kept(folder) == Kept(places, minutes, 0, 0, 0)


def test_news_are_counted_once(tmp_path: Path) -> None:
    kept = RunReceipts(tmp_path)

    news = [kept.mark([(1, 0, 50, None)]), kept.mark([(1, 0, 50, None), (1, 0, 60, None)]), kept.mark([(1, 0, 50, 70)])]
    kept.close()

    assert news == [1, 0, 1]


def test_whoever_is_settled_is_contested_no_more(tmp_path: Path) -> None:
    kept = RunReceipts(tmp_path)
    kept.contest([3, 4, 5])
    kept.settle([(3, False), (4, True), (3, False)])
    kept.contest([3])
    kept.close()

    assert read_kept(tmp_path) == Kept({}, [], 1, 1, 1)


def test_of_a_run_without_receipts_nothing_is_kept(tmp_path: Path) -> None:
    assert read_kept(tmp_path) is None
    assert read_between(tmp_path, 0, 10) == {}
    assert not list(tmp_path.iterdir())


def test_a_file_that_has_no_tables_yet_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / NAME).touch(mode=0o600)

    assert read_kept(tmp_path) is None
    assert (read_between(tmp_path, 0, 9), read_lines(tmp_path, 0, 9)) == ({}, "")
