"""Holds what was answered against what is stored: nothing lost, nothing twice, nothing forged, every copy counted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.judge.books import Books
from bench.judge.events import RECEIPTS, Kind
from bench.judge.post import Memory, Told

CLASSES = {
    Kind.TEXT: "filed", Kind.PHOTO: "filed", Kind.FOLLOW: "followed", Kind.NEW: "unknown-event", Kind.STRANGER: "stranger",
}  # fmt: skip
SHOWN = 3  # examples of each fault


@dataclass
class Verdict:
    """What the judge found.

    Attributes:
        posted: Events, without their copies.
        acknowledged: Answers 200, copies counted each.
        arrivals: What is stored, copies counted each.
        faults: By what is wrong, the marks with which it is.
    """

    posted: int = 0
    acknowledged: int = 0
    arrivals: int = 0
    faults: dict[str, list[str]] = field(default_factory=dict)

    def count(self, fault: str) -> int:
        return len(self.faults.get(fault, ()))

    def sentences(self) -> Iterator[str]:
        """Say each fault, with a few examples."""
        for fault, marks in sorted(self.faults.items()):
            yield f"{fault}: {len(marks)} ({', '.join(marks[:SHOWN])}{', …' if len(marks) > SHOWN else ''})"


def judge(memory: Memory, books: Books) -> Verdict:
    """Compare; every fault counts events, by their marks."""
    verdict = Verdict(len(memory.told), memory.acknowledged, books.arrivals)
    for mark, told in memory.told.items():
        for fault in _of(mark, told, books):
            verdict.faults.setdefault(fault, []).append(mark)
    if foreign := [mark or "unmarked" for mark in books.messages if mark not in memory.told]:
        verdict.faults["stored and never posted"] = foreign
    if memory.hung:
        verdict.faults["never answered on an open connection"] = memory.hung
    return verdict


def misclassed(memory: Memory, books: Books) -> Iterator[str]:
    """Say which classes have another number of events than the journal has of their kinds."""
    kinds = (memory.told[mark].kind for mark, rows in books.messages.items() if mark in memory.told for _ in rows)
    expected = Counter(CLASSES[kind] for kind in kinds if kind in CLASSES)
    for name in sorted(expected.keys() | books.classes.keys()):
        if expected[name] != books.classes[name]:
            yield f"{books.classes[name]:,} events counted as {name} instead of {expected[name]:,}"


def _of(mark: str, told: Told, books: Books) -> Iterator[str]:
    if told.kind is Kind.FORGED:
        yield from _of_forged(mark, told, books)
        return
    if told.refused:
        yield f"right and answered {', '.join(map(str, sorted(told.refused)))}"
    if mark in books.parked:
        yield "right and parked"
    yield from _of_receipt(told, books) if told.kind in RECEIPTS else _of_message(mark, told, books)


def _of_forged(mark: str, told: Told, books: Books) -> Iterator[str]:
    if told.acknowledged:
        yield "forged and acknowledged"
    if others := sorted(told.refused.keys() - {403}):
        yield f"forged and answered {', '.join(map(str, others))}"
    if mark in books.messages or mark in books.parked:
        yield "forged and stored"


def _of_message(mark: str, told: Told, books: Books) -> Iterator[str]:
    rows = books.messages.get(mark, [])
    if not rows and told.acknowledged:
        yield "acknowledged and lost"
        return
    if len(rows) > 1:
        yield "stored twice"
    if any(row.body not in told.bodies or row.oa != told.oa for row in rows):
        yield "stored otherwise than posted"
    if rows and not told.acknowledged <= sum(1 + row.repeats for row in rows) <= told.posted:
        yield "copies miscounted"


def _of_receipt(told: Told, books: Books) -> Iterator[str]:
    rows = [books.receipts[told.oa, part, message] for part, message in enumerate(told.parts)]
    if rows[0] == 0 and told.acknowledged:
        yield "acknowledged and lost"
    elif min(rows) != max(rows):
        yield "stored in part"
    elif not told.acknowledged <= rows[0] <= told.posted:
        yield "copies miscounted"
