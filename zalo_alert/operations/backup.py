"""Backing a workspace up: one encrypted file that appears whole, taken while runs are sent and events come in.

A hand-over seals the workspace with it: the seal is on the disk before the file has its name, so that whoever finds the file may
rely on it.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from zalo_alert.articles import store as articles
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.telling import OnNotice, ignore, tell
from zalo_alert.backup import choice, container, sealing, shelf
from zalo_alert.backup.age_keys import Lock
from zalo_alert.backup.container import Head, Manifest
from zalo_alert.calendar import store as calendar
from zalo_alert.errors import Cure, InputInvalid, RunBusy, StorageUnusable, UsageError, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.files import appearing, create_file, plain_bytes, private_folder
from zalo_alert.foundation.layout import runs_of
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.foundation.os_errors import reason
from zalo_alert.inbound.only_one import is_held
from zalo_alert.inbound.worker_lock import is_worker_held
from zalo_alert.language import _, count, joined
from zalo_alert.operations.orders import reason_line
from zalo_alert.operations.state import scratch_folder, state_folder
from zalo_alert.runs.home import machine_id
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings
from zalo_alert.settings.rest_mark import Rest, RestMark, end_rest, keep_rest, read_rest, rests
from zalo_alert.settings.secrets import parse_secrets

KEPT = "backup.json"  # in the workspace's state: when the last backup was made, and where it went
TRIES = 3  # where files go away while they are read
MOST_REASON = 200  # characters
_MOST_KEPT_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class BackupOrder:
    """What is to be made.

    Args:
        target: A new file, or the folder in which it gets a name; nothing is in its place.
        lock: With what it is encrypted.
        with_secrets: Whether the secrets file and private keys go along.
        keep: How many backups of the workspace stay in the folder; 0 is all.
        hand_over: Why nothing is sent from here any more; "" of a backup as they are made every night.
    """

    target: Path
    lock: Lock
    with_secrets: bool = False
    keep: int = 0
    hand_over: str = ""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that is whole.

    Args:
        path: Of the file.
        digest: Its SHA-256.
        size_bytes: Of the file.
        made_at: When it was begun.
        manifest: What is inside.
        has_secrets: Whether secrets are.
        is_handed_over: Whether nothing is sent from here any more.
        removed: Earlier ones that went.
    """

    path: Path
    digest: str
    size_bytes: int
    made_at: datetime
    manifest: Manifest
    has_secrets: bool
    is_handed_over: bool
    removed: tuple[Path, ...] = ()


def back_up(order: BackupOrder, settings: Settings, on_notice: OnNotice = ignore) -> BackedUp:
    """Make a backup of a workspace.

    Args:
        order: What, where to, for whom.
        settings: The workspace's.
        on_notice: Told what is odd.

    Raises:
        UsageError: It would be in the workspace, or in the place of something.
        RunBusy: A hand-over, and something is being sent at this moment.
        WorkspaceRests: A hand-over of what was restored and not woken.
        StorageUnusable: A disk is full or can't be used; nothing half-written stays.
    """
    order = replace(order, hand_over=checked_reason(order.hand_over)) if order.hand_over else order
    now = SystemClock().now()
    path = _free_path(order.target, settings.workspace, now)
    if not order.hand_over:
        made = _make(path, order, settings, now, on_notice, lambda digest: None)
    else:
        made = _hand_over(path, order, settings, now, on_notice)
    _tell_log(made, order, settings, on_notice)
    _keep_record(made, settings, on_notice)
    return replace(made, removed=tuple(_prune(made.path, order, settings, on_notice)))


# --- a hand-over ---------------------------------------------------------------------------------------------------------


def _hand_over(path: Path, order: BackupOrder, settings: Settings, now: datetime, on_notice: OnNotice) -> BackedUp:
    """Have nobody begin to send, make sure that nobody does, and seal the workspace with the backup."""
    folder = state_folder(settings)
    before = read_rest(folder)
    if before and before.rest is Rest.ASLEEP:
        raise rests(before)
    mark = RestMark(Rest.SEALING, now, order.hand_over, now, str(settings.workspace.resolve()), machine_id())
    if before is None or before.rest is Rest.SEALING:
        keep_rest(folder, mark)  # whoever begins from now on reads it; whoever began before holds a lock
    try:
        _check_still(settings)
        return _make(
            path,
            order,
            settings,
            now,
            on_notice,
            lambda digest: keep_rest(folder, replace(mark, rest=Rest.SEALED, digest=digest)),
        )
    except BaseException:
        if before is None and not os.path.lexists(path):  # once the file is there, somebody may rely on the seal
            with suppress(ZaloAlertError):
                end_rest(folder)
        raise


def _check_still(settings: Settings) -> None:
    """Refuse while anything leaves the workspace.

    Raises:
        RunBusy: It does.
    """
    if active := Runs(runs_of(settings.workspace)).active():
        raise RunBusy(
            _("{runs} is being sent at this moment: nothing was handed over", runs=joined(active)),
            hint=_("{stop} ends it, and loses nobody; then hand over once more", stop=Cure.STOP(active[0])),
        )
    if is_worker_held(settings.state_dir):
        raise RunBusy(
            _("the webhook of this workspace answers people at this moment: nothing was handed over"),
            hint=_("end it, then hand over once more; until the restored one runs, Zalo's events wait at no door"),
        )
    if any(is_held(settings.state_dir / lock) for lock in (articles.LOCK, calendar.LOCK)):
        raise RunBusy(
            _("articles of this workspace are being published at this moment: nothing was handed over"),
            hint=_("let it end, then hand over once more"),
        )


# --- made ----------------------------------------------------------------------------------------------------------------


def _make(
    path: Path, order: BackupOrder, settings: Settings, now: datetime, on_notice: OnNotice, before_named: Callable[[str], None]
) -> BackedUp:
    """Write the file under a name that nobody knows, and give it its own when it is whole."""
    head = _head(order, settings, now)
    try:
        with scratch_folder(settings) as scratch, appearing(path) as draft:
            digest, manifest = _written(draft, head, order, settings, scratch)
            size = draft.stat().st_size
            before_named(digest)
    except OSError as exc:
        raise StorageUnusable(
            _("can't write {path}: {why}; nothing of it is left there", path=path, why=reason(exc)),
            hint=_("check the disk's free space and permissions"),
        ) from exc
    for note in manifest.notes:
        on_notice(Notice(note, "", Level.WARNING))
    return BackedUp(path, digest, size, now, manifest, head.has_secrets, head.is_handed_over)


def _written(draft: Path, head: Head, order: BackupOrder, settings: Settings, scratch: Path) -> tuple[str, Manifest]:
    """Write the file; begin again where files went away meanwhile."""
    for _number in range(TRIES):
        try:
            return _write(draft, head, order, settings, scratch)
        except choice.Changed as exc:
            changed = str(exc)
    raise StorageUnusable(
        _("{file} keeps changing while it is read: no backup was made", file=changed), hint=_("try again when it is done")
    )


def _write(draft: Path, head: Head, order: BackupOrder, settings: Settings, scratch: Path) -> tuple[str, Manifest]:
    without = (lambda path: False) if order.with_secrets else _is_secret(settings)
    chosen = choice.choose(settings.workspace, without)
    manifest = Manifest(notes=[*chosen.notes, *_outside(settings)])
    digest = sha256()
    with create_file(draft) as file:

        def write(data: bytes) -> None:
            digest.update(data)
            file.write(data)

        sealing.seal(container.pack(head, choice.parts(settings.workspace, chosen, scratch), manifest), write, order.lock)
    return digest.hexdigest(), manifest


def _head(order: BackupOrder, settings: Settings, now: datetime) -> Head:
    secrets = settings.secrets_file
    is_inside = secrets is not None and _is_within(secrets, settings.workspace)
    return Head(
        made_at=now,
        workspace=shelf.name_for(settings.workspace),
        folder=str(settings.workspace.resolve()),
        machine=machine_id(),
        profile=settings.profile.value,
        is_handed_over=bool(order.hand_over),
        has_secrets=order.with_secrets,
        secret_names=() if order.with_secrets or not (secrets and is_inside) else _names_in(secrets),
        secrets_file=secrets.relative_to(settings.workspace).as_posix() if secrets and is_inside else "",
        why=order.hand_over,
        tool=version("zalo-alert"),
    )


def _names_in(secrets: Path) -> tuple[str, ...]:
    return tuple(parse_secrets(secrets, secrets.read_text(encoding="utf-8", errors="replace")))


def _is_secret(settings: Settings) -> Callable[[Path], bool]:
    """Return whether a file is one that is inside only on request."""
    named = {path.resolve() for path in (settings.secrets_file, settings.webhook.key) if path}
    return lambda path: path.resolve() in named


def _outside(settings: Settings) -> Iterator[str]:
    """Say which files that the settings name are not in the workspace, and so in no backup of it."""
    for path in (settings.accounts_file, settings.secrets_file, settings.webhook.certificate):
        if path and not _is_within(path, settings.workspace):
            yield _("not inside, because it lies outside the workspace: {file}", file=path)


def _is_within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _free_path(target: Path, workspace: Path, now: datetime) -> Path:
    """Return where the new file goes.

    Raises:
        UsageError: In the workspace itself, which whoever encrypts it for ransom has too; or in the place of something.
        StorageUnusable: The folder can't be made.
    """
    is_folder = target.is_dir() or str(target).endswith(("/", os.sep)) or target.suffix == ""
    folder = target if is_folder else target.parent
    if _is_within(folder, workspace):
        raise UsageError(
            _("{target} is in the workspace itself: what happens to the one happens to the other", target=target),
            hint=_("name a folder on another disk or machine"),
        )
    try:
        private_folder(folder)
    except OSError as exc:
        raise StorageUnusable(
            _("can't make {folder}: {why}", folder=folder, why=reason(exc)), hint=_("check the disk and its permissions")
        ) from exc
    path = shelf.free_path(folder, workspace, now) if is_folder else target
    if os.path.lexists(path):
        raise UsageError(_("{path} is there already", path=path), hint=_("name a new file, or the folder alone"))
    return path


def checked_reason(why: str) -> str:
    """Return a reason in one line.

    Raises:
        InputInvalid: It says nothing, or too much.
    """
    line = reason_line(why)
    if not line or len(why) > MOST_REASON:
        raise InputInvalid(_("a reason has 1 to {most} characters", most=count(MOST_REASON)), hint=_("say it in a sentence"))
    return line


# --- kept of it ----------------------------------------------------------------------------------------------------------


def _tell_log(made: BackedUp, order: BackupOrder, settings: Settings, on_notice: OnNotice) -> None:
    event = AuditEvent.HANDED_OVER if made.is_handed_over else AuditEvent.BACKUP
    facts = {"file": str(made.path), "sha256": made.digest, "size_bytes": made.size_bytes, "secrets": made.has_secrets}
    tell(settings.state_dir, event, on_notice, why=order.hand_over, facts=facts)


def _keep_record(made: BackedUp, settings: Settings, on_notice: OnNotice) -> None:
    """Write down when the last backup was made, for `doctor`; the backup is there whether or not this can be written."""
    record = {"made_at": made.made_at, "file": str(made.path), "sha256": made.digest, "size_bytes": made.size_bytes}
    try:
        with _appearing_record(settings) as file:
            file.write(orjson.dumps(record))
    except OSError as exc:
        why = reason(exc)
        on_notice(Notice(_("the backup is made, and that can't be written down: {why}", why=why), "", Level.WARNING))


@contextmanager
def _appearing_record(settings: Settings) -> Iterator[BinaryIO]:
    with appearing(settings.state_dir / KEPT) as draft, create_file(draft) as file:
        yield file


def last_backup(state_dir: Path) -> Mapping[str, Any] | None:
    """Return when the last backup was made (`made_at`) and where it went (`file`); None where nobody knows of any."""
    try:
        value = orjson.loads(plain_bytes(state_dir / KEPT, _MOST_KEPT_BYTES))
        return {"made_at": datetime.fromisoformat(value["made_at"]), "file": str(value["file"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _prune(path: Path, order: BackupOrder, settings: Settings, on_notice: OnNotice) -> list[Path]:
    if not order.keep:
        return []
    try:
        return shelf.prune(path.parent, shelf.name_for(settings.workspace), order.keep)
    except OSError as exc:
        on_notice(Notice(_("an earlier backup can't be removed: {why}", why=reason(exc)), "", Level.WARNING))
        return []
