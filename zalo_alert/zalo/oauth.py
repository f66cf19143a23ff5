"""Zalo's OAuth v4: the consent link, and both ways to a pair of tokens.

Nothing is ever repeated here: a code and a refresh token work once, and an answer that was lost cannot be had again. Only codes
that name the token say that it is dead; whatever else comes without a pair (an HTTP status, a rate limit, a page, a code that no
table knows) is not a verdict on it. Source: Zalo OAuth v4 documentation, official PHP SDK `OAuth2Client`; refusals come with HTTP
200 and no `access_token`, and no official table of their codes exists (read 2026-11).
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from zalo_alert.errors import CredentialsRefused, Cure, ErrorCause, RunSuspended, UsageError
from zalo_alert.foundation.secret import Secret
from zalo_alert.language import _
from zalo_alert.settings.model import Account
from zalo_alert.zalo.base import NoAnswer, NotSent, TokenPair
from zalo_alert.zalo.calling import Answer, call, plain, read_object

TIMEOUT_S = 20.0
DEFAULT_LIFETIME_S = 90_000.0  # 25 h, when the answer does not say
DEFAULT_REFRESH_LIFETIME_S = 90 * 86_400.0
SPENT = frozenset({-14005, -14014, -118})  # names the code or token itself, and says that it is dead
RATE = -32
_BUSY = frozenset({407, 429, 503})  # a proxy's own word, or the server's that it has done nothing (RFC 9110)
_CONSENT = _("have an administrator of the OA look at the app's rights on it in Zalo's developer console")

# Zalo says no for a reason that a person can put right, and the token is as good as before.
_CURES: Mapping[int, str] = {
    -14002: _("see whether app_id in zalo-alert.yaml is right and the app active"),
    -14003: _("register redirect_uri in Zalo's developer console exactly as zalo-alert.yaml has it"),
    -14004: _("set the right app secret (ZALO_ALERT_APP_<app id>_SECRET)"),
    -14012: _CONSENT,
    -14024: _CONSENT,
    -14029: _("have Zalo approve the app first"),
}
_TOKEN = re.compile(r"[!-~]{1,4096}")  # what may stand in a header


class Refused(CredentialsRefused):
    """Zalo said no: `code` is its own, and `is_spent` whether the code or refresh token is dead for good."""

    def __init__(self, what: str, code: int, name: str, hint: str) -> None:
        answer = f"{code} {name}".strip()
        super().__init__(_("Zalo refused {what} ({answer})", what=what, answer=answer), hint=_CURES.get(code, hint))
        self.code = code
        self.is_spent = code in SPENT


class Busy(NotSent):
    """The OAuth host says that it has executed nothing: too many calls, or a server that can't serve now."""


def pkce() -> tuple[Secret, str]:
    """Make a verifier and its challenge (S256)."""
    verifier = secrets.token_urlsafe(32)
    return Secret(verifier), challenge(Secret(verifier))


def challenge(verifier: Secret) -> str:
    """Return the challenge that belongs to a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.reveal().encode()).digest()).rstrip(b"=").decode()


def consent_link(oauth_url: str, app_id: str, redirect_uri: str, code_challenge: str, state: str) -> str:
    """Return the address at which an administrator of the OA consents."""
    query = {"app_id": app_id, "redirect_uri": redirect_uri, "code_challenge": code_challenge, "state": state}
    return f"{oauth_url}/v4/oa/permission?{urlencode(query)}"


async def check_link(client: httpx.AsyncClient, link: str, app_id: str) -> str:
    """Ask whether Zalo would show its consent page at an address like this one; return the answer's `Date` header.

    Only a refusal in OAuth's own words counts: the page itself, or the way to a login, may look like anything.

    Raises:
        Refused: It does not know the app, or not this address of ours.
        NotSent: It can't be reached.
        NoAnswer: Likewise.
    """
    answer = await call(client, "GET", link, timeout_s=TIMEOUT_S)
    try:
        body = read_object(answer)
    except NoAnswer:
        body = {}
    code = body.get("error")
    if type(code) is int and code in _CURES:
        raise Refused(_("app {app}", app=app_id), code, plain(body.get("error_name"), 100), _CURES[code])
    return answer.headers.get("date", "")


def read_code(url: str, account: Account, state: str) -> Secret:
    """Read the code off the address that a consent came back to.

    Raises:
        UsageError: It answers another question, speaks of another OA, or holds no code.
    """
    try:
        query = {name: values[0] for name, values in parse_qs(urlsplit(url.strip()).query).items()}
    except ValueError as exc:
        raise UsageError(
            _("that is not a valid address: {why}", why=exc), hint=_("paste the whole line from the browser")
        ) from exc
    if not query.get("code"):
        raise UsageError(_without_code(query), hint=_("paste the whole address that the browser came back to, with ?code=…"))
    if not secrets.compare_digest(query.get("state", "").encode(), state.encode()):
        raise UsageError(
            _("this consent was not asked for here just now (state differs)"), hint=_("start {login} again", login=Cure.LOGIN())
        )
    if query.get("oa_id", account.oa_id) != account.oa_id:
        raise UsageError(
            _(
                "the consent is for OA {other}, and {account} is {oa}",
                other=plain(query["oa_id"]),
                account=account.id,
                oa=account.oa_id,
            ),
            hint=_("choose the right OA on Zalo's page"),
        )
    return Secret(query["code"])


def _without_code(query: Mapping[str, str]) -> str:
    text = plain(query.get("error_description") or query.get("error_reason") or query.get("error"))
    return _("the address holds no code: {why}", why=text) if text else _("the address holds no code")


async def exchange(
    client: httpx.AsyncClient, oauth_url: str, app_id: str, app_secret: Secret, code: Secret, verifier: Secret
) -> TokenPair:
    """Trade an authorization code, good once and for ten minutes, for the first pair.

    Raises:
        Refused: Zalo refused.
        RunSuspended: No usable answer.
    """
    form = {"code": code.reveal(), "app_id": app_id, "grant_type": "authorization_code", "code_verifier": verifier.reveal()}
    try:
        answer = await _ask(client, oauth_url, app_secret, form)
        return _read_answer(answer, _("the consent"), _("start {login} again", login=Cure.LOGIN()), Secret(""))
    except (NotSent, NoAnswer) as exc:
        raise RunSuspended(
            _("no usable answer from {url} ({why})", url=oauth_url, why=exc),
            hint=_("start {login} again", login=Cure.LOGIN()),
            cause=ErrorCause.SERVER,
        ) from exc


async def refresh(client: httpx.AsyncClient, oauth_url: str, app_id: str, app_secret: Secret, refresh_token: Secret) -> TokenPair:
    """Trade a refresh token for a new pair; the old pair is dead the moment Zalo has executed it.

    Raises:
        Refused: Zalo refused.
        NotSent: Nothing left this machine, or (`Busy`) Zalo says that it has executed nothing: the old pair is as good as before.
        NoAnswer: It may have been executed, and the new pair with it lost.
    """
    form = {"refresh_token": refresh_token.reveal(), "app_id": app_id, "grant_type": "refresh_token"}
    answer = await _ask(client, oauth_url, app_secret, form)
    return _read_answer(
        answer,
        _("the refresh token"),
        _("an administrator of the OA must consent again: {login}", login=Cure.LOGIN()),
        refresh_token,
    )


async def _ask(client: httpx.AsyncClient, oauth_url: str, app_secret: Secret, form: Mapping[str, str]) -> Answer:
    headers = {"secret_key": app_secret.reveal()}
    return await call(client, "POST", f"{oauth_url}/v4/oa/access_token", data=dict(form), headers=headers, timeout_s=TIMEOUT_S)


def _read_answer(answer: Answer, what: str, hint: str, old_refresh: Secret) -> TokenPair:
    """Read an answer: a pair, a refusal that is one, or no answer at all.

    Raises:
        Refused: By a code that names the token, or one that says what a person must put right.
        Busy: It says that nothing was executed.
        NoAnswer: Whatever else.
    """
    try:
        body = read_object(answer)
    except NoAnswer:
        body = {}
    if body.get("access_token") and body.get("error") in (None, 0):
        return _read_pair(body, old_refresh)
    code, name = body.get("error"), plain(body.get("error_name") or body.get("message"), 100)
    if type(code) is int and (code in SPENT or code in _CURES):
        raise Refused(what, code, name, hint)
    said = f"HTTP {answer.status}" if code is None else f"HTTP {answer.status}, {plain(code, 20)} {name}".rstrip()
    if answer.status in _BUSY or (type(code) is int and code == RATE):
        raise Busy(_("Zalo is too busy to answer ({said})", said=said))
    raise NoAnswer(said if body else _("{said} without a JSON object", said=said))


def _read_pair(body: Mapping[str, object], old_refresh: Secret) -> TokenPair:
    access, fresh = body["access_token"], body.get("refresh_token") or old_refresh.reveal()
    if not _is_token(access) or not (fresh == "" or _is_token(fresh)):
        raise NoAnswer(_("a pair of invalid tokens"))
    return TokenPair(
        Secret(str(access)),
        Secret(str(fresh)),
        _number(body.get("expires_in")) or DEFAULT_LIFETIME_S,
        _number(body.get("refresh_token_expires_in")) or DEFAULT_REFRESH_LIFETIME_S,
    )


def _is_token(value: object) -> bool:
    return isinstance(value, str) and bool(_TOKEN.fullmatch(value))


def _number(value: object) -> float:
    # A string in the documentation and in practice; a number elsewhere.
    return float(value) if type(value) in (int, str) and re.fullmatch("[0-9]{1,12}", str(value)) else 0.0  # type: ignore[arg-type]
