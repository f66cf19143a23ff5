"""One HTTP call that asks something: bounded while it is read, and with two ways to fail, whatever a broken connection throws.

The only home of httpx for everything but messages. Knows no token, no code and no path.
"""

import asyncio
import json
import time
import zlib
from collections.abc import AsyncIterable, Mapping
from typing import Any, NamedTuple

import httpx
import orjson

from zalo_alert.language import _
from zalo_alert.zalo import requests
from zalo_alert.zalo.base import CONNECT_TIMEOUT_S, MOST_BYTES, NoAnswer, NotSent

MOST_ANSWER_BYTES = 16 * MOST_BYTES  # of an answer to a question: a list of a hundred templates is the longest

# httpcore raises the first three from its connect step alone (TLS and a proxy's tunnel are a part of it), and
# the others before there is any connection.
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_PACKED = {"gzip", "x-gzip", "deflate"}
FAMILIAR = (
    _("All connection attempts failed"),
    _("[Errno -2] Name or service not known"),
    _("[Errno -3] Temporary failure in name resolution"),
)  # how it is said that nobody could be connected to: named here so that the catalogue translates it


class Answer(NamedTuple):
    """One whole answer; `content` is unpacked."""

    status: int
    headers: Mapping[str, str]
    content: bytes


async def call(client: httpx.AsyncClient, method: str, url: str, *, timeout_s: float, reads: bool = True, **more: Any) -> Answer:
    """Ask once, and read the answer to its end; redirects are not followed. Whoever watches requests is told of it.

    Args:
        client: Knows about proxies and certificates.
        method: Of HTTP.
        url: Where.
        timeout_s: For all of it, to the last byte: a server that trickles is as silent as one that says nothing.
        reads: False leaves the body where it is: the head says it all.
        more: Of the request, as httpx names it.

    Raises:
        NotSent: It is certain that no byte of the request left.
        NoAnswer: Anything else. Out of httpx, anyio and uvloop a connection that dies as it opens throws more than `HTTPError`.
    """
    if not requests.are_watched():
        return await _call(client, method, url, timeout_s=timeout_s, reads=reads, **more)
    began_s, told = time.perf_counter(), "no answer"
    try:
        answer = await _call(client, method, url, timeout_s=timeout_s, reads=reads, **more)
        told = requests.answer_of(answer.status, answer.content)
    except NotSent:
        told = "not sent"
        raise
    finally:
        requests.note(method, url, told, time.perf_counter() - began_s)
    return answer


async def _call(client: httpx.AsyncClient, method: str, url: str, *, timeout_s: float, reads: bool, **more: Any) -> Answer:
    try:
        wait = httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S))
        request = client.build_request(method, url, timeout=wait, **more)
        request.headers["accept-encoding"] = "identity"
    except (httpx.InvalidURL, ValueError, TypeError) as exc:  # an address or a header that can't be written
        raise NotSent(_("the request can't be written ({why})", why=type(exc).__name__)) from exc
    try:
        async with asyncio.timeout(timeout_s):
            answer = await client.send(request, stream=True, follow_redirects=False)
            try:
                content = await _read(answer) if reads else b""
            finally:
                await answer.aclose()
    except NoAnswer:
        raise
    except TimeoutError as exc:
        raise NoAnswer(_("no whole answer within {seconds} s", seconds=f"{timeout_s:g}")) from exc
    except _NEVER_LEFT as exc:
        why = _(plain(str(exc)) or type(exc).__name__)  # the words of the library or the system, where the catalogue has them
        raise NotSent(_("the proxy refuses: {why}", why=why) if isinstance(exc, httpx.ProxyError) else why) from exc
    except Exception as exc:
        raise NoAnswer(type(exc).__name__) from exc
    return Answer(answer.status_code, answer.headers, content)


async def _read(answer: httpx.Response) -> bytes:
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    assert isinstance(answer.stream, AsyncIterable)
    if encoding in _PACKED:
        return await _unpack(answer.stream)
    if encoding != "identity":
        raise NoAnswer(_("an answer packed as {encoding}, which was not asked for", encoding=repr(encoding[:20])))
    content = bytearray()
    async for piece in answer.stream:
        content += piece
        _check(len(content))
    return bytes(content)


async def _unpack(pieces: AsyncIterable[bytes]) -> bytes:
    """Unpack what a proxy may have packed unasked: never more than may be read, however much comes of a little."""
    unpacking, content, received = zlib.decompressobj(32 + zlib.MAX_WBITS), bytearray(), 0
    async for piece in pieces:
        received += len(piece)
        content += unpacking.decompress(piece, MOST_ANSWER_BYTES + 1 - len(content))
        _check(max(received, len(content)))
    return bytes(content)


def _check(size_bytes: int) -> None:
    if size_bytes > MOST_ANSWER_BYTES:
        raise NoAnswer(_("an answer of more than {size} MiB", size=MOST_ANSWER_BYTES >> 20))


def read_object(answer: Answer) -> dict[str, Any]:
    """Read an answer as a JSON object; one that says a thing twice, or holds what JSON does not, says nothing.

    Raises:
        NoAnswer: It is not a JSON object.
    """
    status = f"HTTP {answer.status}"
    try:
        body = orjson.loads(answer.content)  # takes no NaN, and no nesting beyond 1,024
    except orjson.JSONDecodeError as exc:
        raise NoAnswer(_("{status} without JSON", status=status)) from exc
    if not isinstance(body, dict):
        raise NoAnswer(_("{status} with JSON that is not an object", status=status))
    if answer.content.count(b'"error"') > 1 and _says_twice(answer.content, "error"):
        raise NoAnswer(_("{status} with two verdicts", status=status))
    return body


def _says_twice(content: bytes, name: str) -> bool:
    try:
        names: list[str] = json.loads(
            content, object_pairs_hook=lambda pairs: [key for key, _ in pairs]
        )  # the outermost comes last
    except (ValueError, RecursionError):
        return True
    return names.count(name) > 1


def plain(value: object, most: int = 200) -> str:
    """Return a foreign text as one that may be shown: one line, not long, no sign that steers a terminal; "" if not text."""
    text = str(value) if type(value) in (str, int, float) else ""
    return "".join(sign if sign.isprintable() else " " for sign in text[:most]).strip()
