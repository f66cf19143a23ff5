"""Walks through the pieces of an OA's list, a few calls at once, and asks for people's details.

Zalo's `total` is believed where it says that there is more, never where it says that there is not: a piece ends with a page that
is not full. The oldest days go first, because people move on: whoever writes to the OA meanwhile is found again under today.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from zalo_alert.foundation.clock import Clock, in_vietnam
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _
from zalo_alert.sync import pieces
from zalo_alert.sync.pieces import Piece
from zalo_alert.sync.store import DONE, FULL, OPEN, SPLIT, CrawlStore
from zalo_alert.zalo.base import Host
from zalo_alert.zalo.client import ApiClient, Refused
from zalo_alert.zalo.codes import Action, look_up
from zalo_alert.zalo.users import MOST, MOST_OFFSET, PER_PAGE, Page, Unreadable, ask_detail, list_page, list_tags

AT_ONCE = 32  # calls under way: 4,000 a minute at half a second each
TRIES = 3
MOST_FAILURES = 10  # one after the other: then it is not these pieces
STALE_S = 7 * 86_400.0  # a list begun longer ago is begun again: too many have come, left and moved on
DETAIL_AGAIN_S = 30 * 86_400.0  # who has told nothing about themselves is not asked about every night

_OF_ONE_ALONE = {Action.RETRY, Action.BADMSG, Action.SKIP, Action.DEAD}  # what a refusal of one call may mean; others are of all

T = TypeVar("T")


async def walk(api: ApiClient, store: CrawlStore, clock: Clock, on_step: StepReporter, expected: int | None) -> int:
    """List everyone, going on where an earlier walk was; return how many people that one had found.

    Args:
        api: Asks for the OA.
        store: Keeps every page.
        clock: Tells today.
        on_step: Told how many people are found.
        expected: How many there may be; None where nobody knows.

    Raises:
        RunSuspended: Zalo can't be asked or its answers are of no use; the next walk goes on.
        CredentialsRefused: The token is refused.
    """
    about, now = store.about(), clock.now()
    if not about or now.timestamp() - about["begun_at_s"] > STALE_S:
        await _begin(api, store, clock)
        about = store.about()
    before, day = store.count(), date.fromisoformat(about["day"])
    while not about.get("is_walked"):
        await _Walk(api, store, about, lambda people: on_step(_("listing followers"), people, expected)).finish()
        if (today := _day(clock)) > day and about["are_days_heeded"]:
            store.add(pieces.since(day, today))
            store.note(day=today.isoformat())
            day = today
        else:
            store.note(is_walked=True)
        about = store.about()
    return before


async def _begin(api: ApiClient, store: CrawlStore, clock: Clock) -> None:
    names, today = await list_tags(api), _day(clock)
    try:
        # A server that ignores the days would be asked for each one since 1970, and everyone would seem to have been here today.
        are_days_heeded = not (await list_page(api, 0, period=pieces.NO_DAY.period)).size
    except Refused as exc:
        if not _is_of_one(exc):
            raise
        are_days_heeded = False
    begun = pieces.start(names, today if are_days_heeded else None)
    at_s = clock.now().timestamp()
    store.begin(begun, tags=names, begun_at_s=at_s, day=today.isoformat(), are_days_heeded=are_days_heeded)


def _day(clock: Clock) -> date:
    return in_vietnam(clock.now()).date()


class _Walk:
    def __init__(self, api: ApiClient, store: CrawlStore, about: Mapping[str, Any], on_people: Callable[[int], object]) -> None:
        self._control, self._store, self._told = api, store, on_people
        self._tags, self._today = tuple(about["tags"]), date.fromisoformat(about["day"])
        self._are_days_heeded = bool(about["are_days_heeded"])
        self._waiting: list[tuple[date, Piece, int]] = []
        self._seen = {standing.piece for standing in store.pieces()}
        self._patience = _Patience()
        self._people = store.count()

    async def finish(self) -> None:
        """Walk through every piece that is open, and through those that it falls into."""
        for standing in self._store.pieces(OPEN):
            self._push(standing.piece, standing.next)
        await run_at_once(self._next)

    def _push(self, piece: Piece, at: int = 0) -> None:
        heapq.heappush(self._waiting, (piece.first or date.min, piece, at))

    def _next(self) -> Coroutine[Any, Any, None] | None:
        if not self._waiting:
            return None
        _, piece, at = heapq.heappop(self._waiting)
        return self._walk_through(piece, at)

    async def _walk_through(self, piece: Piece, at: int) -> None:
        before: Page | None = None
        while (answer := await self._ask(piece, at)) is not None:
            if before and answer.ids and answer.ids == before.ids:
                self._store.fail(piece, _("the same people stand on two pages"))
                return
            state, parts = DONE if _is_end(answer, at) else OPEN, list[Piece]()
            if _is_too_large(answer, at):
                parts = self._cut(piece)
                state = OPEN if piece.is_listed_anyway else SPLIT
            if state == OPEN and at + PER_PAGE > MOST_OFFSET:
                state = DONE if not _is_too_large(answer, at) else SPLIT if piece.first is None and parts else FULL
            self._people += self._store.keep_page(
                piece, answer.ids, answer.size, next_=at + PER_PAGE, total=answer.total, state=state, parts=parts
            )
            for part in parts:
                if part not in self._seen:
                    self._seen.add(part)
                    self._push(part)
            self._told(self._people)
            if state != OPEN:
                return
            before, at = answer, at + PER_PAGE

    async def _ask(self, piece: Piece, at: int) -> Page | None:
        """Ask for a page; None when this piece alone can't be had and is given up."""
        try:
            return await self._patience.attempt(lambda: list_page(self._control, at, tag=piece.tag, period=piece.period))
        except (Refused, Unreadable) as exc:
            if piece == Piece() or self._patience.is_over or not _is_of_one(exc):
                raise
            self._store.fail(piece, str(exc))
            return None

    def _cut(self, piece: Piece) -> list[Piece]:
        return pieces.cut(piece, self._tags, self._today) if self._are_days_heeded else []


def _is_end(answer: Page, at: int) -> bool:
    more_is_promised = answer.total is not None and at + PER_PAGE < answer.total
    return not answer.size or (answer.size < PER_PAGE and not more_is_promised)


def _is_too_large(answer: Page, at: int) -> bool:
    if not answer.size:
        return False
    if at == 0 and answer.total is not None and answer.total > MOST:
        return True
    # On the last page that can be asked for: a full one, unless the total says that nobody comes after it.
    is_last = at + PER_PAGE > MOST_OFFSET
    return is_last and not _is_end(answer, at) and not (answer.total is not None and at + answer.size <= answer.total <= MOST)


async def details(api: ApiClient, store: CrawlStore, clock: Clock, most: int, on_step: StepReporter) -> int:
    """Ask for the details of those wanted, at most so many in this sync; return about how many people the asking failed."""
    patience, failed = _Patience(), 0
    waiting = store.list_wanted(max(0, most - store.count_detailed()))
    whole, done = len(waiting), 0
    if waiting:
        store.list.unlink(missing_ok=True)  # written for an import that was cut off, and without these details
    people = iter(waiting)

    async def one(user_id: str) -> None:
        nonlocal failed, done
        try:
            fields = await patience.attempt(lambda: ask_detail(api, user_id))
            store.keep_detail(user_id, fields, clock.now().timestamp())
        except (Refused, Unreadable) as exc:
            if patience.is_over or not _is_of_one(exc):
                raise
            failed += 1
        done += 1
        on_step(_("asking for details"), done, whole)

    def following() -> Coroutine[Any, Any, None] | None:
        user_id = next(people, None)
        return None if user_id is None else one(user_id)

    await run_at_once(following)
    return failed


class _Patience:
    """Asks again when an answer is of no use, and knows when too many were so one after the other."""

    def __init__(self) -> None:
        self._in_a_row = 0

    @property
    def is_over(self) -> bool:
        return self._in_a_row >= MOST_FAILURES

    async def attempt(self, ask: Callable[[], Awaitable[T]]) -> T:
        for left in reversed(range(TRIES)):
            try:
                answer = await ask()
            except (Refused, Unreadable) as exc:
                if left and _is_of_one(exc):
                    continue
                self._in_a_row += 1
                raise
            self._in_a_row = 0
            return answer
        raise AssertionError  # the last try returns or raises


def _is_of_one(exc: Refused | Unreadable) -> bool:
    return isinstance(exc, Unreadable) or look_up(Host.OPENAPI, exc.code).action in _OF_ONE_ALONE


async def run_at_once(following: Callable[[], Coroutine[Any, Any, None] | None]) -> None:
    """Run what comes, a few at once; while something runs, more may come. The first error ends all."""
    running: set[asyncio.Task[None]] = set()
    ended: Iterable[asyncio.Task[None]] = ()
    try:
        while True:
            while len(running) < AT_ONCE and (job := following()) is not None:
                running.add(asyncio.create_task(job))
            if not running:
                return
            ended, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, *ended, return_exceptions=True)
