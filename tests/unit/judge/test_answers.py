"""The judge of answers believes what is right and catches each thing that is not; and the worker is killed in earnest."""

from collections import Counter

import pytest

from bench.judge.answer_books import AnswerBooks, Row
from bench.judge.answers import Asked, Expected, asked_of, judge_answers
from bench.torture_answers import Plan, When, play

DAY = "2026-11-27.db"
RULE = Expected("qa/can-cuoc", "căn cước")
MARKS = Expected("diem-thi/found", "02000001", is_private=True)
TALK = Expected("qa/fallback", "Cán bộ", opens_case=True)


def right():
    """Three people who are answered, one of them by a message of which only a receipt has told."""
    people = [
        Asked("1", "làm căn cước", [("m1", "Cấp căn cước tại xã.")]),
        Asked("2", "tra điểm 02000001 1/2/2008", [("m2", "Thí sinh 02000001")]),
        Asked("3", "cây đổ", [("m3", "Cán bộ trả lời sau.")]),
    ]
    books = AnswerBooks(
        texts={(DAY, 1): ("1", b"{}"), (DAY, 2): ("2", b""), (DAY, 3): ("3", b"{}")}, events=3,
        answers=[
            Row(DAY, 1, 0, "1", "qa/can-cuoc", "accepted", "", "m1", 0, ""),
            Row(DAY, 2, 0, "2", "diem-thi/found", "accepted", "receipt", "m2", 1, ""),
            Row(DAY, 3, 0, "3", "qa/fallback", "unknown", "crash", "", 0, ""),
        ],
        classes=Counter({"answered": 3}),
        ended=Counter({("qa/can-cuoc", "accepted", ""): 1, ("diem-thi/found", "accepted", "receipt"): 1,
                       ("qa/fallback", "unknown", "crash"): 1}),
        asked=Counter({"qa/can-cuoc": 1, "diem-thi/found": 1, "qa/fallback": 1}),
        looked_up=Counter({"2": 1}), cases=Counter({"3": 1}), entries=Counter({(DAY, 3): 1}),
    )  # fmt: skip
    return people, books


def faults(people, books):
    return set(judge_answers(people, [RULE, MARKS, TALK], books).faults)


def test_what_is_right_is_believed():
    people, books = right()
    verdict = judge_answers(people, [RULE, MARKS, TALK], books)
    assert list(verdict.sentences()) == []
    assert (verdict.asked, verdict.reached, verdict.unclear, verdict.unknown_reached) == (3, 3, 2, 1)


def change_row(number, **fields):
    def change(people, books):
        books.answers[number] = books.answers[number]._replace(**fields)

    return change


def change_person(number, answers):
    def change(people, books):
        people[number] = people[number]._replace(answers=answers)

    return change


CHANGES = {
    "answered twice": change_person(0, [("m1", "căn cước"), ("m9", "căn cước")]),
    "answered with another's answer": change_person(1, [("m2", "Thí sinh 02000002")]),
    "neither answered nor told why": lambda people, books: books.answers.pop(2),
    "twice in the outbox": lambda people, books: books.answers.append(books.answers[0]),
    "in the outbox as another's": change_row(0, rule="qa/cu-tru"),
    "accepted, and not reached": change_person(0, []),
    "accepted under another message's id": change_row(0, message_id="m9"),
    "rejected, and reached": change_row(0, state="rejected"),
    "expired, and reached": change_row(2, state="expired"),
    "left": change_row(2, state="claimed"),
    "the answer to nobody's event": change_row(0, seq=7),
    "private, and its words are kept": lambda people, books: books.texts.update({(DAY, 2): ("2", b"{}")}),
    "over, and its words are kept": change_row(0, text="Cấp"),
    "counted as 2 look-ups": lambda people, books: books.looked_up.update({"2": 1}),
    "another number of cases or entries": lambda people, books: books.entries.update({(DAY, 3): 1}),
    "2 times in the journal": lambda people, books: books.texts.update({(DAY, 4): ("1", b"{}")}),
}
SUMS = {
    "events in classes": lambda books: books.classes.update({"filed": 1}),
    "answered": lambda books: books.classes.subtract({"answered": 1, "filed": -1}),
    "ended": lambda books: books.ended.update({("qa/can-cuoc", "accepted", ""): 1}),
    "asked": lambda books: books.asked.update({"qa/can-cuoc": 1}),
}


@pytest.mark.parametrize("fault", CHANGES)
def test_each_fault_is_caught(fault):
    people, books = right()
    CHANGES[fault](people, books)
    assert fault in faults(people, books)


@pytest.mark.parametrize("name", SUMS)
def test_sums_that_do_not_add_up_are_caught(name):
    people, books = right()
    SUMS[name](books)
    assert faults(people, books) == {"sums"}


def test_people_are_read_with_all_that_they_were_sent():
    told = {"msg_id": "m1", "text": "một"}
    line = {"user_id": "1", "questions": [{"text": "hỏi", "answers": [told]}], "others": [{"msg_id": "m2", "text": "hai"}]}
    assert list(asked_of([line])) == [Asked("1", "hỏi", [("m1", "một"), ("m2", "hai")])]


@pytest.mark.long
@pytest.mark.kill
def test_nobody_is_answered_twice_by_a_worker_that_is_killed(tmp_path):
    played = play(tmp_path, Plan(5, seed=2, people=40, whens=(When.POSTING, When.BLANKING)))
    assert played.sentences() == []
    assert (len(played.on_their_way), played.verdict.asked) == (5, 200)
