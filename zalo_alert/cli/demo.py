"""`demo`: the whole story on loopback, each step a command that the officer can type."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.markup import escape

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import JsonOption
from zalo_alert.errors import Cure, ExitCode, RunSuspended, RunUnfinished, StorageUnusable, UsageError
from zalo_alert.language import Language, _, joined, span
from zalo_alert.language.catalogue import VARIABLE
from zalo_alert.models import State

if TYPE_CHECKING:
    from zalo_alert.sandbox.agreement import Agreement
    from zalo_alert.sandbox.server import Counter

MARK = ".made-by-demo"  # only a folder that carries it is ever removed
PER_MINUTE = 600_000  # fast enough to be worth watching, slow enough for two cores
CAMPAIGN = "campaigns/dien-tap-bao.yaml"
IN_THE_OTHER = {  # each in the language of whom it is for
    Language.EN: f"Bằng tiếng Việt: {VARIABLE}=vi make demo, hoặc zalo-alert demo --lang vi",
    Language.VI: f"In English: {VARIABLE}=en make demo, or zalo-alert demo --lang en",
}
SHOWN = {
    State.ACCEPTED: _("reached exactly once"),
    State.UNKNOWN: _("claimed when the power went; some have it: held back, listed"),
    State.REJECTED: _("refused on every route: they do not follow"),
}


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Made anew each time.")] = Path("demo"),
    people: Annotated[int, typer.Option("--people", min=1000, help="How many followers to invent.")] = 200_000,
    json: JsonOption = False,
) -> None:
    """Show the whole story on this machine: followers, plan, send, a power cut, resume, report. Nothing leaves it.

    Example: zalo-alert demo
    """
    from zalo_alert.operations.serve import compare, read_states

    began_s = time.monotonic()
    _make_room(folder)
    story = _Story()
    spoken_as = () if display.catalogue.language is Language.VI else ("--lang", display.catalogue.language.value)
    story.run("init", str(folder), "--app-per-minute", str(PER_MINUTE), *spoken_as)
    (folder / MARK).touch()
    story.enter(folder)
    with story.sandbox("--app-per-minute", str(PER_MINUTE), "--dead", "0.01") as received:
        story.run("followers", "example", "followers.csv", "--people", str(people))
        story.run("followers", "import", "followers.csv")
        story.run("plan", CAMPAIGN)
        story.run_until(lambda: received.stats()["accepted"] >= people // 2, "send", CAMPAIGN, "--yes")
        story.run("status")
        story.run("resume", may_end=(0, ExitCode.NOT_EVERYONE))
        story.run("report")
        story.run("export", "states.csv")
        agreement = compare(read_states(folder / "states.csv"), received.reached())
    _show(agreement)
    if agreement.problems:
        raise StorageUnusable(
            joined(agreement.problems, "; "), hint=_("this must never happen: keep {folder} and report it", folder=folder)
        )
    display.say(
        _(
            "the report and the sandbox agree, person by person. The whole story took {time}; everything "
            "is in {folder}, type on from there",
            time=span(timedelta(seconds=time.monotonic() - began_s)),
            folder=folder,
        ),
        style="bold",
    )
    display.say(IN_THE_OTHER[display.catalogue.language])


def _make_room(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise UsageError(
                _("{folder} holds something that the demo did not make", folder=folder),
                hint=_("name another folder with {option}", option=Cure.OPTION(folder="…")),
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


def _show(agreement: "Agreement") -> None:
    display.fact(
        "agreement", totals={state.value: agreement.people[state] for state in State},
        reached={state.value: agreement.reached[state] for state in State}, twice=agreement.twice,
        strangers=agreement.strangers, problems=agreement.problems,
    )  # fmt: skip
    rows = [
        (state.value, agreement.people[state], agreement.reached[state], SHOWN.get(state, ""))
        for state in State
        if agreement.people[state]
    ]
    rows.append((_("twice"), 0, agreement.twice, _("reached more than once")))
    columns = (_("state"), _("report says"), _("sandbox has"), "")
    display.table(_("the report beside what the sandbox received"), columns, rows)


class _Story:
    """Runs commands as the officer would, and prints each before it runs."""

    def __init__(self) -> None:
        self._folder = Path()
        self._environ: Mapping[str, str] = {}

    def enter(self, folder: Path) -> None:
        """Go on in a folder."""
        self._folder = folder
        _print(f"cd {folder}")

    def run(self, *words: str, may_end: Sequence[int] = (0,)) -> None:
        """Run a command to its end."""
        _print("zalo-alert", *words)
        code = self._start(words).wait()
        if code not in may_end:
            raise RunUnfinished(
                _("`{command}` ended with exit code {code}", command=" ".join(("zalo-alert", *words)), code=code),
                hint=_("see what it says above"),
            )

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

    def _start(self, words: Sequence[str], **pipes: Any) -> "subprocess.Popen[bytes]":
        flags = ["--json"] if display.json and "--json" not in words else []
        language = {VARIABLE: display.catalogue.language.value}  # the reader's, whatever the new workspace says
        environ = os.environ | self._environ | {"ZALO_ALERT_WORKSPACE": "."} | language
        return subprocess.Popen([sys.executable, "-m", "zalo_alert", *words, *flags], cwd=self._folder, env=environ, **pipes)


def _print(*words: str, note: str = "") -> None:
    line = " ".join(words)
    display.fact("command", line=line, message=note)
    if not display.json:
        if words[0].startswith("zalo-alert"):
            display.err.print()
        remark = f"   [dim]# {escape(display.text(note))}[/]" if note else ""
        display.err.print(f"[bold cyan]$ {escape(line)}[/]{remark}", soft_wrap=True)
