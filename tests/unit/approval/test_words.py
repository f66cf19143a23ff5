"""The words of a digest: as many as bytes, and none to be taken for another by ear or by eye."""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.approval.words import WORDS, six_words

DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)

# One sound for two, somewhere in the country: first letters, last letters, and what stands between them.
ONSETS = {
    "ngh": "Ng", "ng": "Ng", "nh": "Nh", "ch": "Ch", "tr": "Ch", "kh": "Kh", "ph": "Ph", "th": "Th", "qu": "Qu", "gh": "G",
    "gi": "D", "d": "D", "v": "D", "r": "D", "l": "L", "n": "L", "s": "S", "x": "S", "c": "K", "k": "K",
}  # fmt: skip
FINALS = [("(nh|ng|n)$", "N"), ("(ch|c|t)$", "T")]
MIDDLES = {"ieu": "iu", "iem": "im", "iep": "ip", "uoi": "ui", "uom": "um", "uop": "up", "uou": "uu", "au": "ao"}
# Letters of which one is taken for the other, in small print or in handwriting.
_PAIRS = "il nh nm un ce eo oa bh gq tl vy uv vu ae oc kh bd pg pq dg it"
TAKEN_FOR = {frozenset(pair) for pair in _PAIRS.split()}


def sound(word):
    onset = next((letters for letters in ONSETS if word.startswith(letters) and word != letters), "")
    rest = word.removeprefix(onset).replace("y", "i")
    for pattern, final in FINALS:
        rest = re.sub(pattern, final, rest)
    return ONSETS.get(onset, ""), MIDDLES.get(rest, rest)


def looks_like(one, other):
    if len(one) != len(other):
        return False
    unequal = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    swapped = len(unequal) == 2 and unequal[0] == unequal[1][::-1]
    return swapped or (len(unequal) == 1 and frozenset(unequal[0]) in TAKEN_FOR)


def test_there_is_a_word_for_each_byte_of_two_to_six_plain_letters():
    assert len(WORDS) == len(set(WORDS)) == 256
    assert [word for word in WORDS if not re.fullmatch("[a-z]{2,6}", word)] == []


def test_no_two_words_sound_alike_in_north_or_south():
    sounds = {sound(word): word for word in WORDS}

    assert len(sounds) == len(WORDS)


def test_no_two_words_look_alike():
    assert [pair for pair in combinations(WORDS, 2) if looks_like(*pair)] == []


@pytest.mark.parametrize(("one", "other"), [("tre", "che"), ("lan", "nang"), ("rau", "dao"), ("xich", "sit"), ("lieu", "niu")])
def test_the_test_of_sounds_hears_what_the_country_does(one, other):
    assert sound(one) == sound(other)


@given(DIGESTS)
def test_six_words_give_back_the_first_six_bytes(digest):
    words = six_words(digest).split()

    assert bytes(WORDS.index(word) for word in words) == bytes.fromhex(digest)[:6]


@given(DIGESTS, st.integers(0, 5), st.integers(1, 255))
def test_another_byte_among_the_first_six_changes_its_word_alone(digest, place, change):
    before = six_words(digest).split()
    altered = bytearray.fromhex(digest)
    altered[place] ^= change

    after = six_words(altered.hex()).split()

    assert [n for n in range(6) if before[n] != after[n]] == [place]


def test_the_words_of_a_digest_never_change():
    assert six_words("00" * 32).split() == [WORDS[0]] * 6
    assert six_words("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") == "truc quan som guoc nhay xop"


@pytest.mark.parametrize("digest", ["", "00ff", "zz" * 32, "e3b0c44298f"])
def test_what_is_no_digest_has_no_words(digest):
    with pytest.raises(ValueError):  # noqa: PT011 - Python's own sentence for bad hexadecimal
        six_words(digest)
