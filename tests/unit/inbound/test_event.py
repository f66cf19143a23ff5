import pytest

from tests.webhook_events import APP, OA, PERSON, receipt, said
from zalo_alert.inbound.event import Lane, ReceiptKind, Unreadable, read_event, receipts_of


def test_what_a_person_says():
    event = read_event(said(), "ab")
    assert event[1:] == (
        APP, OA, PERSON, "552177279717587730", "user_send_text", 1787209817225, b"1787209817225", Lane.MESSAGE,
    )  # fmt: skip
    assert len(event.key) == 16


@pytest.mark.parametrize(
    ("changes", "oa", "person"),
    [
        ({"event_name": "follow", "oa_id": OA, "follower": {"id": PERSON}, "sender": None, "recipient": None}, OA, PERSON),
        ({"event_name": "user_click_chatnow", "oa_id": OA, "user_id": PERSON, "sender": None, "recipient": None}, OA, PERSON),
        ({"event_name": "change_oa_daily_quota", "oaId": OA, "sender": None, "recipient": None}, OA, ""),
        ({"event_name": "oa_send_text", "sender": {"id": OA, "admin_id": "1"}, "recipient": {"id": PERSON}}, OA, PERSON),
        ({"event_name": "new", "oa_id": OA, "sender": {"id": OA}, "recipient": {"id": PERSON}}, OA, PERSON),
        ({"sender": {"id": int(PERSON)}, "recipient": {"id": int(OA)}}, OA, PERSON),
        ({"event_name": "anonymous_send_text", "sender": {"id": "a1"}, "message": {"conversation_id": "c"}}, OA, "a1"),
    ],
)
def test_whose_it_is(changes, oa, person):
    event = read_event(said(**changes), "ab")
    assert (event.oa, event.person, event.lane) == (oa, person, Lane.MESSAGE)


def test_an_id_beyond_what_a_number_holds():
    body = said(sender={"id": 1}).replace(b'{"id":1}', b'{"id":%d}' % (2**64 + 1))
    assert read_event(body, "ab").person == str(2**64 + 1)


def test_a_message_has_one_key_however_it_is_signed_and_written():
    again = said(timestamp="1787209847225", message={"msg_id": "96d3cdf3af150460909", "text": "nước lên"})
    assert read_event(said(), "ab").key == read_event(again, "cd").key


def test_the_same_message_with_other_content_is_another_event_of_the_same_half():
    one = read_event(said(), "ab").key
    other = read_event(said(message={"text": "cứu", "msg_id": "96d3cdf3af150460909"}), "ab").key
    assert one != other
    assert one[:8] == other[:8]


def test_an_event_without_a_message_is_known_by_its_signature():
    follow = said(event_name="follow", message=None)
    assert read_event(follow, "AB").key == read_event(follow, "ab").key
    assert read_event(follow, "ab").key != read_event(follow, "ac").key


def test_each_test_from_the_console_is_another():
    test = said(message={"text": "This is testing message", "msg_id": "This is message id"})
    assert read_event(test, "ab").key != read_event(test, "ab").key


@pytest.mark.parametrize(
    ("name", "message", "kind", "msg_ids"),
    [
        ("user_received_message", {"msg_id": "m1"}, ReceiptKind.RECEIVED, ["m1"]),
        ("user_seen_message", {"msg_ids": ["m1", 2]}, ReceiptKind.SEEN, ["m1", "2"]),
        ("user_seen_message", {"msg_ids": []}, ReceiptKind.SEEN, [""]),
        ("user_seen_message", {"msg_ids": [{}, "m2"]}, ReceiptKind.SEEN, ["", "m2"]),
        ("oa_send_text", {"msg_id": "m1", "text": "x"}, ReceiptKind.ECHO, ["m1"]),
        ("user_feedback", {"msg_id": "m1", "rate": 3}, ReceiptKind.FEEDBACK, ["m1"]),
    ],
)
def test_receipts(name, message, kind, msg_ids):
    body = receipt(name, message, oa_id=OA)
    assert read_event(body, "ab").lane is Lane.RECEIPT
    assert [(one.part, one.oa, one.person, one.kind, one.msg_id) for one in receipts_of(body)] == [
        (part, OA, PERSON, kind, msg_id) for part, msg_id in enumerate(msg_ids)
    ]


def test_a_receipt_by_phone_says_so_and_when_it_was():
    body = receipt("user_received_message", {"msg_id": "m", "tracking_id": "t", "delivery_time": "1602960467432"})
    (only,) = receipts_of(body)
    assert (only.is_by_phone, only.tracking_id, only.at_ms) == (True, "t", 1602960467432)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff", b"[]", b"null", b"{", b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5000,
        said(event_name=None), said(app_id=None), said(timestamp="soon"), said(timestamp=str(2**63)), said(sender={"id": [1]}),
        said(sender={"id": "a\0b"}), said(sender={"id": "1" * 300}), said(event_name=True), said(sender={"id": 1.5}),
    ],
)  # fmt: skip
def test_what_is_no_event(body):
    with pytest.raises(Unreadable):
        read_event(body, "ab")


def test_what_is_no_event_can_still_be_checked_and_kept():
    with pytest.raises(Unreadable) as caught:
        read_event(said(event_name=None), "ab")
    event = caught.value.event
    assert (event.app_id, event.oa, event.stamp, event.name) == (APP, OA, b"1787209817225", "")


def test_nor_is_the_oa_lost_where_it_is_the_sender():
    with pytest.raises(Unreadable) as caught:
        read_event(receipt("user_seen_message", {}, user_id_by_app=[1]), "ab")
    assert caught.value.event.oa == OA


def test_half_a_character_does_not_cost_the_rest():
    body = said().replace("nước lên".encode(), rb"cuu \ud83d")
    assert read_event(body, "ab").person == PERSON
