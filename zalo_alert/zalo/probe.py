"""Whether a host answers at all, and what time it says it is."""

import time
from typing import NamedTuple

import httpx

from zalo_alert.zalo.base import NoAnswer, NotSent
from zalo_alert.zalo.calling import call

TIMEOUT_S = 10.0


class ProbeResult(NamedTuple):
    """How a probe ended: the `Date` header, how long it took, and why there was no answer ("" when there was)."""

    date: str
    took_s: float
    problem: str


async def probe_host(client: httpx.AsyncClient, url: str) -> ProbeResult:
    """Ask a host for its front page; any answer, even a refusal, shows that it is there."""
    begun_s = time.monotonic()
    try:
        answer = await call(client, "GET", f"{url}/", timeout_s=TIMEOUT_S, reads=False)
    except (NotSent, NoAnswer) as exc:
        return ProbeResult("", time.monotonic() - begun_s, str(exc))
    return ProbeResult(answer.headers.get("date", ""), time.monotonic() - begun_s, "")
