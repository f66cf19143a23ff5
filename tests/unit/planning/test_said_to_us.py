"""What people say to an OA counts for a run that is being sent; a threat to life goes to whoever opted out all the same."""

from contextlib import closing
from pathlib import Path

import pytest

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.inbound_store import NAME, folder_of, open_store
from zalo_alert.inbound.persons import Persons
from zalo_alert.models import Reason
from zalo_alert.planning.refusals import LOOK_EVERY_S, RunRefusals
from zalo_alert.planning.said_to_us import SaidToUs
from zalo_alert.runs.run import Run
from zalo_alert.testing import FakeClock

OA, OTHER_OA = "388613280878808645", "388613280878808646"
ONE, TWO = "1000000000000000001", "1000000000000000002"


class Nobody(Run):
    """A run of which nobody asked to be forgotten."""

    def __init__(self) -> None:
        pass

    def forgotten(self) -> list[int]:
        return []


def say(state: Path, user_id: str, at_ms: int, *, is_stop: bool, oa: str = OA) -> None:
    with closing(open_store(state)) as db, db.transaction():
        persons = Persons(db, Marks(folder_of(state)))
        persons.begin()
        persons.refuses(oa, user_id, at_ms, is_stop=is_stop)
        persons.keep()


def leave(state: Path, user_id: str, at_ms: int, *, is_follower: bool = False) -> None:
    with closing(open_store(state)) as db, db.transaction():
        persons = Persons(db, Marks(folder_of(state)))
        persons.begin()
        persons.follows(OA, user_id, "", at_ms, is_follower=is_follower)
        persons.keep()


def refusals(said: SaidToUs, clock: FakeClock) -> RunRefusals:
    return RunRefusals(Nobody(), None, {}, clock, said)


def test_an_opt_out_counts_at_the_next_look(tmp_path: Path) -> None:
    clock = FakeClock()
    with closing(SaidToUs(tmp_path, {OA}, "warning")) as said:
        refused = refusals(said, clock)
        assert not refused.look()

        say(tmp_path, ONE, 1, is_stop=True)
        leave(tmp_path, TWO, 1)
        clock.move(LOOK_EVERY_S)

        assert refused.look()
        assert (refused.reason_of(ONE), refused.reason_of(TWO)) == (Reason.OPTED_OUT, Reason.LEFT)


def test_what_is_taken_back_counts_as_well(tmp_path: Path) -> None:
    clock = FakeClock()
    say(tmp_path, ONE, 1, is_stop=True)
    leave(tmp_path, TWO, 1)
    with closing(SaidToUs(tmp_path, {OA}, "warning")) as said:
        refused = refusals(said, clock)
        assert refused.reason_of(ONE) is Reason.OPTED_OUT

        say(tmp_path, ONE, 2, is_stop=False)
        leave(tmp_path, TWO, 2, is_follower=True)
        clock.move(LOOK_EVERY_S)

        assert not refused.look()
        assert (refused.reason_of(ONE), refused.reason_of(TWO)) == (None, None)


def test_what_was_said_to_another_oa_counts_there(tmp_path: Path) -> None:
    say(tmp_path, ONE, 1, is_stop=True, oa=OTHER_OA)

    with closing(SaidToUs(tmp_path, {OA}, "warning")) as said:
        assert not refusals(said, FakeClock()).look()


def test_a_threat_to_life_goes_to_whoever_opted_out_and_to_nobody_who_left(tmp_path: Path) -> None:
    say(tmp_path, ONE, 1, is_stop=True)
    leave(tmp_path, TWO, 1)

    with closing(SaidToUs(tmp_path, {OA}, "")) as said:
        refused = refusals(said, FakeClock())
        assert (refused.reason_of(ONE), refused.reason_of(TWO)) == (None, Reason.LEFT)


def test_what_cannot_be_read_stops_everything_but_a_threat_to_life(tmp_path: Path) -> None:
    say(tmp_path, ONE, 1, is_stop=True)
    (folder_of(tmp_path) / NAME).write_bytes(b"no database " * 1000)

    with pytest.raises(StorageUnusable), closing(SaidToUs(tmp_path, {OA}, "warning")) as said:
        refusals(said, FakeClock())
    with closing(SaidToUs(tmp_path, {OA}, "")) as said:
        assert not refusals(said, FakeClock()).look()


def test_what_cannot_be_read_any_more_stays_in_force_and_is_told_once(tmp_path: Path) -> None:
    clock, notes = FakeClock(), list[str]()
    say(tmp_path, ONE, 1, is_stop=True)
    with closing(SaidToUs(tmp_path, {OA}, "warning")) as said:
        refused = refusals(said, clock)
        refused.on_note = notes.append
        with closing(open_store(tmp_path)) as db:
            db.run_script("DROP TABLE stop")

        for _ in range(3):
            clock.move(LOOK_EVERY_S)
            refused.look()

        assert refused.reason_of(ONE) is Reason.OPTED_OUT
        assert len(notes) == 1
