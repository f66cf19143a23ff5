"""What a ledger promises, whichever way it keeps its rows.

People are numbers from 0 in the order of sending. They are claimed for the first time in windows, each starting where the one
before ended, so everyone from `next_number` on is still untouched and needs no row; below it, everyone has a row or stands in an
open window. The last of the audience may have been withheld from the start: nobody ever claims them, and a few `Withheld`
stand for all of their rows. Nothing here reads a clock or knows the wire.

Four things hold at every instant, also after a kill or a power cut:

1. Nobody is asked without a durable claim: a claim is on the disk before the first byte of its message leaves. So whoever was
   perhaps written to is claimed, and after a crash `recover` makes exactly those unknown: nobody is missed, nobody repeated.
2. Outcomes become durable with the next claims, in one step of `record`. What a crash loses is the outcomes since the last step,
   at most those of the claims that were open: their people become unknown too, never untouched again.
3. Only who is claimed can be settled, and only who is deferred can be claimed again. A second outcome for one claim is an error
   in the caller, and must not overwrite the first; `doubted` is the one way to correct an outcome.
4. The states add up to `audience`: whoever has no row is claimed (in an open window) or, below `claimable`, what
   `untouched_state` says; from there on everyone is withheld.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from zalo_alert.ledger.progress import Progress
from zalo_alert.models import Reason, State


class Window(NamedTuple):
    """A run of people claimed together: numbers `first` … `first + people - 1`; when, in seconds since 1970, 0 if nobody says."""

    first: int
    people: int
    at_s: int = 0


class Withheld(NamedTuple):
    """People of one place who were withheld from the start: numbers `first` … `first + people - 1`, for one reason."""

    first: int
    people: int
    place: int
    reason: Reason
    at_s: int

    @property
    def end(self) -> int:
        """The first number after them."""
        return self.first + self.people

    def entry(self, number: int) -> "Entry":
        """Return the row of one of them."""
        return Entry(number, State.WITHHELD, self.place, 0, 0, 0, self.reason, 0, self.at_s, 0, "")

    def tally(self) -> "Tally":
        """Return how many they are."""
        return Tally(self.place, State.WITHHELD, 0, 0, self.reason, self.people)

    def detail(self) -> "Detail":
        """Return the same with the minute."""
        return Detail(self.place, State.WITHHELD, 0, 0, self.reason, self.at_s // 60 * 60, self.people)


class Entry(NamedTuple):
    """The truth about one person after an attempt.

    `at_s` and `due_at_s` are seconds since 1970; `due_at_s` counts for deferred people only. `unclear` counts the earlier
    attempts that may have been executed without an answer: above 0, an accepted person may have been reached twice.
    """

    number: int
    state: State
    place: int
    route: int
    attempts: int
    code: int
    reason: Reason
    unclear: int
    at_s: int
    due_at_s: float
    message_id: str


# Whose last attempt may have been executed; the earlier ones that may have been are counted in `unclear`.
MAYBE_EXECUTED = frozenset({State.ACCEPTED, State.UNKNOWN, State.CLAIMED})

# Who has an answer that may turn out to be another person's.
DOUBTABLE = frozenset({State.ACCEPTED, State.REJECTED, State.DEFERRED})


# What proves that a message was accepted of which no clear answer came.
PROOFS = frozenset({Reason.RECEIPT, Reason.ECHO})

ALL_CHANGED = -1  # in place of a number among the changes written down: so many rows were changed at once that none is named


class Fate(NamedTuple):
    """What became of a person, without when and under which id: everyone in a run shares a handful of fates."""

    state: State
    route: int
    attempts: int
    code: int
    reason: Reason
    unclear: int


class Outcomes(NamedTuple):
    """The rows of some people by column, as an export of millions needs them; `kinds` says which of `fates` is whose."""

    numbers: Sequence[int]
    kinds: Sequence[int]
    at_s: Sequence[int]
    message_ids: Sequence[str]
    fates: Sequence[Fate]


class Messages(NamedTuple):
    """Which messages some people were sent.

    Args:
        numbers: Accepted people whose message Zalo named, in order.
        places: Of the same.
        ids: Of the same: what Zalo named their message.
        others: Whoever may have been sent a message that nobody can name, and whoever a receipt or an echo settled.
    """

    numbers: Sequence[int]
    places: Sequence[int]
    ids: Sequence[str]
    others: Sequence[Entry]


def is_nameless(entry: Entry) -> bool:
    """Whether somebody may have been sent a message that nobody can name; see `Messages`."""
    if entry.state is State.ACCEPTED:
        return entry.unclear > 0 or not entry.message_id
    return entry.state in MAYBE_EXECUTED or entry.unclear > 0


def check_withheld(withheld: Sequence[Withheld], audience: int) -> int:
    """Return how many people may be claimed where some are withheld from the start.

    Raises:
        ValueError: These don't follow each other to the end of the audience.
    """
    firsts = [group.first for group in withheld]
    ends = [group.end for group in withheld]
    if withheld and (firsts[1:] != ends[:-1] or ends[-1] != audience or firsts[0] < 0):
        raise ValueError(f"the withheld do not follow each other to {audience}")
    return firsts[0] if withheld else audience


def add_withheld(outcomes: Outcomes, withheld: Sequence[Withheld], first: int, end: int) -> Outcomes:
    """Add those of the people `first` … `end - 1` who were withheld from the start; they come after everyone with a row."""
    groups = [group for group in withheld if group.first < end and group.end > first]
    if not groups:
        return outcomes
    numbers, kinds, at_s = (list(column) for column in outcomes[:3])
    fates = list(outcomes.fates)
    for group in groups:
        own = range(max(first, group.first), min(end, group.end))
        numbers += own
        kinds += [len(fates)] * len(own)
        at_s += [group.at_s] * len(own)
        fates.append(Fate(State.WITHHELD, -1, 0, 0, group.reason, 0))  # by no route
    return Outcomes(numbers, kinds, at_s, [*outcomes.message_ids, *[""] * (len(numbers) - len(outcomes.numbers))], fates)


def lost_entry(number: int, place: int, at_s: int) -> Entry:
    """Return the row of a person claimed for the first time by a process that died: perhaps asked, by the first route."""
    return Entry(number, State.UNKNOWN, place, 0, 1, 0, Reason.CRASH, 0, at_s, 0, "")


# A person who may have been reached, as one integer: when, then who, then by which route. So tens of millions need eight bytes
# each, and sorting the integers puts whoever was reached first at the head.
ROUTE_BITS, NUMBER_BITS = 4, 27
MOST_ROUTE, MOST_NUMBER = (1 << ROUTE_BITS) - 1, (1 << NUMBER_BITS) - 1  # more people than Vietnam has


def pack_reached(at_s: int, number: int, route: int) -> int:
    """Return a person as `Ledger.reached` does."""
    return (at_s << NUMBER_BITS | number) << ROUTE_BITS | min(route, MOST_ROUTE)


class Tally(NamedTuple):
    """How many people share a place, a state, a route, a code and a reason."""

    place: int
    state: State
    route: int
    code: int
    reason: Reason
    people: int


class Detail(NamedTuple):
    """How many people share what a `Tally` has and the minute of their latest answer (seconds since 1970 at its start).

    Args:
        without_id: How many of them are accepted, and Zalo named no message.
        maybe_twice: For how many two attempts or more may have been executed.
    """

    place: int
    state: State
    route: int
    code: int
    reason: Reason
    minute_s: int
    people: int
    without_id: int = 0
    maybe_twice: int = 0

    @property
    def tally(self) -> Tally:
        """The same without the time."""
        return Tally(self.place, self.state, self.route, self.code, self.reason, self.people)


class AcceptedTimes(NamedTuple):
    """When people were accepted, each with how many: `by_second` of all, `by_place` by minute; in order of time, since 1970."""

    by_second: Sequence[tuple[int, int]]
    by_place: Mapping[int, Sequence[tuple[int, int]]]


# Looks up the places of some people, who are few: the ledger has no row, and so no place, of whom a crash left unsettled.
Places: TypeAlias = Callable[[Sequence[int]], Sequence[int]]


class Ledger(Protocol):
    """One person, one state; the states add up to the audience, always."""

    @property
    def audience(self) -> int:
        """How many people the run has."""

    @property
    def claimable(self) -> int:
        """How many of them may be claimed: whoever comes after was withheld from the start."""

    @property
    def next_number(self) -> int:
        """The first person never claimed."""

    def record(
        self,
        *,
        settled: Sequence[Entry] = (),
        window: Window | None = None,
        again: Sequence[int] = (),
        doubted: Sequence[Entry] = (),
    ) -> None:
        """Settle attempts and claim people, in one durable step.

        Args:
            settled: What happened to claimed people.
            window: Fresh people to claim; starts at `next_number`.
            again: Deferred people to claim once more.
            doubted: The truth about settled people whose answer turned out not to be theirs; of `settled` before or just now.

        Raises:
            ValueError: Someone is claimed who may not be, or settled without a claim.
            StorageUnusable: It could not be made durable; nothing of it happened.
        """

    def recover(self, *, at_s: int, places: Places) -> int:
        """After a crash: whoever was claimed and never settled is now unknown. Returns how many."""

    def retry_unknown(self, *, due_at_s: float) -> int:
        """Defer everyone unknown, to be asked again; each counts one more unclear attempt. Returns how many."""

    def expire(self, *, at_s: int) -> int:
        """Too late: everyone deferred or never claimed is expired. Returns how many."""

    def cancel(self, *, at_s: int) -> int:
        """End for good: everyone deferred or never claimed is withheld, because the run was cancelled. Returns how many."""

    def is_open(self) -> bool:
        """Whether anybody is pending, claimed or deferred; costs next to nothing, however many rows there are."""

    def due(self, *, before_s: float, limit: int) -> list[Entry]:
        """Return deferred people due before an instant, the earliest first."""

    def next_due_s(self) -> float | None:
        """When the earliest deferred person is due; None when nobody is deferred."""

    def totals(self) -> Mapping[State, int]:
        """Count every state, counted afresh from the rows."""

    def counted(self, first: int, people: int) -> Mapping[State, int]:
        """Count the states of some settled people: numbers `first` … `first + people - 1`."""

    def tallies(self) -> Iterable[Tally]:
        """Count people who have a row or were withheld from the start, by place, state, route, code and reason."""

    def entries(self, *, states: Sequence[State] = ()) -> Iterator[Entry]:
        """Yield the rows in order of number, of some states or of all; those withheld from the start have one too."""

    def outcomes(self, first: int, end: int) -> Outcomes:
        """Return the rows of the people `first` … `end - 1`, by column, in order of number."""

    def reached(self) -> "array[int]":
        """Return whoever may have been reached, in order of number: each as one integer, see `pack_reached`.

        Those accepted, unknown and claimed, and whoever has an unclear attempt behind them, whatever they are now; of whom a
        crash left unsettled only after `recover`.
        """

    def count_reached(self) -> int:
        """Count those whom `reached` returns."""

    def settled_at_s(self, number: int) -> int | None:
        """When a person's latest attempt was settled, in seconds since 1970; None when they have no row."""

    def maybe_twice(self) -> int:
        """Count the people for whom two attempts or more may have been executed: they may have been reached twice."""

    def without_id(self) -> int:
        """Count the accepted people for whom Zalo named no message: nothing can ever say whether it arrived."""

    def untouched_state(self) -> State:
        """What everyone from `next_number` to `claimable` is: pending, or expired, or withheld."""

    def details(self) -> list[Detail]:
        """Count everyone whom `tallies` counts by the minute too, in one pass: all that a report needs, in no order."""

    def pace(self) -> list[tuple[int, int]]:
        """Accepted people by minute: (seconds since 1970 at its start, how many), in order of time."""

    def accepted_seconds(self, minutes: Sequence[int]) -> list[tuple[int, int]]:
        """Accepted people by second, of some minutes: seconds since 1970, how many, in order of time.

        Args:
            minutes: Each by the second at its start, as `pace` has it.
        """

    def accepted_times(self) -> AcceptedTimes:
        """Say when people were accepted, to the second, and place by place to the minute; reads every row once."""

    # --- for whoever follows a ledger that another process writes ---------------------------------------------------------

    def progress(self) -> tuple[Progress, int]:
        """Say how far it is, and which change was the latest, as of one instant."""

    def changed_since(self, change: int) -> Sequence[int] | None:
        """Return whose row was changed after a change, in no order; None where that is not known of everybody any more.

        A row that is written for the first time is no change: see `Progress.rows_since`.
        """

    def messages(self, first: int, end: int) -> Messages:
        """Return which messages the people `first` … `end - 1` were sent, as far as they have a row."""

    def messages_of(self, numbers: Sequence[int]) -> Messages:
        """Return the same of some people."""

    def message_ids(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """Return what Zalo named the messages of those of some people who are accepted."""

    def claimed_at_s(self, numbers: Sequence[int]) -> list[int]:
        """Return when people were claimed for the first time, in seconds since 1970; 0 where nobody wrote it down."""

    def settle_unknown(self, number: int, message_id: str, reason: Reason, *, at_s: int) -> bool:
        """Call somebody accepted of whom nobody knew it, because a message of theirs has turned up; a durable step of its own.

        Right beside a live sender: whoever is not unknown at that instant is left as they are.

        Args:
            number: Who.
            message_id: What Zalo named their message.
            reason: What proves it, one of `PROOFS`.
            at_s: When it was there, in seconds since 1970; they were accepted then at the latest.

        Returns:
            Whether they were unknown.
        """
