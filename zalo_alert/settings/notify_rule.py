"""Who is told of what happens to runs, beside whoever sits at the screen. Values; sends nothing and knows no channel."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum


class Event(StrEnum):
    """What somebody may be told of, in the word that stands in the settings and in what a program gets."""

    SUBMITTED = "submitted"  # and waiting for approval
    BREAK_GLASS = "break-glass"
    STANDING = "standing"  # a standing approval was proposed
    STARTED = "started"
    PAUSED = "paused"  # after the first people
    HALTED = "halted"
    WAITING = "waiting"  # everyone left must wait: a quota, the night
    LATE = "late"
    STOPPED = "stopped"
    CORRECTED = "corrected"
    FINISHED = "finished"
    EXPIRED = "expired"  # with people left
    NEXT_MESSAGE = "next-message"  # it was promised, is due soon, and isn't there
    TOKEN = "token"
    QUOTA = "quota"
    SILENT = "silent"  # a run without a heartbeat: its process or its machine died
    WEBHOOK_SECRET = "webhook-secret"  # what Zalo sends for an account of ours fits no secret
    WEBHOOK_STORAGE = "webhook-storage"  # the door is closed: it can't store
    WEBHOOK_LAG = "webhook-lag"  # what was stored is not worked on
    WEBHOOK_SILENT = "webhook-silent"  # no receipt comes, while a run is being sent
    WEBHOOK_DOWN = "webhook-down"  # the door's process died
    SCHEDULE = "schedule"  # what a timetable planned was not done, or failed
    TEST = "test"


ALWAYS = frozenset({Event.TEST, Event.BREAK_GLASS})  # that one person sends alone is kept from nobody
CHOSEN = frozenset(Event) - {Event.TEST}


@dataclass(frozen=True, slots=True)
class NotifyRule:
    """Who is told of what.

    Args:
        command: A program and its arguments; empty where there is none.
        urls: Names of addresses for apprise, which are secrets: see `url_variable`.
        staff: Whether those on `lists/staff.txt` are told by Zalo.
        late_min: From how many minutes on a run counts as late.
        events: What is told at all.
    """

    command: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    staff: bool = False
    late_min: int = 10
    events: Set[Event] = CHOSEN

    @property
    def is_on(self) -> bool:
        """Whether anybody is told at all."""
        return bool(self.command or self.urls or self.staff)

    def wants(self, event: Event) -> bool:
        """Whether this is told, and to anybody."""
        return self.is_on and (event in self.events or event in ALWAYS)


def url_variable(name: str) -> str:
    """Name the secret that holds an address, by its name in the settings."""
    return f"ZALO_ALERT_NOTIFY_{name.upper().replace('-', '_')}_URL"
