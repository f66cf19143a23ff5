"""What is open in a workspace beside its runs: people who wait, approvals that wait, a webhook that is down; for who takes over.

One line each, and a part that can't be read is a line that says so: whoever takes over learns of that, too.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from zalo_alert.errors import Cure, ZaloAlertError
from zalo_alert.foundation.clock import Clock
from zalo_alert.language import _, _n, count
from zalo_alert.settings.model import Settings


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


_LOOKS: Sequence[tuple[str, _Look]] = (("cases", _cases), ("standing", _standing), ("webhook", _webhook))
