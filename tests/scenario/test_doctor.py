"""The doctor through the command line: what is well, what is not, and with which exit code."""

import os
import subprocess
import sys
import time
from typing import Any

import pytest

STATE = ".zalo-alert"


@pytest.fixture
def told(desk, sandbox):
    (desk.folder / "lists").mkdir()
    (desk.folder / "lists" / "staff.txt").write_text("1002893352839501541\n", encoding="utf-8")
    return desk.at(sandbox)


def checked(desk, *words):
    result = desk.run("doctor", *words, "--json")
    found: dict[str, Any] = {}
    for fact in result.facts:
        if fact["type"] == "check":
            found.setdefault(fact["about"], []).append(fact)
    return result.code, found


def grades(found):
    return {about: [fact["grade"] for fact in facts] for about, facts in found.items()}


def test_a_workspace_that_is_well_is_told_so(told):
    told.environ["TZ"] = "<+07>-7"
    code, found = checked(told, told.campaign())
    assert code == 0
    assert set(found) == {
        "config", "campaign", "files", "disk", "leftovers", "book", "staff", "tokens", "clock", "hosts", "oa", "quota",
        "templates", "zone",
    }  # fmt: skip
    assert all(grade == "ok" for facts in grades(found).values() for grade in facts), found
    assert "all well" in told.run("doctor").said


def test_a_machine_of_another_zone_is_told_what_goes_by_it(told):
    told.environ["TZ"] = "UTC"
    code, found = checked(told, "--offline")
    assert code == 0
    assert "cron" in found["zone"][0]["message"]
    assert grades(found)["zone"] == ["warn"]


def test_offline_asks_nobody(told):
    told.environ["ZALO_ALERT_OPENAPI_URL"] = "http://127.0.0.1:1"
    code, found = checked(told, "--offline")
    assert code == 0
    assert "hosts" not in found
    assert "oa" not in found


def test_a_server_that_is_away_is_13_and_a_lost_token_11(told):
    told.environ["ZALO_ALERT_OPENAPI_URL"] = "http://127.0.0.1:1"
    code, found = checked(told)
    assert code == 13
    assert grades(found)["hosts"] == ["fail", "ok", "ok"]
    for name in [name for name in told.environ if name.startswith("ZALO_ALERT_PCTT_")]:
        del told.environ[name]
    code, found = checked(told)
    assert code == 11
    assert grades(found)["tokens"] == ["fail"]
    assert "accounts login pctt" in found["tokens"][0]["cure"]


def test_a_drill_that_would_leave_this_machine_is_not_tried(told):
    told.environ["ZALO_ALERT_OAUTH_URL"] = "https://oauth.zaloapp.com"
    code, found = checked(told)
    assert code == 11
    assert grades(found)["hosts"] == ["fail"]


def test_a_config_with_faults_is_a_check_too(told):
    told.configure("profile: drill", "profile: dril")
    code, found = checked(told)
    assert code == 11
    assert grades(found) == {"config": ["fail"]}


def test_a_campaign_with_faults_is_told_and_the_rest_is_looked_at_all_the_same(told):
    code, found = checked(told, told.campaign(areas="[old:99]"))
    assert code == 10
    assert grades(found)["campaign"] == ["fail"]
    assert grades(found)["oa"] == ["ok"]


def test_files_that_others_may_read_and_what_a_killed_process_left_are_named(told):
    assert told.run("doctor").code == 0
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    state = told.folder / STATE
    (state / "tokens.db").chmod(0o644)
    (state / f".book.csv.{dead.pid}").touch(mode=0o600)
    (state / f".mine.{os.getpid()}").touch(mode=0o600)
    for name, age_s in ((".scratch-old", 7200), (".scratch-new", 0)):
        (state / name).mkdir(mode=0o700)
        os.utime(state / name, (time.time() - age_s,) * 2)
    code, found = checked(told)
    assert code == 11
    assert [fact["cure"].split()[:2] for fact in found["files"]] == [["chmod", "600"]]
    (left,) = found["leftovers"]
    assert left["grade"] == "warn"
    assert f".book.csv.{dead.pid}" in left["message"]
    assert ".scratch-old" in left["message"]
    assert ".mine" not in left["message"]
    assert ".scratch-new" not in left["message"]


def test_the_token_of_another_oa_is_found_out(told):
    told.configure("388613280878808645", "388613280878808646")
    code, found = checked(told)
    assert code == 11
    assert any("belongs to OA 388613280878808645" in fact["message"] for fact in found["oa"])
    assert grades(found)["book"] == ["warn"]


def test_a_free_business_is_told_what_it_lacks(desk, sandbox_with):
    code, found = checked(desk.at(sandbox_with(package="free", oa_type=2)))
    assert code == 0
    assert {"billing" in fact["message"] for fact in found["oa"]} == {True, False}
    assert set(grades(found)["oa"]) == {"warn"}
    assert grades(found)["staff"] == ["warn"]


def test_many_accounts_are_one_line_and_the_bad_ones(told, sandbox_with):
    sandbox = sandbox_with(oas=12)
    rows = [f"{account.id},{account.oa_id},{account.app_id},{account.level},all" for account in sandbox.accounts[1:]]
    (told.folder / "accounts.csv").write_text("id,oa_id,app_id,level,areas\n" + "\n".join(rows) + "\n", encoding="utf-8")
    told.configure("profile: drill", "profile: drill\naccounts_file: accounts.csv")
    for account in sandbox.accounts[:-1]:
        told.environ |= sandbox.environ(account.id)
    result = told.run("doctor")
    assert result.code == 11
    assert "tokens: 11 of 12 accounts are well" in result.said
    assert "oa: 11 of 11 accounts are well" in result.said
    assert f"tokens {sandbox.accounts[-1].id}: has no token" in result.said


def test_lists_that_can_not_be_read_and_a_workspace_that_anybody_may_change_are_named(told):
    lists = told.folder / "lists"
    (lists / "never.txt").symlink_to("gone.txt")
    (lists / "staff.txt").unlink()
    (lists / "staff.txt").mkdir()
    (told.folder / "campaigns" / "bao-so-7.yaml").chmod(0o666)
    code, found = checked(told, "--offline")
    assert code == 10
    assert "never.txt" in found["lists"][0]["message"]
    assert grades(found)["staff"] == ["fail"]
    assert "bao-so-7.yaml" in found["files"][-1]["message"]


@pytest.mark.skipif(os.name != "posix", reason="accounts are no numbers there")
def test_a_live_workspace_says_who_else_reads_its_tokens_and_a_drill_does_not(desk, tls_sandbox):
    (desk.folder / ".zalo-alert").chmod(0o750)
    desk.at(tls_sandbox)
    drill = desk.run("doctor", "--offline", "--json")
    live = desk.go_live().run("doctor", "--offline", "--json")

    assert "its group" in " ".join(fact["message"] for fact in live.facts if fact.get("about") == "readers")
    assert [fact for fact in drill.facts if fact.get("about") == "readers"] == []
