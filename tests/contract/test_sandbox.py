"""The sandbox answers as Zalo does, counts what it executed, and only that."""

import json
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zalo_alert.sandbox import synthetic
from zalo_alert.sandbox.agreement import compare
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.state import State as Imitation
from zalo_alert.sandbox.wire import Request
from zalo_alert.sandbox.world import accounts

USER, OTHER = synthetic.user_id(1), synthetic.user_id(2)
CS = {"recipient": {"user_id": USER}, "message": {"text": "xin chào"}}
TEMPLATE = {"user_id": USER, "template_id": "311203", "template_data": {"ma_tin": "A"}}
PHONE = {"phone": "84912345678", "template_id": "311203", "template_data": {}, "tracking_id": "t-1"}
HASH = {name: PHONE[name] for name in ("template_id", "template_data", "tracking_id")} | {"hash_phone": "0a" * 32}
LEGACY = {
    "recipient": {"user_id": USER},
    "message": {"attachment": {"type": "template", "payload": {"template_type": "promotion", "elements": [{"type": "text"}]}}},
}
ROUTES = {
    "/v3.0/oa/message/cs": CS,
    "/v3.0/oa/message/template": TEMPLATE,
    "/message/template": PHONE,
    "/message/template/hashphone": HASH,
}
DISCONTINUED = ("/v3.0/oa/message/transaction", "/v3.0/oa/message/promotion")


def call(sandbox, path, body=None, token=None, **headers):
    headers = {"access_token": sandbox.credentials.access_token if token is None else token} | headers
    return httpx.request("GET" if body is None else "POST", sandbox.url + path, json=body, headers=headers)


def ask(sandbox, path, **data):
    return call(sandbox, f"{path}?data={quote(json.dumps(data))}").json()


@pytest.mark.parametrize("path", ROUTES)
def test_every_message_route_takes_a_message_and_counts_it(sandbox, path):
    answer = call(sandbox, path, ROUTES[path]).json()
    assert answer["error"] == 0
    assert answer["data"]["msg_id" if path.startswith("/message") else "message_id"]
    assert sandbox.stats() | {"refused": {}} == {
        "requests": 1, "accepted": 1, "people": 1, "twice": 0, "most": 1, "refused": {},
    }  # fmt: skip
    assert list(sandbox.reached().values()) == [1]


@pytest.mark.parametrize("path", ROUTES)
def test_a_wrong_token_executes_nothing(sandbox, path):
    answer = call(sandbox, path, ROUTES[path], token="wrong")
    assert answer.status_code == 200
    assert answer.json()["error"] == (-124 if path.startswith("/message") else -216)
    assert sandbox.stats()["accepted"] == 0


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v3.0/oa/message/cs", {"recipient": {"user_id": "abc"}, "message": {"text": "x"}}, -201),
        ("/v3.0/oa/message/cs", {"recipient": {"user_id": USER}, "message": {"text": "x" * 2001}}, -210),
        ("/v3.0/oa/message/cs", ["nonsense"], -201),
        ("/v3.0/oa/message/template", {"user_id": USER, "template_data": {}}, -109),
        ("/message/template", PHONE | {"phone": "0912345678"}, -108),
    ],
)
def test_a_bad_message_is_refused_with_the_code_for_it(sandbox, path, body, code):
    assert call(sandbox, path, body).json()["error"] == code
    assert sandbox.stats()["accepted"] == 0


def test_refresh_rotates_both_tokens_and_kills_the_old_ones(sandbox):
    old = sandbox.credentials
    form = {"refresh_token": old.refresh_token, "app_id": sandbox.accounts[0].app_id, "grant_type": "refresh_token"}
    fresh = httpx.post(sandbox.url + "/v4/oa/access_token", data=form, headers={"secret_key": old.app_secret}).json()
    assert fresh["access_token"] != old.access_token
    assert call(sandbox, "/v3.0/oa/message/cs", CS).json()["error"] == -220
    assert call(sandbox, "/v3.0/oa/message/cs", CS, token=fresh["access_token"]).json()["error"] == 0
    again = httpx.post(sandbox.url + "/v4/oa/access_token", data=form, headers={"secret_key": old.app_secret})
    assert again.status_code == 200
    assert "access_token" not in again.json()
    wrong = httpx.post(sandbox.url + "/v4/oa/access_token", data=form, headers={"secret_key": "wrong"})
    assert wrong.json()["error"] == -14004


def test_a_minute_has_a_limit_and_says_what_is_left(sandbox_with):
    sandbox = sandbox_with(app_per_minute=5)
    answers = [call(sandbox, "/v3.0/oa/message/cs", CS) for _ in range(12)]  # however the minute turns meanwhile
    codes = [answer.json()["error"] for answer in answers]
    assert -32 in codes
    assert 5 <= codes.count(0) <= 10
    assert answers[0].headers["x-ratelimit-limit"] == "5"
    assert sandbox.stats()["accepted"] == codes.count(0)


def test_followers_are_listed_in_pages_up_to_ten_thousand(sandbox_with):
    sandbox = sandbox_with(followers=120)
    first = ask(sandbox, "/v3.0/oa/user/getlist", offset=0, count=50)["data"]
    last = ask(sandbox, "/v3.0/oa/user/getlist", offset=100, count=50)["data"]
    assert (first["total"], len(first["users"]), len(last["users"])) == (120, 50, 20)
    assert first["users"][1] == {"user_id": USER}
    for bad in ({"offset": 20_000}, {"offset": "x"}, {"count": 51}, {"count": 0}, {"offset": None}):
        assert ask(sandbox, "/v3.0/oa/user/getlist", **bad)["error"] < 0


def test_details_of_a_follower(sandbox_with):
    sandbox = sandbox_with(followers=50)
    people = [ask(sandbox, "/v3.0/oa/user/detail", user_id=synthetic.user_id(number))["data"] for number in range(50)]
    assert all(person["user_is_follower"] for person in people)
    shared = [person["shared_info"] for person in people if "shared_info" in person]
    assert 0 < len(shared) < 50  # it can be absent
    assert {0} < {info["phone"] for info in shared}  # and an unknown phone is the number 0
    assert ask(sandbox, "/v3.0/oa/user/detail", user_id="12345")["error"] == -201


def test_quotas_go_down(sandbox_with):
    sandbox = sandbox_with(quota=2)
    codes = [call(sandbox, "/v3.0/oa/message/template", TEMPLATE).json()["error"] for _ in range(3)]
    assert codes == [0, 0, -144]
    assert call(sandbox, "/message/quota").json()["data"]["remainingQuota"] == 0
    assert call(sandbox, "/v3.0/oa/quota/message").json()["data"]


@pytest.mark.parametrize("fault", ["slow_down", "http_429", "http_503", "reset_before", "http_500", "html", "reset_after"])
def test_a_fault_executes_or_not_as_it_says(sandbox_with, fault):
    sandbox = sandbox_with(**{fault: 1})
    try:
        answer = call(sandbox, "/v3.0/oa/message/cs", CS)
        assert answer.status_code != 200 or answer.json()["error"] == -32
    except httpx.TransportError:
        assert fault.startswith("reset")
    executed = fault in ("http_500", "html", "reset_after")
    assert sandbox.stats()["accepted"] == executed
    sandbox.change(**{fault: 0})
    if not fault.startswith("reset"):
        assert call(sandbox, "/v3.0/oa/message/cs", CS).json()["error"] == 0


def test_the_same_people_are_dead_or_stale_every_time(sandbox_with):
    sandbox = sandbox_with(dead=0.3, stale=0.3)
    bodies = [CS | {"recipient": {"user_id": synthetic.user_id(number)}} for number in range(60)]
    codes = [[call(sandbox, "/v3.0/oa/message/cs", body).json()["error"] for body in bodies] for _ in range(2)]
    assert codes[0] == codes[1]
    assert {0, -213, -230} == set(codes[0])


def test_an_unknown_path_is_not_found(sandbox):
    assert call(sandbox, "/v3.0/oa/nothing").status_code == 404


MADE = accounts(Options())
IMITATION = Imitation(Options(app_per_minute=0, followers=5, templates="strict", legacy="accept"), MADE)
# The words that the calls read, with what they might hold.
NAMES = st.sampled_from(
    [
        "recipient", "user_id", "message", "text", "attachment", "type", "payload", "template_type", "elements", "media_type",
        "attachment_id", "buttons", "title", "template_id", "template_data", "phone", "hash_phone", "tracking_id", "sending_mode",
        "target", "cities", "sender_action", "react_icon", "anonymous_id", "shared_info", "tag_name", "offset", "count", "limit",
        "is_follower", "last_interaction_period", "quota_owner", "id", "token", "cover", "body", "status", "file", "message_id",
    ]
)  # fmt: skip
WORDS = st.sampled_from(
    [USER, synthetic.user_id(1), "media", "template", "image", "311203", "84912345678", "1", "file", "normal", ""]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(IMITATION.paths()), st.dictionaries(NAMES, VALUES, max_size=5) | VALUES, st.booleans())
def test_nothing_that_is_asked_makes_it_stumble(route, asked, plain):
    method, path = route
    text = json.dumps(asked)
    query = f"data={quote(text)}" if method == "GET" else ""
    if plain and method == "GET" and isinstance(asked, dict):
        query = "&".join(f"{name}={quote(str(value))}" for name, value in asked.items())
    headers = {b"access_token": IMITATION.world.oas[0].access, b"content-type": b"application/json"}
    answer = IMITATION.answer(Request(method, path, query, headers, text.encode() if method == "POST" else b""))
    assert answer.status == 200
    assert isinstance(json.loads(answer.body)["error"], int)


@given(
    st.sampled_from(list(ROUTES)),
    st.binary(max_size=80) | st.sampled_from([json.dumps(body).encode() for body in ROUTES.values()]),
)
def test_no_body_makes_it_stumble(path, body):
    imitation = Imitation(Options(app_per_minute=0), MADE)
    token = MADE[0].credentials.access_token.encode()
    answer = imitation.answer(Request("POST", path, "", {b"access_token": token}, body))
    assert answer.status == 200
    assert json.loads(answer.body)["error"] in (0, -108, -109, -111, -121, -122, -132, -201, -210, -233)


@given(
    st.binary(max_size=120), st.sampled_from(["multipart/form-data; boundary=x", "multipart/form-data", "multipart/x; boundary="])
)
def test_no_form_makes_an_upload_stumble(body, kind):
    headers = {b"access_token": IMITATION.world.oas[0].access, b"content-type": kind.encode()}
    body = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + body + b"\r\n--x--"
    assert IMITATION.answer(Request("POST", "/v2.0/oa/upload/image", "", headers, body)).status == 200


def test_a_comparison_tells_every_way_to_be_wrong():
    from zalo_alert.models import State

    sound = compare([("a", State.ACCEPTED), ("b", State.UNKNOWN), ("c", State.REJECTED)], {"a": 1, "b": 1})
    assert sound.problems == []
    assert compare([("a", State.ACCEPTED)], {}).problems
    assert compare([("a", State.REJECTED)], {"a": 1}).problems
    assert compare([("a", State.ACCEPTED)], {"a": 2}).problems
    assert compare([("a", State.ACCEPTED)], {"a": 1, "x": 1}).problems
