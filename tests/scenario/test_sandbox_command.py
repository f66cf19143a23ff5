"""The `sandbox` command: many accounts, bad days by name, and a page that shows what comes in."""

import json
import signal
import stat
import urllib.error
import urllib.request

import httpx
import pytest

from zalo_alert import places
from zalo_alert.errors import UsageError
from zalo_alert.sandbox import synthetic
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.scenarios import SCENARIOS
from zalo_alert.sandbox.server import Counter
from zalo_alert.settings import load


@pytest.fixture
def started(empty_desk):
    """Start the command with `--json`; return what it tells first."""

    def start(*words):
        child = empty_desk.start("sandbox", "--json", *words)
        return child, json.loads(child.stdout.readline())

    return start


@pytest.mark.kill
def test_many_accounts_are_told_and_written_for_a_workspace(empty_desk, started):
    child, told = started(
        "--oas", "63", "--followers", "1000", "--write-to", "ws", "--scenario", "storm-night", "--latency-ms", "0"
    )
    found = load.load(empty_desk.folder / "ws", {})
    secrets = found.credentials(found.accounts[62])
    Counter(told["url"]).change(stale=0)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=20)

    assert [account["id"] for account in told["accounts"]] == [account.id for account in found.accounts]
    assert "credentials" not in told["accounts"][0]
    assert secrets.refresh_token.reveal() in told["environ"].values()
    assert found.hosts.openapi == told["url"]
    assert stat.S_IMODE((empty_desk.folder / "ws" / "sandbox.env").stat().st_mode) == 0o600
    assert child.returncode == 0
    assert json.loads(out.splitlines()[-1])["type"] == "sandbox-stats"


def test_a_config_of_somebody_elses_is_left_alone(empty_desk):
    (empty_desk.folder / "zalo-alert.yaml").write_text("profile: live\n")
    result = empty_desk.run("sandbox", "--write-to", ".")
    assert result.code == 2
    assert "says something else" in result.err
    assert (empty_desk.folder / "zalo-alert.yaml").read_text() == "profile: live\n"
    assert not (empty_desk.folder / "sandbox.env").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--scenario", "none"), "storm-night"),
        (("--at", "yesterday"), "not a valid time"),
        (("--templates", "some"), "strict"),
        (("--refresh-fault", "x"), "cut-after"),
        (("--webhook-url", "https://zalo.me"), "this machine"),
        (("--apps", "2"), "--oas"),
        (("--slow-down", "0.6", "--html", "0.6"), "add up"),
    ],
)
def test_what_makes_no_sense_is_said(empty_desk, words, said):
    result = empty_desk.run("sandbox", *words)
    assert result.code == 2
    assert said in result.err


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_sound(name):
    assert Options(**SCENARIOS[name]) != Options()  # nothing in it is refused, and something is not as usual


def test_options_change_while_it_runs_and_nonsense_changes_nothing(sandbox):
    for options in ({"nonsense": 1}, {"slow_down": 2}, {"at": "x"}, {"oas": 2}):
        with pytest.raises(urllib.error.HTTPError):
            sandbox.change(**options)
    with pytest.raises(urllib.error.HTTPError):
        sandbox.tick("x")
    sandbox.change(refuse_code=-321)
    with pytest.raises(UsageError):
        Options(oa_type=3)


def test_the_page_is_whole_and_its_numbers_add_up(sandbox_with):
    sandbox = sandbox_with(at="2026-09-18T22:40:00+07:00")
    page = urllib.request.urlopen(sandbox.url + "/").read().decode()
    users = [synthetic.user_id(number) for number in range(80)] + ["17"]
    body = {"message": {"text": "bão"}}
    with httpx.Client(base_url=sandbox.url, headers={"access_token": sandbox.credentials.access_token}) as client:
        for user in users:
            client.post("/v3.0/oa/message/cs", json=body | {"recipient": {"user_id": user}})
    numbers = json.loads(urllib.request.urlopen(sandbox.url + "/_sandbox/stats?by=province").read())

    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert [row["name"] for row in numbers["provinces"]] == [province.name for province in places.PROVINCES]
    assert sum(row["people"] for row in numbers["provinces"]) + numbers["abroad"] == 80
    assert numbers["unknown"] == 1
    assert numbers["now"].startswith("22:4")
