"""The wall screen as a web application: its addresses, and what each answers. Reads nothing itself; see `feed`."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from zalo_alert.foundation.files import contents
from zalo_alert.language import Language, catalogue_of, said_in
from zalo_alert.pictures import stylesheet
from zalo_alert.wall.feed import Feed
from zalo_alert.wall.guard import COOKIE, LOGIN, Guard
from zalo_alert.wall.page_words import WORDS
from zalo_alert.wall.pages import Pages, View
from zalo_alert.wall.password import COOKIE_S, Gate, Tries
from zalo_alert.wall.watcher import Watcher

MOST_VIEWERS = 64
MOST_FORM = 4096  # bytes of what is posted
STALLED_S = 30.0  # after which a viewer who takes nothing is let go
_STATIC = Path(__file__).parent / "page" / "static"
_TYPES = {"wall.css": "text/css", "wall.js": "text/javascript", "wall.svg": "image/svg+xml", "pictures.css": "text/css"}


@dataclass(frozen=True, slots=True)
class Access:
    """Who may look on.

    Args:
        names: Host headers that are answered.
        gate: Who lets in; None where everyone who reaches us may look.
        is_tls: Whether TLS is spoken.
    """

    names: Collection[str]
    gate: Gate | None = None
    is_tls: bool = False


def make_app(
    folder: Path,
    access: Access,
    *,
    language: Language = Language.VI,
    environ: Mapping[str, str] = os.environ,
    feed: Feed | None = None,
) -> Starlette:
    """Make the application; its `state.feed` is what it shows, and closing that ends every stream.

    Args:
        folder: The workspace's.
        access: Who may look on.
        language: Of whoever asks for none.
        environ: Where the workspace's settings come from, beside its files.
        feed: What is shown; None reads the workspace.
    """
    feed = feed or Feed(Watcher(folder, environ))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(feed.run(), name="feed")
        yield
        feed.close()
        await ticking

    own = catalogue_of(language)
    guard = Middleware(Guard, names=access.names, gate=access.gate, catalogue=own)
    wall = _Wall(feed, Pages(folder.resolve().name, language), access, language)
    routes = [
        Route("/", wall.page),
        Route("/events", wall.events),
        Route("/runs", wall.runs),
        Route("/static/{name}", _static),
        *([Route(LOGIN, wall.login, methods=["GET", "POST"])] if access.gate else []),
    ]
    app = Starlette(routes=routes, middleware=[guard], lifespan=lifespan)
    app.state.feed = feed
    return app


class _Wall:
    """Answers requests."""

    def __init__(self, feed: Feed, pages: Pages, access: Access, language: Language) -> None:
        self._feed, self._pages, self._access, self._language = feed, pages, access, language
        self._tries = Tries(time.monotonic)
        self._hashing = asyncio.Semaphore(1)  # a hash takes 32 MB and a tenth of a second: one at a time

    def _view(self, request: Request) -> View:
        return View(self._language_of(request), request.query_params.get("run", ""))

    def _language_of(self, request: Request) -> Language:
        asked = request.query_params.get("lang", "")
        return Language(asked) if asked in tuple(Language) else self._language

    async def page(self, request: Request) -> Response:
        """The wall screen."""
        return HTMLResponse(self._pages.page(await self._feed.latest(), self._view(request)))

    async def runs(self, request: Request) -> Response:
        """The list of all runs."""
        await self._feed.latest()
        page = request.query_params.get("page", "1")
        number = int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 6 else 1
        return HTMLResponse(self._pages.list_of(self._feed.listed(), max(1, number), self._language_of(request)))

    async def events(self, request: Request) -> Response:
        """What changes, as it changes."""
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        if self._feed.viewers >= MOST_VIEWERS:
            return PlainTextResponse("too many viewers\n", 503, {"retry-after": "10"})
        return _Stream(self._feed, self._pages, self._view(request))

    async def login(self, request: Request) -> Response:
        """Ask for the password, or take it."""
        gate, language = self._access.gate, self._language_of(request)
        assert gate is not None  # nobody comes here without one
        if request.method != "POST":
            return self._ask(language)
        address = request.client.host if request.client else ""
        if wait_s := self._tries.wait_s(address):
            said = said_in(WORDS["wait"], catalogue_of(language)).replace("{seconds}", str(ceil(wait_s)))
            return self._ask(language, said, 429, {"retry-after": str(ceil(wait_s))})
        typed = await _posted_password(request)
        self._tries.note_wrong(address)  # before it is looked at: a hundred at once are a hundred tries
        async with self._hashing:
            is_right = typed is not None and await asyncio.to_thread(gate.admits, typed)
        if not is_right:
            return self._ask(language, WORDS["wrong"], 403)
        self._tries.forgive(address)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            COOKIE, gate.make_cookie(), max_age=COOKIE_S, path="/", secure=self._access.is_tls, httponly=True, samesite="strict"
        )
        return answer

    def _ask(self, language: Language, said: str = "", status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        return HTMLResponse(self._pages.login(language, said, is_plain=not self._access.is_tls), status, headers)


class _Stream(Response):
    """Server-sent events for one viewer, until they leave, take nothing any more, or the feed is closed."""

    def __init__(self, feed: Feed, pages: Pages, view: View) -> None:
        super().__init__(media_type="text/event-stream", headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._feed, self._pages, self._view = feed, pages, view

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell, and listen for the viewer's leaving meanwhile."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        telling = asyncio.ensure_future(self._tell(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait((telling, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            telling.cancel()
            with suppress(asyncio.CancelledError, TimeoutError, OSError):
                await telling

    async def _tell(self, send: Send) -> None:
        sent: dict[str, str] = {}
        async with aclosing(self._feed.states()) as states:
            async for state in states:
                body = self._pages.event(state, self._view, sent)
                async with asyncio.timeout(STALLED_S):
                    await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _posted_password(request: Request) -> str | None:
    """Return what was typed; None where nothing of use was posted."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_FORM:
                return None
        return parse_qs(body.decode(), max_num_fields=4).get("password", [None])[0]
    except (ValueError, ClientDisconnect):  # no UTF-8, or more fields than ours
        return None


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name == "pictures.css":
        return Response(stylesheet(), media_type=_TYPES[name], headers={"cache-control": "no-cache"})
    if name not in _TYPES:
        return PlainTextResponse("not found\n", 404)
    return Response(_read(name), media_type=_TYPES[name], headers={"cache-control": "no-cache"})


@cache
def _read(name: str) -> bytes:
    return contents(_STATIC / name, 1 << 20)
