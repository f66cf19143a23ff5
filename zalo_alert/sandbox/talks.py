"""What people have asked, and how each question was answered, for a judge: how often, with which text, how much later."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from zalo_alert.sandbox.world import Oa

_SHARES = {"p50_ms": 0.5, "p99_ms": 0.99, "max_ms": 1.0}


class Said(list[tuple[str, str, float]]):
    """Messages of an OA's to one person: id, text, and when, in seconds since 1970."""


class Question:
    """One message of a person's, and the messages that quote it."""

    __slots__ = ("answers", "asked_s", "oa", "text", "user")

    def __init__(self, oa: Oa, user: str, text: str, asked_s: float) -> None:
        self.oa, self.user, self.text, self.asked_s = oa, user, text, asked_s
        self.answers = Said()

    @property
    def waited_s(self) -> float:
        """How long the first answer took, in seconds; there is one."""
        return self.answers[0][2] - self.asked_s


class Talks:
    """Questions by their `msg_id`, in the order in which they were asked."""

    def __init__(self) -> None:
        self._questions: dict[str, Question] = {}
        self._people: dict[tuple[int, str], tuple[list[str], Said]] = {}  # ids of their questions, and what quotes none of them
        self._answered = self._twice = self._unquoted = 0

    @property
    def is_on(self) -> bool:
        """Whether anybody has asked anything."""
        return bool(self._people)

    def ask(self, oa: Oa, user: str, message_id: str, text: str, asked_s: float) -> None:
        """Take a question; the same again, as of an event that is told twice, is one.

        Args:
            oa: Who is asked.
            user: Who asks.
            message_id: Of the question.
            text: Its words.
            asked_s: The event's time, in seconds since 1970.
        """
        if message_id not in self._questions:
            self._questions[message_id] = Question(oa, user, text, asked_s)
            self._people.setdefault((oa.number, user), ([], Said()))[0].append(message_id)

    def answer(self, oa: Oa, user: str, said: Mapping[str, Any], message_id: str, at_s: float) -> None:
        """Take a message to a person, who may have asked nothing.

        Args:
            oa: Who sends it.
            user: To whom.
            said: The message; `quote_message_id` is what it answers.
            message_id: Its own id.
            at_s: When it was executed, in seconds since 1970.
        """
        person = self._people.get((oa.number, user))
        if person is None:
            return
        message = (message_id, str(said.get("text") or ""), at_s)
        question = self._questions.get(str(said.get("quote_message_id", "")))
        if question is None or question.user != user or question.oa is not oa:
            person[1].append(message)
            self._unquoted += 1
            return
        question.answers.append(message)
        self._answered += len(question.answers) == 1
        self._twice += len(question.answers) == 2

    # --- what came of it ---------------------------------------------------------------------------------------------------

    def counts(self) -> dict[str, int]:
        """Count what was asked, and what of it was answered."""
        return {
            "people": len(self._people), "questions": len(self._questions), "answered": self._answered,
            "twice": self._twice, "unquoted": self._unquoted,
        }  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Return the counts, and how long first answers took, in milliseconds."""
        waits_ms = sorted(question.waited_s * 1000 for question in self._questions.values() if question.answers)
        return self.counts() | {name: _at(waits_ms, share) for name, share in _SHARES.items()}

    def lines(self) -> Iterator[bytes]:
        """Yield a line of JSON for each person who has asked."""
        for (_, user), (ids, others) in self._people.items():
            first = self._questions[ids[0]]
            yield orjson.dumps(
                {
                    "oa_id": first.oa.oa_id, "user_id": user,
                    "questions": [self._told(message_id) for message_id in ids],
                    "others": [{"msg_id": own, "text": text, "at_ms": round(at_s * 1000)} for own, text, at_s in others],
                },
                option=orjson.OPT_APPEND_NEWLINE,
            )  # fmt: skip

    def _told(self, message_id: str) -> dict[str, Any]:
        question = self._questions[message_id]
        return {
            "msg_id": message_id, "text": question.text, "asked_ms": round(question.asked_s * 1000),
            "answers": [
                {"msg_id": own, "text": text, "ms": round((at_s - question.asked_s) * 1000, 1)}
                for own, text, at_s in question.answers
            ],
        }  # fmt: skip


def _at(waits_ms: list[float], share: float) -> float | None:
    return round(waits_ms[min(len(waits_ms) - 1, int(len(waits_ms) * share))], 1) if waits_ms else None
