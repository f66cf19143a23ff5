"""How answers leave: the worker's poster, with the tokens of the workspace's accounts and the rate that all of it shares."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from typing import NamedTuple

from zalo_alert.errors import SettingsInvalid, ZaloAlertError
from zalo_alert.foundation.clock import Clock, ClockCheck
from zalo_alert.inbound.inbound_store import open_store
from zalo_alert.language import _
from zalo_alert.operations.connect import app_proof, open_tokens, token_store
from zalo_alert.operations.loop import new_loop
from zalo_alert.operations.state import state_folder
from zalo_alert.operations.webhook_files import WatchedFiles
from zalo_alert.outbox.holds import Way
from zalo_alert.outbox.poster import Poster
from zalo_alert.outbox.poster_thread import PosterThread
from zalo_alert.outbox.sender import ZaloSender
from zalo_alert.outbox.turns import MOST_IN_FLIGHT, Turns
from zalo_alert.pacing.answer_pace import AnswerPace
from zalo_alert.pacing.meter import Lane
from zalo_alert.pacing.quotas import Kind, Quotas
from zalo_alert.pacing.shared_pace import NAME
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Account, Settings, require_safe_hosts
from zalo_alert.settings.rest_mark import check_awake
from zalo_alert.zalo.base import Post, Reply
from zalo_alert.zalo.post_pyreqwest import PyreqwestPost
from zalo_alert.zalo.post_sockets import SocketPost
from zalo_alert.zalo.quota import read_left
from zalo_alert.zalo.requests import watched
from zalo_alert.zalo.token_store import TokenStore

READ_AGAIN_S = 10.0  # how often the settings are read again for an OA that they did not know
QUOTA_EVERY = 512  # one reply in so many is looked at for what is left of a quota


@contextmanager
def answering(settings: Settings, clock: Clock, on_note: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """Have what stands in the outbox posted while the block lasts; yields what to call once answers were put.

    When the block ends, what is on its way has some seconds to come to its end; what waits stays.
    """

    @asynccontextmanager
    async def opening() -> AsyncIterator[Poster]:
        async with _poster(settings, clock, on_note) as poster:
            yield poster

    with PosterThread(opening, on_note, new_loop) as thread:
        yield thread.wake


@asynccontextmanager
async def _poster(settings: Settings, clock: Clock, on_note: Callable[[str], None]) -> AsyncIterator[Poster]:
    accounts, rates = KnownAccounts(settings, clock), state_folder(settings) / NAME
    with (
        closing(open_store(settings.state_dir)) as db,
        closing(AnswerPace(rates, accounts.lane, accounts.sos_share)) as pace,
        closing(Quotas(rates)) as quotas,
        closing(token_store(settings)) as store,
    ):
        post = LazyPost(settings, ClockCheck(clock, on_note))
        senders = _Senders(accounts, _Wire(store, post, pace, quotas), clock)
        try:
            yield Poster(Turns(db, pace), pace, senders.of, clock, on_note)
        finally:
            await post.close()


class KnownAccounts:
    """The workspace's accounts by Zalo's id; the settings are read again where there is none, for accounts are added.

    Args:
        settings: As they are now.
        clock: Time.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock, self._files = clock, WatchedFiles(settings)
        self._take(settings)
        self._read_s = self._looked_s = clock.monotonic_s()

    def _take(self, settings: Settings) -> None:
        self.settings, self._lane_of = settings, settings.lane_finder()
        self._by_oa = {account.oa_id: account for account in settings.accounts}

    def of(self, way: Way) -> Account:
        """Return the account that speaks for an OA through an app; "" is the account's own.

        Raises:
            SettingsInvalid: There is none.
        """
        account = self._find(way)
        if account is None and self._clock.monotonic_s() - self._read_s >= READ_AGAIN_S:
            self._read_again()
            account = self._find(way)
        if account is None:
            oa, app = way
            raise SettingsInvalid(
                _("no account speaks for OA {oa} through app {app}: its answers wait", oa=oa, app=app)
                if app
                else _("no account speaks for OA {oa}: its answers wait", oa=oa)
            )
        return account

    def lane(self, oa: str, via_app: str) -> Lane:
        """Return what Zalo grants an OA through an app; of one that nobody knows, what an app gets."""
        return self._lane_of(oa, via_app)

    def sos_share(self) -> float:
        """Return what answers to calls for help may have of the rate, 0 to 1; a change is known some seconds later."""
        now_s = self._clock.monotonic_s()
        if now_s - self._looked_s >= READ_AGAIN_S:
            self._looked_s = now_s
            if self._files.changed():
                self._read_again()
        return self.settings.sos_share / 100

    def _find(self, way: Way) -> Account | None:
        oa, app = way
        account = self._by_oa.get(oa)
        if account is None or app not in ("", *account.apps):
            return None
        return self.settings.through(account, app)

    def _read_again(self) -> None:
        self._read_s = self._clock.monotonic_s()
        with suppress(ZaloAlertError):  # half written: the door tells of it
            self._take(load(self.settings.workspace, self.settings.environ))


class LazyPost:
    """See `Post`: made when the first answer leaves, since most workspaces answer nobody.

    Args:
        settings: Of the workspace.
        on_date: Told now and then what Zalo says the time is.
    """

    def __init__(self, settings: Settings, on_date: Callable[[str], None]) -> None:
        self._settings, self._on_date = settings, on_date
        self._post: Post | None = None

    async def __call__(self, url: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Reply:
        """See `Post`."""
        return await self.made()(url, headers, body)

    def made(self) -> Post:
        """Return what posts."""
        if self._post is None:
            proxied = self._settings.proxy or self._settings.proxy_to(self._settings.hosts.openapi)
            make_post = PyreqwestPost if proxied else SocketPost  # the fast one knows no proxies
            self._post = watched(make_post(connections=MOST_IN_FLIGHT, on_date=self._on_date))
        return self._post

    async def close(self) -> None:
        """See `Post`."""
        if self._post is not None:
            await self._post.close()


class _Wire(NamedTuple):
    """What all OAs share."""

    store: TokenStore
    post: LazyPost
    pace: AnswerPace
    quotas: Quotas


class _Senders:
    """Makes what posts for an OA."""

    def __init__(self, accounts: KnownAccounts, wire: _Wire, clock: Clock) -> None:
        self._accounts, self._wire, self._clock = accounts, wire, clock
        self._until_shown = QUOTA_EVERY

    def of(self, way: Way) -> ZaloSender:
        """Make what posts for an OA through an app.

        Raises:
            ZaloAlertError: No account speaks for it, its token can't be read, or answers must not leave this machine.
        """
        account = self._accounts.of(way)
        settings = self._accounts.settings
        require_safe_hosts(settings)
        check_awake(settings.state_dir)
        tokens = open_tokens(settings, account, self._wire.store)
        return ZaloSender(
            settings.hosts.openapi,
            tokens,
            self._wire.post.made(),
            app_proof(settings, account),
            lambda reply: self._hear(way, reply),
        )

    def _hear(self, way: Way, reply: Reply) -> None:
        now_s = self._clock.now().timestamp()
        if reply.remain == 0:
            self._wire.pace.heed_full_minute(way, self._clock.monotonic_s(), now_s)
        self._until_shown -= 1
        if self._until_shown < 0:
            self._until_shown = QUOTA_EVERY
            if left := read_left(reply.body, now_s):
                self._wire.quotas.note(way[0], Kind.CS, left)
