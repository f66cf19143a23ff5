"""The poster: posts answers as they come, and writes down what became of each. One coroutine, and a thread for the disk.

Steps with the database are at least some milliseconds apart, so that under load many answers share one commit; an answer that
comes after a quiet moment goes at once.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import Clock
from zalo_alert.inbound.second_thread import SecondThread
from zalo_alert.inbound.worker import where_of
from zalo_alert.language import _
from zalo_alert.models import Accepted, Deferred, Outcome, Reason, Scope, Unknown
from zalo_alert.outbox.holds import Way
from zalo_alert.outbox.judging import judge
from zalo_alert.outbox.sender import Sender
from zalo_alert.outbox.store import Again, Claimed, Settled
from zalo_alert.outbox.turns import Grants, Step, Turns

APART_S = 0.02  # between two steps
AGAIN_S = 1.0  # after the disk has failed
END_S = 8.0  # for answers on their way when it is to end; the door waits two seconds longer before it kills the worker
UNREACHABLE_S, LONGEST_UNREACHABLE_S = 0.5, 30.0  # how long everyone waits when nobody can be reached: twice as long each time
TOO_MANY = 429


class Pace(Grants, Protocol):
    """What is needed of the pace, beside its grants; see `pacing.answer_pace.AnswerPace`."""

    def heed_throttling(self, way: Way, scope: Scope, now_s: float, wall_s: float) -> None:
        """Heed a refusal for rate."""

    def heed_refusal(
        self,
        way: Way,
        now_s: float,
        *,
        asked_s: float,
        answers: int,
        retry_after_s: float | None = None,
        scope: Scope = Scope.APP,
    ) -> bool:
        """Heed a 429 that says nothing of a minute."""

    def pause(self, now_s: float, seconds: float) -> None:
        """Hold every answer back for a while."""


class Poster:
    """See the module.

    Args:
        turns: Does what is done with the database.
        pace: The same as that of `turns`.
        sender_of: Makes what posts for an OA through an app; raises a `ZaloAlertError` where nobody can.
        clock: Time.
        on_note: Told what goes wrong, in a sentence.
    """

    def __init__(
        self, turns: Turns, pace: Pace, sender_of: Callable[[Way], Sender], clock: Clock, on_note: Callable[[str], None]
    ) -> None:
        self._turns, self._pace, self._sender_of, self._clock, self._on_note = turns, pace, sender_of, clock, on_note
        self._senders: dict[Way, Sender] = {}
        self._verdicts: list[Settled | Again] = []
        self._posts: set[asyncio.Task[None]] = set()
        self._work = asyncio.Event()
        self._refused: set[Way] = set()  # a token that was renewed by hand is read when these are tried again
        self._answers = self._unreached = 0
        self._noted: dict[Way, str] = {}
        self._trouble = ""

    def wake(self) -> None:
        """Take in that answers were put; from the loop's own thread."""
        self._work.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Post until somebody stops it; what is on its way then has some seconds to come to its end.

        Raises:
            StorageUnusable: The database can't be used at the start; later it is tried again.
        """
        disk = SecondThread("outbox")
        try:
            now_ms = self._now_ms()
            await asyncio.wrap_future(disk.submit(lambda: self._turns.begin(now_ms)))
            while not stop.is_set():
                await self._step(disk, stop)
            await self._end(disk)
        finally:
            disk.close()

    async def _step(self, disk: SecondThread, stop: asyncio.Event) -> None:
        began_s = self._clock.monotonic_s()
        step = await self._with_the_disk(disk)
        for way in self._refused:
            self._senders.pop(way, None)
        self._refused.clear()
        for row in step.claimed:
            post = asyncio.create_task(self._post(row))
            self._posts.add(post)
            post.add_done_callback(self._posts.discard)
        left_s = APART_S - (self._clock.monotonic_s() - began_s)
        if left_s > 0:
            await self._clock.wait(stop, left_s)
        if step.wait_s > APART_S and not stop.is_set():
            await self._clock.wait(self._work, step.wait_s - APART_S)
        self._work.clear()

    async def _with_the_disk(self, disk: SecondThread, *, is_ending: bool = False) -> Step:
        """Do one step; what it was to write down is kept where the disk fails."""
        verdicts, self._verdicts = self._verdicts, []
        now_ms, now_s, steps = self._now_ms(), self._clock.monotonic_s(), list[Step]()
        try:
            done = disk.submit(lambda: steps.append(self._turns.step(verdicts, now_ms, now_s, is_ending=is_ending)))
            await asyncio.wrap_future(done)
        except ZaloAlertError as exc:
            self._verdicts = verdicts + self._verdicts
            if exc.message != self._trouble:
                self._on_note(exc.message)
            self._trouble = exc.message
            return Step((), AGAIN_S)
        self._trouble = ""
        return steps[0]

    async def _end(self, disk: SecondThread) -> None:
        """Wait for what is on its way, and write down what became of it; whatever takes too long is given up, and unknown."""
        if self._posts:
            await asyncio.wait(self._posts, timeout=END_S)
        for post in list(self._posts):
            post.cancel()
        await asyncio.gather(*self._posts, return_exceptions=True)
        await self._with_the_disk(disk, is_ending=True)

    async def _post(self, row: Claimed) -> None:
        way, asked_s = (row.oa, row.via_app), self._clock.monotonic_s()
        outcome: Outcome = Unknown(Reason.NO_ANSWER)  # if this is given up
        try:
            outcome = await self._send(way, row)
        finally:
            self._answers += 1
            self._heed(way, outcome, asked_s)
            now_ms = 0 if type(outcome) is Accepted else self._now_ms()  # nothing is due of what is over
            self._verdicts.append(judge(row, outcome, now_ms))
            self._work.set()

    async def _send(self, way: Way, row: Claimed) -> Outcome:
        try:
            if way not in self._senders:
                self._senders[way] = self._sender_of(way)
            return await self._senders[way].send(row)
        except ZaloAlertError as exc:  # nobody can speak for the OA: nothing left
            self._note(way, exc.message)
            return Deferred(Reason.TOKEN)
        except Exception as exc:
            self._on_note(_("an answer: a mistake of this tool: {where}", where=where_of(exc)))
            return Unknown(Reason.CRASH)

    def _note(self, way: Way, sentence: str) -> None:
        if self._noted.get(way) != sentence:
            self._on_note(sentence)
        self._noted[way] = sentence

    def _heed(self, way: Way, outcome: Outcome, asked_s: float) -> None:
        """Let an outcome count for those who come next."""
        if not isinstance(outcome, Deferred):
            self._unreached = 0
            return
        now_s = self._clock.monotonic_s()
        match outcome.reason:
            case Reason.TOKEN | Reason.STOPPED:
                self._refused.add(way)
            case Reason.THROTTLED if outcome.code == TOO_MANY:
                self._pace.heed_refusal(
                    way, now_s, asked_s=asked_s, answers=self._answers, retry_after_s=outcome.retry_after_s, scope=outcome.scope
                )
            case Reason.THROTTLED:
                self._pace.heed_throttling(way, outcome.scope, now_s, self._clock.now().timestamp())
            case Reason.NOT_SENT | Reason.PROXY:
                self._pace.pause(now_s, min(LONGEST_UNREACHABLE_S, UNREACHABLE_S * 2 ** min(self._unreached, 10)))
                self._unreached += 1

    def _now_ms(self) -> int:
        return round(self._clock.now().timestamp() * 1000)
