"""Several apps and Official Accounts: who is who, and whose token decides."""

import pytest

from zalo_alert.errors import UsageError
from zalo_alert.language import Language
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import Sandbox
from zalo_alert.sandbox.world import accounts
from zalo_alert.settings import load


def test_the_first_account_is_the_one_that_init_writes():
    first = accounts(Options())[0]
    assert first.line().strip() in load.example(Language.VI)


def test_the_same_seed_makes_the_same_accounts_with_fresh_secrets():
    one, two, other = (accounts(Options(oas=40, apps=3, seed=seed)) for seed in (1, 1, 2))
    ids = [[account[:6] for account in made] for made in (one, two, other)]

    assert ids[0] == ids[1] != ids[2]
    assert len({account.oa_id for account in one}) == len({account.id for account in one}) == 40
    assert len({account.app_id for account in one}) == 3
    assert one[0].credentials != two[0].credentials
    assert {account.level for account in one} == {"national", "province", "commune"}


def test_a_workspace_reads_every_accounts_line(tmp_path):
    made = accounts(Options(oas=63))
    (tmp_path / "zalo-alert.yaml").write_text("profile: drill\naccounts:\n" + "\n".join(account.line() for account in made))
    read = load.load(tmp_path, {}).accounts
    assert [(account.id, account.oa_id, account.areas) for account in read] == [(a.id, a.oa_id, a.areas) for a in made]


@pytest.mark.parametrize("options", [{"oas": 0}, {"oas": 2, "apps": 3}, {"apps": 0}, {"followers": -1}, {"oas": 99_999}])
def test_numbers_that_make_no_sense_are_refused(options):
    with pytest.raises(UsageError):
        Options(**options)


def test_the_token_decides_whose_people_are_meant(sandbox_with, caller):
    sandbox = sandbox_with(oas=3, followers=300)
    first, second = caller(sandbox, 0), caller(sandbox, 1)
    mine, theirs = first.people()[0], second.people()[0]

    assert second.get("/v2.0/oa/getoa")["data"]["oaid"] == sandbox.accounts[1].oa_id
    assert first.say(mine)["error"] == second.say(theirs)["error"] == 0
    assert first.say(theirs)["error"] == second.say(mine)["error"] == -201
    assert set(sandbox.reached()) == {mine, theirs}


def test_everyone_follows_some_oa_and_some_follow_two(sandbox_with, caller):
    sandbox = sandbox_with(oas=3, followers=100)
    calls = [caller(sandbox, number) for number in range(3)]
    lists = [call.people() for call in calls]
    known = [
        {call.get("/v3.0/oa/user/detail", user_id=user)["data"]["user_id_by_app"] for user in users}
        for call, users in zip(calls, lists, strict=True)
    ]

    assert (
        [call.get("/v2.0/oa/getoa")["data"]["num_follower"] for call in calls] == [len(users) for users in lists] == [38, 37, 37]
    )
    assert len(set().union(*known)) == 100  # the app sees the same person whichever OA asks
    assert sum(map(len, lists)) > 100
    assert len(set().union(*map(set, lists))) == sum(map(len, lists))  # and yet no two OAs share a user_id


def test_without_followers_any_digits_are_a_person(sandbox, caller):
    assert caller(sandbox).say("17")["error"] == 0


def test_with_followers_strangers_are_refused(sandbox_with, caller):
    from zalo_alert.sandbox import synthetic

    call = caller(sandbox_with(followers=10))
    assert call.say(synthetic.user_id(9))["error"] == 0
    assert call.say(synthetic.user_id(10))["error"] == -213
    assert call.say("12345")["error"] == -201
    assert call.get("/v3.0/oa/user/detail", user_id=synthetic.user_id(10))["error"] == -213


def test_apps_have_rates_of_their_own_and_oas_lower_ones(sandbox_with, caller):
    sandbox = sandbox_with(oas=3, apps=2, app_per_minute=6, oa_per_minute=4, at="2026-09-18T14:00:00")
    first, other_app, same_app = (caller(sandbox, number) for number in range(3))
    answers = [first.say("1") for _ in range(5)] + [same_app.get("/v2.0/oa/getoa") for _ in range(2)]

    assert [answer["error"] for answer in answers] == [0, 0, 0, 0, -32, 0, -32]
    assert answers[4]["message"] == "Your OA reached limit call api"
    assert answers[6]["message"] == "Your application reached limit call api"
    assert other_app.say("1")["error"] == 0
    sandbox.tick(60)
    assert first.say("1")["error"] == 0
    assert sandbox.stats()["accepted"] == 6


def test_every_answer_of_the_oa_host_says_what_is_left_and_no_message_by_phone_counts(sandbox_with, caller):
    sandbox = sandbox_with(app_per_minute=10, at="2026-09-18T14:00:00")
    call = caller(sandbox)
    phone = {"phone": "84912345678", "template_id": "311203", "template_data": {}, "tracking_id": "t"}
    by_phone = call.raw("POST", "/message/template", json=phone)
    left = [
        call.raw("GET", path).headers["x-ratelimit-remain"]
        for path in ("/v2.0/oa/getoa", "/v3.0/oa/user/getlist", "/v3.0/oa/user/detail")
    ]
    call.token = "wrong"
    wrong = call.raw("POST", "/v3.0/oa/message/cs", json={})

    assert "x-ratelimit-limit" not in by_phone.headers
    assert left == ["9", "8", "7"]
    assert wrong.json()["error"] == -216
    assert wrong.headers["x-ratelimit-limit"] == "10"


def test_a_token_in_the_address_finds_nothing(sandbox):
    import httpx

    token = sandbox.credentials.access_token
    assert httpx.get(f"{sandbox.url}/v2.0/oa/getoa?access_token={token}").status_code == 404
    assert httpx.get(f"{sandbox.url}/v2.0/oa/getoa", headers={"authorization": f"Bearer {token}"}).json()["error"] == -216


@pytest.mark.parametrize(
    ("oa_secrets", "names"),
    [
        ("oa", {"ZALO_ALERT_PCTT_OA_SECRET", "ZALO_ALERT_HA_NOI_OA_SECRET"}),
        ("app", {"ZALO_ALERT_APP_360846524940903967_OA_SECRET"}),
    ],
)
def test_the_secrets_that_sign_events_are_told_with_the_others(oa_secrets, names):
    own = accounts(Options(oas=2, oa_secrets=oa_secrets))
    told = Sandbox("http://127.0.0.1:9", own, None, oa_secrets).environs()

    assert {name for name in told if name.endswith("OA_SECRET")} == names
    assert {told[name] for name in names} == {account.credentials.oa_secret for account in own}
