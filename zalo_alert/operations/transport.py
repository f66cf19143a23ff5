"""Chooses how messages leave: the channels of a run, live or dry, and what they share."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing, suppress

from zalo_alert.campaign.render import Renderer
from zalo_alert.delivery.channels.attachments import Attachments
from zalo_alert.delivery.channels.base import Channel
from zalo_alert.delivery.channels.content import RouteContent
from zalo_alert.delivery.channels.dry_run import DryRunChannel
from zalo_alert.delivery.channels.wrappers import RejectMissingValue, RenewToken, ReuploadExpired
from zalo_alert.delivery.channels.zalo import Composer, ZaloChannel
from zalo_alert.delivery.session import Transport
from zalo_alert.foundation.clock import ClockCheck, SystemClock
from zalo_alert.language import _
from zalo_alert.models import Campaign, Route, RouteType
from zalo_alert.operations.connect import app_proof, certificates, connected, open_tokens, rank_of, token_store
from zalo_alert.operations.state import state_folder
from zalo_alert.pacing.concurrency import Concurrency
from zalo_alert.pacing.pace import Pace
from zalo_alert.pacing.quotas import KINDS, Quotas
from zalo_alert.pacing.shared_pace import NAME, SharedPace
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings, require_safe_hosts
from zalo_alert.settings.rest_mark import check_awake
from zalo_alert.zalo import uploads
from zalo_alert.zalo.base import Host, Post
from zalo_alert.zalo.endpoints import endpoint
from zalo_alert.zalo.post_pyreqwest import PyreqwestPost
from zalo_alert.zalo.post_sockets import SocketPost
from zalo_alert.zalo.quota import read_left as quota_told
from zalo_alert.zalo.requests import watched
from zalo_alert.zalo.token_store import TokenStore

CONCURRENCY_FLOOR = 64  # enough for a server on the same machine
CONCURRENCY_CEILING = 2048  # 13,500 messages a second at 150 ms; each open call costs 40 KB
OTHER_FILES = 64  # what else is open while sending: shards, databases, logs, a token being renewed


async def live_transport(
    run: Run, campaign: Campaign, settings: Settings, tell: Callable[[str], None] = lambda text: None
) -> Transport:
    """Choose the real channels for a run: called inside the event loop that will use them; `tell` hears what is odd."""
    require_safe_hosts(settings)
    check_awake(settings.state_dir)
    if settings.rehearses:
        tell(_("REHEARSAL: {url} is on this machine, and nobody is reached", url=settings.hosts.openapi))
    if settings.hosts.openapi.startswith("https") or settings.hosts.business.startswith("https"):
        certificates()  # what can't be read is said before the first message
    clock, rates = SystemClock(), state_folder(settings) / NAME
    async with AsyncExitStack() as held:
        lanes, rank = settings.lanes(run.facts.accounts), rank_of(run, campaign)
        pace = SharedPace(rates, lanes, campaign.limits.rate_per_s, rank)
        held.callback(pace.close)
        store = held.enter_context(closing(token_store(settings)))
        quotas = held.enter_context(closing(Quotas(rates)))
        proxied = settings.proxy or settings.proxy_to(settings.hosts.business)
        make_post = PyreqwestPost if proxied else SocketPost  # the fast one knows no proxies
        post = watched(make_post(connections=CONCURRENCY_CEILING, on_date=ClockCheck(clock, tell)))
        held.push_async_callback(post.close)
        channels = _Channels(run, campaign, settings, store, quotas, post, pace)
        opened = [await channels.open(number, route) for number, route in enumerate(campaign.routes)]
        return Transport(opened, pace, concurrency(), held.pop_all().aclose, channels.unrenewed)


class _Channels:
    """Opens the channel of each route; all of them share one way to post, one pace and each account's tokens."""

    def __init__(
        self, run: Run, campaign: Campaign, settings: Settings, store: TokenStore, quotas: Quotas, post: Post, pace: SharedPace
    ) -> None:
        self._run, self._campaign, self._settings, self._quotas, self._post, self._pace = (
            run, campaign, settings, quotas, post, pace,
        )  # fmt: skip
        self._accounts = [settings.account(name) for name in run.facts.accounts]
        self._access = [open_tokens(settings, account, store) for account in self._accounts]
        self._renderer, self._places, self._clock = Renderer(campaign), run.places(), SystemClock()

    def unrenewed(self) -> list[tuple[str, str]]:
        """Return of each account whose token could not be renewed why, and what to do about it."""
        return [tokens.blame for tokens in self._access if tokens.blame is not None]

    async def open(self, number: int, route: Route) -> Channel:
        host, path = endpoint(route)
        hosts, file = self._settings.hosts, await self._upload(route) if route.attachment else None
        content = RouteContent(self._renderer, self._campaign, number, self._places, file)
        channel: Channel = ZaloChannel(
            (hosts.openapi if host is Host.OPENAPI else hosts.business) + path,
            host,
            compose=Composer(route, content, self._run.facts.digest[:16]).compile(),
            post=self._post,
            access=self._access,
            on_exhausted=self._exhausted,
            app_secrets=[app_proof(self._settings, account) for account in self._accounts],
            on_answer=_noting(self._quotas, [account.oa_id for account in self._accounts], route.type),
        )
        if content.may_miss_value:
            channel = RejectMissingValue(channel, content.misses_value)
        return RenewToken(ReuploadExpired(channel, file) if file else channel, self._access)

    def _exhausted(self, account: int) -> None:
        self._pace.heed_full_minute(account, self._clock.monotonic_s(), self._clock.now().timestamp())

    async def _upload(self, route: Route) -> Attachments:
        """Upload a route's file for every account of the run."""
        content, uploaded = self._run.attachment(route.attachment), set[int]()

        async def upload(number: int) -> str:
            account, now_s, anew = self._accounts[number], self._clock.now().timestamp(), number in uploaded
            async with connected(self._settings) as zalo:
                with zalo.api(account, rank_of(self._run, self._campaign), self._access[number]) as api:
                    file_id = await uploads.upload(api, zalo.store, account.oa_id, route.attachment, content, now_s, anew=anew)
            uploaded.add(number)
            return file_id

        files = Attachments(upload, len(self._accounts))
        await files.prepare(range(len(self._accounts)))
        return files


def _open_files(wanted: int) -> int:
    """Return how many files may be open, after asking the system for so many."""
    try:
        import resource
    except ImportError:  # Windows counts them otherwise, and allows thousands
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    allowed = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        return allowed
    return soft


def concurrency(ceiling: int = CONCURRENCY_CEILING, open_files: Callable[[int], int] = _open_files) -> Concurrency:
    """Allow as many calls in flight as files may be open; a call that lacks one would be taken for a dead server."""
    most = open_files(ceiling + OTHER_FILES) - OTHER_FILES
    return Concurrency(CONCURRENCY_FLOOR, max(Concurrency.START, min(ceiling, most)), files=most < ceiling)


def dry_transport(run: Run, campaign: Campaign) -> Transport:
    """Choose channels that render every message and send none."""
    renderer, places = Renderer(campaign), run.places()
    composed = [
        Composer(route, RouteContent(renderer, campaign, i, places, _Unsent() if route.attachment else None), "dry").compile()
        for i, route in enumerate(campaign.routes)
    ]

    async def close() -> None:
        pass

    return Transport([DryRunChannel(compose) for compose in composed], Pace(None), Concurrency(8, 8), close)


def _noting(quotas: Quotas, oa_ids: Sequence[str], route: RouteType) -> Callable[[int, bytes], None]:
    """Write down what an answer tells of its OA's quota."""
    clock, kind = SystemClock(), KINDS.get(route)

    def note(account: int, answer: bytes) -> None:
        if kind and (left := quota_told(answer, clock.now().timestamp())):
            quotas.note(oa_ids[account], kind, left)

    return note


class _Unsent:
    """The file of a dry run: nothing is uploaded."""

    edition = 0

    def id_of(self, account: int) -> str:
        return "dry"

    async def renew(self, account: int, stale: int) -> bool:
        return False
