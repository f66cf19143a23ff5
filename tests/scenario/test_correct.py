"""A run that was wrong is stopped at once, and exactly those whom it reached are told so, once; an all-clear likewise."""

import json
import subprocess
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

PEOPLE = 1000
FOLLOW_UPS = """
correction:
  text: "DIỄN TẬP. Đính chính: hãy bỏ qua tin {{ code }}, {{ place }}. HẾT TIN DIỄN TẬP."
all_clear:
  text: "DIỄN TẬP. Hết cảnh báo, {{ place }}. HẾT TIN DIỄN TẬP. Mã tin: {{ code }}"
"""


def prepared(desk, name="c.yaml", follow_ups=FOLLOW_UPS, **changes):
    path = desk.campaign(name, **changes)
    with (desk.folder / path).open("a", encoding="utf-8") as file:
        file.write(follow_ups)
    return path


def slow(desk, sandbox, **changes):
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 6000")  # ten seconds for all
    return prepared(desk, **changes)


def fast(desk):
    desk.configure("app_per_minute: 6000", "app_per_minute: 6000000")


def begun(desk, sandbox, wait_until, path, people=50):
    goal = sandbox.stats()["accepted"] + people
    child = desk.start("send", path, "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > goal)
    return child


def half_sent(desk, sandbox, wait_until):
    """Send a part of a run and stop it."""
    child = begun(desk, sandbox, wait_until, slow(desk, sandbox))
    assert desk.run("stop").code == 0
    desk.ended(child)
    fast(desk)
    return sandbox.reached()


def test_a_run_that_another_process_sends_is_stopped_and_those_it_reached_are_told(desk, sandbox, wait_until):
    child = begun(desk, sandbox, wait_until, slow(desk, sandbox))
    corrected = desk.run("correct", "DT-1", "--yes", "--json")
    ended = desk.ended(child)

    assert (corrected.code, ended.code) == (0, 130)
    wrong = {user_id for user_id, state in desk.states("--run", "DT-1").items() if state == "accepted"}
    assert 0 < len(wrong) < PEOPLE
    assert sandbox.reached() == dict.fromkeys(wrong, 2)
    assert desk.states("--run", "DT-1@correction") == dict.fromkeys(wrong, "accepted")
    told = corrected.fact("follow-up")
    assert (told["people"], told["follows"], told["kind"]) == (len(wrong), ["DT-1"], "correction")
    assert corrected.fact("stop") | {"at": ""} == {
        "type": "stop", "format": 1, "at": "", "run": "DT-1", "active": True, "held": True,
    }  # fmt: skip


def test_nothing_goes_on_with_a_run_that_was_corrected(desk, sandbox, wait_until):
    half_sent(desk, sandbox, wait_until)
    assert desk.run("correct", "DT-1", "--yes").code == 0
    before = sandbox.reached()

    for words in (("resume", "DT-1"), ("send", "c.yaml", "--yes"), ("resume", "DT-1", "--retry-unknown")):
        refused = desk.run(*words)
        assert (refused.code, "has been corrected" in refused.said) == (14, True)
    assert sandbox.reached() == before
    states = {run["run"]: run["state"] for run in desk.run("runs", "--json").facts}
    assert states == {"DT-1": "corrected", "DT-1@correction": "finished"}
    assert desk.run("report", "DT-1", "--json").fact("report")["totals"]["withheld"] == PEOPLE - len(before)


def test_a_correction_is_resumed_stopped_reported_and_cancelled_like_any_run(desk, sandbox, wait_until):
    reached = half_sent(desk, sandbox, wait_until)
    desk.configure("app_per_minute: 6000000", "app_per_minute: 1200")
    child = desk.start("correct", "DT-1", "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > len(reached) + 5)
    assert desk.run("stop", "DT-1@correction").code == 0
    assert desk.ended(child).code == 130
    status = desk.run("status", "DT-1@correction", "--json").fact("status")
    assert (status["state"], status["audience"]) == ("stopped", len(reached))

    desk.configure("app_per_minute: 1200", "app_per_minute: 6000000")
    assert desk.run("resume", "DT-1@correction").code == 0
    assert sandbox.reached() == dict.fromkeys(reached, 2)
    assert desk.run("report", "DT-1@correction", "--json").fact("report")["totals"]["accepted"] == len(reached)
    assert desk.run("cancel", "DT-1@correction").code == 0  # it is finished: nothing to cancel


def test_a_kill_of_either_sender_corrects_whoever_may_have_been_reached(desk, sandbox, wait_until):
    child = begun(desk, sandbox, wait_until, slow(desk, sandbox))
    child.kill()
    child.communicate()
    fast(desk)
    corrected = desk.run("correct", "DT-1", "--yes")

    assert corrected.code == 0
    wrong = desk.states("--run", "DT-1")
    told = desk.states("--run", "DT-1@correction")
    assert set(told) == {user_id for user_id, state in wrong.items() if state in ("accepted", "unknown")}
    assert all(times >= 1 for user_id, times in sandbox.reached().items() if user_id in told)
    assert {user_id for user_id, times in sandbox.reached().items() if times > 1} <= set(told)


def test_the_first_to_be_alerted_are_the_first_to_be_corrected(desk, sandbox, wait_until):
    half_sent(desk, sandbox, wait_until)
    before = [json.loads(line) for line in desk.run("export", "-", "--run", "DT-1").out.splitlines()]
    assert desk.run("correct", "DT-1", "--yes").code == 0
    after = [json.loads(line)["user_id"] for line in desk.run("export", "-", "--run", "DT-1@correction").out.splitlines()]

    sent = [row for row in before if row["state"] == "accepted"]
    at = {row["user_id"]: row["at"] for row in sent}
    assert [at[user_id] for user_id in after] == sorted(at.values())


def test_a_finished_and_a_cancelled_run_are_corrected_too(desk, sandbox, wait_until):
    assert desk.at(sandbox).run("send", prepared(desk, code="DT-0"), "--yes").code == 0
    assert desk.run("correct", "DT-0", "--yes").code == 0
    assert sandbox.stats()["accepted"] == 2 * PEOPLE

    before = sandbox.reached()
    child = begun(desk, sandbox, wait_until, slow(desk, sandbox))
    assert desk.run("cancel", "DT-1", "--yes").code == 0
    desk.ended(child)
    fast(desk)
    reached = {user_id for user_id, state in desk.states("--run", "DT-1").items() if state == "accepted"}
    assert desk.run("correct", "DT-1", "--yes").code == 0
    assert sandbox.reached() == {user_id: times + 2 * (user_id in reached) for user_id, times in before.items()}


def test_what_was_never_sent_is_not_corrected(desk, sandbox):
    refused = desk.at(sandbox).run("correct", "DT-1")
    assert (refused.code, 'there is no run "DT-1"' in refused.said) == (2, True)

    desk.environ["ZALO_ALERT_OPENAPI_URL"] = "http://127.0.0.1:9"
    assert desk.run("send", prepared(desk), "--yes").code == 13  # begun, and nobody could be reached
    refused = desk.run("correct", "DT-1", "--yes")
    assert (refused.code, "has reached nobody" in refused.said, "cancel DT-1" in refused.said) == (14, True, True)


def test_without_a_correction_ready_a_text_is_asked_for_and_the_run_stays_stopped(desk, sandbox, wait_until):
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 6000")
    child = begun(desk, sandbox, wait_until, desk.campaign())
    refused = desk.run("correct", "DT-1", "--yes")
    desk.ended(child)

    assert refused.code == 10
    assert "has no correction ready" in refused.said
    assert "--text FILE" in refused.said
    assert desk.run("status", "--json").fact("status")["state"] == "stopped"
    fast(desk)
    reached = sandbox.reached()
    (desk.folder / "sorry.txt").write_text("DIỄN TẬP: hãy bỏ qua tin {{ code }}", encoding="utf-8")
    assert desk.run("correct", "DT-1", "--text", "sorry.txt", "--yes", "--json").fact("follow-up")["text_given"] is True
    assert sandbox.reached() == dict.fromkeys(reached, 2)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", "DIỄN TẬP {{ cod }}", "cod"),
        ("a.txt", "   ", "holds no text"),
        ("a.yaml", "texxt: DIỄN TẬP", "texxt"),
        ("a.yaml", "text: DIỄN TẬP\nroutes: [{type: smoke}]", "smoke"),
        ("gone.txt", None, "can't read gone.txt"),
    ],
)
def test_a_text_with_faults_is_refused_with_all_of_them(desk, sandbox, name, content, says):
    assert desk.at(sandbox).run("send", prepared(desk), "--yes").code == 0
    if content is not None:
        (desk.folder / name).write_text(content, encoding="utf-8")
    refused = desk.run("correct", "DT-1", "--text", name, "--yes")

    assert refused.code in (2, 10)
    assert says in refused.said
    assert sandbox.stats()["accepted"] == PEOPLE
    assert not (desk.folder / ".zalo-alert/runs/DT-1@correction").exists()


def test_a_correction_is_corrected_with_a_text_and_reaches_everybody_who_has_the_alert(desk, sandbox, wait_until):
    reached = half_sent(desk, sandbox, wait_until)
    desk.configure("app_per_minute: 6000000", "app_per_minute: 1200")
    child = desk.start("correct", "DT-1", "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > len(reached) + 5)
    refused = desk.run("correct", "DT-1", "--yes")
    assert (refused.code, "--text FILE" in refused.said) == (10, True)
    assert desk.ended(child).code == 130
    told = sandbox.reached()

    desk.configure("app_per_minute: 1200", "app_per_minute: 6000000")
    (desk.folder / "b.txt").write_text("DIỄN TẬP: tin đính chính trước đã sai", encoding="utf-8")
    again = desk.run("correct", "DT-1@correction", "--text", "b.txt", "--yes")
    assert again.code == 0, again.said
    assert sandbox.reached() == {user_id: told[user_id] + 1 for user_id in reached}
    states = {run["run"]: run["state"] for run in desk.run("runs", "--json").facts}
    assert states == {"DT-1": "corrected", "DT-1@correction": "corrected", "DT-1@correction.2": "finished"}


def test_two_who_correct_at_once_make_one_correction(desk, sandbox, wait_until):
    reached = half_sent(desk, sandbox, wait_until)
    children = [desk.start("correct", "DT-1", "--yes") for _ in range(2)]
    ended = [desk.ended(child) for child in children]

    assert sorted(result.code for result in ended)[0] == 0
    assert max(result.code for result in ended) in (10, 12, 14), [result.said for result in ended]
    assert sandbox.reached() == dict.fromkeys(reached, 2)


def test_damaged_shards_are_told_and_nobody_is_written_to(desk, sandbox, wait_until):
    reached = half_sent(desk, sandbox, wait_until)
    shard = next((desk.folder / ".zalo-alert/runs/DT-1/shards").iterdir())
    shard.write_bytes(shard.read_bytes()[:-40])
    refused = desk.run("correct", "DT-1", "--yes")

    assert refused.code == 13
    assert "restore the run's folder from a backup" in refused.said
    assert sandbox.reached() == reached
    assert not (desk.folder / ".zalo-alert/runs/DT-1@correction").exists()


def test_the_name_of_a_correction_is_nobody_elses(desk, sandbox):
    for name in ("correction", "all-clear", "2026-11.correction", "correction.2"):
        refused = desk.at(sandbox).run("send", desk.campaign(), "--yes", "--occurrence", name)
        assert (refused.code, "is what corrections and all-clears are called" in refused.said) == (2, True)


@pytest.mark.english
def test_a_no_to_the_question_takes_the_stop_back_and_says_how_to_go_on(desk, sandbox, wait_until):
    child = begun(desk, sandbox, wait_until, slow(desk, sandbox))
    refused = desk.run("correct", "DT-1", stdin="no\n")
    desk.ended(child)

    assert refused.code == 2
    assert "nobody more is written to" in refused.said
    assert "zalo-alert resume DT-1 goes on with it" in refused.said.replace("`", "")
    fast(desk)
    assert desk.run("send", "c.yaml", "--yes").code == 0  # nobody holds it any more
    assert sandbox.reached() == dict.fromkeys(sandbox.reached(), 1)


def test_nobody_is_claimed_two_seconds_after_the_command(desk, sandbox, wait_until):
    child = begun(desk, sandbox, wait_until, slow(desk, sandbox))
    asking = desk.start("correct", "DT-1", stdin=subprocess.PIPE)
    began_s = time.monotonic()
    wait_until(lambda: child.poll() is not None)
    took_s = time.monotonic() - began_s
    before = sandbox.stats()["accepted"]
    desk.ended(asking, b"no\n")

    assert took_s < 10  # two seconds where the machine has nothing else to do: bench/correct.py measures it
    assert sandbox.stats()["accepted"] == before


def test_an_all_clear_goes_to_everybody_of_several_runs_once(desk, sandbox, wait_until):
    child = begun(desk, sandbox, wait_until, slow(desk, sandbox))
    assert desk.run("stop").code == 0
    desk.ended(child)
    fast(desk)
    first = sandbox.reached()
    assert desk.run("send", prepared(desk, "b.yaml", code="DT-2"), "--yes").code == 0
    before = sandbox.reached()
    given = desk.run("all-clear", "DT-1", "DT-2", "--yes", "--json")

    assert given.code == 0, given.said
    assert sandbox.reached() == {user_id: times + 1 for user_id, times in before.items()}
    assert len(first) < PEOPLE
    states = {run["run"]: run["state"] for run in desk.run("runs", "--json").facts}
    assert states == {"DT-1": "stopped", "DT-2": "finished", "DT-1@all-clear": "finished"}
    for words in (("DT-1",), ("DT-2",), ("DT-2", "DT-1")):
        again = desk.run("all-clear", *words, "--yes")
        assert (again.code, "there is an all-clear" in again.said) == (14, True)


def test_an_all_clear_is_corrected_and_a_corrected_run_gets_none(desk, sandbox):
    assert desk.at(sandbox).run("send", prepared(desk), "--yes").code == 0
    assert desk.run("all-clear", "DT-1", "--yes").code == 0
    (desk.folder / "b.txt").write_text("DIỄN TẬP: chưa hết cảnh báo", encoding="utf-8")
    assert desk.run("correct", "DT-1@all-clear", "--text", "b.txt", "--yes").code == 0
    assert sandbox.stats()["accepted"] == 3 * PEOPLE
    assert {"DT-1@all-clear.correction"} <= {run["run"] for run in desk.run("runs", "--json").facts}

    assert desk.run("all-clear", "DT-1@all-clear", "--yes").code == 10
    assert desk.run("correct", "DT-1", "--yes").code == 0
    refused = desk.run("all-clear", "DT-1", "--yes")
    assert (refused.code, "was wrong" in refused.said) == (14, True)


@pytest.mark.kill
def test_a_kill_while_a_correction_is_made_leaves_it_to_be_made_again(desk, sandbox, wait_until):
    reached = half_sent(desk, sandbox, wait_until)
    for delay_s in (0.05, 0.2, 0.3, 0.4):
        child = desk.start("correct", "DT-1", "--yes")
        deadline_s = time.monotonic() + delay_s
        wait_until(lambda deadline_s=deadline_s: time.monotonic() > deadline_s)
        child.kill()
        child.communicate()
    folder = desk.folder / ".zalo-alert/runs/DT-1@correction"
    done = desk.run("resume", "DT-1@correction") if folder.exists() else desk.run("correct", "DT-1", "--yes")

    assert done.code in (0, 3)
    told = sandbox.reached()
    assert set(told) == set(reached)
    states = desk.states("--run", "DT-1@correction")
    assert all(told[user_id] <= 2 for user_id in told)
    assert all(told[user_id] == 2 for user_id, state in states.items() if state == "accepted")
    assert set(states) == set(reached)
    if left := [path for path in Path(folder.parent).iterdir() if path.name.startswith(".")]:  # killed while it was being frozen
        assert left[0].name[:20] in desk.run("doctor", "--offline").said


def test_each_is_corrected_by_the_route_that_fits_the_one_that_reached_them(desk, sandbox):
    phone, template = '{type: phone, template_id: "311204", data: {ma_tin: "{{ code }}"}}', "{type: cs}"
    follow_ups = FOLLOW_UPS.split("all_clear")[0] + f"  routes: [{template}, {phone}]\n"
    path = prepared(desk.at(sandbox), follow_ups=follow_ups, routes=f"[{phone}, {template}]")
    assert desk.run("send", path, "--yes").code in (0, 3)
    before = routes_of(desk, "DT-1")
    assert {"phone", "cs"} <= set(before.values())
    assert desk.run("correct", "DT-1", "--yes").code in (0, 3)

    assert routes_of(desk, "DT-1@correction") == before
    assert set(sandbox.reached().values()) == {2}


def routes_of(desk, run):
    rows = [json.loads(line) for line in desk.run("export", "-", "--run", run, "--state", "accepted").out.splitlines()]
    return {row["user_id"]: row["route"] for row in rows}


ARTICLE = '{type: broadcast, cover: "https://example.vn/a.jpg", author: "Ban Chỉ đạo"}'


def test_an_article_that_was_broadcast_is_corrected_by_an_article(desk, sandbox):
    text = "DIỄN TẬP: tin trước đã sai. HẾT TIN DIỄN TẬP."
    follow_ups = f'\ncorrection: {{text: "{text}", headline: "DIỄN TẬP: đính chính", routes: [{ARTICLE}, {{type: cs}}]}}\n'
    path = prepared(desk.at(sandbox), follow_ups=follow_ups, routes=f"[{ARTICLE}, {{type: cs}}]")
    assert desk.run("send", path, "--yes").code in (0, 3, 13), "by night no article goes out"
    articles = len(sandbox.broadcasts())
    corrected = desk.run("correct", "DT-1", "--yes")

    assert corrected.code in (0, 3, 13), corrected.said
    if articles:
        assert "can't be taken back" in corrected.said
        assert len(sandbox.broadcasts()) == 2 * articles
    assert len(sandbox.reached()) == PEOPLE


def test_an_article_is_sent_where_it_is_asked_for_and_refused_where_none_is_ready(desk, sandbox):
    assert desk.at(sandbox).run("send", prepared(desk), "--yes").code == 0
    refused = desk.run("correct", "DT-1", "--article", "--yes")
    assert (refused.code, "no article is ready" in refused.said) == (2, True)

    (desk.folder / "a.yaml").write_text(
        f"text: DIỄN TẬP sai\nheadline: DIỄN TẬP\nroutes: [{ARTICLE}, {{type: cs}}]", encoding="utf-8"
    )
    corrected = desk.run("correct", "DT-1", "--article", "--text", "a.yaml", "--yes", "--json")
    assert corrected.fact("follow-up")["article"] is True
    assert (desk.folder / ".zalo-alert/runs/DT-1@correction/broadcast.db").exists()
