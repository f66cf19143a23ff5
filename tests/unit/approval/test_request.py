"""The one text that is signed: as it was written, or refused."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.approval.contents import alert_of, follow_up_as_json, ready_of, texts_of
from zalo_alert.approval.request import MAX_BYTES, canonical, differing, make_request, read_request
from zalo_alert.campaign.parse import parse
from zalo_alert.errors import InputInvalid
from zalo_alert.models import FollowUp, Translation
from zalo_alert.operations.scaffold import examples
from zalo_alert.runs.facts import RunPlace

WHAT = {"run": "DT-1", "audience": {"people": 3}, "texts": ["Huế"]}
SIGNED = {"by": "Dung", "at": "2026-09-18T14:00:00+07:00"}
REQUEST = make_request(WHAT, SIGNED)


@pytest.mark.parametrize("tail", [b"", b"\n", b"\r\n", b" \n\n"])
def test_white_space_that_a_mail_adds_does_not_count(tail):
    assert read_request(REQUEST.text + tail).digest == REQUEST.digest


@given(st.integers(0, len(REQUEST.text) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_makes_another_request(at, by):
    changed = bytearray(REQUEST.text)
    changed[at] ^= by
    try:
        read = read_request(bytes(changed))
    except InputInvalid:
        return

    assert read.digest != REQUEST.digest


@pytest.mark.parametrize(
    "text",
    [
        b"", b"x", b"\xff\xd8\xff\xe0", b"[]", b"null", b'{"type":"request"}',
        REQUEST.text.replace(b'"format":1', b'"format":2'),
        REQUEST.text.replace(b'"type":"request"', b'"type":"standing"'),
        REQUEST.text.replace(b'"by":"Dung"', b'"by": "Dung"'),
        REQUEST.text.replace(b'"by":"Dung"', b'"by":"Dung","by":"Cuc"'),
        REQUEST.text.replace(b"+07:00", b""),
        REQUEST.text.replace(b'"people":3', b'"people":"3"'),
        b"[" * 100_000,
        b" " * 10 + b"x" * (MAX_BYTES + 1),
    ],
)  # fmt: skip
def test_what_is_no_request_is_told_in_a_sentence(text):
    with pytest.raises(InputInvalid, match="that is no request for approval") as refused:
        read_request(text)

    assert refused.value.hint


def test_the_text_is_the_same_however_it_was_put_together():
    turned = make_request(dict(reversed(WHAT.items())), dict(reversed(SIGNED.items())))

    assert turned.text == REQUEST.text == canonical(orjson.loads(REQUEST.text))


def test_what_differs_is_named_by_its_place():
    now = {"run": "DT-1", "audience": {"people": 4}, "hosts": {}}

    assert list(differing(WHAT, now)) == ["audience.people", "hosts", "texts"]
    assert list(differing(WHAT, WHAT)) == []


def test_a_request_holds_who_answers_for_each_language_and_is_as_before_where_there_is_none():
    plain = parse(examples()["dien-tap-tinh.yaml"], "c.yaml")
    old = {
        "code",
        "status",
        "msg_type",
        "event",
        "risk_level",
        "urgency",
        "severity",
        "certainty",
        "effective",
        "onset",
        "expires",
    }
    old |= {"references", "areas", "order", "routes", "broadcast", "limits", "canary"}
    translations = (Translation("km", "ខ្មែរ {{ code }}", "Thạch Sơn"), Translation("en", "Drill.", "Lê Hà"))
    follow_up = FollowUp("", "Nhầm.", plain.routes, languages=(Translation("km", "ខុស", "Thạch Sơn"),))
    several = replace(
        plain, languages=translations, correction=follow_up, fields={**plain.fields, "tu": plain.effective, "so": 1.5}
    )

    bare = alert_of(replace(plain, fields={}, response_types=()))

    assert set(bare) == old
    assert {name: value for name, value in alert_of(several).items() if name not in old} == {
        "response_types": ["None"],
        "languages": [["km", "Thạch Sơn"], ["en", "Lê Hà"]],
        "fields": {**plain.fields, "tu": plain.effective.isoformat(), "so": 1.5},
    }
    assert (follow_up_as_json(follow_up) or {})["languages"] == [["km", "ខុស", "Thạch Sơn"]]
    assert f"ខ្មែរ {plain.code}" in next(texts_of(several, [RunPlace("old:45", "Quảng Trị", None, 9)]))["text"]
    assert "Nhầm.\n\nខុស" in ready_of(several, [RunPlace("old:45", "Quảng Trị", None, 9)])["correction"]["text"]
