"""Whoever is killed while writing the log leaves one that is sound, with every line that they were told stands there."""

import pytest

from bench.log_kills import play_round


@pytest.mark.kill
@pytest.mark.parametrize("seed", range(3))
def test_a_log_whose_writers_are_killed_stays_sound(seed):
    assert play_round(seed) == []
