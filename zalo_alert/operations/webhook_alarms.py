"""What of the webhook calls for a person now: judged from what is seen of it, by the door itself and by the watchdog alike."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from zalo_alert.foundation.clock import instant
from zalo_alert.inbound.backlog import ParkedGroup
from zalo_alert.inbound.door_sight import DoorSight
from zalo_alert.models import State
from zalo_alert.notify.base import Message
from zalo_alert.operations import tell_webhook
from zalo_alert.operations.tell_late import level_of
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings

LAG_MIN = 5.0  # opt-outs are to count within a second; so many minutes are a fault, and no burst
CLOSED_MIN = 5.0  # told at once, and again after so many, twice as many …
SILENT_S = 120.0
NEWS_S = 900.0  # parked events older than that are no news; `doctor` still names them
_LOOKED_AT = 4096  # of a run's people, the latest: enough for a minute at Zalo's own rate


class WebhookSight(NamedTuple):
    """What is seen of a webhook at one instant.

    Args:
        door: What the door last told of itself; None where there never was one.
        is_alive: Whether a process is at it.
        parked: What waits for the right secret.
        waiting_since: When the oldest event came that is not worked on; None where there is none.
        last_receipt: When the last one came; None where none ever did.
        unreadable: Why some of what is stored can't be read, in a sentence: its parts are empty then. "" where all can.
    """

    door: DoorSight | None
    is_alive: bool = False
    parked: Sequence[ParkedGroup] = ()
    waiting_since: datetime | None = None
    last_receipt: datetime | None = None
    unreadable: str = ""


def alarms(sight: WebhookSight, settings: Settings, runs: Iterable[Run], now: datetime) -> Iterator[Message]:
    """Say what calls for a person.

    Args:
        sight: What is seen.
        settings: Of the workspace.
        runs: Those that may be sent now.
        now: When.
    """
    yield from _wrong_secrets(sight.parked, settings, now)
    door = sight.door
    if door is None or door.stopped_ms:  # nobody receives, and nobody means to
        return
    if not sight.is_alive:
        yield tell_webhook.down(_instant(door.at_ms), now)
        return
    if door.closed_ms:
        since = _instant(door.closed_ms)
        yield tell_webhook.cannot_store(door.closed_why, since, 1 + level_of(_past_s(since, now), CLOSED_MIN), now)
        return
    yield from _lag(sight.waiting_since, now)
    yield from _silence(sight.last_receipt, runs, now)


def _wrong_secrets(parked: Sequence[ParkedGroup], settings: Settings, now: datetime) -> Iterator[Message]:
    """Say of each app whose events are parked now that its secret may be wrong."""
    fresh = [group for group in parked if now.timestamp() - group.last_ms / 1000 <= NEWS_S]
    for app_id in dict.fromkeys(group.app_id for group in fresh):
        events = sum(group.events for group in fresh if group.app_id == app_id)
        yield tell_webhook.wrong_secret(app_id, f"ZALO_ALERT_APP_{app_id}_OA_SECRET", events, now)


def _lag(waiting_since: datetime | None, now: datetime) -> Iterator[Message]:
    lag_s = _past_s(waiting_since, now) if waiting_since else 0.0
    if level := level_of(lag_s, LAG_MIN):
        yield tell_webhook.lagging(timedelta(seconds=lag_s), level, now)


def _silence(last: datetime | None, runs: Iterable[Run], now: datetime) -> Iterator[Message]:
    """Say of each run that is being sent that receipts have come before, and come no more."""
    level = level_of(_past_s(last, now), SILENT_S / 60) if last else 0
    if last and level:
        yield from (tell_webhook.no_receipts(run, last, level, now) for run in runs if is_receipt_due(run, now))


def _past_s(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())


def is_receipt_due(run: Run, now: datetime) -> bool:
    """Whether a run is being sent now, has been for a while, and somebody was accepted in it so lately that a receipt is due."""
    if run.state is not RunState.SENDING or not run.is_active:
        return False
    begun = max((event.at_s for event in run.history() if event.what == "started"), default=now.timestamp())
    return begun <= now.timestamp() - SILENT_S and _has_accepted_since(run, now.timestamp() - SILENT_S)


def _has_accepted_since(run: Run, at_s: float) -> bool:
    """Whether one of those who came last was accepted since; a run that only waits, or is refused, has no receipts to come."""
    ledger = run.ledger()
    try:
        end = ledger.next_number
        latest = ledger.outcomes(max(0, end - _LOOKED_AT), end)
        accepted = {kind for kind, fate in enumerate(latest.fates) if fate.state is State.ACCEPTED}
        return any(kind in accepted and at >= at_s for kind, at in zip(latest.kinds, latest.at_s, strict=True))
    finally:
        ledger.close()


def _instant(at_ms: int) -> datetime:
    return instant(at_ms / 1000)
