"""A door that tells people what is wrong with it, from a thread beside it: telling keeps no event waiting."""

import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from types import TracebackType
from typing import TYPE_CHECKING

from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import Clock, SystemClock
from zalo_alert.foundation.notices import Notice
from zalo_alert.operations.tell import Teller
from zalo_alert.operations.webhook_alarms import alarms
from zalo_alert.operations.webhook_sight import sight_of
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings

if TYPE_CHECKING:
    from zalo_alert.inbound.door_sight import DoorSight
    from zalo_alert.operations.webhook_tell import WebhookObserver

ENDING_S = 5.0  # for a look that is under way


class WatchedDoor:
    """An observer of a door that passes everything on, and looks each time whether a person must be told; a context manager.

    Args:
        observer: The one to pass it on to.
        settings: Say who is told.
        runs: Of the workspace.
        clock: The wall clock.
    """

    def __init__(self, observer: "WebhookObserver", settings: Settings, runs: Runs, clock: Clock | None = None) -> None:
        self._observer, self._settings, self._runs, self._clock = observer, settings, runs, clock or SystemClock()
        self._wanted, self._is_ended = threading.Event(), False
        self._teller = Teller(settings, observer.on_notice)
        self._thread = threading.Thread(target=self._keep_looking, name="webhook-watch", daemon=True)

    def __enter__(self) -> "WatchedDoor":
        if self._settings.notify.is_on:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self._is_ended = True
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(ENDING_S)
        self._teller.__exit__(kind, value, traceback)

    def on_notice(self, notice: Notice) -> None:
        """See `WebhookObserver`."""
        self._observer.on_notice(notice)

    def on_status(self, sight: "DoorSight") -> None:
        """See `WebhookObserver`."""
        self._wanted.set()
        self._observer.on_status(sight)

    def on_trouble(self) -> None:
        """See `WebhookObserver`."""
        self._wanted.set()
        self._observer.on_trouble()

    def look(self) -> None:
        """Look once, and have told what calls for a person; a run that can't be read is left to the watchdog, which says so."""
        with suppress(ZaloAlertError):
            for message in alarms(sight_of(self._settings), self._settings, self._sending(), self._clock.now()):
                self._teller.tell(message)

    def _sending(self) -> Iterator[Run]:
        for name in self._runs.active():
            with closing(Run(self._runs.folder / name)) as run:
                yield run

    def _keep_looking(self) -> None:
        while not self._is_ended:
            self._wanted.wait()
            self._wanted.clear()
            if not self._is_ended:
                self.look()
