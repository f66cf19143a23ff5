"""Rules of a running worker: read again when a file changes, switched whole or refused whole."""

import os

import pytest

from zalo_alert.answers.live_rules import LiveRules

HUE = "388613280878808646"
AT_S = 1_795_000_000.0  # 18 November 2026


class Watch:
    """Live rules, and what they said."""

    def __init__(self, office):
        self.notes: list[str] = []
        self.office = office
        self.live = LiveRules(office.settings, lambda note: self.notes.append(str(note)))
        self.now_s = AT_S

    def fee(self, *, later_s=0.0):
        """What is answered to a question about the fee."""
        self.now_s += later_s
        rules = self.live.current(self.now_s).for_oa(HUE)
        return rules.text(rules.rule("le-phi")) if rules else None


@pytest.fixture
def watch(office):
    return Watch(office)


def test_a_change_speaks_when_the_file_has_been_the_same_for_two_looks(office, watch):
    assert watch.fee() == "Lệ phí: 50.000 đồng."
    office.change("50.000 đồng", "miễn phí cho trẻ em")

    assert watch.fee(later_s=0.5) == "Lệ phí: 50.000 đồng."  # nobody has looked
    assert watch.fee(later_s=1) == "Lệ phí: 50.000 đồng."  # perhaps it is being written
    assert watch.fee(later_s=1) == "Lệ phí: miễn phí cho trẻ em."
    assert watch.notes == ["2 rules speak anew"]


def test_where_rules_are_tried_a_change_speaks_at_once(office):
    live = LiveRules(office.settings, lambda _note: None, is_patient=False)
    live.current(AT_S)
    office.change("50.000", "60.000")

    rules = live.current(AT_S + 1).for_oa(HUE)
    assert rules
    assert rules.text(rules.rule("le-phi")) == "Lệ phí: 60.000 đồng."


def test_a_file_that_is_being_written_is_left_alone(office, watch):
    watch.fee()
    office.write("kind: ")
    watch.fee(later_s=1)
    office.write("kind: answers\n")
    watch.fee(later_s=1)

    assert watch.notes == []


def test_a_change_that_is_wrong_is_refused_and_said_once(office, watch):
    watch.fee()
    office.change("rank: 6", "rank: 9")

    assert [watch.fee(later_s=1) for _ in range(5)] == ["Lệ phí: 50.000 đồng."] * 5
    (note,) = watch.notes
    assert note.startswith("changed rules are refused, and the old ones stay: 1 problem in inbound/police-qa.yaml")
    assert "inbound/police-qa.yaml:21:16  limits.rank" in note

    office.change("rank: 9", "rank: 7")
    watch.fee(later_s=1)
    watch.fee(later_s=1)
    assert watch.notes[1:] == ["2 rules speak anew"]


def test_rules_that_are_wrong_from_the_beginning_don_t_speak(office):
    office.change("rank: 6", "rank: 9")
    watch = Watch(office)

    assert watch.fee() is None
    assert watch.notes[0].startswith("no rule speaks: 1 problem in inbound/police-qa.yaml")

    office.change("rank: 9", "rank: 6")
    assert watch.fee(later_s=1) is None
    assert watch.fee(later_s=1) == "Lệ phí: 50.000 đồng."


def test_a_side_file_a_new_file_and_a_removed_file_are_changes(office, watch):
    watch.fee()
    office.change("2027-02-05", "2027-02-06", "ngay-le.csv")
    watch.fee(later_s=1)
    watch.fee(later_s=1)
    (office.folder / "inbound" / "police-qa.yaml").unlink()
    watch.fee(later_s=1)

    assert watch.fee(later_s=1) is None
    assert watch.notes == ["2 rules speak anew", "0 rules speak anew"]


def test_a_file_of_the_same_size_and_time_that_took_another_s_place_is_a_change(office, watch):
    path = office.folder / "inbound" / "police-qa.yaml"
    times = path.stat()
    watch.fee()
    other = path.with_name(".new")
    other.write_text(path.read_text(encoding="utf-8").replace("50.000", "60.000"), encoding="utf-8")
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(path)
    watch.fee(later_s=1)

    assert watch.fee(later_s=1) == "Lệ phí: 60.000 đồng."


def test_a_clock_that_is_put_back_keeps_nobody_from_looking(office, watch):
    watch.fee()
    watch.fee(later_s=10)
    office.change("50.000", "60.000")
    watch.fee(later_s=-5_000)

    assert watch.fee(later_s=1) == "Lệ phí: 60.000 đồng."


def test_what_accounts_say_of_themselves_is_taken_up(office, watch):
    watch.fee()
    config = office.folder / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("1 Lê Lợi", "2 Lê Lợi"), encoding="utf-8")
    watch.fee(later_s=1)
    watch.fee(later_s=1)

    rules = watch.live.current(watch.now_s).for_oa(HUE)
    assert rules
    assert "2 Lê Lợi" in rules.text(rules.rule("can-cuoc"))


def test_settings_that_are_wrong_leave_the_old_rules_in_force(office, watch):
    watch.fee()
    config = office.folder / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("profile: drill", "profil: drill"), encoding="utf-8")
    watch.fee(later_s=1)

    assert watch.fee(later_s=1) == "Lệ phí: 50.000 đồng."
    assert "changed rules are refused, and the old ones stay" in watch.notes[0]


def test_what_grows_overdue_by_the_calendar_keeps_speaking_until_the_next_change(live_office_in):
    office = live_office_in()
    watch = Watch(office)
    watch.fee()
    year_s = 365 * 86_400

    assert watch.fee(later_s=year_s) == "Lệ phí: 50.000 đồng."
    office.change("rank: 6", "rank: 7")
    watch.fee(later_s=1)
    assert watch.fee(later_s=1) == "Lệ phí: 50.000 đồng."
    assert "should have been looked at again by 2027-05-01" in watch.notes[0]
