"""Words of an office that mean the same: a phrase with `căn cước` in it is also heard with `cccd`. Pure.

Written once in a rule set as `words`, so that no phrase has to be repeated for each of them.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zalo_alert.answers.folding import Words, read

MOST_VARIANTS = 500  # of one phrase; more of them make a tree that no memory holds


class Alike(NamedTuple):
    """A word or words, and what is said instead of them.

    Attributes:
        name: As phrases have it.
        others: What people say, too.
    """

    name: str
    others: tuple[str, ...]


class Variants:
    """What a phrase may sound like.

    Args:
        alike: Of one rule set; a longer name is looked for before a shorter one.
    """

    def __init__(self, alike: Sequence[Alike]) -> None:
        names = [(read(one.name), [read(other) for other in one.others]) for one in alike]
        self._alike = sorted(((name, others) for name, others in names if name.folded), key=lambda pair: -len(pair[0].folded))

    def of(self, phrase: Words) -> list[Words]:
        """Return a phrase and all that it may be instead, itself first; at most `MOST_VARIANTS`."""
        found = [Words([], [])]
        for choices in self._pieces(phrase):
            found = [_joined(front, choice) for front in found for choice in choices][:MOST_VARIANTS]
        return found

    def _pieces(self, phrase: Words) -> Iterator[list[Words]]:
        """Yield what may stand at each place of a phrase, its own words first."""
        at = 0
        while at < len(phrase.folded):
            for name, others in self._alike:
                end = at + len(name.folded)
                if phrase.spelled[at:end] == name.spelled:
                    yield [name, *others]
                    break
            else:
                end = at + 1
                yield [Words(phrase.folded[at:end], phrase.spelled[at:end])]
            at = end


def _joined(front: Words, end: Words) -> Words:
    return Words([*front.folded, *end.folded], [*front.spelled, *end.spelled])
