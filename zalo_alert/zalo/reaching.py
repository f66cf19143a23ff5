"""Whether a host answers at all, and what time it says it is."""

import time
from typing import NamedTuple

import httpx

TIMEOUT_S = 10.0


class Reached(NamedTuple):
    """What came of asking: the `Date` header, how long it took, and why there was no answer ("" when there was)."""

    date: str
    took_s: float
    problem: str


async def reach(client: httpx.AsyncClient, url: str) -> Reached:
    """Ask a host for its front page; any answer, even a refusal, shows that it is there."""
    begun_s = time.monotonic()
    try:
        answer = await client.get(f"{url}/", timeout=TIMEOUT_S, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        return Reached("", time.monotonic() - begun_s, str(exc) or type(exc).__name__)
    return Reached(answer.headers.get("date", ""), time.monotonic() - begun_s, "")
