"""The address that administrators' browsers come back to, as a process: the door, who looks into answers, and its end."""

import asyncio
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from zalo_alert.errors import Cure, Interrupted, UsageError, ZaloAlertError
from zalo_alert.foundation.clock import FAR_OFF_S, SystemClock
from zalo_alert.foundation.hosts import is_loopback
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.inbound.consent_answer import ConsentAnswer, Reply, Verdict
from zalo_alert.inbound.consent_door import ConsentDoor
from zalo_alert.inbound.listener import ListenAddress, Listener
from zalo_alert.language import _, _n, count
from zalo_alert.operations.connect import Connections, connected
from zalo_alert.operations.consent_callback import require_secrets
from zalo_alert.operations.consent_standings import consent_standings
from zalo_alert.operations.consent_taking import ConsentTaker
from zalo_alert.operations.loop import run_loop
from zalo_alert.operations.state import state_folder
from zalo_alert.operations.webhook_files import WatchedFiles
from zalo_alert.operations.webhook_signals import heard_signals
from zalo_alert.preflight.consent_health import ConsentState
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Settings, require_safe_hosts
from zalo_alert.settings.rest_mark import check_awake
from zalo_alert.zalo.invitations import Invitation, InvitationStore

DEFAULT_LISTEN = "127.0.0.1:8081"  # beside the webhook's, behind the same proxy
TICK_S, PROVE_TICKS = 1.0, 60
DRAIN_S = 20.0  # what was begun at Zalo is worth waiting for: a code works once
NAMED = 20  # lines a minute about answers that gave nothing; more are only counted


class ConsentTally(NamedTuple):
    """How the tree stands."""

    oas: int
    missing: int


class ConsentsObserver(Protocol):
    """Whoever wants to know; told in the loop, so it must be quick."""

    def on_notice(self, notice: Notice) -> None:
        """Take in something that a person should know."""

    def on_verdict(self, verdict: Verdict, tally: ConsentTally) -> None:
        """Take in what became of an administrator's answer."""


def take_consents(workspace: Path, environ: Mapping[str, str], listen: str | None, observer: ConsentsObserver) -> None:
    """Take the answers to the links of a workspace until a signal stops it.

    Args:
        workspace: Its folder.
        environ: Where secrets come from.
        listen: Where; None is where links on this machine lead to, else `DEFAULT_LISTEN`.
        observer: See there.

    Raises:
        Interrupted: It was stopped; every consent that was thanked for is stored.
        SettingsInvalid: The settings are wrong, or an app's secret is missing.
        UsageError: It can't listen there, or no link holds.
        WorkspaceRests: It was restored or handed over, before or meanwhile.
    """
    settings = load(workspace, environ)
    require_safe_hosts(settings)
    check_awake(settings.state_dir)
    with closing(InvitationStore(state_folder(settings))) as links:
        run_loop(_serve(settings, environ, links, listen, observer))


async def _serve(
    settings: Settings, environ: Mapping[str, str], links: InvitationStore, listen: str | None, observer: ConsentsObserver
) -> None:
    async with connected(settings) as zalo:
        service = _Service(settings, environ, zalo, links, listen, observer)
        with heard_signals(service.stopped.set, service.ask_reload):
            await service.run()
    raise Interrupted(
        _n(
            "stopped; {count} consent was taken, and is stored",
            "stopped; {count} consents were taken, and all of them are stored",
            service.received,
            count=count(service.received),
        ),
        hint=_(
            "{missing} names who is missing; {consents} takes their answers", missing=Cure.MISSING(), consents=Cure.CONSENTS()
        ),
    )


class _Service:
    """One process' door and what goes on beside it; made inside its loop."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        zalo: Connections,
        links: InvitationStore,
        listen: str | None,
        observer: ConsentsObserver,
    ) -> None:
        self._settings, self._environ, self._zalo, self._links, self._observer = settings, environ, zalo, links, observer
        self.stopped = asyncio.Event()
        self.received = self._lines = self._unsaid = 0
        self._wants_reload, self._told = False, set[str]()
        self._files = WatchedFiles(settings)
        opened = self._open_links()
        apps = {link.app_id for link in opened}  # each answer has ten minutes: what can't be exchanged need not be taken
        require_secrets(settings, (one for one in settings.ways(settings.accounts) if one.app_id in apps))
        self._missing, self._oas = self._look()
        self._taker = ConsentTaker(zalo, links, SystemClock(), self._trouble)
        self._door = ConsentDoor(self._take, _paths(opened))
        self._listener = Listener(self._door.connections, ListenAddress.parse(listen or _address(opened)), None)

    async def run(self) -> None:
        """Open, serve, and end in order."""
        await self._listener.open()
        self._tell_opening()
        beside = [asyncio.ensure_future(self._door.connections.keep_sweeping()), asyncio.ensure_future(self._tick_forever())]
        stopped = asyncio.ensure_future(self.stopped.wait())
        waited: list[asyncio.Future[Any]] = [stopped, self._door.failed, *beside]
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._listener.close()
            await self._door.drain(DRAIN_S)
            self._door.connections.finish()
            for task in (stopped, *beside):
                task.cancel()
        for future in (self._door.failed, *beside):
            if future.done() and not future.cancelled():
                future.result()  # raises

    def ask_reload(self) -> None:
        """Have the settings read anew soon."""
        self._wants_reload = True

    async def _take(self, answer: ConsentAnswer) -> Verdict:
        verdict = await self._taker.take(answer)
        self._tell(verdict)
        return verdict

    # --- what is said ----------------------------------------------------------------------------------------------------

    def _tell_opening(self) -> None:
        url = f"http://{self._listener.address}"
        paths, missing = ", ".join(sorted(self._door.paths)), len(self._missing)
        fields = {"url": url, "paths": sorted(self._door.paths), "oas": self._oas, "missing": missing}
        sentence = _(
            "taking consents at {url}, path {paths}; {missing} of {oas} OAs are missing; Ctrl-C stops it",
            url=url, paths=paths, missing=count(missing), oas=count(self._oas),
        )  # fmt: skip
        self._observer.on_notice(Notice(sentence, "consents", fields=fields))

    def _tell(self, verdict: Verdict) -> None:
        if verdict.reply is Reply.RECEIVED:
            self.received += 1
            self._missing.discard(verdict.account)
        elif verdict.reply is Reply.UNKNOWN or self._lines >= NAMED:  # a flood of strangers is counted, and fills no journal
            self._unsaid += 1
            return
        else:
            self._lines += 1
        self._observer.on_verdict(verdict, ConsentTally(self._oas, len(self._missing)))

    def _trouble(self, why: str) -> None:
        """Tell what the office must see to, once a minute: a thousand administrators may meet the same."""
        if why in self._told:
            return
        self._told.add(why)
        self._observer.on_notice(Notice(why, "consents-note", Level.ALARM, {"message": why}))

    # --- now and then ----------------------------------------------------------------------------------------------------

    async def _tick_forever(self) -> None:
        ticks = 0
        while True:
            if ticks % PROVE_TICKS == 0:
                await self._look_again()
            await asyncio.sleep(TICK_S)
            check_awake(self._settings.state_dir)  # a hand-over ends this: the links are the other one's from now on
            ticks += 1
            if self._files.changed() or self._wants_reload:
                self._wants_reload = False
                await self._reload()

    async def _look_again(self) -> None:
        """Ask about what is put aside, take links that were made meanwhile, and tell of what was only counted."""
        with suppress(ZaloAlertError):  # what can't be stored now is tried again in a minute
            for verdict in await self._taker.prove_all():
                self._tell(verdict)
            self._door.paths = _paths(self._open_links())
        strangers, self._door.strangers = self._door.strangers + self._unsaid, 0
        self._lines = self._unsaid = 0
        self._told.clear()
        if strangers:
            sentence = _n(
                "{count} request was no answer to a link of ours",
                "{count} requests were no answers to links of ours",
                strangers,
                count=count(strangers),
            )
            self._observer.on_notice(Notice(sentence, "consents-strangers", Level.WARNING, {"count": strangers}))

    async def _reload(self) -> None:
        """Take other settings; what is wrong with them changes nothing."""
        try:
            settings = await asyncio.to_thread(load, self._settings.workspace, self._environ)
            require_safe_hosts(settings)
        except ZaloAlertError as exc:
            self._trouble(_("the settings were changed and can't be read, so the old ones hold: {why}", why=exc.message))
            return
        self._settings = self._zalo.settings = settings
        self._files.watch(settings)
        self._missing, self._oas = self._look()

    def _open_links(self) -> list[Invitation]:
        now_s = SystemClock().now().timestamp()
        opened = self._links.open_ones(now_s)
        if not opened and not self._links.aside():
            raise UsageError(
                _("no link holds that an administrator could have: nobody's answer would be taken"),
                hint=_("{invite} writes links", invite=Cure.INVITE(missing=True)),
            )
        if opened and opened[-1].made_at_s > now_s + FAR_OFF_S:
            self._trouble(
                _("this machine's clock has gone back since the links were made: they end by it, so have the network set it")
            )
        return opened

    def _look(self) -> tuple[set[str], int]:
        accounts = self._settings.accounts
        standings = consent_standings(self._settings, accounts, SystemClock().now().timestamp())
        return {one.account.id for one in standings if one.state is ConsentState.MISSING}, len(accounts)


def _paths(links: list[Invitation]) -> frozenset[str]:
    return frozenset(link.path for link in links)


def _address(links: list[Invitation]) -> str:
    """Return where links on this machine lead to; behind a proxy nobody but the proxy knows."""
    for link in reversed(links):
        parts = urlsplit(link.callback)
        if parts.scheme == "http" and is_loopback(parts.hostname or ""):
            host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
            return f"{host}:{parts.port or 80}"
    return DEFAULT_LISTEN
