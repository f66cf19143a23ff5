"""Uploads, articles and broadcasts: what is made by and by, what expires, and whom one call reaches."""

import pytest

from zalo_alert.sandbox.population import CITIES

PNG = b"\x89PNG" + b"0" * 100
ARTICLE = {
    "type": "normal", "title": "Bão số 3", "author": "PCTT", "description": "Tin bão khẩn cấp", "status": "show",
    "cover": {"cover_type": "photo", "photo_url": "https://x.vn/a.jpg", "status": "show"},
    "body": [{"type": "text", "content": "Bão vào đất liền đêm nay."}],
}  # fmt: skip
DAY = "2026-09-18T14:00:00+07:00"


def upload(call, kind, name="a.png", content=PNG, field="file"):
    return call.raw("POST", f"/v2.0/oa/upload/{kind}", files={field: (name, content, "application/octet-stream")}).json()


def picture(user, **element):
    payload = {"template_type": "media", "elements": [{"media_type": "image", **element}]}
    return {"recipient": {"user_id": user}, "message": {"text": "bản đồ", "attachment": {"type": "template", "payload": payload}}}


def paper(user, token):
    return {"recipient": {"user_id": user}, "message": {"attachment": {"type": "file", "payload": {"token": token}}}}


def made(call, **changes):
    token = call.post("/v2.0/article/create", **ARTICLE | changes)["data"]["token"]
    call.sandbox.tick(5)
    return call.post("/v2.0/article/verify", token=token)["data"]["id"]


def broadcast(call, ids, **target):
    elements = [{"media_type": "article", "attachment_id": identity} for identity in ids]
    message = {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": elements}}}
    return call.post("/v2.0/oa/message", recipient={"target": target}, message=message)


@pytest.mark.parametrize("kind", ["image", "gif", "file"])
def test_an_upload_can_be_sent_for_seven_days_by_its_own_oa(sandbox_with, caller, kind):
    sandbox = sandbox_with(oas=2)
    call, other = caller(sandbox, 0), caller(sandbox, 1)
    name = {"image": "a.PNG", "gif": "a.gif", "file": "a.pdf"}[kind]
    data = upload(call, kind, name)["data"]
    sides = {"width": 10, "height": 10} if kind == "gif" else {}
    message = (
        paper("1", data["token"])
        if kind == "file"
        else picture("1", media_type=kind, attachment_id=data["attachment_id"], **sides)
    )

    assert call.post("/v3.0/oa/message/cs", **message)["error"] == 0
    assert other.post("/v3.0/oa/message/cs", **message)["error"] == -201
    sandbox.tick(7 * 86_400)
    call.token = call.grant(refresh_token=call.account.credentials.refresh_token)["access_token"]
    expired = call.post("/v3.0/oa/message/cs", **message)
    assert (expired["error"], expired["message"]) == (-100, "attachment_id was expired")


def test_an_upload_that_is_none_is_refused(sandbox, caller):
    call = caller(sandbox)
    assert upload(call, "image", content=b"0" * (1024 * 1024 + 1))["error"] == -210
    assert upload(call, "image", name="noextension") == {"data": {}, "error": 0, "message": "Success"}
    assert upload(call, "file", name="a.exe")["data"] == {}
    assert upload(call, "image", field="other")["error"] == -201
    assert call.post("/v2.0/oa/upload/image", file="x")["error"] == -201
    assert (
        call.raw("POST", "/v2.0/oa/upload/image", content=b"x", headers={"content-type": "multipart/form-data"}).json()["error"]
        == -201
    )


def test_an_article_is_made_by_and_by_and_can_be_changed_listed_and_removed(sandbox_with, caller):
    sandbox = sandbox_with(at=DAY)
    call = caller(sandbox)
    token = call.post("/v2.0/article/create", **ARTICLE)["data"]["token"]
    assert call.post("/v2.0/article/verify", token=token)["error"] == -214
    sandbox.tick(5)
    identity = call.post("/v2.0/article/verify", token=token)["data"]["id"]

    assert call.plain("/v2.0/article/getdetail", id=identity)["data"]["title"] == "Bão số 3"
    assert call.post("/v2.0/article/update", id=identity, title="Bão số 4")["data"]["token"]
    assert call.plain("/v2.0/article/getdetail", id=identity)["error"] == -214
    sandbox.tick(5)
    listed = call.plain("/v2.0/article/getslice", offset=0, limit=10, type="normal")["data"]
    assert (listed["total"], listed["medias"][0]["title"]) == (1, "Bão số 4")
    assert call.plain("/v2.0/article/getslice", offset=0, limit=10, type="video")["data"]["total"] == 0
    assert call.post("/v2.0/article/remove", id=identity)["error"] == 0
    assert call.plain("/v2.0/article/getdetail", id=identity)["error"] == -201


def test_an_article_is_opened_while_it_is_shown_and_keeps_its_uploads(sandbox_with, caller):
    sandbox = sandbox_with(at=DAY, article_ms=1000)
    call = caller(sandbox)
    cover = {"cover_type": "photo", "photo_url": upload(call, "image")["data"]["attachment_id"], "status": "show"}
    gif = {"type": "image", "url": upload(call, "gif", "a.gif")["data"]["attachment_id"]}
    identity = made(call, cover=cover, body=[gif])
    sandbox.tick(100)

    def listed():
        (media,) = call.plain("/v2.0/article/getslice", offset=0, limit=10, type="normal")["data"]["medias"]
        return media["status"], media["total_view"]

    status, views = listed()
    assert (status, 45 <= views <= 60) == ("show", True)
    said = call.plain("/v2.0/article/getdetail", id=identity)["data"]
    assert said["cover"]["photo_url"].startswith("https://")
    assert call.post("/v2.0/article/update", **said | {"status": "hide"})["error"] == 0
    sandbox.tick(8 * 86_400)
    call.token = call.grant(refresh_token=call.account.credentials.refresh_token)["access_token"]
    assert listed()[0] == "hide"
    assert listed()[1] < 70
    assert call.post("/v2.0/article/update", **said)["error"] == 0


def test_an_articles_answer_can_be_lost_before_and_after_it_is_made(sandbox_with, caller):
    for fault, number in (("before", 0), ("after", 1)):
        sandbox = sandbox_with(at=DAY, article_ms=0, article_fault=fault)
        call = caller(sandbox)
        assert call.raw("POST", "/v2.0/article/create", json=ARTICLE).status_code == 500
        assert call.plain("/v2.0/article/getslice", offset=0, limit=10, type="normal")["data"]["total"] == number


@pytest.mark.parametrize("name", ["photo_url", "url"])
def test_an_article_names_no_upload_that_is_none(sandbox, caller, name):
    changes: dict[str, object] = {"cover": {"cover_type": "photo", "photo_url": "none"}} if name == "photo_url" else {}
    changes |= {"body": [{"type": "image", "url": "none"}]} if name == "url" else {}
    assert caller(sandbox).post("/v2.0/article/create", **ARTICLE | changes)["error"] == -201


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "x" * 151}, -210),
        ({"author": "x" * 51}, -210),
        ({"description": "x" * 301}, -210),
        ({"title": ""}, -201),
        ({"type": "song"}, -201),
        ({"status": "maybe"}, -201),
        ({"cover": {}}, -201),
        ({"body": []}, -201),
        ({"body": [{"type": "sound"}]}, -201),
        ({"body": [{"type": "text"}]}, -201),
        ({"body": [{"type": "image", "url": 5}]}, -201),
    ],
)
def test_an_article_beyond_a_limit_is_refused(sandbox, caller, changes, code):
    assert caller(sandbox).post("/v2.0/article/create", **ARTICLE | changes)["error"] == code


def test_a_broadcast_answers_one_id_and_reaches_its_audience_once_it_is_moderated(sandbox_with, caller):
    sandbox = sandbox_with(at=DAY, followers=2000, oas=2)
    call = caller(sandbox)
    identity = made(call)
    answer = broadcast(call, [identity], gender="0", cities="9,57")
    assert set(answer["data"]) == {"message_id"}
    assert sandbox.broadcasts()[0] | {"message_id": ""} == {
        "message_id": "", "account": "pctt", "delivered": False, "people": 0, "cities": {},
    }  # fmt: skip
    sandbox.tick(1800)
    found = sandbox.broadcasts()[0]
    assert found["delivered"]
    assert set(found["cities"]) == {"9", "57"}
    assert 0 < found["people"] < 200


def test_targets_come_as_text_as_numbers_and_as_arrays_and_cities_go_before_locations(sandbox_with, caller):
    sandbox = sandbox_with(at=DAY, followers=1000, broadcasts=20)
    call = caller(sandbox)
    identity = made(call)
    for target in (
        {},
        {"cities": "9"},
        {"cities": 9},
        {"cities": [9]},
        {"cities": ["9"], "locations": "2"},
        {"locations": "0"},
        {"locations": [0, 1, 2]},
    ):
        assert broadcast(call, [identity], **target)["error"] == 0
    for target in ({"gender": 1}, {"gender": 2}, {"ages": "0,1,2,3"}, {"platform": "1"}):
        assert broadcast(call, [identity], **target)["error"] == 0
    sandbox.tick(1800)
    people = [found["people"] for found in sandbox.broadcasts()]

    assert people[0] == 1000
    assert 0 < people[1] == people[2] == people[3] == people[4] < people[5] < people[6] <= 1000
    assert people[7] + people[8] == 1000
    assert 300 < people[9] < 650
    assert 200 < people[10] < 500
    for bad in ({"cities": CITIES}, {"cities": "x"}, {"cities": ""}, {"cities": None}, {"planet": "1"}, {"cities": [[1]]}):
        assert broadcast(call, [identity], **bad)["error"] == -201


def test_a_broadcast_needs_articles_daylight_and_an_allowance(sandbox_with, caller):
    sandbox = sandbox_with(at=DAY, oas=2, broadcasts=1)
    call = caller(sandbox)
    identity = made(call)

    assert broadcast(call, ["none"])["error"] == -201
    assert broadcast(caller(sandbox, 1), [identity])["error"] == -201
    assert broadcast(call, [])["error"] == broadcast(call, [identity] * 6)["error"] == -210
    text = {"recipient": {"target": {}}, "message": {"text": "bão"}}
    assert call.post("/v2.0/oa/message", **text)["error"] == -233
    sandbox.change(at="2026-09-18T22:00:00+07:00")
    assert broadcast(call, [identity])["error"] == -234
    sandbox.change(at="2026-09-19T06:00:00+07:00")
    assert broadcast(call, [identity])["error"] == 0
    assert broadcast(call, [identity])["error"] == -211


def test_the_old_path_takes_reactions_and_people_without_a_name_but_no_plain_message(sandbox, caller):
    call = caller(sandbox)
    react = {"react_icon": "/-strong", "react_message_id": "m"}
    nameless = {"anonymous_id": "a", "conversation_id": "c"}

    assert call.post("/v2.0/oa/message", recipient={"user_id": "1"}, sender_action=react)["data"]["user_id"] == "1"
    assert call.post("/v2.0/oa/message", recipient=nameless, message={"text": "x"})["data"]["conversation_id"] == "c"
    assert call.post("/v2.0/oa/message", recipient={"user_id": "1"}, message={"text": "x"})["error"] == -240
    for bad in ({}, {"recipient": {"user_id": "1"}, "sender_action": {}}, {"recipient": {"anonymous_id": "a"}}):
        assert call.post("/v2.0/oa/message", **bad)["error"] < 0


def test_a_month_holds_so_many_uploads():
    from zalo_alert.sandbox.base import Options
    from zalo_alert.sandbox.state import State
    from zalo_alert.sandbox.wire import Request
    from zalo_alert.sandbox.world import accounts

    made = accounts(Options())
    state = State(Options(app_per_minute=0), made)
    headers = {b"access_token": made[0].credentials.access_token.encode(), b"content-type": b"multipart/form-data; boundary=x"}
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nx\r\n--x--'
    answers = [state.answer(Request("POST", "/v2.0/oa/upload/image", "", headers, body)).body for _ in range(5001)]
    assert answers[4999].startswith(b'{"data":{"attachment_id"')
    assert answers[5000].startswith(b'{"error":-211')


def test_a_picture_for_a_template_has_limits_of_its_own(sandbox, caller):
    call = caller(sandbox)

    def upload(name, size):
        return call.raw("POST", "/upload/image", files={"file": (name, b"x" * size, "image/png")}).json()

    assert upload("a.png", 10)["data"]["media_id"]
    assert upload("a.png", 512 * 1024 + 1)["error"] == -158
    assert upload("a.gif", 10)["error"] == -159
    assert upload("a.png", 0)["error"] == -132
