"""Receipts and echoes of what was sent, in every reading of what Zalo's pages leave open; in one process, without a network."""

import hashlib
import json

import pytest

from tests.contract.event_office import Office
from zalo_alert.sandbox.webhooks import LADDER_S


def told(row):
    return [name for name, value in row.items() if value is True]


def test_what_was_told_and_heard_is_kept_for_each_message():
    office = Office(seen=1)
    office.send("1")
    office.take()
    office.send("2")
    before = office.receipts()[1]
    office.take(heard=False)
    office.send("3")
    office.take(heard=False, was_told=False)
    first, second, third = office.receipts()

    assert (first["user_id"], first["oa_id"]) == ("1", office.world.oas[0].oa_id)
    assert told(first) == ["delivered_told", "delivered_heard", "seen_told", "seen_heard"]
    assert told(before) == []
    assert told(second) == ["delivered_told", "seen_told"]
    assert told(third) == []
    assert office.counts()["by_name"]["user_seen_message"] == {"told": 2, "heard": 1, "unheard": 2}


def test_what_could_not_be_told_at_first_is_told_with_the_try_that_reaches_somebody():
    office = Office()
    office.send()
    office.take(heard=False, was_told=False)
    office.pass_s(LADDER_S[0])
    office.take()

    assert told(office.receipts()[0]) == ["delivered_told", "delivered_heard"]
    assert office.counts()["told"] == 1


def test_the_message_is_named_as_its_answer_named_it():
    office = Office()
    message_id = json.loads(office.send().body)["data"]["message_id"]

    assert office.receipts()[0]["msg_id"] == message_id
    assert office.events()[0]["message"]["msg_id"] == message_id


@pytest.mark.parametrize(("receipt_ms", "delay_s", "wait_s"), [(-250, 0.25, 0), (0, 0, 0), (5000, 0, 5)])
def test_receipts_come_before_the_answer_with_it_or_after_it(receipt_ms, delay_s, wait_s):
    office = Office(receipt_ms=receipt_ms)
    answer = office.send()
    office.pass_s(wait_s - 1 if wait_s else 0)
    at_first = office.take()
    office.pass_s(1)

    assert answer.delay_s == delay_s
    assert len(at_first) == (0 if wait_s else 1)
    assert len(at_first) + len(office.take()) == 1


def test_what_a_person_sees_may_be_told_in_one_event():
    office = Office(seen=1, seen_together=True)
    for user in ("1", "2", "1"):
        office.send(user)
    office.take()
    office.pass_s(1)
    [first, second] = office.events()

    assert (first["recipient"]["id"], len(first["message"]["msg_ids"])) == ("1", 2)
    assert (second["recipient"]["id"], len(second["message"]["msg_ids"])) == ("2", 1)
    assert all("seen_heard" in told(row) for row in office.receipts())
    office.send("1")
    office.pass_s(1)
    assert [len(event["message"]["msg_ids"]) for event in office.events() if event["event_name"] == "user_seen_message"] == [1]


@pytest.mark.parametrize(
    ("message", "name", "said"),
    [
        ({"text": "Bão số 3"}, "oa_send_text", {"text": "Bão số 3"}),
        (
            {
                "text": "xem",
                "attachment": {
                    "type": "template",
                    "payload": {"template_type": "media", "elements": [{"media_type": "image", "url": "https://a.vn/1.jpg"}]},
                },
            },
            "oa_send_image",
            {
                "text": "xem",
                "attachments": [{"type": "image", "payload": {"thumbnail": "https://a.vn/1.jpg", "url": "https://a.vn/1.jpg"}}],
            },
        ),
        (
            {
                "attachment": {
                    "type": "template",
                    "payload": {"template_type": "list", "elements": [{"title": "Bão", "subtitle": "số 3"}]},
                }
            },
            "oa_send_list",
            {"attachments": [{"type": "link", "payload": {"title": "Bão", "description": "số 3", "thumbnail": ""}}]},
        ),
    ],
    ids=["text", "image", "list"],
)
def test_an_oa_may_be_told_what_it_has_sent_itself(message, name, said):
    office = Office(echoes=True, receipts=0)
    answer = json.loads(office.send(recipient={"user_id": "77"}, message=message).body)
    [event] = office.events()

    assert event["event_name"] == name
    assert event["sender"] == {"id": office.world.oas[0].oa_id}  # no admin_id: no officer wrote it
    assert event["recipient"] == {"id": "77"}
    assert event["message"] == {**said, "msg_id": answer["data"]["message_id"]}
    assert told(office.receipts()[0]) == ["echo_told", "echo_heard"]


def test_a_message_by_template_is_echoed_and_one_by_phone_is_not():
    office = Office(echoes=True, receipts=0)
    office.send(path="/v3.0/oa/message/template", user_id="77", template_id="1", template_data={})
    office.send(path="/message/template", phone="84912345678", template_id="1", template_data={}, tracking_id="x")

    assert [event["event_name"] for event in office.events()] == ["oa_send_template"]


def test_a_message_whose_answer_is_lost_is_echoed_and_received_all_the_same():
    office = Office(echoes=True, http_500=1)
    assert office.send().status == 500
    assert {event["event_name"] for event in office.events()} == {"oa_send_text", "user_received_message"}


@pytest.mark.parametrize(
    ("retries", "was_told", "comes_again"),
    [("any", True, True), ("any", False, True), ("unopened", True, False), ("unopened", False, True)],
)
def test_both_readings_of_what_is_told_again(retries, was_told, comes_again):
    office = Office(retries=retries)
    office.send()
    office.take(heard=False, was_told=was_told)
    office.pass_s(LADDER_S[0])

    assert len(office.take()) == comes_again
    assert office.counts()["lost"] == (not comes_again)


@pytest.mark.parametrize("is_fresh", [False, True])
def test_what_is_told_again_has_the_same_bytes_or_the_time_of_the_try(is_fresh):
    office = Office(fresh_retries=is_fresh)
    office.send()
    [once] = office.take(heard=False)
    body, signature = once.body, once.signature
    office.pass_s(LADDER_S[0])
    [again] = office.take()

    assert (again.body == body, again.signature == signature) == (not is_fresh, not is_fresh)
    assert int(json.loads(again.body)["timestamp"]) - int(json.loads(body)["timestamp"]) >= (30_000 if is_fresh else 0)
    assert again.signature == signed(office, again.body)


def test_the_ladder_may_be_short():
    office = Office(ladder=0)
    office.send()
    assert len(office.take(heard=False)) == 1 + len(LADDER_S)
    assert office.counts() | {"is_on": False, "lost": 1, "waiting": 0} == office.counts()


def test_a_secret_that_nobody_knows_signs_some_events():
    office = Office(wrong_secret=1)
    office.send()
    [delivery] = office.take()
    assert delivery.signature != signed(office, delivery.body)


@pytest.mark.parametrize(("oa_secrets", "are_one"), [("oa", False), ("app", True)])
def test_secrets_are_an_oas_own_or_its_apps(oa_secrets, are_one):
    office = Office(oas=3, oa_secrets=oa_secrets)
    before = [oa.secret for oa in office.world.oas]
    fresh = office.world.renew_secret(office.world.oas[1])
    after = [oa.secret for oa in office.world.oas]

    assert len(set(before)) == (1 if are_one else 3)
    assert after == ([fresh] * 3 if are_one else [before[0], fresh, before[2]])


def signed(office, body):
    oa = office.world.oas[0]
    text = oa.app.app_id.encode() + body + json.loads(body)["timestamp"].encode() + oa.secret.encode()
    return hashlib.sha256(text).hexdigest()
