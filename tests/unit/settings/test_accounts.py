"""Accounts in the config and beside it, their secrets from three places, and how their tokens stand."""

import asyncio
import sys
import textwrap

import pytest

from zalo_alert.campaign.parse import parse
from zalo_alert.delivery.breaker import Halt
from zalo_alert.delivery.endings import halted
from zalo_alert.errors import CredentialsRefused, SettingsInvalid, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.layout import rates_of
from zalo_alert.foundation.secret import Secret
from zalo_alert.language import Language
from zalo_alert.models import Reason
from zalo_alert.operations.commands import spoken
from zalo_alert.operations.connect import http_client
from zalo_alert.operations.quotas import remembered_quotas
from zalo_alert.operations.scaffold import create
from zalo_alert.operations.state import state_folder
from zalo_alert.pacing.quotas import Kind, QuotaLeft, Quotas
from zalo_alert.preflight.token_health import DAY_S, Grade, account_statuses
from zalo_alert.settings import load as settings
from zalo_alert.settings.model import require_safe_hosts
from zalo_alert.testing import FakeClock, drill
from zalo_alert.zalo import oauth
from zalo_alert.zalo.probe import probe_host
from zalo_alert.zalo.token_store import TokenRow
from zalo_alert.zalo.tokens import seed_of

NOW_S = 1_800_000_000.0


@pytest.fixture
def loaded(tmp_path):
    def load(text, environ=None, files=None):
        (tmp_path / "zalo-alert.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
        for name, content in (files or {}).items():
            (tmp_path / name).write_text(content, encoding="utf-8")
            (tmp_path / name).chmod(0o600)
        return settings.load(tmp_path, environ or {})

    return load


LISTED = """
profile: drill
accounts_file: accounts.csv
apps:
  - {id: "360846524940903967", per_minute: 25000, appsecret_proof: true}
"""


@pytest.mark.slow
def test_fifteen_thousand_accounts_stand_in_a_file_of_their_own(loaded):
    rows = "".join(f"xa-{i},{10**17 + i},360846524940903967,commune,ward:19900; new:46,{i % 7 + 1}\n" for i in range(15_000))
    found = loaded(LISTED, files={"accounts.csv": "id,oa_id,app_id,level,areas,per_minute\n" + rows})
    last = found.account("xa-14999")
    assert (len(found.accounts), last.level, last.areas, last.per_minute) == (15_000, "commune", ("ward:19900", "new:46"), 6)
    assert found.app(last.app_id).appsecret_proof
    (lane,) = found.lanes(["xa-14999"])
    assert (lane.app, round(lane.oa_per_s * 60)) == ("app:360846524940903967", 6)
    assert lane.app_per_s * 60 > 24_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,oa_id,app_id\nb,1234567,x\n", "accounts.csv:2"),
        ("id,oa_id,app_id\nb,1234567,7654321\nb,1234568,7654321\n", '"b" stands twice'),
        ("id,oa_id,app_id\nb,1234567,7654321\nc,1234567,7654321\n", '"1234567" stands twice'),
        ("id,oa_id,app_id,level\nb,1234567,7654321,village\n", "level"),
        ("id,oa,app_id\nb,1234567,7654321\n", "has a column 'oa'"),
        ("", "accounts  is empty"),
        ('id,oa_id,app_id\n"b,1234567,7654321\n', "can't be read as CSV"),
        ('"id,oa_id,app_id\nb,1234567,7654321\n', "can't be read as CSV"),  # in the header, too
        ("id,oa_id,app_id,id\nb,1234567,7654321,c\n", "a column 'id' twice"),
        ("id,oa_id,app_id,areas\nb,1234567,7654321,new:46,new:44\n", "more fields than columns"),
        *(
            (f"id,oa_id,app_id,per_minute\nb,1234567,7654321,{number}\n", "accounts.csv:2")
            for number in ("²", "٣", "1e3", "-5", "9" * 5000, "4000.0", "0")
        ),
        ("id,oa_id,app_id\nb,１２３４５６７,7654321\n", "accounts.csv:2"),
        ("\ufeffid,oa_id,app_id\nb,1234567,7654321\nb\u2028,1234568,7654321\n", "accounts.csv:3"),
    ],
)
def test_a_faulty_accounts_file_is_told_by_line(loaded, text, said):
    with pytest.raises(SettingsInvalid) as caught:
        loaded(LISTED, files={"accounts.csv": text})
    assert said in f"{caught.value} {caught.value.hint} " + " ".join(map(str, caught.value.problems))


@pytest.mark.parametrize(
    ("columns", "row", "sentence"),
    [
        ("id,oa_id,app_id", "b,,7654321", "oa_id  is missing"),
        ("id,oa_id,app_id", "b,12x,7654321", 'oa_id  "12x" does not fit: Digits'),
        (
            "id,oa_id,app_id,level",
            "b,1234567,7654321,provinc",
            'level  "provinc" is none of national, province, commune; did you',
        ),
        ("id,oa_id,app_id,per_minute", "b,1234567,7654321,many", 'per_minute  should be a whole number, not "many"'),
        ("id,oa_id,app_id,per_minute", "b,1234567,7654321,0", "per_minute  is 0: at least 1"),
        ("id,oa_id,app_id,areas", "b,1234567,7654321,;", "areas  is an empty list: name at least 1"),
    ],
)
def test_a_faulty_row_is_told_in_the_words_of_any_other_file(loaded, columns, row, sentence):
    with pytest.raises(SettingsInvalid) as caught:
        loaded(LISTED, files={"accounts.csv": f"{columns}\n{row}\n"})
    assert f"accounts.csv:2:1  {sentence}" in " ".join(map(str, caught.value.problems))


def test_an_accounts_file_that_is_no_text_is_told(loaded, tmp_path):
    (tmp_path / "accounts.csv").write_bytes("id,oa_id,app_id\nb,1234567,7654321\n".encode("utf-16"))
    with pytest.raises(SettingsInvalid, match="is not UTF-8 text"):
        loaded(LISTED)


def test_a_missing_accounts_file_is_told(loaded):
    with pytest.raises(SettingsInvalid, match="can't read the accounts file"):
        loaded(LISTED)


ONE = """
profile: drill
accounts: [{id: pctt, oa_id: "388613280878808645", app_id: "360846524940903967"}]
"""


def test_an_app_secret_stands_once_for_all_its_accounts_and_an_own_one_goes_first(loaded):
    shared = {"ZALO_ALERT_APP_360846524940903967_SECRET": "all"}
    found = loaded(ONE, shared)
    assert found.credentials(found.account(None)).app_secret.reveal() == "all"
    found = loaded(ONE, shared | {"ZALO_ALERT_PCTT_APP_SECRET": "own"})
    assert found.credentials(found.account(None)).app_secret.reveal() == "own"


TWO_APPS = """
profile: drill
accounts: [{id: so-gd, oa_id: "388613280878808645", app_id: "360846524940903967", more_apps: ["460846524940903967"]}]
apps: [{id: "460846524940903967", per_minute: 6000}]
"""


def test_an_oa_speaks_through_a_second_app_at_that_apps_rate_and_within_its_own(loaded):
    found = loaded(TWO_APPS)
    lane_of, oa = found.lane_finder(), "388613280878808645"

    own, second = lane_of(oa, ""), lane_of(oa, "460846524940903967")
    assert (own.app, second.app) == ("app:360846524940903967", "app:460846524940903967")
    assert own.oa == second.oa == f"oa:{oa}"
    assert second.app_per_s == pytest.approx(1.5 * own.app_per_s)
    assert own.oa_per_s == second.oa_per_s == pytest.approx(own.app_per_s + second.app_per_s)
    assert lane_of(oa, "360846524940903967") == own
    assert found.lanes(["so-gd"]) == (own,)
    assert lane_of("1234567", "7654321").oa == "oa:1234567"  # one that is not configured: refused by whoever posts


def test_each_app_of_an_oa_has_its_own_secrets_and_tokens(loaded):
    own_secret, shared = "ZALO_ALERT_SO_GD_APP_460846524940903967_REFRESH_TOKEN", "ZALO_ALERT_APP_460846524940903967_SECRET"
    found = loaded(TWO_APPS, {"ZALO_ALERT_SO_GD_REFRESH_TOKEN": "r", own_secret: "r2", shared: "s2"})
    account, second = found.ways(found.accounts)

    assert second == found.through(account, "460846524940903967")
    assert found.through(account, "") is account
    assert found.credentials(account).refresh_token.reveal() == "r"
    assert found.credentials(second).refresh_token.reveal() == "r2"
    assert found.credentials(second).app_secret.reveal() == "s2"
    assert account.token_key != second.token_key
    assert found.names_of_oas() == {account.oa_id: "so-gd"}


def test_an_app_that_is_none_of_an_oas_is_refused(loaded):
    found = loaded(TWO_APPS)
    with pytest.raises(SettingsInvalid) as caught:
        found.through(found.account(None), "7654321")
    assert "accounts login so-gd --app 7654321" in spoken(caught.value.hint)


def test_more_apps_stand_in_an_accounts_file_too(loaded):
    row = "id,oa_id,app_id,more_apps\nb,1234567,7654321,7654322; 7654321;7654323\n"
    (account,) = loaded(LISTED, files={"accounts.csv": row}).accounts
    assert account.more_apps == ("7654322", "7654323")  # its own is none of the others


def test_the_tokens_of_a_second_app_are_judged_for_themselves(loaded):
    found = loaded(TWO_APPS, {"ZALO_ALERT_SO_GD_REFRESH_TOKEN": "r", "ZALO_ALERT_SO_GD_APP_SECRET": "s"})
    account, second = found.ways(found.accounts)
    kept = TokenRow("", Secret("a"), Secret("r"), NOW_S, NOW_S + DAY_S, NOW_S + 90 * DAY_S)

    own, other = account_statuses(found, {account.token_key: [kept]}, NOW_S)

    assert own.grade is Grade.OK
    assert (other.account, other.grade) == (second, Grade.FAIL)
    assert other.said == "app 460846524940903967: has no token"
    assert "accounts login so-gd --app 460846524940903967" in spoken(other.cure)


@pytest.mark.parametrize("secret", ["a\r\nx: y", "ă", "a\0", "a\x1b[2J", "a\u200b"])
def test_a_secret_that_can_be_none_is_told_by_its_name_alone(loaded, secret):
    found = loaded(ONE, {"ZALO_ALERT_PCTT_ACCESS_TOKEN": secret})
    with pytest.raises(SettingsInvalid) as caught:
        found.credentials(found.account(None))
    assert "ZALO_ALERT_PCTT_ACCESS_TOKEN" in str(caught.value)
    assert secret not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("name", ["OPENAPI", "BUSINESS", "OAUTH"])
@pytest.mark.parametrize(
    "url",
    [
        "https://user:s3cret@evil.example", "http://s3cret@127.0.0.1:8080", "https://user:s3/cret@[bad", "https://a:s3cret@b@c",
        "http://127.0.0.1:8080/?key=s3cret", "http://127.0.0.1:8080/#s3cret", "http://127.0.0.1:8080\x7f", "http://127.0.0.1 :80",
        "http://127.0.0.1:8080/\x1b[2J", "http://１２７.0.0.1", "http://[::1", "http://127.0.0.1:99999", "ftp://x", "//x", "http://",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_and_a_password_in_it_is_never_shown(loaded, name, url):
    with pytest.raises(SettingsInvalid) as caught:
        loaded(ONE, {f"ZALO_ALERT_{name}_URL": url})
    said = f"{caught.value} {caught.value.hint}"
    assert f"ZALO_ALERT_{name}_URL" in said
    assert "s3" not in said
    assert said.isprintable()


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("http://user:s3cret@proxy.example:3128", "proxy.example:3128"),
        ("http://user:s3/cret@proxy.example:3128/", "proxy.example:3128"),
        ("user:s3cret@proxy.example:3128", "proxy.example:3128"),
        ("http://user:s3@cret@proxy.example", "proxy.example"),
        ("http://user:s3cret@[bad", "[bad"),
        ("http://proxy.example:3128", "proxy.example:3128"),
        ("socks5://user:s3cret@proxy.example", "proxy.example"),
    ],
)
def test_a_proxy_is_named_without_its_password(loaded, monkeypatch, proxy, shown):
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert loaded(ONE.replace("drill", "live")).proxy == shown


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080", "http://zalo.example"])
def test_live_is_tls_only_on_this_machine_too(loaded, url):
    for name in ("OPENAPI", "BUSINESS", "OAUTH"):
        found = loaded(ONE.replace("drill", "live"), {f"ZALO_ALERT_{name}_URL": url})
        with pytest.raises(SettingsInvalid, match="unencrypted") as caught:
            require_safe_hosts(found)
        assert f"ZALO_ALERT_{name}_URL" in caught.value.hint
        assert ("sandbox --tls" in spoken(caught.value.hint)) == ("example" not in url)


def test_live_speaks_to_zalo_or_rehearses_over_tls_and_knows_which(loaded):
    live = ONE.replace("drill", "live")
    for environ, rehearses in (({}, False), ({"ZALO_ALERT_BUSINESS_URL": "https://127.0.0.1:8443"}, True)):
        found = loaded(live, environ)
        require_safe_hosts(found)
        assert found.rehearses is rehearses
    assert not loaded(ONE, {"ZALO_ALERT_OPENAPI_URL": "http://127.0.0.1:80"}).rehearses


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/x", "http://[::1/x", "https://a\x7f.vn/x"])
def test_where_a_consent_comes_back_to_is_an_address(loaded, url):
    with pytest.raises(SettingsInvalid) as caught:
        loaded(ONE + 'apps: [{id: "360846524940903967", redirect_uri: "' + url.replace("\x7f", "\\x7f") + '"}]\n')
    assert "redirect_uri" in " ".join(map(str, caught.value.problems))


def test_secrets_may_lie_in_the_keyring_of_the_system(loaded, tmp_path, monkeypatch):
    (tmp_path / "a_keyring.py").write_text(
        textwrap.dedent("""
        from keyring.backend import KeyringBackend

        class Fake(KeyringBackend):
            priority = 1
            def get_password(self, service, name):
                return {("zalo-alert", "ZALO_ALERT_PCTT_APP_SECRET"): "from the ring"}.get((service, name))
            def set_password(self, *_): raise NotImplementedError
            def delete_password(self, *_): raise NotImplementedError
        """),
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    import a_keyring
    import keyring

    monkeypatch.setattr(keyring.core, "_keyring_backend", a_keyring.Fake())
    found = loaded(ONE + "keyring: true\n", {"ZALO_ALERT_PCTT_REFRESH_TOKEN": "from outside"})
    credentials = found.credentials(found.account(None))
    assert (credentials.app_secret.reveal(), credentials.refresh_token.reveal()) == ("from the ring", "from outside")
    assert not loaded(ONE).credentials(found.account(None)).app_secret  # only where the config says so


def test_a_keyring_that_is_not_there_is_a_sentence(loaded, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    found = loaded(ONE + "keyring: true\n")
    with pytest.raises(SettingsInvalid, match="keyring package is not installed"):
        found.credentials(found.account(None))


def standing(loaded, kept=(), environ=None):
    found = loaded(ONE, {"ZALO_ALERT_PCTT_APP_SECRET": "s"} | (environ or {}))
    (row,) = account_statuses(found, {"388613280878808645": list(kept)}, NOW_S)
    return row


def kept(**changes):
    fresh = TokenRow("", Secret("a"), Secret("r"), NOW_S - 3600, NOW_S + 86_400, NOW_S + 80 * DAY_S)
    return fresh._replace(**changes)


@pytest.mark.parametrize(
    ("changes", "grade", "said"),
    [
        ({}, Grade.OK, ""),
        ({"refresh_ends_at_s": NOW_S + 13 * DAY_S}, Grade.WARN, "ends in 13 days"),
        ({"refresh_ends_at_s": NOW_S - 1}, Grade.FAIL, "has ended"),
        ({"asking_since_s": NOW_S - 10}, Grade.WARN, "its answer never came"),
        ({"refused": "Zalo refused the refresh token (-14014)"}, Grade.FAIL, "-14014"),
        ({"refresh": Secret("")}, Grade.WARN, "no refresh token"),
    ],
)
def test_tokens_are_told_by_what_somebody_must_do(loaded, changes, grade, said):
    row = standing(loaded, [kept(**changes)])
    assert row.grade is grade
    assert said in row.said
    assert bool(row.cure) == (grade is not Grade.OK)


def test_without_tokens_somebody_must_consent_and_what_waits_in_the_environment_counts(loaded):
    assert standing(loaded).grade is Grade.FAIL
    assert "accounts login pctt" in standing(loaded).cure
    assert standing(loaded, environ={"ZALO_ALERT_PCTT_REFRESH_TOKEN": "r"}).grade is Grade.OK


def test_without_the_app_secret_nothing_can_be_refreshed(loaded):
    row = standing(loaded, [kept()], {"ZALO_ALERT_PCTT_APP_SECRET": ""})
    assert (row.grade, row.cure) == (Grade.FAIL, "set ZALO_ALERT_APP_360846524940903967_SECRET")


def test_a_stale_variable_does_not_hide_good_tokens(loaded):
    environ = {"ZALO_ALERT_PCTT_REFRESH_TOKEN": "stale"}
    found = loaded(ONE, environ)
    dead = kept(seed=seed_of(found.credentials(found.account(None))), refused="-14014")
    assert standing(loaded, [kept(), dead], environ).grade is Grade.OK


# --- the consent -----------------------------------------------------------------------------------------------------------


def test_the_challenge_is_that_of_rfc_7636():
    assert oauth.challenge(Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    verifier, challenge = oauth.pkce()
    assert (len(verifier.reveal()), len(challenge)) == (43, 43)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://x/cb?state=s&oa_id=388613280878808645", "holds no code"),
        ("https://x/cb?error_description=denied&state=s", "denied"),
        ("https://x/cb?code=c&state=other&oa_id=388613280878808645", "state differs"),
        ("https://x/cb?code=c", "state differs"),
        ("https://x/cb?code=c&state=s&oa_id=999999", "the consent is for OA 999999"),
        ("", "holds no code"),
        ("https://[x/cb?code=c", "not a valid address"),
    ],
)
def test_a_consent_that_is_not_ours_is_refused(loaded, url, said):
    account = loaded(ONE).account(None)
    with pytest.raises(UsageError, match=said):
        oauth.read_code(url, account, "s")


def test_the_code_is_read_off_the_address(loaded):
    account = loaded(ONE).account(None)
    url = " https://x/cb?code=abc%2B1&oa_id=388613280878808645&state=s \n"
    assert oauth.read_code(url, account, "s").reveal() == "abc+1"


def test_a_refusal_says_whether_the_token_is_dead_or_something_else_is_wrong():
    dead = oauth.Refused("the refresh token", -14014, "Invalid refresh token", "consent again")
    app = oauth.Refused("the refresh token", -14004, "Invalid secret key", "consent again")
    assert isinstance(dead, CredentialsRefused)
    assert (dead.is_spent, dead.hint) == (True, "consent again")
    assert (app.is_spent, app.hint) == (False, "set the right app secret (ZALO_ALERT_APP_<app id>_SECRET)")


def test_an_address_that_a_browser_came_back_to_steers_no_terminal(loaded):
    account = loaded(ONE).account(None)
    for query in ("error_description=%1b%5b2J%0aok", "code=c&state=s&oa_id=%1b%5b2J"):
        with pytest.raises(UsageError) as caught:
            oauth.read_code(f"http://127.0.0.1:8710/zalo?{query}", account, "s")
        assert f"{caught.value}{caught.value.hint}".isprintable()


@pytest.mark.parametrize(
    ("refused", "grade", "cure"),
    [
        ("Zalo refused the refresh token (-14014 Invalid refresh token)", Grade.FAIL, "accounts login pctt"),
        ("Zalo refused the refresh token", Grade.WARN, "accounts refresh pctt"),  # as earlier versions took any answer for one
        ("Zalo refused the refresh token (-32 limit)", Grade.WARN, "accounts refresh pctt"),
    ],
)
def test_a_refusal_stands_by_its_code(loaded, refused, grade, cure):
    kept = [TokenRow("", Secret("a"), Secret("r"), NOW_S - 10, NOW_S + 10, NOW_S + 100 * DAY_S, None, refused)]
    found = standing(loaded, kept)
    assert (found.grade, cure in found.cure) == (grade, True)


@pytest.mark.parametrize("proxy", ["foo://user:s3cret@proxy.example", "user:s3cret@proxy.example://"])
def test_a_proxy_that_is_none_is_a_sentence_without_its_password(loaded, monkeypatch, proxy):
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.delenv("https_proxy", raising=False)
    with pytest.raises(SettingsInvalid, match="names no proxy") as caught:
        http_client(loaded(ONE.replace("drill", "live")))
    assert "s3cret" not in f"{caught.value}{caught.value.hint}"
    assert http_client(loaded(ONE))  # a drill goes round every proxy


@pytest.mark.parametrize("proxy", ["http://user:s3cret@127.0.0.1:99999", "http://user:s3cret@127.0.0.1:1"])
def test_a_proxy_that_can_not_be_reached_is_told_without_its_password(loaded, monkeypatch, proxy):
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.delenv("https_proxy", raising=False)

    async def asked():
        async with http_client(loaded(ONE.replace("drill", "live"))) as client:
            return await probe_host(client, "https://zalo.example")

    found = asyncio.run(asked())
    assert found.problem
    assert "s3cret" not in found.problem


def test_a_quota_is_told_as_of_when_zalo_told_it(loaded):
    found = loaded(ONE)
    quotas = Quotas(state_folder(found) / "rates.db")
    quotas.note(found.accounts[0].oa_id, Kind.CS, QuotaLeft(2000, 2000, NOW_S))
    quotas.close()
    (notice,) = remembered_quotas([(account.id, account.oa_id) for account in found.accounts], rates_of(found.workspace))
    said = notice.sentence.replace("\u202f", " ")
    assert "2000 of 2000 cs messages left at 15:00" in said
    assert "not counting what was sent since" in said


def test_a_halt_for_tokens_names_each_account_with_its_cure():
    campaign = parse(drill(FakeClock().now()).encode(), "c.yaml")
    halt = Halt(Reason.TOKEN, -216, 0)
    one = ("pctt: Zalo refused the refresh token (-14014)", "`zalo-alert accounts login pctt`")
    reason, cure = halted(campaign, halt, "", [one])
    assert (one[0] in reason, cure) == (True, one[1])
    many = [(f"xa-{number}: Zalo refused it", f"`zalo-alert accounts login xa-{number}`") for number in range(40)]
    reason, cure = halted(campaign, halt, "", many)
    assert "xa-2:" in reason
    assert "xa-3:" not in reason
    assert "accounts list --problems" in spoken(cure)
    _, cure = halted(campaign, halt)
    assert "accounts check --all" in spoken(cure)


@pytest.mark.parametrize(("line", "language"), [("language: vi", Language.VI), ("language: en", Language.EN), ("", None)])
def test_a_workspace_may_say_which_language_its_people_read(loaded, line, language):
    assert loaded(line + ONE).language is language


def test_a_language_that_nobody_speaks_here_is_told_with_the_nearest(loaded):
    with pytest.raises(SettingsInvalid) as caught:
        loaded("language: viet" + ONE)
    (problem,) = caught.value.problems
    assert (problem.field, problem.line) == ("language", 1)
    assert "none of vi, en" in problem.message
    assert 'did you mean "vi"' in problem.message


@pytest.mark.parametrize("language", Language)
def test_a_new_workspace_says_its_language(tmp_path, language):
    create(tmp_path / "w", SystemClock().now(), app_per_minute=6000, language=language)
    found = settings.load(tmp_path / "w", {})
    assert (found.language, found.app_per_minute) == (language, 6000)
