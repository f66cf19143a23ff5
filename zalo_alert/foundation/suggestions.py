"""What somebody may have meant who mistyped a word: the nearest of those there are."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from zalo_alert.language import _, joined

MAX_WORD = 100  # characters: comparing a longer one takes long, and it is no word


def nearest(word: str, words: Iterable[str], *, most: int = 1, likeness: float = 0.6) -> list[str]:
    """Return the words that are nearest to one, whatever their capitals; the nearest first.

    Args:
        word: As somebody typed it.
        words: Those there are.
        most: How many at most.
        likeness: How near they must be, from 0 to 1.
    """
    by_folded = {name.casefold(): name for name in words}
    return [by_folded[near] for near in get_close_matches(word[:MAX_WORD].casefold(), list(by_folded), n=most, cutoff=likeness)]


def did_you_mean(words: Sequence[str], joint: str = _(" or ")) -> str:
    """Return `did you mean …?` of some words; nothing when there are none."""
    return _("did you mean {words}?", words=joined(words, joint)) if words else ""


def suggestion(word: str, words: Iterable[str]) -> str:
    """Return `; did you mean "…"?` when one of the words is near, else nothing."""
    quoted = [f'"{near}"' for near in nearest(word, words)]
    return joined(("; ", did_you_mean(quoted)), "") if quoted else ""
