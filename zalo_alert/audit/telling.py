"""Telling the log what is done in any case: what moves towards safety, or can't be undone, waits for no disk."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import AuditLog
from zalo_alert.errors import CampaignRefused, RosterInvalid, SignatureRefused, StorageUnusable, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _, persons

OnNotice = Callable[[Notice], None]


def ignore(notice: Notice) -> None:
    """Hear a notice and do nothing: whoever calls has nobody to tell."""


def tell(
    folder: Path,
    event: AuditEvent,
    on_notice: OnNotice = ignore,
    *,
    who: str = "",
    run: str = "",
    why: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Tell the log what has happened now; what keeps it from being written is told, and raises nothing.

    Args:
        folder: Of the workspace's state.
        event: What happened.
        on_notice: Hears why the log could not be written.
        who: The officer who signed for it; "" where nobody did.
        run: Which run it is about.
        why: Why.
        facts: What else belongs to it.
    """
    if trouble := AuditLog(folder).attempt(event, SystemClock().now(), who=who, run=run, why=why, facts=facts):
        on_notice(untold(trouble))


def untold(trouble: StorageUnusable) -> Notice:
    """Say that something is done of which the log does not tell."""
    return Notice(_("it is done, and the log does not tell of it: {why}", why=trouble.message), "", Level.WARNING)


@contextmanager
def refusals_told(folder: Path, what: AuditEvent, run: str = "") -> Iterator[None]:
    """Tell the log when what is tried in this block is refused, by whom it was tried and why.

    Args:
        folder: Of the workspace's state.
        what: What is tried.
        run: Which run it is about; "" where there is none yet.
    """
    try:
        yield
    except (CampaignRefused, SignatureRefused, RosterInvalid) as exc:
        _tell_refused(folder, what, run, exc)
        raise


def _tell_refused(folder: Path, what: AuditEvent, run: str, exc: ZaloAlertError) -> None:
    tell(folder, AuditEvent.REFUSED, run=run, why=exc.message, facts={"tried": what, "cause": exc.cause})


class Taken(NamedTuple):
    """A list of people that somebody took out: how many, where to ("-" is stdout), and the SHA-256 of its bytes."""

    people: int
    target: str
    digest: str


def export_told(folder: Path, taken: Taken, *, run: str = "", facts: Mapping[str, Any]) -> None:
    """Tell the log that a list of people was taken out.

    Args:
        folder: Of the workspace's state.
        taken: What was taken.
        run: Whose people these are; "" where they are a book's.
        facts: What else says which people.

    Raises:
        StorageUnusable: The log can't be written.
    """
    why = _("{people} to {file}", people=persons(taken.people), file=taken.target)
    kept = {"people": taken.people, "file": taken.target, "sha256": taken.digest, **facts}
    AuditLog(folder).append(AuditEvent.EXPORT, SystemClock().now(), run=run, why=why, facts=kept)
