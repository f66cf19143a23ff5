"""Words that are one slip of the pen apart: a letter wrong, missing, too many, or swapped with the next. Pure.

Found without a look at every word: two that are one slip apart leave the same when a letter is taken from one, or from each.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA

LONGEST = 12  # letters of a word that is looked at; Vietnamese has seven


class Neighbours:
    """The words near a word.

    Args:
        words: Those that are found.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._by_shorter: defaultdict[str, list[str]] = defaultdict(list)
        for word in words:
            for shorter in _shorter(word):
                self._by_shorter[shorter].append(word)

    def of(self, word: str) -> list[str]:
        """Return the words that are one slip apart from one, in alphabetical order."""
        candidates = {one for shorter in _shorter(word) for one in self._by_shorter.get(shorter, ())}
        return sorted(one for one in candidates if OSA.distance(word, one, score_cutoff=1) == 1)


def _shorter(word: str) -> Iterator[str]:
    """Yield a word, and all that it leaves when one letter is missing; a number is never another one."""
    if len(word) <= LONGEST and not word.isdecimal():
        yield word
        if len(word) > 1:
            yield from {word[:at] + word[at + 1 :] for at in range(len(word))}
