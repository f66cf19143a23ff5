"""Rule files that ship with the tool: written beside what is there, and sound as they come."""

from datetime import date

import pytest

from zalo_alert.errors import SettingsInvalid, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.answer_examples import example_names, read_examples, write_examples
from zalo_alert.operations.answers_check import check_answers
from zalo_alert.operations.scaffold import create
from zalo_alert.settings import load

SHIPPED_ON = date(2026, 11, 27)


@pytest.fixture
def workspace(tmp_path):
    create(tmp_path, SystemClock().now())
    return tmp_path


@pytest.mark.parametrize("example", example_names())
def test_each_example_is_sound_as_it_comes(workspace, example):
    write_examples(workspace, [example])

    check = check_answers(load.load(workspace, {}), SHIPPED_ON)
    assert check.errors == ()
    assert len(check.files) == 1


def test_all_examples_are_sound_together_and_nothing_takes_another_s_place(workspace):
    paths = write_examples(workspace, example_names())

    assert len(paths) == len({path.name for path in paths})
    assert check_answers(load.load(workspace, {}), SHIPPED_ON).errors == ()
    for example, files in read_examples(example_names()).items():
        for name, text in files.items():
            assert text in {path.read_bytes() for path in paths}, (example, name)


def test_another_example_may_come_later_and_the_office_s_holidays_stay(workspace):
    write_examples(workspace, ["police-qa"])
    holidays = workspace / "inbound" / "ngay-le.csv"
    holidays.write_text("date,name\n2027-02-05,Tết\n", encoding="utf-8")

    paths = write_examples(workspace, ["ward-qa"])

    assert sorted(path.name for path in paths) == ["hoi-dap-xa.yaml", "ward-qa-cau-hoi.csv"]
    assert holidays.read_text(encoding="utf-8") == "date,name\n2027-02-05,Tết\n"


def test_a_file_of_the_office_s_own_is_left_alone_and_nothing_is_written(workspace):
    (workspace / "inbound").mkdir()
    own = workspace / "inbound" / "hoi-dap-cong-an.yaml"
    own.write_text("kind: answers\n", encoding="utf-8")

    with pytest.raises(SettingsInvalid, match="exists already, and is another file"):
        write_examples(workspace, ["police-qa", "scores"])
    assert own.read_text(encoding="utf-8") == "kind: answers\n"
    assert [path.name for path in own.parent.iterdir()] == [own.name]


def test_what_is_there_as_it_would_be_written_is_no_trouble(workspace):
    first = write_examples(workspace, ["police-qa"])

    assert write_examples(workspace, ["police-qa"]) == []
    assert first


def test_an_unknown_example_is_told_with_the_nearest():
    with pytest.raises(UsageError, match=r'there is no example "police": there are .*; did you mean "police-qa"'):
        read_examples(["police"])
