"""OAuth v4 for Official Accounts: the consent page, codes, and tokens that live once.

Errors come in an envelope of their own, with HTTP 200. Source: Zalo OAuth v4 documentation; the codes were seen live, and no
official table of them exists (read 2026-11).
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from html import escape
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from zalo_alert.sandbox.wire import HTML, TEXT, Answer, Request, ok
from zalo_alert.sandbox.world import ACCESS_S, App, Oa, World

CODE_S = 600.0
DOC = "https://developers.zalo.me/docs/social-api/tham-khao/ma-loi"

NAMES: Mapping[int, str] = {
    -14002: "Invalid appId",
    -14003: "Invalid redirect uri",
    -14004: "Invalid secret key",
    -14005: "Invalid code",
    -14014: "Invalid refresh token",
    -14018: "Invalid grant type",
}
BROKEN = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

_PAGE = """<!doctype html>
<html lang="vi"><meta charset="utf-8"><title>Cấp quyền cho ứng dụng</title>
<style>body{{font:16px system-ui;max-width:34em;margin:4em auto;padding:0 1em}}label{{display:block;padding:.4em 0}}
button{{font:inherit;padding:.5em 1.5em;background:#0068ff;color:#fff;border:0;border-radius:.4em}}</style>
<h1>Cấp quyền quản lý Official Account</h1>
<p>Ứng dụng <b>{app_id}</b> xin quyền gửi tin và đọc người quan tâm. / The app asks for these Official Accounts:</p>
<form method="post" action="/v4/oa/permission">
{choices}
<input type="hidden" name="app_id" value="{app_id}">
<input type="hidden" name="redirect_uri" value="{redirect_uri}">
<input type="hidden" name="code_challenge" value="{code_challenge}">
<input type="hidden" name="state" value="{state}">
<p><button>Cho phép / Allow</button></p>
</form></html>"""


class Code(NamedTuple):
    """An authorization code, until it is used or ten minutes old."""

    oa: Oa
    challenge: str
    expires_at_s: float


class _Wrong(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class OAuth:
    """Consent and both grants.

    Args:
        world: Whose tokens.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._codes: dict[str, Code] = {}

    # --- consent -----------------------------------------------------------------------------------------------------------

    def permission(self, request: Request) -> Answer:
        """Show the page on which an administrator consents, and go back with a code once they have."""
        asked = request.form() if request.method == "POST" else request.plain()
        try:
            app = self._app(asked)
            back = urlsplit(asked.get("redirect_uri", ""))
            registered = self._world.options.redirect_uri
            if back.scheme not in ("http", "https") or not back.netloc or registered not in ("", asked["redirect_uri"]):
                raise _Wrong(-14003)
        except (_Wrong, ValueError) as exc:
            return _refused(exc.code if isinstance(exc, _Wrong) else -14003)
        return self._allowed(app, asked) if request.method == "POST" else self._page(app, asked)

    def _page(self, app: App, asked: Mapping[str, str]) -> Answer:
        owned = [oa for oa in self._world.oas if oa.app is app]
        choices = "\n".join(
            f'<label><input type="radio" name="oa_id" value="{oa.oa_id}"{" checked" if oa is owned[0] else ""}>'
            f" {escape(oa.account.name)} ({oa.oa_id})</label>"
            for oa in owned
        )
        fields = {name: escape(asked.get(name, "")) for name in ("redirect_uri", "code_challenge", "state")}
        return Answer(200, _PAGE.format(app_id=app.app_id, choices=choices, **fields).encode(), HTML)

    def _allowed(self, app: App, asked: Mapping[str, str]) -> Answer:
        oa = self._world.by_id.get(asked.get("oa_id", ""))
        if oa is None or oa.app is not app:
            return _refused(-14002)
        code = secrets.token_urlsafe(32)
        self._codes[code] = Code(oa, asked.get("code_challenge", ""), self._world.now_s() + CODE_S)
        back = urlsplit(asked["redirect_uri"])
        query = [*parse_qsl(back.query), ("code", code), ("oa_id", oa.oa_id)]
        if asked.get("state"):
            query.append(("state", asked["state"]))
        to = urlunsplit(back._replace(query=urlencode(query)))
        return Answer(302, b"", TEXT, b"Location: %b\r\n" % to.encode("ascii", "ignore"))

    # --- tokens ------------------------------------------------------------------------------------------------------------

    def token(self, request: Request) -> Answer:
        """Trade a code or a refresh token for a new pair, unless a fault was asked for."""
        form = request.form()
        options = self._world.options
        faults = {"refresh_token": options.refresh_fault, "authorization_code": options.consent_fault}
        kind, _, moment = faults.get(form.get("grant_type", ""), "").partition("-")
        if kind:
            if moment == "after":
                self._granted(form, request.header(b"secret_key"))
            return _broken(kind, options.refresh_delay_ms / 1000)
        answer = self._granted(form, request.header(b"secret_key"))
        return answer._replace(delay_s=options.refresh_delay_ms / 1000)

    def _granted(self, form: Mapping[str, str], secret: str) -> Answer:
        try:
            grant = form.get("grant_type")
            if grant not in ("authorization_code", "refresh_token"):
                raise _Wrong(-14018)
            app = self._app(form)
            if not secrets.compare_digest(secret.encode(), app.secret.encode()):
                raise _Wrong(-14004)
            oa = self._by_code(app, form) if grant == "authorization_code" else self._by_refresh(app, form)
        except _Wrong as exc:
            return _refused(exc.code)
        self._world.renew(oa)
        return ok({"access_token": oa.access.decode(), "refresh_token": oa.refresh, "expires_in": str(ACCESS_S)})

    def _app(self, asked: Mapping[str, str]) -> App:
        app = self._world.apps.get(asked.get("app_id", ""))
        if app is None:
            raise _Wrong(-14002)
        return app

    def _by_code(self, app: App, form: Mapping[str, str]) -> Oa:
        # Whoever presents a code has used it up, rightly or not.
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.oa.app is not app or self._world.now_s() >= code.expires_at_s:
            raise _Wrong(-14005)
        if code.challenge and not secrets.compare_digest(
            code.challenge.encode(), challenge(form.get("code_verifier", "")).encode()
        ):
            raise _Wrong(-14005)
        return code.oa

    def _by_refresh(self, app: App, form: Mapping[str, str]) -> Oa:
        oa = self._world.by_refresh.get(form.get("refresh_token", ""))
        if oa is None or oa.app is not app or self._world.now_s() >= oa.refresh_expires_at_s:
            raise _Wrong(-14014)
        return oa


def challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _refused(code: int) -> Answer:
    name = NAMES[code]
    return ok({"error": code, "error_name": name, "error_reason": "", "error_description": name, "ref_doc": DOC})


def _broken(kind: str, delay_s: float) -> Answer:
    if kind == "cut":
        return Answer(500, b"", cut=True, delay_s=delay_s)
    if kind == "html":
        return Answer(502, BROKEN, HTML, delay_s=delay_s)
    if kind == "503":
        return Answer(503, b'{"message":"Service Unavailable"}', delay_s=delay_s)
    if kind == "rate":
        return Answer(200, b'{"error":-32,"message":"Your application reached limit call api"}', delay_s=delay_s)
    return Answer(500, b"internal error", TEXT, delay_s=delay_s)
