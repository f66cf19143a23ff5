"""What comes to the address of consents: read to the letter, bounded, and answered in Vietnamese without a word of its own."""

import asyncio
from urllib.parse import quote

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.inbound.consent_answer import Reply, Verdict, path_of, read_answer
from zalo_alert.inbound.consent_door import ConsentDoor
from zalo_alert.inbound.consent_page import consent_page

STATE = "s" * 43
WHOLE = f"/consent?state={STATE}&code=abc&oa_id=12"


class Exchange:
    """A request, and what was sent for it."""

    def __init__(self, target, method=b"GET"):
        self.target, self.method, self.is_last, self.sent = target.encode(), method, False, b""

    def send(self, answer):
        self.sent = answer

    @property
    def status(self):
        return int(self.sent.split(b" ")[1])


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_is_none(target):
    path_of(target)
    answer = read_answer(target)
    assert answer is None or len(answer.state.reveal()) == 43


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=200))
def test_a_code_comes_through_as_it_was(code):
    answer = read_answer(f"/consent?state={STATE}&code={quote(code, safe='')}".encode())
    assert answer is not None
    assert answer.code.reveal() == code


@pytest.mark.parametrize(
    "query",
    [
        "", "state=", "state=short&code=a", f"state={STATE}!&code=a", f"state={STATE}&state={STATE}&code=a",
        f"state={STATE}&code=a&code=b", f"state={STATE}&code={'a' * 4097}", f"state={STATE}&code=a%20b",
        f"state={STATE}&code=%C3%A9",
        f"state={STATE}&code=a&oa_id=1a", f"state={STATE}&code=a&oa_id={'1' * 26}", "&".join(f"x{n}=1" for n in range(40)),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_none(query):
    assert read_answer(f"/consent?{query}".encode()) is None


def test_an_answer_without_a_code_is_one_all_the_same():
    answer = read_answer(f"/consent?state={STATE}&error=-1".encode())
    assert answer is not None
    assert not answer.code


@pytest.mark.parametrize("reply", Reply)
def test_every_reply_has_a_page_in_vietnamese_that_holds_nothing_of_the_requests_own(reply):
    verdict = Verdict(reply, "xa-1", "12", "<b>Xã & Phường</b>", "<i>khác</i>", ends_at_s=0.0)
    head, page = consent_page(verdict, is_last=True).decode().split("\r\n\r\n")

    assert 'lang="vi"' in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "script" not in page
    assert "content-security-policy: default-src 'none'" in head
    assert "referrer-policy: no-referrer" in head
    assert f"content-length: {len(page.encode())}" in head
    assert ("retry-after" in head) == (head.split(" ")[1] in ("429", "503"))


def at_door(exchanges, take, **limits):
    async def go():
        door = ConsentDoor(take, frozenset({"/consent"}), **limits)
        for exchange in exchanges:
            door.serve(exchange)
        await door.drain(1)
        return door

    return asyncio.run(go())


async def thank(answer):
    return Verdict(Reply.RECEIVED, "a")


def test_only_a_get_of_a_link_s_path_is_looked_into():
    wanted: list[Any] = [Exchange(WHOLE), Exchange(WHOLE, b"HEAD"), Exchange(WHOLE, b"POST"), Exchange("/other?x"), Exchange("/consent"),
              Exchange("*")]  # fmt: skip
    door = at_door(wanted, thank)

    assert [exchange.status for exchange in wanted] == [200, 405, 405, 404, 404, 404]
    assert door.strangers == 5
    assert int(door.refused(431).split(b" ")[1]) == 431


def test_more_than_can_wait_are_told_to_come_again_and_so_is_who_waits_too_long():
    release = []

    async def slow(answer):
        done = asyncio.get_running_loop().create_future()
        release.append(done)
        await done
        return Verdict(Reply.RECEIVED)

    crowd: list[Any] = [Exchange(WHOLE) for _ in range(4)]

    async def go():
        door = ConsentDoor(slow, frozenset({"/consent"}), most_waiting=4, patience_s=0.01)
        for exchange in crowd:
            door.serve(exchange)
        while not crowd[0].sent:
            await asyncio.wait([release[0]], timeout=0.01)
        for done in release:
            done.set_result(None)
        await door.drain(1)

    asyncio.run(go())
    assert [exchange.status for exchange in crowd] == [503] * 4
    assert len(release) == 2, "what was begun is ended, though nobody waits for it"


def test_a_bug_ends_the_process_and_is_not_swallowed():
    async def broken(answer):
        raise RuntimeError("a bug")

    async def go():
        door = ConsentDoor(broken, frozenset({"/consent"}))
        one: Any = Exchange(WHOLE)
        door.serve(one)
        await asyncio.wait([door.failed], timeout=1)
        return door.failed.exception()

    assert isinstance(asyncio.run(go()), RuntimeError)
