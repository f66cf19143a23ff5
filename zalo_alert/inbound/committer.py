"""Group commit: events that come while a commit runs are the next group, and each is answered when its own commit is over.

What can't be stored, or not within a second and a half, is answered by nobody: whoever sent it must think that we are not there.
So the door is closed until the storage works again, which is tried every second, with the very events that failed.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import NamedTuple

from zalo_alert.errors import StorageUnusable, ZaloAlertError
from zalo_alert.foundation.http_connection import response
from zalo_alert.inbound.commit_thread import CommitThread
from zalo_alert.inbound.storage import Group, Storage
from zalo_alert.language import _, decimal

TURNS = 3  # with 64 senders, groups are twice as large as with one, and an event costs a fifth less
MOST_UNCOMMITTED_BYTES = 64 * 1024 * 1024
_OBJECTS_BYTES = 1000  # what an event takes in memory beside its body
_OK, _LAST_OK = response(200), response(200, is_last=True)


class Patience(NamedTuple):
    """How long what takes how long may take, in seconds.

    Args:
        slow_s: A commit; Zalo waits two seconds for an answer.
        retry_s: Between two trials of what does not work.
        gives_up_s: Without success; then whoever started us had better know.
    """

    slow_s: float = 1.5
    retry_s: float = 1.0
    gives_up_s: float = 600.0


PATIENCE = Patience()


class Hooks(NamedTuple):
    """Who hears what.

    Args:
        on_stored: How many were acknowledged, when a group has been.
        on_full: Whether too much waits to be stored.
        on_closed: Nothing can be stored, and why.
        on_opened: It works again.
    """

    on_stored: Callable[[int], None]
    on_full: Callable[[bool], None]
    on_closed: Callable[[StorageUnusable], None]
    on_opened: Callable[[], None]


class Committer:
    """Stores groups one after the other, in a thread.

    Args:
        open_storage: Opens it anew, before the first group and after each failure.
        hooks: See there.
        patience: See there.
    """

    def __init__(self, open_storage: Callable[[], Storage], hooks: Hooks, patience: Patience = PATIENCE) -> None:
        self._open_storage, self._hooks, self._patience = open_storage, hooks, patience
        self._loop = asyncio.get_running_loop()
        self._thread = CommitThread(self._loop)
        self._storage: Storage | None = None
        self._groups: deque[Group] = deque()
        self._running: Group | None = None
        self._failed: Group | None = None
        self._is_scheduled = self._is_full = self._was_slow = False
        self._overdue: asyncio.TimerHandle | None = None
        self._began_s = self._closed_s = 0.0
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self.uncommitted_bytes = 0
        self.closed_by: StorageUnusable | None = None
        self.took_s: deque[float] = deque(maxlen=1000)  # the last commits
        self.ended: asyncio.Future[None] = self._loop.create_future()  # raises when it gives up, or by a bug of ours

    def group_for(self, body: bytes) -> Group:
        """Return the group that an event joins."""
        size = len(body) + _OBJECTS_BYTES
        self.uncommitted_bytes += size
        if self.uncommitted_bytes > MOST_UNCOMMITTED_BYTES and not self._is_full:
            self._is_full = True
            self._hooks.on_full(True)
        if not self._groups or self._groups[-1].is_full:
            self._groups.append(Group())
            self._at_rest.clear()
        if self._running is None and not self._is_scheduled:
            self._schedule()
        group = self._groups[-1]
        group.size += size
        group.count += 1
        return group

    async def drain(self, patience_s: float) -> None:
        """Store what waits, as long as that takes no longer than so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._at_rest.wait()

    def close(self) -> None:
        """End the thread, and close the files when it is through."""
        storage = self._storage
        if storage is not None:
            self._thread.submit(storage.close, lambda error: None)
        self._thread.close()

    # --- storing -------------------------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        """Begin a commit in a few turns of the loop: all that comes in them goes together, and an idle loop turns in no time."""
        self._is_scheduled = True
        self._loop.call_soon(self._turn, TURNS)

    def _turn(self, left: int) -> None:
        if left > 1:
            self._loop.call_soon(self._turn, left - 1)
        else:
            self._is_scheduled = False
            self._start()

    def _start(self) -> None:
        if self._running is None and self._groups and self.closed_by is None:
            self._submit(self._groups.popleft(), is_trial=False)

    def _submit(self, group: Group, *, is_trial: bool) -> None:
        self._running, self._began_s = group, monotonic()
        self._was_slow = False
        self._overdue = self._loop.call_later(self._patience.slow_s, self._be_slow)
        self._thread.submit(lambda: self._store(group, is_trial=is_trial), self._conclude)

    def _store(self, group: Group, *, is_trial: bool) -> None:
        """In the thread."""
        if is_trial and self._storage is not None:
            storage, self._storage = self._storage, None
            storage.close()
        if self._storage is None:
            self._storage = self._open_storage()
        if is_trial:
            self._storage.probe()
        self._storage.store(group)

    def _be_slow(self) -> None:
        self._was_slow = True
        seconds = decimal(self._patience.slow_s, 1)
        self._close(StorageUnusable(_("the disk takes more than {seconds} s to store events", seconds=seconds), hint=_SLOW))

    def _conclude(self, error: BaseException | None) -> None:
        assert self._overdue is not None
        self._overdue.cancel()
        group, self._running = self._running, None
        assert group is not None
        if error is not None:
            self._fail(group, error)
        elif self.closed_by is None:
            self._acknowledge(group)
        elif not self._was_slow:
            self._open()

    def _acknowledge(self, group: Group) -> None:
        self.took_s.append(monotonic() - self._began_s)
        for exchange in group.exchanges:
            exchange.send(_LAST_OK if exchange.is_last else _OK)
        self.uncommitted_bytes -= group.size
        if self._is_full and self.uncommitted_bytes < MOST_UNCOMMITTED_BYTES // 2:
            self._is_full = False
            self._hooks.on_full(False)
        self._hooks.on_stored(group.count)
        if self._groups:
            self._schedule()
        else:
            self._at_rest.set()

    # --- when it can't be stored ---------------------------------------------------------------------------------------

    def _fail(self, group: Group, error: BaseException) -> None:
        if not isinstance(error, ZaloAlertError):
            if not self.ended.done():
                self.ended.set_exception(error)
            return
        self._failed = group
        self._close(error if isinstance(error, StorageUnusable) else StorageUnusable(error.message, hint=error.hint))

    def _close(self, why: StorageUnusable) -> None:
        self._groups.clear()
        self._at_rest.set()
        self.uncommitted_bytes, self._is_full = 0, False
        if self.closed_by is None:
            self._closed_s = monotonic()
            self._loop.call_later(self._patience.retry_s, self._try_again)
            self._hooks.on_closed(why)
        self.closed_by = why

    def _try_again(self) -> None:
        if self.closed_by is None or self.ended.done():
            return
        if monotonic() - self._closed_s > self._patience.gives_up_s:
            self.ended.set_exception(self.closed_by)
            return
        self._loop.call_later(self._patience.retry_s, self._try_again)
        if self._running is None:
            group = self._failed or Group()
            group.exchanges = []
            self._failed = None
            self._submit(group, is_trial=True)

    def _open(self) -> None:
        self.closed_by = None
        self._hooks.on_opened()


_SLOW = _("another program may be keeping it busy, or it is failing")
