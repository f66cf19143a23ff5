"""Chooses concrete classes: the only file that knows which ledger, post and channel a command gets."""

import asyncio
import gc
import os
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from zalo_alert.errors import SettingsInvalid
from zalo_alert.files import private_folder

if TYPE_CHECKING:
    from zalo_alert.book import Book
    from zalo_alert.models import Campaign
    from zalo_alert.places import Aliases
    from zalo_alert.runs import Run, Runs
    from zalo_alert.sending import Line
    from zalo_alert.settings import Account, Secret, Settings
    from zalo_alert.zalo.base import TokenPair
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


def live_line(run: "Run", campaign: "Campaign", chosen: "Settings", told: Callable[[str], None] = lambda text: None) -> "Line":
    """Choose the real channels for a run: called inside the event loop that will use them; `told` hears what is odd."""
    from zalo_alert.channels.content import RouteContent
    from zalo_alert.channels.stack import Authorised
    from zalo_alert.channels.zalo import ENDPOINTS, Composer, ZaloChannel
    from zalo_alert.clock import ClockCheck, SystemClock
    from zalo_alert.limiter import Concurrency
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
    access = [_tokens(chosen, name) for name in run.facts.accounts]
    renderer, places = Renderer(campaign), run.places()
    channels = []

    def on_exhausted(account: int) -> None:
        pace.exhausted(account, clock.monotonic_s(), clock.now().timestamp())

    for number, route in enumerate(campaign.routes):
        host, path = ENDPOINTS[route.type]
        compose = Composer(route.type, RouteContent(renderer, campaign, number, places), run.facts.digest[:16]).compiled()
        base = chosen.hosts.openapi if host is Host.OPENAPI else chosen.hosts.business
        bare = ZaloChannel(base + path, host, compose=compose, post=post, access=access, on_exhausted=on_exhausted)
        channels.append(Authorised(bare, access))

    async def close() -> None:
        await post.close()
        pace.close()
        for tokens in access:
            tokens.close()

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
        Composer(route.type, RouteContent(renderer, campaign, i, places), "dry").compiled()
        for i, route in enumerate(campaign.routes)
    ]

    async def close() -> None:
        pass

    return Line([DryRunChannel(compose) for compose in composed], Pace(None), Concurrency(8, 8), close)


def _tokens(chosen: "Settings", account_id: str) -> "Tokens":
    from zalo_alert.clock import SystemClock
    from zalo_alert.zalo.control import refresh
    from zalo_alert.zalo.tokens import Tokens

    account = chosen.account(account_id)
    credentials = chosen.credentials(account)

    async def exchange(refresh_token: "Secret") -> "TokenPair":
        return await refresh(chosen.hosts.oauth, account.app_id, credentials.app_secret, refresh_token, direct=chosen.direct)

    return Tokens(state_dir(chosen) / "tokens.db", account, credentials, exchange, SystemClock())


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
