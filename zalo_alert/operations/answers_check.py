"""What is checked before rules speak, asked for by a person: `answers validate`, and `doctor`."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from zalo_alert.answers.findings import details_of, errors_of, remarks_of
from zalo_alert.answers.load import KindReading, read_inbound
from zalo_alert.answers.rule_set import RuleSet
from zalo_alert.answers.schema import schema
from zalo_alert.errors import Cure, Problem, RulesInvalid
from zalo_alert.language import Language, _, _n, count, joined
from zalo_alert.preflight.doctor import Check
from zalo_alert.preflight.token_health import Grade
from zalo_alert.settings.model import Settings

ABOUT = _("automatic answers")


class FileSummary(NamedTuple):
    """One file of `inbound/` that is sound in its shape.

    Args:
        file: `inbound/police-qa.yaml`.
        kind: What it says of itself.
        rules: How many it has; 0 of what has none.
        accounts: How many it is for.
    """

    file: str
    kind: str
    rules: int
    accounts: int


class AnswersCheck(NamedTuple):
    """What was found.

    Args:
        files: Those that are sound in their shape.
        errors: Because of which nothing speaks.
        remarks: What somebody should look at.
        details: How phrases come together, for whoever tunes them.
    """

    files: tuple[FileSummary, ...]
    errors: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    details: tuple[Problem, ...]


def check_answers(settings: Settings, today: date) -> AnswersCheck:
    """Check all files of `inbound/` for every account that they are for."""
    loaded = read_inbound(settings.workspace, settings, today)
    accounts = loaded.book.accounts_by_file()
    files = tuple(_summary(reading, accounts) for reading in loaded.readings if reading.value is not None)
    found = (tuple(of(loaded.findings)) for of in (errors_of, remarks_of, details_of))
    return AnswersCheck(files, *found)


def inbound_schema(language: Language) -> dict[str, Any]:
    """Return the JSON Schema that editors use for files of `inbound/`, with its descriptions in a language."""
    return schema(language)


def look_at_answers(settings: Settings, today: date) -> list[Check]:
    """Say for `doctor` how the rules stand; nothing where no file is."""
    check = check_answers(settings, today)
    if not check.files and not check.errors:
        return []
    if check.errors:
        stopped = RulesInvalid(check.errors)
        why = joined((stopped.message, str(check.errors[0])), "; ")
        return [Check(ABOUT, Grade.FAIL, _("no rule speaks: {why}", why=why), _all_said(), code=stopped.exit_code)]
    rules = sum(file.rules for file in check.files)
    sound = _n("{rules} rule can speak", "{rules} rules can speak", rules, rules=count(rules))
    facts = [remark for remark in check.remarks if remark.field.startswith("fields.") or remark.field.endswith("review_by")]
    if not facts:
        return [Check(ABOUT, Grade.OK, sound)]
    pending = _n(
        "{facts} fact is to be filled in or looked at again, the first is {first}",
        "{facts} facts are to be filled in or looked at again, the first is {first}",
        len(facts),
        facts=count(len(facts)),
        first=facts[0],
    )
    return [Check(ABOUT, Grade.WARN, joined((sound, pending), "; "), _all_said())]


def _all_said() -> str:
    return _("{validate} lists all", validate=Cure.ANSWERS_VALIDATE())


def _summary(reading: KindReading, accounts: Mapping[str, int]) -> FileSummary:
    rules = len(reading.value.rules) if isinstance(reading.value, RuleSet) else 0
    return FileSummary(reading.file.shown, reading.file.kind, rules, accounts.get(reading.value.name, 0))
