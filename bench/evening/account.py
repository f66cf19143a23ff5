"""What came of a play, person by person, by the sandbox's own record; the office's counts stand beside it and must agree."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

BEFORE, SHARP, RULES, PERSON, OFFICER, CHECK = "before", "sharp", "rules", "person", "officer", "check"
_GROUPS = {"tra điểm": SHARP, "kiểm tra": CHECK, "gặp cán bộ": PERSON}  # by how the question begins
_LOOKUP = "diem-thi/"
_ACKNOWLEDGED = f"{_LOOKUP}remembered"
NOTED = "Đã ghi yêu cầu"  # how the answer begins that says so
NEARLY = 0.995  # of the alert: the sandbox is asked every half second, and answers go meanwhile


class Turn(NamedTuple):
    """Somebody's wait: since when they waited, and when what they wanted came, None for never; seconds after the opening."""

    group: str
    since_s: float
    came_s: float | None

    @property
    def waited_s(self) -> float:
        """How long; only of those who had an answer."""
        assert self.came_s is not None
        return self.came_s - self.since_s


class Waits(NamedTuple):
    """The waits of a group, in seconds; None where nobody was answered."""

    people: int
    answered: int
    p50_s: float | None
    p99_s: float | None
    max_s: float | None


class Alert(NamedTuple):
    """How the alert went: when its first and last message was taken, what the plan said, and look-ups answered in between."""

    people: int
    first_s: float
    last_s: float
    plan_s: float
    lookups: int


class Account(NamedTuple):
    """What came of a play.

    Args:
        turns: Of everyone.
        asked_s: When each look-up was asked.
        sent_s: When messages to people who had asked were executed: `lookups`, `noted` (they are remembered), `others`.
        twice: People who were told the same twice, or more than was due.
        wrong: People who were told another candidate's marks.
        lost: Look-ups with neither an answer nor an end in the office's counts.
        expired: Look-ups that expired, by those counts.
        withheld: Look-ups and rules that were withheld, by them.
        alert: How it went.
        used: What share of the granted rate was used from the opening to the last look-up's answer.
    """

    turns: Sequence[Turn]
    asked_s: Sequence[float]
    sent_s: Mapping[str, Sequence[float]]
    twice: int
    wrong: int
    lost: int
    expired: int
    withheld: int
    alert: Alert
    used: float

    def waits(self, group: str) -> Waits:
        """Return how long a group waited."""
        turns = [turn for turn in self.turns if turn.group == group]
        waited = sorted(turn.waited_s for turn in turns if turn.came_s is not None)
        if not waited:
            return Waits(len(turns), 0, None, None, None)
        p50, p99 = (waited[min(len(waited) - 1, int(len(waited) * share))] for share in (0.5, 0.99))
        return Waits(len(turns), len(waited), p50, p99, waited[-1])

    @property
    def faults(self) -> list[str]:
        """What must not be."""
        counts = {
            "told twice": self.twice,
            "told wrongly": self.wrong,
            "lost": self.lost,
            "look-ups beside the alert": self.alert.lookups,
        }
        return [f"{count} {what}" for what, count in counts.items() if count]


def account(record: Mapping[str, Any], per_minute: int) -> Account:
    """Add up a play.

    Args:
        record: A `play.Record` as JSON.
        per_minute: What the app was granted.
    """
    opens_ms = datetime.fromisoformat(record["opens"]).timestamp() * 1000
    people = record["answers"]
    turns = [turn for person in people for turn in _turns(person, opens_ms)]
    sent_s, asked_s = _sent(people, opens_ms), sorted(_asked(people, opens_ms))
    scores = sent_s["lookups"]
    expired, withheld = (_ended(record["report"], state) for state in ("expired", "withheld"))
    unanswered = sum(turn.came_s is None for turn in turns if turn.group in (BEFORE, SHARP))
    used = _sent_until(record["accepted"], scores[-1]) - _sent_until(record["accepted"], 0.0)
    return Account(
        turns, asked_s, sent_s, sum(map(_has_too_many, people)), sum(map(_is_wrong, people)), unanswered - expired - withheld,
        expired, withheld, _alert(record, sent_s, scores), used / (scores[-1] * per_minute / 60),
    )  # fmt: skip


def group_of(question: Mapping[str, Any], opens_ms: float) -> str:
    """Return whose question it is."""
    group = next((group for begin, group in _GROUPS.items() if question["text"].startswith(begin)), RULES)
    return BEFORE if group == SHARP and question["asked_ms"] < opens_ms else group


def _turns(person: Mapping[str, Any], opens_ms: float) -> Iterator[Turn]:
    """Yield a person's waits: for the scores from the opening on, for an officer from the question on."""
    (question,) = person["questions"]
    group, asked_s = group_of(question, opens_ms), (question["asked_ms"] - opens_ms) / 1000
    came_s = asked_s + question["answers"][0]["ms"] / 1000 if question["answers"] else None
    others_s = [(other["at_ms"] - opens_ms) / 1000 for other in person["others"]]
    if group == BEFORE:
        yield Turn(BEFORE, 0.0, next(iter(others_s), None))
        return
    yield Turn(group, asked_s, came_s)
    if group == PERSON:
        later_s = [asked_s + answer["ms"] / 1000 for answer in question["answers"][1:]] + others_s
        yield Turn(OFFICER, asked_s, next(iter(later_s), None))


def _asked(people: Sequence[Mapping[str, Any]], opens_ms: float) -> Iterator[float]:
    """Yield when each look-up was asked."""
    for question in (person["questions"][0] for person in people):
        if group_of(question, opens_ms) in (BEFORE, SHARP):
            yield (question["asked_ms"] - opens_ms) / 1000


def _sent(people: Sequence[Mapping[str, Any]], opens_ms: float) -> Mapping[str, Sequence[float]]:
    """Return when messages were executed, by what they are."""
    sent: dict[str, list[float]] = {"lookups": [], "noted": [], "others": []}
    for person in people:
        question = person["questions"][0]
        group = group_of(question, opens_ms)
        answer, other = {BEFORE: ("noted", "lookups"), SHARP: ("lookups", "lookups")}.get(group, ("others", "others"))
        sent[answer] += [(question["asked_ms"] + one["ms"] - opens_ms) / 1000 for one in question["answers"]]
        sent[other] += [(one["at_ms"] - opens_ms) / 1000 for one in person["others"]]
    return {name: sorted(times) for name, times in sent.items()}


def _has_too_many(person: Mapping[str, Any]) -> bool:
    """Whether somebody got more than one answer; beside being remembered the scores are due, beside a promise an officer's."""
    (question,) = person["questions"]
    texts = [said["text"] for said in (*question["answers"], *person["others"])]
    is_followed = question["text"].startswith("gặp cán bộ") or any(text.startswith(NOTED) for text in texts)
    return len(texts) > 1 + is_followed or len(set(texts)) < len(texts)


def _is_wrong(person: Mapping[str, Any]) -> bool:
    """Whether the scores are another candidate's."""
    (question,) = person["questions"]
    if not question["text"].startswith("tra điểm"):
        return False
    scores = [said["text"] for said in (*question["answers"], *person["others"]) if said["text"].startswith("Thí sinh")]
    return any(question["text"].split()[2] not in text for text in scores)


def _ended(report: Sequence[Mapping[str, Any]], state: str) -> int:
    rows = (fact for fact in report if fact["type"] == "answers-rule" and fact["rule"].startswith(_LOOKUP))
    return sum(fact[state] for fact in rows if fact["rule"] != _ACKNOWLEDGED)


def _sent_until(accepted: Sequence[tuple[float, int]], at_s: float) -> int:
    """Return how many messages had been executed at an instant, or at the last sample before it."""
    return max((count for sample_s, count in accepted if sample_s <= at_s), default=0)


def alert_sent(record: Mapping[str, Any], sent_s: Mapping[str, Sequence[float]]) -> list[tuple[float, int]]:
    """Return how many messages of the alert had been executed, by time: all messages but those to people who had asked."""
    return [
        (at_s, max(0, count - sum(bisect_right(some, at_s) for some in sent_s.values()))) for at_s, count in record["accepted"]
    ]


def _alert(record: Mapping[str, Any], sent_s: Mapping[str, Sequence[float]], scores: Sequence[float]) -> Alert:
    begun_s = record["commands"]["send"][0]
    sent = [(at_s, count) for at_s, count in alert_sent(record, sent_s) if at_s >= begun_s]
    people = sent[-1][1]
    first_s = next(at_s for at_s, count in sent if count > people * (1 - NEARLY))
    last_s = next(at_s for at_s, count in sent if count >= people * NEARLY)
    beside = bisect_right(scores, last_s) - bisect_right(scores, first_s)
    return Alert(people, first_s, last_s, record["plan_s"], beside)
