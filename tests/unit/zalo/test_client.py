"""Calls that ask, when the server refuses them for rate: the same brake as for messages."""

import asyncio

import httpx
import pytest

from zalo_alert.foundation.secret import Secret
from zalo_alert.pacing.pace import Pace
from zalo_alert.pacing.slowness import Cause
from zalo_alert.settings.model import Hosts
from zalo_alert.zalo.base import Host
from zalo_alert.zalo.client import ApiClient, RateGate

GOOD = {"error": 0, "data": {}}


class Token:
    token, refusal, is_passing = "t", "", False

    async def renew(self, stale):
        return False


class Clock:
    """Moves on when someone sleeps."""

    def __init__(self):
        self.now_s = 1000.0

    async def sleep(self, seconds):
        self.now_s += seconds
        await asyncio.sleep(0)


def asked(answers, *, host=Host.OPENAPI, calls=1):
    """Ask so often; return the clock and the pace at the end. The wall clock begins twenty seconds into a minute."""
    clock, pace, left = Clock(), Pace(4000), list(answers)

    async def go():
        transport = httpx.MockTransport(lambda request: left.pop(0) if left else httpx.Response(200, json=GOOD))
        async with httpx.AsyncClient(transport=transport) as client:
            gate = RateGate(pace, lambda: clock.now_s, lambda: clock.now_s - 1000 + 20, clock.sleep)
            control = ApiClient(client, Hosts(), Token(), app_secret=Secret(""), gate=gate)
            for _ in range(calls):
                assert await control.get("/v2.0/oa/getoa", host=host) == GOOD

    asyncio.run(go())
    return clock, pace


@pytest.mark.parametrize("host", Host)
@pytest.mark.parametrize("body", [b"", b"try later", b'{"error":429}', b'{"message":"Too Many Requests"}'])
def test_a_429_without_a_word_of_the_minute_costs_a_question_a_second_and_the_workspace_no_minute(host, body):
    clock, pace = asked([httpx.Response(429, content=body)], host=host)

    assert 1 <= clock.now_s - 1000 < 2
    assert Cause.MINUTE not in pace.causes(clock.now_s)


@pytest.mark.parametrize("host", Host)
def test_it_waits_as_long_as_it_is_asked_to(host):
    clock, _ = asked([httpx.Response(429, headers={"Retry-After": "7"})], host=host)

    assert 7 <= clock.now_s - 1000 < 8


@pytest.mark.parametrize("status", [200, 429])
def test_minus_32_still_rests_until_the_next_minute(status):
    clock, _ = asked([httpx.Response(status, json={"error": -32, "message": "Your application reached limit call api"})])

    assert 40 <= clock.now_s - 1000 < 42
