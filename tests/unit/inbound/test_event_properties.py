"""Whatever comes: bytes changed at random, values of any type anywhere, and signatures that openssl has made."""

import json
import random
import shutil
import subprocess

import orjson
import pytest

from tests.webhook_events import APP, receipt, said
from zalo_alert.foundation.secret import Secret
from zalo_alert.inbound.event import KEY_BYTES, Event, Lane, Unreadable, read_event, read_whole, receipts_in
from zalo_alert.inbound.signature import is_right, mac_of

TRUE = (
    said(),
    said(event_name="follow", message=None, oa_id="1", follower={"id": "2"}),
    said(event_name="anonymous_send_text", message={"msg_id": "m", "conversation_id": "c", "text": "x"}),
    receipt("user_received_message", {"msg_id": "m", "tracking_id": "t", "delivery_time": "1602960467432"}),
    receipt("user_seen_message", {"msg_ids": ["a", "b"]}),
    receipt("oa_send_text", {"msg_id": "m", "text": "bão số 7"}),
)
ODD: tuple[object, ...] = (
    None, True, False, 0, -1, 1.5, 2**63, 2**64, 10**400, "", "x" * 300, "\0", "\u202e", "\ud83d", "0", "-5", "٣", [], {}, [[]],
    {"id": {"id": "1"}}, ["1"], {"": ""}, "1e5", float("nan"), float("inf"),
)  # fmt: skip


def check(body):
    """Read an event and all it says: either in its form, or `Unreadable` with what could be told of it."""
    try:
        event, whole = read_whole(body, "ab")
    except Unreadable as exc:
        event = exc.event
        assert event.name == ""
    else:
        receipts = receipts_in(event, whole) if event.lane is Lane.RECEIPT else []
        assert [one.part for one in receipts] == list(range(len(receipts)))
        assert event.lane is Lane.MESSAGE or receipts
        assert all(isinstance(value, str) and len(value) <= 256 for one in receipts for value in (one.msg_id, one.tracking_id))
        assert all(0 <= one.at_ms < 2**63 for one in receipts)
    assert isinstance(event, Event)
    assert len(event.key) == (0 if event.lane is Lane.RECEIPT else KEY_BYTES)
    assert 0 <= event.event_ms < 2**63
    for text in event[1:6]:
        text.encode()  # no half characters
        assert "\0" not in text


@pytest.mark.parametrize("seed", range(4))
def test_bytes_changed_at_random(seed):
    rng = random.Random(seed)
    for _ in range(400):
        body = bytearray(rng.choice(TRUE))
        for _ in range(rng.randrange(1, 8)):
            at = rng.randrange(len(body))
            match rng.randrange(4):
                case 0:
                    body[at] = rng.randrange(256)
                case 1:
                    del body[at : at + rng.randrange(1, 20)]
                case 2:
                    body[at:at] = rng.choice((b"[", b"{", b'"', b"\\ud800", b"\\u0000", b"9" * 30, b"\xff", b"NaN"))
                case _:
                    body[at:at] = body[: rng.randrange(40)]
            if not body:
                break
        check(bytes(body))


def test_any_value_anywhere():
    for body in TRUE:
        whole = orjson.loads(body)
        for path in list(paths(whole)):
            for value in ODD:
                changed = orjson.loads(body)
                put(changed, path, value)
                check(json.dumps(changed).encode())


def paths(value, path=()):
    for key, inside in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from paths(inside, (*path, key))


def put(whole, path, value):
    for key in path[:-1]:
        whole = whole[key]
    whole[path[-1]] = value


@pytest.mark.parametrize("body", [b"[" * 500_000, b'{"a":' * 200_000 + b"1" + b"}" * 200_000, b"[" + b"[]," * 300_000 + b"[]]"])
def test_bombs(body):
    check(body)


def test_one_key_for_one_message_and_no_other():
    events = [
        said(), said(timestamp="1787209817226"), said(user_id_by_app=None),
        said(message={"msg_id": "96d3cdf3af150460909", "text": "nước lên"}),
        json.dumps(orjson.loads(said()), indent=1).encode(),
    ]  # fmt: skip
    assert len({read_event(body, f"{number}").key for number, body in enumerate(events)}) == 1
    others = [
        said(message={"msg_id": "m1", "text": "x"}), said(message={"msg_id": "m2", "text": "x"}),
        said(message={"msg_id": "m1", "text": "y"}), said(message={"msg_id": "m1", "text": "x"}, recipient={"id": "7"}),
        said(message={"msg_id": "m1", "text": "x"}, event_name="user_send_link"),
        said(message={"msg_id": "m1", "text": "x", "attachments": []}),
        said(message={"msg_id": "m1", "text": 0}).replace(b":0}", b":1180591620717411303424}"),
    ]  # fmt: skip
    assert len({read_event(body, "ab").key for body in others}) == len(others)


def said_with(text):
    return said().replace("nước lên".encode(), text)


def test_retries_with_another_time_are_the_same_also_where_the_slow_way_reads_them():
    half, whole = said_with(rb"cuu \ud83d"), said_with(rb"cuu \ufffd")
    assert read_event(half, "ab").key == read_event(half.replace(b"1787209817225", b"1787209847225"), "cd").key
    assert read_event(half, "ab").person == read_event(whole, "ab").person


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
@pytest.mark.parametrize("body", TRUE[:3])
def test_a_signature_that_openssl_has_made(body):
    stamp, secret = read_event(body, "").stamp, "k3y/+= bí mật không dấu"[:8]
    made = subprocess.run(
        ["openssl", "dgst", "-sha256", "-r"], input=APP.encode() + body + stamp + secret.encode(), capture_output=True, check=True
    )
    mac = made.stdout.split()[0].decode()
    assert mac_of(APP, body, stamp, Secret(secret)) == mac
    assert is_right(f"mac={mac}", APP, body, stamp, [Secret("other"), Secret(secret)]) == 1
    for wrong in (mac[:-1], mac + "0", "mac=", "sha256=" + mac, mac.replace(mac[0], "é", 1), "mac=" + mac[::-1]):
        assert is_right(wrong, APP, body, stamp, [Secret(secret)]) is None
