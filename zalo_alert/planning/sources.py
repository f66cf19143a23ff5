"""The books that a plan counts, one an account: in which generation they are, and who of them belongs to whom."""

from collections.abc import Sequence
from dataclasses import replace

from zalo_alert.planning.plan import Source


def generation_of(sources: Sequence[Source]) -> str:
    """Name the generations of some books, "" for one that is empty."""
    return " ".join("" if source.book.is_empty else source.book.generation() for source in sources)


def assign_people(sources: Sequence[Source], keys: Sequence[str]) -> tuple[Source, ...]:
    """Let a person who follows several OAs belong to the first of them; the phone tells, and of one app their id in it."""
    assigned: list[Source] = []
    for source in sources:
        nearer = tuple(
            other.book.nearer(other.selection, keys, same_app=other.account.app_id == source.account.app_id) for other in assigned
        )
        assigned.append(replace(source, selection=replace(source.selection, nearer=nearer)) if nearer else source)
    return tuple(assigned)
