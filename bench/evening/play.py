"""One play, in real time: who asks when, the alert, the officer; and what is noted down on the way."""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

from bench.door_workspace import wait_until_it_listens
from bench.evening.office import ASKS, CODE, PER_MINUTE, POLICE, SCORES, Office
from bench.judge.doors import free_port
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import Sandbox, running

ALERT_S, PERSON_S, CHECK_S, OFFICER_S = 120, 165, 180, 225  # after the opening
LOOK_EVERY_S = 30
RULES_S = 600  # so long others ask the police
PATIENCE_S = 3600.0
RULE_TEXTS = [
    "làm căn cước cần gì",
    "lệ phí đăng ký xe máy",
    "mất hộ chiếu thì làm sao",
    "đăng ký tạm trú ở đâu",
    "nộp phạt nguội",
]
FIRST_RULE, FIRST_PERSON, FIRST_CHECK = 1_000_000, 2_000_000, 3_000_000  # numbers of invented persons
LANGUAGES = ("vi", "en")


class Scene(NamedTuple):
    """What is played.

    Args:
        before: People who ask before the opening, evenly over the time that is there for it.
        sharp: People who ask at the opening.
        expires: How long a look-up may wait.
        lead_s: How long before the opening the play begins.
    """

    before: int
    sharp: int
    expires: str
    lead_s: int = 0

    @property
    def people(self) -> int:
        """Everyone who looks up a candidate of their own."""
        return self.before + self.sharp


SCENES: Mapping[str, Scene] = {
    "together": Scene(0, 30_000, "15m"),
    "short": Scene(0, 30_000, "5m"),
    "before": Scene(20_000, 10_000, "15m", 420),
}


@dataclass
class Record:
    """What was noted down; times are seconds after the opening.

    Args:
        opens: The opening.
        accepted: Messages that the sandbox had executed, by time.
        looks: What `webhook status` told, by time.
        screens: What was on the screen, by command, time and language.
        commands: When a command began, and when it ended.
        answers: The sandbox's account of everyone who asked.
        report: What `answers report` told at the end.
        plan_s: How long the plan wanted the alert to take.
    """

    opens: datetime
    accepted: list[tuple[float, int]] = field(default_factory=list)
    looks: list[tuple[float, list[Mapping[str, Any]]]] = field(default_factory=list)
    screens: dict[str, str] = field(default_factory=dict)
    commands: dict[str, list[float]] = field(default_factory=dict)
    answers: Sequence[Mapping[str, Any]] = field(default_factory=list)
    report: Sequence[Mapping[str, Any]] = field(default_factory=list)
    plan_s: float = 0.0


class Play:
    """Plays a scene.

    Args:
        scene: Which.
        told: Followers who get the alert.
        folder: For the workspace; empty.
        note: Told what goes on.
    """

    def __init__(self, scene: Scene, told: int, folder: Path, note: Callable[[str], None]) -> None:
        self._scene, self._told, self._folder, self._note = scene, told, folder, note

    def run(self) -> Record:
        """Play it; return what was noted down."""
        port = free_port()
        url = f"http://127.0.0.1:{port}/zalo"
        with running(Options(app_per_minute=PER_MINUTE, oas=3, receipts=0, webhook_url=url)) as sandbox:
            office = Office(self._folder / "office", sandbox)
            opens = _whole_minute(self._scene.lead_s + 60)
            office.set_up(self._scene.people, self._told, opens, self._scene.expires)
            with _door(office, port):
                return _Night(self._scene, self._told, office, sandbox, Record(opens), self._note).play()


def _whole_minute(in_s: float) -> datetime:
    later = SystemClock().now() + timedelta(seconds=in_s)
    return later.replace(second=0, microsecond=0) + timedelta(minutes=1)


@contextmanager
def _door(office: Office, port: int) -> Iterator[None]:
    door = office.begin("webhook", "--listen", f"127.0.0.1:{port}")
    try:
        wait_until_it_listens(door, port)
        yield
    finally:
        door.terminate()
        door.wait(60)


class _Night:
    """What is done at which second."""

    def __init__(
        self, scene: Scene, told: int, office: Office, sandbox: Sandbox, record: Record, note: Callable[[str], None]
    ) -> None:
        self._scene, self._told, self._office, self._sandbox, self._record = scene, told, office, sandbox, record
        self._note, self._file = note, ""
        self._alert: subprocess.Popen[bytes] | None = None
        begin_s = min(0, -scene.lead_s)
        acts: list[tuple[float, Callable[[], None]]] = [
            (0, self._all_ask), (0, self._others_ask), (ALERT_S, self._send_alert), (PERSON_S, self._one_wants_a_person),
            (CHECK_S, self._some_check), (OFFICER_S, self._officer_answers),
        ]  # fmt: skip
        if scene.before:
            acts.append((begin_s, self._early_ask))
        self._acts = sorted(acts, key=lambda act: act[0])
        self._looks_from_s = begin_s + LOOK_EVERY_S
        self._is_done = Event()

    def play(self) -> Record:
        """Plan the alert, and play."""
        self._file = self._office.write_alert()
        self._show("plan", "plan", self._file)
        plan = next(fact for fact in self._office.ask("plan", self._file) if fact["type"] == "plan")
        self._record.plan_s = plan["requests"] / plan["rate_per_s"]
        beside = [Thread(target=target, daemon=True) for target in (self._watch, self._count)]
        for thread in beside:
            thread.start()
        while not self._is_over():
            self._do_what_is_due()
            time.sleep(0.1)
        self._is_done.set()
        for thread in beside:
            thread.join()
        self._show("report", "answers", "report")
        self._record.report = self._office.ask("answers", "report")
        self._record.answers = self._sandbox.answers()
        return self._record

    def _do_what_is_due(self) -> None:
        while self._acts and self._acts[0][0] <= self._now_s():
            self._acts.pop(0)[1]()
        if self._alert and self._alert.poll() is not None and len(self._record.commands["send"]) == 1:
            self._record.commands["send"].append(self._now_s())

    def _now_s(self) -> float:
        return (SystemClock().now() - self._record.opens).total_seconds()

    def _is_over(self) -> bool:
        if self._now_s() > PATIENCE_S:
            raise SystemExit("the play does not end")
        if self._acts or self._now_s() < RULES_S + 5 or not self._alert or self._alert.poll() is None:
            return False
        status = status_of(self._record.looks[-1][1])
        return self._record.looks[-1][0] > RULES_S and not status["answers_waiting"] and not status["waiting"]

    # --- what happens ------------------------------------------------------------------------------------------------------

    def _early_ask(self) -> None:
        per_s = self._scene.before / (self._scene.lead_s - 60)
        self._ask_scores(self._scene.before, 0, per_s)

    def _all_ask(self) -> None:
        self._ask_scores(self._scene.sharp, self._scene.before, 0.0)

    def _ask_scores(self, people: int, first: int, per_s: float) -> None:
        list_ = self._office.candidates if not first else self._rest_of_candidates(first)
        account = self._office.account(SCORES)
        self._sandbox.crowd(account=account, people=people, first=first, per_s=per_s, file=str(list_), form=ASKS)
        self._note(f"{people:,} people look up a candidate")

    def _rest_of_candidates(self, first: int) -> Path:
        lines = self._office.candidates.read_text(encoding="utf-8").splitlines(keepends=True)
        rest = self._office.candidates.with_name("rest.csv")
        rest.write_text("".join([lines[0], *lines[1 + first :]]), encoding="utf-8")
        return rest

    def _others_ask(self) -> None:
        account = self._office.account(POLICE)
        self._sandbox.crowd(account=account, people=RULES_S, first=FIRST_RULE, per_s=1, texts=RULE_TEXTS)

    def _send_alert(self) -> None:
        self._record.commands["send"] = [self._now_s()]
        self._alert = self._office.begin("send", self._file, "--yes")
        self._note(f"an alert to {self._told:,} people")

    def _one_wants_a_person(self) -> None:
        self._sandbox.crowd(account=self._office.account(POLICE), people=1, first=FIRST_PERSON, texts=["gặp cán bộ"])

    def _some_check(self) -> None:
        texts = [f"kiểm tra {CODE}"]
        self._sandbox.crowd(account=self._office.account(POLICE), people=20, first=FIRST_CHECK, texts=texts)

    def _officer_answers(self) -> None:
        self._show("inbox", "inbox", "list")
        case = next(fact for fact in self._office.ask("inbox", "list") if fact["type"] == "case")
        self._record.commands["answer"] = [self._now_s()]
        self._office.run("inbox", "answer", case["case"], "--as", "lan", "--text", "Mời anh chị gọi 0257 000 0000, gặp chị Lan.")
        self._record.commands["answer"].append(self._now_s())

    # --- what the officer sees ---------------------------------------------------------------------------------------------

    def _count(self) -> None:
        """Note down every half second how many messages have been executed."""
        while not self._is_done.wait(0.5):
            self._record.accepted.append((self._now_s(), int(self._sandbox.stats()["accepted"])))

    def _watch(self) -> None:
        """Look every half minute, beside everything else, and once more at the end."""
        due_s = self._looks_from_s
        while not self._is_done.wait(max(0.0, due_s - self._now_s())):
            self._look(f"status {due_s:.0f}")
            due_s += LOOK_EVERY_S
        self._look("status end")

    def _look(self, name: str) -> None:
        at_s = self._now_s()
        self._show(name, "webhook", "status")
        self._record.looks.append((at_s, self._office.ask("webhook", "status")))
        status = status_of(self._record.looks[-1][1])
        self._note(f"{at_s:5.0f} s: {status['answers_waiting']:,} wait, {self._record.accepted[-1][1]:,} sent")

    def _show(self, name: str, *words: str) -> None:
        for language in LANGUAGES:
            self._record.screens[f"{name} {language}"] = self._office.show(*words, language=language)


def status_of(facts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what `webhook status` told of all."""
    return next(fact for fact in facts if fact["type"] == "webhook-status")
