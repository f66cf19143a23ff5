"""What an answer may be believed of, against a server that says more than it was asked: nothing wrong is ever written down."""

import asyncio
import time
from collections import Counter
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import orjson
import pytest

from zalo_alert.delivery.channels.zalo import Composer, ZaloChannel
from zalo_alert.delivery.dispatcher import Dispatcher, Rules
from zalo_alert.delivery.progress import Silent
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.ledger.memory import MemoryLedger
from zalo_alert.models import Accepted, FollowerId, OnUnknown, Reason, Rejected, Route, RouteType, State
from zalo_alert.pacing.concurrency import Concurrency
from zalo_alert.pacing.pace import Pace
from zalo_alert.testing import MemorySource
from zalo_alert.zalo.base import Host
from zalo_alert.zalo.post_pyreqwest import PyreqwestPost
from zalo_alert.zalo.post_sockets import SocketPost

LOOPS = [asyncio.run]
try:
    import uvloop
except ImportError:  # Windows
    pass
else:
    LOOPS.append(uvloop.run)

loops = pytest.mark.parametrize("run", LOOPS, ids=lambda run: run.__module__)
MADE_UP = b'{"error":0,"data":{"message_id":"x","user_id":"9999999999999999999"}}'


def http(body):
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


class Server(asyncio.Protocol):
    """Refuses every second person on the first route, and repeats answers: what really happened stands in `reached`."""

    def __init__(self, scene):
        self.scene = scene

    def connection_made(self, transport):
        self.transport, self.data = transport, b""
        self.scene.open.append(transport)
        if self.scene.greets:
            transport.write(http(MADE_UP))

    def data_received(self, data):
        self.data += data
        while (end := self.data.find(b"\r\n\r\n") + 4) > 3:
            head = self.data[:end].lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            if len(self.data) < end + length:
                return
            body, self.data = self.data[end : end + length], self.data[end + length :]
            asyncio.get_running_loop().call_later(0.001, self.answer, head.split(b" ")[1].decode(), orjson.loads(body))

    def answer(self, path, asked):
        if self.scene.greets:
            return
        said = http(self.scene.answer_to(path, asked))
        self.write(said)
        if self.scene.repeats(said):
            if self.scene.after_s:
                asyncio.get_running_loop().call_later(self.scene.after_s, self.write, said)
            else:
                self.write(said)

    def write(self, said):
        if not self.transport.is_closing():
            self.transport.write(said)


class Scene:
    def __init__(self, *, every=0, after_s=0.0, what=b'"error":0', greets=False):
        self.every, self.after_s, self.what, self.greets = every, after_s, what, greets
        self.reached: Counter[str] = Counter()
        self.answers, self.repeated = count(1), 0
        self.open: list[Any] = []

    def answer_to(self, path, asked):
        person = asked.get("phone") or asked["recipient"]["user_id"]
        if int(person) % 2 and path != "/second":
            return b'{"error":-118}' if "phone" in asked else b'{"error":-230,"message":"no interaction"}'
        self.reached[person] += 1
        if "phone" in asked:
            return b'{"error":0,"data":{"msg_id":"m%b"}}' % person.encode()
        return b'{"error":0,"data":{"message_id":"m%b","user_id":"%b"}}' % (person.encode(), person.encode())

    def repeats(self, said):
        if self.every and self.what in said and next(self.answers) % self.every == 0:
            self.repeated += 1
            return True
        return False

    @asynccontextmanager
    async def serving(self):
        server = await asyncio.get_running_loop().create_server(lambda: Server(self), "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            for transport in self.open:
                transport.abort()
            server.close()
            await asyncio.sleep(0.01)  # until all of them are gone


class Words:
    personal, edition = False, 0

    def __call__(self, recipient):
        return {"text": "x"}


class Access:
    token = "t"
    refusal, is_passing = "", False

    async def renew(self, stale):
        return False


def channel(base, post, route, path):
    host = Host.BUSINESS if route is RouteType.PHONE else Host.OPENAPI
    compose = Composer(Route(route, "1"), Words(), "run").compile()
    return ZaloChannel(base + path, host, compose=compose, post=post, access=[Access()], on_exhausted=lambda account: None)


class People(MemorySource):
    """Who they are is their number, so that the server knows them."""

    def window(self, first, people):
        return [person._replace(user_id=FollowerId(str(10**18 + person.number)), phone=str(84 * 10**9 + person.number))
                for person in super().window(first, people)]  # fmt: skip

    def people(self, numbers):
        return [self.window(number, 1)[0] for number in numbers]


async def sent(scene, make=SocketPost, people=1000, routes=((RouteType.CS, "/first"), (RouteType.CS, "/second")), **rules):
    """Send to everybody, again and again until nobody waits; return the ledger."""
    ledger, clock = MemoryLedger(people), SystemClock()
    given: dict[str, Any] = {"expires": clock.now() + timedelta(hours=1), "on_unknown": OnUnknown.HOLD, "attempts": 5} | rules
    async with scene.serving() as base:
        post = make(connections=64)
        dispatcher = Dispatcher(
            ledger=ledger, source=People(people), channels=[channel(base, post, *route) for route in routes], pace=Pace(None),
            rules=Rules(**given), clock=clock, observer=Silent(), concurrency=Concurrency(20, 20),
        )  # fmt: skip
        ending = await dispatcher.run()
        assert ending.totals == dict(ledger.totals())
        await post.close()
    return ledger, ending


def states(ledger, first=10**18):
    return {str(first + entry.number): entry for entry in ledger.entries()}


def wrong(scene, ledger, first=10**18):
    """Name whose state is not what happened to them."""
    found = []
    for person, entry in states(ledger, first).items():
        claims = {State.ACCEPTED: 1, State.REJECTED: 0}.get(entry.state)
        if claims is not None and scene.reached[person] != claims:
            found.append((person, entry.state, scene.reached[person]))
    return found


@loops
@pytest.mark.parametrize("after_s", [0, 0.0002, 0.001, 0.005])
@pytest.mark.parametrize("what", [b'"error":0', b"-230"], ids=["acceptances", "refusals"])
def test_a_repeated_answer_makes_nobodys_state_wrong(run, what, after_s):
    scene = Scene(every=25, after_s=after_s, what=what)

    ledger, _ = run(sent(scene))

    assert scene.repeated > 5
    assert wrong(scene, ledger) == []
    assert max(scene.reached.values()) == 1  # and nobody is asked by the next route who may have been reached by the first
    assert ledger.totals()[State.ACCEPTED] > 500
    assert sum(ledger.totals().values()) == 1000


@loops
@pytest.mark.parametrize("after_s", [0.0002, 0.001, 0.005])
def test_answers_that_name_nobody_are_no_more_believed_than_their_connection(run, after_s):
    scene = Scene(every=25, after_s=after_s)

    ledger, _ = run(sent(scene, routes=[(RouteType.PHONE, "/phone")]))

    assert scene.repeated > 5
    assert wrong(scene, ledger, 84 * 10**9) == []
    assert ledger.totals()[State.ACCEPTED] > 100


@loops
def test_who_was_told_apart_too_late_is_unknown_with_the_route_that_was_asked(run):
    scene = Scene(every=25, after_s=0.001, what=b"-230")

    ledger, _ = run(sent(scene))

    doubtful = [entry for entry in ledger.entries() if entry.state is State.UNKNOWN]
    assert doubtful
    assert {(entry.code, entry.message_id) for entry in doubtful} == {(0, "")}
    reasons = {entry.reason for entry in doubtful}
    assert Reason.OUT_OF_STEP in reasons
    assert reasons <= {Reason.OUT_OF_STEP, Reason.NO_ANSWER}  # whose request was on the way when the connection was given up
    assert all(entry.attempts == 1 for entry in doubtful)
    assert all(scene.reached[str(10**18 + entry.number)] <= 1 for entry in doubtful)


def test_a_second_copy_that_a_campaign_asks_for_is_counted_as_one():
    scene = Scene(every=25, after_s=0.001)

    ledger, _ = asyncio.run(sent(scene, people=300, on_unknown=OnUnknown.RESEND))

    twice = {person for person, times in scene.reached.items() if times > 1}
    assert wrong(scene, ledger) == [] or {person for person, *_ in wrong(scene, ledger)} <= twice
    assert twice <= {person for person, entry in states(ledger).items() if entry.unclear}


@loops
def test_a_client_that_hides_its_connections_gives_all_of_them_up(run):
    scene = Scene(every=10, after_s=0.001)

    ledger, _ = run(sent(scene, PyreqwestPost, people=100))

    assert scene.repeated
    assert wrong(scene, ledger) == []
    assert max(scene.reached.values()) == 1
    assert ledger.totals()[State.ACCEPTED] > 40


@loops
@pytest.mark.parametrize("make", [SocketPost, PyreqwestPost], ids=["socket", "pyreqwest"])
def test_an_acceptance_before_its_request_accepts_nobody(run, make):
    async def go():
        scene = Scene(greets=True)
        async with scene.serving() as base:
            post = make(connections=4, answer_timeout_s=0.2)
            asked = channel(base, post, RouteType.CS, "/first")
            found = [await asked.send(person) for person in People(30).window(0, 30)]
            await post.close()
            return found

    outcomes = run(go())

    assert not [outcome for outcome in outcomes if isinstance(outcome, Accepted | Rejected)]


@loops
def test_a_refusal_is_believed_once_its_connection_is_silent(run):
    async def go():
        async with Scene().serving() as base:
            post, told = SocketPost(connections=4), asyncio.get_running_loop().create_future()
            outcome = await channel(base, post, RouteType.CS, "/first").send(People(2).window(1, 1)[0])
            outcome.awaits.tell(told.set_result)
            before = told.done()
            found = before, await told
            await post.close()
            return outcome, found

    outcome, (before, believed) = run(go())

    assert outcome == Rejected(Reason.NOT_THIS_ROUTE, -230)
    assert not before
    assert believed


@loops
def test_unread_bytes_are_seen_before_a_kept_connection_is_used(run):
    class Late(asyncio.Protocol):
        """Answers, and says something more a little later."""

        def __init__(self, seen):
            self.seen = seen

        def connection_made(self, transport):
            self.transport = transport
            self.seen.append(self)

        def data_received(self, data):
            self.transport.write(http(b'{"error":0}'))

    async def go():
        seen: list[Any] = []
        post = SocketPost(connections=4)
        server = await asyncio.get_running_loop().create_server(lambda: Late(seen), "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        await post(url, (), b"{}")
        seen[0].transport.write(http(MADE_UP))
        time.sleep(0.01)  # noqa: ASYNC251  the loop is busy with something else, so nobody has read it
        reply = await post(url, (), b"{}")
        await post.close()
        server.close()
        return reply.body, len(seen)

    assert run(go()) == (b'{"error":0}', 2)
