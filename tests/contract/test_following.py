"""One contract, every ledger: what it tells whoever follows it from outside, and the one thing that such a process may write."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zalo_alert.foundation.database import Database
from zalo_alert.ledger.base import Entry, Ledger, Window, is_nameless
from zalo_alert.ledger.counting import RunningCount
from zalo_alert.ledger.memory import MemoryLedger
from zalo_alert.ledger.progress import NOTHING, Progress
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Reason, State

AUDIENCE = 12


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger(AUDIENCE)
        return
    made = SqliteLedger.create(tmp_path / "run.db", AUDIENCE)
    yield made
    made.close()


def entry(number: int, state: State = State.ACCEPTED, **fields: object) -> Entry:
    whole = Entry(number, state, 3, 0, 1, 0, Reason.NONE, 0, 1_000, 0, f"m{number}" if state is State.ACCEPTED else "")
    return whole._replace(**fields)  # type: ignore[arg-type]


def test_progress_names_the_windows_that_are_open(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 4))
    ledger.record(settled=[entry(n) for n in range(3)], window=Window(4, 2))
    before = ledger.progress()
    ledger.record(settled=[entry(3)])

    assert before == (Progress(6, State.PENDING, ((0, 4), (4, 6))), 0)
    assert ledger.progress() == (Progress(6, State.PENDING, ((4, 6),)), 0)
    assert ledger.progress()[0].rows_since(before[0]) == [(0, 4)]


def test_messages_are_the_named_and_those_that_nobody_can_name(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 7))
    others = [
        entry(1, State.UNKNOWN, reason=Reason.NO_ANSWER), entry(3, message_id=""), entry(4, unclear=1),
        entry(5, State.REJECTED, unclear=1),
    ]  # fmt: skip
    ledger.record(settled=[entry(0), entry(2, State.REJECTED), *others])

    messages = ledger.messages(0, 7)

    assert (list(messages.numbers), list(messages.places), list(messages.ids)) == ([0, 4], [3, 3], ["m0", "m4"])
    assert list(messages.others) == others
    assert list(ledger.messages(2, 4).others) == [others[1]]
    assert list(ledger.messages_of([4, 0]).numbers) == [0, 4]
    assert list(ledger.messages_of([]).numbers) == []
    assert ledger.message_ids([4, 2, 3, 11]) == {4: "m4"}


def test_when_people_were_claimed_is_known_by_window(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 4, 500))
    ledger.record(settled=[entry(n) for n in range(4)], window=Window(4, 2, 700))
    ledger.record(window=Window(6, 1))

    assert ledger.claimed_at_s([0, 3, 4, 5]) == [500, 500, 700, 700]
    assert ledger.claimed_at_s([11]) == [0]  # never claimed


def test_whoever_is_unknown_is_settled_by_a_receipt(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 2))
    ledger.record(settled=[entry(0, State.UNKNOWN, reason=Reason.SERVER_ERROR, code=502, attempts=2, unclear=1), entry(1)])
    change = ledger.progress()[1]

    assert ledger.settle_unknown(0, "late", Reason.RECEIPT, at_s=900)

    assert ledger.changed_since(change) == [0]
    assert next(iter(ledger.entries())) == entry(0, reason=Reason.RECEIPT, attempts=2, unclear=1, at_s=900, message_id="late")
    assert list(ledger.messages(0, 1).others) == [next(iter(ledger.entries()))]
    assert ledger.totals()[State.ACCEPTED] == 2


def test_the_time_of_a_settlement_is_never_later_than_the_row_said(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 1))
    ledger.record(settled=[entry(0, State.UNKNOWN)])

    ledger.settle_unknown(0, "late", Reason.ECHO, at_s=5_000)

    assert next(iter(ledger.entries())).at_s == 1_000


@pytest.mark.parametrize("state", [state for state in State if state not in (State.UNKNOWN, State.PENDING, State.CLAIMED)])
def test_nobody_else_is_settled_by_one(ledger: Ledger, state: State) -> None:
    ledger.record(window=Window(0, 2))
    ledger.record(settled=[entry(0, state)])
    before = list(ledger.entries())

    assert not ledger.settle_unknown(0, "late", Reason.RECEIPT, at_s=900)
    assert not ledger.settle_unknown(1, "late", Reason.RECEIPT, at_s=900)  # claimed, without a row
    assert not ledger.settle_unknown(9, "late", Reason.RECEIPT, at_s=900)  # nobody
    assert list(ledger.entries()) == before


def test_whoever_is_claimed_again_is_not_settled(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 1))
    ledger.record(settled=[entry(0, State.UNKNOWN)])
    ledger.retry_unknown(due_at_s=5)
    ledger.record(again=[0])

    assert not ledger.settle_unknown(0, "late", Reason.RECEIPT, at_s=900)
    ledger.record(settled=[entry(0, unclear=1)])
    assert ledger.maybe_twice() == 1


def test_a_settlement_beside_a_live_sender_takes_nothing_from_either(tmp_path: Path) -> None:
    sender = SqliteLedger.create(tmp_path / "run.db", AUDIENCE)
    sender.record(window=Window(0, 4))
    sender.record(settled=[entry(0, State.UNKNOWN), entry(1)])
    count = RunningCount(tmp_path / "run.db", AUDIENCE)
    count.look()
    folder = SqliteLedger(Database(tmp_path / "run.db"))

    assert folder.settle_unknown(0, "late", Reason.RECEIPT, at_s=900)
    sender.record(settled=[entry(2), entry(3)], window=Window(4, 2))
    sender.record(settled=[entry(4), entry(5, State.DEFERRED)])
    sender.record(again=[5])
    sender.record(settled=[entry(5, attempts=2)])

    assert count.look().totals == sender.totals() == folder.totals()
    assert sender.totals()[State.ACCEPTED] == 6
    for each in (sender, folder, count):
        each.close()


def test_too_many_changes_are_said_to_be_unknown(tmp_path: Path) -> None:
    ledger = SqliteLedger.create(tmp_path / "run.db", AUDIENCE)
    ledger.close()
    few = SqliteLedger(Database(tmp_path / "run.db"), changes_kept=2)
    few.record(window=Window(0, 4))
    few.record(settled=[entry(n, State.DEFERRED) for n in range(4)])
    few.record(again=[0, 1])

    assert few.changed_since(0) == [0, 1]
    few.record(again=[2, 3])
    assert few.changed_since(0) is None
    assert few.changed_since(2) == [2, 3]
    few.record(settled=[entry(n, State.UNKNOWN) for n in range(4)])
    change = few.progress()[1]
    few.retry_unknown(due_at_s=1)
    assert few.changed_since(change) is None
    few.close()


def test_a_run_of_before_claims_and_tells_no_times_until_then(tmp_path: Path) -> None:
    SqliteLedger.create(tmp_path / "run.db", AUDIENCE).close()
    database = Database(tmp_path / "run.db")
    database.run("DROP TABLE claim_time")
    ledger = SqliteLedger(database)

    assert ledger.claimed_at_s([0]) == [0]
    ledger.record(window=Window(0, 2, 77))
    assert ledger.claimed_at_s([1]) == [77]
    ledger.close()


STEPS = st.lists(st.tuples(st.sampled_from(["claim", "settle", "again", "doubt", "retry", "prove", "look"]), st.integers(0, 99)))


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_whoever_follows_knows_every_message_in_the_end(tmp_path_factory, kind, steps) -> None:
    folder = tmp_path_factory.mktemp("run")
    ledger = MemoryLedger(AUDIENCE) if kind == "memory" else SqliteLedger.create(folder / "run.db", AUDIENCE)
    follower = Follower(ledger)
    for step, pick in steps:
        take(ledger, step, pick)
        if step == "look":
            follower.look()
    ledger.recover(at_s=2_000, places=lambda numbers: [0] * len(numbers))
    follower.look()

    rows = list(ledger.entries())
    assert follower.ids == {row.number: row.message_id for row in rows if row.state is State.ACCEPTED and row.message_id}
    assert follower.others == {row.number for row in rows if is_nameless(row) or row.reason is Reason.RECEIPT}
    if isinstance(ledger, SqliteLedger):
        ledger.close()


class Follower:
    """Reads each row once, and again whoever was changed."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.progress, self.change = ledger, NOTHING, 0
        self.ids: dict[int, str] = {}
        self.others: set[int] = set()

    def look(self) -> None:
        now, change = self.ledger.progress()
        changed = self.ledger.changed_since(self.change)
        assert changed is not None
        for messages in [*(self.ledger.messages(*piece) for piece in now.rows_since(self.progress))]:
            self._take(messages)
        own = [number for number in changed if now.has_row(number)]
        for number in own:
            self.ids.pop(number, None)
            self.others.discard(number)
        self._take(self.ledger.messages_of(own))
        self.progress, self.change = now, change

    def _take(self, messages) -> None:
        self.ids.update(zip(messages.numbers, messages.ids, strict=True))
        self.others.update(row.number for row in messages.others)


def take(ledger: Ledger, step: str, pick: int) -> None:
    """Take a step that may be taken; whom it is about follows from `pick`."""
    rows = {row.number: row for row in ledger.entries()}
    claimed = [n for n in range(ledger.next_number) if n not in rows or rows[n].state is State.CLAIMED]
    deferred = [n for n in rows if rows[n].state is State.DEFERRED]
    if step == "claim" and (people := min(1 + pick % 3, AUDIENCE - ledger.next_number)):
        ledger.record(window=Window(ledger.next_number, people, 400))
    elif step == "settle" and claimed:
        state = [State.ACCEPTED, State.UNKNOWN, State.DEFERRED, State.ACCEPTED][pick % 4]
        number = claimed[pick % len(claimed)]
        before = rows[number].unclear if number in rows else 0
        ledger.record(settled=[entry(number, state, unclear=before)])
    elif step == "again" and deferred:
        ledger.record(again=[deferred[pick % len(deferred)]])
    elif step == "doubt" and (known := [n for n in rows if rows[n].state is State.ACCEPTED]):
        ledger.record(doubted=[entry(known[pick % len(known)], State.UNKNOWN)])
    elif step == "retry":
        ledger.retry_unknown(due_at_s=3)
    elif step == "prove":
        ledger.settle_unknown(pick % AUDIENCE, f"r{pick}", Reason.RECEIPT, at_s=900)
