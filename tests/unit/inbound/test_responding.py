"""Which events the worker asks about, and what it makes of what it is told."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.inbound_work import NOW_MS, OA, PERSON, body, keep, tally, text
from zalo_alert.foundation.database import Database
from zalo_alert.inbound.event import CONSOLE_TEST_ID, EventClass
from zalo_alert.inbound.journal import StoredEvent, read_journal
from zalo_alert.inbound.worker import Worker


class Answering:
    """Answers all it is asked, and remembers what that was."""

    def __init__(self, db: Database) -> None:
        self.asked: list[tuple[str, int, bool]] = []
        self.begun = self.passed_over = 0

    def begin(self) -> None:
        self.begun += 1

    def keep(self) -> None:
        pass

    def respond(self, event: StoredEvent, at_ms: int, *, is_again: bool) -> EventClass | None:
        self.asked.append((event.name, at_ms, is_again))
        return None if is_again else EventClass.ANSWERED

    def pass_over(self, event: StoredEvent) -> None:
        self.passed_over += 1


def work(
    state: Path, *bodies: bytes, arrived_ms: int = NOW_MS + 900, make: Callable[[Database], Answering] = Answering
) -> list[tuple[str, int, bool]]:
    keep(state, *bodies, arrived_ms=arrived_ms)
    made: list[Answering] = []

    def make_responder(db: Database) -> Answering:
        made.append(make(db))
        return made[0]

    with closing(Worker(state, {OA}.__contains__, make_responder=make_responder)) as worker:
        while worker.step():
            pass
    return made[0].asked


@pytest.mark.parametrize("name", ["user_send_image", "anonymous_send_text", "user_withdraw"])
def test_words_pictures_and_requests_are_asked_about(tmp_path: Path, name: str) -> None:
    assert work(tmp_path, body(name, NOW_MS, message={"msg_id": "1"})) == [(name, NOW_MS, False)]
    assert tally(tmp_path) == {"answered": 1}


def test_what_an_officer_sent_by_hand_is_asked_about(tmp_path: Path) -> None:
    by_hand = body("oa_send_text", sender={"id": OA, "admin_id": "77"}, recipient={"id": PERSON}, message={"msg_id": "1"})
    assert [name for name, _, _ in work(tmp_path, by_hand)] == ["oa_send_text"]


def test_an_opt_out_is_answered_and_stays_one(tmp_path: Path) -> None:
    assert len(work(tmp_path, text("STOP"))) == 1
    assert tally(tmp_path) == {"opted-out": 1}


def test_nobody_is_asked_about_what_needs_no_answer(tmp_path: Path) -> None:
    late = text("lâu rồi", NOW_MS - 25 * 3600 * 1000)
    other = [
        body("user_send_text", message={"text": "a", "msg_id": "same"}),
        body("user_send_text", message={"text": "b", "msg_id": "same"}),
    ]
    test = body("user_send_text", message={"text": "thử", "msg_id": CONSOLE_TEST_ID})
    asked = work(tmp_path, late, *other, test, text("ai đó", oa="999"), body("follow"), body("user_received_message"))
    assert len(asked) == 1  # the first of the two that are one message
    assert tally(tmp_path)["joined"] == 1


def test_a_flood_is_answered_no_more(tmp_path: Path) -> None:
    assert len(work(tmp_path, *[text(f"câu {n}") for n in range(40)], text("STOP"))) == 30
    assert tally(tmp_path) == {"answered": 30, "flooded": 10, "opted-out": 1}


def test_a_replay_asks_without_answering_unless_it_may(tmp_path: Path) -> None:
    work(tmp_path, text("câu hỏi"))
    events = read_journal(tmp_path / "inbound", None, 10)
    answering: list[Answering] = []

    def make_responder(db: Database) -> Answering:
        answering.append(Answering(db))
        return answering[0]

    with closing(Worker(tmp_path, {OA}.__contains__, make_responder=make_responder)) as worker:
        assert worker.again(events) == {EventClass.FILED: 1}
        assert worker.again(events, may_answer=True) == {EventClass.ANSWERED: 1}
    assert [is_again for _, _, is_again in answering[0].asked] == [True, False]


def test_rules_are_taken_up_before_the_database_is_held(tmp_path: Path) -> None:
    class Waiting(Answering):
        def __init__(self, db: Database) -> None:
            super().__init__(db)
            self.db = db

        def begin(self) -> None:
            with closing(Database(self.db.path)) as other:  # as an officer who answers meanwhile
                other.run("PRAGMA busy_timeout = 0")
                other.run("INSERT INTO about VALUES ('meanwhile', '')")

    assert work(tmp_path, text("xin chào"), make=Waiting) != []
    assert tally(tmp_path) == {"answered": 1}
