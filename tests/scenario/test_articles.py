"""Articles through the command line: published once on each page, changed, hidden, listed; by two officers where it counts."""

import signal
import sqlite3
import struct
import zlib
from contextlib import closing
from datetime import timedelta

import pytest

from zalo_alert.foundation.clock import SystemClock
from zalo_alert.settings.rest_mark import Rest, RestMark, mark_bytes

pytestmark = pytest.mark.long

TEXT = """\
---
title: Phòng tránh bão
description: Cần làm gì trước, trong và sau bão
author: Ban Chỉ huy PCTT
cover: bao.png
---

# Trước bão

Chằng chống nhà cửa.

![Sơ đồ](so-do.png "Đường di dời")
"""
FILE, NAME = "articles/phong-tranh-bao.md", "phong-tranh-bao"


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 2, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0\0\xff\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


class Office:
    """A desk with an article, and its sandbox, which makes articles at once."""

    def __init__(self, desk, sandbox):
        self.desk, self.sandbox, self.folder = desk, sandbox, desk.folder / "articles"
        sandbox.change(article_ms=0)
        self.folder.mkdir(exist_ok=True)
        self.write()
        for picture in ("bao.png", "so-do.png"):
            (self.folder / picture).write_bytes(png())

    def write(self, text=TEXT, name=NAME):
        (self.folder / f"{name}.md").write_text(text, encoding="utf-8")

    def run(self, *words, **more):
        return self.desk.run("articles", *words, "--json", **more)

    def publish(self, *words):
        return self.run("publish", FILE, *words)


@pytest.fixture
def office(desk, sandbox):
    return Office(desk.at(sandbox), sandbox)


@pytest.fixture
def many(desk, sandbox_with):
    """An office with three OAs: the country's, Hà Nội's, Cao Bằng's."""
    sandbox = sandbox_with(oas=3)
    office = Office(desk.at(sandbox), sandbox)
    lines = ["accounts:"]
    desk.environ |= sandbox.environs()
    for number, account in enumerate(sandbox.accounts):
        areas, level = (("all", "national"), ("new:01", "province"), ("new:04", "province"))[number]
        lines.append(
            f'  - {{id: {account.id}, oa_id: "{account.oa_id}", app_id: "{account.app_id}", level: {level}, areas: [{areas}]}}'
        )
    config = desk.folder / "zalo-alert.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text("\n".join([*lines, text.partition("accounts:")[0]]), encoding="utf-8")
    return office


def ending(result):
    return {fact["account"]: fact["ending"] for fact in result.facts if fact["type"] == "article-result"}


def test_an_article_stands_once_however_often_it_is_published_and_is_changed_hidden_and_shown_again(office):
    first, second = office.publish(), office.publish()
    assert (first.code, ending(first), ending(second)) == (0, {"pctt": "done"}, {"pctt": "already"}), first.said
    article_id = first.fact("article-result")["article_id"]

    office.write(TEXT.replace("Chằng chống", "Gia cố"))
    differs = office.publish()
    assert (differs.code, ending(differs)) == (3, {"pctt": "differs"})
    assert "articles update" in differs.said
    assert ending(office.run("update", FILE)) == {"pctt": "done"}
    assert ending(office.run("update", FILE)) == {"pctt": "already"}

    assert ending(office.run("hide", NAME)) == {"pctt": "done"}
    office.sandbox.tick(100)
    article = office.run("list", "--online").fact("article")
    assert (article["shown"], article["hidden"]) == (0, 1)
    assert ending(office.publish()) == {"pctt": "done"}
    office.sandbox.tick(100)
    standing = office.run("list", "--online").fact("article-standing")
    assert (standing["status"], standing["article_id"]) == ("shown", article_id)
    assert standing["views"] >= 50


def test_an_officer_reads_what_became_of_it(office):
    assert "published on 1 page" in office.desk.run("articles", "publish", FILE).out
    assert NAME in office.desk.run("articles", "list", "--account", "pctt").out
    log = office.desk.run("audit", "show")
    assert "an article was published" in log.said


def test_a_lost_answer_is_unknown_then_found_on_the_page_and_never_made_twice(office):
    office.sandbox.change(article_fault="after")
    lost = office.publish()
    assert (lost.code, ending(lost)) == (3, {"pctt": "unknown"})
    assert office.run("list").fact("article")["unknown"] == 1

    office.sandbox.change(article_fault="")
    found = office.publish()
    assert (found.code, ending(found)) == (0, {"pctt": "done"})
    assert office.run("list", "--online").fact("article")["shown"] == 1


def test_what_was_never_made_stays_unknown_until_somebody_says_so(office):
    office.sandbox.change(article_fault="before")
    assert ending(office.publish()) == {"pctt": "unknown"}
    office.sandbox.change(article_fault="")

    again = office.publish()
    assert (again.code, ending(again)) == (3, {"pctt": "unknown"})
    assert "--retry-unknown" in again.said
    assert ending(office.publish("--retry-unknown")) == {"pctt": "done"}


def test_each_page_is_for_itself_and_the_rest_go_on(many):
    many.desk.environ["ZALO_ALERT_HA_NOI_REFRESH_TOKEN"] = "none"
    many.desk.environ["ZALO_ALERT_HA_NOI_ACCESS_TOKEN"] = "none"
    result = many.publish("--all")
    assert (result.code, result.fact("articles-done")["done"], result.fact("articles-done")["failed"]) == (3, 2, 1), result.said
    assert ending(result)["ha-noi"] == "failed"


def test_pages_are_chosen_by_place_and_level(many):
    assert set(ending(many.publish("--areas", "new:01"))) == {"ha-noi"}
    assert set(ending(many.publish("--level", "province"))) == {"ha-noi", "cao-bang"}
    assert many.publish().code == 11
    assert many.publish("--areas", "new:46").code == 2
    assert many.publish("--all", "--level", "province").code == 2
    assert set(ending(many.run("hide", NAME, "--account", "ha-noi"))) == {"ha-noi"}
    article = many.run("list").fact("article")
    assert (article["shown"], article["hidden"]) == (1, 1)


def test_ctrl_c_ends_cleanly_and_the_next_go_does_the_rest(office, wait_until):
    office.sandbox.change(article_ms=3_600_000)
    child = office.desk.start("articles", "publish", FILE, "--json")
    wait_until(lambda: office.run("list").facts[:-1] and office.run("list").fact("article")["making"])
    busy = office.publish()
    assert busy.code == 12, busy.said
    child.send_signal(signal.SIGINT)
    stopped = office.desk.ended(child)
    assert (stopped.code, ending(stopped)) == (130, {"pctt": "not-begun"}), stopped.said

    office.sandbox.tick(3_600)
    again = office.publish()
    assert (again.code, ending(again)) == (0, {"pctt": "done"})


def test_what_a_process_had_asked_for_when_it_died_is_looked_for_and_not_made_again(office):
    article_id = office.publish().fact("article-result")["article_id"]
    with closing(sqlite3.connect(office.desk.folder / ".zalo-alert" / "articles.db")) as database, database:
        database.execute("UPDATE standing SET status = 'asked', article_id = ''")
    assert office.run("list").fact("article")["asked"] == 1

    found = office.publish()
    assert (found.code, ending(found)) == (0, {"pctt": "done"}), found.said
    assert found.fact("article-result")["article_id"] == article_id


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("publish", "articles/keiner.md"), 2),
        (("publish", FILE, FILE), 2),
        (("hide", "nothing"), 2),
        (("update", FILE), 2),
        (("publish", FILE, "--account", "none"), 11),
        (("publish", FILE, "--areas", "Xứ Nẫu"), 10),
        (("validate", "zalo-alert.yaml"), 10),
    ],
)
def test_what_is_asked_wrongly_ends_in_a_sentence(office, words, code):
    assert office.run(*words).code == code


def test_all_faults_of_an_article_and_its_pictures_are_told_with_their_lines(office):
    office.write(TEXT.replace("title: Phòng tránh bão", "titel: x").replace("Chằng chống", "<b>Chằng</b> chống"))
    said = office.run("validate", FILE)
    assert said.code == 10
    assert {(fact["line"], fact["field"]) for fact in said.facts} >= {(2, "titel"), (2, "title"), (10, "")}

    office.write()
    (office.folder / "bao.png").write_bytes(png() + b"0" * (20 << 20))
    (office.folder / "so-do.png").write_bytes(png()[:40])
    said = office.publish()
    assert said.code == 10
    assert [(fact["line"], fact["field"]) for fact in said.facts] == [(5, "bao.png"), (12, "so-do.png")]
    assert "20.0 MB" in said.said
    assert office.run("list").facts[:-1] == []


def test_in_a_live_workspace_two_officers_agree_to_just_these_words_on_just_these_pages(live_desk, officers, tls_sandbox):
    office = Office(live_desk, tls_sandbox)
    key = {name: ("--key", officers.key(name)) for name in officers.NAMES}
    alone = office.publish()
    assert (alone.code, "articles submit" in alone.said) == (10, True)

    assert office.run("submit", FILE, *key["Dung"], stdin="2\n").code == 2
    submitted = office.run("submit", FILE, *key["Dung"], stdin="1\n")
    assert submitted.code == 0, submitted.said
    assert office.publish().code == 10
    assert office.run("approve", *key["Dung"], stdin="1\n").code == 10
    assert office.run("submit", FILE, *key["Dung"], "--yes").code == 2
    approved = office.run("approve", *key["Cuc"], stdin="1\n")
    assert (approved.code, approved.fact("articles-request")["approvers"]) == (0, ["Cuc"]), approved.said

    assert ending(office.publish()) == {"pctt": "done"}
    office.write(TEXT.replace("Chằng chống", "Gia cố"))
    assert office.run("update", FILE).code == 10
    assert ending(office.run("hide", NAME)) == {"pctt": "done"}
    office.write()
    officers.revoke("Cuc")
    assert office.publish().code == 10


def test_who_approves_sees_just_what_was_submitted(live_desk, officers, tls_sandbox):
    office = Office(live_desk, tls_sandbox)
    assert office.run("submit", FILE, "--key", officers.key("Dung"), stdin="1\n").code == 0
    office.write(TEXT.replace("Chằng chống", "Gia cố"))
    said = office.run("approve", "--key", officers.key("Cuc"), stdin="1\n")
    assert (said.code, "was changed since" in said.said) == (10, True)


@pytest.mark.parametrize("hides", [False, True])
def test_what_another_machine_has_published_after_the_backup_is_published_no_second_time(office, hides):
    state, now = office.desk.folder / ".zalo-alert", SystemClock().now()
    first = office.publish()  # by the other machine, of which this one's backup knows nothing
    if hides:
        assert office.run("hide", NAME).code == 0
    for path in state.glob("articles.db*"):
        path.unlink()
    woken = RestMark(Rest.ASLEEP, now, "the disk is gone", backed_up_at=now - timedelta(hours=1), folder="/old")
    (state / "woken.json").write_bytes(mark_bytes(woken))

    result = office.publish()
    assert (result.code, ending(result)) == ((3, {"pctt": "unknown"}) if hides else (0, {"pctt": "already"})), result.said
    if not hides:
        assert result.fact("article-result")["article_id"] == first.fact("article-result")["article_id"]
