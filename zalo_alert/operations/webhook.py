"""The webhook as a process: the door, the worker beside it, the files that it goes by, and its end."""

import asyncio
import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zalo_alert.errors import Cure, Interrupted, StorageUnusable, UsageError, ZaloAlertError
from zalo_alert.foundation.layout import runs_of
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.door import Address, Door, DoorHooks, Refusal
from zalo_alert.inbound.door_lock import door_held
from zalo_alert.inbound.door_sight import DoorSight, slowest, tell_sight
from zalo_alert.inbound.listener import Certificate, ListenAddress, Listener
from zalo_alert.inbound.refused import Refused
from zalo_alert.inbound.secret_uses import SecretUses
from zalo_alert.inbound.storage import FileStorage
from zalo_alert.inbound.switchboard import Switchboard
from zalo_alert.language import _, _n, count
from zalo_alert.operations.loop import run_loop
from zalo_alert.operations.state import state_folder
from zalo_alert.operations.webhook_files import WatchedFiles
from zalo_alert.operations.webhook_signals import heard_signals
from zalo_alert.operations.webhook_tell import Telling, WebhookObserver
from zalo_alert.operations.webhook_watch import WatchedDoor
from zalo_alert.operations.webhook_worker import WorkerChild, worker_command
from zalo_alert.runs.store import Runs
from zalo_alert.settings.form import SITE_CODE
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Settings, WebhookRule

TICK_S = 1.0  # how often it tells of itself, and looks whether its files have changed
STATUS_TICKS, MINUTE_TICKS = 10, 60
DRAIN_S = 5.0
MOST_REFUSALS = 100_000  # in a second: a flood of them takes no more memory


@dataclass(frozen=True, slots=True)
class WebhookOrder:
    """What is wanted of one process.

    Args:
        listen: Another address than the settings name.
        site_verification: Another code than the settings name.
        with_worker: Whether it starts the worker, too.
    """

    listen: str | None = None
    site_verification: str | None = None
    with_worker: bool = True


def serve_webhook(workspace: Path, environ: Mapping[str, str], order: WebhookOrder, observer: WebhookObserver) -> None:
    """Receive a workspace's events until a signal stops it.

    Args:
        workspace: Its folder.
        environ: Where secrets come from.
        order: See there.
        observer: See there.

    Raises:
        Interrupted: It was stopped; everything acknowledged is stored.
        RunBusy: Another process receives them.
        SettingsInvalid: The settings are wrong.
        StorageUnusable: Nothing could be stored for ten minutes.
        UsageError: It can't listen there, its certificate is none, or the code by which Zalo knows the domain.
    """
    _check_code(order.site_verification)
    settings = load(workspace, environ)
    inbound = state_folder(settings) / "inbound"
    with door_held(inbound), WatchedDoor(observer, settings, Runs(runs_of(workspace))) as watched:
        run_loop(_serve(settings, inbound, environ, order, watched))


def _check_code(code: str | None) -> None:
    if code and not re.fullmatch(SITE_CODE, code):
        raise UsageError(
            _('"{code}" is no code by which Zalo knows a domain', code=code),
            hint=_("write the code alone, without the tag or the file's name around it"),
        )


async def _serve(
    settings: Settings, inbound: Path, environ: Mapping[str, str], order: WebhookOrder, observer: WebhookObserver
) -> None:
    service = _Service(settings, inbound, environ, order, Telling(observer))
    with heard_signals(service.stopped.set, service.ask_reload):
        await service.run()
    acknowledged = service.door.acknowledged
    raise Interrupted(
        _n(
            "the webhook was stopped; {count} event was acknowledged, and is stored",
            "the webhook was stopped; {count} events were acknowledged, and all of them are stored",
            acknowledged,
            count=count(acknowledged),
        ),
        hint=_("{webhook} receives again; Zalo comes again for a while with what it could not deliver", webhook=Cure.WEBHOOK()),
    )


class _Service:
    """One process' door and what goes on beside it; made inside its loop."""

    def __init__(
        self, settings: Settings, inbound: Path, environ: Mapping[str, str], order: WebhookOrder, telling: Telling
    ) -> None:
        self._settings, self._inbound, self._environ, self._order, self._telling = settings, inbound, environ, order, telling
        self.stopped = asyncio.Event()
        self._wants_reload = False
        self._started_ms, self._closed_ms = _now_ms(), 0
        self._files = WatchedFiles(settings)
        self._refused, self._uses = Refused(inbound), SecretUses(inbound)
        self._refusals: list[tuple[str, str, Refusal, int]] = []
        self._switchboard = Switchboard(settings)
        marks = Marks(inbound.parent)
        hooks = DoorHooks(self._count_refusal, telling.parked, self._close, self._open)
        address = self._address(settings)
        self.door = Door(self._switchboard, lambda: FileStorage(inbound, marks.joinable), hooks, _now_ms, address)
        rule = settings.webhook
        self._certificate = Certificate(rule.certificate, rule.key) if rule.certificate and rule.key else None
        self._listener = Listener(self.door.connections, ListenAddress.parse(order.listen or rule.listen), self._certificate)

    async def run(self) -> None:
        """Open, serve, and end in order."""
        await self._listener.open()
        self._tell_sight()
        scheme = "http" if self._certificate is None else "https"
        url = f"{scheme}://{self._listener.address}{self._settings.webhook.path}"
        self._telling.opening(url, list(self._switchboard.lines()))
        beside = [asyncio.ensure_future(self.door.connections.keep_sweeping()), asyncio.ensure_future(self._tick_forever())]
        if self._order.with_worker:
            child = WorkerChild(worker_command(self._settings.workspace), self._environ, self._telling.note)
            beside.append(asyncio.ensure_future(child.run()))
        try:
            await self._until_over(beside)
        finally:
            await self._end(beside)

    def ask_reload(self) -> None:
        """Have the settings read anew soon."""
        self._wants_reload = True

    async def _until_over(self, beside: "list[asyncio.Task[None]]") -> None:
        stopped = asyncio.ensure_future(self.stopped.wait())
        watched: list[asyncio.Future[None]] = [self.door.committer.ended, *beside]
        waited: list[asyncio.Future[Any]] = [stopped, *watched]
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
        for future in watched:
            if future.done():
                future.result()  # raises

    async def _end(self, beside: "list[asyncio.Task[None]]") -> None:
        """Accept nobody any more, answer what was asked, and end what goes on beside."""
        self._listener.close()
        await self.door.committer.drain(DRAIN_S)
        self.door.connections.finish()
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        self.door.committer.close()
        self._tell_sight(stopped_ms=_now_ms())
        await self._write_beside()
        with suppress(StorageUnusable):
            self._refused.close()
            self._uses.close()

    # --- what the door says --------------------------------------------------------------------------------------------

    def _count_refusal(self, app_id: str, source: str, why: Refusal) -> None:
        if len(self._refusals) < MOST_REFUSALS:
            self._refusals.append((app_id, source, why, _now_ms()))
        self._telling.refused(app_id, source, why)

    def _close(self, why: StorageUnusable) -> None:
        self._listener.close()
        self._closed_ms = _now_ms()
        self._tell_sight(closed_why=why.message)
        self._telling.closed(why.message)

    def _open(self) -> None:
        self._opening = asyncio.ensure_future(self._open_again())

    async def _open_again(self) -> None:
        """Listen again; the port may be somebody else's for a moment."""
        while not self.stopped.is_set() and self.door.committer.closed_by is None:
            try:
                await self._listener.open()
            except ZaloAlertError as exc:
                self._telling.note(exc.message)
                await asyncio.sleep(TICK_S)
            else:
                self._closed_ms = 0
                self._tell_sight()
                self._telling.opened()
                return

    # --- now and then --------------------------------------------------------------------------------------------------

    async def _tick_forever(self) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(TICK_S)
            ticks += 1
            if self._files.changed() or self._wants_reload:
                self._wants_reload = False
                await self._reload()
            await self._write_beside()
            sight = self._tell_sight()
            if ticks % STATUS_TICKS == 0:
                self._telling.status(sight)
            if ticks % MINUTE_TICKS == 0:
                self._telling.begin_minute()

    async def _reload(self) -> None:
        """Take other settings without dropping anybody; what is wrong with them changes nothing."""
        try:
            settings = await asyncio.to_thread(load, self._settings.workspace, self._environ)
            if self._certificate is not None:
                self._certificate.reload()
            self._switchboard.reload(settings)
        except ZaloAlertError as exc:
            self._telling.not_reloaded(exc.message)
            return
        if _needs_restart(self._settings.webhook, settings.webhook):
            self._telling.restart_needed()
        self._settings, self.door.address = settings, self._address(settings)
        self._files.watch(settings)
        self._telling.begin_minute()
        self._telling.reloaded(len(settings.accounts))

    async def _write_beside(self) -> None:
        """Write what is worth no wait for the disk, in a thread."""
        refusals, self._refusals = self._refusals, []
        uses = self._switchboard.take_uses()

        def write() -> None:
            for refusal in refusals:
                self._refused.note(*refusal)
            self._refused.flush()
            self._uses.keep(uses)

        with suppress(StorageUnusable):  # refusals are counted in memory until they can be written
            await asyncio.to_thread(write)

    def _tell_sight(self, stopped_ms: int = 0, closed_why: str = "") -> DoorSight:
        door, closed_by = self.door, self.door.committer.closed_by
        sight = DoorSight(
            os.getpid(), str(self._listener.address), self._started_ms, _now_ms(), stopped_ms, self._closed_ms,
            closed_why or (str(closed_by.message) if closed_by else ""), door.acknowledged, door.retried, door.parked,
            door.refusals, door.last_ms, slowest(list(door.committer.took_s)),
        )  # fmt: skip
        with suppress(OSError):  # a full disk is told elsewhere
            tell_sight(self._inbound, sight)
        return sight

    def _address(self, settings: Settings) -> Address:
        code = self._order.site_verification
        return Address(settings.webhook.path, settings.webhook.site_verification if code is None else code)


def _needs_restart(old: WebhookRule, new: WebhookRule) -> bool:
    return (old.listen, old.certificate, old.key) != (new.listen, new.certificate, new.key)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
