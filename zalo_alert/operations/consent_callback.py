"""Where administrators' answers come to: a safe address that Zalo leads back to, looked at before any letter goes out."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from zalo_alert.audit.telling import OnNotice
from zalo_alert.errors import Cure, SettingsInvalid, UsageError
from zalo_alert.foundation.hosts import is_loopback
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _
from zalo_alert.operations.connect import http_client
from zalo_alert.preflight.clock import ServerTime, check_clock
from zalo_alert.preflight.token_health import Grade
from zalo_alert.settings.model import Account, Profile, Settings
from zalo_alert.zalo import oauth
from zalo_alert.zalo.base import NoAnswer, NotSent
from zalo_alert.zalo.invitations import new_state


def callback_of(settings: Settings, app_id: str, asked: str, on_notice: OnNotice) -> str:
    """Return where an app's answers come to; Zalo sends them to the address that is registered, and to no other.

    Raises:
        UsageError: It is no address, or one over which a code would travel open to read.
    """
    own = settings.app(app_id).redirect_uri
    _check_callback(settings, asked or own)
    if asked and app_id in settings.apps and asked != own:
        sentence = _(
            "app {app} has redirect_uri {own} in zalo-alert.yaml: Zalo takes only the one that is registered with it",
            app=app_id,
            own=own,
        )
        on_notice(Notice(sentence, "", Level.WARNING))
    return asked or own


def _check_callback(settings: Settings, text: str) -> None:
    example = _("such as {example}", example="https://webhook.example.vn/consent")
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or len(text) > 500 or not text.isascii() or not text.isprintable() or " " in text:
        raise UsageError(_('"{address}" is no address that answers could come to', address=text[:100]), hint=example)
    if parts.query or parts.fragment or "@" in parts.netloc or not parts.path.strip("/"):
        raise UsageError(
            _('"{address}" must have a path, and no query, fragment or name before its host', address=text[:100]), hint=example
        )
    is_here = is_loopback(parts.hostname or "")
    if parts.scheme == "http" and not (is_here and (settings.profile is Profile.DRILL or settings.rehearses)):
        raise UsageError(
            _("{address} is not https: the code that gives tokens would travel open to read", address=text),
            hint=_("use an https:// address that is registered with Zalo, as redirect_uri or with {option}",
                   option=Cure.OPTION(callback="https://…")),
        )  # fmt: skip


def require_secrets(settings: Settings, accounts: Iterable[Account]) -> None:
    """Refuse to ask for consents, or to take them, that could be exchanged for nothing.

    Raises:
        SettingsInvalid: The secret of one of their apps is missing.
    """
    for app_id, account in {account.app_id: account for account in accounts}.items():
        if not settings.credentials(account).app_secret:
            raise SettingsInvalid(
                _("the secret of app {app} is missing", app=app_id),
                hint=_("set {variable} in the environment", variable=f"ZALO_ALERT_APP_{app_id}_SECRET"),
            )


async def ask_zalo(settings: Settings, callbacks: dict[str, str], now: datetime, on_notice: OnNotice) -> None:
    """See whether Zalo would show its page for each app and address, and whether our clock is right: links end by it.

    Raises:
        Refused: It would not.
        SettingsInvalid: The clock is wrong.
    """
    async with http_client(settings) as http:
        for app_id, callback in sorted(callbacks.items()):
            challenge, state = oauth.pkce()[1], new_state().reveal()
            link = oauth.consent_link(settings.hosts.oauth, app_id, callback, challenge, state)
            try:
                date = await oauth.check_link(http, link, app_id)
            except (NotSent, NoAnswer) as exc:
                sentence = _("nobody knows whether Zalo takes this address for app {app}: {why}", app=app_id, why=exc)
                on_notice(Notice(sentence, "", Level.WARNING))
                continue
            clock = check_clock([ServerTime(date, now)])
            if clock.grade is Grade.FAIL:
                raise SettingsInvalid(clock.said, hint=clock.cure)
