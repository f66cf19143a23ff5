"""One chain of tokens: renewed once for everyone who waits, durable before it is used, never guessed."""

import asyncio
import stat

import pytest

from zalo_alert.channels.stack import Authorised
from zalo_alert.errors import CredentialsRefused, RunSuspended
from zalo_alert.models import Accepted, Deferred, Reason
from zalo_alert.settings import Account, Credentials, Secret
from zalo_alert.testing import FakeClock, MemorySource
from zalo_alert.zalo.base import TokenPair
from zalo_alert.zalo.tokens import Tokens

ACCOUNT = Account("pctt", "388613280878808645", "360846524940903967")


class Zalo:
    """Trades refresh tokens: each works once."""

    def __init__(self):
        self.good, self.calls, self.error = "r0", 0, None

    async def exchange(self, refresh):
        self.calls += 1
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        if refresh.reveal() != self.good:
            raise CredentialsRefused("Zalo refused the refresh token", hint="consent again")
        self.good = f"r{self.calls}"
        return TokenPair(Secret(f"a{self.calls}"), Secret(self.good), 90_000)


@pytest.fixture
def zalo():
    return Zalo()


@pytest.fixture
def opened(tmp_path, zalo):
    held = []

    def make(access="a0", refresh="r0"):
        credentials = Credentials(Secret("s"), Secret(refresh), Secret(access))
        held.append(Tokens(tmp_path / "tokens.db", ACCOUNT, credentials, zalo.exchange, FakeClock()))
        return held[-1]

    yield make
    for tokens in held:
        tokens.close()


def test_many_who_find_the_token_dead_renew_it_once(opened, zalo):
    tokens = opened()

    async def everyone():
        return await asyncio.gather(*(tokens.renew("a0") for _ in range(50)))

    assert all(asyncio.run(everyone()))
    assert (tokens.token, zalo.calls) == ("a1", 1)


class Bare:
    """A channel that sends with the account's token, which dies after so many messages."""

    def __init__(self, tokens, good_for):
        self.tokens, self.good_for = tokens, good_for
        self.good, self.reached, self.refused = tokens.token, [], 0

    async def send(self, recipient):
        used = self.tokens.token
        await asyncio.sleep(0)
        if len(self.reached) == self.good_for:
            self.good = "a1"
        if used != self.good:
            self.refused += 1
            return Deferred(Reason.TOKEN, -220)
        self.reached.append(recipient.number)
        return Accepted("m")


def test_a_token_that_dies_in_the_middle_is_renewed_once_for_all_senders(opened, zalo):
    tokens = opened()
    bare = Bare(tokens, good_for=50)
    channel, people = Authorised(bare, [tokens]), MemorySource(300).audience

    async def everyone():
        return await asyncio.gather(*(channel.send(person) for person in people))

    assert set(map(type, asyncio.run(everyone()))) == {Accepted}
    assert zalo.calls == 1
    assert sorted(bare.reached) == list(range(300))  # each once
    assert bare.refused == 250


def test_the_new_pair_outlives_the_process_and_nothing_else_may_read_it(opened, zalo, tmp_path):
    assert asyncio.run(opened().renew("a0"))
    again = opened()  # the environment still holds the old pair
    assert again.token == "a1"
    assert asyncio.run(again.renew("a1"))
    assert again.token == "a2"
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())


def test_another_process_that_was_faster_is_believed(opened, zalo):
    first, second = opened(), opened()
    assert asyncio.run(first.renew("a0"))
    assert asyncio.run(second.renew("a0"))
    assert (second.token, zalo.calls) == ("a1", 1)


def test_new_tokens_in_the_environment_start_a_new_chain(opened, zalo):
    asyncio.run(opened().renew("a0"))
    zalo.good = "fresh"
    tokens = opened(access="afresh", refresh="fresh")
    assert tokens.token == "afresh"
    assert asyncio.run(tokens.renew("afresh"))


def test_a_refusal_is_final_and_told(opened, zalo):
    tokens = opened(refresh="wrong")
    assert not asyncio.run(tokens.renew("a0"))
    assert not asyncio.run(tokens.renew("a0"))
    assert zalo.calls == 1
    assert "consent again" in tokens.refusal


def test_a_lost_answer_is_never_repeated_blindly(opened, zalo):
    tokens = opened()
    zalo.error = RunSuspended("no usable answer", hint="see")
    assert not asyncio.run(tokens.renew("a0"))
    zalo.error = None
    assert not asyncio.run(tokens.renew("a0"))
    assert zalo.calls == 1


def test_without_a_refresh_token_a_dead_access_token_stays_dead(opened, zalo):
    tokens = opened(refresh="")
    assert not asyncio.run(tokens.renew("a0"))
    assert zalo.calls == 0
    assert "no refresh token" in tokens.refusal


def test_no_secret_shows_itself(opened):
    credentials = Credentials(Secret("geheim1"), Secret("geheim2"), Secret("geheim3"))
    assert "geheim" not in repr(credentials) + str(credentials) + repr(TokenPair(Secret("geheim"), Secret("geheim"), 1))
