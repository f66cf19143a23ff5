"""Holds what people were told against what the worker has written: nobody twice, nobody forgotten, and each as it says."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bench.judge.answer_books import LIVE, AnswerBooks, Row

SHOWN = 3  # examples of each fault
PROVEN = ("receipt", "echo")  # why an answer of which nobody knew counts as accepted
NEVER_SENT = ("rejected", "expired", "withheld")


class Asked(NamedTuple):
    """A person who has asked once.

    Attributes:
        person: Zalo's id.
        text: What they asked.
        answers: Ids and texts of all that they were sent.
    """

    person: str
    text: str
    answers: Sequence[tuple[str, str]]


class Expected(NamedTuple):
    """What is right for a question.

    Attributes:
        rule: By which the answer is counted.
        words: Stand in it, and in no other question's.
        is_private: Nothing of it is kept.
        opens_case: An officer has it, too.
    """

    rule: str
    words: str
    is_private: bool = False
    opens_case: bool = False


@dataclass
class AnswerVerdict:
    """What the judge found.

    Attributes:
        asked: People.
        states: What became of their answers; `proven` are those of the accepted that were unknown until a receipt told.
        reached: People who have their answer.
        unknown_reached: Those of them of whom the outbox does not know.
        faults: By what is wrong, who.
    """

    asked: int = 0
    states: Counter[str] = field(default_factory=Counter)
    reached: int = 0
    unknown_reached: int = 0
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def unclear(self) -> int:
        """Answers of which nobody knew, proven since or not."""
        return self.states["unknown"] + self.states["proven"]

    def count(self, fault: str) -> int:
        return len(self.faults.get(fault, ()))

    def sentences(self) -> Iterator[str]:
        """Say each fault, with a few examples."""
        for fault, whom in sorted(self.faults.items()):
            yield f"{fault}: {len(whom)} ({', '.join(whom[:SHOWN])}{', …' if len(whom) > SHOWN else ''})"


def asked_of(lines: Iterable[Mapping[str, Any]]) -> Iterator[Asked]:
    """Read what the sandbox tells of everyone who has asked, of whom each has asked once."""
    for line in lines:
        (question,) = line["questions"]
        answers = [(each["msg_id"], each["text"]) for each in (*question["answers"], *line["others"])]
        yield Asked(line["user_id"], question["text"], answers)


def judge_answers(people: Sequence[Asked], expected: Sequence[Expected], books: AnswerBooks) -> AnswerVerdict:
    """Compare, person by person, then sum by sum.

    Args:
        people: Who has asked.
        expected: What is right for each of them.
        books: What the worker has written.
    """
    verdict = AnswerVerdict(len(people))
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for row in books.answers:
        rows[row.person].append(row)
    events = Counter(person for person, _ in books.texts.values())
    for asked, right in zip(people, expected, strict=True):
        verdict.reached += bool(asked.answers)
        for fault in _of(asked, right, rows[asked.person], verdict, books):
            verdict.faults[fault].append(asked.person)
        if events[asked.person] != 1:
            verdict.faults[f"{events[asked.person]} times in the journal"].append(asked.person)
    for sentence in _sums(expected, books):
        verdict.faults["sums"].append(sentence)
    return verdict


def _of(asked: Asked, right: Expected, rows: Sequence[Row], verdict: AnswerVerdict, books: AnswerBooks) -> Iterator[str]:
    if len(asked.answers) > 1:
        yield "answered twice"
    if any(right.words not in text for _, text in asked.answers):
        yield "answered with another's answer"
    if len(rows) != 1:
        yield "neither answered nor told why" if not rows else "twice in the outbox"
        return
    (row,) = rows
    if row.rule != right.rule or bool(row.is_private) != right.is_private:
        yield "in the outbox as another's"
    yield from _of_state(asked, row, verdict)
    yield from _of_effects(right, row, books)


def _of_state(asked: Asked, row: Row, verdict: AnswerVerdict) -> Iterator[str]:
    is_proven = row.state == "accepted" and row.reason in PROVEN
    verdict.states["proven" if is_proven else row.state] += 1
    if row.state == "accepted" and row.message_id not in [own for own, _ in asked.answers]:
        yield "accepted, and not reached" if not asked.answers else "accepted under another message's id"
    elif row.state == "unknown":
        verdict.unknown_reached += bool(asked.answers)
    elif row.state in NEVER_SENT and asked.answers:
        yield f"{row.state}, and reached"
    elif row.state in LIVE:
        yield "left"


def _of_effects(right: Expected, row: Row, books: AnswerBooks) -> Iterator[str]:
    place = row.file, row.seq
    person, body = books.texts.get(place, ("", b""))
    if person != row.person:
        yield "the answer to nobody's event"
    if right.is_private and body:
        yield "private, and its words are kept"
    if row.text:
        yield "over, and its words are kept"
    if right.is_private and books.looked_up[row.person] != 1:
        yield f"counted as {books.looked_up[row.person]} look-ups"
    if (books.cases[row.person], books.entries[place]) != (int(right.opens_case),) * 2:
        yield "another number of cases or entries"


def _sums(expected: Sequence[Expected], books: AnswerBooks) -> Iterator[str]:
    if books.classes.total() != books.events:
        yield f"{books.events:,} events in the journal, {books.classes.total():,} in classes"
    if books.classes["answered"] != len(books.answers):
        yield f"{len(books.answers):,} answers, {books.classes['answered']:,} events counted as answered"
    counted = Counter((row.rule, row.state, row.reason) for row in books.answers if row.state not in LIVE)
    if counted != +books.ended:
        yield f"answers counted as {dict(books.ended - counted)} too often, {dict(counted - books.ended)} too rarely"
    rules = Counter(right.rule for right in expected)
    if rules != books.asked:
        yield f"rules counted as asked {dict(books.asked - rules)} too often, {dict(rules - books.asked)} too rarely"
