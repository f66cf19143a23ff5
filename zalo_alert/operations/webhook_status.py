"""How the webhook of a workspace stands: the door, the worker, sums of what came today, what is parked, which secrets are used.

Gathered from what door and worker leave on the disk; changes nothing, and neither of them waits for it.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from zalo_alert.foundation.clock import SystemClock, in_vietnam, instant
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.layout import RATES
from zalo_alert.inbound.door_lock import is_door_held
from zalo_alert.inbound.door_sight import DoorSight, door_sight
from zalo_alert.inbound.inbound_store import folder_of, require_readable
from zalo_alert.inbound.journal import JOURNAL, file_of
from zalo_alert.inbound.parked import PARKED, Parked, ParkedCounts
from zalo_alert.inbound.refused import REFUSED
from zalo_alert.inbound.rolled import newest_name
from zalo_alert.inbound.secret_uses import SECRETS_USED, SecretUses
from zalo_alert.inbound.sums import Sums, sums_of, words_kept
from zalo_alert.inbound.switchboard import Switchboard
from zalo_alert.inbound.worker_lock import is_worker_held
from zalo_alert.inbound.worker_sight import WorkerSight, worker_sight
from zalo_alert.operations.tables import WorkspaceTables
from zalo_alert.outbox.sight import OutboxCounts, outbox_counts
from zalo_alert.pacing.sight import alerting_apps
from zalo_alert.settings.model import Settings

NEXT = "_NEXT"


@dataclass(frozen=True, slots=True)
class SecretState:
    """A secret of an OA or an app.

    Args:
        variable: That holds it.
        has_next: Whether the one that follows it is there, too: it is being replaced.
        used: Which of the two was right last, by its variable; "" when neither ever was.
        used_at: When.
    """

    variable: str
    has_next: bool
    used: str
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookState:
    """How a webhook stands.

    Args:
        door: As it last told of itself; None where none ever ran.
        is_running: Whether a process is the door now.
        worker: As it last told of itself.
        is_worked_on: Whether a process is the worker now.
        since: From when on the sums count: midnight in Vietnam.
        sums: What came since, and what became of it.
        answers: What waits to be answered now, and what became of today's answers.
        alerting: Apps with which an Immediate alert is being sent: their look-ups stand still.
        remembered: Questions that came before a look-up opened and are not in the outbox yet, by the look-up's name.
        words: Events with people's words that are kept.
        parked: What became of all that was ever parked.
        refused: Requests refused since then.
        secrets: All that are configured.
        without_secret: Accounts that have none.
        ahead: The journal's file, where it is named for a day to come: this machine's clock was ahead once; else "".
    """

    door: DoorSight | None
    is_running: bool
    worker: WorkerSight | None
    is_worked_on: bool
    since: datetime
    sums: Sums
    answers: OutboxCounts
    alerting: Sequence[str]
    remembered: Mapping[str, int]
    words: int
    parked: ParkedCounts
    refused: int
    secrets: tuple[SecretState, ...]
    without_secret: tuple[str, ...]
    ahead: str


def webhook_state(settings: Settings, now: datetime) -> WebhookState:
    """Look at a webhook.

    Raises:
        SettingsInvalid: A secret can be none.
        StorageUnusable: What is stored can't be read.
    """
    folder, switchboard = folder_of(settings.state_dir), Switchboard(settings)
    require_readable(folder)
    since = in_vietnam(now).replace(hour=0, minute=0, second=0, microsecond=0)
    since_ms = int(since.timestamp()) * 1000
    return WebhookState(
        door_sight(folder),
        is_door_held(folder),
        worker_sight(settings.state_dir),
        is_worker_held(settings.state_dir),
        since,
        sums_of(settings.state_dir, since_ms),
        outbox_counts(settings.state_dir, since_ms),
        alerting_apps(settings.state_dir / RATES, SystemClock().monotonic_s()),
        WorkspaceTables(settings.state_dir).remembered(),
        words_kept(settings.state_dir),
        _parked(folder),
        _refused(folder, since_ms),
        tuple(_secrets(switchboard, _used_ms(folder))),
        tuple(line.account for line in switchboard.lines() if line.account and not line.secrets),
        _ahead(folder, now),
    )


def _ahead(folder: Path, now: datetime) -> str:
    newest = newest_name(folder / JOURNAL)
    return newest if newest > file_of(int((now + timedelta(days=1)).timestamp() * 1000)) else ""


def _parked(folder: Path) -> ParkedCounts:
    if not (folder / PARKED).is_file():
        return ParkedCounts(0, 0, 0, 0, 0)
    with closing(Parked(folder)) as parked:
        return parked.counts()


def _refused(folder: Path, since_ms: int) -> int:
    if not (folder / REFUSED).is_file():
        return 0
    with closing(Database(folder / REFUSED)) as database:
        ((n,),) = database.rows("SELECT coalesce(sum(n), 0) FROM refused WHERE minute >= ?", (since_ms // 60_000,))
    return int(n)


def _used_ms(folder: Path) -> Mapping[str, int]:
    """Return when each secret was last right, for any account, by its variable."""
    used: dict[str, int] = {}
    if (folder / SECRETS_USED).is_file():
        with closing(SecretUses(folder)) as uses:
            for use in uses.all():
                used[use.variable] = max(use.at_ms, used.get(use.variable, 0))
    return used


def _secrets(switchboard: Switchboard, used_ms: Mapping[str, int]) -> list[SecretState]:
    names = dict.fromkeys(name for line in switchboard.lines() for name in line.names)
    pairs = dict.fromkeys(name.removesuffix(NEXT) for name in names)
    return [_secret(name, name + NEXT in names, used_ms) for name in pairs]


def _secret(variable: str, has_next: bool, used_ms: Mapping[str, int]) -> SecretState:
    used = max((one for one in (variable, variable + NEXT) if one in used_ms), key=lambda one: used_ms[one], default="")
    return SecretState(variable, has_next, used, instant(used_ms[used] / 1000) if used else None)
