"""The message calls: what each may hold, by which template, to whom and at what hour."""

import hashlib

import pytest

from zalo_alert.sandbox import synthetic

NOON, NIGHT = "2026-09-18T12:00:00+07:00", "2026-09-18T22:00:00+07:00"
CS, BY_UID, BY_PHONE = "/v3.0/oa/message/cs", "/v3.0/oa/message/template", "/message/template"
DATA = {"ma_tin": "A"}
PHONE = {"phone": "84912345678", "template_id": "311203", "template_data": DATA, "tracking_id": "t"}
LEGACY = {
    "recipient": {"user_id": "1"},
    "message": {"attachment": {"type": "template", "payload": {"template_type": "promotion", "elements": [{"type": "text"}]}}},
}


def attached(kind="template", **payload):
    return {"recipient": {"user_id": "1"}, "message": {"attachment": {"type": kind, "payload": payload}}}


def media(**element):
    return attached(template_type="media", elements=[element])


def asking(**element):
    element = {"title": "Xin thông tin", "subtitle": "Để báo đúng nơi", "image_url": "https://x.vn/a.jpg"} | element
    return attached(template_type="request_user_info", elements=[element])


def buttons(*given):
    element = {"media_type": "image", "url": "https://x.vn/a.jpg"}
    return attached(template_type="media", elements=[element], buttons=list(given))


def with_text(body):
    return {**body, "message": {"text": "Chọn một mục.", **body["message"]}}


def button(kind, payload, title="Xem"):
    return {"title": title, "type": kind, "payload": payload}


GOOD = {
    "image": media(media_type="image", url="https://x.vn/a.jpg"),
    "gif": media(media_type="gif", url="https://x.vn/a.gif", width=10, height=10),
    "sticker": media(media_type="sticker", attachment_id="abc"),
    "question": asking(),
    "list": attached(template_type="list", elements=[{"title": "A", "subtitle": "B"}, {"title": "C"}]),
    "quote": {"recipient": {"user_id": "1"}, "message": {"text": "x", "quote_message_id": "m"}},
    "url": buttons(button("oa.open.url", {"url": "https://x.vn"})),
    "query": buttons(button("oa.query.show", "#giúp"), button("oa.query.hide", "x" * 1000)),
    "phone": buttons(button("oa.open.phone", {"phone_code": "84912345678"})),
    "sms": buttons(button("oa.open.sms", {"content": "x" * 160, "phone_code": "84912345678"})),
    "text and buttons": with_text(attached(buttons=[button("oa.query.show", "le-phi")])),
    "longest": {"recipient": {"user_id": "1"}, "message": {"text": "ế" * 2000}},
}
BAD = {
    "no message": ({"recipient": {"user_id": "1"}}, -201),
    "no recipient": ({"message": {"text": "x"}}, -201),
    "too long": ({"recipient": {"user_id": "1"}, "message": {"text": "x" * 2001}}, -210),
    "empty": ({"recipient": {"user_id": "1"}, "message": {"text": ""}}, -210),
    "number": ({"recipient": {"user_id": "1"}, "message": {"text": 5}}, -201),
    "image twice": (media(media_type="image", url="https://x.vn/a.jpg", attachment_id="a"), -201),
    "image never": (media(media_type="image"), -201),
    "image of nobody": (media(media_type="image", attachment_id="a"), -201),
    "gif without sides": (media(media_type="gif", url="https://x.vn/a.gif"), -201),
    "song": (media(media_type="song"), -233),
    "two images": (attached(template_type="media", elements=[{"media_type": "image"}] * 2), -210),
    "no elements": (attached(template_type="media", elements=[]), -201),
    "unknown kind": (attached(template_type="poem", elements=[{}]), -233),
    "unknown attachment": (attached("poem", token="x"), -233),
    "file of nobody": (attached("file", token="x"), -201),
    "question too long": (asking(title="x" * 101), -210),
    "question without picture": (asking(image_url=None), -201),
    "list too long": (attached(template_type="list", elements=[{"title": "A", "subtitle": "B"}] * 6), -210),
    "list without subtitle": (attached(template_type="list", elements=[{"title": "A"}]), -201),
    "six buttons": (buttons(*[button("oa.open.url", {"url": "https://x.vn"})] * 6), -210),
    "long title": (buttons(button("oa.open.url", {"url": "https://x.vn"}, "x" * 101)), -210),
    "unknown action": (buttons(button("oa.open.door", {})), -201),
    "long query": (buttons(button("oa.query.show", "x" * 1001)), -210),
    "bad phone": (buttons(button("oa.open.phone", {"phone_code": "0912"})), -201),
    "long sms": (buttons(button("oa.open.sms", {"content": "x" * 161, "phone_code": "84912345678"})), -210),
    "bad url": (buttons(button("oa.open.url", {"url": "x"})), -201),
    "no button": (buttons("x"), -201),
    "buttons alone": (attached(buttons=[button("oa.query.show", "le-phi")]), -233),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_consultation_message_may_be(shared, caller, name):
    assert caller(shared).post(CS, **GOOD[name])["error"] == 0


@pytest.mark.parametrize("name", BAD)
def test_a_consultation_message_may_not_be(shared, caller, name):
    message, code = BAD[name]
    before = shared.stats()["accepted"]
    assert caller(shared).post(CS, **message)["error"] == code
    assert shared.stats()["accepted"] == before


@pytest.mark.parametrize(
    ("template_id", "data", "by_uid", "by_phone"),
    [
        ("311203", {"ma_tin": "A", "tinh": "Huế"}, 0, 0),
        (311203, {"ma_tin": "A"}, 0, 0),
        ("311215", {"ma_tin": "A", "ngay": "18/09/2026", "m3s": 1200}, 0, 0),
        ("999999", DATA, -109, -109),
        ("x", DATA, -109, -109),
        ("298001", DATA, -249, 0),
        ("311221", {"otp": "1"}, -249, 0),
        ("311218", DATA, -131, -131),
        ("311219", DATA, -131, -131),
        ("311220", DATA, -131, -131),
        ("311203", {}, -111, -111),
        ("311203", None, -111, -111),
        ("311203", {"tinh": "Huế"}, -1122, -1122),
        ("311203", {"ma_tin": "A", "x": "y"}, -112, -112),
        ("311203", {"ma_tin": "x" * 31}, -1121, -1121),
        ("311215", {"ma_tin": "A", "ngay": "2026-09-18", "m3s": "1200"}, -1124, -1124),
        ("311215", {"ma_tin": "A", "ngay": "18/09/2026", "m3s": "nhiều"}, -1124, -1124),
        ("311203", {"ma_tin": ["A"]}, -1124, -1124),
    ],
)
def test_a_template_is_held_to_what_was_approved(strict, caller, template_id, data, by_uid, by_phone):
    call = caller(strict)
    assert call.post(BY_UID, user_id="1", template_id=template_id, template_data=data)["error"] == by_uid
    assert call.post(BY_PHONE, **PHONE | {"template_id": template_id, "template_data": data})["error"] == by_phone


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"phone": "+84912345678"}, 0),
        ({"phone": "0912345678"}, -108),
        ({"phone": "8491234567"}, -108),
        ({"phone": 84912345678}, -132),
        ({"tracking_id": None}, -132),
        ({"tracking_id": "x" * 48}, 0),
        ({"tracking_id": "x" * 49}, -132),
        ({"sending_mode": "2"}, -161),
        ({"sending_mode": "3"}, -162),
        ({"sending_mode": "3", "template_id": "311217"}, 0),
        ({"mode": "development"}, -127),
        ({"mode": "development", "phone": "84900000001"}, 0),
    ],
)
def test_a_message_by_phone_is_refused_for_what_is_wrong_with_it(strict, caller, changes, code):
    assert caller(strict).post(BY_PHONE, **PHONE | changes)["error"] == code


def test_the_business_host_tells_an_empty_body_from_one_that_is_no_json(shared, caller):
    call = caller(shared)
    assert call.raw("POST", BY_PHONE, content=b"").json()["error"] == -121
    assert call.raw("POST", BY_PHONE, content=b"x").json()["error"] == -122
    assert call.raw("POST", BY_PHONE, content=b"[]").json()["error"] == -132


def test_development_mode_runs_out(sandbox, caller):
    call = caller(sandbox)
    message = PHONE | {"mode": "development", "phone": "84900000001"}
    assert [call.post(BY_PHONE, **message)["error"] for _ in range(101)][99:] == [0, -126]


def test_a_hashed_phone_is_the_person(sandbox, caller):
    call = caller(sandbox)
    hashed = hashlib.sha256(b"84912345678").hexdigest()
    body = {"hash_phone": hashed} | {name: PHONE[name] for name in ("template_id", "template_data", "tracking_id")}
    assert call.post("/message/template/hashphone", **body)["error"] == 0
    assert call.post("/message/template/hashphone", **body | {"hash_phone": "84912345678"})["error"] == -108
    assert sandbox.reached() == {hashed: 1}


def test_an_answer_by_phone_writes_its_quota_as_text(sandbox_with, caller):
    data = caller(sandbox_with(quota=5)).post(BY_PHONE, **PHONE)["data"]
    assert data["quota"] == {"dailyQuota": "5", "remainingQuota": "4"}
    assert data["sending_mode"] == "1"


def test_discontinued_calls_are_refused_unless_asked_for(sandbox_with, caller):
    sandbox = sandbox_with(at=NOON)
    call = caller(sandbox)
    paths = ("/v3.0/oa/message/transaction", "/v3.0/oa/message/promotion")
    assert [call.post(path, **LEGACY)["error"] for path in paths] == [-240, -240]
    sandbox.change(legacy="accept")
    assert [call.post(path, **LEGACY)["error"] for path in paths] == [0, 0]
    assert call.post(paths[0], **attached(template_type="poem", elements=[{}]))["error"] == -233
    sandbox.change(at=NIGHT)
    assert call.post(paths[1], **LEGACY)["error"] == -234


@pytest.mark.parametrize(("at", "is_night"), [("21:59:50", False), ("22:00:00", True), ("05:59:40", True), ("06:00:00", False)])
def test_at_night_only_alerts_and_consultation_go_out(sandbox_with, caller, at, is_night):
    call = caller(sandbox_with(templates="strict", at=f"2026-09-18T{at}+07:00"))
    for template_id, tag in (("311203", 1), ("311216", 2), ("311217", 3)):
        refused = is_night and tag > 1
        assert call.post(BY_UID, user_id="1", template_id=template_id, template_data=DATA)["error"] == (-234 if refused else 0)
        assert call.post(BY_PHONE, **PHONE | {"template_id": template_id})["error"] == (-133 if refused else 0)
    assert call.say("1")["error"] == 0


def test_promotion_has_a_days_a_months_and_an_oas_limit(sandbox_with, caller):
    sandbox = sandbox_with(templates="strict", promotion_quota=5, at="2026-09-01T12:00:00+07:00")
    call = caller(sandbox)

    def promote(user):
        return call.post(BY_UID, user_id=user, template_id="311217", template_data=DATA)["error"]

    assert [promote("1"), promote("1")] == [0, -1472]
    for day in (2, 3, 4):
        sandbox.change(at=f"2026-09-0{day}T12:00:00+07:00")
        call.token = sandbox_token(call)
        assert promote("1") == 0
    sandbox.change(at="2026-09-05T12:00:00+07:00")
    call.token = sandbox_token(call)
    assert promote("1") == -1471
    assert [promote("2"), promote("3")] == [0, -1441]
    assert call.plain("/message/quota")["data"]["remainingMonthlyPromotionQuota"] == 0
    sandbox.change(at="2026-10-01T12:00:00+07:00")
    call.token = sandbox_token(call)
    assert promote("3") == 0  # a new month


def sandbox_token(call):
    call.sandbox.consent()
    return call.sandbox.credentials.access_token


def test_the_window_of_seven_days_closes_as_the_clock_runs(sandbox_with, caller):
    sandbox = sandbox_with(followers=40, stale=0.5, at=NOON)
    call = caller(sandbox)
    users = call.people()
    first = [call.say(user)["error"] for user in users]
    assert set(first) == {0, -230}
    template = {"template_id": "311203", "template_data": DATA}
    assert {call.post(BY_UID, user_id=user, **template)["error"] for user in users} == {0}
    sandbox.tick(7 * 86_400)
    call.token = sandbox_token(call)
    assert {call.say(user)["error"] for user in users} == {-230}


def test_an_answer_says_what_a_consultation_message_was_paid_with(sandbox_with, caller):
    sandbox = sandbox_with(followers=60, at="2026-02-01T12:00:00+07:00")
    call = caller(sandbox)
    quotas = [call.say(user)["data"].get("quota", {}) for user in call.people()]
    kinds = {quota["quota_type"] for quota in quotas}
    assert kinds == {"reply", "sub_quota"}
    assert {type(quota["remain"]) for quota in quotas} == {str}
    sandbox.change(at="2026-09-18T12:00:00+07:00")
    call.token = sandbox_token(call)
    user = call.people()[0]
    sandbox.happen("user_send_text", user_id=user)
    assert "quota" not in call.say(user)["data"]  # not counted since March 2026


def test_people_draw_their_lots_independently():
    from zalo_alert.sandbox.world import drawn

    users = [synthetic.user_id(number) for number in range(4000)]
    both = sum(1 for user in users if drawn(user, 1) < 0.5 and drawn(user, 2) < 0.5)
    assert 800 < both < 1200


def test_answers_come_in_the_order_of_their_calls_and_do_not_wait_for_each_other(sandbox_with):
    import socket
    import time

    sandbox = sandbox_with(latency_ms=300)
    host, port = sandbox.url.removeprefix("http://").split(":")
    paths = ("/v2.0/oa/getoa", "/message/quota", "/nothing", "/v4/oa/access_token")
    began_s = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall("".join(f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n" for path in paths).encode())
        received = b""
        while received.count(b'"error"') < len(paths):
            received += connection.recv(65_536)
    took_s = time.monotonic() - began_s
    places = [received.index(b'"error":%d,' % code) for code in (-216, -124, -404, -14018)]

    assert places == sorted(places)
    assert 0.3 <= took_s < 1.2


@pytest.mark.parametrize("nonsense", [b"\x16\x03\x01\x00", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n"])
def test_what_is_no_http_is_told_so_and_hurts_nobody(shared, nonsense):
    import socket

    host, port = shared.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(nonsense)
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    assert "accepted" in shared.stats()


def test_an_offer_to_speak_something_newer_is_passed_over(shared, caller):
    call = caller(shared)
    headers = {"connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c", "http2-settings": "x"}
    for _ in range(2):
        assert call.raw("GET", "/v2.0/oa/getoa", headers=headers).json()["error"] == 0
    assert call.get("/v2.0/oa/getoa")["error"] == 0
