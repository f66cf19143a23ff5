"""What is seen of a workspace's webhook: gathered from what door and worker leave on the disk, for alarms and for `doctor`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import TypeVar

from zalo_alert.errors import ExitCode, SettingsInvalid, StorageUnusable
from zalo_alert.foundation.clock import instant
from zalo_alert.inbound import recent
from zalo_alert.inbound.backlog import ParkedGroup, last_receipt_ms, oldest_waiting_ms, parked_groups
from zalo_alert.inbound.certificate import ends_at
from zalo_alert.inbound.door_lock import is_door_held
from zalo_alert.inbound.door_sight import door_sight
from zalo_alert.inbound.inbound_store import find_store, folder_of, require_readable
from zalo_alert.inbound.rolled import Place
from zalo_alert.inbound.secret_uses import SECRETS_USED, SecretUses
from zalo_alert.inbound.switchboard import Switchboard
from zalo_alert.language import _
from zalo_alert.operations.webhook_alarms import WebhookSight
from zalo_alert.preflight.doctor import Check, fail
from zalo_alert.preflight.token_health import Grade
from zalo_alert.preflight.webhook import ABOUT, NEVER, Rotation, WebhookFacts, check_webhook
from zalo_alert.settings.model import Settings

_NEXT = "_NEXT"
_Part = TypeVar("_Part")


def has_webhook(settings: Settings) -> bool:
    """Whether a door ever ran here.

    Raises:
        StorageUnusable: What it left may not be looked at.
    """
    require_readable(folder_of(settings.state_dir))
    return door_sight(folder_of(settings.state_dir)) is not None


def sight_of(settings: Settings) -> WebhookSight:
    """Look at a webhook once; where its storage has failed, whatever of it can be seen."""
    folder, troubles = folder_of(settings.state_dir), list[str]()
    try:
        require_readable(folder)
    except StorageUnusable as exc:
        return WebhookSight(None, unreadable=exc.message)
    door = door_sight(folder)
    if door is None:
        return WebhookSight(None)

    def read(part: Callable[[], _Part], otherwise: _Part) -> _Part:
        try:
            return part()
        except StorageUnusable as exc:
            troubles.append(exc.message)
            return otherwise

    nothing: Sequence[ParkedGroup] = ()
    parked = read(lambda: parked_groups(folder), nothing)
    waiting_ms = read(lambda: oldest_waiting_ms(folder, _cursor(settings)), None)
    receipt_ms = read(lambda: last_receipt_ms(folder), None)
    why = troubles[0] if troubles else ""
    return WebhookSight(door, is_door_held(folder), parked, _moment(waiting_ms), _moment(receipt_ms), why)


def _cursor(settings: Settings) -> Place | None:
    """Return the last event that the worker is done with."""
    store = find_store(settings.state_dir)
    if store is None:
        return None
    with closing(store):
        rows = store.rows("SELECT file, seq FROM cursor WHERE lane = 'journal'")
    return Place(*rows[0]) if rows else None


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else instant(at_ms / 1000)


# --- for `doctor` ----------------------------------------------------------------------------------------------------------


def check(settings: Settings, now: datetime) -> list[Check]:
    """Look at a webhook for `doctor`; nothing where no door ever ran.

    Raises:
        StorageUnusable: What it has stored can't be read.
    """
    if not has_webhook(settings):
        return []
    sight = sight_of(settings)
    if sight.unreadable:
        cure = _("check the disk and the folder's permissions")
        return [Check(ABOUT, Grade.FAIL, sight.unreadable, cure, code=ExitCode.SUSPENDED)]
    try:
        return check_webhook(_facts(settings, sight, now), now)
    except SettingsInvalid as exc:
        return [fail(ABOUT, exc)]


def _facts(settings: Settings, sight: WebhookSight, now: datetime) -> WebhookFacts:
    state_dir, switchboard = settings.state_dir, Switchboard(settings)
    apps = {account.oa_id: account.app_id for account in settings.accounts}
    by_time = sorted(recent.last_seen_ms(state_dir).items(), key=lambda item: item[1])  # of all OAs of an app the latest stays
    seen = {(apps[oa], name): instant(at_ms / 1000) for (oa, name), at_ms in by_time if oa in apps}
    certificate = settings.webhook.certificate
    return WebhookFacts(
        is_wanted=sight.door is not None and not sight.door.stopped_ms,
        is_alive=sight.is_alive,
        seen=seen,
        apps=list(dict.fromkeys(apps.values())),
        secrets=list(_rotations(settings, switchboard)),
        without_secret=[line.account for line in switchboard.lines() if line.account and not line.secrets],
        strangers=recent.strangers(state_dir, int((now - NEVER).timestamp() * 1000)),
        parked=sum(group.events for group in sight.parked),
        ahead_s=recent.furthest_ahead_ms(state_dir) / 1000,
        self_answered=recent.self_answered(state_dir),
        certificate_ends=ends_at(certificate) if certificate else None,
    )


def _rotations(settings: Settings, switchboard: Switchboard) -> Iterator[Rotation]:
    """Say of each variable how far its change is."""
    used_ms = _used_ms(settings)
    names = dict.fromkeys(name for line in switchboard.lines() for name in line.names)
    for name in dict.fromkeys(name.removesuffix(_NEXT) for name in names):
        pair = [one for one in (name, name + _NEXT) if one in names]
        used = max((one for one in pair if one in used_ms), key=lambda one: used_ms[one], default="")
        yield Rotation(name, name in names, name + _NEXT in names, used)


def _used_ms(settings: Settings) -> dict[str, int]:
    """Return when each secret was last right, for any account, by its variable."""
    folder = folder_of(settings.state_dir)
    if not (folder / SECRETS_USED).is_file():
        return {}
    used: dict[str, int] = {}
    with closing(SecretUses(folder)) as uses:
        for use in uses.all():
            used[use.variable] = max(use.at_ms, used.get(use.variable, 0))
    return used
