"""Events: signed, told again by the ladder, doubled and out of order; and what happens when people and Zalo act."""

import hashlib
import urllib.error

import pytest

from zalo_alert.errors import UsageError
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.webhooks import LADDER_S, sign

PHONE = {"phone": "84912345678", "template_id": "311203", "template_data": {}, "tracking_id": "tw-1"}


@pytest.fixture
def heard(sandbox_with, listener):
    """A sandbox that tells every receipt."""
    return sandbox_with(webhook_url=listener.url, receipts=1, seen=0, at="2026-09-18T14:00:00")


def test_a_message_is_told_to_be_received_and_seen(sandbox_with, caller, listener, wait_until):
    sandbox = sandbox_with(webhook_url=listener.url, receipts=1, seen=1)
    sent = caller(sandbox).say("246845883529197922")["data"]
    wait_until(lambda: len(listener.heard) == 2)
    by_name = {event["event_name"]: event for event in listener.events}

    assert by_name["user_received_message"] | {"timestamp": ""} == {
        "app_id": sandbox.accounts[0].app_id, "sender": {"id": sandbox.accounts[0].oa_id},
        "recipient": {"id": "246845883529197922"}, "event_name": "user_received_message",
        "message": {"msg_id": sent["message_id"]}, "timestamp": "",
    }  # fmt: skip
    assert by_name["user_seen_message"]["message"] == {"msg_ids": [sent["message_id"]]}


def test_a_receipt_by_phone_has_its_moment_and_the_senders_mark(heard, caller, listener, wait_until):
    call = caller(heard)
    sent = call.post("/message/template", **PHONE)["data"]
    wait_until(lambda: listener.heard)
    headers, event = listener.heard[0][0], listener.events[0]

    assert headers["x-zevent-server"] == "ZNS"
    assert event["recipient"] == {"id": "84912345678"}
    assert event["message"] == {"delivery_time": event["timestamp"], "msg_id": sent["msg_id"], "tracking_id": "tw-1"}
    assert call.plain("/message/status", message_id=sent["msg_id"])["data"]["status"] == 1
    assert call.plain("/message/status", message_id="0" * 20)["data"]["status"] == -1
    assert call.plain("/message/status")["error"] == -107


def test_the_signature_is_a_plain_hash_over_the_bytes_as_sent(heard, caller, listener, wait_until):
    caller(heard).say("1")
    wait_until(lambda: listener.heard)
    headers, body = listener.heard[0]
    account = heard.accounts[0]
    stamp = listener.events[0]["timestamp"]
    text = account.app_id.encode() + body + stamp.encode() + account.credentials.oa_secret.encode()

    assert headers["x-zevent-signature"] == "mac=" + hashlib.sha256(text).hexdigest()
    assert headers["x-zevent-server"] == "OA OpenAPI"
    assert headers["user-agent"] == "ZaloWebhook"
    assert "num_retry" not in headers
    assert len(stamp) == 13


def test_a_known_signature():
    assert sign("1", b"{}", "2", "s") == hashlib.sha256(b"1{}2s").hexdigest()


def test_what_is_not_heard_is_told_again_up_the_ladder_and_then_no_more(heard, caller, listener, wait_until):
    listener.status = 500
    caller(heard).say("1")
    for step, wait_s in enumerate(LADDER_S):
        wait_until(lambda step=step: heard.webhooks()["unheard"] == step + 1)
        heard.tick(wait_s - 1)
        assert heard.webhooks()["unheard"] == step + 1
        heard.tick(1)
    wait_until(lambda: not heard.webhooks()["is_on"])

    assert [headers.get("num_retry") for headers, _ in listener.heard] == [None, "1", "2", "3", "4", "5"]
    assert len({body for _, body in listener.heard}) == 1
    listener.status = 200
    caller(heard).say("1")
    assert heard.webhooks()["waiting"] == 0
    heard.change(webhook_url=listener.url)  # somebody enables it again
    caller(heard).say("1")
    wait_until(lambda: heard.webhooks()["heard"] == 1)


def test_nobody_listening_is_told_again_too(heard, caller, listener, wait_until):
    heard.change(webhook_url="http://127.0.0.1:1/nobody")
    caller(heard).say("1")
    wait_until(lambda: heard.webhooks()["unheard"] == 1)
    heard.change(webhook_url=listener.url)
    heard.tick(30)
    wait_until(lambda: listener.heard)
    assert listener.heard[0][0]["num_retry"] == "1"


def test_some_receipts_never_come(sandbox_with, caller, listener, wait_until):
    sandbox = sandbox_with(webhook_url=listener.url, receipts=0.5, seen=0)
    call = caller(sandbox)
    for number in range(40):
        call.say(str(number + 1))
    wait_until(lambda: sandbox.webhooks()["waiting"] == 0 and sandbox.webhooks()["heard"] == len(listener.heard) > 0)
    assert 8 < len(listener.heard) < 32


def test_events_come_twice_and_out_of_order_when_asked_for(sandbox_with, caller, listener, wait_until):
    sandbox = sandbox_with(webhook_url=listener.url, receipts=1, seen=0, duplicates=1, reordered=1)
    call = caller(sandbox)
    call.say("1")
    sandbox.change(reordered=0)
    call.say("2")
    wait_until(lambda: len(listener.heard) == 2)
    assert {event["recipient"]["id"] for event in listener.events} == {"2"}
    sandbox.tick(1)
    wait_until(lambda: len(listener.heard) == 4)
    assert [event["recipient"]["id"] for event in listener.events[2:]] == ["1", "1"]


def test_following_and_leaving_change_whom_a_message_reaches(sandbox_with, caller, listener, wait_until):
    sandbox = sandbox_with(webhook_url=listener.url, followers=10, receipts=0)
    call = caller(sandbox)
    user = call.people()[0]
    left = sandbox.happen("unfollow", user_id=user)
    assert call.say(user)["error"] == -213
    assert user not in {row["user_id"] for row in call.get("/v3.0/oa/user/getlist", is_follower="true")["data"]["users"]}
    sandbox.happen("follow", user_id=user, source="message_invite")
    assert call.say(user)["error"] == 0
    wait_until(lambda: len(listener.heard) == 2)

    assert list(left) == ["oa_id", "follower", "user_id_by_app", "event_name", "source", "app_id", "timestamp"]
    assert {event["source"] for event in listener.events} == {"oa_profile", "message_invite"}


def test_whoever_writes_may_be_answered_eight_times(sandbox_with, caller):
    sandbox = sandbox_with(followers=10, stale=1)
    call = caller(sandbox)
    user = call.people()[0]
    assert call.say(user)["error"] == -230
    written = sandbox.happen("user_send_text", user_id=user, text="#giúp")
    reply = {"recipient": {"message_id": written["message"]["msg_id"]}, "message": {"text": "vâng"}}

    assert call.say(user)["error"] == 0  # an interaction opens the window again
    assert [call.post("/v3.0/oa/message/cs", **reply)["error"] for _ in range(9)] == [0] * 8 + [-211]
    assert call.post("/v3.0/oa/message/cs", **reply | {"recipient": {"message_id": "none"}})["error"] == -201


def test_what_a_person_fills_in_is_in_their_details(sandbox_with, caller):
    sandbox = sandbox_with(followers=10)
    call = caller(sandbox)
    user = call.people()[3]
    info = {
        "name": "Lê Văn Tám", "phone": "84912345678", "user_dob": "30/10/1999", "gender": "Nam",
        "full_address": {"user_city": "Thành phố Huế", "user_ward": "Phường Thuận Hóa", "user_address": "1 Lê Lợi"},
    }  # fmt: skip
    event = sandbox.happen("user_submit_info", user_id=user, info=info)
    shared = call.get("/v3.0/oa/user/detail", user_id=user)["data"]["shared_info"]

    assert event["info"] == info
    assert shared == {
        "address": "1 Lê Lợi", "city": "Thành phố Huế", "district": "", "phone": 84912345678, "name": "Lê Văn Tám",
        "user_dob": "30/10/1999",
    }  # fmt: skip


def test_zalo_judges_templates_and_quotas(sandbox_with, caller):
    sandbox = sandbox_with(templates="strict", quota=5)
    call = caller(sandbox)
    message = {"user_id": "1", "template_id": "311218", "template_data": {"ma_tin": "A"}}
    assert call.post("/v3.0/oa/message/template", **message)["error"] == -131
    judged = sandbox.happen("change_template_status", template_id="311218", new_status="ENABLE")
    quota = sandbox.happen("change_oa_daily_quota", new_value=2000)

    assert call.post("/v3.0/oa/message/template", **message)["error"] == 0
    assert judged["status"] == {"prev_status": "PENDING_REVIEW", "new_status": "ENABLE"}
    assert quota["oaId"] == sandbox.accounts[0].oa_id
    assert quota["quota"] == {"prev_value": 5, "new_value": 2000}
    assert call.plain("/message/quota")["data"]["dailyQuota"] == 2000


@pytest.mark.parametrize(
    "asked",
    [
        {"event_name": "nonsense"},
        {"event_name": "follow"},
        {"event_name": "follow", "user_id": "x"},
        {"event_name": "user_submit_info", "user_id": "1"},
        {"event_name": "change_template_status", "template_id": "1", "new_status": "ENABLE"},
        {"event_name": "change_template_status", "template_id": "311203", "new_status": "x"},
        {"event_name": "follow", "user_id": "1", "account": "nobody"},
    ],
)
def test_what_cannot_happen_is_said(sandbox, asked):
    with pytest.raises(urllib.error.HTTPError, match="400"):
        sandbox.happen(**asked)


@pytest.mark.parametrize("url", ["https://zalo.me/x", "http://zalo.me/", "http://192.0.2.1/", "x", "http://127.0.0.1:0/"])
def test_events_never_leave_this_machine(url):
    with pytest.raises(UsageError):
        Options(webhook_url=url)
