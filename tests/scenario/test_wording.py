"""Words that mislead hold an alert back, unless an officer says why they may pass; whoever approves it reads and signs that."""

import json
import re

import pytest
from office import ANY_HOUR, agree, approve

from zalo_alert.testing import SOUND

pytestmark = pytest.mark.long

OPEN = SOUND.replace("HẾT TIN", "Xem http://quangtri.gov.vn. HẾT TIN")  # a link that anybody can exchange on its way
WHY = "the page opens without https only"
OPEN_LINK = "DIỄN TẬP: tin trước sai, xem http://quangtri.gov.vn. HẾT TIN DIỄN TẬP."


def submit(desk, officers, path, *words, people=0, by="Dung"):
    return desk.run("submit", path, "--key", officers.key(by), "--json", *ANY_HOUR, *words, stdin=f"DT-1\n{people}\n")


@pytest.fixture
def open_link(live_desk):
    """A campaign for Huế with a link that is not https, and how many people it is for."""
    path = live_desk.campaign(areas="[new:46]", text=OPEN)
    return path, live_desk.run("plan", path, "--json").fact("plan")["people"]


def test_what_misleads_is_not_frozen(live_desk, officers, open_link):
    path, people = open_link
    result = submit(live_desk, officers, path, people=people)

    assert (result.code, json.loads(result.err.splitlines()[-1])["cause"]) == (10, "wording-refused")
    assert result.fact("finding")["code"] == "link-http"
    assert live_desk.run("runs", "--json").facts == []


def test_a_reason_lets_it_pass_and_whoever_approves_it_reads_that(live_desk, officers, open_link, tls_sandbox):
    path, people = open_link
    submitted = submit(live_desk, officers, path, "--despite", "link-http", WHY, people=people)
    request = json.loads((live_desk.folder / submitted.fact("submitted")["request"]).read_bytes())
    shown = live_desk.run("approve", "DT-1", "--key", officers.key("Cuc"), stdin="no\n")
    approved = approve(live_desk, officers, "DT-1", "DT-1", people)
    sent = live_desk.run("send", "DT-1", "--yes")
    logged = live_desk.run("audit", "show", "--json").facts

    assert submitted.code == 0, submitted.err
    assert request["what"]["overrides"]["wording:link-http"] == WHY
    assert [row[:2] for row in request["signed"]["wording"]] == [["link-http", "error"]]
    assert "ERROR in the wording" in shown.said
    assert WHY in " ".join(re.sub("[│┃║]", " ", shown.said).split())
    assert approved.fact("card")["wording"][0]["despite"] == WHY
    assert (approved.code, sent.code) == (0, 0), sent.err
    assert [line["why"] for line in logged if line.get("event") == "override"] == [WHY]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--despite", "link-htp", "why"), 'did you mean "link-http"?'),
        (("--despite", "link-http", ""), "has 1 to 200 characters"),
        (("--despite", "link-http"), "requires 2 arguments"),
    ],
)
def test_what_is_no_reason(live_desk, officers, open_link, words, said):
    result = live_desk.run("submit", open_link[0], "--key", officers.key("Dung"), *words)

    assert (result.code, said in result.said) == (2, True), result.err


def test_a_standing_approval_goes_round_no_rule(live_desk, officers):
    path = live_desk.campaign(areas="[new:46]", text=OPEN, severity="Minor")
    limits = ("--from", "2026-01-01", "--to", "2026-12-01", "--hours", "00:00-24:00", "--most-people", "5000")
    counts = ("--most-a-day", "9", "--most-in-all", "9")
    result = live_desk.run("standing", "propose", path, "--name", "thu", *limits, *counts, "--key", officers.key("Dung"))

    assert (result.code, "goes round no rule" in result.said) == (10, True), result.err


def test_a_drill_is_told_and_goes_on(desk, sandbox):
    path = desk.at(sandbox).campaign(text=OPEN)
    planned, sent = desk.run("plan", path), desk.run("send", path, "--yes", "--json")

    assert "in the wording 1 error: `zalo-alert validate c.yaml` shows them" in planned.said
    assert (sent.code, sent.fact("wording")["error_count"]) == (0, 1)


def test_words_given_for_a_correction_are_held_against_the_same_rules(live_desk, officers, tls_sandbox):
    path = live_desk.campaign(areas="[new:46]")
    people = live_desk.run("plan", path, "--json").fact("plan")["people"]
    agree(live_desk, officers, path, "DT-1", people)
    assert live_desk.run("send", "DT-1", "--yes").code == 0
    (live_desk.folder / "other.txt").write_text(f"\n{OPEN_LINK}\n", encoding="utf-8")
    words = ("correct", "DT-1", "--text", "other.txt", "--key", officers.key("Cuc"))
    refused = live_desk.run(*words, "--json", stdin=f"DT-1\n{people}\n")
    asked = live_desk.run(*words, "--despite", "link-http", "the page has no other address", stdin=f"DT-1\n{people}\n")
    card = live_desk.run("approve", "DT-1@correction", "--key", officers.key("An"), "--json", stdin="no\n").fact("card")
    (found,) = [fact for fact in refused.facts if fact["type"] == "finding" and fact["severity"] == "error"]

    assert refused.code == 10
    assert (found["code"], found["file"], found["line"]) == ("link-http", "other.txt", 2)
    assert (asked.code, "goes out once an approver has signed it" in asked.said) == (10, True), asked.err
    assert card["wording"][0]["despite"] == "the page has no other address"
