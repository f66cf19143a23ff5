"""The imitation itself: requests in, answers out, no network; everything it knows is in memory and dies with it.

Owns which call goes where, and the order in which Zalo refuses one: token, rate, content. Source: Zalo OA and ZBS documentation
(read 2026-11).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from zalo_alert.errors import UsageError
from zalo_alert.sandbox.articles import ARTICLE_PATH, Articles
from zalo_alert.sandbox.base import Account, Options
from zalo_alert.sandbox.changes import changed, read_changes
from zalo_alert.sandbox.crowds import Crowds
from zalo_alert.sandbox.life import Life
from zalo_alert.sandbox.messages import Messages
from zalo_alert.sandbox.oauth import OAuth
from zalo_alert.sandbox.page import Page
from zalo_alert.sandbox.people import People
from zalo_alert.sandbox.phones import Phones
from zalo_alert.sandbox.population import Population
from zalo_alert.sandbox.talks import Talks
from zalo_alert.sandbox.templates import Templates
from zalo_alert.sandbox.uploads import Uploads, multipart
from zalo_alert.sandbox.waves import Waves
from zalo_alert.sandbox.webhooks import Webhooks
from zalo_alert.sandbox.wire import NDJSON, Answer, Handler, Refusal, Request, lines, ok
from zalo_alert.sandbox.world import World

_BUSINESS = ("/message/", "/template/", "/quality", "/rating/", "/upload/")
MOST_TICK_S = 10 * 366 * 86_400
_OWN_NAMES = {"127.0.0.1", "localhost", "::1"}
_NOT_FOUND = Answer(404, b'{"error":-404,"message":"no such API"}')


class State:
    """One sandbox.

    Args:
        options: Limits and faults; may change while it runs.
        accounts: The OAs, with what clients start with.
    """

    def __init__(self, options: Options, accounts: Sequence[Account]) -> None:
        self.world = World(options, accounts)
        self.templates = Templates(self.world)
        self.uploads = Uploads(self.world)
        self.webhooks = Webhooks(self.world)
        self.talks = Talks()
        self.messages = Messages(self.world, self.templates, self.uploads, Phones(self.world, self.webhooks), self.talks)
        self.people = People(self.world)
        self.population = Population(self.world)
        self.articles = Articles(self.world, self.messages, self.population, self.uploads)
        self.page = Page(self.world, self.population, self.articles, self.talks)
        self.oauth = OAuth(self.world)
        self.life = Life(self.world, self.templates, self.messages, self.people, self.webhooks)
        self.waves = Waves(self.world, self.life, self.webhooks)
        self.crowds = Crowds(self.world, self.life, self.messages, self.webhooks, self.talks)
        self._takes = self.messages.takes
        self._calls: Mapping[tuple[str, str], Handler] = {
            **self.people.routes(), **self.templates.routes(), **self.uploads.routes(), **self.articles.routes(),
        }  # fmt: skip
        # Answers with an envelope of their own.
        self._bare: Mapping[tuple[str, str], Handler] = {
            ("GET", "/template/all"): lambda oa, asked: self.templates.listed(asked),
        }
        self._open: Mapping[str, Callable[[Request], Answer]] = {
            "/v4/oa/permission": lambda request: _from_here(request) or self.oauth.permission(request),
            "/v4/oa/access_token": self.oauth.token,
        }
        self._shown: Mapping[str, Callable[[Request], Answer]] = {
            "/": lambda request: self.page.html(request.header(b"accept-language")),
            "/_sandbox/stats": self._stats,
            "/_sandbox/reached": lambda request: lines(self.world.reached()),
            "/_sandbox/lost": lambda request: lines(self.world.lost),
            "/_sandbox/broadcasts": lambda request: ok(self.articles.as_json()),
            "/_sandbox/webhooks": lambda request: ok(self.webhooks.as_json()),
            "/_sandbox/receipts": lambda request: Answer(200, b"".join(self.webhooks.lines()), NDJSON),
            "/_sandbox/questions": lambda request: ok(self.talks.as_json()),
            "/_sandbox/answers": lambda request: Answer(200, b"".join(self.talks.lines()), NDJSON),
        }
        self._changes: Mapping[str, Callable[[Request], Answer]] = {
            "/_sandbox/options": self._change,
            "/_sandbox/consent": self._consent,
            "/_sandbox/tick": self._tick,
            "/_sandbox/event": self._event,
            "/_sandbox/wave": self._wave,
            "/_sandbox/crowd": self._crowd,
            "/_sandbox/secret": self._secret,
        }

    def paths(self) -> list[tuple[str, str]]:
        """Name every call of the API."""
        messages = [("POST", path) for path in self.messages.paths()]
        return [*messages, *self._calls, *self._bare, ("POST", "/v4/oa/access_token"), ("POST", "/v4/oa/permission")]

    def answer(self, request: Request) -> Answer:
        """Answer one request; it has been executed when this returns."""
        now_s = self.world.now_s()
        if request.method == "POST" and self._takes(request.path):
            return self.messages.answer(request, now_s)
        if request.path in self._open:
            return self._open[request.path](request)
        if request.path in self._shown or request.path in self._changes:
            return self._own(request)
        return self._call(request, now_s)

    def _own(self, request: Request) -> Answer:
        """Answer what is asked of the sandbox itself: only for this machine's own programs and pages, and GET changes nothing."""
        if refused := _from_here(request, is_named=True):
            return refused
        if show := self._shown.get(request.path):
            return show(request)
        if request.method != "POST":
            return _problem(405, "this changes something: POST it", b"Allow: POST\r\n")
        if request.body and request.header(b"content-type").partition(";")[0].strip().lower() != "application/json":
            return _problem(415, "send it as application/json")
        return self._changes[request.path](request)

    # --- the API -----------------------------------------------------------------------------------------------------------

    def _call(self, request: Request, now_s: float) -> Answer:
        route = (request.method, request.path)
        handler = self._calls.get(route) or self._bare.get(route)
        if handler is None or self._is_by_query(request):
            return _NOT_FOUND
        world, is_business = self.world, request.path.startswith(_BUSINESS)
        headers = b""
        try:
            get = request.headers.get
            oa = world.bearer(get(b"access_token"), get(b"appsecret_proof"), now_s, business=is_business)
            why, headers = world.counted(oa, now_s)
            if why:
                raise Refusal(-32, why)
            fault = world.options.article_fault if request.path == ARTICLE_PATH else ""
            data = None if fault == "before" else handler(oa, _asked(request, is_business=is_business))
            if fault:
                return _problem(500, "try later")._replace(headers=headers)
        except Refusal as exc:
            world.refused[str(exc.code)] += 1
            if not headers:
                headers = world.counted(None, now_s)[1]
            return ok({"error": exc.code, "message": exc.text})._replace(headers=headers)
        if route in self._bare:
            return ok(data)._replace(headers=headers)
        envelope = {"error": 0, "message": "success" if request.path == "/message/quota" else "Success"}
        return ok(envelope if data is None else {"data": data, **envelope})._replace(headers=headers)

    @staticmethod
    def _is_by_query(request: Request) -> bool:
        # A token in the address is how the API once worked; the calls of today are not found that way.
        return b"access_token" not in request.headers and "access_token=" in request.query

    # --- what it tells of itself, and is told -------------------------------------------------------------------------------

    def stats(self) -> dict[str, Any]:
        """Count what was received: how many people; `twice` is how often one was given a message that they had already."""
        world = self.world
        return {
            "requests": world.requests,
            "accepted": world.accepted,
            "people": len(world.received),
            "twice": world.twice,
            "most": world.most,
            "refused": dict(world.refused),
        }

    def _stats(self, request: Request) -> Answer:
        return ok(self.stats() | (self.page.numbers() if request.query == "by=province" else {}))

    def _change(self, request: Request) -> Answer:
        try:
            changes = read_changes(request.body)
            options = changed(self.world.options, changes)
        except UsageError as exc:
            return _problem(400, exc.message)
        before, self.world.options = self.world.options, options
        if options.at != before.at:
            self.world.set_clock()
        self.messages.set_faults()
        if "webhook_url" in changes:
            self.webhooks.enable()
        self.webhooks.wake()
        return ok(options.as_json())

    def _consent(self, request: Request) -> Answer:
        """Give a fresh pair, as an administrator's consent in the browser does when a pair was lost."""
        oa = self.world.named.get(request.plain().get("account", ""), self.world.oas[0])
        self.world.renew(oa)
        return ok(oa.credentials()._asdict())

    def _tick(self, request: Request) -> Answer:
        """Let some seconds pass at once."""
        given = request.plain().get("seconds", "0")
        try:
            seconds = float(given)
        except ValueError:
            return _problem(400, f'seconds is a number, not "{given[:60]}"')
        if not abs(seconds) <= MOST_TICK_S:  # NaN fails too
            return _problem(400, f"seconds is a number up to {MOST_TICK_S}")
        self.world.offset_s += seconds
        self.webhooks.wake()
        return ok({"now": self.world.local().isoformat()})

    def _secret(self, request: Request) -> Answer:
        """Give a fresh secret for events, as the button of the app's page in the console does."""
        try:
            oa = self.life.office(request.plain().get("account", self.world.oas[0].account.id))
        except UsageError as exc:
            return _problem(400, exc.message)
        return ok({"oa_secret": self.world.renew_secret(oa)})

    def _event(self, request: Request) -> Answer:
        """Make something happen without the app's doing."""
        return self._made(request, self.life.happen)

    def _wave(self, request: Request) -> Answer:
        """Make many people do something."""
        return self._made(request, self.waves.happen)

    def _crowd(self, request: Request) -> Answer:
        """Make many people ask."""
        return self._made(request, self.crowds.happen)

    @staticmethod
    def _made(request: Request, make: Callable[[dict[str, Any]], dict[str, Any]]) -> Answer:
        try:
            return ok(make(_object(request.body, "body", -201)))
        except Refusal:
            return _problem(400, 'the body is not a JSON object, such as {"event_name": "follow", "user_id": "…"}')
        except UsageError as exc:
            return _problem(400, exc.message)


def _from_here(request: Request, *, is_named: bool = False) -> Answer | None:
    """Refuse what a page of somebody else's asks for in this machine's browser: by its origin, or by a name that now leads here.

    Args:
        request: As it came.
        is_named: Whether it must call this machine by its own name; calls of the API may come by Zalo's.
    """
    host, origin = request.header(b"host"), request.header(b"origin")
    try:
        name, asker = urlsplit(f"//{host}").hostname, urlsplit(origin).netloc
    except ValueError:  # a bracket left open
        return _problem(400, "Host or Origin is none")
    if is_named and name not in _OWN_NAMES:
        return _problem(403, "this is asked of another host than this machine")
    if origin and asker != host:
        return _problem(403, "this is asked by another site's page")
    return None


def _problem(status: int, text: str, headers: bytes = b"") -> Answer:
    return ok({"problem": text})._replace(status=status, headers=headers)


def _asked(request: Request, *, is_business: bool) -> dict[str, Any]:
    """Read what a call asks: one JSON parameter on the OA host, plain ones on the business host, a body when it posts."""
    if request.method == "GET":
        plain = request.plain()
        if is_business or "data" not in plain:
            return dict(plain)
        return _object(plain["data"].encode(), "data", -201)
    kind = request.header(b"content-type")
    if kind.startswith("multipart/"):
        return multipart(kind, request.body)
    return _object(request.body or b"{}", "body", -122 if is_business else -201)


def _object(text: bytes, field: str, code: int) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise Refusal(code, f"{field} is invalid!" if code == -201 else "")
    return value
