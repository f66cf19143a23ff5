"""What is asked of Zalo, request by request, for whoever wants to see it: which call, its code, and how long it took.

No ids, no tokens, no texts. Of each call and answer some are told one by one, the others are counted: ten million messages fill
no disk. Told by `logging`, to whoever has a handler there; while nobody has, nothing is measured.
"""

import logging
import re
import time
from typing import NamedTuple
from urllib.parse import urlsplit

from zalo_alert.language import _, _n, count, decimal
from zalo_alert.zalo.base import Headers, NotSent, Post, Reply

NAME = "zalo_alert.requests"
WINDOW_S = 10.0
SINGLE = 3  # of each call and answer that are told one by one in a window
MOST_KINDS = 100  # in a window: a server may invent codes
_CODE = re.compile(rb'"error"\s*:\s*(-?\d{1,9})\b')

_log = logging.getLogger(NAME)


class Told(NamedTuple):
    """One request, or several alike.

    Args:
        call: Method and path.
        answer: Zalo's code, `HTTP 502` where there is none, `not sent` or `no answer`.
        times: How many.
        mean_s: How long one took.
        longest_s: How long the longest took.
    """

    call: str
    answer: str
    times: int
    mean_s: float
    longest_s: float

    def __str__(self) -> str:
        if self.times == 1:
            return _("{call}: {answer} in {ms} ms", call=self.call, answer=self.answer, ms=count(round(1000 * self.mean_s)))
        return _n(
            "{call}: {answer} {count} more time, {ms} ms each, {longest} ms at most",
            "{call}: {answer} {count} more times, {ms} ms each, {longest} ms at most",
            self.times, call=self.call, answer=self.answer, count=count(self.times), ms=decimal(1000 * self.mean_s),
            longest=count(round(1000 * self.longest_s)),
        )  # fmt: skip


class Tally:
    """Decides which requests are told one by one, and counts the others."""

    def __init__(self) -> None:
        self._begun_at_s = 0.0
        self._singles: dict[tuple[str, str], int] = {}
        self._counted: dict[tuple[str, str], list[float]] = {}  # times, seconds altogether, the longest

    def add(self, call: str, answer: str, took_s: float, now_s: float) -> list[Told]:
        """Take in a request; return what is to be told now, what was counted before it first."""
        told = self.ended() if now_s - self._begun_at_s >= WINDOW_S else []
        if not self._singles:
            self._begun_at_s = now_s
        kind = (call, answer)
        if kind not in self._singles and len(self._singles) >= MOST_KINDS:
            kind = (call, "…")
        self._singles[kind] = seen = self._singles.get(kind, 0) + 1
        if seen <= SINGLE:
            return [*told, Told(*kind, 1, took_s, took_s)]
        counted = self._counted.setdefault(kind, [0, 0.0, 0.0])
        counted[0] += 1
        counted[1] += took_s
        counted[2] = max(counted[2], took_s)
        return told

    def ended(self) -> list[Told]:
        """Return what was counted in the window that is over, and begin another."""
        told = [Told(*kind, int(times), whole / times, longest) for kind, (times, whole, longest) in self._counted.items()]
        self._singles, self._counted = {}, {}
        return told


_tally = Tally()


def are_watched() -> bool:
    """Whether anybody wants to see requests."""
    return _log.isEnabledFor(logging.DEBUG)


def note(method: str, url: str, answer: str, took_s: float) -> None:
    """Tell of a request, or count it."""
    for told in _tally.add(f"{method} {urlsplit(url).path}", answer, took_s, time.monotonic()):
        _tell(told)


def finish() -> None:
    """Tell what is counted so far."""
    for told in _tally.ended():
        _tell(told)


def answer_of(status: int, body: bytes) -> str:
    """Return what a request was answered, in a word: Zalo's code where it says one."""
    found = _CODE.search(body[:2000])
    return found[1].decode() if found else "0" if status == 200 else f"HTTP {status}"


def _tell(told: Told) -> None:
    _log.debug("%s", told, extra={"told": told})


class WatchedPost:
    """See `Post`: tells of each message that it posts, and passes it on.

    Args:
        post: The one that posts.
    """

    def __init__(self, post: Post) -> None:
        self._post = post

    async def __call__(self, url: str, headers: Headers, body: bytes) -> Reply:
        """See `Post`."""
        began_s, answer = time.perf_counter(), "no answer"
        try:
            reply = await self._post(url, headers, body)
            answer = answer_of(reply.status, reply.body)
        except NotSent:
            answer = "not sent"
            raise
        finally:
            note("POST", url, answer, time.perf_counter() - began_s)
        return reply

    async def close(self) -> None:
        """See `Post`."""
        finish()
        await self._post.close()


def watched(post: Post) -> Post:
    """Return what posts, and tells of it where anybody wants to see it."""
    return WatchedPost(post) if are_watched() else post
