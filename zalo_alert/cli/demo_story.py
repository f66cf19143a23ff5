"""What a demo's story is made of: commands that are printed and run, some of them beside the others, one killed on the way."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from rich.markup import escape

from zalo_alert.cli.display import display
from zalo_alert.errors import Cure, RunSuspended, RunUnfinished, StorageUnusable, UsageError
from zalo_alert.foundation import machine
from zalo_alert.language import Language, _, joined
from zalo_alert.language.catalogue import VARIABLE

if TYPE_CHECKING:
    from zalo_alert.operations.serve import Counter

MARK = ".made-by-demo"  # only a folder that carries it is ever removed
STOPPING_S = 15.0


def make_room(folder: Path) -> None:
    """Empty a folder that a demo made, or make it; no other one is ever touched."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise UsageError(
                _("{folder} holds something that the demo did not make", folder=folder),
                hint=_("name another folder with {option}", option=Cure.OPTION(folder="…")),
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


def require_agreement(problems: Sequence[str], folder: Path) -> None:
    """End the story where what is said and what happened differ.

    Raises:
        StorageUnusable: They do.
    """
    if problems:
        raise StorageUnusable(
            joined(problems, "; "), hint=_("this must never happen: keep {folder} and report it", folder=folder)
        )


class Story:
    """Runs commands as an officer would, and prints each before it runs."""

    def __init__(self) -> None:
        self._folder = Path()
        self._environ: Mapping[str, str] = {}

    def begin(self, folder: Path, per_minute: int) -> None:
        """Make the demo's workspace, and go on in it."""
        spoken_as = () if display.catalogue.language is Language.VI else ("--lang", display.catalogue.language.value)
        self.run("init", str(folder), "--app-per-minute", str(per_minute), *spoken_as)
        (folder / MARK).touch()
        self.enter(folder)

    def enter(self, folder: Path) -> None:
        """Go on in a folder."""
        self._folder = folder
        _print(f"cd {folder}")

    def run(self, *words: str, may_end: Sequence[int] = (0,)) -> None:
        """Run a command to its end."""
        _print("zalo-alert", *words)
        code = self._start(words).wait()
        if code not in may_end:
            raise _unexpected(words, code)

    def run_until(self, is_enough: Callable[[], bool], *words: str) -> None:
        """Run a command, and kill it as a power cut would."""
        _print("zalo-alert", *words)
        child = self._start(words)
        while child.poll() is None and not is_enough():
            time.sleep(0.02)
        child.kill()
        child.wait()
        if display.live:
            display.err.show_cursor(True)  # it was hidden by a process that had no time to bring it back
            display.err.print()
        _print(f"kill -9 {child.pid}", note=_("half-way, the power fails"))

    @contextmanager
    def begun(self, *words: str) -> Iterator[None]:
        """Begin a command that is to end by itself; the end of the block waits for it."""
        _print("zalo-alert", *words)
        child = self._start(words)
        try:
            yield
        except BaseException:
            child.kill()
            raise
        finally:
            code = child.wait()
        if code:
            raise _unexpected(words, code)

    def note(self, sentence: str) -> None:
        """Say what happens without anybody's typing."""
        display.fact("command", line="", message=sentence)
        display.say(sentence, style="cyan")

    @contextmanager
    def sandbox(self, *words: str) -> Iterator["Counter"]:
        """Keep a sandbox running, and point the commands that follow at it."""
        from zalo_alert.operations.serve import Counter

        _print("zalo-alert sandbox", *words, "&")
        child = self._start(("sandbox", *words, "--json"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            assert child.stdout
            line = child.stdout.readline()
            if not line:
                raise RunSuspended(_("the sandbox does not start"), hint=_("{sandbox} says why", sandbox=Cure.SANDBOX()))
            facts = orjson.loads(line)
            for name, value in facts["environ"].items():
                _print(f"export {name}={value}")
            self._environ = facts["environ"]
            yield Counter(facts["url"])
        finally:
            child.terminate()
            child.communicate()

    @contextmanager
    def beside(self, *words: str) -> Iterator["Process"]:
        """Keep a command running beside those that follow; it is stopped as Ctrl-C would when the block ends."""
        process = Process(partial(self._start, words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL), words)
        process.start()
        try:
            yield process
        finally:
            process.stop()

    def _start(self, words: Sequence[str], **pipes: Any) -> "subprocess.Popen[bytes]":
        flags = ["--json"] if display.json and "--json" not in words else []
        language = {VARIABLE: display.catalogue.language.value}  # the reader's, whatever the new workspace says
        environ = os.environ | self._environ | {"ZALO_ALERT_WORKSPACE": "."} | language
        return subprocess.Popen([sys.executable, "-m", "zalo_alert", *words, *flags], cwd=self._folder, env=environ, **pipes)


def _unexpected(words: Sequence[str], code: int) -> RunUnfinished:
    return RunUnfinished(
        _("`{command}` ended with exit code {code}", command=" ".join(("zalo-alert", *words)), code=code),
        hint=_("see what it says above"),
    )


def _print(*words: str, note: str = "") -> None:
    line = " ".join(words)
    display.fact("command", line=line, message=note)
    if not display.json:
        if words[0].startswith("zalo-alert"):
            display.err.print()
        remark = f"   [dim]# {escape(display.text(note))}[/]" if note else ""
        display.err.print(f"[bold cyan]$ {escape(line)}[/]{remark}", soft_wrap=True)


class Process:
    """A command that runs beside the others, and can be killed and started again.

    Args:
        start: Starts it.
        words: The command's.
    """

    def __init__(self, start: "Callable[[], subprocess.Popen[bytes]]", words: Sequence[str]) -> None:
        self._start, self._words = start, words

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        return self._child.pid

    def start(self) -> None:
        """Start it, and go on."""
        _print("zalo-alert", *self._words, "&")
        self._child = self._start()

    def kill(self, why: str) -> None:
        """Kill it as a power cut would."""
        self._child.kill()
        self._child.wait()
        _print(f"kill -9 {self._child.pid}", note=why)

    def stop(self) -> None:
        """Have it end as Ctrl-C does; it is killed when that takes too long."""
        with suppress(ProcessLookupError):
            machine.interrupt(self._child)
        try:
            self._child.wait(STOPPING_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
