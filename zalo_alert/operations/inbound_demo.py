"""What a story about the webhook asks: whether the door is open, whether everything is worked off, and what came of it all."""

import socket
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zalo_alert.foundation.layout import STATE_DIR
from zalo_alert.inbound.door_lock import is_door_held
from zalo_alert.inbound.door_sight import door_sight
from zalo_alert.inbound.event import EventClass
from zalo_alert.inbound.inbound_store import folder_of
from zalo_alert.inbound.stops import StopKind, Stops
from zalo_alert.inbound.sums import Sums, sums_of
from zalo_alert.language import _, _n, count
from zalo_alert.receipts.published import read_published


@dataclass(frozen=True, slots=True)
class Happened:
    """What was made to happen in the sandbox, by number of people; `left` and `refused` by id."""

    left: frozenset[str]
    refused: frozenset[str]
    words: int
    tests: int


@dataclass(frozen=True, slots=True)
class EventAgreement:
    """How the events that the sandbox told compare with what was kept of them.

    Args:
        heard: Events that the sandbox had answered 200.
        sums: What door and worker count.
        left: People who left, as kept here and as it happened.
        refused: People who opted out, the same.
        happened: What was made to happen.
    """

    heard: int
    sums: Sums
    left: tuple[frozenset[str], frozenset[str]]
    refused: tuple[frozenset[str], frozenset[str]]
    happened: Happened

    def rows(self) -> list[tuple[EventClass, int, int]]:
        """Return what happened to events of each kind: its class, how many by the worker, how many by the sandbox."""
        classes, happened = self.sums.classes, self.happened
        return [
            (EventClass.UNFOLLOWED, classes.get(EventClass.UNFOLLOWED, 0), len(happened.left)),
            (EventClass.OPTED_OUT, classes.get(EventClass.OPTED_OUT, 0), len(happened.refused)),
            (EventClass.FILED, classes.get(EventClass.FILED, 0), happened.words),
            (EventClass.TEST, classes.get(EventClass.TEST, 0), happened.tests),
        ]

    @property
    def problems(self) -> list[str]:
        """Where the two differ; empty when all is right."""
        problems = [
            _("{events} events are {name}, and not {expected}", events=count(found), name=kind.value, expected=count(expected))
            for kind, found, expected in self.rows()
            if found != expected
        ]
        if not self.sums.adds_up or self.sums.waiting:
            problems.append(_("the classes of events don't add up to what is stored"))
        if (lost := self.heard - self.sums.acknowledged) > 0:
            problems.append(
                _n("{count} event was acknowledged and is lost", "{count} events were acknowledged and are lost", lost,
                   count=count(lost))
            )  # fmt: skip
        if self.left[0] != self.left[1] or self.refused[0] != self.refused[1]:
            problems.append(_("others left or opted out than is kept here"))
        return problems


class InboundSight:
    """Looks at the webhook of a workspace.

    Args:
        workspace: Its folder.
    """

    def __init__(self, workspace: Path) -> None:
        self._state_dir = workspace / STATE_DIR
        self._folder = folder_of(self._state_dir)

    def is_open(self, pid: int) -> bool:
        """Whether the door of a process listens."""
        sight = door_sight(self._folder)
        return sight is not None and sight.pid == pid and not sight.closed_ms and is_door_held(self._folder)

    def is_worked_off(self) -> bool:
        """Whether each event has its class, and each receipt was folded."""
        sums = sums_of(self._state_dir, 0)
        return not sums.waiting and read_published(self._folder).folded >= sum(sums.receipts.values())

    def agreement(self, happened: Happened, events: Mapping[str, Any]) -> EventAgreement:
        """Compare what was kept with what happened.

        Args:
            happened: What was made to happen.
            events: How far the sandbox's events are, as it has them at `webhooks`.
        """
        kept: dict[StopKind, set[str]] = {kind: set() for kind in StopKind}
        with closing(Stops(self._state_dir)) as stops:
            for stop in stops.news():
                (kept[stop.kind].add if stop.is_stop else kept[stop.kind].discard)(stop.user_id)
        left, refused = (frozenset(kept[kind]) for kind in (StopKind.LEFT, StopKind.WORDS))
        sums = sums_of(self._state_dir, 0)
        return EventAgreement(int(events["heard"]), sums, (left, happened.left), (refused, happened.refused), happened)


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
