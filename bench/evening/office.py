"""The office that the play is about: three OAs of one app, a book, a table of candidates, and its command line."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from zalo_alert.foundation.clock import SystemClock
from zalo_alert.sandbox import candidates
from zalo_alert.sandbox.server import Sandbox
from zalo_alert.testing import drill

ROOT = Path(__file__).resolve().parents[2]
PER_MINUTE = 4000
ALERTS, SCORES, POLICE = "pctt", "so-gd", "cong-an"  # in the order of the sandbox's OAs
TAGS = {ALERTS: "pctt", SCORES: "so-giao-duc", POLICE: "cong-an"}
CODE = "DT-LU-QUET"
ASKS = "tra điểm {sbd} {ngay_sinh}"
COLUMNS = "100"
WHERE = ("level: national, areas: [all]", *("level: province, areas: [old:54]",) * 2)
ROUTE = (
    """[{type: template, template_id: "311203", data: {ma_tin: "{{ code }}", tinh: "{{ place }}", noi_dung: "{{ headline }}"}}]"""
)
ABOUT = 'about: {address: "2 Độc Lập", phone: "0257 000 0000", map_url: "https://congan.phuyen.gov.vn/"}'


class Office:
    """A drill workspace and what is typed in it.

    Args:
        folder: Made when it is missing.
        sandbox: That it speaks to; its accounts get the office's names.
    """

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.theirs = [account.id for account in sandbox.accounts]  # what the sandbox calls the OAs
        sandbox.accounts = [own._replace(id=name) for own, name in zip(sandbox.accounts, TAGS, strict=True)]
        self._accounts = sandbox.accounts
        self.environ = os.environ | sandbox.environs() | {"PYTHONPATH": str(ROOT), "COLUMNS": COLUMNS, "ZALO_ALERT_LANG": "en"}

    @property
    def candidates(self) -> Path:
        """The list that the table is built from, and that people ask from."""
        return self.folder / "diem.csv"

    def account(self, name: str) -> str:
        """Return what the sandbox calls an OA."""
        return self.theirs[list(TAGS).index(name)]

    def set_up(self, people: int, told: int, opens: datetime, expires: str) -> None:
        """Write config and rules, build the table, fill the book.

        Args:
            people: Candidates.
            told: Followers who get the alert.
            opens: When scores may be looked up.
            expires: How long a look-up may wait, as in the file.
        """
        self.run("init", str(self.folder), "--with", "police-qa,scores", "--app-per-minute", str(PER_MINUTE), cwd=ROOT)
        self._configure()
        self._open(opens, expires)
        with self.candidates.open("w", encoding="utf-8", newline="") as file:
            candidates.write_csv(file, people)
        columns = ("--key", "sbd", "--check", "ngay_sinh", "--key-pattern", r"\d{8}")
        self.run("tables", "build", "diem-thi-2026", "diem.csv", *columns)
        self.run("answers", "validate", may_end=(0, 1, 3))
        self.run("followers", "example", "followers.csv", "--people", str(told))
        self.run("followers", "import", "followers.csv", "--account", ALERTS)

    def _configure(self) -> None:
        """Name the three OAs."""
        config = self.folder / "zalo-alert.yaml"
        lines = [
            f'  - {{id: {own.id}, oa_id: "{own.oa_id}", app_id: "{own.app_id}", {where}, tags: [{TAGS[own.id]}], {ABOUT}}}'
            for own, where in zip(self._accounts, WHERE, strict=True)
        ]
        accounts = "\n".join(lines)
        text = re.sub(r"(?m)^  - \{id: pctt.*$", lambda _: accounts, config.read_text(encoding="utf-8"))
        config.write_text(text, encoding="utf-8")

    def _open(self, opens: datetime, expires: str) -> None:
        path = self.folder / "inbound" / "diem-thi.yaml"
        text = re.sub(r"(?m)^opens: .*$", f"opens: {opens.isoformat(timespec='seconds')}", path.read_text(encoding="utf-8"))
        path.write_text(re.sub(r"(?m)^  expires: .*$", f"  expires: {expires}", text), encoding="utf-8")
        rules = self.folder / "inbound" / "hoi-dap-cong-an.yaml"
        text = re.sub(r"(?m)^hours: .*$", 'hours: {mon-sun: "00:00-24:00"}', rules.read_text(encoding="utf-8"))
        rules.write_text(text, encoding="utf-8")  # an officer is there whenever this is played

    def write_alert(self) -> str:
        """Write the alert, valid from now on; return its file."""
        path = self.folder / "campaigns" / "lu-quet.yaml"
        text = drill(SystemClock().now(), code=CODE, urgency="Immediate", areas=f"[all], accounts: [{ALERTS}]", routes=ROUTE)
        path.write_text(text, encoding="utf-8")
        return "campaigns/lu-quet.yaml"

    def run(self, *words: str, may_end: Sequence[int] = (0,), cwd: Path | None = None) -> str:
        """Type a command; return what it wrote.

        Raises:
            SystemExit: It ended otherwise than it may.
        """
        done = subprocess.run(
            _command(words), cwd=cwd or self.folder, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode not in may_end:
            raise SystemExit(f"{' '.join(words)} ended with {done.returncode}: {done.stdout}")
        return done.stdout

    def show(self, *words: str, language: str) -> str:
        """Type a command in a terminal; return what stands on it."""
        ours, theirs = os.openpty()
        environ = self.environ | {"ZALO_ALERT_LANG": language, "TERM": "dumb"}
        with subprocess.Popen(_command(words), cwd=self.folder, env=environ, stdin=theirs, stdout=theirs, stderr=theirs):
            os.close(theirs)
            written = b"".join(_read_all(ours))
        os.close(ours)
        return "\n".join(line.rstrip() for line in written.decode().replace("\r", "").strip("\n").splitlines())

    def ask(self, *words: str, may_end: Sequence[int] = (0, 3)) -> list[Mapping[str, Any]]:
        """Type a command with `--json`; return its facts."""
        lines = self.run(*words, "--json", may_end=may_end).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def begin(self, *words: str) -> "subprocess.Popen[bytes]":
        """Begin a command that goes on; its words go into a log."""
        with (self.folder / "commands.log").open("ab") as log:
            return subprocess.Popen(_command(words), cwd=self.folder, env=self.environ, stdout=log, stderr=log)


def _command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "zalo_alert", *words]


def _read_all(terminal: int) -> Iterator[bytes]:
    """Yield what is written to a terminal until nobody has it open any more."""
    with suppress(OSError):  # Linux says it so
        while data := os.read(terminal, 1 << 16):
            yield data
