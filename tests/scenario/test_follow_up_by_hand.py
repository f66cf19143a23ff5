"""One approver corrects an alert with the words that were ready: nobody can put other words, places or people into that alone."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from office import agree, approve, reseal, submit

from zalo_alert.approval.officers import Role
from zalo_alert.foundation.clock import SystemClock

pytestmark = pytest.mark.long

CODE = "DT-1"
READY = "[{type: cs}]\ncorrection: {text: 'DIỄN TẬP: tin {{ code }} cho {{ place }} gửi nhầm.'}"


def exercise(desk):
    path = desk.campaign(areas="[new:46]", routes=READY)
    return path, desk.run("plan", path, "--json").fact("plan")["people"]


@pytest.fixture
def sent(live_desk, officers, tls_sandbox):
    """An Exercise to Huế that two have agreed to and that was sent; how many it reached."""
    path, people = exercise(live_desk)
    agree(live_desk, officers, path, CODE, people)
    assert live_desk.run("send", CODE, "--yes").code == 0
    return people


def sql(folder, *statements):
    with closing(sqlite3.connect(folder / "run.db")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def renamed_place(folder):
    sql(folder, "UPDATE place SET label = 'TOÀN QUỐC: SƠ TÁN NGAY'")


def other_text_for_a_place(folder):
    with (folder / "campaign.yaml").open("a", encoding="utf-8") as file:
        file.write("\nvariants: [{areas: [new:46], text: 'DIỄN TẬP: SƠ TÁN NGAY'}]\n")
    sql(folder, "UPDATE place SET variant = 0")


def without_the_marks_of_a_drill(folder):
    sql(folder, "UPDATE fact SET value = 'false' WHERE name = 'is_marked'")


def other_level(folder):
    path = folder / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("severity: Extreme", "severity: Minor"), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text


def more_people(folder):
    sql(folder, "UPDATE fact SET value = value + 100 WHERE name = 'audience'")


@pytest.mark.parametrize("alter", [renamed_place, other_text_for_a_place, without_the_marks_of_a_drill, other_level, more_people])
def test_what_was_ready_can_not_be_made_into_something_else(live_desk, officers, tls_sandbox, sent, alter):
    typed, name = f"{CODE}\n{sent}\n", f"{CODE}@correction"
    assert live_desk.run("correct", CODE, "--key", officers.key("Dung"), stdin=typed).code == 10  # an editor only asks
    folder = live_desk.folder / ".zalo-alert" / "runs" / name
    sql(folder, "DELETE FROM request", "DELETE FROM agreement", "UPDATE state SET name = 'frozen'")
    alter(folder)
    reseal(folder)
    signed = live_desk.run("correct", CODE, "--key", officers.key("Cuc"), stdin=typed)
    resumed = live_desk.run("send", name, "--yes")

    assert {signed.code, resumed.code} <= {10, 13}, signed.err
    assert tls_sandbox.stats()["accepted"] == sent


def test_a_key_that_came_after_the_submission_has_approved_the_correction_too(live_desk, officers, tls_sandbox, wait_until):
    path, people = exercise(live_desk)
    assert submit(live_desk, officers, path, CODE, people).code == 0
    submitted = SystemClock().now()
    wait_until(lambda: SystemClock().now() - submitted > timedelta(seconds=1))  # both are kept to the second
    officers.add("Hoa", Role.APPROVER)
    assert approve(live_desk, officers, CODE, CODE, people, by="Hoa").code == 0
    assert live_desk.run("send", CODE, "--yes").code == 0
    officers.revoke("Hoa")
    result = live_desk.run("correct", CODE, "--key", officers.key("Cuc"), stdin=f"{CODE}\n{people}\n")

    assert result.code == 0, result.err
    assert tls_sandbox.stats()["accepted"] == 2 * people
