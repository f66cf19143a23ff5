"""Chooses concrete classes for what commands ask for; how messages leave is chosen in `lines`. Nobody else does."""

import gc
import os
import tempfile
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from zalo_alert.cli.display import display
from zalo_alert.errors import SettingsInvalid, UsageError
from zalo_alert.foundation.files import pointed_to, private_folder

if TYPE_CHECKING:
    import ssl

    import httpx

    from zalo_alert.book import Book
    from zalo_alert.foundation.secret import Secret
    from zalo_alert.models import Urgency
    from zalo_alert.pacing.limiter import Lane
    from zalo_alert.places import Aliases
    from zalo_alert.runs.store import Run, Runs
    from zalo_alert.settings.load import Account, Settings
    from zalo_alert.zalo.base import TokenPair
    from zalo_alert.zalo.client import ApiClient, RateGate
    from zalo_alert.zalo.token_store import TokenStore
    from zalo_alert.zalo.tokens import Tokens

T = TypeVar("T")

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
    from zalo_alert.settings.load import load  # pydantic takes 100 ms to import, and duckdb 60; `--help` should not pay for them

    found = load(workspace, os.environ)
    if authority := found.environ.get("SSL_CERT_FILE"):  # a sandbox's, out of the secrets file: every client reads it off here
        os.environ["SSL_CERT_FILE"] = authority
    return found


def book(account: str | None, workspace: Path) -> "Book":
    """Open the follower book of one OA."""
    chosen = settings(workspace)
    return book_of(chosen.account(account), chosen)


def book_of(account: "Account", chosen: "Settings") -> "Book":
    """Open the follower book of an account."""
    from zalo_alert.book import Book

    return Book(chosen.state_dir / "book" / account.oa_id)


def generation_of(account: "Account", chosen: "Settings") -> str:
    """Name the generation in force of an account's book, "" where it has none, without loading what reads books."""
    try:
        return pointed_to(chosen.state_dir / "book" / account.oa_id)
    except OSError as exc:
        raise SettingsInvalid(f"can't read the follower book of {account.id}: {exc.strerror}", hint="check the folder") from exc


def aliases(workspace: Path) -> "Aliases":
    """Read the workspace's own names of places, when it has any."""
    from zalo_alert.places.aliases import NAME, read

    path = settings(workspace).workspace / NAME
    return read(path) if path.exists() else ()


def runs(workspace: Path) -> "Runs":
    """Open the workspace's runs; its settings are not read, so that a fault in them keeps nobody from stopping one.

    Raises:
        SettingsInvalid: The folder is no workspace.
    """
    from zalo_alert.foundation.layout import CONFIG_NAME, runs_of
    from zalo_alert.runs.store import Runs

    if not (workspace / CONFIG_NAME).exists():
        settings(workspace)  # says what is wrong
    return Runs(runs_of(workspace))


def run_of(name: str | None, workspace: Path) -> "Run":
    """Open a run by name, or the one that is meant where none is given, and say which that is."""
    if name is not None:
        return runs(workspace).open(name)
    found, why = runs(workspace).likely()
    if why:
        display.say(f"{found.id}, {why}")
    return found


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


def proving(chosen: "Settings", account: "Account") -> "Secret":
    """Return the secret that calls of an account prove themselves with; empty where its app asks for no proof."""
    from zalo_alert.foundation.secret import Secret

    return chosen.credentials(account).app_secret if chosen.app(account.app_id).appsecret_proof else Secret("")


def store(chosen: "Settings") -> "TokenStore":
    """Open the workspace's token file."""
    from zalo_alert.zalo.token_store import TokenStore

    return TokenStore(state_dir(chosen))


def forget_sync(chosen: "Settings", account: "Account", user_id: str) -> None:
    """Take a person out of what a sync keeps of an OA, when there was one."""
    from zalo_alert.sync import store as progress

    if (chosen.state_dir / progress.FOLDER / f"{account.oa_id}.db").exists():
        with closing(progress.CrawlStore(chosen.state_dir, account.oa_id)) as found, found.locked():
            found.forget(user_id)


def certificates() -> "ssl.SSLContext":
    """Return what TLS connections trust: what SSL_CERT_FILE or SSL_CERT_DIR names, else the usual authorities.

    Raises:
        SettingsInvalid: There is none.
    """
    import httpx

    try:
        return httpx.create_ssl_context()
    except OSError as exc:  # what is no certificate, too
        named = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or "httpx's own list"
        raise SettingsInvalid(
            f"the certificates in {named} can't be read: {exc.strerror or exc}",
            hint="unset SSL_CERT_FILE for the usual ones; a sandbox's are gone when it ends",
        ) from exc


def client(chosen: "Settings") -> "httpx.AsyncClient":
    """Make the client for calls that ask; a drill's goes round any proxy.

    Raises:
        SettingsInvalid: The environment names a proxy or certificates that are none.
    """
    import httpx

    trusted = certificates()
    try:
        return httpx.AsyncClient(trust_env=not chosen.direct, verify=trusted, headers={"user-agent": "zalo-alert"})
    except (ValueError, TypeError, ImportError, httpx.InvalidURL) as exc:  # told without what is in it: there may be a password
        raise SettingsInvalid("HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names no proxy that can be used", hint="correct it") from exc


def tokens(chosen: "Settings", account: "Account", kept: "TokenStore", shared: "httpx.AsyncClient | None" = None) -> "Tokens":
    """Open one account's tokens; without a client to share, each renewal makes its own: it takes 20 ms, and is rare."""
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.zalo import oauth
    from zalo_alert.zalo.client import is_alive
    from zalo_alert.zalo.tokens import Tokens

    credentials = chosen.credentials(account)
    secret = proving(chosen, account)

    def asked_by() -> "AbstractAsyncContextManager[httpx.AsyncClient]":
        return nullcontext(shared) if shared else client(chosen)

    async def exchange(refresh_token: "Secret") -> "TokenPair":
        async with asked_by() as asking:
            return await oauth.refresh(asking, chosen.hosts.oauth, account.app_id, credentials.app_secret, refresh_token)

    async def probe(access: "Secret") -> bool:
        async with asked_by() as asking:
            return await is_alive(asking, chosen.hosts.openapi, access, secret)

    return Tokens(kept, account, credentials, exchange, SystemClock(), probe)


def control(
    chosen: "Settings", account: "Account", access: "Tokens", asking: "httpx.AsyncClient", urgency: "Urgency | None" = None
) -> "ApiClient":
    """Ask in an account's name, within the rate that every process of the workspace shares."""
    from zalo_alert.zalo.client import ApiClient

    own_gate = gate(chosen, chosen.lanes([account.id]), urgency)
    return ApiClient(asking, chosen.hosts, access, app_secret=proving(chosen, account), gate=own_gate)


def gate(chosen: "Settings", lanes: "Sequence[Lane]", urgency: "Urgency | None" = None) -> "RateGate":
    """Let calls that ask through at the workspace's shared pace; by default everyone who sends goes first."""
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.models import Urgency
    from zalo_alert.pacing.shared_pace import NAME, SharedPace
    from zalo_alert.zalo.client import RateGate

    clock = SystemClock()
    pace = SharedPace(state_dir(chosen) / NAME, lanes, None, urgency or Urgency.PAST)
    return RateGate(pace, clock.monotonic_s, lambda: clock.now().timestamp())


def require_tokens(chosen: "Settings", accounts: "Iterable[Account]") -> None:
    """Refuse to begin what an account without tokens could not do.

    Raises:
        SettingsInvalid: One has none.
    """
    from zalo_alert.settings.load import variable as name_of

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
            import asyncio

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
