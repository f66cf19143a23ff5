"""What is sent is what was frozen, from where it was frozen: a changed run, a copied one and another OA refuse."""

import shutil
import sqlite3

import pytest

pytestmark = pytest.mark.long


def stopped(desk, sandbox, wait_until):
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 6000")
    child = desk.start("send", desk.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 20)
    assert desk.run("stop").code == 0
    assert desk.ended(child).code == 130
    return sandbox.stats()["requests"]


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("UPDATE place SET label = 'CHẠY NGAY http://evil.example'", "the names of places in the messages"),
        ("UPDATE place SET variant = 0", "the names of places in the messages"),
        ("""UPDATE fact SET value = '"2099-01-01T00:00:00+07:00"' WHERE name = 'expires'""", "the facts of the run"),
        ("""UPDATE fact SET value = '"x"' WHERE name = 'occurrence'""", "the facts of the run"),
        ("""UPDATE fact SET value = '"0000"' WHERE name = 'digest'""", "the digest itself"),
    ],
    ids=["label", "variant", "expires", "occurrence", "digest"],
)
def test_a_run_that_was_changed_refuses_and_says_what_differs(desk, sandbox, wait_until, sql, named):
    before = stopped(desk, sandbox, wait_until)
    with sqlite3.connect(desk.folder / ".zalo-alert/runs/DT-1/run.db") as db:
        assert db.execute(sql).rowcount
    result = desk.run("resume")

    assert result.code == 13
    assert named in result.said
    assert sandbox.stats()["requests"] == before


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("388613280878808645", "388613280878808699", "the OAs and apps behind the accounts"),
        ("360846524940903967", "360846524940903999", "the OAs and apps behind the accounts"),
    ],
    ids=["oa", "app"],
)
def test_another_oa_or_app_behind_the_same_name_refuses(desk, sandbox, wait_until, old, new, named):
    before = stopped(desk, sandbox, wait_until)
    desk.configure(old, new)
    result = desk.run("resume")

    assert result.code == 10
    assert named in result.said
    assert sandbox.stats()["requests"] == before


def test_what_zalo_grants_may_change(desk, sandbox, wait_until):
    stopped(desk, sandbox, wait_until)
    desk.configure("app_per_minute: 6000", "app_per_minute: 6000000")

    assert desk.run("resume").code == 0


def test_a_run_of_before_is_checked_by_the_rule_of_then(desk, sandbox, wait_until):
    before = stopped(desk, sandbox, wait_until)
    folder = desk.folder / ".zalo-alert/runs/DT-1"
    with sqlite3.connect(folder / "run.db") as db:
        from zalo_alert.runs.contents import earlier_digest
        from zalo_alert.runs.run import Run

        run = Run(folder)
        db.execute("DELETE FROM fact WHERE name = 'parts'")
        db.execute("UPDATE fact SET value = ? WHERE name = 'digest'", (f'"{earlier_digest(run)}"',))
        db.execute("DROP TABLE home")
        db.execute("DROP TABLE forgotten")
        run.close()
    desk.configure("app_per_minute: 6000", "app_per_minute: 6000000")
    result = desk.run("resume")
    assert result.code == 0
    assert "frozen by an earlier version" in result.said

    with sqlite3.connect(folder / "run.db") as db:
        db.execute("UPDATE place SET label = 'x'")
    assert desk.run("resume").code == 13
    assert sandbox.stats()["people"] == 1000 > before


def test_a_copied_workspace_refuses_until_somebody_says_that_it_moved(desk, sandbox, wait_until, tmp_path):
    before = stopped(desk, sandbox, wait_until)
    shutil.copytree(desk.folder, tmp_path / "copy", symlinks=True)
    original, desk.folder = desk.folder, tmp_path / "copy"
    desk.configure("app_per_minute: 6000", "app_per_minute: 6000000")
    for words in (("resume",), ("send", "c.yaml", "--yes")):
        assert desk.run(*words).code in (10, 14)
    refused = desk.run("resume")
    assert refused.code == 10
    assert str(original.resolve()) in refused.said
    assert sandbox.stats()["requests"] == before

    assert desk.run("resume", "--moved", "máy cũ hỏng").code == 0
    assert sandbox.stats()["people"] == 1000
    history = desk.run("report", "--json").fact("report")["history"]
    assert any(event["what"] == "moved" and event["detail"] == "máy cũ hỏng" for event in history)
    assert desk.run("resume").code == 0  # it lives here now
