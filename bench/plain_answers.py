"""What look-ups are measured beside: a program that answers every event at once with the same words, and keeps nothing.

    python -m bench.plain_answers PORT URL      # listens at PORT; answers go to URL; the token is on standard input

It checks no signature, reads no table, asks no rate, and forgets what it was doing when it ends.
"""

import asyncio
import sys
from collections import deque
from typing import cast
from urllib.parse import urlsplit

import orjson

from bench.generate import run

CONNECTIONS = 64
TEXT = "Thí sinh 02000001: Toán 8,25; Ngữ văn 7,50; Vật lí 9,00"
HEARD = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


class Answers:
    """Posts what is waiting over kept connections, one answer at a time on each."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._head = (
            f"POST /v3.0/oa/message/cs HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-type: application/json\r\n"
            f"access_token: {token}\r\n"
        ).encode()
        self._waiting: deque[bytes] = deque()
        self._free: list[_Post] = []

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            await loop.create_connection(lambda: _Post(self), self._host, self._port)

    def take(self, event: bytes) -> None:
        told = orjson.loads(event)
        message = {"text": TEXT, "quote_message_id": told["message"]["msg_id"]}
        body = orjson.dumps({"recipient": {"user_id": told["sender"]["id"]}, "message": message})
        self._waiting.append(b"%bcontent-length: %d\r\n\r\n%b" % (self._head, len(body), body))
        if self._free:
            self.next(self._free.pop())

    def next(self, post: "_Post") -> None:
        if self._waiting:
            post.write(self._waiting.popleft())
        else:
            self._free.append(post)


class _Post(asyncio.Protocol):
    def __init__(self, owner: Answers) -> None:
        self._owner, self._data = owner, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._owner.next(self)

    def write(self, request: bytes) -> None:
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if whole(self._data):
            self._data = b""
            self._owner.next(self)


class _Event(asyncio.Protocol):
    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._data = cast(asyncio.Transport, transport), b""

    def data_received(self, data: bytes) -> None:
        self._data += data
        if whole(self._data):
            event, self._data = self._data.partition(b"\r\n\r\n")[2], b""
            self._transport.write(HEARD)
            self._answers.take(event)


def whole(data: bytes) -> bool:
    """Whether one request or answer is there to its last byte."""
    head, end, body = data.partition(b"\r\n\r\n")
    return bool(end) and len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])


async def serve(port: int, url: str, token: str) -> None:
    answers = Answers(url, token)
    await answers.open()
    server = await asyncio.get_running_loop().create_server(lambda: _Event(answers), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    run(serve(int(sys.argv[1]), sys.argv[2], sys.stdin.readline().strip()))
