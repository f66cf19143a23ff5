"""What an administrator's answer is worth, whatever Zalo says or does not say to it."""

import asyncio
import json
from contextlib import closing

import httpx
import pytest

from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.secret import Secret
from zalo_alert.inbound.consent_answer import ConsentAnswer, Reply
from zalo_alert.operations.connect import Connections
from zalo_alert.operations.consent_taking import MOST_TRIES, ConsentTaker
from zalo_alert.operations.scaffold import create
from zalo_alert.operations.state import state_folder
from zalo_alert.settings.load import load
from zalo_alert.zalo.invitations import Invitation, InvitationStore, Outcome, digest_of, verifier_of
from zalo_alert.zalo.oauth import challenge
from zalo_alert.zalo.token_store import TokenStore

OA, APP = "388613280878808645", "360846524940903967"
URL = "http://127.0.0.1:9"
STATE = Secret("s" * 43)
SALT = Secret("salt")


class Zalo:
    """What stands at the other end: codes as they are traded, and whose each token is."""

    def __init__(self):
        self.codes = {"good": OA, "other": "111111111111111111"}
        self.verifiers, self.is_mute, self.says_whose = [], False, True
        self.asked = 0

    def __call__(self, request):
        self.asked += 1
        if request.url.path.endswith("access_token"):
            form = dict(httpx.QueryParams(request.content.decode()))
            self.verifiers.append(form["code_verifier"])
            if self.is_mute:
                raise httpx.ReadError("cut")
            oa_id = self.codes.pop(form["code"], None)
            if oa_id is None:
                return httpx.Response(200, json={"error": -14005, "error_name": "Invalid code"})
            return httpx.Response(200, json={"access_token": f"token-{oa_id}", "refresh_token": "r", "expires_in": "90000"})
        if not self.says_whose:
            return httpx.Response(200, json={"error": -201, "message": "no"})
        oa_id = request.headers["access_token"].removeprefix("token-")
        return httpx.Response(200, content=json.dumps({"error": 0, "data": {"oaid": oa_id, "name": "Xã Ba Đình"}}))


class Desk:
    """A workspace with one link out."""

    def __init__(self, folder, zalo):
        create(folder, SystemClock().now())
        hosts = {f"ZALO_ALERT_{name}_URL": URL for name in ("OPENAPI", "BUSINESS", "OAUTH")}
        self.settings = load(folder, hosts | {f"ZALO_ALERT_APP_{APP}_SECRET": "secret"})
        self.state = state_folder(self.settings)
        self.zalo, self.troubles = zalo, []
        self.now_s = SystemClock().now().timestamp()
        self.link = Invitation(
            digest_of(STATE.reveal()), "pctt", APP, OA, "https://a.vn/consent", SALT, self.now_s, self.now_s + 86_400
        )
        with closing(InvitationStore(self.state)) as links:
            links.add([self.link], self.now_s)

    def take(self, *answers, at_once=False):
        """Take some answers, one after the other or at the same time; what each is told."""

        async def go():
            transport = httpx.MockTransport(self.zalo)
            async with httpx.AsyncClient(transport=transport) as http:
                with closing(TokenStore(self.state)) as tokens, closing(InvitationStore(self.state)) as links:
                    taker = ConsentTaker(Connections(self.settings, http, tokens), links, SystemClock(), self.troubles.append)
                    await taker.prove_all()
                    if at_once:
                        return list(await asyncio.gather(*map(taker.take, answers)))
                    return [await taker.take(answer) for answer in answers]

        return [verdict.reply for verdict in asyncio.run(go())]

    @property
    def kept(self):
        with closing(TokenStore(self.state)) as tokens:
            return [row.access.reveal() for row in tokens.chains(OA)]

    @property
    def aside(self):
        with closing(InvitationStore(self.state)) as links:
            return links.aside()


@pytest.fixture
def zalo():
    return Zalo()


@pytest.fixture
def desk(tmp_path, zalo):
    return Desk(tmp_path, zalo)


def answer(code="good", oa_id=OA, state=STATE, path="/consent"):
    return ConsentAnswer(path, state, Secret(code), oa_id)


def test_a_consent_is_traded_with_the_verifier_of_its_own_link_and_kept(desk, zalo):
    assert desk.take(answer()) == [Reply.RECEIVED]
    assert desk.kept == [f"token-{OA}"]
    assert desk.aside == []
    assert zalo.verifiers == [verifier_of(SALT, STATE).reveal()]
    assert len(challenge(Secret(zalo.verifiers[0]))) == 43


def test_a_reload_asks_nothing_and_of_many_at_once_one_is_traded(desk, zalo):
    assert desk.take(*[answer()] * 5, at_once=True) == [Reply.RECEIVED, *[Reply.REPEATED] * 4]
    assert zalo.asked == 2  # the trade, and whose it is


@pytest.mark.parametrize("oa_id", ["", OA], ids=["the address says nothing", "the address lies"])
def test_another_oas_tokens_are_found_out_by_asking_and_not_kept(desk, oa_id):
    assert desk.take(answer("other", oa_id), answer("other", oa_id)) == [Reply.WRONG_OA, Reply.WRONG_OA]
    assert (desk.kept, desk.aside) == ([], [])


def test_an_address_that_names_another_oa_is_not_even_traded(desk, zalo):
    assert desk.take(answer("other", "111111111111111111")) == [Reply.WRONG_OA]
    assert zalo.asked == 0


def test_tokens_wait_aside_until_zalo_says_whose_they_are_also_over_a_restart(desk, zalo):
    zalo.says_whose = False
    assert desk.take(answer()) == [Reply.UNPROVEN]
    assert desk.kept == []
    assert len(desk.aside) == 1
    assert desk.take(answer()) == [Reply.UNPROVEN]
    zalo.says_whose = True
    assert desk.take() == []  # whoever starts asks again
    assert desk.kept == [f"token-{OA}"]
    assert desk.aside == []
    assert desk.take(answer()) == [Reply.REPEATED]


def test_made_up_codes_cost_what_waits_aside_nothing(desk, zalo):
    zalo.says_whose = False
    assert desk.take(answer(), answer("made-up"), answer("other", "111111111111111111"))[1:] == [Reply.SPENT, Reply.WRONG_OA]
    assert len(desk.aside) == 1
    zalo.says_whose = True
    desk.take()
    assert desk.kept == [f"token-{OA}"]


def test_a_stop_between_keeping_and_noting_it_keeps_no_older_tokens_later(desk, zalo):
    zalo.says_whose = False
    desk.take(answer())
    (aside,) = desk.aside
    with closing(TokenStore(desk.state)) as tokens:
        tokens.keep(OA, "", aside.pair._replace(access=Secret("newer")), aside.came_at_s + 60)
    zalo.says_whose = True
    desk.take()

    assert desk.kept == ["newer"]
    assert desk.aside == []


def test_what_waits_aside_too_long_is_given_up(desk, zalo):
    with closing(InvitationStore(desk.state)) as links:
        zalo.says_whose = False
        desk.take(answer())
        (aside,) = links.aside()
        links.put_aside(aside.digest, "code", aside.pair, desk.now_s - 86_400)
    desk.take()
    assert desk.aside == []


def test_an_answer_that_never_came_is_no_verdict_on_the_code(desk, zalo):
    zalo.is_mute = True
    assert desk.take(answer()) == [Reply.LOST]
    zalo.is_mute = False
    assert desk.take(answer()) == [Reply.RECEIVED]


def test_tries_are_counted_for_each_link(desk, zalo):
    replies = desk.take(*(answer(f"c{number}") for number in range(MOST_TRIES + 2)))
    assert replies == [Reply.SPENT] * MOST_TRIES + [Reply.TOO_OFTEN] * 2
    assert zalo.asked == MOST_TRIES


@pytest.mark.parametrize(
    ("given", "reply"),
    [
        (answer(state=Secret("t" * 43)), Reply.UNKNOWN),
        (answer(path="/other"), Reply.UNKNOWN),
        (answer(code=""), Reply.DECLINED),
        (answer(code="made-up"), Reply.SPENT),
    ],
)
def test_what_gives_nothing_is_told_apart(desk, given, reply):
    assert desk.take(given) == [reply]
    assert desk.kept == []


def test_a_link_ends_and_one_of_an_oa_that_is_gone_is_withdrawn(desk, zalo):
    with closing(InvitationStore(desk.state)) as links:
        ended = desk.link._replace(digest=digest_of("e" * 43), ends_at_s=desk.now_s - 1)
        moved = desk.link._replace(digest=digest_of("m" * 43), oa_id="111111111111111111")
        strange = desk.link._replace(digest=digest_of("n" * 43), account="nobody")
        links.add([ended, moved, strange], desk.now_s)
    states = [Secret(letter * 43) for letter in "emn"]
    assert desk.take(*(answer(state=state) for state in states)) == [Reply.ENDED, Reply.WITHDRAWN, Reply.WITHDRAWN]
    assert zalo.asked == 0


def test_a_refresh_that_is_going_on_makes_the_administrator_wait(desk, monkeypatch):
    monkeypatch.setattr("zalo_alert.operations.consent_taking.LOCK_S", 0.01)
    with closing(TokenStore(desk.state)) as tokens, tokens.lock(OA):
        assert desk.take(answer()) == [Reply.BUSY]
    assert desk.take(answer()) == [Reply.RECEIVED]


def test_a_verifier_that_was_fixed_and_is_gone_is_the_offices_trouble(desk):
    with closing(InvitationStore(desk.state)) as links:
        links.add([desk.link._replace(digest=digest_of("f" * 43), salt=Secret(""))], desk.now_s)
    assert desk.take(answer(state=Secret("f" * 43))) == [Reply.REFUSED]
    assert "code verifier" in str(desk.troubles[0])


def test_a_file_that_cannot_be_written_is_told(desk, monkeypatch):
    from zalo_alert.errors import StorageUnusable

    def full(*_):
        raise StorageUnusable("the disk is full")

    monkeypatch.setattr(InvitationStore, "put_aside", full)
    assert desk.take(answer()) == [Reply.UNSTORED]
    assert [str(trouble) for trouble in desk.troubles] == ["the disk is full"]
    assert desk.kept == []


def test_links_are_forgotten_long_after_their_end(desk):
    with closing(InvitationStore(desk.state)) as links:
        links.add([], desk.now_s + 200 * 86_400)
        assert links.get(desk.link.digest) is None


def test_a_spent_code_takes_no_good_outcome_back(desk):
    desk.take(answer())
    with closing(InvitationStore(desk.state)) as links:
        links.note_spent(desk.link.digest, "x")
        kept = links.get(desk.link.digest)
    assert kept is not None
    assert kept.outcome is Outcome.RECEIVED
