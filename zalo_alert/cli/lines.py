"""Chooses how messages leave: the channels of a run, live or dry, and what they share."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing, suppress

from zalo_alert.campaign.render import Renderer
from zalo_alert.cli import wiring
from zalo_alert.delivery.channels.attachments import Enclosures
from zalo_alert.delivery.channels.base import Channel
from zalo_alert.delivery.channels.content import RouteContent
from zalo_alert.delivery.channels.dry_run import DryRunChannel
from zalo_alert.delivery.channels.wrappers import Authorised, Enclosing, Lacking
from zalo_alert.delivery.channels.zalo import Composer, ZaloChannel
from zalo_alert.delivery.session import Line
from zalo_alert.foundation.clock import ClockCheck, SystemClock
from zalo_alert.models import Campaign, Route, RouteType
from zalo_alert.pacing.concurrency import Concurrency
from zalo_alert.pacing.pace import Pace
from zalo_alert.pacing.quotas import KINDS, Quotas
from zalo_alert.pacing.shared_pace import NAME, SharedPace
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings, require_safe_hosts
from zalo_alert.zalo import uploads
from zalo_alert.zalo.base import Host
from zalo_alert.zalo.endpoints import endpoint
from zalo_alert.zalo.post import PyreqwestPost
from zalo_alert.zalo.post_sockets import SocketPost
from zalo_alert.zalo.quota import told as quota_told
from zalo_alert.zalo.token_store import Store
from zalo_alert.zalo.tokens import Tokens

CONCURRENCY_FLOOR = 64  # enough for a server on the same machine
CONCURRENCY_CEILING = 2048  # 13,500 messages a second at 150 ms; each open call costs 40 KB
OTHER_FILES = 64  # what else is open while sending: shards, databases, logs, a token being renewed


async def live(run: Run, campaign: Campaign, chosen: Settings, told: Callable[[str], None] = lambda text: None) -> Line:
    """Choose the real channels for a run: called inside the event loop that will use them; `told` hears what is odd."""
    require_safe_hosts(chosen)
    if chosen.rehearses:
        told(f"a rehearsal: {chosen.hosts.openapi} is on this machine, and nobody is reached")
    if chosen.hosts.openapi.startswith("https") or chosen.hosts.business.startswith("https"):
        wiring.certificates()  # what can't be read is said before the first message
    clock, rates = SystemClock(), wiring.state_dir(chosen) / NAME
    accounts = [chosen.account(name) for name in run.facts.accounts]
    async with AsyncExitStack() as held:
        pace = SharedPace(rates, chosen.lanes(run.facts.accounts), campaign.limits.rate_per_s, campaign.urgency)
        held.callback(pace.close)
        kept = held.enter_context(closing(wiring.store(chosen)))
        quotas = held.enter_context(closing(Quotas(rates)))
        proxied = chosen.proxy or chosen.proxy_to(chosen.hosts.business)
        make_post = PyreqwestPost if proxied else SocketPost  # the fast one knows no proxies
        post = make_post(connections=CONCURRENCY_CEILING, on_date=ClockCheck(clock, told))
        held.push_async_callback(post.close)
        access = [wiring.tokens(chosen, account, kept) for account in accounts]
        renderer, places = Renderer(campaign), run.places()

        def on_exhausted(account: int) -> None:
            pace.heed_full_minute(account, clock.monotonic_s(), clock.now().timestamp())

        channels = []
        for number, route in enumerate(campaign.routes):
            host, path = endpoint(route)
            enclosure = await _enclosures(run, route, chosen, access, kept) if route.attachment else None
            content = RouteContent(renderer, campaign, number, places, enclosure)
            bare: Channel = ZaloChannel(
                (chosen.hosts.openapi if host is Host.OPENAPI else chosen.hosts.business) + path,
                host,
                compose=Composer(route, content, run.facts.digest[:16]).compiled(),
                post=post,
                access=access,
                on_exhausted=on_exhausted,
                app_secrets=[wiring.proving(chosen, account) for account in accounts],
                on_answer=_noting(quotas, [account.oa_id for account in accounts], route.type),
            )
            if content.may_lack:
                bare = Lacking(bare, content.lacks)
            channels.append(Authorised(Enclosing(bare, enclosure) if enclosure else bare, access))
        return Line(
            channels, pace, concurrency(), held.pop_all().aclose, lambda: [one.blame for one in access if one.blame is not None]
        )


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


def dry(run: Run, campaign: Campaign) -> Line:
    """Choose channels that render every message and send none."""
    renderer, places = Renderer(campaign), run.places()
    composed = [
        Composer(route, RouteContent(renderer, campaign, i, places, _Unsent() if route.attachment else None), "dry").compiled()
        for i, route in enumerate(campaign.routes)
    ]

    async def close() -> None:
        pass

    return Line([DryRunChannel(compose) for compose in composed], Pace(None), Concurrency(8, 8), close)


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


async def _enclosures(run: Run, route: Route, chosen: Settings, access: Sequence[Tokens], kept: Store) -> Enclosures:
    """Upload a route's file for every account of a run."""
    content, names = run.attachment(route.attachment), run.facts.accounts
    sent: set[int] = set()

    async def upload(number: int) -> str:
        account, now_s = chosen.account(names[number]), SystemClock().now().timestamp()
        async with wiring.client(chosen) as asking:
            with closing(wiring.control(chosen, account, access[number], asking)) as asks:
                found = await uploads.upload(asks, kept, account.oa_id, route.attachment, content, now_s, anew=number in sent)
        sent.add(number)
        return found

    found = Enclosures(upload, len(names))
    await found.prepare(range(len(names)))
    return found
