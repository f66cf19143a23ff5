"""From a messy export to the right people: the officer's way through the command line, and that nobody's id is in the talk."""

import csv
import io
import re
import shutil
import subprocess
from datetime import timedelta

import pytest

from zalo_alert.book import Book
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.scaffold import create

pytestmark = pytest.mark.long  # whole processes, one after another

OA = "388613280878808645"

A, B, C, D, E = (str(1002893352839501541 + n) for n in range(5))
EXPORT = f"""\ufeffHọ tên;Mã người dùng;Tỉnh/Thành phố;Quận/Huyện;Địa chỉ;SĐT;Cập nhật
An;{A};Huế;;Phường Thuận An, TP Huế;0912345678;2026-01-01
Bình;{B};Thừa Thiên Huế;TP Huế;Phường Phú Xuân, Huế;+84 987 654 321;2026-01-02
Chi;{C};Huế;;;;2026-01-03
Dũng;{D};Vùng 4 Hải quân;;;;2026-01-04
Em;{E};Gia Lai;;12 Lê Lợi, Quy Nhơn;;2026-01-05
Giang;1.00289E+18;Huế;;;;2026-01-06
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    create(folder, SystemClock().now(), app_per_minute=6_000_000)
    (folder / "xuat.csv").write_text(EXPORT, encoding="utf-8")
    book = Book(folder / ".zalo-alert" / "book" / OA)
    book.import_rows(folder / "xuat.csv", "xuat.csv", rejects=folder / "xuat.csv.rejects.csv", clock=SystemClock())
    return folder


@pytest.fixture
def office(imported, empty_desk, sandbox):
    shutil.copytree(imported, empty_desk.folder, dirs_exist_ok=True)
    return empty_desk.at(sandbox)


def in_force(desk):
    return next((desk.folder / ".zalo-alert" / "book").iterdir()).joinpath("CURRENT").read_text(encoding="utf-8")


def places_of(desk):
    return {
        fact["place"]: fact["people"] for fact in desk.run("followers", "stats", "--json").facts if fact["type"] == "book-place"
    }


def test_a_messy_export_becomes_a_plan_in_four_commands(office):
    assert places_of(office) == {"old:46": 3, "old:52": 1, "unknown": 1}
    assert office.run("followers", "unresolved", "aliases.csv").code == 0
    aliases = office.folder / "aliases.csv"
    text = aliases.read_text(encoding="utf-8")
    assert text.splitlines() == ["text,place,people", "Vùng 4 Hải quân,,1"]
    aliases.write_text(text.replace(",,1", ",old:56,1"), encoding="utf-8")
    assert office.run("followers", "resolve").code == 0
    assert places_of(office) == {"old:46": 3, "old:52": 1, "old:56": 1}
    result = office.run("plan", office.campaign(areas="[old:56, Bình Định]"), "--json")
    assert result.fact("plan")["people"] == 2
    assert office.run("followers", "import", "xuat.csv").code == 0  # and later imports know the names too
    assert places_of(office)["old:56"] == 1


def test_a_commune_reaches_its_people_and_those_whose_commune_nobody_knows(office, sandbox):
    assert office.run("followers", "resolve", "--wards").code == 0
    path = office.campaign(areas="[ward:19900]")
    plan = office.run("plan", path, "--json")
    assert plan.fact("plan")["people"] == 2
    assert plan.fact("plan")["uncertain"] == 1
    labels = [fact["name"] for fact in plan.facts if fact["type"] == "plan-place"]
    assert sorted(labels) == ["Phường Thuận An, Huế"] * 2
    assert office.run("send", path, "--yes").code == 0
    assert set(sandbox.reached()) == {A, C}


def test_what_is_excluded_is_left_out_and_an_audience_of_nothing_is_refused(office):
    assert office.run("followers", "resolve", "--wards").code == 0
    path = office.campaign(areas="['new:46 - ward:19900', old:52]")
    assert office.run("plan", path, "--json").fact("plan")["people"] == 3
    path = office.campaign(areas="[new:46], exclude: {areas: [region:bac-trung-bo]}")
    result = office.run("plan", path)
    assert result.code == 10
    assert "nobody is left" in result.said


def test_lists_of_the_workspace_keep_in_and_out_and_name_whom_nobody_knows(office, sandbox):
    lists = office.folder / "lists"
    lists.mkdir()
    (lists / "to-truc.txt").write_text(f"{A}\n{B}\n99999999\n", encoding="utf-8")
    (lists / "never.txt").write_text(f"{B}\n", encoding="utf-8")
    text = (
        (office.folder / office.campaign()).read_text(encoding="utf-8").replace("{areas: [all]}", "{areas: [all], list: to-truc}")
    )
    (office.folder / "c.yaml").write_text(text, encoding="utf-8")
    result = office.run("send", "c.yaml", "--yes")
    assert result.code == 0, result.said
    assert set(sandbox.reached()) == {A}
    assert "lists/to-truc: 1 person not in the follower book" in result.said
    assert "99999999" not in result.said
    missing = text.replace("to-truc", "to-khac").replace("code: DT-1", "code: DT-2")
    (office.folder / "c.yaml").write_text(missing, encoding="utf-8")
    result = office.run("plan", "c.yaml")
    assert result.code == 2
    assert "lists/to-khac.txt" in result.said


def test_who_follows_two_oas_of_one_app_is_written_to_once_by_the_nearer(office, sandbox):
    office.configure(
        "accounts:\n", 'accounts:\n  - {id: xa, oa_id: "388613280878808646", app_id: "360846524940903967", level: commune}\n'
    )
    office.environ |= {name.replace("PCTT", "XA"): value for name, value in sandbox.environ("pctt").items()}
    people = "user_id,user_id_by_app,city\n{},777777,Huế\n{},{},Huế\n"
    (office.folder / "tw.csv").write_text(people.format("5000000001", "5000000002", "888888"), encoding="utf-8")
    (office.folder / "xa.csv").write_text(people.format("6000000001", "6000000002", ""), encoding="utf-8")
    assert office.run("followers", "import", "tw.csv", "--account", "pctt").code == 0
    assert office.run("followers", "import", "xa.csv", "--account", "xa").code == 0
    assert office.run("followers", "stats").code == 11  # which of the two?
    text = (office.folder / office.campaign(areas="[old:46], accounts: [pctt, xa]")).read_text(encoding="utf-8")
    assert "accounts" in text
    result = office.run("send", "c.yaml", "--yes")
    assert result.code == 0, result.said
    assert set(sandbox.reached()) == {A, B, C, "5000000002", "6000000001", "6000000002"}
    assert "from xa, pctt" in result.said


def test_a_mistaken_import_is_rolled_back(office):
    before = places_of(office)
    (office.folder / "wrong.csv").write_text(f"user_id,city,updated_at\n{A},Cà Mau,2026-10-01\n", encoding="utf-8")
    assert office.run("followers", "import", "wrong.csv").code == 0
    assert places_of(office) != before
    assert office.run("followers", "rollback").code == 0
    assert places_of(office) == before
    listed = office.run("followers", "generations", "--json").facts
    assert [fact["in_force"] for fact in listed] == [False, True]


def test_a_damaged_book_is_said_and_never_read(office):
    book = next((office.folder / ".zalo-alert" / "book").iterdir())
    part = next(book.glob("*/00000.parquet"))
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(bytes(data))
    for command in (("followers", "verify"), ("plan", office.campaign())):
        result = office.run(*command)
        assert result.code == 13
        assert "is not the file that was imported" in result.said


def test_a_person_who_asks_is_forgotten_everywhere_in_the_book(office):
    assert office.run("send", office.campaign(), "--yes").code == 0
    result = office.run("followers", "forget", "-", stdin=f"{A}\n")
    assert result.code == 0
    assert "0 left" in result.said
    assert "DT-1 is over" in result.said
    assert A not in result.said
    assert office.run("followers", "export", "all.csv").code == 0
    assert A not in (office.folder / "all.csv").read_text(encoding="utf-8")
    assert office.run("followers", "forget", "not-an-id").code == 2


# An id stands alone; fifteen digits in a row also happen inside a digest, whose letters surround them.
ID_OR_PHONE = r"(?<![0-9a-f])[0-9]{15,}(?![0-9a-f])|0912345678|84912345678|84987654321"


def test_no_id_and_no_phone_number_is_in_what_the_commands_say(office, sandbox):
    (office.folder / "ids.txt").write_text(f"{A}\n{B}\nno-id-0912345678\n", encoding="utf-8")
    path = office.campaign()
    said = [
        office.run("followers", "import", "xuat.csv", "--json"), office.run("followers", "stats"),
        office.run("followers", "unresolved"), office.run("followers", "resolve"), office.run("followers", "generations"),
        office.run("plan", path), office.run("send", path, "--recipients", "ids.txt", "--yes"),
        office.run("send", path, "--yes", "--json"), office.run("status"), office.run("report"), office.run("report", "--json"),
        office.run("runs"), office.run("followers", "forget", B),
    ]  # fmt: skip
    sandbox.stats()
    for result in said:
        assert not re.search(ID_OR_PHONE, result.out + result.err), result.err + result.out


def test_places_resolve_answers_line_by_line_in_the_order_asked(office):
    asked = ["Gia Lai", "", "Phường Quy Nhơn, Gia Lai", '"Huế"', "ĐN", "Tokyo"]
    result = office.run("places", "resolve", "-", stdin="\n".join(asked) + "\n")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert [(row["old_code"], row["new_code"]) for row in rows] == [
        ("", "52"),
        ("", ""),
        ("52", "52"),
        ("46", "46"),
        ("", ""),
        ("", ""),
    ]
    assert [row["text"] for row in rows] == asked
    columns = "city;quan;address\nGia Lai;;Quy Nhơn\nHuế;;\n"
    result = office.run("places", "resolve", "-", "--columns", "city,address", stdin=columns)
    assert [row["old_code"] for row in csv.DictReader(io.StringIO(result.out))] == ["52", "46"]
    assert office.run("places", "resolve", "-", "--columns", "thanh_pho", stdin=columns).code == 10
    assert office.run("places", "resolve", "missing.txt").code == 10


def test_places_show_tells_the_story_and_counts_who_lives_there(office):
    result = office.run("places", "show", "Gia Lai")
    assert "made in July 2025 of Bình Định (old:52) and Gia Lai (old:64)" in result.said
    assert "since July 2025 a part of Gia Lai (new:52)" in result.said
    stories = [fact for fact in office.run("places", "show", "Gia Lai", "--json").facts if fact["type"] == "story"]
    assert [(story["certain"], story["perhaps"]) for story in stories] == [(0, 0), (1, 0)]


BAD = {
    "ids as numbers with a point": ("a.csv", b"user_id,city\n1.86729651760683e+17,Hue\n", "shortened by a spreadsheet"),
    "a column twice": ("b.csv", b"user_id,city,tinh\n1,2,3\n", "two columns that mean city"),
    "a header without an end": ("c.csv", b"user_id," * 400_000, "is longer than a megabyte"),
    "a line of 100 MB": ("d.csv", b"user_id,city\n" + b"x" * 100_000_000 + b"\n", "longer than a megabyte"),
    "two encodings": ("e.csv", b"user_id,city\n" + f"{A},".encode() + b"Hu\xeb\x80\xff\n", "is not UTF-8 text"),
}


@pytest.mark.parametrize(("name", "data", "said"), BAD.values(), ids=list(BAD))
def test_bad_input_is_a_clear_sentence_or_a_reject_and_never_half_a_book(office, name, data, said):
    before = in_force(office)
    (office.folder / name).write_bytes(data)
    result = office.run("followers", "import", name)
    assert result.code == 10, result.said
    rejects = office.folder / f"{name}.rejects.csv"
    assert said in result.said + (rejects.read_text(encoding="utf-8") if rejects.exists() else "")
    assert in_force(office) == before


def test_parquet_with_ids_as_floats_is_refused_with_the_reason(office):
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pa.table({"user_id": [1.86729651760683e17], "city": ["Huế"]}), office.folder / "f.parquet")
    result = office.run("followers", "import", "f.parquet")
    assert result.code == 10
    assert "float" in result.said or "digits" in result.said
    parquet.write_table(pa.table({"user_id": [["a"]], "city": ["Huế"]}), office.folder / "g.parquet")
    assert office.run("followers", "import", "g.parquet").code == 10


@pytest.mark.mount
def test_a_full_disk_leaves_the_book_as_it_was(office, tmp_path):
    before, state, small = places_of(office), office.folder / ".zalo-alert", tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(small)], capture_output=True, check=False
    ).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        subprocess.run(["cp", "-r", f"{state}/.", str(small)], check=True)
        subprocess.run(["rm", "-r", str(state)], check=True)
        state.symlink_to(small)
        assert office.run("followers", "example", "many.csv", "--people", "150000").code == 0
        result = office.run("followers", "import", "many.csv")
        assert result.code == 13, result.said
        assert "free space" in result.said
        assert places_of(office) == before
        assert not [path for path in small.rglob("*.parquet") if "staging" in str(path) or "draft" in str(path)]
    finally:
        subprocess.run(["umount", "-l", str(small)], check=False)


def test_the_staff_try_the_message_before_anyone_else_wherever_they_live(desk, sandbox):
    desk.run("followers", "export", "everyone.csv")
    everyone = list(csv.DictReader(io.StringIO((desk.folder / "everyone.csv").read_text(encoding="utf-8"))))
    staff = [person["user_id"] for person in everyone if person["place"] != "old:46"][:3]
    (desk.folder / "lists").mkdir()
    (desk.folder / "lists" / "staff.txt").write_text("\n".join([*staff, "9" * 18]), encoding="utf-8")
    path = desk.at(sandbox).campaign(areas='["old:46"]')
    shown = desk.run("plan", path, "--json")
    assert next(fact["place"] for fact in shown.facts if fact["type"] == "plan-place") == "staff"
    assert shown.fact("unknown-ids")["people"] == 1

    result = desk.run("send", path, "--yes")
    assert result.code == 0
    assert "the staff: 3 people accepted" in result.said
    assert list(sandbox.reached())[:3] == sorted(staff)
    assert set(sandbox.reached()) - set(staff) == {person["user_id"] for person in everyone if person["place"] == "old:46"}


def test_a_stranger_on_a_list_is_told_also_where_nothing_is_planned_in_the_end(desk, sandbox):
    (desk.folder / "lists").mkdir()
    (desk.folder / "lists" / "staff.txt").write_text("9" * 18, encoding="utf-8")
    later = (SystemClock().now() + timedelta(hours=2)).isoformat(timespec="seconds")
    path = desk.at(sandbox).campaign(effective=later)
    for words in (("send", path, "--yes"), ("send", path, "--dry-run"), ("preview", path), ("doctor", path, "--offline")):
        shown = desk.run(*words, "--json")
        assert [fact["people"] for fact in shown.facts if fact["type"] == "unknown-ids"] == [1], words
    assert desk.run("send", path, "--yes").code == 10
