"""The log through the command line: read, checked, added to by hand; the review of what one sent alone; a shift handed over."""

import os
import shutil
from contextlib import closing
from hashlib import sha256

import pytest
from office import ANY_HOUR

from zalo_alert.audit.log import AuditLog
from zalo_alert.cases.case import NOWHERE, Asker, CaseKind
from zalo_alert.cases.store import Cases
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.inbound.inbound_store import open_store

pytestmark = pytest.mark.long

AREA = {"areas": "[new:46]"}
UNTOLD = "it is done, and the log does not tell of it"


def log_of(desk):
    return AuditLog(desk.folder / ".zalo-alert")


def spoil(desk):
    """Put a folder where the log was: nothing can be written to it."""
    log_of(desk).path.unlink()
    log_of(desk).path.mkdir()


def told(desk, *words):
    """The lines of the log, as a script reads them."""
    result = desk.run("audit", "show", *words, "--json")
    assert result.code == 0, result.err
    return [fact for fact in result.facts if fact["type"] == "audit"]


def submitted(desk, officers):
    """Submit a campaign for Huế; return how many people it is for."""
    path = desk.campaign(**(AREA | {"code": "DT-1"}))
    people = desk.run("plan", path, "--json").fact("plan")["people"]
    result = desk.run("submit", path, "--key", officers.key("Dung"), "--json", *ANY_HOUR, stdin=f"DT-1\n{people}\n")
    assert result.code == 0, result.err
    return people


# --- read and checked ----------------------------------------------------------------------------------------------------


def test_a_note_reads_like_a_logbook(desk):
    noted = desk.run("audit", "note", "không phát: đập an toàn")
    shown = desk.run("audit", "show")

    assert (noted.code, shown.code) == (0, 0)
    assert shown.out.rstrip().endswith("noted: không phát: đập an toàn")
    assert f"{SystemClock().now():%a}" in shown.out
    assert told(desk)[-1]["who"] == ""


def test_a_signed_note_names_its_officer_and_holds(desk, officers):
    noted = desk.run("audit", "note", "không phát", "--key", officers.key("Cuc"), "--json")
    checked = desk.run("audit", "verify", "--json")

    assert noted.fact("audit-noted") | {"who": "Cuc", "signed": True} == noted.fact("audit-noted")
    assert checked.code == 0
    assert told(desk)[-1]["who"] == "Cuc"


def test_a_note_in_another_officer_s_name_is_found(desk, officers):
    desk.run("audit", "note", "không phát", "--key", officers.key("Cuc"))
    facts = told(desk)[-1]["facts"]
    log_of(desk).append("note", SystemClock().now(), who="An", why="không phát", facts=facts)

    checked = desk.run("audit", "verify", "--json")

    assert checked.code == 10
    assert (checked.fact("audit-fault")["kind"], checked.fact("audit-fault")["line"]) == ("signature", 2)


@pytest.mark.parametrize(
    "words", [("note", ""), ("note", "x" * 2001), ("show", "--event", "aprove"), ("show", "--since", "gestern")]
)
def test_what_can_t_be_asked_is_told(desk, words):
    assert desk.run("audit", *words).code == 2


def test_a_note_about_a_run_that_is_none_is_refused(desk):
    result = desk.run("audit", "note", "x", "--run", "DT-9")

    assert result.code == 2
    assert 'there is no run "DT-9"' in result.said


def test_only_what_is_asked_for_is_shown(desk):
    for text in ("một", "hai"):
        desk.run("audit", "note", text)
    log_of(desk).append("export", SystemClock().now(), run="DT-1")

    assert [line["why"] for line in told(desk, "--event", "note")] == ["một", "hai"]
    assert [line["event"] for line in told(desk, "DT-1")] == ["export"]
    assert len(told(desk, "--since", "1h")) == 3
    assert told(desk, "--since", "2999-01-01") == []


def test_a_changed_line_is_named_and_ends_with_10(desk):
    for text in ("một", "hai", "ba"):
        desk.run("audit", "note", text)
    path = log_of(desk).path
    path.write_bytes(path.read_bytes().replace(b"hai", "năm".encode()))

    result = desk.run("audit", "verify")

    assert result.code == 10
    assert "line 2 was changed after it was written" in result.out


def test_a_cut_off_end_shows_by_the_request_of_a_run(live_desk, officers, tmp_path):
    live_desk.run("audit", "note", "đầu ca")
    submitted(live_desk, officers)
    sound = live_desk.run("audit", "verify", "--json")
    log_of(live_desk).path.write_bytes(b"")
    cut = live_desk.run("audit", "verify", "--json")
    home = tmp_path / "home.json"
    shutil.move(live_desk.folder / ".zalo-alert/runs/DT-1/request.json", home)

    assert (sound.code, sound.fact("audit-verified")["requests"]) == (0, 1)
    assert (cut.code, cut.fact("audit-fault")["kind"]) == (10, "cut-off")
    assert live_desk.run("audit", "verify").code == 0
    assert live_desk.run("audit", "verify", "--request", str(home)).code == 10


def test_a_request_that_is_none_is_told(desk):
    (desk.folder / "anh.jpg").write_bytes(b"\xff\xd8\xff")

    assert desk.run("audit", "verify", "--request", "anh.jpg").code == 10
    assert "is no request" in desk.run("audit", "verify", "--request", "anh.jpg").said
    assert desk.run("audit", "verify", "--request", "nothing.json").code == 10


def test_a_request_of_ours_that_is_damaged_ends_with_3(live_desk, officers):
    submitted(live_desk, officers)
    (live_desk.folder / ".zalo-alert/runs/DT-1/request.json").write_text("{}", encoding="utf-8")

    assert live_desk.run("audit", "verify").code == 3


# --- break-glass ---------------------------------------------------------------------------------------------------------


def test_another_officer_reviews_what_one_sent_alone(live_desk, officers):
    submitted(live_desk, officers)
    log_of(live_desk).append("break-glass", SystemClock().now(), who="Dung", run="DT-1", why="vỡ đập")
    before = live_desk.run("handover", "--json")
    own = live_desk.run("audit", "review", "DT-1", "--note", "đúng", "--key", officers.key("Dung"))
    other = live_desk.run("audit", "review", "DT-1", "--note", "đúng", "--key", officers.key("Cuc"))
    after = live_desk.run("handover", "--json")

    assert before.fact("unreviewed")["run"] == "DT-1"
    assert own.code == 10
    assert "nobody reviews their own" in own.said
    assert other.code == 0, other.err
    assert not [fact for fact in after.facts if fact["type"] == "unreviewed"]


def test_a_review_that_nobody_signed_does_not_count(live_desk, officers):
    log_of(live_desk).append("break-glass", SystemClock().now(), who="Dung", run="DT-1")
    log_of(live_desk).append("review", SystemClock().now(), who="Cuc", run="DT-1")

    assert live_desk.run("handover", "--json").fact("unreviewed")["run"] == "DT-1"


def test_what_was_not_sent_so_needs_no_review(live_desk, officers):
    submitted(live_desk, officers)

    result = live_desk.run("audit", "review", "DT-1", "--note", "x", "--key", officers.key("Cuc"))

    assert result.code == 2
    assert "was not sent by break-glass" in result.said


# --- a shift handed over -------------------------------------------------------------------------------------------------


def test_both_officers_sign_what_is_open(live_desk, officers):
    submitted(live_desk, officers)
    listed = live_desk.run("handover", "--json").fact("open-run")
    signed = live_desk.run("handover", "--key", officers.key("Cuc"), "--key", officers.key("An"), "--note", "yên", "--json")

    assert (listed["run"], listed["state"], listed["drill"]) == ("DT-1", "submitted", True)
    assert listed["deadline"] is not None
    assert signed.fact("handed-over")["who"] == "Cuc, An"
    line = told(live_desk, "--event", "handover")[-1]
    assert (line["who"], line["why"], line["facts"]["runs"][0]["run"]) == ("Cuc, An", "yên", "DT-1")
    assert live_desk.run("audit", "verify").code == 0


def test_one_officer_can_t_hand_over_alone(desk, officers):
    twice = desk.run("handover", "--key", officers.key("Cuc"), "--key", officers.key("Cuc"))
    once = desk.run("handover", "--key", officers.key("Cuc"))

    assert (twice.code, once.code) == (10, 2)
    assert told(desk) == [] or all(line["event"] != "handover" for line in told(desk))


def test_the_second_officer_signs_elsewhere(desk, officers, tmp_path, empty_desk):
    begun = desk.run("handover", "--key", officers.key("Cuc"), "--to", "an", "--json").fact("handover-begun")
    file = tmp_path / "handover.json"
    shutil.copy(desk.folder / begun["file"], file)
    away = empty_desk.run("handover", "--request", str(file), "--key", officers.key("An"))
    wrong = empty_desk.run("handover", "--request", str(file), "--key", officers.key("Binh"))
    refused = desk.run("handover", "--signature", "-", stdin=wrong.out)
    taken = desk.run("handover", "--signature", "-", stdin=away.out)
    again = desk.run("handover", "--signature", "-", stdin=away.out)

    assert (away.code, refused.code, taken.code, again.code) == (0, 10, 0, 10)
    assert "the handover is between Cuc, An" in refused.said
    assert told(desk, "--event", "handover")[-1]["who"] == "Cuc, An"


def test_whoever_takes_over_learns_of_people_who_wait_also_elsewhere(desk, officers, tmp_path, empty_desk):
    asker = Asker("388613280878808645", "1002893352839501541")
    with closing(open_store(desk.folder / ".zalo-alert")) as db, db.transaction():
        Cases(db).open(CaseKind.TALK, asker, NOWHERE, 1_700_000_000_000, due_ms=1_700_100_000_000)
    shown = [fact["kind"] for fact in desk.run("handover", "--json").facts if fact["type"] == "open-matter"]
    assert shown == ["overdue-cases", "cases"]

    desk.run("handover", "--key", officers.key("Cuc"), "--to", "an")
    shutil.copy(desk.folder / ".zalo-alert" / "handover.json", tmp_path)
    words = ("--lang", "vi", "handover", "--request", str(tmp_path / "handover.json"), "--key", officers.key("An"))
    assert "`zalo-alert inbox list`" in empty_desk.run(*words).said
    desk.run("handover", "--key", officers.key("Cuc"), "--key", officers.key("An"))
    signed = told(desk, "--event", "handover")[-1]["facts"]["matters"]
    assert [text for text in signed if text.endswith(": `zalo-alert inbox list`")]


def test_what_can_t_be_looked_at_is_told_to_whoever_takes_over(desk):
    folder = desk.folder / ".zalo-alert" / "inbound"
    folder.mkdir(mode=0o700)
    (folder / "inbound.db").write_bytes(b"no database, but long enough to be looked at" * 100)
    matters = [fact for fact in desk.run("handover", "--json").facts if fact["type"] == "open-matter"]
    assert matters[0]["urgent"]
    assert "inbound.db" in matters[0]["why"]


@pytest.mark.parametrize("content", [b"\xff\xd8", b"{}", b"[]", b'{"type":"handover","statement":"{}","signature":"x"}'])
def test_a_handover_that_is_none_is_told(desk, officers, content):
    (desk.folder / "h.json").write_bytes(content)

    result = desk.run("handover", "--request", "h.json", "--key", officers.key("An"))

    assert result.code == 10
    assert "is no handover" in result.said


def test_nobody_hands_over_to_a_stranger(desk, officers):
    assert "nobody who is called Xuân" in desk.run("handover", "--key", officers.key("Cuc"), "--to", "Xuân").said


def test_a_drill_under_way_is_told_loudly(desk, sandbox_with, wait_until):
    desk.at(sandbox_with(app_per_minute=60))
    child = desk.start("send", desk.campaign(code="DT-1"), "--yes")
    wait_until(lambda: '"sending"' in desk.run("runs", "--json").out)
    result = desk.run("handover")
    desk.run("stop", "DT-1")
    desk.ended(child)

    assert "A DRILL IS BEING SENT AT THIS MOMENT: DT-1" in result.err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="whoever may do everything is refused nothing")
def test_a_log_that_can_t_be_written_is_told(desk):
    log_of(desk).append("note", SystemClock().now())
    log_of(desk).path.chmod(0o400)

    assert desk.run("audit", "note", "x").code == 13


# --- what happens beside a run's states ----------------------------------------------------------------------------------


def test_a_list_of_people_that_was_taken_out_stands_in_the_log(desk, sandbox):
    desk.at(sandbox).run("send", desk.campaign(code="DT-1"), "--yes")
    desk.run("export", "all.csv", "--run", "DT-1")
    piped = desk.run("export", "-", "--run", "DT-1", "--state", "accepted")
    desk.run("followers", "export", "book.csv")

    lines = told(desk, "--event", "export")
    digests = [sha256((desk.folder / name).read_bytes()).hexdigest() for name in ("all.csv", "book.csv")]
    assert [line["facts"]["sha256"] for line in lines] == [digests[0], sha256(piped.out.encode()).hexdigest(), digests[1]]
    assert [line["run"] for line in lines] == ["DT-1", "DT-1", ""]
    assert lines[0]["facts"]["people"] == 1000
    assert lines[1]["facts"]["states"] == ["accepted"]


def test_who_was_forgotten_stands_in_the_log_by_a_mark(desk):
    desk.run("followers", "export", "book.csv")
    person = (desk.folder / "book.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[0].strip('"')
    forgotten = desk.run("followers", "forget", person, "--json").fact("forget")

    assert told(desk, "--event", "forget")[-1]["facts"]["person"] == forgotten["person"]
    assert person not in log_of(desk).path.read_text(encoding="utf-8")


def test_a_guard_that_was_passed_stands_in_the_log(desk, sandbox):
    desk.at(sandbox).run("send", desk.campaign(code="DT-1"), "--yes")
    desk.run("resume", "DT-1", "--past-canary", "--retry-unknown")

    assert [line["facts"]["guard"] for line in told(desk, "DT-1", "--event", "override")] == ["canary", "unknown"]


def test_what_was_refused_stands_in_the_log(live_desk, officers):
    people = submitted(live_desk, officers)
    live_desk.run("approve", "DT-1", "--key", officers.key("Dung"), stdin=f"DT-1\n{people}\n")
    live_desk.run("send", "DT-1", stdin=f"DT-1\n{people}\n")

    assert {line["facts"]["tried"] for line in told(live_desk, "DT-1", "--event", "refused")} >= {"send"}


def test_renewed_tokens_stand_in_the_log(desk, sandbox):
    desk.at(sandbox).run("accounts", "refresh")

    assert told(desk, "--event", "token-refresh")[-1]["facts"]["account"] == "pctt"


def test_a_log_that_can_t_be_written_lets_nobody_send_and_everybody_stop(desk, sandbox_with, wait_until):
    desk.at(sandbox_with(app_per_minute=60))
    child = desk.start("send", desk.campaign(code="DT-1"), "--yes")
    wait_until(lambda: log_of(desk).path.exists() and b"run-sending" in log_of(desk).path.read_bytes())
    wait_until(lambda: '"sending"' in desk.run("runs", "--json").out)
    spoil(desk)
    stopped = desk.run("stop", "DT-1")
    sent = desk.ended(child)
    resumed = desk.run("resume", "DT-1")
    cancelled = desk.run("cancel", "DT-1", "--yes")

    assert (stopped.code, resumed.code, cancelled.code) == (0, 13, 0)
    assert UNTOLD in stopped.said
    assert UNTOLD in sent.said
    assert UNTOLD in cancelled.said
    assert "can't use the audit log" in resumed.said


def test_a_rejection_of_which_the_log_does_not_tell_says_so(live_desk, officers):
    submitted(live_desk, officers)
    spoil(live_desk)
    rejected = live_desk.run("reject", "DT-1", "--reason", "the level is wrong", "--key", officers.key("Cuc"))

    assert (rejected.code, UNTOLD in rejected.said) == (0, True)


def test_a_correction_of_which_the_log_does_not_tell_says_so(desk, sandbox):
    correction = "[{type: cs}]\ncorrection: {text: 'DIỄN TẬP: sai'}"
    desk.at(sandbox).run("send", desk.campaign(code="DT-1", routes=correction), "--yes")
    spoil(desk)
    corrected = desk.run("correct", "DT-1", "--yes")

    assert UNTOLD in corrected.said
    assert desk.run("runs", "--json").facts[0]["state"] == "corrected"
