"""What has been found in the files of `inbound/`: errors, because of which they don't speak, and remarks."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from zalo_alert.errors import Problem


class Finding(NamedTuple):
    """One thing found, with its place; an error keeps the files from speaking."""

    problem: Problem
    is_error: bool = True


def errors(problems: Iterable[Problem]) -> Iterator[Finding]:
    """Make errors of problems."""
    return (Finding(problem) for problem in problems)


def errors_of(findings: Iterable[Finding]) -> list[Problem]:
    """Return the problems that are errors, in the files' order, each once."""
    return sorted({finding.problem for finding in findings if finding.is_error})


def remarks_of(findings: Iterable[Finding]) -> list[Problem]:
    """Return the problems that are none, in the files' order, each once."""
    return sorted({finding.problem for finding in findings if not finding.is_error})
