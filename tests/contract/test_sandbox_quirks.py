"""The quirks of the wire that any client of Zalo must live with; one test for each, named after it."""

import json
from urllib.parse import quote

import httpx
import pytest

PHONE = {"phone": "84912345678", "template_id": "311203", "template_data": {}, "tracking_id": "t"}
CS = {"recipient": {"user_id": "1"}, "message": {"text": "x"}}
DAY, NIGHT = "2026-09-18T14:00:00+07:00", "2026-09-18T23:00:00+07:00"


def test_01_failures_come_with_http_200_and_those_of_oauth_in_an_envelope_of_their_own(sandbox, caller):
    call = caller(sandbox)
    api = call.raw("POST", "/v3.0/oa/message/cs", json={})
    oauth = httpx.post(sandbox.url + "/v4/oa/access_token", data={"grant_type": "refresh_token"})
    assert api.status_code == oauth.status_code == 200
    assert set(api.json()) == {"error", "message"}
    assert set(oauth.json()) == {"error", "error_name", "error_reason", "error_description", "ref_doc"}


def test_02_a_token_that_is_missing_or_garbage_differs_from_one_that_is_over(sandbox, caller):
    call = caller(sandbox)
    old = call.token
    call.token = "garbage"
    garbage = [call.get("/v2.0/oa/getoa")["error"], call.plain("/message/quota")["error"]]
    missing = httpx.get(sandbox.url + "/v2.0/oa/getoa").json()["error"]
    sandbox.consent()
    call.token = old
    over = [call.get("/v2.0/oa/getoa")["error"], call.plain("/message/quota")["error"]]
    assert (garbage, missing, over) == ([-216, -124], -216, [-220, -124])


def test_03_a_refresh_kills_the_refresh_token_and_the_access_token_of_before(sandbox, caller):
    call = caller(sandbox)
    used = {"refresh_token": call.account.credentials.refresh_token}
    assert "access_token" in call.grant(**used)
    assert call.get("/v2.0/oa/getoa")["error"] == -220
    assert call.grant(**used)["error"] == -14014


def test_04_numbers_are_text_where_nobody_expects_it(sandbox, caller):
    call = caller(sandbox)
    sent = call.post("/message/template", **PHONE)["data"]
    assert call.grant(refresh_token=call.account.credentials.refresh_token)["expires_in"] == "90000"
    assert sent["sent_time"].isdigit()
    assert sent["quota"]["dailyQuota"].isdigit()


def test_05_the_oa_host_reads_one_json_parameter_and_the_business_host_plain_ones(sandbox_with, caller):
    call = caller(sandbox_with(followers=3))
    as_json = call.raw("GET", f"/v3.0/oa/user/getlist?data={quote(json.dumps({'offset': 2, 'count': 1}))}").json()
    assert as_json["data"]["offset"] == 2
    assert len(call.plain("/template/all", offset=0, limit=1)["data"]) == 1


def test_06_every_answer_carries_the_minutes_counter_and_the_oas_own_limit_has_another_text(sandbox_with, caller):
    call = caller(sandbox_with(app_per_minute=4, oa_per_minute=2, at=DAY))
    answers = [call.raw("GET", "/v2.0/oa/getoa") for _ in range(5)]
    assert [answer.headers["X-RateLimit-Remain"] for answer in answers] == ["3", "2", "1", "0", "0"]
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"4"}
    assert [answer.json()["error"] for answer in answers] == [0, 0, -32, -32, -32]
    assert answers[2].json()["message"] == "Your OA reached limit call api"


def test_07_lists_end_at_ten_thousand_and_details_may_be_empty(sandbox_with, caller):
    call = caller(sandbox_with(followers=12_000))
    last = call.get("/v3.0/oa/user/getlist", offset=9951, count=50)["data"]
    assert (last["total"], len(last["users"])) == (12_000, 50)
    assert set(last["users"][0]) == {"user_id"}
    assert call.get("/v3.0/oa/user/getlist", offset=9952, count=1)["error"] == -201
    assert call.get("/v3.0/oa/user/getlist", offset=0, count=51)["error"] == -210
    found = [call.get("/v3.0/oa/user/detail", user_id=user)["data"].get("shared_info") for user in call.people(40)]
    assert None in found
    assert {"address": "", "city": "", "district": "", "phone": 0, "name": "", "user_dob": ""} in found


def test_08_the_night_refuses_promotion_alone_and_seven_days_close_the_window(sandbox_with, caller):
    call = caller(sandbox_with(templates="strict", followers=30, stale=0.5, at=NIGHT))
    data = {"template_data": {"ma_tin": "A"}}
    users = call.people()
    assert {call.say(user)["error"] for user in users} == {0, -230}
    assert call.post("/v3.0/oa/message/template", user_id=users[0], template_id="311217", **data)["error"] == -234
    assert call.post("/v3.0/oa/message/template", user_id=users[0], template_id="311203", **data)["error"] == 0


def test_09_a_message_has_another_name_for_its_id_by_phone_and_in_events(sandbox_with, caller, listener, wait_until):
    sandbox = sandbox_with(webhook_url=listener.url, receipts=1, seen=0)
    call = caller(sandbox)
    by_uid, by_phone = call.say("1")["data"], call.post("/message/template", **PHONE)["data"]
    wait_until(lambda: len(listener.heard) == 2)
    assert "msg_id" not in by_uid
    assert "message_id" not in by_phone
    assert {event["message"]["msg_id"] for event in listener.events} == {by_uid["message_id"], by_phone["msg_id"]}


def test_10_events_are_signed_repeated_doubled_disordered_and_sometimes_never_come(sandbox_with, caller, listener, wait_until):
    sandbox = sandbox_with(webhook_url=listener.url, receipts=0.5, seen=0, duplicates=0.5, reordered=0.3)
    call = caller(sandbox)
    for number in range(30):
        call.say(str(number + 1))
    sandbox.tick(1)
    wait_until(lambda: sandbox.webhooks()["waiting"] == 0 and sandbox.webhooks()["heard"] == len(listener.heard))
    whom = [event["recipient"]["id"] for event in listener.events]
    assert 0 < len(set(whom)) < 30
    assert len(set(whom)) < len(whom)
    assert all(headers["x-zevent-signature"].startswith("mac=") for headers, _ in listener.heard)


def test_11_a_broadcast_has_one_id_for_all_and_its_article_is_made_by_and_by(sandbox_with, caller):
    call = caller(sandbox_with(followers=50, at=DAY))
    article = {
        "type": "normal", "title": "A", "description": "B", "cover": {"cover_type": "photo"},
        "body": [{"type": "text", "content": "C"}],
    }  # fmt: skip
    token = call.post("/v2.0/article/create", **article)["data"]["token"]
    assert call.post("/v2.0/article/verify", token=token)["error"] == -214
    call.sandbox.tick(5)
    element = {"media_type": "article", "attachment_id": call.post("/v2.0/article/verify", token=token)["data"]["id"]}
    message = {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": [element]}}}
    assert set(call.post("/v2.0/oa/message", recipient={"target": {}}, message=message)["data"]) == {"message_id"}
    call.sandbox.tick(1800)
    assert call.sandbox.broadcasts()[0]["people"] == 50


def test_12_what_was_uploaded_is_gone_after_seven_days(sandbox, caller):
    call = caller(sandbox)
    identity = call.raw("POST", "/v2.0/oa/upload/image", files={"file": ("a.png", b"x", "image/png")}).json()["data"][
        "attachment_id"
    ]
    payload = {"template_type": "media", "elements": [{"media_type": "image", "attachment_id": identity}]}
    message = CS | {"message": {"attachment": {"type": "template", "payload": payload}}}
    assert call.post("/v3.0/oa/message/cs", **message)["error"] == 0
    sandbox.tick(7 * 86_400)
    sandbox.consent()
    call.token = sandbox.credentials.access_token
    assert call.post("/v3.0/oa/message/cs", **message)["error"] == -100


@pytest.mark.parametrize("fault", ["reset_after", "truncated", "html", "http_429"])
def test_13_answers_are_lost_cut_off_replaced_or_refused_by_what_stands_between(sandbox_with, caller, fault):
    call = caller(sandbox_with(**{fault: 1}))
    try:
        answer = call.raw("POST", "/v3.0/oa/message/cs", json=CS)
    except httpx.TransportError:
        assert fault == "reset_after"
    else:
        assert answer.status_code == {"truncated": 200, "html": 502, "http_429": 429}[fault]
        assert not answer.text.endswith("}")
    assert call.sandbox.stats()["accepted"] == (fault != "http_429")
