"""All that is checked before rule sets speak: each by itself, for every account that it is for, and all of them together."""

from collections.abc import Iterable
from datetime import date

from zalo_alert.answers.account_checks import check_accounts, check_fallback, overlaps
from zalo_alert.answers.fact_checks import check_facts
from zalo_alert.answers.findings import Finding
from zalo_alert.answers.inbound_file import InboundFile
from zalo_alert.answers.inspection import Inspection
from zalo_alert.answers.phrase_checks import check_phrases
from zalo_alert.answers.rule_set import RuleSet
from zalo_alert.answers.selecting import select
from zalo_alert.answers.spoken_checks import check_spoken
from zalo_alert.answers.text_checks import check_texts
from zalo_alert.settings.model import Settings


def check_rule_sets(files: Iterable[tuple[InboundFile, RuleSet]], settings: Settings, today: date) -> list[Finding]:
    """Return what is wrong with rule sets, and what is odd about them.

    Args:
        files: Sound in their shape.
        settings: Of the workspace; in a live one more is an error.
        today: In Vietnam.
    """
    inspections = [
        Inspection(file, rule_set, select(rule_set.selector, settings.accounts), settings, today) for file, rule_set in files
    ]
    for inspection in inspections:
        check_accounts(inspection)
        check_fallback(inspection)
        check_phrases(inspection)
        check_texts(inspection)
        check_facts(inspection)
        inspection.findings += check_spoken(inspection.file, settings.answers.links)
    found = [finding for inspection in inspections for finding in inspection.findings]
    return [*found, *overlaps(inspections)]
