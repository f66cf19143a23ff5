"""Chooses concrete classes: the only file that knows which ledger, post and channel a command gets."""

import asyncio
import gc
import os
import tempfile
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from zalo_alert.errors import SettingsInvalid, UsageError
from zalo_alert.files import private_folder

if TYPE_CHECKING:
    import httpx

    from zalo_alert.book import Book
    from zalo_alert.channels.base import Channel
    from zalo_alert.channels.enclosures import Enclosures
    from zalo_alert.limiter import Lane
    from zalo_alert.models import Campaign, Route, RouteType, Urgency
    from zalo_alert.places import Aliases
    from zalo_alert.quotas import Quotas
    from zalo_alert.runs import Run, Runs
    from zalo_alert.sending import Line
    from zalo_alert.settings import Account, Secret, Settings
    from zalo_alert.zalo.base import TokenPair
    from zalo_alert.zalo.control import Control, Gate
    from zalo_alert.zalo.store import Store
    from zalo_alert.zalo.tokens import Tokens

T = TypeVar("T")

CONCURRENCY_FLOOR = 64  # enough for a server on the same machine
CONCURRENCY_CEILING = 2048  # 13,500 messages a second at 150 ms; each open call costs 80 KB

WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        envvar="ZALO_ALERT_WORKSPACE",
        help="Folder with zalo-alert.yaml.",
        file_okay=False,
        show_default="the current folder",
    ),
]
HERE = Path()
JsonOption = Annotated[bool, typer.Option("--json", help="JSON Lines on stdout, for scripts.")]
AccountOption = Annotated[
    str | None, typer.Option("--account", help="Which OA, by its id in zalo-alert.yaml; default: the only one.")
]


def settings(workspace: Path) -> "Settings":
    """Read the workspace's settings."""
    from zalo_alert.settings import load  # pydantic takes 100 ms to import, and duckdb 60; `--help` should not pay for them

    return load(workspace, os.environ)


def book(account: str | None, workspace: Path) -> "Book":
    """Open the follower book of one OA."""
    chosen = settings(workspace)
    return book_of(chosen.account(account), chosen)


def book_of(account: "Account", chosen: "Settings") -> "Book":
    """Open the follower book of an account."""
    from zalo_alert.book import Book

    return Book(chosen.state_dir / "book" / account.oa_id)


def aliases(workspace: Path) -> "Aliases":
    """Read the workspace's own names of places, when it has any."""
    from zalo_alert.aliases import NAME, read

    path = settings(workspace).workspace / NAME
    return read(path) if path.exists() else ()


def runs(workspace: Path) -> "Runs":
    """Open the workspace's runs."""
    from zalo_alert.runs import Runs

    return Runs(settings(workspace).state_dir / "runs")


def state_dir(chosen: "Settings") -> Path:
    """Make sure that the folder for everything the tool writes is there, and nobody else's business."""
    try:
        private_folder(chosen.state_dir)
    except OSError as exc:
        raise _unwritable(chosen, exc) from exc
    return chosen.state_dir


@contextmanager
def scratch(chosen: "Settings") -> Iterator[Path]:
    """Lend a private folder on the workspace's own disk, gone when the block ends."""
    try:
        folder = tempfile.TemporaryDirectory(dir=state_dir(chosen), prefix=".scratch-", ignore_cleanup_errors=True)
    except OSError as exc:
        raise _unwritable(chosen, exc) from exc
    with folder as name:
        yield Path(name)


def _unwritable(chosen: "Settings", exc: OSError) -> SettingsInvalid:
    return SettingsInvalid(f"can't write to {chosen.state_dir}: {exc.strerror}", hint="check the disk and the folder")


async def live_line(
    run: "Run", campaign: "Campaign", chosen: "Settings", told: Callable[[str], None] = lambda text: None
) -> "Line":
    """Choose the real channels for a run: called inside the event loop that will use them; `told` hears what is odd."""
    from zalo_alert.channels.content import RouteContent
    from zalo_alert.channels.stack import Authorised, Enclosing
    from zalo_alert.channels.zalo import Composer, ZaloChannel, endpoint
    from zalo_alert.clock import ClockCheck, SystemClock
    from zalo_alert.limiter import Concurrency
    from zalo_alert.quotas import Quotas
    from zalo_alert.rates import NAME, SharedPace
    from zalo_alert.render import Renderer
    from zalo_alert.sending import Line
    from zalo_alert.settings import require_safe_hosts
    from zalo_alert.zalo.base import Host
    from zalo_alert.zalo.post import PyreqwestPost
    from zalo_alert.zalo.socket_post import SocketPost

    require_safe_hosts(chosen)
    clock = SystemClock()
    lanes = chosen.lanes(run.facts.accounts)
    pace = SharedPace(state_dir(chosen) / NAME, lanes, campaign.limits.rate_per_s, campaign.urgency)
    concurrency = Concurrency(CONCURRENCY_FLOOR, CONCURRENCY_CEILING)
    make_post = PyreqwestPost if chosen.proxy else SocketPost  # the fast one knows no proxies
    post = make_post(connections=CONCURRENCY_CEILING, on_date=ClockCheck(clock, told))
    kept = store(chosen)
    access = [tokens(chosen, chosen.account(name), kept) for name in run.facts.accounts]
    quotas = Quotas(state_dir(chosen) / NAME)
    renderer, places = Renderer(campaign), run.places()
    channels = []

    def on_exhausted(account: int) -> None:
        pace.exhausted(account, clock.monotonic_s(), clock.now().timestamp())

    accounts = [chosen.account(name) for name in run.facts.accounts]
    secrets = [_proving(chosen, account) for account in accounts]
    for number, route in enumerate(campaign.routes):
        host, path = endpoint(route)
        enclosure = await _enclosures(run, route, chosen, access, kept) if route.enclosed else None
        content = RouteContent(renderer, campaign, number, places, enclosure)
        compose = Composer(route, content, run.facts.digest[:16]).compiled()
        base = chosen.hosts.openapi if host is Host.OPENAPI else chosen.hosts.business
        bare: Channel = ZaloChannel(
            base + path, host, compose=compose, post=post, access=access, on_exhausted=on_exhausted, app_secrets=secrets,
            on_answer=_noting(quotas, [account.oa_id for account in accounts], route.type),
        )  # fmt: skip
        channels.append(Authorised(Enclosing(bare, enclosure) if enclosure else bare, access))

    async def close() -> None:
        await post.close()
        pace.close()
        quotas.close()
        kept.close()

    return Line(channels, pace, concurrency, close)


def dry_line(run: "Run", campaign: "Campaign") -> "Line":
    """Choose channels that render every message and send none."""
    from zalo_alert.channels.content import RouteContent
    from zalo_alert.channels.dry_run import DryRunChannel
    from zalo_alert.channels.zalo import Composer
    from zalo_alert.limiter import Concurrency, Pace
    from zalo_alert.render import Renderer
    from zalo_alert.sending import Line

    renderer, places = Renderer(campaign), run.places()
    composed = [
        Composer(route, RouteContent(renderer, campaign, i, places, _Unsent() if route.enclosed else None), "dry").compiled()
        for i, route in enumerate(campaign.routes)
    ]

    async def close() -> None:
        pass

    return Line([DryRunChannel(compose) for compose in composed], Pace(None), Concurrency(8, 8), close)


def _noting(quotas: "Quotas", oa_ids: "Sequence[str]", route: "RouteType") -> Callable[[int, bytes], None]:
    """Write down what an answer tells of its OA's quota."""
    from zalo_alert.clock import SystemClock
    from zalo_alert.quotas import KINDS
    from zalo_alert.zalo.allowance import told

    clock, kind = SystemClock(), KINDS.get(route)

    def note(account: int, answer: bytes) -> None:
        if kind and (left := told(answer, clock.now().timestamp())):
            quotas.note(oa_ids[account], kind, left)

    return note


class _Unsent:
    """The file of a dry run: nothing is uploaded."""

    edition = 0

    def id_of(self, account: int) -> str:
        return "dry"

    async def renew(self, account: int, stale: int) -> bool:
        return False


async def _enclosures(run: "Run", route: "Route", chosen: "Settings", access: "Sequence[Tokens]", kept: "Store") -> "Enclosures":
    """Upload a route's file for every account of a run."""
    from zalo_alert.channels.enclosures import Enclosures
    from zalo_alert.clock import SystemClock
    from zalo_alert.zalo import uploads

    content, names = run.enclosed(route.enclosed), run.facts.accounts
    sent: set[int] = set()

    async def upload(number: int) -> str:
        account, now_s = chosen.account(names[number]), SystemClock().now().timestamp()
        async with client(chosen) as asking:
            with closing(control(chosen, account, access[number], asking)) as asks:
                found = await uploads.upload(asks, kept, account.oa_id, route.enclosed, content, now_s, anew=number in sent)
        sent.add(number)
        return found

    found = Enclosures(upload, len(names))
    await found.prepare(range(len(names)))
    return found


def _proving(chosen: "Settings", account: "Account") -> "Secret":
    """Return the secret that calls of an account prove themselves with; empty where its app asks for no proof."""
    from zalo_alert.settings import Secret

    return chosen.credentials(account).app_secret if chosen.app(account.app_id).appsecret_proof else Secret("")


def store(chosen: "Settings") -> "Store":
    """Open the workspace's token file."""
    from zalo_alert.zalo.store import Store

    return Store(state_dir(chosen))


def client(chosen: "Settings") -> "httpx.AsyncClient":
    """Make the client for calls that ask; a drill's goes round any proxy."""
    import httpx

    return httpx.AsyncClient(trust_env=not chosen.direct, headers={"user-agent": "zalo-alert"})


def tokens(chosen: "Settings", account: "Account", kept: "Store", shared: "httpx.AsyncClient | None" = None) -> "Tokens":
    """Open one account's tokens; without a client to share, each renewal makes its own: it takes 20 ms, and is rare."""
    from zalo_alert.clock import SystemClock
    from zalo_alert.zalo import oauth
    from zalo_alert.zalo.control import works
    from zalo_alert.zalo.tokens import Tokens

    credentials = chosen.credentials(account)
    proving = _proving(chosen, account)

    def asked_by() -> "AbstractAsyncContextManager[httpx.AsyncClient]":
        return nullcontext(shared) if shared else client(chosen)

    async def exchange(refresh_token: "Secret") -> "TokenPair":
        async with asked_by() as asking:
            return await oauth.refresh(asking, chosen.hosts.oauth, account.app_id, credentials.app_secret, refresh_token)

    async def probe(access: "Secret") -> bool:
        async with asked_by() as asking:
            return await works(asking, chosen.hosts.openapi, access, proving)

    return Tokens(kept, account, credentials, exchange, SystemClock(), probe)


def control(
    chosen: "Settings", account: "Account", access: "Tokens", asking: "httpx.AsyncClient", urgency: "Urgency | None" = None
) -> "Control":
    """Ask in an account's name, within the rate that every process of the workspace shares."""
    from zalo_alert.zalo.control import Control

    own_gate = gate(chosen, chosen.lanes([account.id]), urgency)
    return Control(asking, chosen.hosts, access, app_secret=_proving(chosen, account), gate=own_gate)


def gate(chosen: "Settings", lanes: "Sequence[Lane]", urgency: "Urgency | None" = None) -> "Gate":
    """Let calls that ask through at the workspace's shared pace; by default everyone who sends goes first."""
    from zalo_alert.clock import SystemClock
    from zalo_alert.models import Urgency
    from zalo_alert.rates import NAME, SharedPace
    from zalo_alert.zalo.control import Gate

    clock = SystemClock()
    pace = SharedPace(state_dir(chosen) / NAME, lanes, None, urgency or Urgency.PAST)
    return Gate(pace, clock.monotonic_s, lambda: clock.now().timestamp())


def require_tokens(chosen: "Settings", accounts: "Iterable[Account]") -> None:
    """Refuse to begin what an account without tokens could not do.

    Raises:
        SettingsInvalid: One has none.
    """
    from zalo_alert.settings import variable as name_of

    with closing(store(chosen)) as kept:
        for account in accounts:
            found = chosen.credentials(account)
            if not (found.refresh_token or found.access_token or kept.chains(account.oa_id)):
                variable = name_of(account.id, "refresh_token")
                raise SettingsInvalid(
                    f'account "{account.id}" has no token',
                    hint=f"an administrator of the OA consents: `zalo-alert accounts login {account.id}`; or set {variable}",
                )


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on uvloop where there is one."""
    with _rare_collections():
        try:
            import uvloop
        except ImportError:  # Windows
            return asyncio.run(main)
        return uvloop.run(main)


@contextmanager
def _rare_collections() -> Iterator[None]:
    # The modules are here to stay and messages make no circles: left alone, the collector would walk all of them again and again,
    # for a tenth of the time. Errors with tracebacks do make circles, so it is not switched off.
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def duration_s(text: str) -> float:
    """Read a stretch of time such as `90m`, `12h`, `7d`.

    Raises:
        UsageError: It is none.
    """
    units = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isdecimal() or len(number) > 6:
        raise UsageError(f'"{text[:20]}" is no stretch of time', hint="write it like 90m, 12h or 7d")
    return float(number) * units[unit]
