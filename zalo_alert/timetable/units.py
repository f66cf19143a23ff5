"""The text of a service and its timer for systemd. Knows nothing of what is installed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zalo_alert.errors import UsageError
from zalo_alert.language import _
from zalo_alert.timetable.times import Timetable, calendar_lines

# What a manager without privileges can do, too: filters of calls, no more.
_ANYBODYS = """\
UMask=0077
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
"""
_ROOTS = """\
LimitNOFILE=8192
CapabilityBoundingSet=
ProtectSystem=strict
PrivateDevices=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
"""
_HOMES = ("/home/", "/root/", "/run/user/")
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Service:
    """What a unit starts.

    Args:
        about: In a line.
        command: The program and its arguments; the first is an absolute path.
        workspace: The folder that it works in, and may write to.
        account: As whom, and its group; ("", "") of a person's own units.
        repeats_min: After how many minutes it is started again when it could not be done yet.
    """

    about: str
    command: Sequence[str]
    workspace: Path
    account: tuple[str, str] = ("", "")
    repeats_min: int = 5


def service_text(service: Service) -> str:
    """Write the unit that is started.

    It is started again while the command ends with 12, 13 or 130: another process is at it, or it could not be done yet. The
    command itself knows when it is too late, and then ends otherwise. Folders may be gone: then the command says so.
    """
    folder, (user, group) = str(service.workspace), service.account
    lines = [
        "# Written by `zalo-alert schedule install`; `zalo-alert schedule remove` takes it away again.",
        "[Unit]",
        f"Description={unit_text(service.about)}",
        *(["After=network-online.target time-sync.target", "Wants=network-online.target"] if user else []),
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=oneshot",
        f"ExecStart={' '.join(map(unit_word, service.command))}",
        "Restart=on-failure",
        f"RestartSec={service.repeats_min}min",
        "RestartPreventExitStatus=1 2 3 10 11 14",
        "KillSignal=SIGINT",
        "TimeoutStartSec=infinity",
        "TimeoutStopSec=60s",
        "SyslogIdentifier=zalo-alert",
        *([f"User={user}", f"Group={group}"] if user else []),
        f"WorkingDirectory=-{unit_text(folder)}",
    ]
    if user:
        where = f"{service.workspace}/ {' '.join(service.command)}"
        lines += [f"ReadWritePaths={unit_path(folder)}"]
        lines += [] if any(home in where for home in _HOMES) else ["ProtectHome=yes"]
        lines += [] if "/tmp/" in where else ["PrivateTmp=yes"]
    return "\n".join(lines) + "\n" + (_ROOTS if user else "") + _ANYBODYS


def timer_text(about: str, timetable: Timetable) -> str:
    """Write the timer of a service of the same name; one that the machine has slept through is started when it wakes."""
    lines = [
        "# Written by `zalo-alert schedule install`; `zalo-alert schedule remove` takes it away again.",
        "[Unit]",
        f"Description={unit_text(about)}",
        "",
        "[Timer]",
        *(f"OnCalendar={line}" for line in calendar_lines(timetable)),
        "# Goes on with what a power cut has ended.",
        "OnStartupSec=2min",
        "AccuracySec=1s",
        "Persistent=yes",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def unit_word(word: str) -> str:
    """Quote a word of a command line for systemd, which expands % and $ and splits at blanks."""
    escaped = _speakable(word).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if re.search(r"[\s;'\"\\]", escaped) or not escaped else escaped


def unit_path(path: str) -> str:
    """Write a path, that may be missing, for systemd where it splits at blanks and expands %, and $ is a letter."""
    escaped = unit_text(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"-{escaped}"' if re.search(r"[\s'\"\\]", escaped) else f"-{escaped}"


def unit_text(text: str) -> str:
    """Write a line of text as systemd reads it."""
    return _speakable(text).replace("%", "%%")


def _speakable(text: str) -> str:
    if _UNSPEAKABLE.search(text):
        raise UsageError(
            _(
                "{path} has a sign in its name that no timer can be given",
                path="".join(c if c.isprintable() else "·" for c in text),
            ),
            hint=_("give the folder or the file another name"),
        )
    return text
