"""Steps in sentences: values for whoever shows them, commands in this shell."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.errors import Cure, ErrorCause, RunSuspended, Step, ZaloAlertError, with_steps
from zalo_alert.operations.commands import spoken

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


def subclasses(kind):
    return {kind, *(each for child in kind.__subclasses__() for each in subclasses(child))}


CAUSES = {
    "account",
    "approval-missing",
    "archive-invalid",
    "article-invalid",
    "archive-refused",
    "attention-needed",
    "bug",
    "campaign-invalid",
    "campaign-refused",
    "canary",
    "credentials-refused",
    "input-invalid",
    "interrupted",
    "log-invalid",
    "message",
    "money",
    "network",
    "night",
    "nobody-told",
    "other",
    "output-closed",
    "output-failed",
    "partly-done",
    "proxy",
    "quota",
    "roster-invalid",
    "rules-invalid",
    "case-refused",
    "run-archived",
    "run-busy",
    "run-held",
    "run-unfinished",
    "server",
    "settings-invalid",
    "signature-refused",
    "storage",
    "token",
    "usage-error",
    "waiting",
    "wording-refused",
    "workspace-rests",
}


def test_every_error_has_its_cause_and_some_say_a_closer_one():
    ours = {kind.__name__: kind.cause for kind in subclasses(ZaloAlertError) if kind.__module__ == "zalo_alert.errors"}

    assert ours == {
        "ZaloAlertError": "bug",
        "UsageError": "usage-error",
        "CampaignInvalid": "campaign-invalid",
        "ArticleInvalid": "article-invalid",
        "RulesInvalid": "rules-invalid",
        "CaseRefused": "case-refused",
        "CampaignRefused": "campaign-refused",
        "ApprovalMissing": "approval-missing",
        "WordingRefused": "wording-refused",
        "InputInvalid": "input-invalid",
        "TableRefused": "input-invalid",
        "SignatureRefused": "signature-refused",
        "SettingsInvalid": "settings-invalid",
        "RosterInvalid": "roster-invalid",
        "LogInvalid": "log-invalid",
        "ArchiveInvalid": "archive-invalid",
        "ArchiveRefused": "archive-refused",
        "CredentialsRefused": "credentials-refused",
        "RunBusy": "run-busy",
        "RunSuspended": "other",
        "StorageUnusable": "storage",
        "RunHeld": "run-held",
        "RunArchived": "run-archived",
        "WorkspaceRests": "workspace-rests",
        "OutputFailed": "output-failed",
        "RunUnfinished": "run-unfinished",
        "PartlyDone": "partly-done",
        "AttentionNeeded": "attention-needed",
        "NobodyTold": "nobody-told",
        "Interrupted": "interrupted",
        "OutputClosed": "output-closed",
    }
    assert RunSuspended("…", cause=ErrorCause.MONEY).cause == "money"


def test_the_words_for_causes_are_these_and_the_page_explains_each_once():
    page = (Path(__file__).parent.parent.parent / "docs" / "json.md").read_text(encoding="utf-8")
    table = page.partition("## Causes")[2].partition("\n## ")[0]

    assert sorted(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == sorted(ErrorCause)
    assert set(ErrorCause) == CAUSES
