"""People who ask by the thousand, and what a judge reads of how they were answered."""

import json

import pytest

from tests.contract.event_office import Office
from zalo_alert.errors import UsageError


def crowd(office, **fields):
    return office.state.crowds.happen(fields)


def answer(office, event, text, **more):
    message = {"text": text, "quote_message_id": event["message"]["msg_id"]} | more
    office.send(recipient={"user_id": event["sender"]["id"]}, message=message)


def people(office):
    return [json.loads(line) for line in office.state.talks.lines()]


def test_everyone_asks_at_the_same_moment_in_turn():
    office = Office()
    made = crowd(office, people=5, texts=["lệ phí cccd?", "mấy giờ mở cửa"])
    told = office.events()

    assert made == {"people": 5, "questions": 5, "last_in_s": 0.0}
    assert len({event["timestamp"] for event in told}) == 1
    assert len({event["sender"]["id"] for event in told}) == 5
    assert [event["message"]["text"] for event in told] == ["lệ phí cccd?", "mấy giờ mở cửa"] * 2 + ["lệ phí cccd?"]


def test_questions_come_by_chance_at_their_rate():
    office = Office()
    made = crowd(office, people=1000, per_s=10, texts=["a"])
    office.pass_s(50)
    half = len(office.events())
    office.pass_s(100)
    rest = office.events()
    stamps = [int(event["timestamp"]) for event in rest]

    assert half in range(400, 600)
    assert half + len(rest) == 1000
    assert stamps == sorted(stamps)
    assert 85 < made["last_in_s"] < 115


@pytest.mark.parametrize(("same", "third"), [(True, "một"), (False, "hai")])
def test_who_asks_twice_asks_the_same_or_the_next(same, third):
    office = Office()
    crowd(office, people=3, times=2, texts=["một", "hai"], same=same)
    office.take()
    first_person = [question["text"] for question in people(office)[0]["questions"]]

    assert first_person == ["một", third]


def test_no_more_people_ask_than_follow():
    office = Office(followers=100)
    made = crowd(office, people=200, times=2, first=10, texts=["a"])
    by_app = {event["user_id_by_app"] for event in office.events()}

    assert (made["people"], made["questions"]) == (90, 180)
    assert len(by_app) == 90


def test_candidates_of_a_file_look_themselves_up(tmp_path):
    (tmp_path / "diem.csv").write_text("sbd,ngay_sinh\n02000001,1/2/2008\n02000002,3/4/2008\n02000003,5/6/2008\n", "utf-8")
    office = Office()
    crowd(office, people=2, file=str(tmp_path / "diem.csv"), form="tra điểm {sbd} {ngay_sinh}")

    assert [event["message"]["text"] for event in office.events()] == ["tra điểm 02000001 1/2/2008", "tra điểm 02000002 3/4/2008"]


def test_the_judge_sees_who_was_answered_with_what_and_how_late():
    office = Office()
    crowd(office, people=3, texts=["hỏi"])
    first, second, _ = office.events()
    answer(office, first, "đáp")
    office.pass_s(2)
    answer(office, second, "đáp")
    answer(office, second, "đáp nữa")
    answer(office, second, "tin bão", quote_message_id="")
    answer(office, second, "của người khác", quote_message_id=first["message"]["msg_id"])
    counts, told = office.state.talks.as_json(), {person["user_id"]: person for person in people(office)}

    assert {name: counts[name] for name in ("people", "questions", "answered", "twice", "unquoted")} == {
        "people": 3, "questions": 3, "answered": 2, "twice": 1, "unquoted": 2,
    }  # fmt: skip
    assert 2000 <= counts["max_ms"] < 3000
    of_second = told[second["sender"]["id"]]
    assert [said["text"] for said in of_second["questions"][0]["answers"]] == ["đáp", "đáp nữa"]
    assert [said["text"] for said in of_second["others"]] == ["tin bão", "của người khác"]
    assert of_second["questions"][0]["answers"][0]["ms"] >= 2000


def test_a_question_that_is_told_twice_is_one():
    office = Office(duplicates=1)
    crowd(office, people=1, texts=["hỏi"])

    assert len(office.events()) == 2
    assert office.state.talks.as_json()["questions"] == 1


def test_what_one_person_writes_is_a_question_too():
    office = Office()
    office.state.life.happen({"event_name": "user_send_text", "user_id": "77", "text": "xin hỏi"})
    [event] = office.events()
    answer(office, event, "xin đáp")

    assert office.state.talks.as_json()["answered"] == 1


def test_who_has_asked_nothing_is_not_told_of():
    office = Office()
    office.send("77")

    assert people(office) == []
    assert office.state.talks.as_json()["p50_ms"] is None


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"people": 5}, {"people": 5, "texts": []}, {"people": 5, "texts": [""]}, {"people": 5, "texts": ["a" * 2001]},
        {"people": 5, "texts": ["a"], "file": "b"}, {"people": 0, "texts": ["a"]}, {"people": 10**6, "times": 2, "texts": ["a"]},
        {"people": 5, "texts": ["a"], "per_s": -1}, {"people": 5, "texts": ["a"], "rate": 3},
        {"people": 5, "file": "/nowhere.csv"},
        {"people": 5, "texts": ["a"], "first": 100}, {"people": 5, "texts": ["a"], "account": "nobody"},
    ],
    ids=str,
)  # fmt: skip
def test_a_crowd_that_cannot_be_is_said(fields):
    with pytest.raises(UsageError):
        crowd(Office(followers=100), **fields)


@pytest.mark.parametrize("form", ["{name}", "{", "{0}", "{text.x}"])
def test_a_form_that_does_not_fit_its_file_is_said(form, tmp_path):
    (tmp_path / "a.csv").write_text("text\nhỏi\n", "utf-8")

    with pytest.raises(UsageError, match="does not fit"):
        crowd(Office(), people=1, file=str(tmp_path / "a.csv"), form=form)


def test_a_crowd_over_the_wire(sandbox_with, caller, listener, wait_until):
    sandbox = sandbox_with(webhook_url=listener.url, receipts=0)
    assert sandbox.crowd(people=2, texts=["hỏi"])["questions"] == 2
    wait_until(lambda: sandbox.webhooks()["heard"] == 2)
    caller(sandbox).say(sandbox.answers()[0]["user_id"])

    assert sandbox.questions()["unquoted"] == 1
