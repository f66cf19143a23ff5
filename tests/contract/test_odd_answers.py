"""Every question that is asked of Zalo, answered with whatever JSON there is: something usable or a sentence, no traceback."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest

from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.secret import Secret
from zalo_alert.pacing.pace import Pace
from zalo_alert.pacing.quotas import Kind
from zalo_alert.settings.model import Hosts
from zalo_alert.testing import FakeClock
from zalo_alert.zalo import articles, oa, oa_page, quota, templates, uploads, users
from zalo_alert.zalo.base import NoAnswer
from zalo_alert.zalo.client import ApiClient, RateGate, is_alive
from zalo_alert.zalo.token_store import TokenStore

URL, OA_ID = "http://127.0.0.1:1", "388613280878808645"
VALUES: list[Any] = [
    None, True, False, 0, -1, 2**63, 2**64 - 1, -(2**63), 1.5, 1e308, "", "²", "x" * 300, "a\r\nb\x1b[2J", "\u202e",
    [], {}, [[]], [None], [{}], {"": None}, {"data": {}}, [[1, 2], [3]], {"user_id": {"user_id": []}}, ["thôn", 5, None, {}],
]  # fmt: skip
NAMES = (
    "oaid", "name", "oa_type", "num_follower", "package_name", "package_valid_through_date", "users", "total", "user_id",
    "display_name", "shared_info", "tags_and_notes_info", "user_is_follower", "user_last_interaction_date", "templateId",
    "templateName", "listParams", "createdTime", "remain", "remainingQuota", "dailyQuota", "token", "id", "message_id",
    "attachment_id", "previewUrl", "status",
)  # fmt: skip


def bodies():
    yield from (orjson.dumps(value) for value in VALUES)
    yield from (orjson.dumps({"error": value}) for value in VALUES)
    yield from (orjson.dumps({"error": 0, "data": value}) for value in VALUES)
    for value in VALUES:
        yield orjson.dumps({"error": 0, "data": dict.fromkeys(NAMES, value)})
        yield orjson.dumps({"error": 0, "data": [dict.fromkeys(NAMES, value)]})
        yield orjson.dumps({"error": -201, "message": value})
    yield from (
        b"[" * 100_000,
        b'{"error":0,"data":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"error":0,"error":-216}',
        b'{"error":NaN}',
        b"",
    )
    yield b'{"error":0,"data":{"name":' + b"9" * 10_000 + b"}}"
    deep = b"[" * 900 + b"]" * 900
    yield b'{"error":0,"data":{%b}}' % b",".join(b'"%b":%b' % (name.encode(), deep) for name in NAMES)


class Odd(httpx.AsyncBaseTransport):
    def __init__(self, status, body):
        self.status, self.body, self.asked = status, body, 0

    async def handle_async_request(self, request):
        self.asked += 1
        return httpx.Response(self.status, content=self.body)


class Bare:
    """A token that can't be renewed."""

    token, refusal, is_passing = "t", "", False

    async def renew(self, stale):
        return False


def questions(control, store):
    yield oa.ask_facts(control)
    yield users.list_page(control, 0, tag="thôn", period="2026_01_01:2026_01_02")
    yield users.list_tags(control)
    yield users.ask_detail(control, "11111")
    yield templates.ask_template(control, "311203")
    yield templates.ask_created_at_s(control, "311203")
    yield quota.ask(control, Kind.TEMPLATE, 0.0)
    yield quota.ask(control, Kind.CS, 0.0)
    yield articles.ask_allowance(control)
    yield articles.verify(control, "t")
    yield articles.create(control, {})
    yield articles.broadcast(control, "a", [9])
    yield articles.check_right(control)
    yield oa_page.update(control, "a", {})
    yield oa_page.fetch(control, "a")
    yield oa_page.list_page(control, 0)
    yield uploads.upload(control, store, OA_ID, "a.jpg", b"\xff\xd8", 0.0, anew=True)


@pytest.fixture
def store(tmp_path):
    found = TokenStore(tmp_path)
    yield found
    found.close()


def answers(status, body, store):
    """Ask everything; return what came, errors included."""
    clock = FakeClock()

    async def at_once(seconds):
        clock.move(seconds)

    async def asked():
        gate = RateGate(Pace(None), clock.monotonic_s, lambda: clock.now().timestamp(), sleep=at_once)
        async with httpx.AsyncClient(transport=Odd(status, body)) as client:
            control = ApiClient(client, Hosts(URL, URL, URL), Bare(), app_secret=Secret(""), gate=gate)
            found = await asyncio.gather(*questions(control, store), return_exceptions=True)
            return [*found, await is_alive(client, URL, Secret("t"), Secret("s"))]

    return asyncio.run(asked())


@pytest.mark.parametrize(("status", "every"), [(200, 1), (500, 9)])
def test_every_question_survives_every_answer(status, every, store):
    for body in list(bodies())[::every]:
        for found in answers(status, body, store):
            assert isinstance(found, ZaloAlertError | NoAnswer) or not isinstance(found, BaseException), (body[:100], found)
            said = str(found) + getattr(found, "hint", "") if isinstance(found, Exception) else ""
            assert said.isprintable(), (body[:100], said)
            assert len(said) < 600


@pytest.mark.parametrize(
    "body",
    [b'{"message":"Internal"}', b'{"error":"bad gateway"}', b'{"error":true}', b'{"error":0.0}', b'{"error":null}', b"<html>"],
)
@pytest.mark.parametrize("status", [500, 502, 504, 404])
def test_what_holds_no_verdict_is_asked_again_and_never_taken_for_success(status, body, store):
    found = answers(status, body, store)
    assert all(isinstance(one, Exception) or one in (None, False) for one in found)  # None: an article that is not yet made


def test_what_may_have_been_done_is_asked_for_once(store):
    odd = Odd(500, b'{"message":"Internal"}')

    async def go():
        async with httpx.AsyncClient(transport=odd) as client:
            gate = RateGate(Pace(None), FakeClock().monotonic_s, lambda: 0.0, sleep=asyncio.sleep)
            control = ApiClient(client, Hosts(URL, URL, URL), Bare(), app_secret=Secret(""), gate=gate)
            with pytest.raises(NoAnswer, match="without a verdict"):
                await articles.broadcast(control, "a", None)

    asyncio.run(go())
    assert odd.asked == 1


@pytest.mark.parametrize(("status", "alive"), [(200, True), (500, False), (302, False)])
def test_a_token_is_alive_only_by_zalos_own_answer(status, alive):
    async def asked(body):
        async with httpx.AsyncClient(transport=Odd(status, body)) as client:
            return await is_alive(client, URL, Secret("t"), Secret(""))

    assert asyncio.run(asked(b'{"error":0,"data":{"oaid":"1"}}')) is alive
    for body in (
        b"{}",
        b'{"error":-216}',
        b'{"error":0}',
        b'{"data":{}}x',
        b'{"error":0,"error":-216,"data":{}}',
        b'{"error":"0","data":{}}',
    ):
        assert not asyncio.run(asked(body))
