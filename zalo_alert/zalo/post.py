"""The message post, twice: pyreqwest for speed, httpx where no wheel of it exists.

Owns the line between `NotSent` and `NoAnswer`; knows nothing of Zalo's codes.
"""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.http import HeaderMap, Url

from zalo_alert.zalo.base import Headers, NoAnswer, NotSent, Reply

CONNECT_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 60.0  # far above any queueing delay: a time-out shorter than the server's queue only makes unknowns
IDLE_S = 4.0  # shorter than any common server's keep-alive, so that an idle connection is ours to close, not theirs
LETTING_GO_S = 0.02  # pyreqwest 0.15's thread drops its last Python objects a moment after; an interpreter gone by then aborts
REMAIN_HEADER = "x-ratelimit-remain"  # Zalo's spelling
_COUNT = re.compile("[0-9]{1,18}")


class PyreqwestPost:
    """`Post` over reqwest, the Rust client.

    Args:
        connections: Most connections open at once.
        answer_timeout_s: From the start of the request to the end of the answer.
    """

    def __init__(
        self, *, connections: int, connect_timeout_s: float = CONNECT_TIMEOUT_S, answer_timeout_s: float = ANSWER_TIMEOUT_S
    ) -> None:
        self._client: Client = (
            ClientBuilder()
            .timeout(timedelta(seconds=answer_timeout_s))
            .connect_timeout(timedelta(seconds=connect_timeout_s))
            .pool_idle_timeout(timedelta(seconds=IDLE_S))
            .pool_max_idle_per_host(connections)
            .follow_redirects(False)
            .gzip(False)  # an answer is a hundred bytes; and nothing that comes unpacks itself into gigabytes
            .brotli(False)
            .zstd(False)
            .deflate(False)
            .user_agent("zalo-alert")
            .build()
        )
        # Few of each in a run: to parse an address and a token anew for every message would cost more than our ledger does.
        self._urls: dict[str, Url] = {}
        self._headers: dict[Headers, HeaderMap] = {}

    async def __call__(self, url: str, headers: Headers, body: bytes) -> Reply:
        """See `Post`."""
        known_url = self._urls.get(url) or self._urls.setdefault(url, Url(url))
        known_headers = self._headers.get(headers) or self._headers.setdefault(headers, HeaderMap(headers))
        try:
            response = await self._client.post(known_url).headers(known_headers).body_bytes(body).build().send()
            return Reply(response.status, bytes(await response.bytes()), _count(response.get_header, REMAIN_HEADER))
        except PyreqwestError as exc:
            raise _translated(exc) from exc

    async def close(self) -> None:
        """See `Post`."""
        await self._client.close()
        await asyncio.sleep(LETTING_GO_S)


def _count(header: Callable[[str], str | None], name: str) -> int | None:
    """Read a header as a count; whatever else stands there must not turn an answer into an error."""
    try:
        text = header(name)
    except ValueError:  # pyreqwest, for bytes that are no text
        return None
    return int(text) if text and _COUNT.fullmatch(text) else None


def _translated(exc: PyreqwestError) -> NotSent | NoAnswer:
    # ConnectError alone proves nothing: pyreqwest 0.15 raises it too when the server read the request and closed. Only
    # reqwest's own word `client error (Connect)` in the chain of causes says that the connection never came to be.
    details: dict[str, Any] = getattr(exc, "details", None) or {}
    causes = [str(cause.get("message", "")) for cause in details.get("causes") or ()]
    text = ": ".join(causes[1:]) or str(exc)
    return NotSent(text) if "client error (Connect)" in causes else NoAnswer(text)


class HttpxPost:
    """`Post` over httpx; some eighty times slower, and pure Python.

    Args:
        connections: Most connections open at once.
        answer_timeout_s: Longest wait between two pieces of the answer.
    """

    def __init__(
        self, *, connections: int, connect_timeout_s: float = CONNECT_TIMEOUT_S, answer_timeout_s: float = ANSWER_TIMEOUT_S
    ) -> None:
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(answer_timeout_s, connect=connect_timeout_s, pool=None),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=IDLE_S),
            headers={"user-agent": "zalo-alert"},
        )

    async def __call__(self, url: str, headers: Headers, body: bytes) -> Reply:
        """See `Post`."""
        try:
            response = await self._client.post(url, headers=headers, content=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as exc:
            # httpcore raises these from its connect step alone; TLS is part of that step, and no request byte precedes it.
            raise NotSent(str(exc)) from exc
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise NoAnswer(str(exc) or type(exc).__name__) from exc
        return Reply(response.status_code, response.content, _count(response.headers.get, REMAIN_HEADER))

    async def close(self) -> None:
        """See `Post`."""
        await self._client.aclose()
