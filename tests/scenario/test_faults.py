"""Bad days: a server that refuses, breaks, cuts off, runs dry; each ends in a clear sentence, and `resume` goes on."""

import json
import signal

import pytest

from zalo_alert.models import State
from zalo_alert.sandbox.agreement import compare

CS, TEMPLATE = "{type: cs}", '{type: template, template_id: "311203", data: {ma_tin: "{{ code }}"}}'


def agreed(desk, sandbox):
    states = desk.states()
    agreement = compare(((person, State(state)) for person, state in states.items()), sandbox.reached())
    assert agreement.problems == []
    assert sum(agreement.people.values()) == 1000
    return agreement


def send(desk, *words, **campaign):
    return desk.run("send", desk.campaign(**campaign), "--yes", *words)


@pytest.mark.parametrize("fault", [{"http_503": 0.02}, {"http_429": 0.02}, {"reset_before": 0.02}], ids=["503", "429", "reset"])
def test_what_was_refused_is_tried_again_until_everyone_is_reached(fault, desk, sandbox_with):
    sandbox = sandbox_with(**fault)
    result = send(desk.at(sandbox), on_unknown="resend")  # a reset may have come after the request was read
    assert result.code == 0, result.err
    assert agreed(desk, sandbox).people == {State.ACCEPTED: 1000}


@pytest.mark.kill
def test_too_fast_for_zalo_waits_for_the_next_minute_and_status_says_so(desk, sandbox_with, wait_until):
    sandbox = sandbox_with(slow_down=1.0)
    child = desk.at(sandbox).start("send", desk.campaign(), "--yes")
    wait_until(lambda: list(desk.folder.glob(".zalo-alert/runs/*/slowed.json")))
    wait_until(lambda: "minute" in {one["cause"] for one in desk.run("status", "--json").fact("status")["slowed"]})
    child.send_signal(signal.SIGINT)
    assert desk.ended(child).code == 130
    agreement = agreed(desk, sandbox)
    assert agreement.people[State.UNKNOWN] == 0
    assert agreement.people[State.DEFERRED] > 0  # held back, and asked again when the next one begins
    assert desk.run("status", "--json").fact("status")["slowed"] == []


@pytest.mark.parametrize("fault", ["http_500", "html", "reset_after"])
def test_what_has_no_clear_answer_is_unknown_and_never_repeated(fault, desk, sandbox_with):
    sandbox = sandbox_with(**{fault: 0.05})
    result = send(desk.at(sandbox), "--json")
    assert result.code == 3
    agreement = agreed(desk, sandbox)
    assert agreement.people[State.UNKNOWN] > 0
    assert agreement.reached[State.UNKNOWN] == agreement.people[State.UNKNOWN]  # these faults strike after execution
    assert agreement.people[State.UNKNOWN] + agreement.people[State.ACCEPTED] == 1000
    causes = result.fact("report")["causes"]
    assert sum(cause["people"] for cause in causes) == agreement.people[State.UNKNOWN]


def test_with_resend_everyone_is_reached_and_every_double_is_counted(desk, sandbox_with):
    sandbox = sandbox_with(http_500=0.03)
    result = send(desk.at(sandbox), "--json", on_unknown="resend")
    assert result.code == 0, result.err
    assert sandbox.stats()["people"] == 1000
    assert 0 < sandbox.stats()["twice"] <= result.fact("report")["maybe_twice"]
    listed = {row["user_id"] for row in desk.run("export", "-").facts if row["unclear"]}
    assert {person for person, times in sandbox.reached().items() if times > 1} <= listed


def test_people_whom_one_route_does_not_reach_go_to_the_next(desk, sandbox_with):
    sandbox = sandbox_with(stale=0.4)
    result = send(desk.at(sandbox), "--json", routes=f"[{CS}, {TEMPLATE}]")
    assert result.code == 0
    assert agreed(desk, sandbox).people == {State.ACCEPTED: 1000}
    assert sandbox.stats()["refused"]["-230"] > 300
    routes = {line.split('"route":"')[1].split('"')[0] for line in desk.run("export", "-").out.splitlines()}
    assert routes == {"cs", "template"}


def test_people_whom_no_route_reaches_are_listed_with_the_reason(desk, sandbox_with):
    sandbox = sandbox_with(dead=0.1)
    result = send(desk.at(sandbox))
    assert result.code == 3
    assert "does not follow" in desk.run("report").said
    agreement = agreed(desk, sandbox)
    assert len(desk.states("--state", "rejected")) == agreement.people[State.REJECTED] > 50


def cause(desk):
    return desk.run("status", "--json").fact("status")["cause"]


def test_an_empty_purse_halts_and_resume_goes_on(desk, sandbox_with):
    sandbox = sandbox_with(stop_after=200)
    result = send(desk.at(sandbox))
    assert result.code == 13
    assert "-321" in result.said
    assert "resume" in result.said
    assert cause(desk) == "money"
    assert set(desk.states().values()) <= {"accepted", "pending", "deferred"}
    sandbox.change(stop_after=0)
    assert desk.run("resume").code == 0
    assert agreed(desk, sandbox).people == {State.ACCEPTED: 1000}


def test_a_message_that_zalo_finds_wrong_halts_after_a_handful(desk, sandbox_with):
    sandbox = sandbox_with(refuse_code=-210)
    result = send(desk.at(sandbox))
    assert result.code == 13
    assert "-210" in result.said
    assert sandbox.stats()["requests"] < 200
    sandbox.change(refuse_code=0)
    assert desk.run("resume").code in (0, 3)
    agreed(desk, sandbox)


def test_a_token_that_dies_mid_run_is_renewed_once_and_nobody_is_lost(desk, sandbox_with):
    sandbox = sandbox_with(token_dies_after=300)
    result = send(desk.at(sandbox))
    assert result.code == 0, result.err
    assert agreed(desk, sandbox).people == {State.ACCEPTED: 1000}


def test_a_refused_token_that_cannot_be_renewed_halts_with_what_to_do(desk, sandbox):
    desk.at(sandbox)
    desk.environ["ZALO_ALERT_PCTT_ACCESS_TOKEN"] = "no-such-token"
    desk.environ["ZALO_ALERT_PCTT_REFRESH_TOKEN"] = "no-such-token-either"
    result = send(desk)
    assert result.code == 13
    assert "token" in result.said.lower()
    assert "no-such-token" not in result.out + result.err
    assert sandbox.stats()["accepted"] == 0
    assert set(desk.states().values()) <= {"pending", "deferred"}
    desk.at(sandbox)
    assert desk.run("resume").code == 0


def test_the_access_token_may_be_left_out(desk, sandbox):
    desk.at(sandbox)
    del desk.environ["ZALO_ALERT_PCTT_ACCESS_TOKEN"]
    assert send(desk).code == 0
    assert agreed(desk, sandbox).people == {State.ACCEPTED: 1000}


def test_without_any_credentials_nothing_is_frozen(desk, sandbox):
    desk.at(sandbox)
    for name in ("ACCESS_TOKEN", "REFRESH_TOKEN", "APP_SECRET"):
        del desk.environ[f"ZALO_ALERT_PCTT_{name}"]
    result = send(desk)
    assert result.code == 11
    assert "ZALO_ALERT_PCTT_REFRESH_TOKEN" in result.said
    assert not (desk.folder / ".zalo-alert" / "runs").exists()


def test_quota_gone_leaves_the_rest_waiting_for_the_reset(desk, sandbox_with):
    sandbox = sandbox_with(quota=400)
    result = send(desk.at(sandbox), routes=f"[{TEMPLATE}]")
    assert result.code == 13
    assert "wait until" in result.said
    assert cause(desk) == "quota"
    assert agreed(desk, sandbox).people[State.ACCEPTED] == 400


def test_quota_gone_on_one_route_sends_the_rest_by_the_other(desk, sandbox_with):
    sandbox = sandbox_with(quota=400)
    result = send(desk.at(sandbox), routes=f"[{TEMPLATE}, {CS}]")
    assert result.code == 0, result.err
    assert agreed(desk, sandbox).people == {State.ACCEPTED: 1000}


def test_a_server_that_cannot_be_reached_is_waited_for_and_then_said(desk, sandbox):
    desk.at(sandbox)
    desk.environ["ZALO_ALERT_OPENAPI_URL"] = "http://127.0.0.1:9"
    result = send(desk)
    assert result.code == 13
    assert "cannot be reached" in result.said
    assert cause(desk) == "network"
    assert set(desk.states().values()) <= {"pending", "deferred"}
    desk.at(sandbox)
    assert desk.run("resume").code == 0
    assert agreed(desk, sandbox).people == {State.ACCEPTED: 1000}


def test_no_secret_appears_in_anything_the_tool_writes(desk, sandbox_with):
    sandbox = sandbox_with(token_dies_after=300, http_500=0.02)
    desk.at(sandbox)
    said = [send(desk), desk.run("status", "--json"), desk.run("report"), desk.run("runs")]
    secrets = [desk.environ[f"ZALO_ALERT_PCTT_{name}"] for name in ("ACCESS_TOKEN", "REFRESH_TOKEN", "APP_SECRET")]
    for secret in secrets:
        assert all(secret not in result.out + result.err for result in said)
        for path in desk.folder.rglob("*"):
            if path.is_file() and path.name.split(".")[0] != "tokens":
                assert secret.encode() not in path.read_bytes(), path
    for path in (desk.folder / ".zalo-alert").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_run_pauses_when_too_many_of_the_first_thousand_are_rejected(desk_of, sandbox_with):
    desk, sandbox = desk_of(5000), sandbox_with(dead=0.2)
    result = send(desk.at(sandbox))
    assert result.code == 13
    assert "paused after the first 1000 in the area" in result.said
    assert "--past-canary" in result.said
    assert sandbox.stats()["requests"] == 1000
    again = desk.run("resume", "--json")
    assert again.code == 13
    assert json.loads(again.err)["cause"] == cause(desk) == "canary"
    assert sandbox.stats()["requests"] == 1000

    assert desk.run("resume", "--past-canary").code == 3
    assert set(desk.states().values()) == {"accepted", "rejected"}
    assert sandbox.stats()["twice"] == 0
