"""Zalo's verdicts: the body decides, and only what was certainly not executed is tried again."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.models import Accepted, Deferred, Promised, Reason, Rejected, Scope, Unknown
from zalo_alert.pacing.quotas import Kind, QuotaLeft, Quotas
from zalo_alert.zalo.base import ASKED_MOST_S, MOST_BYTES, Host, Reply, asked_s
from zalo_alert.zalo.codes import CODES, Action, advise, classify, look_up
from zalo_alert.zalo.quota import read_left

OA, BUSINESS = Host.OPENAPI, Host.BUSINESS


def answer(code, message="", *, status=200, host=OA):
    return classify(host, Reply(status, orjson.dumps({"error": code, "message": message}), None))


def test_acceptance_by_user_id_and_by_phone():
    assert classify(OA, Reply(200, b'{"error":0,"data":{"message_id":"abc"}}', None)) == Accepted("abc")
    assert classify(BUSINESS, Reply(200, b'{"error":0,"data":{"msg_id":"xyz"}}', None)) == Accepted("xyz")


class Told:
    """A line that remembers what it was told."""

    def __init__(self):
        self.heard, self.held = [], ["somebody"]

    def tell(self, read_left):
        self.heard.append("awaited")

    def prove(self):
        self.heard.append("proved")

    def doubt(self):
        self.heard.append("doubted")


@pytest.mark.parametrize("named", ['"1000000000000000001"', "1000000000000000001", '"01000000000000000001"'])
def test_an_acceptance_that_names_its_person_is_certain(named):
    line = Told()
    body = f'{{"error":0,"data":{{"message_id":"m","user_id":{named}}}}}'.encode()

    outcome = classify(OA, Reply(200, body, None, line), "1000000000000000001")

    assert outcome == Accepted("m")
    assert outcome.awaits is None
    assert line.heard == ["proved"]


@pytest.mark.parametrize("named", ['"1000000000000000002"', "7"])
def test_an_acceptance_that_names_somebody_else_is_nobodys(named):
    line = Told()
    body = f'{{"error":0,"data":{{"message_id":"m","user_id":{named}}}}}'.encode()

    assert classify(OA, Reply(200, body, None, line), "1000000000000000001") == Unknown(Reason.OUT_OF_STEP)
    assert classify(OA, Reply(200, body, None), "1000000000000000001") == Unknown(Reason.OUT_OF_STEP)
    assert line.heard == ["doubted"]


@pytest.mark.parametrize(
    ("body", "user_id", "outcome"),
    [
        (b'{"error":0,"data":{"message_id":"m"}}', "1000000000000000001", Promised("m", None)),
        (b'{"error":0,"data":{"message_id":"m","user_id":null}}', "1000000000000000001", Promised("m", None)),
        (b'{"error":0,"data":{"message_id":"m","user_id":"***"}}', "1000000000000000001", Promised("m", None)),
        (b'{"error":0}', "1000000000000000001", Promised("", None)),
        (b'{"error":0,"data":{"msg_id":"m"}}', "", Promised("m", None)),
        (b'{"error":-213}', "1000000000000000001", Rejected(Reason.DEAD, -213)),
        (b'{"error":-32,"message":"Your OA reached limit"}', "1", Deferred(Reason.THROTTLED, -32, scope=Scope.OA)),
        (b'{"error":-99999}', "1", Deferred(Reason.UNLISTED, -99999)),
    ],
)
def test_an_answer_that_names_nobody_awaits_its_proof(body, user_id, outcome):
    line = Told()

    found = classify(OA, Reply(200, body, None, line), user_id)

    assert found == outcome
    assert found.awaits is line
    assert line.heard == []


@pytest.mark.parametrize("status", [407, 429, 503])
def test_a_status_that_refuses_awaits_its_proof_too(status):
    assert classify(OA, Reply(status, b"", None, line := Told()), "1").awaits is line


@pytest.mark.parametrize("data", ["null", "[]", '"x"', "1", '{"message_id": null}', "{}"])
def test_an_acceptance_without_an_id_is_still_one(data):
    assert classify(OA, Reply(200, f'{{"error":0,"data":{data}}}'.encode(), None)) == Accepted("")


@pytest.mark.parametrize(
    ("host", "code", "outcome"),
    [
        (OA, -32, Deferred(Reason.THROTTLED, -32)),
        (OA, -213, Rejected(Reason.DEAD, -213)),
        (OA, -230, Rejected(Reason.NOT_THIS_ROUTE, -230)),
        (OA, -216, Deferred(Reason.TOKEN, -216)),
        (OA, -211, Deferred(Reason.QUOTA, -211)),
        (OA, -321, Deferred(Reason.STOPPED, -321)),
        (OA, -234, Deferred(Reason.NIGHT, -234)),
        (BUSINESS, -124, Deferred(Reason.TOKEN, -124)),
        (BUSINESS, -118, Rejected(Reason.DEAD, -118)),
        (BUSINESS, -144, Deferred(Reason.QUOTA, -144)),
        (BUSINESS, -115, Deferred(Reason.STOPPED, -115)),
    ],
)
def test_codes(host, code, outcome):
    assert answer(code, host=host) == outcome


@pytest.mark.parametrize(
    ("text", "scope"),
    [("Your application reached limit call api", Scope.APP), ("Your OA reached limit call api", Scope.OA), ("limit", Scope.APP)],
)
def test_a_refusal_for_rate_says_whose_limit_it_was(text, scope):
    assert answer(-32, text) == Deferred(Reason.THROTTLED, -32, scope=scope)


def test_the_same_number_may_mean_different_things_on_two_hosts():
    assert {host for host, _ in CODES} == {OA, BUSINESS}
    assert look_up(OA, -115).meaning != look_up(BUSINESS, -115).meaning


def test_a_bad_user_id_speaks_of_one_person_any_other_bad_field_of_everyone():
    assert answer(-201, "user_id is invalid!") == Rejected(Reason.DEAD, -201)
    assert answer(-201, "text is invalid!") == Deferred(Reason.BAD_MESSAGE, -201)


KINDS = {429: Deferred, 503: Deferred, 500: Unknown, 502: Unknown, 504: Unknown, 200: Unknown}


@pytest.mark.parametrize(("status", "kind"), KINDS.items())
def test_without_a_verdict_only_429_and_503_were_surely_not_executed(status, kind):
    assert type(classify(OA, Reply(status, b"<html>", None))) is kind


def test_a_verdict_counts_whatever_the_status():
    assert answer(0, status=500) == Accepted("")
    assert answer(-213, status=502) == Rejected(Reason.DEAD, -213)


@pytest.mark.parametrize("body", [b'{"error": false}', b'{"error": 0.0}', b'{"error": "0"}', b'{"error": null}'])
def test_only_the_number_zero_is_an_acceptance(body):
    assert classify(OA, Reply(200, body, None)) == Unknown(Reason.UNREADABLE)


@pytest.mark.parametrize("code", [2**31, 4_000_000_000, 2**63 - 1, -(2**63)])
def test_a_code_of_any_size_is_data(code):
    assert answer(code) == Deferred(Reason.UNLISTED, code)


@pytest.mark.parametrize("code", [2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**100])
def test_a_number_that_no_ledger_holds_is_no_code(code):
    assert classify(OA, Reply(200, b'{"error":%d}' % code)) == Unknown(Reason.UNREADABLE)


@pytest.mark.parametrize(
    "body",
    [
        b'{"error":-213,"error":0}',
        b'{"error":0,"error":-213}',
        b'{"error":0,"error":0}',
        b'{"\\u0065rror":-213,"error":0}',
        b'{"error":0,"err\\u006fr":-213}',
        b'{"error":0}' + b" " * MOST_BYTES,
        b'{"error":-213,"message":"' + b"x" * MOST_BYTES + b'"}',
        b'{"error":0,"data":{"error":1,"x":' + b"[" * 1000 + b"]" * 1000 + b"}}",
    ],
    ids=["refused, accepted", "accepted, refused", "twice", "escaped", "escaped after", "cut", "cut refusal", "nested"],
)
def test_an_answer_that_says_two_things_or_was_cut_is_no_verdict(body):
    assert classify(OA, Reply(200, body)) == Unknown(Reason.UNREADABLE, 200)


@pytest.mark.parametrize(
    "body",
    [
        b'{"error":0,"data":{"message_id":"m","error":1}}',
        b'{"error":0,"data":{"message_id":"m"},"message":"Th\\u00e0nh c\\u00f4ng"}',
        b'{"error":0,"data":{"message_id":"m"},"message":"no \\"error\\""}',
    ],
)
def test_the_word_error_further_inside_spoils_nothing(body):
    assert classify(OA, Reply(200, body)) == Accepted("m")


@pytest.mark.parametrize("odd", [b"[" * 1000 + b"]" * 1000, b'{"a":1}', b"1.5", b"true"])
def test_an_id_that_is_none_does_not_spoil_an_acceptance(odd):
    assert classify(OA, Reply(200, b'{"error":0,"data":{"message_id":%b,"user_id":%b}}' % (odd, odd)), "1") == Accepted("")


def test_an_unlisted_code_is_tried_again_and_told():
    assert answer(-99_999) == Deferred(Reason.UNLISTED, -99_999)
    assert "report" in advise(OA, -99_999)


@pytest.mark.parametrize("key", [key for key, code in CODES.items() if code.action in (Action.STOP, Action.TOKEN, Action.BADMSG)])
def test_whatever_halts_a_run_says_what_to_do(key):
    assert look_up(*key).meaning
    assert advise(*key)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["error", "data", "message_id", "message"]), inner)
    ),
    max_leaves=8,
)


@given(st.sampled_from(list(Host)), st.integers(100, 599), json_values.map(orjson.dumps) | st.binary(max_size=60))
def test_no_answer_makes_it_stumble(host, status, body):
    outcome = classify(host, Reply(status, body, None))
    assert isinstance(outcome, Accepted | Deferred | Rejected | Unknown)
    if isinstance(outcome, Accepted):
        assert orjson.loads(body)["error"] == 0


@pytest.mark.parametrize(
    ("quota", "left"),
    [
        ('{"remain":"499","total":"500"}', (499, 500)),
        ('[{"remain":1},{"remain":2,"total":"7"},[{"remain":9}],null]', (3, 7)),
        ("[" + ",".join(['{"remain":99999999999999999}'] * 200) + "]", (10**18, None)),
        ('{"remain":18446744073709551615}', None),
        ('{"remain":' + "[" * 1000 + "]" * 1000 + "}", None),
        ("[" * 1000 + "]" * 1000, None),
    ],
    ids=["strings", "a list", "more than a table holds", "no count", "nested", "nested lists"],
)
def test_what_is_left_of_a_quota_never_makes_a_run_stumble(quota, left, tmp_path):
    found = read_left(f'{{"data":{{"quota":{quota}}}}}'.encode(), 5.0)

    assert found == (None if left is None else QuotaLeft(left[0], left[1], 5.0))
    if found:
        quotas = Quotas(tmp_path / "rates.db")
        quotas.note("1", Kind.CS, found)
        assert quotas.of("1") == {Kind.CS: found}
        quotas.close()


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"", Deferred(Reason.THROTTLED, 429, 7.0)),
        (b"try later", Deferred(Reason.THROTTLED, 429, 7.0)),
        (b"<html><h1>429 Too Many Requests</h1>", Deferred(Reason.THROTTLED, 429, 7.0)),
        (b'{"message":"Too Many Requests"}', Deferred(Reason.THROTTLED, 429, 7.0)),
        (b'{"error":429,"message":"Too Many Requests"}', Deferred(Reason.THROTTLED, 429, 7.0)),
        (b'{"error":"rate_limited"}', Deferred(Reason.THROTTLED, 429, 7.0)),
        (b'{"error":{"code":429}}', Deferred(Reason.THROTTLED, 429, 7.0)),
        (b'{"error":-9999}', Deferred(Reason.THROTTLED, 429, 7.0)),
        (b'{"error":-32,"message":"Your application reached limit call api"}', Deferred(Reason.THROTTLED, -32)),
        (b'{"error":-32,"message":"Your OA reached limit call api"}', Deferred(Reason.THROTTLED, -32, scope=Scope.OA)),
        (b'{"error":-213}', Rejected(Reason.DEAD, -213)),
    ],
    ids=lambda value: value.decode() if isinstance(value, bytes) else "",
)
def test_a_429_is_no_full_minute_unless_its_body_says_so_nor_a_code_that_no_table_knows(body, outcome):
    assert classify(OA, Reply(429, body, retry_after_s=7.0)) == outcome


def test_a_503_waits_as_long_as_it_asks_for():
    assert classify(OA, Reply(503, b"", retry_after_s=7.0)) == Deferred(Reason.BUSY, 503, 7.0)


NOW_S = 1_790_000_000.0  # Mon, 21 Sep 2026 14:13:20 GMT


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        ("2", 2),
        (" 30 ", 30),
        ("1.5", 1.5),
        ("3600", ASKED_MOST_S),
        ("86400", ASKED_MOST_S),
        ("86401", None),
        ("99999999999", None),
        ("9" * 5000, None),
        ("-5", None),
        ("+5", None),
        ("1e3", None),
        ("soon", None),
        ("\u0663", None),
        ("inf", None),
        ("Mon, 21 Sep 2026 14:13:50 GMT", 30),
        ("Mon, 21 Sep 2026 21:13:50 +0700", 30),
        ("Mon, 21 Sep 2026 15:13:20 GMT", ASKED_MOST_S),
        ("Mon, 21 Sep 2026 14:13:19 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Wed, 21 Sep 9999 14:13:50 GMT", None),
        ("Mon, 99 Sep 2026 14:13:50 GMT", None),
        ("Mon, 21 Sep 99999999 14:13:50 GMT", None),
        ("2026-09-21T14:13:50Z", None),
    ],
)
def test_what_a_server_asks_to_wait_is_believed_within_reason(text, wait_s):
    assert asked_s(text, NOW_S) == wait_s
