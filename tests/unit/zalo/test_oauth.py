"""What an answer of the OAuth host means: a pair, a verdict by a code that names the token, or nothing at all."""

import asyncio
import itertools

import httpx
import orjson
import pytest

from zalo_alert.errors import CredentialsRefused, RunSuspended
from zalo_alert.foundation.secret import Secret
from zalo_alert.models import AccountId
from zalo_alert.settings.model import Account
from zalo_alert.settings.secrets import Credentials
from zalo_alert.testing import FakeClock
from zalo_alert.zalo import oauth
from zalo_alert.zalo.base import NoAnswer, NotSent
from zalo_alert.zalo.token_store import TokenRow, TokenStore
from zalo_alert.zalo.tokens import LANDED_S, Tokens, seed_of

URL, ACCOUNT = "http://127.0.0.1:1", Account(AccountId("pctt"), "388613280878808645", "360846524940903967")
PAIR = {"access_token": "a1", "refresh_token": "r1", "expires_in": "90000"}


class Host(httpx.AsyncBaseTransport):
    """An OAuth host that gives its answers one after the other, and a good pair from then on."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), 0

    async def handle_async_request(self, request):
        self.asked += 1
        status, body = self.answers.pop(0) if self.answers else (200, PAIR)
        return httpx.Response(status, content=body if isinstance(body, bytes) else orjson.dumps(body))


def refreshed(*answers):
    async def ask():
        async with httpx.AsyncClient(transport=Host(*answers)) as client:
            return await oauth.refresh(client, URL, ACCOUNT.app_id, Secret("s"), Secret("r0"))

    return asyncio.run(ask())


STATUSES = [200, 201, 302, 400, 401, 403, 404, 407, 408, 425, 429, 500, 502, 503, 504]
DEAD = [-14014, -14005, -118]
CURABLE = [-14002, -14003, -14004, -14012, -14024, -14029]
NO_VERDICT = [
    -1,
    0,
    1,
    -32,
    -100,
    -101,
    -216,
    -220,
    -401,
    -14000,
    -14018,
    -14099,
    2**63,
    "-14014",
    "bad gateway",
    True,
    -14014.0,
    None,
]


@pytest.mark.parametrize(("code", "status"), list(itertools.product(DEAD + CURABLE + NO_VERDICT, STATUSES)))
def test_only_a_code_that_names_the_token_is_a_verdict_on_it(code, status):
    answer = (status, {"error": code, "error_name": "Something"})
    if code in DEAD and type(code) is int:
        with pytest.raises(oauth.Refused) as caught:
            refreshed(answer)
        assert caught.value.is_spent
    elif code in CURABLE:
        with pytest.raises(oauth.Refused) as caught:
            refreshed(answer)
        assert not caught.value.is_spent
        assert caught.value.hint
    else:
        not_executed = code == -32 or status in (407, 429, 503)
        with pytest.raises(NotSent if not_executed else NoAnswer, match=str(status)):
            refreshed(answer)


ODD = {
    "a page": b"<html><body>502 Bad Gateway</body></html>",
    "nothing": b"",
    "an empty object": b"{}",
    "a list": b"[]",
    "a number": b"0",
    "half of it": orjson.dumps(PAIR)[:40],
    "a hundred thousand brackets": b"[" * 100_000,
    "brackets inside": b'{"access_token":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "NaN": b'{"access_token":NaN,"refresh_token":"r1"}',
    "no text": b"\xff\xfe{}",
    "a message": b'{"message":"Service Unavailable"}',
    "two verdicts": b'{"error":-14014,"error":0}',
    "a pair and an error": orjson.dumps(PAIR | {"error": -14014.5}),
    **{
        f"access token {token!r}": orjson.dumps(PAIR | {"access_token": token})
        for token in (["a"], {"a": 1}, 17, 1.5, True, "a\r\nx: y", "a b", "a\0", "ă", "a\x1b[2J", "x" * 5000)
    },
    **{
        f"refresh token {token!r}": orjson.dumps(PAIR | {"refresh_token": token})
        for token in (["a"], {"a": 1}, 17, True, "a\r\nx: y", "a b", "x" * 5000)
    },
}


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_what_can_be_no_pair_and_no_verdict_is_no_answer(body, status):
    with pytest.raises(NoAnswer):
        refreshed((status, body))


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, ("a1", "r1", 90_000.0, 90 * 86_400.0)),
        ({"expires_in": 3600, "refresh_token_expires_in": "7200"}, ("a1", "r1", 3600.0, 7200.0)),
        ({"refresh_token": None}, ("a1", "r0", 90_000.0, 90 * 86_400.0)),  # as one client reports: the old one stays
        ({"refresh_token": ""}, ("a1", "r0", 90_000.0, 90 * 86_400.0)),
        ({"error": 0}, ("a1", "r1", 90_000.0, 90 * 86_400.0)),
        ({"expires_in": "²"}, ("a1", "r1", 90_000.0, 90 * 86_400.0)),
        ({"expires_in": -5}, ("a1", "r1", 90_000.0, 90 * 86_400.0)),
        ({"expires_in": True}, ("a1", "r1", 90_000.0, 90 * 86_400.0)),
        ({"expires_in": ["1"]}, ("a1", "r1", 90_000.0, 90 * 86_400.0)),
    ],
)
def test_a_pair_is_read_as_zalo_writes_it(changes, wanted):
    pair = refreshed((200, PAIR | changes))
    assert (pair.access.reveal(), pair.refresh.reveal(), pair.lifetime_s, pair.refresh_lifetime_s) == wanted


# --- what becomes of the tokens -----------------------------------------------------------------------------------------------


class Office:
    """One account's tokens over a host; each `refresh` is a command of its own."""

    def __init__(self, folder, *answers, alive=False):
        self.host, self.clock, self.alive = Host(*answers), FakeClock(), alive
        self.store = TokenStore(folder)

    def tokens(self):
        credentials = Credentials(Secret("s"), Secret("r0"), Secret("a0"))

        async def exchange(token):
            async with httpx.AsyncClient(transport=self.host) as client:
                return await oauth.refresh(client, URL, ACCOUNT.app_id, credentials.app_secret, token)

        async def probe(access):
            return self.alive

        return Tokens(self.store, ACCOUNT, credentials, exchange, self.clock, probe)

    def refresh(self):
        tokens = self.tokens()
        asyncio.run(tokens.renew_now(tokens.token))
        return tokens.token


@pytest.fixture
def office(tmp_path):
    made = []

    def make(*answers, **more):
        made.append(Office(tmp_path, *answers, **more))
        return made[-1]

    yield make
    for one in made:
        one.store.close()


PASSING = {
    "503": (503, {"message": "Service Unavailable"}),
    "500": (500, {"error_name": "Internal Server Error"}),
    "429": (429, {"message": "Too Many Requests"}),
    "-32 with 503": (503, {"error": -32}),
    "-32 with 200": (200, {"error": -32, "message": "limit"}),
    "-100": (200, {"error": -100}),
    "-1": (200, {"error": -1}),
    "words for a code": (502, {"error": "bad gateway"}),
    "nothing in it": (503, {}),
    "a page": (502, b"<html>"),
    "brackets": (200, b"[" * 100_000),
}


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_no_passing_fault_of_the_host_kills_a_token(office, answer):
    found = office(answer)
    with pytest.raises(RunSuspended) as caught:
        found.refresh()
    assert "accounts refresh pctt" in caught.value.hint
    found.clock.move(LANDED_S)
    assert found.refresh() == "a1"


@pytest.mark.parametrize("name", ["503", "429", "-32 with 200"])
def test_what_was_certainly_not_executed_is_asked_again_at_once(office, name):
    found = office(PASSING[name], PASSING[name])
    for _ in range(2):
        with pytest.raises(RunSuspended, match="too busy"):
            found.refresh()
    assert found.refresh() == "a1"


@pytest.mark.parametrize("name", ["503", "429", "-32 with 200"])
def test_a_host_that_is_busy_for_a_moment_halts_no_run(office, name):
    found = office(PASSING[name], PASSING[name], PASSING[name])
    tokens = found.tokens()
    assert asyncio.run(tokens.renew("a0"))
    assert (tokens.token, found.clock.monotonic_s()) == ("a1", 7.0)
    found = office(*[PASSING[name]] * 4)
    tokens = found.tokens()
    assert not asyncio.run(tokens.renew(tokens.token))
    assert "pctt: the token can't be refreshed: Zalo is too busy" in tokens.refusal
    assert tokens.is_passing
    assert found.host.asked == 4


def test_what_may_have_been_executed_waits_until_it_can_no_longer_be_under_way(office):
    found = office(PASSING["500"])
    for _ in range(3):
        with pytest.raises(RunSuspended):
            found.refresh()
    assert found.host.asked == 1
    found.clock.move(LANDED_S)
    assert (found.refresh(), found.host.asked) == ("a1", 2)


def test_a_busy_host_does_not_hide_that_an_earlier_answer_was_lost(office):
    found = office(PASSING["500"], PASSING["429"], (200, {"error": -14014}))
    with pytest.raises(RunSuspended):
        found.refresh()
    found.clock.move(LANDED_S)
    with pytest.raises(RunSuspended, match="too busy"):
        found.refresh()
    with pytest.raises(CredentialsRefused, match="whose answer was lost"):
        found.refresh()


def test_a_dead_token_is_asked_about_once(office):
    found = office((200, {"error": -14014, "error_name": "Invalid refresh token"}))
    for _ in range(3):
        with pytest.raises(CredentialsRefused) as caught:
            found.refresh()
        assert "-14014 Invalid refresh token" in str(caught.value)
        assert "accounts login pctt" in caught.value.hint
    assert found.host.asked == 1


def keep(office, refused):
    credentials = Credentials(Secret("s"), Secret("r0"), Secret("a0"))
    office.store.settle(ACCOUNT.oa_id, TokenRow(seed_of(credentials), Secret("a0"), Secret("r0"), 1.0), refused)


@pytest.mark.parametrize(
    "refused",
    [
        "Zalo refused the refresh token",
        "Zalo refused the refresh token (-32 limit)",
        "Zalo refused the refresh token (-1)",
        "Zalo refused the refresh token (-100 Internal) after an earlier refresh whose answer was lost",
        "Zalo refused the refresh token after an earlier refresh whose answer was lost",
    ],
)
def test_a_token_that_an_earlier_version_gave_up_without_a_verdict_is_asked_for_once_more(office, refused):
    found = office()
    keep(found, refused)
    assert found.refresh() == "a1"


@pytest.mark.parametrize(
    "refused",
    [
        "Zalo refused the refresh token (-14014 Invalid refresh token)",
        "Zalo refused the refresh token (-118)",
        "Zalo refused the refresh token (-14014) after an earlier refresh whose answer was lost",
        "the access token is refused and there is no refresh token",
    ],
)
def test_a_verdict_that_named_the_token_stays_one(office, refused):
    found = office()
    keep(found, refused)
    with pytest.raises(CredentialsRefused, match="refuse"):
        found.refresh()
    assert found.host.asked == 0


def test_a_consent_is_not_taken_for_refused_when_nobody_answered():
    async def traded(answer):
        async with httpx.AsyncClient(transport=Host(answer)) as client:
            return await oauth.exchange(client, URL, ACCOUNT.app_id, Secret("s"), Secret("c"), Secret("v"))

    assert asyncio.run(traded((200, PAIR))).access.reveal() == "a1"
    for answer in PASSING.values():
        with pytest.raises(RunSuspended, match="no usable answer"):
            asyncio.run(traded(answer))
    with pytest.raises(oauth.Refused, match="-14005"):
        asyncio.run(traded((200, {"error": -14005})))
