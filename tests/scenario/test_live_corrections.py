"""A wrong alert is called back in a live workspace: by one approver with the words that were approved, by two with others."""

import sqlite3
from contextlib import closing

import pytest
from office import agree, approve

pytestmark = pytest.mark.long

CODE = "DT-1"


@pytest.fixture
def sent(live_desk, officers, tls_sandbox):
    """An Exercise to Huế that two have agreed to and that was sent; how many it reached."""
    path = live_desk.campaign(areas="[new:46]", routes="[{type: cs}]\ncorrection: {text: 'DIỄN TẬP: tin {{ code }} gửi nhầm.'}")
    people = live_desk.run("plan", path, "--json").fact("plan")["people"]
    agree(live_desk, officers, path, CODE, people)
    result = live_desk.run("send", CODE, "--yes")
    assert result.code == 0, result.err
    return people


def test_one_approver_is_enough_for_the_words_that_were_approved(live_desk, officers, tls_sandbox, sent):
    result = live_desk.run("correct", CODE, "--key", officers.key("Cuc"), "--json", stdin=f"{CODE}\n{sent}\n")

    assert result.code == 0, result.err
    assert tls_sandbox.stats()["accepted"] == 2 * sent
    assert live_desk.run("status", CODE, "--json").fact("status")["state"] == "corrected"


def test_an_editor_asks_an_approver(live_desk, officers, tls_sandbox, sent):
    typed = f"{CODE}\n{sent}\n"
    asked = live_desk.run("correct", CODE, "--key", officers.key("Dung"), stdin=typed)
    early = live_desk.run("send", f"{CODE}@correction", "--yes")
    approved = approve(live_desk, officers, f"{CODE}@correction", CODE, sent)
    later = live_desk.run("send", f"{CODE}@correction", "--yes")

    assert (asked.code, early.code) == (10, 10)
    assert "goes out once an approver has signed it" in asked.said
    assert approved.code == 0, approved.err
    assert later.code == 0, later.err


def test_an_editor_hears_that_no_approver_could_be_told(live_desk, officers, sent):
    live_desk.configure("accounts:", 'notify: {command: ["false"]}\naccounts:')
    asked = live_desk.run("correct", CODE, "--key", officers.key("Dung"), stdin=f"{CODE}\n{sent}\n")

    assert (asked.code, "nobody could be told" in asked.said) == (10, True), asked.err


def test_other_words_need_two_again(live_desk, officers, tls_sandbox, sent):
    (live_desk.folder / "other.txt").write_text("DIỄN TẬP: tin trước sai cấp.", encoding="utf-8")
    words = ("--text", "other.txt", "--key", officers.key("Cuc"))
    asked = live_desk.run("correct", CODE, *words, stdin=f"{CODE}\n{sent}\n")
    alone = approve(live_desk, officers, f"{CODE}@correction", CODE, sent, by="Cuc")
    approved = approve(live_desk, officers, f"{CODE}@correction", CODE, sent, by="An")
    later = live_desk.run("send", f"{CODE}@correction", "--yes")

    assert (asked.code, alone.code, approved.code, later.code) == (10, 10, 0, 0), later.err
    assert tls_sandbox.stats()["accepted"] == 2 * sent


def test_what_is_agreed_to_is_what_people_will_read(live_desk, officers, sent):
    result = live_desk.run("correct", CODE, "--key", officers.key("Cuc"), stdin="no\n")

    assert result.code == 2, result.err
    assert "{{" not in result.err
    assert "không gửi riêng ai" not in result.err
    assert "nobody one by one" not in result.err


def test_nobody_corrects_without_reading(live_desk, officers, tls_sandbox, sent):
    result = live_desk.run("correct", CODE, "--yes", "--key", officers.key("Cuc"), stdin=f"{CODE}\n{sent + 1000}\n")

    assert result.code == 2, result.err
    assert tls_sandbox.stats()["accepted"] == sent


def test_what_was_cut_short_is_not_signed_for_other_words(live_desk, officers, tls_sandbox, sent):
    for name in "ab":
        (live_desk.folder / f"{name}.txt").write_text(f"DIỄN TẬP: tin trước sai, bản {name}.", encoding="utf-8")
    words, typed = ("--key", officers.key("Cuc")), f"{CODE}\n{sent}\n"
    assert live_desk.run("correct", CODE, "--text", "a.txt", *words, stdin=typed).code == 10
    database = live_desk.folder / ".zalo-alert" / "runs" / f"{CODE}@correction" / "run.db"
    with closing(sqlite3.connect(database)) as opened:  # as a kill leaves it that comes before the signature
        opened.executescript("DELETE FROM request; DELETE FROM agreement; UPDATE state SET name = 'frozen'")
    other = live_desk.run("correct", CODE, "--text", "b.txt", *words, stdin=typed)
    ready = live_desk.run("correct", CODE, *words, stdin=typed)
    cancelled = live_desk.run("cancel", f"{CODE}@correction", "--yes")
    again = live_desk.run("correct", CODE, *words, stdin=typed)

    assert (other.code, ready.code) == (14, 14), other.err
    assert "other words" in ready.said
    assert (cancelled.code, again.code) == (0, 0), again.err
    assert tls_sandbox.stats()["accepted"] == 2 * sent
