"""Upkeep that the clock can do: the commands, and when they are usually done. A new one is a line in `TASKS`."""

from collections.abc import Mapping
from dataclasses import dataclass

from zalo_alert.errors import UsageError
from zalo_alert.language import _, joined


@dataclass(frozen=True, slots=True)
class Task:
    """A job of upkeep.

    Args:
        words: The command, as it would be typed behind `zalo-alert`.
        at: When it is done where nobody says otherwise; Vietnam's time.
        about: What it does, in a line.
        needs: What must be said at the installation, such as a file: it is put behind the words.
    """

    words: tuple[str, ...]
    at: str
    about: str
    needs: str = ""


# The times are those of deploy/: at odd minutes, so that not every office calls at the same second.
TASKS: Mapping[str, Task] = {
    "refresh": Task(
        ("accounts", "refresh", "--all", "--older-than", "12h"),
        "daily 00:17,06:17,12:17,18:17",
        _("renew the tokens of Zalo accounts before they end"),
    ),
    "watchdog": Task(("watchdog",), "every 2 min", _("look after alerts that nobody sends any more, late ones, and what waits")),
    "followers": Task(
        ("followers", "import", "--from-events"), "daily 03:27", _("fold what Zalo has sent into the follower books")
    ),
}


def task_of(name: str) -> Task:
    """Return a task by its name.

    Raises:
        UsageError: There is none.
    """
    if name not in TASKS:
        raise UsageError(_('there is no task "{name}"', name=name[:40]), hint=_("there are {tasks}", tasks=joined(TASKS, ", ")))
    return TASKS[name]
