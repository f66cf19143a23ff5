"""The load generator: signed events at their own time, told again when they were not heard, and kept one by one."""

import asyncio
import hashlib
import json
import random
from collections import Counter

import pytest

from bench.generate import Requests, calls, due_times, summary
from bench.open_loop import NO_ANSWER, OpenLoop
from bench.signed_events import Events, Sent, Signer, read_texts

SIGNERS = [Signer("1", "10", "kín"), Signer("1", "20", "mật")]


class Hearing(asyncio.Protocol):
    """Hears events; answers each with the next of `statuses`, cuts the connection at 0, and with 200 when there is none left."""

    def __init__(self, heard, statuses):
        self.heard, self.statuses = heard, statuses

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        head, _, body = data.partition(b"\r\n\r\n")
        self.heard.append((dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:]), body))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == NO_ANSWER:
            self.transport.abort()
        else:
            self.transport.write(b"HTTP/1.1 %d X\r\ncontent-length: 2\r\n\r\nok" % status)


def tell(events, due, *, statuses=(), kept=None, is_fresh=False, again_s=(), forged=0.0, twice=0.0, connections=4):
    """Tell events to a listener on loopback; return the tally and what was heard."""
    heard: list[tuple[dict[str, str], bytes]] = []
    answers = list(statuses)

    async def main():
        server = await asyncio.get_running_loop().create_server(lambda: Hearing(heard, answers), "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/zalo?x=1"
        requests = Requests(url, events, kept, is_fresh=is_fresh)
        told = calls(due, random.Random(1), twice=twice, forged=forged)
        loop = OpenLoop(url, told, requests.write, requests.settled, connections=connections, again_s=again_s)
        async with server:
            return await asyncio.wait_for(loop.run(), 20)

    return asyncio.run(main()), heard


def is_right(headers, body):
    event = json.loads(body)
    oa = event["recipient"]["id"] if event["event_name"] == "user_send_text" else event["sender"]["id"]
    secret = next(signer.secret for signer in SIGNERS if signer.oa_id == oa)
    text = event["app_id"].encode() + body + event["timestamp"].encode() + secret.encode()
    return headers["x-zevent-signature"] == "mac=" + hashlib.sha256(text).hexdigest()


def test_every_event_is_told_once_and_signed_by_its_oa():
    tally, heard = tell(Events(SIGNERS, 50, messages=0.5), due_times(200, 0, None))
    names = Counter(json.loads(body)["event_name"] for _, body in heard)

    assert all(is_right(headers, body) for headers, body in heard)
    assert len({body for _, body in heard}) == len(heard) == 200
    assert names["user_send_text"] in range(80, 121)
    assert names["user_received_message"] > names["user_seen_message"] > 0
    assert summary(tally, 4) | {"answered_200": 200, "offered": 200, "given_up": 0, "most_waiting": 196} == summary(tally, 4)


def test_what_was_not_heard_is_told_again_with_the_same_bytes_or_with_others(tmp_path):
    for is_fresh in (False, True):
        with (tmp_path / "kept").open("wb") as kept:
            tally, heard = tell(
                Events(SIGNERS, 1),
                due_times(1, 0, None),
                statuses=[503, NO_ANSWER],
                again_s=(0.0, 0.0),
                kept=kept,
                is_fresh=is_fresh,
            )
        [row] = map(json.loads, (tmp_path / "kept").read_text().splitlines())

        assert [headers.get("num_retry") for headers, _ in heard] == [None, "1", "2"]
        assert len({body for _, body in heard}) == (3 if is_fresh else 1)
        assert all(is_right(headers, body) for headers, body in heard)
        assert row["status"] == 200
        assert row["tries"] == 2
        assert "mac=" + row["mac"] == heard[-1][0]["x-zevent-signature"]
        assert tally.statuses == {503: 1, NO_ANSWER: 1, 200: 1}


def test_forged_events_are_wrong_and_doubled_ones_the_same():
    _, heard = tell(Events(SIGNERS, 10), due_times(20, 0, None), forged=1.0, twice=1.0)
    right = [body for headers, body in heard if is_right(headers, body)]

    assert len(heard) == 60
    assert sorted(Counter(right).values()) == [2] * 20


def test_what_nobody_hears_is_given_up():
    tally, _ = tell(Events(SIGNERS, 10), due_times(10, 0, None), statuses=[500] * 20, again_s=(0.0,))
    assert tally.given_up == 10
    assert tally.statuses == {500: 20}


@pytest.mark.parametrize(
    ("name", "content"),
    [("hoi.csv", 'text,rule\n"nói ""dừng"", rồi đi",-\nlệ phí?,a\n'), ("hoi.txt", 'nói "dừng", rồi đi\n\nlệ phí?\n')],
)
def test_people_write_what_stands_in_a_file(name, content, tmp_path):
    (tmp_path / name).write_text(content, "utf-8")
    events = Events(SIGNERS, 3, 1.0, texts=read_texts(str(tmp_path / name)))
    _, heard = tell(events, [0.0] * 3, connections=1)

    assert [json.loads(body)["message"]["text"] for _, body in heard] == ['nói "dừng", rồi đi', "lệ phí?", 'nói "dừng", rồi đi']
    assert all(is_right(*each) for each in heard)


def test_receipts_tell_of_what_was_sent():
    sent = [Sent("20", "77", "abc"), Sent("10", "78", "def")]
    _, heard = tell(Events(SIGNERS, 1, sent=sent), due_times(2, 0, None), connections=1)
    assert [json.loads(body)["recipient"]["id"] for _, body in heard] == ["77", "78"]
    assert b"abc" in heard[0][1]


@pytest.mark.parametrize("dice", [None, random.Random(1)])
def test_events_come_as_often_as_asked(dice):
    times = list(due_times(10_000, 500, dice))
    assert times == sorted(times)
    assert times[-1] == pytest.approx(20, rel=0.05)
