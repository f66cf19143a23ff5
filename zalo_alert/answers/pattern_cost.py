r"""How long a regular expression may take on a text of somebody else's: roughly, in the ways that there are to try. Pure.

An office writes the pattern, and citizens write what it is tried on: `(\d+)+x` takes years on forty digits.
"""

import math
import re

MOST_CHARACTERS = 60  # of what is tried: no number is longer
MOST_COST = 10_000  # ways: some hundred microseconds
_TOKEN = re.compile(
    r"""(?P<atom>\\. | \[\^?\]?(?:\\.|[^\]\\])*\])
    | (?P<open>\((?:\?(?:P<\w+>|P=\w+|[:=!>]|<[=!]|[a-zA-Z-]+:?|\#[^)]*))?)
    | (?P<close>\))
    | (?P<choice>\|)
    | (?P<repeat>[*+?]|\{[0-9]+(?:,[0-9]*)?\}|\{,[0-9]+\})[?+]?
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


def pattern_cost(pattern: str) -> float:
    """Return about how many ways a sound pattern has to be tried in, on a text of `MOST_CHARACTERS`; infinite for too many."""
    groups = [[1.0, 1.0]]  # of those that are open: all before the last part, and the last part
    for token in _TOKEN.finditer(pattern):
        match token.lastgroup:
            case "open":
                groups.append([1.0, 1.0])
            case "close" if len(groups) > 1:
                before, last = groups.pop()
                _add(groups[-1], before * last)
            case "choice":
                _add(groups[-1], 2.0)
            case "repeat":
                groups[-1][1] = _repeated(groups[-1][1], *_bounds(token["repeat"]))
            case _:
                _add(groups[-1], 1.0)
    return math.prod(before * last for before, last in groups)


def _add(group: list[float], cost: float) -> None:
    group[0] *= group[1]
    group[1] = cost


def _repeated(cost: float, least: int, most: int) -> float:
    if most <= 1:
        return cost * (most - least + 1)
    if cost > 1:
        return math.inf  # the same text may be shared out among the rounds in many ways
    return most - least + 1.0


def _bounds(repeat: str) -> tuple[int, int]:
    """Return how often something stands there, at least and at most."""
    if repeat in ("*", "+", "?"):
        return int(repeat == "+"), 1 if repeat == "?" else MOST_CHARACTERS
    least, comma, most = repeat.strip("{}").partition(",")
    bound = int(most or MOST_CHARACTERS) if comma else int(least)
    return int(least or 0), max(bound, int(least or 0))
