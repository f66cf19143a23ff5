"""A conversation that nobody is written to: by the worker's own way, and forgotten afterwards."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from zalo_alert.answers.reply import Rung
from zalo_alert.errors import RulesInvalid, UsageError
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.operations.answers_try import Trial

MORNING = datetime(2026, 11, 27, 9, tzinfo=VIETNAM)
NIGHT = datetime(2026, 11, 27, 22, tzinfo=VIETNAM)


def trial(office, at=MORNING, account="ca-hoan-kiem", **more):
    return closing(Trial(office.settings, office.settings.account(account), at, **more))


def test_a_rule_answers_with_what_its_account_says_of_itself(office) -> None:
    with trial(office) as talk:
        answered = talk.say("lam cccd o dau")
        fee = talk.say(answered.buttons[0].payload)

    assert (answered.rung, answered.rule, answered.match.ids) == (Rung.RULE, "police-qa/can-cuoc", ("police-qa/can-cuoc",))
    assert answered.text.startswith("Cấp căn cước tại 2 Tràng Thi")
    assert (fee.rung, fee.text, fee.match) == (Rung.BUTTON, "Lệ phí: 50.000 đồng.", None)


def test_hours_are_those_of_the_time_that_is_given(office) -> None:
    with trial(office) as talk, trial(office, NIGHT) as later:
        open_, closed = talk.say("abc"), later.say("abc")

    assert (open_.rung, closed.rung) == (Rung.FALLBACK, Rung.FALLBACK)
    assert "Cán bộ trả lời" in open_.text
    assert "mở lại lúc 07:30" in closed.text


def test_after_the_fallback_an_officer_speaks_until_another_person_comes(office) -> None:
    with trial(office) as talk:
        talk.say("abc")
        silent = talk.say("cccd")
        talk.begin_anew()
        answered = talk.say("cccd")

    assert (silent.rung, silent.text) == (Rung.TAKEN_OVER, "")
    assert answered.rung is Rung.RULE


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a" * 100_000, "\u202e\u2066", "{{ oa.phone }}", "=cmd"])
def test_odd_texts_get_an_answer(office, text: str) -> None:
    with trial(office) as talk:
        assert talk.say(text).rung is Rung.FALLBACK


def test_nothing_of_it_is_kept(office) -> None:
    before = set(office.folder.rglob("*"))
    with trial(office) as talk:
        talk.say("cccd")
        folder = Path(talk._db.path).parent

    left = {path.name for path in set(office.folder.rglob("*")) - before}
    assert left <= {".zalo-alert", "privacy.key"}  # the key that hides people in logs
    assert not folder.exists()


def test_rules_that_change_meanwhile_speak_at_once(office) -> None:
    notes: list[str] = []
    with trial(office, on_note=notes.append) as talk:
        assert talk.say("sổ đỏ").rung is Rung.FALLBACK
        talk.begin_anew()
        office.change("cccd]", "cccd, sổ đỏ]")
        answered = talk.say("sổ đỏ")
        office.change("rules:", "rulez:")
        talk.say("sổ đỏ")

    assert (answered.rung, answered.match.ids) == (Rung.RULE, ("police-qa/can-cuoc",))
    assert [note for note in notes if "the old ones stay" in note]


def test_an_account_without_rules_or_rules_with_faults_are_told_at_once(office) -> None:
    with pytest.raises(UsageError, match="no file of inbound/ answers for pctt"):
        Trial(office.settings, office.settings.account("pctt"), MORNING)
    office.change("rules:", "rulez:")
    with pytest.raises(RulesInvalid):
        Trial(office.settings, office.settings.account("ca-hue"), MORNING)
