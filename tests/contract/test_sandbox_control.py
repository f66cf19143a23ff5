"""What the sandbox is told about itself: by this machine's own programs and pages alone, and never by a GET."""

from dataclasses import fields

import orjson
import pytest

from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.state import State
from zalo_alert.sandbox.wire import Request
from zalo_alert.sandbox.world import accounts

HOST, JSON = {b"host": b"127.0.0.1:8080"}, {b"content-type": b"application/json"}
CHANGES = {
    "/_sandbox/options": (b'{"dead": 0.5}', ""),
    "/_sandbox/event": (b'{"event_name": "unfollow", "user_id": "11111"}', ""),
    "/_sandbox/tick": (b"", "seconds=30"),
    "/_sandbox/consent": (b"", "account=pctt"),
}
SHOWN = ["/", "/_sandbox/stats", "/_sandbox/reached", "/_sandbox/lost", "/_sandbox/broadcasts", "/_sandbox/webhooks"]


@pytest.fixture
def state():
    return State(Options(app_per_minute=0), accounts(Options()))


def told(state):
    """Everything that a control call may change."""
    world = state.world
    return world.options, round(world.offset_s), world.oas[0].credentials(), dict(world.oas[0].followed)


def asked(state, path, method="POST", **headers):
    body, query = CHANGES.get(path, (b"", ""))
    given = HOST | (JSON if body else {}) | {name.replace("_", "-").encode(): value for name, value in headers.items()}
    return state.answer(Request(method, path, query, given, body if method != "GET" else b"")).status


@pytest.mark.parametrize("path", CHANGES)
def test_this_machines_own_programs_and_page_change_it(state, path):
    before = told(state)
    assert asked(state, path) == 200
    assert told(state) != before
    for name in (b"127.0.0.1:8080", b"localhost:8080", b"[::1]:8080", b"LOCALHOST:8080"):
        assert asked(state, path, host=name, origin=b"http://" + name) == 200


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_nothing_but_a_post_changes_it(state, path, method):
    before = told(state)
    assert asked(state, path, method) == 405
    assert told(state) == before


FOREIGN = {
    "a name that now leads here": {"host": b"evil.example:8080"},
    "the same, and its own origin": {"host": b"evil.example:8080", "origin": b"http://evil.example:8080"},
    "another machine": {"host": b"192.168.1.5:8080"},
    "no host": {"host": b""},
    "a host that is none": {"host": b"[::1"},
    "another site's page": {"origin": b"https://evil.example"},
    "another server of this machine": {"origin": b"http://127.0.0.1:9999"},
    "a page without an origin": {"origin": b"null"},
    "an origin that is none": {"origin": b"http://[::1"},
}


@pytest.mark.parametrize("path", [*CHANGES, *SHOWN])
@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_nobody_else_changes_or_sees_it(state, path, headers):
    before = told(state)
    assert asked(state, path, "GET" if path in SHOWN else "POST", **headers) in (400, 403)
    assert told(state) == before


@pytest.mark.parametrize("path", [path for path, (body, _) in CHANGES.items() if body])
@pytest.mark.parametrize("kind", [b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x", b""])
def test_what_a_form_of_any_page_can_send_is_not_taken(state, path, kind):
    before = told(state)
    assert asked(state, path, content_type=kind) == 415
    assert told(state) == before
    assert asked(state, path, content_type=b"application/json; charset=utf-8") == 200


def test_no_page_of_another_site_consents_in_an_administrators_name(state):
    form = b"app_id=360846524940903967&redirect_uri=http://evil.example/&oa_id=388613280878808645"
    for origin, status in ((b"https://evil.example", 403), (b"null", 403), (b"http://127.0.0.1:8080", 302), (None, 302)):
        headers = HOST | ({b"origin": origin} if origin else {})
        assert state.answer(Request("POST", "/v4/oa/permission", "", headers, form)).status == status


def test_calls_of_the_api_may_come_by_zalos_own_name(state):
    headers = {b"host": b"openapi.zalo.me", b"access_token": state.world.oas[0].access}
    body = orjson.loads(state.answer(Request("GET", "/v2.0/oa/getoa", "", headers, b"")).body)
    assert body["error"] == 0


@pytest.mark.parametrize("seconds", ["nan", "inf", "-inf", "1e300", "x", "²"])
def test_time_that_is_none_moves_nothing(state, seconds):
    before = told(state)
    assert state.answer(Request("POST", "/_sandbox/tick", f"seconds={seconds}", HOST, b"")).status == 400
    assert told(state) == before


@pytest.mark.parametrize(
    "options",
    [b'{"dead": "x"}', b'{"webhook_url": 5}', b'{"at": 5}', b"[1]", b"5", b"", b"[" * 5000, b'{"legacy": []}', b'{"dead": 2}'],
)
def test_options_that_are_none_change_nothing(state, options):
    before = told(state)
    assert state.answer(Request("POST", "/_sandbox/options", "", HOST | JSON, options)).status == 400
    assert told(state) == before


def changed(state, options):
    answer = state.answer(Request("POST", "/_sandbox/options", "", HOST | JSON, orjson.dumps(options)))
    return answer.status, orjson.loads(answer.body)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"refuse_code": "x"}, 'refuse_code is a whole number, not "x"'),
        ({"refuse_code": True}, "refuse_code is a whole number, not true"),
        ({"quota": 1.5}, "quota is a whole number, not 1.5"),
        ({"dead": None}, "dead is a number, not null"),
        ({"dead": False}, "dead is a number, not false"),
        ({"appsecret_proof": 1}, "appsecret_proof is true or false, not 1"),
        ({"webhook_url": ["x"]}, 'webhook_url is text, not ["x"]'),
        ({"at": "x" * 99}, "at is not a valid time: "),
        ({"at": "soon"}, "at is not a valid time: soon, such as 2026-09-18T22:40:00+07:00"),
        ({"dead": 2}, "dead is a share between 0 and 1, not 2"),
        ({"stop-after": -1}, "stop_after can't be below 0"),
        ({"oa_type": 3}, "oa_type is one of 2, 4"),
        ({"scenario": "bad-lines"}, "scenario is settled when the sandbox starts, and can't be changed while it runs"),
        ({"oas": 2}, "oas is settled when the sandbox starts, and can't be changed while it runs"),
        ({"refuse-cod": 1}, 'no option is named "refuse-cod"; did you mean "refuse_code"?; there are app_per_minute, '),
        ({"refuse-code": 1, "refuse_code": 2}, "refuse_code is given twice"),
        ([], "the body is not a JSON object of options"),
    ],
)
def test_what_is_wrong_with_an_option_is_said_in_plain_english(state, options, problem):
    status, answer = changed(state, options)
    assert status == 400
    assert answer["problem"].startswith(problem)
    assert not set("⟨⟩()") & set(answer["problem"])


def test_every_option_takes_values_of_its_own_kind_alone(state):
    values = {int: 2, float: 0.5, bool: True, str: ""}
    for field in fields(Options):
        for value in (value for kind, value in values.items() if kind is not field.type and (kind, field.type) != (int, float)):
            assert changed(state, {field.name: value})[0] == 400, (field.name, value)


def test_hyphens_in_names_are_underscores_and_whole_numbers_are_numbers(state):
    status, answer = changed(state, {"refuse-code": -321, "latency-ms": 5})
    assert (status, answer["refuse_code"], answer["latency_ms"]) == (200, -321, 5)
    assert state.world.options.refuse_code == -321


FOLLOW, STATUS = {"event_name": "follow", "user_id": "1"}, {"event_name": "change_template_status", "template_id": "311203"}


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ({"event_name": "follow"}, "follow needs user_id"),
        (FOLLOW | {"user_id": "x"}, 'user_id is all digits, not "x"'),
        (FOLLOW | {"user_id": []}, "user_id is text"),
        (FOLLOW | {"account": []}, "no account has the id []"),
        (FOLLOW | {"event_name": "user_submit_info", "info": "x"}, "info is an object, and so is full_address in it"),
        (
            FOLLOW | {"event_name": "user_submit_info", "info": {"full_address": 3}},
            "info is an object, and so is full_address in it",
        ),
        (STATUS, "change_template_status needs new_status"),
        (STATUS | {"template_id": "9", "new_status": "ENABLE"}, "there is no template 9"),
        (STATUS | {"new_status": "x"}, "new_status is one of ENABLE, PENDING_REVIEW, REJECT, DISABLE"),
        ({"event_name": "change_oa_daily_quota", "new_value": "x"}, "new_value is a whole number, 0 or more"),
        ([], 'the body is not a JSON object, such as {"event_name": "follow", "user_id": "…"}'),
    ],
)
def test_what_is_wrong_with_an_event_is_said_in_plain_english(state, event, problem):
    answer = state.answer(Request("POST", "/_sandbox/event", "", HOST | JSON, orjson.dumps(event)))
    assert (answer.status, orjson.loads(answer.body)) == (400, {"problem": problem})


# --- who had what more than once ----------------------------------------------------------------------------------------------


def sent(state, path, body):
    headers = HOST | {b"access_token": state.world.oas[0].access}
    assert orjson.loads(state.answer(Request("POST", path, "", headers, orjson.dumps(body))).body)["error"] == 0


def said(text):
    return "/v3.0/oa/message/cs", {"recipient": {"user_id": "11111"}, "message": {"text": text}}


def by_template(**data):
    return "/v3.0/oa/message/template", {"user_id": "11111", "template_id": "311203", "template_data": data}


def by_phone(tracking_id):
    data = {"ma_tin": "A"}
    return "/message/template", {"phone": "84912345678", "template_id": "1", "template_data": data, "tracking_id": tracking_id}


@pytest.mark.parametrize(
    ("messages", "twice", "most"),
    [
        ([said("bão"), said("lũ")], 0, 1),
        ([said("bão"), said("bão")], 1, 2),
        ([said("bão"), said("lũ"), said("bão"), said("bão")], 1, 3),
        ([said("bão"), said("lũ"), said("lũ"), said("bão")], 2, 2),
        ([by_template(ma_tin="A"), by_template(ma_tin="B")], 0, 1),
        ([by_template(ma_tin="A"), by_template(ma_tin="A")], 1, 2),
        ([by_template(ma_tin="A"), said("A")], 0, 1),
        ([by_phone("run1-17"), by_phone("run2-17")], 0, 1),  # a drill in spring and one in autumn say the same
        ([by_phone("run1-17"), by_phone("run1-17")], 1, 2),
        ([by_phone("run1-17"), by_phone("run1-18")], 1, 2),  # two rows of a list, one phone
        ([by_phone("a"), by_phone("b")], 0, 1),  # a sender that marks each message
    ],
)
def test_only_the_same_message_counts_as_given_twice(state, messages, twice, most):
    for path, body in messages:
        sent(state, path, body)
    stats = state.stats()
    assert (stats["twice"], stats["most"], stats["people"]) == (twice, most, 1)
    assert list(state.world.reached().values()) == [len(messages)]
