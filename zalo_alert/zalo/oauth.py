"""Zalo's OAuth v4: the consent link, and both ways to a pair of tokens.

Nothing is ever repeated here: a code and a refresh token work once, and an answer that was lost cannot be had again. Source: Zalo
OAuth v4 documentation, official PHP SDK `OAuth2Client`; refusals come with HTTP 200 and no `access_token`.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from zalo_alert.errors import CredentialsRefused, RunSuspended, UsageError
from zalo_alert.settings import Account, Secret
from zalo_alert.zalo.base import NoAnswer, NotSent, TokenPair

TIMEOUT_S = 20.0
DEFAULT_LIFETIME_S = 90_000.0  # 25 h, when the answer does not say
DEFAULT_REFRESH_LIFETIME_S = 90 * 86_400.0
SPENT = frozenset({-14005, -14014, -118})  # the code or token itself is dead; everything else may be cured without a new consent
RATE = -32

_CURES: Mapping[int, str] = {
    -14002: "see whether app_id in zalo-alert.yaml is right and the app active",
    -14003: "register redirect_uri in Zalo's developer console exactly as zalo-alert.yaml has it",
    -14004: "set the right app secret (ZALO_ALERT_APP_<app id>_SECRET)",
    -14029: "have Zalo approve the app first",
}


class Refused(CredentialsRefused):
    """Zalo said no: `code` is its own, and `is_spent` whether the code or refresh token is dead for good."""

    def __init__(self, what: str, code: int, name: str, hint: str) -> None:
        said = f" ({code} {name})".replace(" )", ")") if code else ""
        super().__init__(f"Zalo refused {what}{said}", hint=_CURES.get(code, hint))
        self.code = code
        self.is_spent = code in SPENT or code not in _CURES


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


def returned_code(url: str, account: Account, state: str) -> Secret:
    """Read the code off the address that a consent came back to.

    Raises:
        UsageError: It answers another question, speaks of another OA, or holds no code.
    """
    try:
        query = {name: values[0] for name, values in parse_qs(urlsplit(url.strip()).query).items()}
    except ValueError as exc:
        raise UsageError(f"that is no address: {exc}", hint="paste the whole line from the browser") from exc
    if not query.get("code"):
        raise UsageError(
            f"the address holds no code{_said(query)}", hint="paste the whole address that the browser came back to, with ?code=…"
        )
    if not secrets.compare_digest(query.get("state", "").encode(), state.encode()):
        raise UsageError("this consent was not asked for here just now (state differs)", hint="start `accounts login` again")
    if query.get("oa_id", account.oa_id) != account.oa_id:
        raise UsageError(
            f"the consent is for OA {query['oa_id']}, and {account.id} is {account.oa_id}",
            hint="choose the right OA on Zalo's page",
        )
    return Secret(query["code"])


def _said(query: Mapping[str, str]) -> str:
    text = query.get("error_description") or query.get("error_reason") or query.get("error") or ""
    return f": {text[:200]}" if text else ""


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
        body = await _asked(client, oauth_url, app_secret, form)
    except (NotSent, NoAnswer) as exc:
        raise RunSuspended(f"no usable answer from {oauth_url} ({exc})", hint="start `accounts login` again") from exc
    return _pair(body, "the consent", "start `accounts login` again", Secret(""))


async def refresh(client: httpx.AsyncClient, oauth_url: str, app_id: str, app_secret: Secret, refresh_token: Secret) -> TokenPair:
    """Trade a refresh token for a new pair; the old pair is dead the moment Zalo has executed it.

    Raises:
        Refused: Zalo refused.
        NotSent: Nothing left this machine: the old pair is as good as before.
        NoAnswer: It may have been executed, and the new pair with it lost.
    """
    form = {"refresh_token": refresh_token.reveal(), "app_id": app_id, "grant_type": "refresh_token"}
    body = await _asked(client, oauth_url, app_secret, form)
    return _pair(body, "the refresh token", "an administrator of the OA must consent again: `accounts login`", refresh_token)


async def _asked(client: httpx.AsyncClient, oauth_url: str, app_secret: Secret, form: Mapping[str, str]) -> Mapping[str, object]:
    try:
        answer = await client.post(
            f"{oauth_url}/v4/oa/access_token", data=dict(form), headers={"secret_key": app_secret.reveal()}, timeout=TIMEOUT_S
        )
        body = answer.json()
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as exc:
        raise NotSent(f"{type(exc).__name__}: the server can't be reached") from exc
    except (httpx.HTTPError, ValueError) as exc:
        raise NoAnswer(type(exc).__name__) from exc
    if not isinstance(body, dict):
        raise NoAnswer("an answer that is no object")
    return body


def _pair(body: Mapping[str, object], what: str, hint: str, old_refresh: Secret) -> TokenPair:
    if not body.get("access_token"):
        code = body.get("error")
        name = body.get("error_name") or body.get("message") or ""
        raise Refused(what, code if type(code) is int else 0, str(name)[:100], hint)
    return TokenPair(
        Secret(str(body["access_token"])),
        Secret(str(body.get("refresh_token") or old_refresh.reveal())),
        _number(body.get("expires_in")) or DEFAULT_LIFETIME_S,
        _number(body.get("refresh_token_expires_in")) or DEFAULT_REFRESH_LIFETIME_S,
    )


def _number(value: object) -> float:
    # A string in the documentation and in practice; a number elsewhere.
    return float(value) if isinstance(value, int | str) and re.fullmatch("[0-9]{1,12}", str(value)) else 0.0
