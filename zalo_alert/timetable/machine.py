"""The programs of this machine that keep time: systemctl, crontab, loginctl. Started without a shell, and bounded."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zalo_alert.errors import SettingsInvalid, StorageUnusable
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

PATIENCE_S = 30.0
MOST_CHARACTERS = 1_000_000  # of a crontab
_SHOWN = 300  # characters of what a program said


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its code, and what it said."""

    code: int
    out: str
    err: str

    @property
    def why(self) -> str:
        """What it said last, in a line."""
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        shown = lines[-1] if lines else _("it ended with {code}", code=self.code)
        return "".join(sign if sign.isprintable() else "·" for sign in shown)[:_SHOWN] if lines else shown


@dataclass(frozen=True, slots=True)
class Machine:
    """Whom we are on this machine, and which programs there are.

    Args:
        is_root: Whether units are the system's own.
        environ: Of the programs that are started.
        system_folder: Of the system's units.
    """

    is_root: bool = field(default_factory=lambda: os.name == "posix" and os.geteuid() == 0)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    system_folder: Path = Path("/etc/systemd/system")

    def has(self, program: str) -> bool:
        """Whether there is such a program."""
        return shutil.which(program, path=self.environ.get("PATH")) is not None

    def units_folder(self) -> Path:
        """Return the folder of the units that are ours to write."""
        if self.is_root:
            return self.system_folder
        config = self.environ.get("XDG_CONFIG_HOME") or ""
        home = Path(config) if config.startswith("/") else Path(self.environ.get("HOME") or Path.home()) / ".config"
        return home / "systemd" / "user"

    def systemctl(self, *words: str) -> Ended:
        """Ask systemd something, of the system or of this person."""
        return self.run("systemctl", *([] if self.is_root else ["--user"]), *words)

    @property
    def account(self) -> str:
        """Name the account that we are."""
        own = self.environ.get("USER") or self.environ.get("LOGNAME")
        return own or (str(os.getuid()) if hasattr(os, "getuid") else "")

    @property
    def answers(self) -> bool:
        """Whether systemd answers: it is there, and has a bus to be asked over."""
        return self.has("systemctl") and self.systemctl("show-environment").code == 0

    @property
    def goes_on_after_logout(self) -> bool:
        """Whether a person's timers go on when they have logged out; True where nobody knows."""
        if self.is_root or not self.has("loginctl"):
            return True
        return "Linger=no" not in self.run("loginctl", "show-user", self.account, "--property=Linger").out

    def why_unreadable(self, calendar: str) -> str:
        """Return why systemd can't read a calendar line; "" where it can, or nobody can say."""
        if not self.has("systemd-analyze"):
            return ""
        ended = self.run("systemd-analyze", "calendar", calendar)
        return ended.why if ended.code and "calendar" in ended.err.casefold() else ""

    def crontab(self) -> str:
        """Return this person's crontab; "" where they have none.

        Raises:
            SettingsInvalid: They may have none.
        """
        ended = self.run("crontab", "-l")
        if ended.code == 0:
            if len(ended.out) > MOST_CHARACTERS:
                raise SettingsInvalid(
                    _("this account's crontab is larger than {size} MB: is it one?", size=MOST_CHARACTERS // 1_000_000)
                )
            return ended.out
        if "no crontab for" in ended.err or not ended.err.strip():
            return ""
        raise _refused(ended)

    def set_crontab(self, text: str) -> None:
        """Put another crontab in the place of this person's; the program takes it whole or not at all.

        Raises:
            SettingsInvalid: It was refused.
        """
        ended = self.run("crontab", "-", stdin=text)
        if ended.code:
            raise _refused(ended)

    def run(self, program: str, *words: str, stdin: str = "") -> Ended:
        """Run a program to its end.

        Raises:
            StorageUnusable: It can't be started, or doesn't end.
        """
        path = shutil.which(program, path=self.environ.get("PATH"))
        if path is None:
            raise StorageUnusable(_("there is no {program} on this machine", program=program))
        try:
            done = subprocess.run(
                [path, *words],
                input=stdin.encode(errors="surrogateescape"),
                capture_output=True,
                timeout=PATIENCE_S,
                check=False,
                env={**self.environ, "LC_ALL": "C", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"},
            )
        except subprocess.TimeoutExpired as exc:
            raise StorageUnusable(
                _("{program} has not ended for {seconds} s", program=program, seconds=f"{PATIENCE_S:g}"), hint=_("try again")
            ) from exc
        except OSError as exc:
            raise StorageUnusable(_("{program} can't be run: {why}", program=program, why=reason(exc))) from exc
        return Ended(done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode(errors="replace"))


def _refused(ended: Ended) -> SettingsInvalid:
    return SettingsInvalid(
        _("crontab refused: {why}; nothing was changed", why=ended.why),
        hint=_("have an administrator let this account use cron (/etc/cron.allow), or install it under systemd"),
    )
