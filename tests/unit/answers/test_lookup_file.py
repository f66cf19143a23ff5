"""Files of `kind: lookup`: what is sound, what is refused where, and the example that ships."""

from contextlib import closing
from datetime import date, datetime
from importlib.resources import files

import pytest

from tests.unit.answers.test_lookup_in_worker import LOOKUP, SCORES
from zalo_alert.answers.load import read_inbound
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.operations.answers_try import Trial
from zalo_alert.operations.tables import WorkspaceTables
from zalo_alert.tables.facts import CheckKind

TODAY = date(2026, 7, 1)
EXAMPLE = files("zalo_alert.answers") / "examples" / "scores"


def quiet(*_step):
    """Tell nobody how far it is."""


def found_in(office, text=LOOKUP, name="diem-thi.yaml"):
    """Return what is found in a file: line, field, sentence, and whether it is an error."""
    office.write(text, name)
    found = read_inbound(office.folder, office.settings, TODAY).findings
    return [
        (one.problem.line, one.problem.field, str(one.problem.message), one.is_error)
        for one in found
        if one.problem.file.endswith(name)
    ]


def test_a_look_up_may_stand_there_before_its_table(office):
    ((line, field, sentence, is_error),) = found_in(office)

    assert (line, field, is_error) == (3, "table", False)
    assert sentence.startswith('there is no table "diem-thi-2026" yet')


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "sentence"),
    [
        ("table: diem-thi-2026", "table: Điểm", 3, "table", "small letters"),
        ("opens: 2026-07-16T08:00:00+07:00", "opens: 8h 16/7", 4, "opens", "is not an instant"),
        ("type: date", "type: ngày", 9, "ask.check.type", "date"),
        ("pattern: '\\d{8}'", "pattern: '('", 8, "ask.key.pattern", "is no regular expression"),
        ("pattern: '\\d{8}'", "pattern: '(\\d+)+x'", 8, "ask.key.pattern", "takes too long"),
        ("{sbd} {ngay_sinh}", "{sbd}", 10, "ask.one_line", "should name both facts"),
        ("name: ngay_sinh", "name: sbd", 9, "ask.check.name", "is the name of the number as well"),
        ("{% endfor %}", "", 11, "found", "is not a sound template"),
        ("{{ found.sbd }}", "{{ value.x }}", 11, "found", "is not there"),
        ("missing:", "mising:", 12, "mising", "missing"),
        ("ids: [pctt]", "ids: [pct]", 2, "accounts.ids[0]", 'no account has the id "pct"'),
        ("{{ found.sbd }}", "{{ oa.phone }}", 11, "found", "is not there for the account pctt"),
        (
            'missing: "Không có kết quả."',
            'missing: "."\nlimits: {via_app: "123456789"}',
            13,
            "limits.via_app",
            "pctt does not speak",
        ),
        ("Không có kết quả.", "Xem http://diem.vn", 12, "missing", "is not https and of a host"),
        ("before_open: remember", "before_open: later", 5, "before_open", "remember"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(office, old, new, line, field, sentence):
    assert old in LOOKUP
    errors = [found for found in found_in(office, LOOKUP.replace(old, new)) if found[3]]

    assert (line, field) in [found[:2] for found in errors]
    assert sentence in " ".join(found[2] for found in errors)


def test_a_look_up_is_compared_with_its_table(office):
    (office.folder / "diem.csv").write_text(SCORES, encoding="utf-8")
    tables = WorkspaceTables(office.settings.state_dir)
    tables.build("diem-thi-2026", office.folder / "diem.csv", "sbd", "ngay_sinh", quiet, check_kind=CheckKind.DATE)

    assert found_in(office) == []
    wrong = found_in(office, LOOKUP.replace("found.mon.items", "found.diem.items").replace("name: sbd", "name: so"))
    assert [(line, field) for line, field, _sentence, _is_error in sorted(wrong)] == [
        (8, "ask.key.name"), (10, "ask.one_line"), (11, "found"), (11, "found"),
    ]  # fmt: skip


def test_two_look_ups_of_one_account_want_different_words(office):
    office.write(LOOKUP, "diem-thi.yaml")
    found = found_in(office, LOOKUP, "tra-diem.yaml")

    assert [one[:2] for one in found if one[3]] == [(7, "ask.phrases[0]"), (7, "ask.phrases[1]")]


def test_the_example_is_sound_and_its_list_builds(office, tmp_path):
    office.change("  - {id: pctt,", "  - {id: pctt, tags: [so-giao-duc],", "../zalo-alert.yaml")
    with_sample = tmp_path / "diem-mau.csv"
    with_sample.write_bytes((EXAMPLE / "diem-mau.csv").read_bytes())
    tables = WorkspaceTables(office.settings.state_dir)
    built = tables.build("diem-thi-2026", with_sample, "sbd", "ngay_sinh", quiet, key_pattern=r"\d{8}")

    assert built.about.rows == 200
    assert found_in(office, (EXAMPLE / "diem-thi.yaml").read_text(encoding="utf-8")) == []
    row = tables.ask("diem-thi-2026", "01 000 001", "1/8/2008")
    assert row is not None
    assert row["ho_ten"] == "Phan Thùy Phong"


def test_the_example_answers_in_a_conversation(office, tmp_path):
    office.change("  - {id: pctt,", "  - {id: pctt, tags: [so-giao-duc],", "../zalo-alert.yaml")
    office.write((EXAMPLE / "diem-thi.yaml").read_text(encoding="utf-8"), "diem-thi.yaml")
    sample = tmp_path / "diem-mau.csv"
    sample.write_bytes((EXAMPLE / "diem-mau.csv").read_bytes())
    settings = office.settings
    WorkspaceTables(settings.state_dir).build("diem-thi-2026", sample, "sbd", "ngay_sinh", quiet)
    account = next(account for account in settings.accounts if account.id == "pctt")
    texts = ["tra điểm 01000001 1/8/2008", "tra điểm", "01 000 001", "1 tháng 8 năm 2008", "tra điểm 01000001 2/8/2008"]

    with closing(Trial(settings, account, datetime(2026, 7, 16, 9, 0, tzinfo=VIETNAM))) as trial:
        said = [trial.say(text) for text in texts]

    assert [answer.rule for answer in said] == [
        "diem-thi/found", "diem-thi/asked", "diem-thi/asked", "diem-thi/found", "diem-thi/missing",
    ]  # fmt: skip
    assert said[0].text.splitlines() == [
        "Thí sinh Phan Thùy Phong, số báo danh 01000001:", "Toán: 2.5", "Ngữ văn: 3", "Địa lí: 4", "Tin học: 2.25",
        "Điểm chính thức theo giấy chứng nhận kết quả thi.",
    ]  # fmt: skip
