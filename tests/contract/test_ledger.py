"""One contract, every ledger: claim before the send, settle after it, and the states add up."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from zalo_alert.foundation.database import Database
from zalo_alert.ledger.base import MOST_NUMBER, Detail, Entry, Fate, Ledger, Tally, Window, Withheld, pack_reached
from zalo_alert.ledger.memory import MemoryLedger
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Reason, State

AUDIENCE = 10
Make = Callable[[], Ledger]


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger(AUDIENCE)
        return
    made = SqliteLedger.create(tmp_path / "run.db", AUDIENCE)
    yield made
    made.close()


WITHHELD = (Withheld(7, 1, 0, Reason.DAY_CAP, 900), Withheld(8, 2, 3, Reason.WEEK_CAP, 900))


@pytest.fixture(params=["memory", "sqlite"])
def capped(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A ledger whose last three people were withheld from the start."""
    if request.param == "memory":
        yield MemoryLedger(AUDIENCE, WITHHELD)
        return
    SqliteLedger.create(tmp_path / "run.db", AUDIENCE, WITHHELD).close()
    made = SqliteLedger(Database(tmp_path / "run.db"))
    yield made
    made.close()


def entry(number: int, state: State = State.ACCEPTED, **fields: object) -> Entry:
    return Entry(number, state, 3, 0, 1, 0, Reason.NONE, 0, 1_000, 0, "m")._replace(**fields)  # type: ignore[arg-type]


def place_of(numbers: Sequence[int]) -> list[int]:
    return [number % 2 for number in numbers]


def counted(ledger: Ledger) -> dict[State, int]:
    totals = ledger.totals()
    assert sum(totals.values()) == AUDIENCE
    return {state: people for state, people in totals.items() if people}


def test_everyone_is_pending_at_first(ledger: Ledger) -> None:
    assert counted(ledger) == {State.PENDING: AUDIENCE}
    assert ledger.next_number == 0
    assert list(ledger.entries()) == []


def test_a_window_is_claimed_and_settled_in_pieces(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 4))
    assert counted(ledger) == {State.CLAIMED: 4, State.PENDING: 6}

    ledger.record(settled=[entry(2), entry(0)], window=Window(4, 2))
    assert counted(ledger) == {State.ACCEPTED: 2, State.CLAIMED: 4, State.PENDING: 4}

    ledger.record(settled=[entry(n) for n in (1, 3, 4, 5)])
    assert counted(ledger) == {State.ACCEPTED: 6, State.PENDING: 4}
    assert [row.number for row in ledger.entries()] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "window", [Window(1, 2), Window(0, 0), Window(0, AUDIENCE + 1)], ids=["leaves a gap", "holds nobody", "passes the audience"]
)
def test_a_window_must_continue_the_one_before(ledger: Ledger, window: Window) -> None:
    with pytest.raises(ValueError, match="does not start"):
        ledger.record(window=window)

    assert counted(ledger) == {State.PENDING: AUDIENCE}


def test_acceptances_without_a_message_id_are_counted(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 4))
    refused = entry(2, State.REJECTED, message_id="")

    ledger.record(settled=[entry(0), entry(1, message_id=""), refused, entry(3, message_id="")])

    assert ledger.without_id() == 2


@pytest.mark.parametrize("before", [State.ACCEPTED, State.REJECTED, State.DEFERRED])
def test_an_answer_that_was_somebody_elses_is_taken_back(ledger: Ledger, before: State) -> None:
    ledger.record(window=Window(0, 3))
    ledger.record(settled=[entry(0, before, route=1, due_at_s=5.0), entry(1)])
    doubtful = entry(0, State.UNKNOWN, reason=Reason.OUT_OF_STEP, message_id="")

    ledger.record(doubted=[doubtful])

    assert counted(ledger) == {State.ACCEPTED: 1, State.UNKNOWN: 1, State.CLAIMED: 1, State.PENDING: 7}
    assert list(ledger.entries(states=[State.UNKNOWN])) == [doubtful]
    assert ledger.due(before_s=10.0, limit=9) == []
    assert ledger.next_due_s() is None


def test_an_answer_may_be_taken_back_as_it_is_settled(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 1))

    ledger.record(settled=[entry(0, State.DEFERRED)], doubted=[entry(0, State.UNKNOWN)])

    assert counted(ledger) == {State.UNKNOWN: 1, State.PENDING: 9}


def test_nothing_is_taken_back_from_whoever_has_no_answer(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 2))
    ledger.record(settled=[entry(0, State.DEFERRED)])
    ledger.record(again=[0])

    for number in (0, 1):
        with pytest.raises(ValueError, match="doubted"):
            ledger.record(doubted=[entry(number, State.UNKNOWN)])

    assert counted(ledger) == {State.CLAIMED: 2, State.PENDING: 8}


def test_nobody_is_settled_without_a_claim(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 2))
    ledger.record(settled=[entry(0)])

    for number in (0, 5):
        with pytest.raises(ValueError, match="settled without a claim"):
            ledger.record(settled=[entry(number)])
    assert counted(ledger) == {State.ACCEPTED: 1, State.CLAIMED: 1, State.PENDING: 8}


def test_a_deferred_person_is_claimed_and_settled_again(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 3))
    ledger.record(
        settled=[entry(0), entry(1, State.DEFERRED, due_at_s=50.5, reason=Reason.BUSY), entry(2, State.DEFERRED, due_at_s=40)]
    )
    assert [row.number for row in ledger.due(before_s=60, limit=9)] == [2, 1]
    assert [row.number for row in ledger.due(before_s=60, limit=1)] == [2]
    assert ledger.next_due_s() == 40

    ledger.record(again=[2])
    assert ledger.next_due_s() == 50.5
    assert counted(ledger) == {State.ACCEPTED: 1, State.CLAIMED: 1, State.DEFERRED: 1, State.PENDING: 7}

    ledger.record(settled=[entry(2, attempts=2)])
    assert counted(ledger) == {State.ACCEPTED: 2, State.DEFERRED: 1, State.PENDING: 7}
    assert [row.attempts for row in ledger.entries(states=[State.ACCEPTED])] == [1, 2]


def test_again_while_the_window_is_still_open_counts_the_window_right(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 2))
    ledger.record(settled=[entry(0, State.DEFERRED)])
    ledger.record(again=[0])
    ledger.record(settled=[entry(0)])
    assert counted(ledger) == {State.ACCEPTED: 1, State.CLAIMED: 1, State.PENDING: 8}

    assert ledger.recover(at_s=9, places=place_of) == 1
    assert [row.number for row in ledger.entries(states=[State.UNKNOWN])] == [1]


def test_only_deferred_people_are_claimed_again(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 2))
    ledger.record(settled=[entry(0)])

    for number in (0, 1, 7):
        with pytest.raises(ValueError, match="not deferred"):
            ledger.record(again=[number])


def test_after_a_crash_the_claimed_are_unknown_and_nobody_else(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 6))
    ledger.record(settled=[entry(1), entry(3, State.DEFERRED), entry(4, State.DEFERRED)])
    ledger.record(again=[3])

    assert ledger.recover(at_s=2_000, places=place_of) == 4

    assert counted(ledger) == {State.ACCEPTED: 1, State.UNKNOWN: 4, State.DEFERRED: 1, State.PENDING: 4}
    unknown = list(ledger.entries(states=[State.UNKNOWN]))
    assert [row.number for row in unknown] == [0, 2, 3, 5]
    assert {row.reason for row in unknown} == {Reason.CRASH}
    assert [row.place for row in unknown] == [0, 0, 3, 1]
    assert ledger.recover(at_s=2_001, places=place_of) == 0


def test_unknown_people_are_retried_only_when_told_and_the_doubt_is_kept(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 2))
    ledger.recover(at_s=1, places=place_of)

    assert ledger.retry_unknown(due_at_s=5) == 2

    assert [row.unclear for row in ledger.due(before_s=5, limit=9)] == [1, 1]
    assert counted(ledger) == {State.DEFERRED: 2, State.PENDING: 8}


@pytest.mark.parametrize(
    ("state", "unclear", "maybe"),
    [
        (State.ACCEPTED, 0, 0), (State.ACCEPTED, 1, 1), (State.UNKNOWN, 0, 0), (State.UNKNOWN, 1, 1), (State.REJECTED, 1, 0),
        (State.REJECTED, 2, 1), (State.DEFERRED, 1, 0), (State.DEFERRED, 2, 1),
    ],
)  # fmt: skip
def test_two_attempts_that_may_have_been_executed_make_a_possible_double(
    ledger: Ledger, state: State, unclear: int, maybe: int
) -> None:
    ledger.record(window=Window(0, 1))
    ledger.record(settled=[entry(0, state, unclear=unclear)])

    assert ledger.maybe_twice() == maybe


def test_expiry_ends_the_deferred_and_the_untouched(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 3))
    ledger.record(settled=[entry(0), entry(1, State.DEFERRED), entry(2, State.UNKNOWN)])

    assert ledger.expire(at_s=3) == 8
    assert ledger.expire(at_s=3) == 0

    assert counted(ledger) == {State.ACCEPTED: 1, State.UNKNOWN: 1, State.EXPIRED: 8}
    assert ledger.untouched_state() is State.EXPIRED
    assert ledger.next_due_s() is None


def test_tallies_group_what_the_report_shows(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 3))
    ledger.record(settled=[entry(0), entry(1), entry(2, State.REJECTED, code=-213, reason=Reason.DEAD, route=1)])

    assert Counter((t.place, t.state, t.route, t.code, t.reason, t.people) for t in ledger.tallies()) == Counter(
        [(3, State.ACCEPTED, 0, 0, Reason.NONE, 2), (3, State.REJECTED, 1, -213, Reason.DEAD, 1)]
    )


def test_details_are_all_that_a_report_counts_in_one_pass(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 8))
    dead = entry(2, State.REJECTED, code=-213, reason=Reason.DEAD, route=1, message_id="")
    twice = entry(6, unclear=1, at_s=2_000)
    ledger.record(
        settled=[entry(0), entry(1, route=2, at_s=61), dead, entry(3, message_id=""), entry(4, place=7), entry(5), twice]
    )

    details: Counter[Detail] = Counter()
    for detail in ledger.details():
        details[detail._replace(people=0, without_id=0, maybe_twice=0)] += detail.people

    accepted = Detail(3, State.ACCEPTED, 0, 0, Reason.NONE, 960, 0)
    assert details == {
        accepted: 3, accepted._replace(place=7): 1, accepted._replace(route=2, minute_s=60): 1,
        accepted._replace(minute_s=1_980): 1, Detail(3, State.REJECTED, 1, -213, Reason.DEAD, 960, 0): 1,
    }  # fmt: skip
    assert sum(detail.without_id for detail in ledger.details()) == ledger.without_id() == 1
    assert sum(detail.maybe_twice for detail in ledger.details()) == ledger.maybe_twice() == 1
    assert sum((Counter({d.tally._replace(people=0): d.people}) for d in ledger.details()), Counter()) == Counter(
        {tally._replace(people=0): tally.people for tally in ledger.tallies()}
    )


def test_details_tell_of_those_withheld_from_the_start(capped: Ledger) -> None:
    assert {(d.place, d.reason, d.people, d.minute_s) for d in capped.details()} == {
        (0, Reason.DAY_CAP, 1, 900), (3, Reason.WEEK_CAP, 2, 900),
    }  # fmt: skip


def test_pace_counts_the_accepted_by_minute(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 4))
    ledger.record(settled=[entry(0, at_s=59), entry(1, at_s=60), entry(2, at_s=119), entry(3, State.UNKNOWN, at_s=60)])

    assert ledger.pace() == [(0, 1), (60, 2)]


def test_the_seconds_of_some_minutes_are_told_and_of_no_other(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 5))
    ledger.record(settled=[*(entry(n, at_s=at_s) for n, at_s in enumerate([59, 61, 61, 119])), entry(4, State.UNKNOWN, at_s=60)])

    assert ledger.accepted_seconds([60]) == [(61, 2), (119, 1)]
    assert ledger.accepted_seconds([0, 60, 120]) == [(59, 1), (61, 2), (119, 1)]


def test_the_times_of_acceptance_are_told_to_the_second_and_by_place_to_the_minute(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 5))
    at = [entry(n, at_s=at_s)._replace(place=place) for n, (at_s, place) in enumerate([(59, 0), (61, 1), (61, 0), (119, 1)])]
    ledger.record(settled=[*at, entry(4, State.UNKNOWN, at_s=60)])

    times = ledger.accepted_times()

    assert times.by_second == [(59, 1), (61, 2), (119, 1)]
    assert times.by_place == {0: [(0, 1), (60, 1)], 1: [(60, 2)]}


def test_rows_are_read_by_column(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 5))
    rejected = entry(3, State.REJECTED, route=1, attempts=2, code=-213, reason=Reason.DEAD, unclear=1, message_id="")
    ledger.record(settled=[entry(0), rejected, entry(4)])

    found = ledger.outcomes(1, 5)
    assert (list(found.numbers), list(found.at_s), list(found.message_ids)) == ([3, 4], [1_000, 1_000], ["", "m"])
    assert [found.fates[kind] for kind in found.kinds] == [
        Fate(State.REJECTED, 1, 2, -213, Reason.DEAD, 1),
        Fate(State.ACCEPTED, 0, 1, 0, Reason.NONE, 0),
    ]
    assert list(ledger.outcomes(5, 9).numbers) == []


def test_the_instant_at_which_somebody_was_settled_is_known(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 2))
    ledger.record(settled=[entry(1, at_s=77)])
    assert [ledger.settled_at_s(number) for number in (0, 1, 5)] == [None, 77, None]


def test_sqlite_counts_the_same_in_pieces_and_beside_a_live_sender(tmp_path: Path) -> None:
    sender = SqliteLedger.create(tmp_path / "run.db", AUDIENCE)
    onlooker = SqliteLedger(Database(tmp_path / "run.db"), rows_grouped=2)
    sender.record(window=Window(0, 5))
    sender.record(settled=[entry(0), entry(1, State.REJECTED), entry(2, State.DEFERRED), entry(4)])
    assert counted(onlooker) == {State.ACCEPTED: 2, State.REJECTED: 1, State.DEFERRED: 1, State.CLAIMED: 1, State.PENDING: 5}

    sender.record(settled=[entry(3)], window=Window(5, 5))
    sender.record(settled=[entry(n) for n in range(5, 9)], again=[2])
    assert counted(onlooker) == {State.ACCEPTED: 7, State.REJECTED: 1, State.CLAIMED: 2}
    assert counted(onlooker) == counted(sender)
    assert sum(tally.people for tally in onlooker.tallies()) == sum(detail.people for detail in onlooker.details()) == 9
    assert onlooker.pace() == [(960, 7)]
    onlooker.close()
    sender.close()


def test_sqlite_keeps_everything_across_a_reopening(tmp_path: Path) -> None:
    from zalo_alert.foundation.database import Database

    first = SqliteLedger.create(tmp_path / "run.db", AUDIENCE)
    first.record(window=Window(0, 3))
    first.record(settled=[entry(0, message_id="abc")])
    first.close()

    second = SqliteLedger(Database(tmp_path / "run.db"))
    assert second.recover(at_s=7, places=place_of) == 2
    assert counted(second) == {State.ACCEPTED: 1, State.UNKNOWN: 2, State.PENDING: 7}
    assert next(second.entries()).message_id == "abc"
    second.close()


def test_sqlite_file_is_private(tmp_path: Path) -> None:
    SqliteLedger.create(tmp_path / "run.db", 1).close()

    assert (tmp_path / "run.db").stat().st_mode & 0o777 == 0o600


def test_whoever_waits_is_found_without_reading_everyone(tmp_path):
    ledger = SqliteLedger.create(tmp_path / "run.db", 10)
    seen: list[Any] = []
    ledger._db._connection.set_trace_callback(seen.append)
    ledger.due(before_s=1, limit=5)
    ledger.next_due_s()
    ledger.retry_unknown(due_at_s=1)
    ledger.expire(at_s=1)
    ledger.recover(at_s=1, places=lambda numbers: [0] * len(numbers))
    ledger._db._connection.set_trace_callback(None)
    asked = [sql for sql in seen if "FROM outcome WHERE state" in sql or sql.startswith("UPDATE outcome")]
    plans = [row[3] for sql in asked for row in ledger._db.rows(f"EXPLAIN QUERY PLAN {sql}")]
    ledger.close()

    assert len(asked) == 11  # six of them write down what changes
    assert all("INDEX waiting" in plan for plan in plans if "SCAN" in plan or "SEARCH" in plan), plans


def test_a_part_of_the_audience_is_counted(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 6))
    ledger.record(settled=[entry(0), entry(2), entry(3, State.REJECTED), entry(5)])

    assert {state: people for state, people in ledger.counted(1, 3).items() if people} == {State.ACCEPTED: 1, State.REJECTED: 1}


def test_a_cancelled_run_withholds_from_everyone_who_is_left(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 4))
    ledger.record(settled=[entry(0), entry(1, State.DEFERRED, due_at_s=50), entry(2, State.UNKNOWN)])
    assert ledger.is_open()
    ledger.recover(at_s=1_001, places=place_of)
    assert ledger.cancel(at_s=1_002) == 7  # one deferred, six never claimed

    assert counted(ledger) == {State.ACCEPTED: 1, State.UNKNOWN: 2, State.WITHHELD: 7}
    assert [(row.number, row.reason) for row in ledger.entries(states=[State.WITHHELD])] == [(1, Reason.CANCELLED)]
    assert not ledger.is_open()
    assert ledger.expire(at_s=1_003) == 0  # what was ended stays what it was ended as
    assert ledger.untouched_state() is State.WITHHELD


@pytest.mark.parametrize("state", [State.DEFERRED, State.CLAIMED], ids=str)
def test_a_run_is_open_while_anybody_may_still_be_asked(ledger: Ledger, state: State) -> None:
    ledger.record(window=Window(0, AUDIENCE))
    settled = [entry(n) for n in range(AUDIENCE - 1)]
    ledger.record(settled=settled + ([entry(AUDIENCE - 1, State.DEFERRED, due_at_s=9)] if state is State.DEFERRED else []))
    assert ledger.is_open()

    if state is State.DEFERRED:
        ledger.record(again=[AUDIENCE - 1])
        assert ledger.is_open()
    ledger.record(settled=[entry(AUDIENCE - 1, State.UNKNOWN)])
    assert not ledger.is_open()


def test_whoever_is_withheld_from_the_start_is_never_claimed(capped: Ledger) -> None:
    assert (capped.audience, capped.claimable) == (AUDIENCE, 7)
    assert counted(capped) == {State.PENDING: 7, State.WITHHELD: 3}

    with pytest.raises(ValueError, match="ends past 7"):
        capped.record(window=Window(0, 8))
    capped.record(window=Window(0, 7))
    capped.record(settled=[entry(number) for number in range(7)])

    assert counted(capped) == {State.ACCEPTED: 7, State.WITHHELD: 3}
    assert not capped.is_open()
    assert capped.cancel(at_s=1_002) == 0


def test_whoever_is_withheld_from_the_start_has_a_row(capped: Ledger) -> None:
    capped.record(window=Window(0, 1))
    capped.record(settled=[entry(0)])

    reasons = [Reason.DAY_CAP, Reason.WEEK_CAP, Reason.WEEK_CAP]
    assert [(row.number, row.reason) for row in capped.entries(states=[State.WITHHELD])] == list(
        zip((7, 8, 9), reasons, strict=True)
    )
    assert [row.number for row in capped.entries()] == [0, 7, 8, 9]
    assert {tally for tally in capped.tallies() if tally.state is State.WITHHELD} == {
        Tally(0, State.WITHHELD, 0, 0, Reason.DAY_CAP, 1),
        Tally(3, State.WITHHELD, 0, 0, Reason.WEEK_CAP, 2),
    }
    part = capped.outcomes(0, 9)
    assert list(part.numbers) == [0, 7, 8]
    assert [part.fates[kind].reason for kind in part.kinds] == [Reason.NONE, *reasons[:2]]
    assert list(part.at_s) == [1_000, 900, 900]
    assert list(part.message_ids) == ["m", "", ""]


def test_expiring_leaves_the_withheld_withheld(capped: Ledger) -> None:
    assert capped.expire(at_s=1_001) == 7
    assert counted(capped) == {State.EXPIRED: 7, State.WITHHELD: 3}


def test_a_ledger_of_before_withholds_nobody(tmp_path: Path) -> None:
    made = SqliteLedger.create(tmp_path / "run.db", AUDIENCE)
    made._db.run("DROP TABLE withheld")
    made.close()

    old = SqliteLedger(Database(tmp_path / "run.db"))
    assert old.claimable == AUDIENCE
    assert list(old.entries()) == []
    old.close()


@pytest.mark.parametrize(
    "withheld",
    [(Withheld(8, 1, 0, Reason.DAY_CAP, 0),), (WITHHELD[1], WITHHELD[0]), (Withheld(6, 1, 0, Reason.DAY_CAP, 0), WITHHELD[1])],
    ids=["not to the end", "out of order", "with a gap"],
)
def test_the_withheld_stand_at_the_end(tmp_path: Path, withheld: Sequence[Withheld]) -> None:
    for make in (lambda: MemoryLedger(AUDIENCE, withheld), lambda: SqliteLedger.create(tmp_path / "run.db", AUDIENCE, withheld)):
        with pytest.raises(ValueError, match="the withheld"):
            make()


def test_whoever_may_have_been_reached_is_told_with_when_and_by_which_route(ledger: Ledger) -> None:
    ledger.record(window=Window(0, 8))
    fates = [
        entry(0),
        entry(1, State.UNKNOWN, at_s=1_002, route=1),
        entry(2, State.REJECTED),
        entry(3, State.DEFERRED, unclear=1, at_s=1_003),
        entry(4, State.DEFERRED),
        entry(5, State.WITHHELD),
        entry(6, State.REJECTED, unclear=1),
    ]
    ledger.record(settled=fates)
    ledger.recover(at_s=1_009, places=place_of)
    ledger.cancel(at_s=1_010)

    expected = [(1_000, 0, 0), (1_002, 1, 1), (1_010, 3, 0), (1_000, 6, 0), (1_009, 7, 0)]
    assert ledger.count_reached() == len(expected)
    assert list(ledger.reached()) == [pack_reached(*person) for person in expected]


def test_a_reached_person_fits_into_eight_bytes_until_the_clock_itself_does_not() -> None:
    assert pack_reached(2**32 - 1, MOST_NUMBER, 99) == 2**63 - 1
    assert sorted([pack_reached(2, 0, 0), pack_reached(1, 5, 3)])[0] == pack_reached(1, 5, 3)
