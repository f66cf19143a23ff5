"""The workspace's files of `inbound/`, read and checked as a whole: they speak together or not at all."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from zalo_alert.answers.check import check_rule_sets
from zalo_alert.answers.findings import Finding, errors, errors_of
from zalo_alert.answers.inbound_file import InboundFile, read_files
from zalo_alert.answers.lookup_checks import check_lookups
from zalo_alert.answers.lookup_reading import read_lookup
from zalo_alert.answers.lookup_set import LookupSet
from zalo_alert.answers.rule_book import RuleBook
from zalo_alert.answers.rule_reading import read_rule_set
from zalo_alert.answers.rule_set import RuleSet
from zalo_alert.errors import RulesInvalid
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.settings.model import Settings


class KindReading(NamedTuple):
    """A file as its kind's reader read it: `value` is None where it has a fault of shape."""

    file: InboundFile
    value: Any
    findings: tuple[Finding, ...]


def _read_answers(file: InboundFile, _workspace: Path) -> KindReading:
    return KindReading(*read_rule_set(file))


def _read_lookup(file: InboundFile, workspace: Path) -> KindReading:
    return KindReading(*read_lookup(file, workspace))


# What reads the files of each kind.
KINDS: Mapping[str, Callable[[InboundFile, Path], KindReading]] = {
    "answers": _read_answers,
    "lookup": _read_lookup,
}


class Loaded(NamedTuple):
    """All files of the folder: each as it was read, the rules of those that are sound, and what was found."""

    readings: tuple[KindReading, ...]
    book: RuleBook
    findings: tuple[Finding, ...]


def read_inbound(workspace: Path, settings: Settings, today: date) -> Loaded:
    """Read all files of `inbound/` and say all that was found; never raises because of what they say.

    Args:
        workspace: Its folder.
        settings: Of the workspace.
        today: In Vietnam; what should have been looked at again before is told.
    """
    files, problems = read_files(workspace, tuple(KINDS))
    readings = tuple(KINDS[file.kind](file, workspace) for file in files)
    sound = [reading for reading in readings if reading.value is not None]
    rule_sets = [reading.value for reading in sound if isinstance(reading.value, RuleSet)]
    lookups = [(reading.file, reading.value) for reading in sound if isinstance(reading.value, LookupSet)]
    book = RuleBook(rule_sets, settings.accounts, [lookup for _file, lookup in lookups])
    own = [(reading.file, reading.value) for reading in sound if isinstance(reading.value, RuleSet)]
    found = [finding for reading in readings for finding in reading.findings]
    findings = (*errors(problems), *found, *check_rule_sets(own, settings, today), *check_lookups(lookups, settings))
    return Loaded(readings, book, findings)


def load_rule_sets(workspace: Path, settings: Settings, today: date | None = None) -> RuleBook:
    """Read the rules of a workspace, which speak together or not at all.

    Args:
        workspace: Its folder.
        settings: Of the workspace.
        today: In Vietnam; None is the machine's.

    Raises:
        RulesInvalid: With every error of every file.
    """
    loaded = read_inbound(workspace, settings, today or SystemClock().now().date())
    if problems := errors_of(loaded.findings):
        raise RulesInvalid(problems)
    return loaded.book
