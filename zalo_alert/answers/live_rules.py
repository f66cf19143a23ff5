"""The rules by which a running worker answers: read again when a file changes, switched as a whole or refused as a whole.

Called between two events, so that no event meets two sets of rules. Reads no clock.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from zalo_alert.answers.inbound_file import FOLDER
from zalo_alert.answers.load import load_rule_sets
from zalo_alert.answers.rule_book import RuleBook
from zalo_alert.errors import Cure, RulesInvalid, SettingsInvalid
from zalo_alert.foundation.clock import instant
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.language import _, _n, count, joined
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Settings

CHECK_EVERY_S = 1.0
_Stamp: TypeAlias = frozenset[tuple[str, int, int, int]]


class LiveRules:
    """The rules of a workspace as they are now.

    A file that is being written is left alone until it has been the same for two looks. What is overdue by the calendar alone
    keeps on speaking until the next change: at midnight nobody is there to correct it. Accounts that change are taken up alike.

    Args:
        settings: Of the workspace.
        on_note: Hears as a sentence when rules are switched, or refused.
        is_patient: Wait for that second look; where somebody tries rules out, a change speaks at once.
    """

    def __init__(self, settings: Settings, on_note: Callable[[str], None], *, is_patient: bool = True) -> None:
        self._settings, self._on_note, self._is_patient = settings, on_note, is_patient
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
            self._seen = self._read = _stamp(self._settings)
            self._book = RuleBook((), self._settings.accounts)
            self._reload(now_s, is_first=True)
        elif not self._looked_s <= now_s < self._looked_s + CHECK_EVERY_S:  # also when the clock was put back
            self._look(now_s)
        return self._book

    def _look(self, now_s: float) -> None:
        self._looked_s = now_s
        stamp = _stamp(self._settings)
        if stamp != self._read and (stamp == self._seen or not self._is_patient):
            self._read = stamp
            self._reload(now_s, is_first=False)
        self._seen = stamp

    def _reload(self, now_s: float, *, is_first: bool) -> None:
        try:
            if not is_first:
                self._settings = load(self._settings.workspace, self._settings.environ)
            self._book = load_rule_sets(self._settings.workspace, self._settings, instant(now_s).date())
        except (RulesInvalid, SettingsInvalid) as exc:
            self._on_note(_refusal(exc, is_first=is_first))
            return
        if not is_first:
            rules = sum(len(rule_set.rules) for rule_set in self._book.rule_sets)
            self._on_note(_n("{rules} rule speaks anew", "{rules} rules speak anew", rules, rules=count(rules)))


def _refusal(exc: RulesInvalid | SettingsInvalid, *, is_first: bool) -> str:
    why = joined((exc.message, *map(str, exc.problems[:1])), "; ")
    said = {"why": why, "validate": Cure.ANSWERS_VALIDATE()}
    if is_first:
        return _("no rule speaks: {why}; {validate} lists all that is wrong", **said)
    return _("changed rules are refused, and the old ones stay: {why}; {validate} lists all that is wrong", **said)


def _stamp(settings: Settings) -> _Stamp:
    """Return what tells whether a file has changed: of `inbound/`, or of those that say which accounts there are."""
    named = [path for path in (settings.workspace / CONFIG_NAME, settings.accounts_file) if path]
    try:
        inside = [path for path in (settings.workspace / FOLDER).iterdir() if not path.name.startswith(".")]
    except OSError:  # there is no such folder
        inside = []
    return frozenset(map(_mark, (*named, *inside)))


def _mark(path: Path) -> tuple[str, int, int, int]:
    try:
        status = path.stat()
    except OSError:  # gone meanwhile
        return str(path), 0, 0, 0
    return str(path), status.st_mtime_ns, status.st_size, status.st_ino
