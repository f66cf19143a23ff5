"""Who answers what comes in: the workspace's rules as they are now, and the ladder over them."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from zalo_alert.answers.ladder import Ladder
from zalo_alert.answers.live_rules import LiveRules
from zalo_alert.answers.lookup_taker import LookupTaker
from zalo_alert.answers.reply import Decision
from zalo_alert.answers.responder import RuleResponder
from zalo_alert.answers.rule_book import RuleBook
from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.operations.alert_check import AlertCheck
from zalo_alert.operations.inbound_lookups import make_lookups
from zalo_alert.runs.store import Runs
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Settings

LOOK_EVERY_S = 2.0  # whether accounts have changed
_Stamp = tuple[tuple[int, int], ...]


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
    """The rules of a workspace as they are now, for the accounts that it has now; see `answers.live_rules`.

    Args:
        settings: The workspace's.
        clock: Time.
        on_note: Hears as a sentence when rules are switched, or refused.
    """

    def __init__(self, settings: Settings, clock: Clock, on_note: Callable[[str], None]) -> None:
        self._settings, self._clock = settings, clock
        self._live = LiveRules(settings, on_note)
        self._stamp, self._due_s = _stamp_of(settings), clock.monotonic_s() + LOOK_EVERY_S

    def __call__(self) -> RuleBook:
        """Return them; a look at the files every few seconds."""
        now_s = self._clock.monotonic_s()
        if now_s >= self._due_s:
            self._due_s = now_s + LOOK_EVERY_S
            self._look_at_accounts()
        return self._live.current(self._clock.now().timestamp())

    def _look_at_accounts(self) -> None:
        stamp = _stamp_of(self._settings)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        with suppress(ZaloAlertError):  # half written: the door tells of it
            self._settings = load(self._settings.workspace, self._settings.environ)
            self._live.use(self._settings)


def _stamp_of(settings: Settings) -> _Stamp:
    """Return by what it is seen that accounts have changed."""
    return tuple(map(_stat, filter(None, (settings.workspace / CONFIG_NAME, settings.accounts_file))))


def _stat(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
