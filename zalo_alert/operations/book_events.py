"""What came through the webhook, into the follower books: who follows or left, what people told, when they were heard last.

Whoever only wrote, and whom neither a list nor an event has made known as a follower, does not become one by that: a look-up by a
passer-by is no wish to be sent alerts. What people refuse stays in the worker's own database, where a plan and a run ask for it.
"""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson

from zalo_alert.audit.telling import OnNotice
from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.files import create_file
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.inbound.book_changes import BookChanges
from zalo_alert.inbound.inbound_store import NAME, folder_of, require_readable
from zalo_alert.language import _, persons
from zalo_alert.operations.state import aliases_of, book_of, scratch_folder
from zalo_alert.settings.model import Account, Settings

if TYPE_CHECKING:
    from zalo_alert.book import Book, ImportReport

ORIGIN = "webhook"  # what people remember as their source
DUE_AFTER_S = 86_400  # a book that has heard nothing for so long is brought up to date before a plan


class EventsImport(NamedTuple):
    """What the webhook's events changed in a book.

    Args:
        following: People who follow now.
        left: People who left.
        told: People who told of themselves.
        heard: People of the book who did anything else.
        report: What the import did; None where there was nothing to import.
    """

    following: int
    left: int
    told: int
    heard: int
    report: "ImportReport | None"


def import_events(settings: Settings, account: Account, on_step: StepReporter = lambda what, done, whole: None) -> EventsImport:
    """Bring a book up to date with what came through the webhook; done twice, it changes nothing.

    Raises:
        RunBusy: Another process is changing the book.
        StorageUnusable: It could not be written; the book is as before.
    """
    book, clock = book_of(account, settings), SystemClock()
    changes = BookChanges(settings.state_dir, account.oa_id, book.events_heard(), clock.now())
    with scratch_folder(settings) as folder:
        counts = _write(changes, book, folder)
        if not sum(counts.values()):
            return EventsImport(0, 0, 0, 0, None)
        report = book.import_rows(
            folder / "events.ndjson", _("the webhook's events"), clock=clock, rejects=rejects_of(settings), origin=ORIGIN,
            aliases=aliases_of(settings), on_step=on_step, events=changes.until,
        )  # fmt: skip
    return EventsImport(counts["following"], counts["left"], counts["told"], counts["heard"], report)


def rejects_of(settings: Settings) -> Path:
    """Return where bad rows go."""
    return settings.state_dir / "rejects" / "webhook.csv"


def import_events_if_due(settings: Settings, account: Account, on_notice: OnNotice) -> None:
    """Bring a book up to date before a plan, if it has heard nothing for a day; where no webhook is, this is a look at the disk.

    What keeps it from being done is told, and keeps no plan from being made.
    """
    try:
        require_readable(folder_of(settings.state_dir))
        if not (folder_of(settings.state_dir) / NAME).is_file() or not _is_due(settings, account):
            return
        done = import_events(settings, account)
    except ZaloAlertError as exc:
        told = _(
            "the book of {account} has not heard of what came through the webhook: {why}", account=account.id, why=exc.message
        )
        on_notice(Notice(told, "", Level.WARNING))
        return
    if done.report:
        on_notice(Notice(_describe(account, done), ""))


def _is_due(settings: Settings, account: Account) -> bool:
    changes = BookChanges(settings.state_dir, account.oa_id, book_of(account, settings).events_heard(), SystemClock().now())
    return changes.age_s >= DUE_AFTER_S and changes.is_anything()


def _describe(account: Account, done: EventsImport) -> str:
    return _(
        "the book of {account} has heard of what came through the webhook: {following} follow, {left} left, "
        "{told} told of themselves",
        account=account.id,
        following=persons(done.following),
        left=persons(done.left),
        told=persons(done.told),
    )


def _write(changes: BookChanges, book: "Book", folder: Path) -> Counter[str]:
    """Write what has changed as a list to import; return how many people it is about, by what they did."""
    counts: Counter[str] = Counter()
    heard = folder / "heard.csv"
    with ExitStack() as stack:
        rows = stack.enter_context(create_file(folder / "events.ndjson"))
        with create_file(heard) as others:
            for person in changes.people():
                for row in person.rows:
                    rows.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
                    counts["told" if "is_follower" not in row else "following" if row["is_follower"] else "left"] += 1
                if not person.rows:
                    others.write(f"{person.user_id},{person.last_at}\n".encode())
        if heard.stat().st_size:
            for user_id, last_at in book.known(heard):
                row = {"user_id": user_id, "last_interaction_at": last_at, "updated_at": last_at}
                rows.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
                counts["heard"] += 1
    return counts
