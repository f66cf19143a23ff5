"""What is posted to whom, by which call."""

import orjson
import pytest

from tests.outboxes import NOW_MS, OA, answer, database, put
from zalo_alert.models import Rank
from zalo_alert.outbox.answer import Button
from zalo_alert.outbox.holds import FIRST_MS, LONGEST_MS, Holds
from zalo_alert.outbox.letter import body_of, path_of
from zalo_alert.outbox.store import Outbox


@pytest.fixture
def letter(tmp_path):
    def of(**more):
        with database(tmp_path) as db:
            put(db, answer("100", text="Xin chào", **more))
            [row] = Outbox(db).next_of((OA, "", Rank.RULE), 1, NOW_MS)
        return path_of(row), orjson.loads(body_of(row))

    return of


def test_a_text(letter):
    message = {"recipient": {"user_id": "100"}, "message": {"text": "Xin chào"}}
    assert letter() == ("/v3.0/oa/message/cs", message)


def test_buttons_and_the_message_that_is_answered(letter):
    buttons = (Button("Lệ phí", payload="le-phi"), Button("Bản đồ", url="https://x.vn"), Button("Gọi", phone="849"), Button("Có"))
    _path, body = letter(buttons=buttons, quote="m1")
    assert body["message"] == {
        "text": "Xin chào",
        "quote_message_id": "m1",
        "attachment": {
            "type": "template",
            "payload": {
                "buttons": [
                    {"title": "Lệ phí", "type": "oa.query.show", "payload": "le-phi"},
                    {"title": "Bản đồ", "type": "oa.open.url", "payload": {"url": "https://x.vn"}},
                    {"title": "Gọi", "type": "oa.open.phone", "payload": {"phone_code": "849"}},
                    {"title": "Có", "type": "oa.query.show", "payload": "Có"},
                ]
            },
        },
    }


def test_an_anonymous_visitor(letter):
    recipient = {"anonymous_id": "100", "conversation_id": "c1"}
    path, body = letter(conversation="c1", quote="m1", buttons=(Button("Có"),))
    assert (path, body) == ("/v2.0/oa/message", {"recipient": recipient, "message": {"text": "Xin chào"}})


def test_an_oa_that_is_refused_again_and_again_waits_longer_up_to_a_limit(tmp_path):
    with database(tmp_path) as db:
        holds, way, now_ms, waits = Holds(db), (OA, ""), NOW_MS, list[int]()
        for _ in range(9):
            until_ms = holds.hold(way, "token", -216, now_ms)
            assert holds.hold(way, "token", -216, now_ms) == until_ms, "what was on its way says nothing new"
            assert (holds.most(way, until_ms - 1), holds.most(way, until_ms)) == (0, 1)
            holds.try_out(way)
            assert holds.most(way, until_ms) == 0
            waits.append(until_ms - now_ms)
            now_ms = until_ms
        holds.release(way)
        assert holds.most(way, now_ms) is None
    assert waits[:3] == [FIRST_MS, 2 * FIRST_MS, 4 * FIRST_MS]
    assert waits[-1] == LONGEST_MS
