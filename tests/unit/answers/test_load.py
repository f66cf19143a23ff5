"""Rule files, read as values: whom they are for, what they say there, and every fault of their shape with its place."""

from datetime import date, datetime

import pytest

from zalo_alert.answers.load import load_rule_sets
from zalo_alert.errors import RulesInvalid
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import OnUnknown, Rank

HOAN_KIEM, HUE, NATIONAL = "388613280878808645", "388613280878808646", "388613280878808647"
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=VIETNAM)
SATURDAY_NIGHT = datetime(2026, 11, 28, 22, 0, tzinfo=VIETNAM)


def load(office):
    return load_rule_sets(office.folder, office.settings)


def faults(office):
    with pytest.raises(RulesInvalid) as caught:
        load(office)
    return [str(problem) for problem in caught.value.problems]


def test_a_file_becomes_a_rule_set(office):
    (rules,) = load(office).rule_sets

    assert (rules.name, rules.path) == ("police-qa", "inbound/police-qa.yaml")
    first, second = rules.rules
    assert (first.id, first.phrases[0], first.excluded) == ("can-cuoc", "cấp căn cước", ("định danh mức 2",))
    assert first.limits == (Rank.RULE, 600, OnUnknown.HOLD, "")
    assert second.limits.rank is Rank.LOOKUP
    assert rules.hours.holidays == {date(2027, 2, 5): "Tết Nguyên đán"}
    assert rules.counted_as("can-cuoc") == "police-qa/can-cuoc"


def test_each_oa_says_what_it_is_of_itself(office):
    book = load(office)

    texts = [book.for_oa(oa).text(book.for_oa(oa).rule("police-qa/can-cuoc")) for oa in (HOAN_KIEM, HUE)]

    hours = "thứ Hai - thứ Sáu 07:30-11:30, 13:30-17:00; thứ Bảy 07:30-11:30."
    assert texts == [f"Cấp căn cước tại 2 Tràng Thi,\n{hours}", f"Cấp căn cước tại 1 Lê Lợi,\n{hours}"]
    assert book.for_oa(HUE).buttons(book.for_oa(HUE).rule("can-cuoc").buttons)[2].url == "https://congan.gov.vn/hue"
    assert book.for_oa(HUE).text(book.for_oa(HUE).rule("le-phi")) == "Lệ phí: 50.000 đồng."


def test_an_oa_that_no_file_is_for_has_no_rules(office):
    assert load(office).for_oa(NATIONAL) is None
    assert load(office).for_oa("1") is None


def test_a_workspace_without_rule_files_answers_nothing(office):
    for path in (office.folder / "inbound").iterdir():
        path.unlink()
    (office.folder / "inbound").rmdir()

    assert load(office).rule_sets == ()


def test_out_of_hours_another_fallback_speaks(office):
    rules = load(office).for_oa(HUE)

    open_, closed = rules.fallback(MONDAY), rules.fallback(SATURDAY_NIGHT)

    assert (open_.opens_talk, closed.opens_talk) == (True, False)
    assert rules.fallback_text(open_, MONDAY, "10 phút") == "Cán bộ trả lời trong 10 phút."
    assert rules.fallback_text(closed, SATURDAY_NIGHT, "") == "Cơ quan mở lại lúc 07:30 thứ Hai, 30/11/2026."


def test_one_account_may_be_otherwise(office):
    office.change(
        "limits: {rank", 'overrides:\n  ca-hue:\n    hours: {sat: "08:00-10:00"}\n    fields: {le_phi_can_cuoc: miễn phí}\n'
        '    texts: {can-cuoc: "Đến {{ oa.address }}."}\nlimits: {rank',
    )  # fmt: skip
    rules, others = load(office).for_oa(HUE), load(office).for_oa(HOAN_KIEM)

    assert rules.text(rules.rule("can-cuoc")) == "Đến 1 Lê Lợi."
    assert rules.text(rules.rule("le-phi")) == "Lệ phí: miễn phí."
    assert not rules.is_open(MONDAY)
    assert others.is_open(MONDAY)
    assert others.text(others.rule("le-phi")) == "Lệ phí: 50.000 đồng."


def test_an_unfilled_field_shows_what_belongs_there(office):
    office.change(" value: 50.000 đồng,", "")
    rules = load(office).for_oa(HUE)

    assert rules.text(rules.rule("le-phi")) == "Lệ phí: [Lệ phí cấp lại căn cước]."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: answers", "kind: answer", 'inbound/police-qa.yaml:1:7  kind  "answer" is none of'),
        ("kind: answers\n", "", "inbound/police-qa.yaml:1:1  kind  is missing"),
        ("limits: {rank: 6", "limit: {rank: 6", "limit  is not a key of this file; did you mean \"limits\"?"),
        ("rank: 6", "rank: 0", "limits.rank  0 is none of 6, 7"),
        ("expires: 10m", "expires: 3d", "limits.expires  is more than 48h"),
        ("sat:", "sta:", "3:45  hours.sta  sta is no day: mon, tue, wed, thu, fri, sat, sun; did you mean \"sat\"?"),
        ("07:30-11:30 13:30", "07:30-13:30 13:00", "13:00-17:00 begins before the span in front of it ends"),
        ("ngay-le.csv", "../ngay-le.csv", "hours.holidays  should be the name of a file in the same folder"),
        ("ngay-le.csv", "nghi.csv", "hours.holidays  can't read nghi.csv"),
        ("2027-05-01", "2027-02-30", "is a day that no calendar has"),
        ("id: can-cuoc", "id: Căn cước", "rules[0].id"),
        ("phrases: [lệ phí thẻ]", "phrases: []", "rules[1].phrases  is an empty list"),
        ("phrases: [lệ phí thẻ]", "phrases: lệ phí", "rules[1].phrases  should be a list"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(office, old, new, said):
    office.change(old, new)

    assert any(said in fault for fault in faults(office)), faults(office)


def test_faults_of_holidays_are_told_with_their_lines(office):
    office.write("date,name\n2027-02-05,Tết\n05/02/2027,Tết\n2027-02-05,Tết\n", "ngay-le.csv")

    assert faults(office) == [
        'inbound/ngay-le.csv:3:1  "05/02/2027" is no date: write it as 2027-02-05',
        "inbound/ngay-le.csv:4:1  2027-02-05 stands twice",
    ]


def test_a_name_that_no_count_could_bear_is_refused(office):
    office.write("kind: answers\n", "Hỏi đáp.yaml")

    assert any("Hỏi đáp.yaml  should be named of small letters" in fault for fault in faults(office))


def test_what_an_editor_keeps_and_what_else_lies_there_is_passed_over(office):
    office.write("nonsense", ".police-qa.yaml")
    office.write("journal: 30d\n", "retention.yaml")
    office.write("nonsense", "notes.txt")

    assert len(load(office).rule_sets) == 1


def test_a_file_that_an_editor_has_saved_as_text_is_told_and_not_passed_over(office):
    path = office.folder / "inbound" / "police-qa.yaml"
    path.rename(path.with_name("police-qa.yaml.txt"))

    assert any("inbound/police-qa.yaml.txt" in fault and "end in .yaml" in fault for fault in faults(office))
