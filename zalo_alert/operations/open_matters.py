"""What is open in a workspace beside its runs, for who takes over: people and approvals that wait, what the clock does next.

One line each, and a part that can't be read is a line that says so: whoever takes over learns of that, too.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from zalo_alert.errors import Cure, ZaloAlertError
from zalo_alert.foundation.clock import Clock
from zalo_alert.language import _, _n, count, joined, moment
from zalo_alert.settings.model import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from zalo_alert.operations.article_calendar import Month, Row

AHEAD = timedelta(hours=12)  # a shift: what comes later is for the next one to say


class Matter(NamedTuple):
    """Something open.

    Args:
        kind: What, in a word that never changes.
        text: In a sentence, with what can be done.
        is_urgent: Whether it can't wait for the day.
    """

    kind: str
    text: str
    is_urgent: bool = False


_Look: TypeAlias = Callable[[Settings, Clock], Iterator[Matter]]


def open_matters(settings: Settings, clock: Clock) -> list[Matter]:
    """Return what is open, the urgent first."""
    matters = [matter for kind, look in _LOOKS for matter in _read(kind, look, settings, clock)]
    return sorted(matters, key=lambda matter: not matter.is_urgent)


def _read(kind: str, look: _Look, settings: Settings, clock: Clock) -> Iterator[Matter]:
    try:
        yield from list(look(settings, clock))
    except ZaloAlertError as exc:
        yield Matter(kind, exc.message, is_urgent=True)


def _cases(settings: Settings, clock: Clock) -> Iterator[Matter]:
    from zalo_alert.cases.case import CaseState
    from zalo_alert.operations.inbox import Inbox

    inbox = Inbox(settings, clock)
    waiting = [case for case in inbox.listed() if case.state is CaseState.OPEN]
    overdue = sum(case.is_overdue(inbox.now_ms) for case in waiting)
    if not waiting:
        return
    number = len(waiting)
    text = _n(
        "{count} person waits for an officer's answer", "{count} people wait for an officer's answer", number, count=count(number)
    )
    yield Matter("cases", _("{waiting}: {inbox}", waiting=text, inbox=Cure.INBOX()))
    if overdue:
        text = _n("{count} of them is overdue", "{count} of them are overdue", overdue, count=count(overdue))
        yield Matter("overdue-cases", text, is_urgent=True)


def _standing(settings: Settings, clock: Clock) -> Iterator[Matter]:
    from zalo_alert.operations.standing import StandingApprovals

    for one in StandingApprovals(settings, clock).all():
        if one.state == "proposed":
            name = one.permission.name
            yield Matter(
                "standing",
                _(
                    "the standing approval {name} waits for another officer: {approve}",
                    name=name,
                    approve=Cure.STANDING_APPROVE(name),
                ),
            )


def _webhook(settings: Settings, clock: Clock) -> Iterator[Matter]:
    from zalo_alert.operations.webhook_alarms import alarms
    from zalo_alert.operations.webhook_sight import sight_of

    now = clock.now()
    for message in alarms(sight_of(settings), settings, (), now):
        yield Matter("webhook", message.title, message.is_urgent)


def _backup(settings: Settings, clock: Clock) -> Iterator[Matter]:
    """Say that the workspace sends nothing as it rests, and that its backup is too old."""
    from zalo_alert.operations.backup_sight import look_at_backups
    from zalo_alert.preflight.token_health import Grade

    for check in look_at_backups(settings, clock.now()):
        if check.grade is not Grade.OK:
            text = joined(filter(None, (check.said, check.cure)), " → ")
            yield Matter(check.about, text, is_urgent=check.grade is Grade.FAIL)


def _scheduled(settings: Settings, clock: Clock) -> Iterator[Matter]:
    """Say which campaigns the clock sends in this shift; upkeep goes by itself."""
    from zalo_alert.timetable.entry import Entries

    now = clock.now()
    for entry in Entries(settings.state_dir).all():
        at = entry.timetable.next_after(now)
        if entry.code and at and at - now <= AHEAD:
            when = moment(at, now.date())
            text = _("{code} is sent by the clock at {at}: {list}", code=entry.code, at=when, list=Cure.SCHEDULE(entry.name))
            yield Matter("scheduled", text)


def _articles(settings: Settings, clock: Clock) -> Iterator[Matter]:
    """Say which articles of the months' calendars appear in this shift, and which should have appeared."""
    from zalo_alert.operations.article_calendar import read_month, rows_of
    from zalo_alert.operations.workspace import Workspace

    now = clock.now()
    for path in _calendars(settings, now):
        try:
            month = read_month(Workspace(settings.workspace), path, now)
            yield from _entries(month, rows_of(month, now), now)
        except ZaloAlertError as exc:
            look = Cure.ARTICLES_CALENDAR(str(path.relative_to(settings.workspace)))
            yield Matter("article", joined((exc.message, look), " → "), is_urgent=True)


def _calendars(settings: Settings, now: datetime) -> "list[Path]":
    """Return the calendars of the months that this shift touches, wherever articles lie."""
    months = sorted({f"{now:%Y-%m}", f"{now + AHEAD:%Y-%m}"})
    return [path for month in months for path in sorted((settings.workspace / "articles").glob(f"*{month}*.yaml"))]


def _entries(month: "Month", rows: "Sequence[Row]", now: datetime) -> Iterator[Matter]:
    from zalo_alert.operations.article_calendar import Stands

    waiting = (Stands.PLANNED, Stands.DUE, Stands.LATE)
    for entry in month.calendar.entries:
        pages = sum(row.entry is entry and row.stands in waiting for row in rows)
        if not pages or entry.at - now > AHEAD:
            continue
        at, number = moment(entry.at, now.date()), count(pages)
        if entry.at > now:
            text = _n("{article} appears at {at} on {count} page", "{article} appears at {at} on {count} pages", pages,
                      article=entry.article, at=at, count=number)  # fmt: skip
        else:
            text = _n("{article} was due at {at} and is not on {count} page yet",
                      "{article} was due at {at} and is not on {count} pages yet", pages,
                      article=entry.article, at=at, count=number)  # fmt: skip
        yield Matter("article", joined((text, Cure.ARTICLES_CALENDAR(month.file.file)), ": "), is_urgent=entry.at <= now)


_LOOKS: Sequence[tuple[str, _Look]] = (
    ("cases", _cases),
    ("standing", _standing),
    ("webhook", _webhook),
    ("backup", _backup),
    ("scheduled", _scheduled),
    ("article", _articles),
)
