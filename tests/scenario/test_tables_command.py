"""`tables` at the shell: built, listed, asked, switched; a list with faults changes nothing."""

import json

SCORES = "sbd,ho_ten,ngay_sinh,mon.Toán\n02001234,Nguyễn Văn An,15/3/2008,8.25\n02001235,Trần Thị Bình,16/3/2008,7\n"
BUILD = ("tables", "build", "diem", "diem.csv", "--key", "sbd", "--check", "ngay_sinh")


def test_a_table_is_built_asked_switched_and_checked(desk):
    (desk.folder / "diem.csv").write_text(SCORES, encoding="utf-8")
    built = desk.run(*BUILD, "--json").facts[0]
    (desk.folder / "diem.csv").write_text(SCORES.replace("8.25", "8.5"), encoding="utf-8")
    again = desk.run(*BUILD)

    assert (built["type"], built["rows"], built["columns"]) == ("table-built", 2, ["ho_ten", "mon.Toán"])
    assert "2 rows are in force as generation 000002-" in again.out
    assert "8.5" in desk.run("tables", "ask", "diem", "02 001 234", "15-03-08").out
    assert desk.run("tables", "rollback", "diem").code == 0
    asked = desk.run("tables", "ask", "diem", "02001234", "15 tháng 3 năm 2008", "--json").facts[0]
    assert asked["data"] == {"ho_ten": "Nguyễn Văn An", "mon": {"Toán": "8.25"}}
    listed = [fact for fact in desk.run("tables", "list", "--json").facts if fact["type"] == "table"]
    assert [(fact["in_force"], fact["check_type"]) for fact in listed] == [(False, "date"), (True, "date")]
    assert desk.run("tables", "use", "diem", listed[0]["generation"]).code == 0
    assert "as it was built" in desk.run("tables", "check", "diem").out


def test_a_wrong_number_and_a_wrong_date_are_told_alike(desk):
    (desk.folder / "diem.csv").write_text(SCORES, encoding="utf-8")
    desk.run(*BUILD)

    told = [desk.run("tables", "ask", "diem", *facts) for facts in (("02009999", "15/3/2008"), ("02001234", "16/3/2008"))]
    assert {(one.code, one.out, one.err) for one in told} == {(0, "no row has both facts\n", "")}


def test_a_list_with_faults_is_refused_with_its_lines(desk):
    (desk.folder / "diem.csv").write_text(SCORES + "2001236,Lê C,1/1/2008,\n02001237,Lê D,,\n", encoding="utf-8")

    told, facts = desk.run(*BUILD, "--key-pattern", r"\d{8}"), desk.run(*BUILD, "--key-pattern", r"\d{8}", "--json")

    assert told.code == facts.code == 10
    assert "diem.csv:4:1  2001…36 has lost its leading zero" in told.err
    assert "diem.csv:5:1  the second fact is empty" in told.err
    assert [fact["line"] for fact in facts.facts if fact["type"] == "problem"] == [4, 5]
    assert json.loads(facts.err.splitlines()[-1])["cause"] == "input-invalid"
    assert "there is no table" in desk.run("tables", "ask", "diem", "1", "1/1/2008").err


def test_what_is_not_asked_rightly_is_said(desk):
    (desk.folder / "diem.csv").write_text(SCORES, encoding="utf-8")
    desk.run(*BUILD)

    assert 'error: "hôm qua" is no ngay_sinh' in desk.run("tables", "ask", "diem", "02001234", "hôm qua").err
    assert "no generation 7" in desk.run("tables", "use", "diem", "7").err
    assert desk.run("tables", "build", "diem", "diem.csv", "--key", "sbd", "--check", "x").code == 10
    assert desk.run("tables", "build", "diem", "none.csv", "--key", "sbd", "--check", "x").code == 10
    assert desk.run(*BUILD, "--check-type", "number").code == 2
