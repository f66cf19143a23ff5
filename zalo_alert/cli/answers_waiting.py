"""Answers that wait, in words: how many of which rank, how long the oldest has waited, when it expires."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zalo_alert.cli.display import display
from zalo_alert.foundation.clock import instant
from zalo_alert.language import _, _n, count, joined, span
from zalo_alert.models import Rank, State

if TYPE_CHECKING:
    from zalo_alert.outbox.sight import Waiting

RANKS: Mapping[Rank, tuple[str, str]] = {
    Rank.HELP: ("help", _("help")),
    Rank.CORRECTION: ("corrections", _("corrections")),
    Rank.STEP: ("steps", _("steps")),
    Rank.OFFICER: ("officers", _("officers")),
    Rank.RULE: ("rules", _("rules")),
    Rank.LOOKUP: ("look-ups", _("look-ups")),
}
ENDED: Mapping[State, str] = {
    State.ACCEPTED: _("accepted"),
    State.REJECTED: _("refused"),
    State.EXPIRED: _("expired"),
    State.WITHHELD: _("withheld"),
    State.UNKNOWN: _("unknown"),
}


def tell_waiting(waiting: "Sequence[Waiting]") -> None:
    """Tell scripts what waits."""
    for each in waiting:
        display.fact(
            "answers-waiting", rank=_name(each.rank)[0], waiting=each.answers, since=instant(each.since_ms / 1000),
            expires_at=instant(each.first_expires_ms / 1000),
        )  # fmt: skip


def tell_remembered(remembered: Mapping[str, int]) -> None:
    """Tell scripts how many questions came before a look-up opened and are not answered yet, by the look-up's name."""
    for lookup, questions in remembered.items():
        display.fact("lookup-remembered", lookup=lookup, questions=questions)


def remembered_words(remembered: Mapping[str, int]) -> Iterator[str]:
    """Say the same, a line for each look-up."""
    for lookup, questions in remembered.items():
        yield _(
            "{questions} wait for the opening of {lookup}",
            questions=_n("{count} question", "{count} questions", questions, count=count(questions)),
            lookup=lookup,
        )


def waiting_words(waiting: "Sequence[Waiting]", now: datetime) -> str:
    """Say what waits to be answered: `help 0, steps 2, rules 14, look-ups 311 (oldest 41 s, expire in 14 min)`."""
    by_rank = {each.rank: each for each in waiting}
    shown = [rank for rank in RANKS if rank in by_rank or rank in (Rank.HELP, Rank.STEP, Rank.RULE, Rank.LOOKUP)]
    return joined((joined(_rank_words(rank, by_rank.get(rank), now), " ") for rank in shown), ", ")


def _rank_words(rank: Rank, waiting: "Waiting | None", now: datetime) -> Iterator[str]:
    yield RANKS[rank][1]
    yield count(waiting.answers if waiting else 0)
    if waiting:
        left = instant(waiting.first_expires_ms / 1000) - now
        oldest = span(max(timedelta(0), now - instant(waiting.since_ms / 1000)))
        if left > timedelta(0):
            yield _("(oldest {oldest}, expire in {left})", oldest=oldest, left=span(left))
        else:
            yield _("(oldest {oldest}, expired)", oldest=oldest)


def _name(rank: Rank) -> tuple[str, str]:
    return RANKS.get(rank, (rank.name.lower(), rank.name.lower()))
