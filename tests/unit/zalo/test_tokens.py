"""One chain of tokens: renewed once for everyone who waits, durable before it is used, never guessed."""

import asyncio
import dataclasses
import stat
from contextlib import closing

import pytest

from zalo_alert.delivery.channels.wrappers import RenewToken
from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.secret import Secret
from zalo_alert.language import Language, catalogue_of, said_in
from zalo_alert.models import Accepted, AccountId, Deferred, Reason
from zalo_alert.settings.model import Account
from zalo_alert.settings.secrets import Credentials
from zalo_alert.testing import FakeClock, MemorySource
from zalo_alert.zalo.base import NoAnswer, NotSent, TokenPair
from zalo_alert.zalo.oauth import Refused
from zalo_alert.zalo.token_store import TokenStore
from zalo_alert.zalo.tokens import LANDED_S, Tokens

ACCOUNT = Account(AccountId("pctt"), "388613280878808645", "360846524940903967")


class Zalo:
    """Trades refresh tokens: each works once, and its access token dies with it; told to, it loses the answer."""

    loses = False

    def __init__(self):
        self.good, self.calls, self.error, self.alive = "r0", 0, None, set()

    async def exchange(self, refresh):
        self.calls += 1
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        if refresh.reveal() != self.good:
            raise Refused("the refresh token", -14014, "Invalid refresh token", "consent again")
        self.good = f"r{self.calls}"
        self.alive = {f"a{self.calls}"}
        if self.loses:
            raise NoAnswer("ReadTimeout")
        return TokenPair(Secret(f"a{self.calls}"), Secret(self.good), 90_000)


@pytest.fixture
def zalo():
    return Zalo()


@pytest.fixture
def opened(tmp_path, zalo, clock):
    held = []

    async def probe(access):
        return access.reveal() in zalo.alive

    def make(access="a0", refresh="r0"):
        credentials = Credentials(Secret("s"), Secret(refresh), Secret(access))
        held.append(TokenStore(tmp_path))
        return Tokens(held[-1], ACCOUNT, credentials, zalo.exchange, clock, probe)

    yield make
    for store in held:
        store.close()


@pytest.fixture
def clock():
    return FakeClock()


def test_many_who_find_the_token_dead_renew_it_once(opened, zalo):
    tokens = opened()

    async def everyone():
        return await asyncio.gather(*(tokens.renew("a0") for _ in range(50)))

    assert all(asyncio.run(everyone()))
    assert (tokens.token, zalo.calls) == ("a1", 1)


def test_the_apps_of_an_oa_keep_their_tokens_apart(opened, zalo, tmp_path, clock):
    opened()
    second = dataclasses.replace(ACCOUNT, app_id="460846524940903967", main_app=ACCOUNT.app_id)
    with closing(TokenStore(tmp_path)) as store:
        tokens = Tokens(store, second, Credentials(Secret("s"), Secret("r0"), Secret("a0")), zalo.exchange, clock)
        assert asyncio.run(tokens.renew("a0"))

        assert store.chains(ACCOUNT.oa_id) == []
        assert [row.access.reveal() for row in store.chains(second.token_key)] == ["a1"]
    assert opened().token == "a0"


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
    channel, people = RenewToken(bare, [tokens]), MemorySource(300).audience

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
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.rglob("*") if path.is_file())


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


def test_a_refusal_is_told_in_the_language_of_whoever_asks_later(opened, tmp_path):
    asyncio.run(opened(refresh="spent").renew("a0"))
    with closing(TokenStore(tmp_path)) as store:
        refused = store.chains(ACCOUNT.oa_id)[0].refused

    assert said_in(refused, catalogue_of(Language.VI)).startswith("Zalo từ chối")
    assert refused == "Zalo refused the refresh token (-14014 Invalid refresh token)"


def test_a_stale_variable_costs_no_good_tokens(opened, zalo):
    asyncio.run(opened().renew("a0"))
    stale = opened(access="old", refresh="long dead")
    assert asyncio.run(stale.renew("old"))
    assert stale.token == "a1"  # from the chain that was there before
    assert asyncio.run(stale.renew("a1"))
    assert stale.token == "a3"
    assert opened(access="", refresh="").token == "a3"


def test_an_answer_that_was_lost_is_not_asked_for_again_while_it_may_still_come(opened, zalo, clock):
    zalo.loses = True
    tokens = opened()
    assert not asyncio.run(tokens.renew("a0"))
    assert "no usable answer" in tokens.refusal
    again = opened()
    assert not asyncio.run(again.renew("a0"))
    assert "try again in 60 s" in again.refusal
    assert zalo.calls == 1


def test_a_pair_that_was_lost_is_tried_once_more_when_nothing_can_be_under_way_and_then_says_what_to_do(opened, zalo, clock):
    zalo.loses = True
    assert not asyncio.run(opened().renew("a0"))
    clock.move(LANDED_S)
    again = opened()
    assert not asyncio.run(again.renew("a0"))
    assert (zalo.calls, "-14014" in again.refusal) == (2, True)
    last = opened()
    assert not asyncio.run(last.renew("a0"))  # and never a third time
    assert zalo.calls == 2
    assert "accounts login pctt" in last.refusal


def test_a_refresh_that_was_never_executed_is_told_by_the_old_access_token(opened, zalo):
    zalo.error, zalo.alive = NoAnswer("ReadTimeout"), {"a0"}
    assert not asyncio.run(opened().renew("a0"))
    zalo.error = None
    again = opened()
    assert asyncio.run(again.renew("a0"))  # at once: the old access token still works, so nothing was executed
    assert again.token == "a2"


def test_a_refresh_that_never_left_costs_nothing(opened, zalo):
    zalo.error = NotSent("refused")
    assert not asyncio.run(opened().renew("a0"))
    zalo.error = None
    again = opened()
    assert asyncio.run(again.renew("a0"))
    assert again.token == "a2"


def test_what_can_not_be_asked_with_costs_nothing_and_halts_with_a_sentence(opened, zalo):
    zalo.error = SettingsInvalid("the certificates in x can't be read", hint="unset SSL_CERT_FILE")
    tokens = opened()
    assert not asyncio.run(tokens.renew("a0"))
    assert "unset SSL_CERT_FILE" in tokens.refusal
    zalo.error = None
    assert asyncio.run(opened().renew("a0"))  # at once: no refresh is under way


@pytest.mark.parametrize(
    "error", [OSError(37, "No locks available"), NotImplementedError(), PermissionError(13, "Permission denied")]
)
def test_a_disk_without_locks_is_a_sentence(opened, zalo, monkeypatch, error):
    def acquire(*_, **__):
        raise error

    monkeypatch.setattr("filelock.FileLock.acquire", acquire)
    tokens = opened()
    assert not asyncio.run(tokens.renew("a0"))
    assert "can't be locked" in tokens.refusal
    assert zalo.calls == 0


def test_a_fault_of_the_app_leaves_the_refresh_token_alone(opened, zalo):
    zalo.error = Refused("the refresh token", -14004, "Invalid secret key", "")
    tokens = opened()
    assert not asyncio.run(tokens.renew("a0"))
    assert "set the right app secret" in tokens.refusal
    zalo.error = None
    assert asyncio.run(opened().renew("a0"))


def test_without_a_refresh_token_a_dead_access_token_stays_dead(opened, zalo):
    tokens = opened(refresh="")
    assert not asyncio.run(tokens.renew("a0"))
    assert zalo.calls == 0
    assert "no refresh token" in tokens.refusal


def test_no_secret_shows_itself(opened):
    credentials = Credentials(Secret("geheim1"), Secret("geheim2"), Secret("geheim3"))
    assert "geheim" not in repr(credentials) + str(credentials) + repr(TokenPair(Secret("geheim"), Secret("geheim"), 1))
