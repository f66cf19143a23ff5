import asyncio
from contextlib import aclosing

import pytest

from zalo_alert.foundation.clock import SystemClock
from zalo_alert.wall.feed import Feed
from zalo_alert.wall.watcher import WallState

PATIENCE_S = 20


class Counting:
    """A watcher of nothing that counts its ticks."""

    def __init__(self):
        self.ticks = 0
        self.is_closed = False

    def tick(self):
        self.ticks += 1
        return WallState(self.ticks, SystemClock().now())

    def close(self):
        self.is_closed = True


@pytest.fixture
def watcher():
    return Counting()


def play(watcher, scene):
    """Run a scene beside a feed, and close it."""

    async def run():
        feed = Feed(watcher, tick_s=0.01, asked_s=0)
        ticking = asyncio.create_task(feed.run())
        async with asyncio.timeout(PATIENCE_S):
            await scene(feed)
            feed.close()
            await ticking

    asyncio.run(run())


async def take(feed, number):
    """Return the numbers of so many states."""
    taken = []
    async with aclosing(feed.states()) as states:
        async for state in states:
            taken.append(state.number)
            if len(taken) == number:
                break
    return taken


def test_without_a_viewer_nothing_is_read(watcher):
    async def scene(feed):
        await asyncio.sleep(0)

    play(watcher, scene)

    assert watcher.ticks == 0
    assert watcher.is_closed


def test_ten_viewers_are_told_of_the_same_reads(watcher):
    taken = []

    async def scene(feed):
        taken.extend(await asyncio.gather(*(take(feed, 5) for _ in range(10))))

    play(watcher, scene)

    assert len(taken) == 10
    assert watcher.ticks <= 2 * 5 + 2, "ten viewers would have read fifty times"
    assert all(numbers == sorted(set(numbers)) for numbers in taken)


def test_who_comes_when_the_last_one_has_just_left_is_told_on(watcher):
    taken = []

    async def scene(feed):
        await take(feed, 2)
        await feed.resting.wait()
        taken.extend(await take(feed, 3))

    play(watcher, scene)

    assert len(set(taken)) == 3


def test_closing_ends_everyones_states(watcher):
    ended = []

    async def look_on(feed):
        async for _state in feed.states():
            pass
        ended.append(True)

    async def scene(feed):
        viewers = [asyncio.create_task(look_on(feed)) for _ in range(3)]
        await take(feed, 2)
        feed.close()
        await asyncio.gather(*viewers)

    play(watcher, scene)

    assert ended == [True] * 3
