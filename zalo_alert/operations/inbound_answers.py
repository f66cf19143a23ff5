"""Who answers what comes in: the workspace's rules as they are now, and the ladder over them."""

from collections.abc import Callable

from zalo_alert.answers.ladder import Ladder
from zalo_alert.answers.live_rules import LiveRules
from zalo_alert.answers.lookup_taker import LookupTaker
from zalo_alert.answers.reply import Decision
from zalo_alert.answers.responder import RuleResponder
from zalo_alert.answers.rule_book import RuleBook
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.database import Database
from zalo_alert.operations.alert_check import AlertCheck
from zalo_alert.operations.inbound_lookups import make_lookups
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings
from zalo_alert.settings.rest_mark import read_woken


def make_responder(
    settings: Settings,
    clock: Clock,
    on_note: Callable[[str], None] = lambda sentence: None,
    *,
    is_late: bool = False,
    on_decision: Callable[[Decision], None] = lambda decision: None,
    rules: "RulesNow | None" = None,
) -> Callable[[Database], RuleResponder]:
    """Return what makes a workspace's responder, of the worker's database.

    Args:
        settings: The workspace's.
        clock: Time.
        on_note: See `RulesNow`.
        is_late: See `RuleResponder`.
        on_decision: See `RuleResponder`.
        rules: Where the caller has them already.
    """
    rules = rules or RulesNow(settings, clock, on_note)
    check = AlertCheck(Runs(settings.state_dir / "runs"), settings.profile, clock)

    def make(db: Database) -> RuleResponder:
        lookups = make_lookups(settings, clock, db, rules, on_note)
        return RuleResponder(
            db, rules, Ladder(check, [LookupTaker(lookups)]), clock,
            is_late=is_late, answers_from_ms=_answers_from_ms(settings), on_decision=on_decision,
        )  # fmt: skip

    return make


def _answers_from_ms(settings: Settings) -> int:
    """Return before when (milliseconds since 1970) another machine may have answered: one that this workspace was copied from."""
    woken = read_woken(settings.state_dir)
    return int(woken.at.timestamp() * 1000) if woken and not woken.is_exact else 0


class RulesNow:
    """The rules of a workspace as they are now; see `LiveRules`.

    Args:
        settings: The workspace's.
        clock: Time.
        on_note: Told, in a sentence, when changed files speak, and what keeps them from it; once.
        is_patient: A file that changes is left alone for a second, as it may still be written.
    """

    def __init__(self, settings: Settings, clock: Clock, on_note: Callable[[str], None], *, is_patient: bool = True) -> None:
        self._live, self._clock = LiveRules(settings, on_note, is_patient=is_patient), clock

    def __call__(self) -> RuleBook:
        """Return them."""
        return self._live.current(self._clock.now().timestamp())
