"""Calls that ask: token refresh. Few, slow is fine, and every failure is a sentence.

The messages themselves go through `zalo.post`.
"""

import re

import httpx

from zalo_alert.errors import CredentialsRefused, RunSuspended
from zalo_alert.settings import Secret
from zalo_alert.zalo.base import TokenPair

TIMEOUT_S = 20.0
DEFAULT_LIFETIME_S = 90_000.0  # 25 h, when the answer does not say


async def refresh(oauth_url: str, app_id: str, app_secret: Secret, refresh_token: Secret, *, direct: bool = False) -> TokenPair:
    """Exchange a refresh token for a new pair; the old pair is dead the moment Zalo has answered.

    Never repeated here: a second use of the same refresh token is refused, and an answer that was lost cannot be had again.
    `direct` goes round any proxy that the environment names.

    Raises:
        CredentialsRefused: Zalo refused; an OA administrator must consent again.
        RunSuspended: No answer, or none that can be read.

    Source: Zalo OAuth v4 documentation; refusals come with HTTP 200 and no `access_token`.
    """
    form = {"refresh_token": refresh_token.reveal(), "app_id": app_id, "grant_type": "refresh_token"}
    url = f"{oauth_url}/v4/oa/access_token"
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=not direct) as client:
            answer = await client.post(url, data=form, headers={"secret_key": app_secret.reveal()})
        body = answer.json()
    except (httpx.HTTPError, ValueError) as exc:
        raise RunSuspended(
            f"no usable answer from {url} to the token refresh ({type(exc).__name__})",
            hint="if the next try is refused, an OA administrator must consent again",
        ) from exc
    if not isinstance(body, dict) or not body.get("access_token"):
        raise CredentialsRefused(f"Zalo refused the refresh token{_why(body)}", hint="an OA administrator must consent again")
    return TokenPair(
        Secret(str(body["access_token"])),
        Secret(str(body.get("refresh_token") or refresh_token.reveal())),
        _number(body.get("expires_in")) or DEFAULT_LIFETIME_S,
    )


def _why(body: object) -> str:
    if not isinstance(body, dict) or "error" not in body:
        return ""
    return f" ({body['error']} {body.get('error_name') or body.get('message') or ''})".replace(" )", ")")


def _number(value: object) -> float:
    # A string in the documentation and in practice; a number elsewhere.
    return float(value) if isinstance(value, int | str) and re.fullmatch("[0-9]{1,12}", str(value)) else 0.0
