"""Where a new answer comes in the line of its person, and which of theirs it replaces. Pure: rows in, a row out."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from zalo_alert.models import State
from zalo_alert.outbox.answer import Answer


class Live(NamedTuple):
    """An answer of somebody's that is not over."""

    id: int
    turn: int
    since_ms: int
    via_app: str
    rank: int
    topic: str
    state: str
    rule: str
    is_private: int
    file: str
    seq: int

    @property
    def head(self) -> tuple[int, str, int, str, int]:
        """What is needed to end it."""
        return self.id, self.rule, self.is_private, self.file, self.seq

    def is_replaced_by(self, answer: Answer) -> bool:
        """Whether a new one takes its place: it answers the same question, and is not on its way."""
        return self.topic == answer.topic != "" and self.state != State.CLAIMED


def row_of(answer: Answer, theirs: Sequence[Live], replaced: Sequence[Live]) -> tuple[Any, ...]:
    """Return what is put, in plain types: SQLite takes enumerations the long way."""
    oa, via_app, rank = answer.oa, answer.via_app, int(answer.rank)
    turn, since_ms = 0, answer.made_ms
    if theirs:
        line = [row for row in theirs if row.via_app == via_app and row.rank == rank]
        turn = max((row.turn + 1 for row in line if row not in replaced), default=0)
        if replaced:  # to ask again is no way to lose one's place
            since_ms = min(row.since_ms for row in replaced)
            turn = min((row.turn for row in line if row in replaced), default=turn)
    buttons = orjson.dumps([button._asdict() for button in answer.buttons]).decode() if answer.buttons else ""
    return (
        answer.file, answer.seq, answer.n, oa, answer.user_id, rank, answer.rule, answer.topic, answer.text, buttons,
        answer.made_ms, answer.expires_ms, answer.on_unknown.value, via_app, answer.quote, int(answer.is_private),
        answer.conversation, since_ms, turn, oa, via_app, rank,
    )  # fmt: skip
