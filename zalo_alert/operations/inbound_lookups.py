"""Look-ups beside the worker's events: what they need of a workspace, their opening, and the emptying of private questions."""

from collections.abc import Callable

from zalo_alert.answers.lookup import Lookups, Office
from zalo_alert.answers.lookup_opening import LookupOpening
from zalo_alert.answers.rule_book import RuleBook
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.blanking import Blanker
from zalo_alert.inbound.inbound_store import folder_of, open_store
from zalo_alert.settings.model import Settings
from zalo_alert.tables.generations import Tables

OPENING_EVERY_S = 0.5
BLANKING_EVERY_S = 5.0


def make_lookups(
    settings: Settings, clock: Clock, db: Database, book: Callable[[], RuleBook], on_note: Callable[[str], None]
) -> Lookups:
    """Return a workspace's look-ups over a connection to the worker's database.

    Args:
        settings: The workspace's.
        clock: Time.
        db: The connection.
        book: Returns the rules and look-ups as they are now.
        on_note: Told, in a sentence, why a table can't be asked.
    """
    tables = Tables(settings.state_dir, clock.monotonic_s)
    return Lookups(db, lambda oa: office_of(book(), oa), tables.get, Marks(settings.state_dir).joinable, on_note)


def office_of(book: RuleBook, oa: str) -> Office:
    """Return what look-ups need to know of an OA, by Zalo's id."""
    account = book.account_of(oa)
    return Office(account.id if account else "", account.about if account else {}, book.lookups_for_oa(oa))


class OpeningBeside:
    """Answers those who asked before a look-up opened.

    Args:
        settings: The workspace's.
        clock: Time.
        book: Returns the rules and look-ups as they are now.
        on_note: Told what goes wrong, in a sentence.
    """

    def __init__(self, settings: Settings, clock: Clock, book: Callable[[], RuleBook], on_note: Callable[[str], None]) -> None:
        self._settings, self._clock, self._book, self._on_note = settings, clock, book, on_note
        self._opening: LookupOpening | None = None

    def __call__(self) -> bool:
        """Answer some; return whether there are more."""
        if self._opening is None:
            db = open_store(self._settings.state_dir)
            lookups = make_lookups(self._settings, self._clock, db, self._book, self._on_note)
            self._opening = LookupOpening(db, lookups, lambda oa: office_of(self._book(), oa), self._now_ms)
        return self._opening.step()

    def _now_ms(self) -> int:
        return round(self._clock.now().timestamp() * 1000)


class BlankBeside:
    """Empties the bodies of private questions that are answered.

    Args:
        settings: The workspace's.
        clock: Time.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._blanker: Blanker | None = None

    def __call__(self) -> bool:
        """Empty some; return whether there are more."""
        self._blanker = self._blanker or Blanker(folder_of(self._settings.state_dir))
        return self._blanker.step(self._clock.monotonic_s())
