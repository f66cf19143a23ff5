"""The report of a run as text, page, CSV and JSON: the same figures, whole files, and a sentence for whatever goes wrong."""

import csv
import os
import subprocess
from xml.etree import ElementTree

import pytest
from office import approve, submit

from tests.chromium import find_chromium
from zalo_alert.audit.log import NAME
from zalo_alert.models import State

pytestmark = pytest.mark.long  # whole runs and pages; the figures have unit tests

AREA = {"areas": "[new:46]"}
WORDS = {"accepted": "accepted", "rejected": "refused", "unknown": "unknown"}


def read(folder, name):
    return ElementTree.fromstring((folder / name).read_text(encoding="utf-8").removeprefix("<!DOCTYPE html>\n"))


def rows_of(folder, name):
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def cells_of(root, number):
    """Return a table of a page as rows of texts."""
    table = list(root.iter("table"))[number]
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


def number(text):
    return int(text.replace("\u202f", ""))


@pytest.fixture
def sent(desk, sandbox_with):
    """A practice run in which some do not follow any more, and of some nobody knows."""
    desk.at(sandbox_with(dead=0.05, http_500=0.03))
    desk.run("send", desk.campaign(routes="[{type: cs}]", areas="[new:46, new:48]"), "--yes")
    return desk


def test_text_page_csv_and_json_tell_the_same(sent):
    told = sent.run("report", "DT-1", "--json", "--html", "r.html", "--csv", "r.csv")
    sent.environ["COLUMNS"] = "120"
    text = sent.run("report", "DT-1").out
    totals = {state: people for state, people in told.fact("report")["totals"].items() if people}
    rows = rows_of(sent.folder, "r.csv")

    assert set(totals) == {"accepted", "rejected", "unknown"}, "the sandbox was to be unkind"
    assert {
        state: int(line.split("\t")[1]) for state in totals for line in text.splitlines() if line.startswith(f"{state}\t")
    } == totals
    page = read(sent.folder, "r.html")
    assert {row[0]: number(row[1]) for row in cells_of(page, 0)[1:-1]} == {
        WORDS[state]: people for state, people in totals.items()
    }
    assert number(cells_of(page, 0)[-1][1]) == told.fact("report")["audience"] == sum(totals.values())
    for level in ("run", "province", "place"):
        own = [row for row in rows if row["level"] == level]
        assert {state.value: sum(int(row[state.value]) for row in own) for state in State if own} == told.fact("report")["totals"]
    provinces = [fact for fact in told.facts if fact["type"] == "report-province"]
    places = [fact for fact in told.facts if fact["type"] == "report-place"]
    for facts in (provinces, places):
        assert {state: sum(fact["totals"][state] for fact in facts) for state in totals} == totals
    assert sum(int(row["people"]) for row in rows if row["level"] == "reason") == totals["rejected"] + totals["unknown"]


def test_files_are_for_their_owner_and_replace_what_stood_there(sent):
    (sent.folder / "r.html").write_text("older")
    (sent.folder / "r.html").chmod(0o644)
    result = sent.run("report", "DT-1", "--html", "r.html", "--csv", "r.csv")

    assert result.code == 0, result.err
    for name in ("r.html", "r.csv"):
        assert (sent.folder / name).stat().st_mode & 0o777 == 0o600
        assert f"written: {name}" in result.said
    assert (sent.folder / "r.html").read_bytes().startswith(b"<!DOCTYPE html>")
    assert [path.name for path in sent.folder.glob(".r.*")] == []


def test_a_page_is_in_the_readers_language_whatever_a_machine_is_told(sent):
    sent.environ["ZALO_ALERT_LANG"] = "vi"
    sent.run("report", "DT-1", "--html", "r.html", "--json")
    assert read(sent.folder, "r.html").attrib["lang"] == "vi"

    sent.run("--lang", "en", "report", "DT-1", "--html", "r.html")
    assert read(sent.folder, "r.html").attrib["lang"] == "en"


def test_who_submitted_and_approved_stands_there_with_their_keys(live_desk, officers):
    path = live_desk.campaign(**AREA, code="DT-1")
    people = live_desk.run("plan", path, "--json").fact("plan")["people"]
    assert submit(live_desk, officers, path, "DT-1", people).code == 0
    assert approve(live_desk, officers, "DT-1", "DT-1", people).code == 0
    assert live_desk.run("send", "DT-1", stdin=f"DT-1\n{people}\n").code == 0

    told = live_desk.run("report", "DT-1", "--json", "--html", "r.html")
    decisions = {fact["what"]: fact for fact in told.facts if fact["type"] == "report-decision"}
    page = "".join(read(live_desk.folder, "r.html").itertext())

    for what, who in (("run-submitted", "Dung"), ("run-approved", "Cuc")):
        assert decisions[what]["who"] == who
        assert [key[:7] for key in decisions[what]["keys"]] == ["SHA256:"]
        assert decisions[what]["keys"][0] in page
    assert decisions["run-sending"]["user"]
    assert "REHEARSAL" in page


def test_a_log_that_was_cut_short_is_told_and_hides_nothing_else(sent):
    log = sent.folder / ".zalo-alert" / NAME
    lines = log.read_bytes().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if b'"event":"run-sending"' in line)
    log.write_bytes(b"".join(lines[:at]) + lines[at][:40])

    result = sent.run("report", "DT-1", "--json", "--html", "r.html")
    remarks = " ".join(fact["message"] for fact in result.facts if fact["type"] == "report-remark")

    assert result.code == 0, result.err
    assert "1 line of the audit log is cut short or was changed" in remarks
    assert "the audit log does not tell of sending began" in remarks
    assert "started" in {fact["what"] for fact in result.facts if fact["type"] == "report-decision"}
    assert "audit verify" in "".join(read(sent.folder, "r.html").itertext())


def test_a_log_that_cannot_be_read_is_told(sent):
    log = sent.folder / ".zalo-alert" / NAME
    log.unlink()
    log.mkdir()
    result = sent.run("report", "DT-1", "--html", "r.html")

    assert result.code == 0, result.err
    assert "can't read the audit log" in "".join(read(sent.folder, "r.html").itertext())


def test_a_book_that_is_gone_leaves_followers_unknown(sent):
    (book,) = (sent.folder / ".zalo-alert" / "book").iterdir()
    book.rename(sent.folder / "elsewhere")
    result = sent.run("report", "DT-1", "--html", "r.html", "--json")

    assert result.code == 0, result.err
    assert {fact["followers"] for fact in result.facts if fact["type"] == "report-province"} == {None}
    assert "The followers could not be counted" in "".join(read(sent.folder, "r.html").itertext())


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("campaigns", "can't write campaigns: Is a directory"),
        ("no/such/folder/r.html", "can't write no/such/folder/r.html: No such file or directory"),
        ("zalo-alert.yaml/r.html", "can't write zalo-alert.yaml/r.html: Not a directory"),
        ("n" * 300, "File name too long"),
    ],
)
@pytest.mark.parametrize("option", ["--html", "--csv"])
def test_a_target_that_cannot_be_is_a_sentence(sent, option, target, words):
    result = sent.run("report", "DT-1", option, target)

    assert result.code == 10
    assert words in result.said
    assert [path.name for path in sent.folder.glob(".*") if path.is_dir()] == [".zalo-alert"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_rights_is_a_sentence(sent):
    (sent.folder / "closed").mkdir(mode=0o500)
    result = sent.run("report", "DT-1", "--html", "closed/r.html")

    assert result.code == 10
    assert "can't write closed/r.html: Permission denied" in result.said


@pytest.mark.mount
def test_a_full_disk_is_a_sentence_and_leaves_what_stood_there(sent, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], capture_output=True, check=False
    ).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        (small / "r.html").write_text("older")
        result = sent.run("report", "DT-1", "--html", str(small / "r.html"))

        assert result.code == 10
        assert "No space left on device" in result.said
        assert (small / "r.html").read_text() == "older"
        assert [path.name for path in small.iterdir()] == ["r.html"]
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_without_a_printer_it_says_what_to_install(sent):
    sent.environ["PATH"] = str(sent.folder)
    result = sent.run("report", "DT-1", "--pdf", "r.pdf")

    assert result.code == 10
    assert "neither Chromium nor WeasyPrint is installed" in result.said
    assert "--html FILE" in result.said
    assert not (sent.folder / "r.pdf").exists()


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif(not find_chromium(), reason="no Chromium that runs is installed")
def test_a_chromium_prints_it(sent):
    result = sent.run("report", "DT-1", "--pdf", "r.pdf")

    assert result.code == 0, result.err
    assert (sent.folder / "r.pdf").read_bytes().startswith(b"%PDF-")
    assert (sent.folder / "r.pdf").stat().st_mode & 0o777 == 0o600


def test_a_run_that_is_being_sent_is_told_of_as_it_is_now(desk, sandbox, wait_until):
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 3000")
    child = desk.start("send", desk.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 50)
    result = desk.run("report", "DT-1", "--json", "--html", "r.html", "--csv", "r.csv")
    desk.run("stop")
    desk.ended(child)

    assert result.code == 0, result.err
    totals = result.fact("report")["totals"]
    assert totals["accepted"]
    assert totals["pending"]
    assert sum(totals.values()) == result.fact("report")["audience"]
    for type_ in ("report-place", "report-province"):
        facts = [fact for fact in result.facts if fact["type"] == type_]
        assert {state: sum(fact["totals"][state] for fact in facts) for state in totals} == totals
    assert {fact["half_at"] for fact in result.facts if fact["type"] == "report-place"} == {None}
    assert "The run is not over" in "".join(read(desk.folder, "r.html").itertext())
    assert int(rows_of(desk.folder, "r.csv")[0]["accepted"]) == totals["accepted"]
