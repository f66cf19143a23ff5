"""What may stand anywhere in a command line, taken out before it is read: `--quiet`, `--verbose`, `--log-file`."""

from collections.abc import Sequence
from typing import NamedTuple

_QUIET = frozenset({"--quiet", "-q"})


class Given(NamedTuple):
    """What a command line says that stands anywhere in it.

    Args:
        words: The others.
        quiet: `--quiet`.
        verbose: `--verbose`.
        log_file: Of `--log-file`; "" without it.
    """

    words: list[str]
    quiet: bool
    verbose: bool
    log_file: str


def take_given(words: Sequence[str]) -> Given:
    """Take what may stand anywhere out of a command line, up to `--`; a `--log-file` without a file is left to be refused."""
    left, quiet, verbose, log_file = [], False, False, ""
    end = list(words).index("--") if "--" in words else len(words)
    given = iter(words[:end])
    for word in given:
        name, equals, value = word.partition("=")
        if word in _QUIET:
            quiet = True
        elif word == "--verbose":
            verbose = True
        elif name == "--log-file" and (value := value if equals else next(given, "")):
            log_file = value
        else:
            left.append(word)
    return Given([*left, *words[end:]], quiet, verbose, log_file)
