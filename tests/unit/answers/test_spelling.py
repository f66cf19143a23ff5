"""Words that are no words of Vietnamese, read as what was meant."""

import pytest

from zalo_alert.answers.folding import read
from zalo_alert.answers.spelling import Spelling

SPELLING = Spelling({"can", "cuoc", "chieu", "bhyt", "visa", "tam", "muc", "sinh", "tan"})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("chếiu", "chieu", id="swapped"),
        pytest.param("snih", "sinh", id="swapped, no accents"),
        pytest.param("visaa", "visa", id="doubled"),
        pytest.param("cawn cuwowcs", "can cuoc", id="Telex switched off"),
        pytest.param("tamj", "tam", id="a tone of Telex"),
    ],
)
def test_what_is_no_word_is_read_as_the_one_that_is_meant(written: str, meant: str) -> None:
    corrected = SPELLING.corrected(read(written))

    assert corrected is not None
    assert " ".join(corrected.words.folded) == meant


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("chiu", id="a word that no phrase has"),
        pytest.param("căn cước", id="nothing is wrong"),
        pytest.param("tamn", id="two may be meant"),
        pytest.param("bht", id="too short to say"),
        pytest.param("bhyt9", id="a number is as it is"),
        pytest.param("🙏", id="no word at all"),
    ],
)
def test_what_may_stand_as_it_is_written_stays(written: str) -> None:
    assert SPELLING.corrected(read(written)) is None
