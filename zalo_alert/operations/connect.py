"""Who asks Zalo, in whose name and how fast: HTTP clients, tokens, the gate that every process of the workspace shares."""

import os
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager, nullcontext
from typing import TYPE_CHECKING

from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.operations.state import state_folder

if TYPE_CHECKING:
    import ssl

    import httpx

    from zalo_alert.foundation.secret import Secret
    from zalo_alert.models import Campaign, Rank
    from zalo_alert.pacing.meter import Lane
    from zalo_alert.runs.run import Run
    from zalo_alert.settings.model import Account, Settings
    from zalo_alert.zalo.base import Access, TokenPair
    from zalo_alert.zalo.client import ApiClient, RateGate
    from zalo_alert.zalo.token_store import TokenStore
    from zalo_alert.zalo.tokens import Tokens


def app_proof(settings: "Settings", account: "Account") -> "Secret":
    """Return the secret that calls of an account prove themselves with; empty where its app asks for no proof."""
    from zalo_alert.foundation.secret import Secret

    return settings.credentials(account).app_secret if settings.app(account.app_id).appsecret_proof else Secret("")


def token_store(settings: "Settings") -> "TokenStore":
    """Open the workspace's token file."""
    from zalo_alert.zalo.token_store import TokenStore

    return TokenStore(state_folder(settings))


def certificates() -> "ssl.SSLContext":
    """Return what TLS connections trust: what SSL_CERT_FILE or SSL_CERT_DIR names, else the usual authorities.

    Raises:
        SettingsInvalid: There is none.
    """
    import httpx

    try:
        return httpx.create_ssl_context()
    except OSError as exc:  # what is no certificate, too
        named = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or _("httpx's own list")
        raise SettingsInvalid(
            _("the certificates in {path} can't be read: {why}", path=named, why=reason(exc)),
            hint=_("unset SSL_CERT_FILE for the usual ones; a sandbox's are gone when it ends"),
        ) from exc


def http_client(settings: "Settings") -> "httpx.AsyncClient":
    """Make the client for calls that ask; a drill's goes round any proxy.

    Raises:
        SettingsInvalid: The environment names a proxy or certificates that are none.
    """
    import httpx

    trusted = certificates()
    try:
        return httpx.AsyncClient(trust_env=not settings.direct, verify=trusted, headers={"user-agent": "zalo-alert"})
    except (ValueError, TypeError, ImportError, httpx.InvalidURL) as exc:  # told without what is in it: there may be a password
        raise SettingsInvalid(
            _("HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names no proxy that can be used"), hint=_("correct it")
        ) from exc


def open_tokens(
    settings: "Settings", account: "Account", store: "TokenStore", shared: "httpx.AsyncClient | None" = None
) -> "Tokens":
    """Open one account's tokens; without a client to share, each renewal makes its own: it takes 20 ms, and is rare."""
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.zalo import oauth
    from zalo_alert.zalo.client import is_alive
    from zalo_alert.zalo.tokens import Tokens

    credentials = settings.credentials(account)
    secret = app_proof(settings, account)

    def asked_by() -> "AbstractAsyncContextManager[httpx.AsyncClient]":
        return nullcontext(shared) if shared else http_client(settings)

    async def exchange(refresh_token: "Secret") -> "TokenPair":
        async with asked_by() as asking:
            return await oauth.refresh(asking, settings.hosts.oauth, account.app_id, credentials.app_secret, refresh_token)

    async def probe(access: "Secret") -> bool:
        async with asked_by() as asking:
            return await is_alive(asking, settings.hosts.openapi, access, secret)

    return Tokens(store, account, credentials, exchange, SystemClock(), probe)


def api_client(
    settings: "Settings", account: "Account", access: "Access", asking: "httpx.AsyncClient", rank: "Rank | None" = None
) -> "ApiClient":
    """Ask in an account's name, within the rate that every process of the workspace shares; one that rests only reads."""
    from zalo_alert.settings.rest_mark import check_awake
    from zalo_alert.zalo.client import ApiClient

    own_gate = rate_gate(settings, [settings.lane(account)], rank)

    def allow() -> None:
        check_awake(settings.state_dir)

    return ApiClient(asking, settings.hosts, access, app_secret=app_proof(settings, account), gate=own_gate, allow=allow)


def rate_gate(settings: "Settings", lanes: "Sequence[Lane]", rank: "Rank | None" = None) -> "RateGate":
    """Let calls that ask through at the workspace's shared pace; by default everyone who sends goes first."""
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.models import Rank
    from zalo_alert.pacing.shared_pace import NAME, SharedPace
    from zalo_alert.zalo.client import RateGate

    clock = SystemClock()
    pace = SharedPace(state_folder(settings) / NAME, lanes, None, Rank.LATER if rank is None else rank)
    return RateGate(pace, clock.monotonic_s, lambda: clock.now().timestamp())


def rank_of(run: "Run", campaign: "Campaign") -> "Rank":
    """Return who a run comes before: what was said wrongly is put right before anything else is said."""
    from zalo_alert.models import Rank
    from zalo_alert.runs.facts import Kind

    return Rank.CORRECTION if run.facts.kind is Kind.CORRECTION else Rank.of(campaign.urgency)


def require_tokens(settings: "Settings", accounts: "Iterable[Account]") -> None:
    """Refuse to begin what an account without tokens could not do.

    Raises:
        SettingsInvalid: One has none.
    """
    from zalo_alert.settings.secrets import variable as name_of
    from zalo_alert.zalo.tokens import login_step

    with closing(token_store(settings)) as store:
        for account in accounts:
            credentials = settings.credentials(account)
            if not (credentials.refresh_token or credentials.access_token or store.chains(account.token_key)):
                variable = name_of(account.secret_id, "refresh_token")
                raise SettingsInvalid(
                    _('account "{account}" has no token', account=account.id),
                    hint=_(
                        "an administrator of the OA consents: {login}; or set {variable}",
                        login=login_step(account),
                        variable=variable,
                    ),
                )


class Connections:
    """What calls for several accounts share while a block lasts: one HTTP client, one token file.

    Args:
        settings: The workspace's.
        http: Closed by whoever opened it.
        store: Likewise.
    """

    def __init__(self, settings: "Settings", http: "httpx.AsyncClient", store: "TokenStore") -> None:
        self.settings, self.http, self.store = settings, http, store

    def tokens(self, account: "Account") -> "Tokens":
        """Open an account's tokens."""
        return open_tokens(self.settings, account, self.store, self.http)

    @contextmanager
    def api(self, account: "Account", rank: "Rank | None" = None, tokens: "Tokens | None" = None) -> "Iterator[ApiClient]":
        """Lend what asks in an account's name, with tokens of its own or with those given."""
        with closing(api_client(self.settings, account, tokens or self.tokens(account), self.http, rank)) as client:
            yield client


@asynccontextmanager
async def connected(settings: "Settings", *, reads: bool = False) -> AsyncIterator[Connections]:
    """Lend connections to Zalo; called inside the event loop that will use them.

    Args:
        settings: The workspace's.
        reads: Whether nothing but questions is asked, which a workspace that rests may do, too.

    Raises:
        WorkspaceRests: More is to be done, and the workspace was restored or handed over.
    """
    from zalo_alert.settings.rest_mark import check_awake

    if not reads:
        check_awake(settings.state_dir)
    async with http_client(settings) as http:
        with closing(token_store(settings)) as store:
            yield Connections(settings, http, store)
