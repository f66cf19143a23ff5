"""Who answers what comes in: the workspace's rules as they are now, and the ladder over them."""

from collections.abc import Callable
from pathlib import Path

from zalo_alert.answers.ladder import Ladder
from zalo_alert.answers.load import load_rule_sets
from zalo_alert.answers.lookup_taker import LookupTaker
from zalo_alert.answers.reply import Decision
from zalo_alert.answers.responder import RuleResponder
from zalo_alert.answers.rule_book import RuleBook
from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.language import _
from zalo_alert.operations.alert_check import AlertCheck
from zalo_alert.operations.inbound_lookups import make_lookups
from zalo_alert.runs.store import Runs
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Settings

LOOK_EVERY_S = 2.0  # whether a file has changed
_Stamp = tuple[tuple[str, int, int], ...]


def make_responder(
    settings: Settings,
    clock: Clock,
    on_note: Callable[[str], None] = lambda sentence: None,
    *,
    is_late: bool = False,
    on_decision: Callable[[Decision], None] = lambda decision: None,
) -> Callable[[Database], RuleResponder]:
    """Return what makes a workspace's responder, of the worker's database; see `RuleResponder` for the last two."""
    rules = RulesNow(settings, clock, on_note)
    check = AlertCheck(Runs(settings.state_dir / "runs"), settings.profile, clock)

    def make(db: Database) -> RuleResponder:
        lookups = make_lookups(settings, clock, db, rules, on_note)
        return RuleResponder(db, rules, Ladder(check, [LookupTaker(lookups)]), clock, is_late=is_late, on_decision=on_decision)

    return make


class RulesNow:
    """The rules of a workspace as they are now: changed files speak once all are sound, and until then the ones before.

    Args:
        settings: The workspace's.
        clock: Time.
        on_note: Told, in a sentence, what keeps changed files from speaking; once.
    """

    def __init__(self, settings: Settings, clock: Clock, on_note: Callable[[str], None]) -> None:
        self._settings, self._clock, self._on_note = settings, clock, on_note
        self._book = RuleBook([], settings.accounts)
        self._stamp: _Stamp = ()
        self._due_s = -1.0

    def __call__(self) -> RuleBook:
        """Return them; a look at the files every few seconds."""
        now_s = self._clock.monotonic_s()
        if now_s >= self._due_s:
            self._due_s = now_s + LOOK_EVERY_S
            stamp = _stamp_of(self._settings)
            if stamp != self._stamp:
                self._stamp = stamp
                self._read()
        return self._book

    def _read(self) -> None:
        try:
            settings = load(self._settings.workspace, self._settings.environ)
            self._book = load_rule_sets(settings.workspace, settings)
        except ZaloAlertError as exc:
            self._on_note(_("rules that were changed do not speak yet: {why}", why=exc.message))


def _stamp_of(settings: Settings) -> _Stamp:
    """Return by what a change of a file is seen: of the folder's, and of those that say which accounts there are."""
    try:
        paths = [*(settings.workspace / "inbound").iterdir()]
    except OSError:
        paths = []
    named = [settings.workspace / CONFIG_NAME, settings.accounts_file]
    return tuple(sorted(filter(None, map(_stat, [*paths, *filter(None, named)]))))


def _stat(path: Path) -> tuple[str, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return str(path), status.st_mtime_ns, status.st_size
