"""What has been found in the files of `inbound/`: errors, because of which they don't speak, and remarks."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from zalo_alert.errors import Problem


class Finding(NamedTuple):
    """One thing found, with its place; an error keeps the files from speaking.

    Args:
        problem: What it is.
        is_error: Otherwise it is a remark.
        is_detail: A remark of how phrases come together, for whoever tunes them: nothing is wrong.
    """

    problem: Problem
    is_error: bool = True
    is_detail: bool = False


def errors(problems: Iterable[Problem]) -> Iterator[Finding]:
    """Make errors of problems."""
    return (Finding(problem) for problem in problems)


def errors_of(findings: Iterable[Finding]) -> list[Problem]:
    """Return the problems that are errors, in the files' order, each once."""
    return sorted({finding.problem for finding in findings if finding.is_error})


def remarks_of(findings: Iterable[Finding]) -> list[Problem]:
    """Return what somebody should look at, in the files' order, each once."""
    return sorted({finding.problem for finding in findings if not finding.is_error and not finding.is_detail})


def details_of(findings: Iterable[Finding]) -> list[Problem]:
    """Return what only whoever tunes phrases looks at, in the files' order, each once."""
    return sorted({finding.problem for finding in findings if finding.is_detail})
