"""What was told a moment ago is counted, not told again; over all processes of a workspace."""

import itertools
import multiprocessing

import pytest

from zalo_alert.notify.folding import LONGEST_S, NAME, WINDOW_S, Folds, Key

HALTED, LATE = Key("DT-1", "halted", "quota"), Key("DT-1", "late")


@pytest.fixture
def folds(tmp_path):
    opened = Folds(tmp_path / NAME)
    yield opened
    opened.close()


def test_a_loop_is_one_message_with_a_count(folds):
    assert [folds.take(HALTED, 1000 + 30 * n) for n in range(5)] == [1, 0, 0, 0, 0]
    assert folds.take(HALTED, 1000 + WINDOW_S) == 5


def test_what_keeps_repeating_is_told_ever_more_seldom_and_at_least_once_an_hour(folds):
    told = [at for at in range(0, 6 * 3600, 30) if folds.take(HALTED, at)]

    assert told[:4] == [0, 600, 1800, 4200]
    assert max(later - at for at, later in itertools.pairwise(told)) <= LONGEST_S


def test_another_run_another_event_and_another_cause_are_news(folds):
    keys = [HALTED, HALTED._replace(run="DT-2"), HALTED._replace(topic="money"), LATE]

    assert [folds.take(key, 1000) for key in keys] == [1, 1, 1, 1]


def test_what_grows_is_told_when_it_is_more(folds):
    assert [folds.take(LATE, 1000, level) for level in (1, 1, 2, 1, 2, 4)] == [1, 0, 1, 0, 0, 1]


def test_what_was_counted_is_told_in_the_end(folds):
    for second in range(3):
        folds.take(HALTED, 1000 + second)
    early, due, again = (folds.take_repeats(at) for at in (1000 + WINDOW_S / 2, 1000 + WINDOW_S, 1000 + WINDOW_S))

    assert (early, again) == ([], [])
    assert [(repeats.key, repeats.times) for repeats in due] == [(HALTED, 2)]


def test_a_clock_that_was_set_back_silences_nothing(folds):
    folds.take(HALTED, 1_000_000)

    assert folds.take(HALTED, 1000) == 1


def _take(path, results):
    folds = Folds(path)
    results.put(sum(folds.take(HALTED, 1000 + n) > 0 for n in range(20)))
    folds.close()


def test_of_several_processes_one_tells(tmp_path):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    processes = [context.Process(target=_take, args=(tmp_path / NAME, results)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert results.get() + results.get() == 1
