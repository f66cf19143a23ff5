"""Steps in sentences: values for whoever shows them, commands in this shell."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.cli.display import spoken
from zalo_alert.errors import Cure, Step, with_steps

STEPS = {
    Cure.RESUME("DT-1"): "`zalo-alert resume DT-1`",
    Cure.RESUME("DT-1", past_canary=True, moved=""): "`zalo-alert resume DT-1 --past-canary`",
    Cure.RUNS(): "`zalo-alert runs`",
    Cure.LOGIN("pctt"): "`zalo-alert accounts login pctt`",
    Cure.IMPORT("FILE", account="pctt"): "`zalo-alert followers import FILE --account pctt`",
    Cure.OPTION(wait=True): "--wait",
    Cure.OPTION(allow_outside="/a+b c/100%"): "--allow-outside /a+b c/100%",
}


@pytest.mark.parametrize(("step", "command"), STEPS.items(), ids=str)
def test_a_step_is_said_as_a_command(step, command):
    assert spoken(f"{step} continues") == f"{command} continues"


@given(st.sampled_from([cure for cure in Cure if cure]), st.text(max_size=9), st.text(min_size=1, max_size=9))
def test_a_step_comes_out_of_a_sentence_as_it_went_in(cure, subject, value):
    subject, value = subject.strip(), value.strip()
    step = cure(subject, moved=value)
    seen: list[Step] = []

    def say(one: Step) -> str:
        seen.append(one)
        return ""

    with_steps(f"first {step}, then", say)

    assert seen == [step]


def test_other_brackets_are_left_alone():
    assert spoken("a ⟨b⟩ and ⟨resumes⟩ ⟩⟨") == "a ⟨b⟩ and ⟨resumes⟩ ⟩⟨"
    assert with_steps("no step", lambda step: "x") == "no step"
    assert isinstance(Cure.RUNS(), Step)


@pytest.mark.parametrize("text", ["⟨send" + " +a=x" * 20, "⟨send " * 2000, "⟨+a" + "=" * 2000, "⟨send" + " " * 2000])
def test_a_strangers_text_that_begins_like_steps_keeps_nobody_waiting(text):
    begun_s = time.monotonic()
    assert spoken(text) == text
    assert time.monotonic() - begun_s < 1
