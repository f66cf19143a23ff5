"""The rules by which a running worker answers: read again when a file changes, switched as a whole or refused as a whole.

Called between two events, so that no event meets two sets of rules. Reads no clock.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from zalo_alert.answers.inbound_file import FOLDER
from zalo_alert.answers.load import load_rule_sets
from zalo_alert.answers.rule_book import RuleBook
from zalo_alert.errors import Cure, RulesInvalid
from zalo_alert.foundation.clock import instant
from zalo_alert.language import _, _n, count
from zalo_alert.settings.model import Settings

CHECK_EVERY_S = 1.0
_Stamp: TypeAlias = frozenset[tuple[str, int, int, int]]


class LiveRules:
    """The rules of a workspace as they are now.

    A file that is being written is left alone until it has been the same for two looks. What is overdue by the calendar alone
    keeps on speaking until the next change: at midnight nobody is there to correct it.

    Args:
        settings: Of the workspace.
        on_note: Hears as a sentence when rules are switched, or refused.
    """

    def __init__(self, settings: Settings, on_note: Callable[[str], None]) -> None:
        self._settings, self._on_note = settings, on_note
        self._book: RuleBook | None = None
        self._looked_s = float("-inf")
        self._seen: _Stamp | None = None  # at the last look
        self._read: _Stamp | None = None  # when they were last read

    def current(self, now_s: float) -> RuleBook:
        """Return the rules that speak now.

        Args:
            now_s: Seconds since 1970.
        """
        if self._book is None:
            self._looked_s = now_s
            self._seen = self._read = _stamp(self._settings.workspace / FOLDER)
            self._book = RuleBook((), self._settings.accounts)
            self._reload(now_s, is_first=True)
        elif not self._looked_s <= now_s < self._looked_s + CHECK_EVERY_S:  # also when the clock was put back
            self._look(now_s)
        return self._book

    def use(self, settings: Settings) -> None:
        """Go on with other settings: accounts that have come, gone or say something else of themselves."""
        self._settings, self._read, self._looked_s = settings, None, float("-inf")

    def _look(self, now_s: float) -> None:
        self._looked_s = now_s
        stamp = _stamp(self._settings.workspace / FOLDER)
        if stamp == self._seen and stamp != self._read:
            self._read = stamp
            self._reload(now_s, is_first=False)
        self._seen = stamp

    def _reload(self, now_s: float, *, is_first: bool) -> None:
        try:
            self._book = load_rule_sets(self._settings.workspace, self._settings, instant(now_s).date())
        except RulesInvalid as exc:
            self._on_note(_refusal(exc, is_first=is_first))
            return
        if not is_first:
            rules = sum(len(rule_set.rules) for rule_set in self._book.rule_sets)
            self._on_note(_n("{rules} rule speaks anew", "{rules} rules speak anew", rules, rules=count(rules)))


def _refusal(exc: RulesInvalid, *, is_first: bool) -> str:
    said = {"first": exc.problems[0], "problems": exc.message, "validate": Cure.ANSWERS_VALIDATE()}
    if is_first:
        return _("no rule speaks: {problems}, the first is {first}; {validate} lists them", **said)
    return _("changed rules are refused, and the old ones stay: {problems}, the first is {first}; {validate} lists them", **said)


def _stamp(folder: Path) -> _Stamp:
    """Return what tells whether anything in a folder has changed; nothing of a folder that is not there."""
    try:
        with os.scandir(folder) as entries:
            return frozenset(_mark(entry) for entry in entries if not entry.name.startswith("."))
    except OSError:
        return frozenset()


def _mark(entry: os.DirEntry[str]) -> tuple[str, int, int, int]:
    try:
        status = Path(entry.path).stat()  # Windows keeps no inode and an old size in the entry itself
    except OSError:  # gone meanwhile
        return entry.name, 0, 0, 0
    return entry.name, status.st_mtime_ns, status.st_size, status.st_ino
