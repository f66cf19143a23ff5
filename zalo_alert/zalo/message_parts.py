"""What every message to a person is made of, whoever composes it: the headers of its call, and buttons below its text.

Source: Zalo OA API, button actions (read 2026-11).
"""

from collections.abc import Mapping
from typing import Any

from zalo_alert.foundation.secret import Secret, proof
from zalo_alert.models import Press
from zalo_alert.zalo.base import Headers

_ACTIONS: Mapping[Press, str] = {Press.URL: "oa.open.url", Press.PHONE: "oa.open.phone", Press.QUERY: "oa.query.show"}


def call_headers(token: str, app_secret: Secret) -> Headers:
    """Return the headers of a call in an OA's name; with an empty `app_secret` it proves nothing beside its token."""
    headers = (("access_token", token), ("content-type", "application/json"))
    return (*headers, ("appsecret_proof", proof(app_secret, token))) if app_secret else headers


def button_of(title: str, press: Press, value: str) -> dict[str, Any]:
    """Return a button as Zalo reads it: `value` is an address, a number that begins with 84, or a text that comes back."""
    payloads: Mapping[Press, Any] = {Press.URL: {"url": value}, Press.PHONE: {"phone_code": value}, Press.QUERY: value}
    return {"title": title, "type": _ACTIONS[press], "payload": payloads[press]}
