"""What people do by the hundred, albums, visitors without a name, the console's test, and OAs that nobody has named."""

import json
import urllib.error

import pytest

from tests.contract.event_office import Office
from zalo_alert.errors import UsageError

PICTURES = [{"type": "image", "payload": {"url": f"https://a.vn/{number}.jpg"}} for number in range(3)]


def happen(office, event_name, **fields):
    office.state.life.happen({"event_name": event_name, **fields})
    return office.events()


def wave(office, event_name, **fields):
    return office.state.waves.happen({"event_name": event_name, **fields})["people"]


@pytest.mark.parametrize(("albums", "events", "ids"), [("one", 1, 1), ("many", 3, 3), ("same", 3, 1)])
def test_an_album_is_one_event_or_many(albums, events, ids):
    told = happen(Office(albums=albums), "user_send_image", user_id="77", attachments=PICTURES)

    assert len(told) == events
    assert len({event["message"]["msg_id"] for event in told}) == ids
    assert [picture for event in told for picture in event["message"]["attachments"]] == PICTURES


def test_the_consoles_test_is_always_the_same():
    office = Office()
    [once] = happen(office, "console_test")
    [again] = happen(office, "console_test")

    assert once["event_name"] == "user_send_text"
    assert once["message"] == {"msg_id": "This is message id", "text": "This is testing message"}
    assert {**once, "timestamp": ""} == {**again, "timestamp": ""}


def test_a_visitor_without_a_name_has_a_conversation():
    [event] = happen(Office(), "anonymous_send_text", text="xin hỏi", conversation_id="c1")

    assert list(event) == ["app_id", "sender", "recipient", "event_name", "message", "timestamp"]
    assert event["message"] | {"msg_id": ""} == {"text": "xin hỏi", "msg_id": "", "conversation_id": "c1"}


def test_an_oa_that_no_account_names_tells_of_its_people():
    office = Office(oa_secrets="app", followers=10)
    [event] = happen(office, "user_send_text", account="stranger", user_id="77")

    assert event["app_id"] == office.world.oas[0].app.app_id
    assert event["recipient"]["id"] not in office.world.by_id
    assert office.world.stranger.secret == office.world.oas[0].secret


def test_followers_write_leave_and_come_back():
    office = Office(followers=100)
    assert wave(office, "user_send_text", people=20, first=5, text="STOP") == 20
    written = office.events()
    assert wave(office, "unfollow", people=200) == 100
    left = office.events()
    is_left = {user: office.world.follows(office.world.oas[0], user) for user in (event["follower"]["id"] for event in left)}
    wave(office, "follow", user_ids=list(is_left)[:3])

    assert {event["message"]["text"] for event in written} == {"STOP"}
    assert len({event["sender"]["id"] for event in written}) == 20
    assert len(is_left) == 100
    assert not any(is_left.values())
    assert [event["event_name"] for event in office.events()] == ["follow"] * 3


def test_those_who_were_reached_answer_over_some_time():
    office = Office(receipts=0)
    for user in ("1", "2", "1", "3"):
        office.send(user)
    assert wave(office, "user_send_text", people=10, over_s=60, text="an toàn") == 3
    first = office.events()
    office.pass_s(20)
    second = office.events()
    office.pass_s(20)
    [third] = office.events()

    assert [event["sender"]["id"] for event in (*first, *second, third)] == ["1", "2", "3"]
    assert int(third["timestamp"]) - int(first[0]["timestamp"]) in range(39_000, 41_001)


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"people": 0}, {"people": "5"}, {"people": 10**9}, {"people": 5, "first": -1}, {"people": 5, "first": 100},
        {"people": 5, "over_s": -1}, {"people": 5, "over_s": "x"}, {"people": 5, "over_s": float("nan")}, {"user_ids": "5"},
        {"user_ids": [5]}, {"user_ids": ["5"], "people": 5}, {"people": 5, "account": "nobody"},
        {"people": 5, "attachments": [1]},
    ],
    ids=str,
)  # fmt: skip
def test_a_wave_that_cannot_be_is_said(fields):
    with pytest.raises(UsageError):
        wave(Office(followers=100), "user_send_image", **fields)


def test_waves_secrets_and_receipts_over_the_wire(sandbox_with, caller, listener, wait_until):
    sandbox = sandbox_with(webhook_url=listener.url, receipts=1, seen=0)
    caller(sandbox).say("77")
    assert sandbox.wave("user_send_text", people=1, text="an toàn") == 1
    wait_until(lambda: sandbox.webhooks()["waiting"] == 0 and sandbox.webhooks()["heard"] == 2)

    assert [row["user_id"] for row in sandbox.receipts() if row["delivered_heard"]] == ["77"]
    assert sandbox.renew_secret() != sandbox.credentials.oa_secret
    with pytest.raises(urllib.error.HTTPError) as refused:
        sandbox.wave("user_send_text", people=-1)
    assert json.loads(refused.value.read())["problem"].startswith("people is a whole number")
