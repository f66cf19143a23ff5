"""The words of a correction or an all-clear that somebody gives in place of those that are ready: held against the same rules."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from zalo_alert.campaign import parse
from zalo_alert.campaign.follow_up import Section
from zalo_alert.errors import Problem
from zalo_alert.models import STAFF
from zalo_alert.operations.orders import Despite
from zalo_alert.operations.wording import Finding, Source, look_at, passed
from zalo_alert.runs.facts import RunPlace
from zalo_alert.settings.model import Settings

MOST_WORDS = 8  # by which a line is found again


class Given(NamedTuple):
    """A text as somebody gives it.

    Args:
        section: What it replaces.
        text: The file's bytes.
        path: The file.
    """

    section: Section
    text: bytes
    path: Path


def check_given(given: Given, alert: bytes, places: Sequence[RunPlace], despite: Despite, settings: Settings) -> dict[str, str]:
    """Return the rules that a given text goes round, each with the reason.

    Args:
        given: The text.
        alert: The bytes of the alert's file, in which it stands already.
        places: Of the run that it follows.
        despite: Rules that may be gone round.
        settings: The workspace's.

    Raises:
        UsageError: A code is none of a rule's, or a reason is none.
        WordingRefused: It misleads, and nobody says why it may.
    """
    file = str(given.path)
    source = Source(replace(parse.parse(alert, file, is_frozen=True), is_marked=True), alert, file)
    where = [place for place in places if place.key != STAFF]
    found = [one for one in look_at(source, settings, places=where) if one.part == given.section]
    return passed(_placed(found, alert, given), despite, file)


def _placed(found: Sequence[Finding], alert: bytes, given: Given) -> list[Finding]:
    """Put findings where the given file has what they are about: the alert's, in which it was looked at, nobody has seen."""
    written, own = alert.decode().splitlines(), given.text.decode("utf-8-sig", errors="replace").splitlines()
    return [one._replace(problem=_moved(one.problem, written, own, given.section)) for one in found]


def _moved(problem: Problem, written: Sequence[str], own: Sequence[str], section: Section) -> Problem:
    line = written[problem.line - 1] if 0 < problem.line <= len(written) else ""
    number, column = _first_with(line[problem.column - 1 :].strip("\"' ").split(" ")[:MOST_WORDS], own)
    return Problem(problem.file, number, column, problem.field.removeprefix(f"{section.value}."), problem.message)


def _first_with(words: Sequence[str], own: Sequence[str]) -> tuple[int, int]:
    """Return line and column, from 1, of the first line that holds as many of some words as any does; 0, 0 where none does."""
    for many in range(len(words), 0, -1):
        wanted = " ".join(words[:many])
        for number, line in enumerate(own, 1):
            if wanted and (at := line.find(wanted)) >= 0:
                return number, at + 1
    return 0, 0
