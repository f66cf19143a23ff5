"""Requests are told by kind, code and time: some one by one, the others counted, none where nobody wants to see them."""

import asyncio
import logging

import pytest

from zalo_alert.operations.requests import watching_requests
from zalo_alert.zalo import requests
from zalo_alert.zalo.base import NoAnswer, NotSent, Reply
from zalo_alert.zalo.requests import MOST_KINDS, SINGLE, Tally, Told, answer_of, watched

URL = "https://openapi.zalo.me/v3.0/oa/message/cs?access_token=secret"


class Answers:
    """A post that gives one answer after another."""

    def __init__(self, *answers):
        self._answers = list(answers)

    async def __call__(self, url, headers, body):
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self):
        self._answers.clear()


def test_of_many_alike_some_are_told_and_the_others_counted():
    tally = Tally()
    told = [tally.add("POST /cs", "0", 0.05 + n / 1000, n / 1000) for n in range(1000)]
    later = tally.add("POST /cs", "0", 0.1, 11.0)

    assert [len(some) for some in told] == [1] * SINGLE + [0] * 997
    assert later[0][:3] == ("POST /cs", "0", 997)
    assert later[0][3:] == pytest.approx((0.551, 1.049))
    assert str(later[0]) == "POST /cs: 0 997 more times, 551.0 ms each, 1049 ms at most"
    assert str(later[1]) == "POST /cs: 0 in 100 ms"


def test_a_rare_answer_is_told_among_many_others():
    tally = Tally()
    for n in range(1000):
        tally.add("POST /cs", "0", 0.05, n / 1000)

    assert tally.add("POST /cs", "-32", 0.05, 1.0) == [Told("POST /cs", "-32", 1, 0.05, 0.05)]


def test_a_server_that_invents_codes_does_not_fill_the_disk():
    tally = Tally()
    told = [line for n in range(10_000) for line in tally.add("POST /cs", str(n), 0.05, n / 10_000)]

    assert len(told) + len(tally.ended()) <= MOST_KINDS + SINGLE + 1


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [(200, b'{"error":0}', "0"), (200, b'{"error": -32, "message":"x"}', "-32"), (502, b"<html>", "HTTP 502"), (200, b"{}", "0")],
)
def test_an_answer_is_its_code(status, body, answer):
    assert answer_of(status, body) == answer


def test_each_message_that_is_posted_is_told_without_what_lets_somebody_in():
    told: list[Told] = []
    with watching_requests(told.append):
        post = watched(Answers(Reply(200, b'{"error":0}'), NotSent("x"), NoAnswer("y")))

        async def send():
            assert (await post(URL, (), b"{}")).status == 200
            for kind in (NotSent, NoAnswer):
                with pytest.raises(kind):
                    await post(URL, (), b"{}")
            await post.close()

        asyncio.run(send())

    assert [(each.call, each.answer) for each in told] == [
        ("POST /v3.0/oa/message/cs", "0"), ("POST /v3.0/oa/message/cs", "not sent"), ("POST /v3.0/oa/message/cs", "no answer"),
    ]  # fmt: skip


def test_where_nobody_watches_nothing_stands_between():
    post = Answers()

    assert watched(post) is post
    assert not requests.are_watched()
    with watching_requests(print):
        assert requests.are_watched()
    assert not logging.getLogger(requests.NAME).handlers
