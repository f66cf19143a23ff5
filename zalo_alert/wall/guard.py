"""What stands before every page: whom it answers, what may be asked, and the headers that tell a browser what a page may do.

The pages are read only, so what is defended is what they show. A name that somebody else's DNS leads here (rebinding) is not
answered; neither is a request that another site's page makes.
"""

import hmac
from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, IPv6Address
from socket import gethostname
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zalo_alert.foundation.hosts import is_loopback_address
from zalo_alert.language import Catalogue, _, said_in
from zalo_alert.wall.password import Gate

COOKIE = "zalo-alert-wall"
LOGIN = "/login"
OPEN_TO_ALL = (LOGIN, "/static/wall.css")  # without a password typed
MOST_QUERY = 512  # bytes
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}


def names_of(address: IPv4Address | IPv6Address, port: int) -> frozenset[str]:
    """Return what a browser may call us in its Host header."""
    names = {f"[{address}]" if address.version == 6 else str(address)}
    if is_loopback_address(str(address)):
        names |= {"localhost", "127.0.0.1", "[::1]"}
    else:
        own = gethostname().lower()
        names |= {own, f"{own.partition('.')[0]}.local"}
    return frozenset([*(f"{name}:{port}" for name in names), *(names if port in (80, 443) else ())])


class Guard:
    """Middleware; see the module.

    Args:
        app: What is guarded.
        names: Host headers that are answered.
        gate: Who lets in; None where everyone on this machine may look.
        catalogue: Of the language that refusals are said in.
        is_tls: Whether TLS is spoken.
    """

    def __init__(
        self, app: ASGIApp, *, names: Collection[str], gate: Gate | None, catalogue: Catalogue, is_tls: bool = False
    ) -> None:
        self._app, self._names, self._gate, self._catalogue, self._is_tls = app, names, gate, catalogue, is_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have it answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = next(self._refusals(scope), None)
        await (refusal or self._app)(scope, receive, send_guarded)

    def _refusals(self, scope: Scope) -> Iterator[Response]:
        headers, path = Headers(scope=scope), scope["path"]
        if headers.getlist("host") != [headers.get("host", "")] or headers["host"].lower() not in self._names:
            yield self._refuse(
                421, _("the wall screen does not go by this name: open it by the address that `watch` has printed")
            )
        if scope["method"] not in (("GET", "HEAD", "POST") if path == LOGIN else ("GET", "HEAD")):
            yield self._refuse(405, _("the wall screen can only be looked at"))
        if self._is_foreign(headers, path):
            yield self._refuse(403, _("another site's page has asked for this"))
        if len(scope["query_string"]) > MOST_QUERY:
            yield self._refuse(414, _("this address is too long"))
        if self._gate and path not in OPEN_TO_ALL and not self._gate.knows(cookie_of(headers)):
            is_page = path == "/" or path.startswith("/runs")
            yield RedirectResponse(LOGIN, 303) if is_page else self._refuse(401, _("log in first"))

    def _is_foreign(self, headers: Headers, path: str) -> bool:
        """Whether a browser says that another site's page is behind a request; to follow a link from there is nobody's harm."""
        origin = headers.get("origin")
        if origin is not None and not hmac.compare_digest(urlsplit(origin).netloc.encode(), headers["host"].encode()):
            return True
        if headers.get("sec-fetch-site", "none") in ("same-origin", "none"):
            return False
        return headers.get("sec-fetch-mode") != "navigate" or headers.get("sec-fetch-dest") != "document"

    def _refuse(self, status: int, sentence: str) -> Response:
        return PlainTextResponse(f"{said_in(sentence, self._catalogue)}\n", status)


def cookie_of(headers: Headers) -> str:
    """Return our cookie's value; "" where there is none."""
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
