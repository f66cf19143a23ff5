"""An administrator's consent, and the tokens that it gives."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.telling import OnNotice, ignore, tell
from zalo_alert.errors import Cure, RunBusy, SettingsInvalid
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _
from zalo_alert.operations.accounts import oa_of
from zalo_alert.operations.connect import connected
from zalo_alert.operations.consent_listener import listening, listens_here
from zalo_alert.operations.loop import run_loop
from zalo_alert.settings.model import Account, Settings, require_safe_hosts
from zalo_alert.settings.rest_mark import check_awake
from zalo_alert.zalo import oauth
from zalo_alert.zalo.oa import OaFacts
from zalo_alert.zalo.token_store import TokenStore
from zalo_alert.zalo.tokens import seed_of

PATIENCE_S = 20.0  # with another process that renews the same OA's tokens: that takes a second


def log_in(
    settings: Settings,
    account: Account,
    show_link: Callable[[str], None],
    ask_address: Callable[[], str] | None,
    on_notice: OnNotice = ignore,
) -> OaFacts:
    """Have an administrator of the OA consent in a browser, and keep the tokens that this gives.

    Args:
        settings: The workspace's.
        account: Whose tokens.
        show_link: Given the address that the administrator opens.
        ask_address: Returns the address that the browser came back to; None listens for it, where the redirect comes to this
            machine, and is needed where it does not.
        on_notice: Hears why the log could not be told.

    Raises:
        SettingsInvalid: The app's secret is missing.
    """
    require_safe_hosts(settings)
    check_awake(settings.state_dir)  # a consent here would end the tokens of the one that sends
    if not settings.credentials(account).app_secret:
        raise SettingsInvalid(
            _("the secret of app {app} is missing", app=account.app_id),
            hint=_("set {variable} in the environment", variable=f"ZALO_ALERT_APP_{account.app_id}_SECRET"),
        )
    return run_loop(_log_in(settings, account, show_link, ask_address, on_notice))


def comes_back_here(settings: Settings, account: Account) -> bool:
    """Whether the browser comes back to this machine after a consent."""
    return listens_here(settings.app(account.app_id).redirect_uri)


async def _log_in(
    settings: Settings,
    account: Account,
    show_link: Callable[[str], None],
    ask_address: Callable[[], str] | None,
    on_notice: OnNotice,
) -> OaFacts:
    redirect_uri = settings.app(account.app_id).redirect_uri
    verifier, challenge = oauth.pkce()
    if given := settings.code_verifier(account.app_id):
        verifier, challenge = given, oauth.challenge(given)
    state = secrets.token_urlsafe(16)
    link = oauth.consent_link(settings.hosts.oauth, account.app_id, redirect_uri, challenge, state)
    async with connected(settings) as zalo:  # before anybody consents: what can't be kept need not be asked for
        if ask_address:
            show_link(link)
            address = ask_address()
        else:
            async with listening(redirect_uri) as came:
                show_link(link)
                address = await came()
        code, credentials = oauth.read_code(address, account, state), settings.credentials(account)
        with _turn(zalo.store, account):  # a renewal that ends later would put the old consent's pair in the new one's place
            pair = await oauth.exchange(zalo.http, settings.hosts.oauth, account.app_id, credentials.app_secret, code, verifier)
            zalo.store.keep(account.token_key, seed_of(credentials), pair, SystemClock().now().timestamp())
        facts = {"account": account.id, "oa_id": account.oa_id, "app_id": account.app_id}
        tell(settings.state_dir, AuditEvent.TOKEN_LOGIN, on_notice, facts=facts)
        return await oa_of(account, zalo)


@contextmanager
def _turn(store: TokenStore, account: Account) -> Iterator[None]:
    """Let no other process renew this OA's tokens meanwhile.

    Raises:
        RunBusy: One does, and doesn't end.
    """
    lock = store.take_lock(account.token_key, PATIENCE_S)
    if lock is None:
        raise RunBusy(
            _("another process renews the tokens of {account} at this moment: nothing was kept", account=account.id),
            hint=_("start {login} again", login=Cure.LOGIN(account.id)),
        )
    try:
        yield
    finally:
        lock.release()
