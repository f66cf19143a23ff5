"""What became of those who wrote during a storm: who waited how long, and whether everyone is accounted for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bench.judge.answer_books import LIVE, AnswerBooks

CHECK = "KIEM TRA STORM-1"
RULES = ("cho hỏi làm căn cước ở đâu", "muốn đăng ký tạm trú")
OPENS, GOES_ON = "cái cây đổ chắn đường rồi", "vẫn chưa ai tới dọn"


class Kind(StrEnum):
    """What people want."""

    STEP = "KIEM TRA"
    TALK = "opens a talk"
    MORE = "says more in a talk"
    RULE = "asks a rule"
    LOOKUP = "looks up"


ANSWERED_BY = {
    Kind.STEP: ("reserved/",),
    Kind.TALK: ("hoi-dap/fallback",),
    Kind.RULE: ("hoi-dap/can-cuoc", "hoi-dap/cu-tru"),
    Kind.LOOKUP: ("diem-thi/",),
}
OFFICER, OFFICERS_WORDS = "case", "Tổ trực đang tới."


@dataclass
class Fate:
    """What became of the questions of one kind.

    Attributes:
        asked: Questions.
        waits_ms: How long first answers took, from the event's time to the call's execution, sorted.
        twice: Questions that were answered more than once.
        states: What became of answers, by state and reason.
    """

    asked: int = 0
    waits_ms: list[float] = field(default_factory=list)
    twice: int = 0
    states: Counter[tuple[str, str]] = field(default_factory=Counter)

    def at(self, share: float) -> float:
        """Return the wait that this share of the answered did not exceed, in ms; NaN of none."""
        return self.waits_ms[min(len(self.waits_ms) - 1, int(len(self.waits_ms) * share))] if self.waits_ms else float("nan")

    def __str__(self) -> str:
        waits = " / ".join(_seconds(self.at(share)) for share in (0.5, 0.99, 1.0))
        others = (f"{state} {count:,}" for (state, why), count in sorted(self.states.items()) if state != "accepted")
        return f"{self.asked:8,} asked, {len(self.waits_ms):8,} answered after {waits}; {', '.join(others) or 'no other end'}"


def kind_of(text: str) -> Kind:
    """Return what somebody wants who writes a text."""
    if text.startswith(CHECK):
        return Kind.STEP
    return {OPENS: Kind.TALK, GOES_ON: Kind.MORE}.get(text, Kind.RULE if text in RULES else Kind.LOOKUP)


def fates(lines: Iterable[Mapping[str, Any]], books: AnswerBooks) -> dict[Kind, Fate]:
    """Sort questions by kind, with what became of each."""
    by_kind: defaultdict[Kind, Fate] = defaultdict(Fate)
    for line in lines:
        for question in line["questions"]:
            fate = by_kind[kind_of(question["text"])]
            answers = [each for each in question["answers"] if each["text"] != OFFICERS_WORDS]
            fate.asked += 1
            fate.waits_ms += [answers[0]["ms"]] if answers else []
            fate.twice += len(answers) > 1
    for row in books.answers:
        by_kind[_kind_of_rule(row.rule)].states[row.state, row.reason] += row.rule != OFFICER
    for fate in by_kind.values():
        fate.waits_ms.sort()
    return dict(by_kind)


def _kind_of_rule(rule: str) -> Kind:
    return next((kind for kind, names in ANSWERED_BY.items() if rule.startswith(names)), Kind.MORE)


def faults(by_kind: Mapping[Kind, Fate], books: AnswerBooks) -> Iterator[str]:
    """Say each sum that does not add up."""
    for kind, fate in by_kind.items():
        answers, accepted = fate.states.total(), sum(n for (state, _), n in fate.states.items() if state == "accepted")
        unknown = sum(n for (state, _), n in fate.states.items() if state == "unknown")
        left = sum(n for (state, _), n in fate.states.items() if state in LIVE)
        if kind is not Kind.MORE and answers != fate.asked:
            yield f"{kind}: {fate.asked:,} asked, {answers:,} answers in the outbox"
        if kind is not Kind.MORE and not accepted <= len(fate.waits_ms) <= accepted + unknown:
            yield f"{kind}: {accepted:,} accepted, {len(fate.waits_ms):,} reached"
        if fate.twice or left:
            yield f"{kind}: {fate.twice:,} answered twice, {left:,} left"
    asked = sum(fate.asked for fate in by_kind.values())
    if asked != len(books.texts):
        yield f"{asked:,} texts were written, {len(books.texts):,} are in the journal"
    if books.classes.total() != books.events:
        yield f"{books.events:,} events in the journal, {books.classes.total():,} in classes"
    counted = Counter((row.rule, row.state, row.reason) for row in books.answers if row.state not in LIVE)
    if counted != +books.ended:
        yield f"answers are counted as {dict(+books.ended)}, and are {dict(counted)}"


def _seconds(ms: float) -> str:
    return f"{ms / 1000:,.1f} s" if ms >= 1000 else f"{ms:,.0f} ms"
