"""Accounts through the command line: a consent, refreshes that nothing may lose, many OAs at once, and no secret anywhere."""

import json
import random
import re
import shutil
import socket
import sqlite3
from contextlib import closing
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest

from zalo_alert.errors import RunBusy
from zalo_alert.models import AccountId
from zalo_alert.operations import login
from zalo_alert.settings.model import Account
from zalo_alert.zalo.token_store import TokenStore

pytestmark = pytest.mark.long

APP = "360846524940903967"


class Stay(HTTPRedirectHandler):
    """A browser that tells where it is sent, and waits."""

    def redirect_request(self, *_):
        return None


def consented(link, oa_id):
    """Allow the app for an OA, as an administrator does; return the address that the browser is sent to."""
    page = build_opener().open(link).read().decode()
    assert oa_id in page
    form = dict(parse_qsl(urlsplit(link).query)) | {"oa_id": oa_id}
    try:
        build_opener(Stay).open(Request(link.partition("?")[0], data=urlencode(form).encode()))
    except HTTPError as exc:  # 302, not followed
        return exc.headers["Location"]
    raise AssertionError("no redirect")


def unused():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def office(desk, sandbox_with):
    """A desk with a sandbox, the app's secret, and no token; `.oa` is the first OA's id."""

    def open_(**options):
        sandbox = sandbox_with(**options)
        desk.at(sandbox)
        for name in ("ACCESS_TOKEN", "REFRESH_TOKEN", "APP_SECRET"):
            desk.environ.pop(f"ZALO_ALERT_PCTT_{name}")
        desk.environ[f"ZALO_ALERT_APP_{APP}_SECRET"] = sandbox.credentials.app_secret
        return desk, sandbox

    return open_


def log_in(desk, sandbox, account="pctt", oa_id="388613280878808645"):
    """Consent in the browser, and let it come back to the tool."""
    child = desk.start("accounts", "login", account, "--json")
    link = json.loads(child.stdout.readline())["url"]
    build_opener().open(consented(link, oa_id)).read()
    return desk.ended(child)


def listening(desk):
    desk.configure("limits:", f'apps: [{{id: "{APP}", redirect_uri: "http://127.0.0.1:{unused()}/cb"}}]\nlimits:')


def pair(desk):
    with closing(sqlite3.connect(desk.folder / ".zalo-alert" / "tokens.db")) as db:
        return db.execute("SELECT access, refresh, asking_since_s, refused FROM pair ORDER BY issued_at_s DESC").fetchone()


def test_a_consent_comes_back_to_this_machine_and_gives_tokens_that_send(office):
    desk, sandbox = office()
    listening(desk)
    refused = desk.run("send", desk.campaign(), "--yes")
    assert refused.code == 11
    assert "accounts login pctt" in refused.said
    result = log_in(desk, sandbox)
    assert result.code == 0, result.err
    assert result.fact("oa")["oa_id"] == "388613280878808645"
    (row,) = desk.run("accounts", "list", "--json").facts
    assert (row["grade"], row["message"]) == ("ok", "")
    assert desk.run("send", desk.campaign(), "--yes").code == 0
    assert sandbox.stats()["people"] == 1000


def test_the_address_may_be_pasted_and_what_is_not_an_answer_to_us_is_refused(office):
    desk, _ = office()
    child = desk.start("accounts", "login", "--paste", "--json", stdin=-1)
    link = json.loads(child.stdout.readline())["url"]
    back = consented(link, "388613280878808645")
    strange = re.sub("state=[^&]*", "state=other", back)
    result = desk.ended(child, strange.encode())
    assert result.code == 2
    assert "state differs" in result.said
    child = desk.start("accounts", "login", "--paste", "--json", stdin=-1)
    link = json.loads(child.stdout.readline())["url"]
    result = desk.ended(child, consented(link, "388613280878808645").encode() + b"\n")
    assert result.code == 0, result.err
    assert desk.run("accounts", "check").code == 0


def test_a_consent_waits_for_whoever_renews_the_oas_tokens(office):
    desk, _ = office()
    listening(desk)
    with closing(TokenStore(desk.folder / ".zalo-alert")) as store:
        lock = store.take_lock("388613280878808645", 0)
        assert lock is not None
        child = desk.start("accounts", "login", "pctt", "--json")
        link = json.loads(child.stdout.readline())["url"]
        build_opener().open(consented(link, "388613280878808645")).read()
        before = pair(desk)
        lock.release()
        assert desk.ended(child).code == 0
    assert before is None
    assert pair(desk) is not None


def test_a_consent_that_would_be_overwritten_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(login, "PATIENCE_S", 0.0)
    account = Account(AccountId("pctt"), "388613280878808645", APP)
    with closing(TokenStore(tmp_path)) as store:
        lock = store.take_lock(account.token_key, 0)
        with pytest.raises(RunBusy, match="renews the tokens of pctt"), login._turn(store, account):
            pytest.fail("it is somebody else's turn")
        assert lock is not None
        lock.release()
        with login._turn(store, account):
            assert store.take_lock(account.token_key, 0) is None


def test_a_consent_of_another_oa_is_refused(office):
    desk, sandbox = office(oas=2)
    other = sandbox.accounts[1].oa_id
    child = desk.start("accounts", "login", "--paste", "--json", stdin=-1)
    link = json.loads(child.stdout.readline())["url"]
    result = desk.ended(child, consented(link, other).encode())
    assert result.code == 2
    assert f"the consent is for OA {other}" in result.said


def test_a_token_of_another_oa_is_found_out(desk, sandbox_with):
    sandbox = sandbox_with(oas=2)
    desk.at(sandbox)
    other = sandbox.accounts[1]
    desk.environ["ZALO_ALERT_PCTT_ACCESS_TOKEN"] = other.credentials.access_token
    desk.environ["ZALO_ALERT_PCTT_REFRESH_TOKEN"] = other.credentials.refresh_token
    result = desk.run("accounts", "check")
    assert result.code == 3
    assert f"the token of pctt belongs to OA {other.oa_id}" in result.said


def many(desk, sandbox):
    """Configure every OA of a sandbox."""
    rows = "".join(f"{a.id},{a.oa_id},{a.app_id},{a.level}\n" for a in sandbox.accounts[1:])
    (desk.folder / "accounts.csv").write_text("id,oa_id,app_id,level\n" + rows, encoding="utf-8")
    desk.configure("limits:", "accounts_file: accounts.csv\nlimits:")
    desk.environ |= sandbox.environs()


def test_many_oas_are_refreshed_in_one_go_with_a_line_for_each_failure(desk, sandbox_with):
    sandbox = sandbox_with(oas=40)
    many(desk, sandbox)
    broken = sandbox.accounts[7]
    desk.environ[f"ZALO_ALERT_{broken.id.upper().replace('-', '_')}_REFRESH_TOKEN"] = "used-long-ago"
    result = desk.run("accounts", "refresh", "--all", "--older-than", "12h", "--json")
    assert result.code == 3
    assert [result.fact("refreshed")[name] for name in ("done", "failed", "skipped")] == [39, 1, 0]
    (failed,) = [fact for fact in result.facts if fact["type"] == "account-failed"]
    assert failed["account"] == broken.id
    assert "-14014" in failed["message"]
    assert f"accounts login {broken.id}" in failed["hint"]
    again = desk.run("accounts", "refresh", "--all", "--older-than", "12h", "--json")
    assert again.fact("refreshed")["skipped"] == 39
    assert len(desk.run("accounts", "list", "--problems", "--json").facts) == 1
    assert desk.run("accounts", "check", sandbox.accounts[3].id).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["refresh", "--all", "pctt"], "exclude each other"),
        (["refresh", "nobody"], 'no account "nobody"'),
        (["refresh", "--older-than", "soon"], "no stretch of time"),
        (["check", "nobody"], 'no account "nobody"'),
        (["login", "nobody"], 'no account "nobody"'),
    ],
)
def test_what_is_impossible_is_told(desk, sandbox, words, said):
    result = desk.at(sandbox).run("accounts", *words)
    assert result.code in (2, 11)
    assert said in result.said


def is_alive(sandbox, access):
    answer = build_opener().open(Request(f"{sandbox.url}/v2.0/oa/getoa", headers={"access_token": access}))
    return json.loads(answer.read())["error"] == 0


@pytest.mark.kill
@pytest.mark.parametrize("seed", range(2))
def test_killed_at_any_moment_a_refresh_leaves_tokens_that_work_or_says_who_must_do_what(office, wait_until, seed):
    desk, sandbox = office(refresh_delay_ms=30 * seed)
    listening(desk)
    assert log_in(desk, sandbox).code == 0
    chance, executed = random.Random(seed), []
    for moment in ("asking", "executed", "any", "any"):
        old = pair(desk)[0]
        child = desk.start("accounts", "refresh")
        if moment == "asking":
            wait_until(lambda child=child: pair(desk)[2] or child.poll() is not None)
        elif moment == "executed":
            wait_until(lambda old=old: not is_alive(sandbox, old))
        else:
            for _ in range(chance.randrange(400)):
                pair(desk)
        child.kill()
        child.communicate()
        executed.append(not is_alive(sandbox, old))
        with closing(sqlite3.connect(desk.folder / ".zalo-alert" / "tokens.db")) as db, db:
            db.execute("UPDATE pair SET asking_since_s = asking_since_s - 1000")  # as if a while had passed
        kept = pair(desk)[0] != old  # the new pair is on the disk
        result = desk.run("accounts", "refresh")
        if kept or not executed[-1]:
            assert result.code == 0, result.err
        else:
            assert "accounts login pctt" in result.said
            assert log_in(desk, sandbox).code == 0
        assert desk.run("accounts", "check").code == 0
    assert executed[1]


def test_a_lost_answer_is_not_asked_for_again_at_once(office):
    desk, sandbox = office()
    listening(desk)
    assert log_in(desk, sandbox).code == 0
    sandbox.change(refresh_fault="cut-after")
    first = desk.run("accounts", "refresh")
    assert first.code == 3
    assert "no usable answer" in first.said
    sandbox.change(refresh_fault="")
    second = desk.run("accounts", "refresh")
    assert "try again in" in second.said
    assert "its answer never came" in desk.run("accounts", "list", "--problems").said


def test_a_refresh_that_was_not_executed_is_found_out_at_once(office):
    desk, sandbox = office()
    listening(desk)
    assert log_in(desk, sandbox).code == 0
    sandbox.change(refresh_fault="cut-before")
    assert desk.run("accounts", "refresh").code == 3
    sandbox.change(refresh_fault="")
    assert desk.run("accounts", "refresh").code == 0


def test_two_processes_refresh_one_oa_after_each_other(office):
    desk, sandbox = office(refresh_delay_ms=100)
    listening(desk)
    assert log_in(desk, sandbox).code == 0
    children = [desk.start("accounts", "refresh") for _ in range(3)]
    assert [desk.ended(child).code for child in children] == [0, 0, 0]
    assert desk.run("accounts", "check").code == 0


def test_a_call_proves_the_app_secret_where_the_app_demands_it(desk, sandbox_with):
    sandbox = sandbox_with(appsecret_proof=True)
    desk.at(sandbox)
    refused = desk.run("send", desk.campaign(code="DT-A"), "--yes")
    assert refused.code == 13
    assert "-242" in refused.said
    desk.configure("limits:", f'apps: [{{id: "{APP}", appsecret_proof: true}}]\nlimits:')
    assert desk.run("resume", "DT-A").code == 0
    assert desk.run("accounts", "check").code == 0
    assert sandbox.stats()["twice"] == 0


def test_no_secret_shows_itself_anywhere(desk, sandbox_with):
    sandbox = sandbox_with(token_dies_after=300)
    desk.at(sandbox)
    said = [
        desk.run(*words)
        for words in (
            ["accounts", "list"], ["accounts", "list", "--json"], ["accounts", "check"], ["accounts", "refresh", "--json"],
            ["plan", desk.campaign()], ["send", desk.campaign(), "--yes", "--json"], ["status"], ["report", "--json"],
            ["export", "everyone.csv"], ["runs"], ["accounts", "login", "--paste"],
        )
    ]  # fmt: skip
    secrets = {value for value in sandbox.credentials if value}
    with closing(sqlite3.connect(desk.folder / ".zalo-alert" / "tokens.db")) as db:
        secrets |= {text for row in db.execute("SELECT access, refresh FROM pair") for text in row}
    assert len(secrets) >= 5
    shown = "".join(result.out + result.err for result in said)
    assert not [secret for secret in secrets if secret in shown]
    files = [path for path in desk.folder.rglob("*") if path.is_file() and not path.name.startswith("tokens.db")]
    assert len(files) > 10
    assert not [path for path in files for secret in secrets if secret.encode() in path.read_bytes()]


def test_an_oauth_host_in_trouble_halts_a_run_for_a_moment_and_a_dead_token_until_somebody_consents(desk, sandbox_with):
    sandbox = sandbox_with(token_dies_after=300, refresh_fault="500-before")
    desk.at(sandbox)
    result = desk.run("send", desk.campaign(), "--yes")
    assert result.code == 13
    assert "pctt: no usable answer to the token refresh (HTTP 500" in result.said
    assert "zalo-alert accounts refresh pctt" in result.said
    sandbox.change(refresh_fault="")
    with closing(sqlite3.connect(desk.folder / ".zalo-alert" / "tokens.db")) as db, db:
        db.execute("UPDATE pair SET asking_since_s = asking_since_s - 1000")  # as if a while had passed
    sandbox.consent()  # elsewhere: what the desk holds is dead now
    result = desk.run("resume")
    assert result.code == 13
    assert "pctt: Zalo refused the refresh token (-14014 Invalid refresh token)" in result.said
    assert "zalo-alert accounts login pctt" in result.said
    shown = desk.run("accounts", "list")
    assert "-14014" in shown.out
    assert "accounts login pctt" in shown.err
    desk.at(sandbox)
    assert desk.run("resume").code == 0
    assert sandbox.stats()["twice"] == 0


def test_nobody_is_asked_to_consent_where_the_tokens_could_not_be_kept(office):
    desk, _ = office()
    shutil.rmtree(desk.folder / ".zalo-alert", ignore_errors=True)
    (desk.folder / ".zalo-alert").write_bytes(b"")
    result = desk.run("accounts", "login", "--paste", "--json", stdin="\n")
    assert result.code == 13, result.said
    assert "tokens.db" in result.said
    assert not [fact for fact in result.facts if fact["type"] == "consent"]
