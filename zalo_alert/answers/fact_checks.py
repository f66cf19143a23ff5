"""What an office fills in and looks at again: fees, deadlines and laws age. Live says nothing of which nobody is sure."""

from datetime import date, timedelta

from zalo_alert.answers.inspection import Inspection
from zalo_alert.answers.rule_set import FallbackPart, Field, Rule
from zalo_alert.answers.template import names_used
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.language import _

SOON = timedelta(days=30)  # long enough to ask whoever knows


def check_facts(inspection: Inspection) -> None:
    """Find fields that nobody has filled in, and what should have been looked at again."""
    used = _used(inspection)
    for name, field in inspection.rule_set.fields.items():
        path = ("fields", name)
        if used is not None and f"value.{name}" not in used:
            inspection.remark(path, _("no text says {{{{ value.{name} }}}}", name=name))
        _check_value(inspection, path, field)
        _check_day(inspection, (*path, "review_by"), field.review_by)
    for number, rule in enumerate(inspection.rule_set.rules):
        _check_day(inspection, ("rules", number, "review_by"), rule.review_by)


def _used(inspection: Inspection) -> set[str] | None:
    """Return what the texts name; None when one of them is no sound template, which has been told."""
    rule_set, names = inspection.rule_set, set[str]()
    owners: list[Rule | FallbackPart] = [*rule_set.rules, *(part for part in rule_set.fallback or () if part)]
    buttons = [button for owner in owners for button in owner.buttons]
    texts = [owner.text for owner in owners]
    texts += [text for override in rule_set.overrides.values() for text in override.texts.values()]
    texts += [text for button in buttons for text in (button.title, button.url, button.phone)]
    if inspection.has_errors:
        return None
    for text in texts:
        names |= names_used(text)
    return names


def _check_value(inspection: Inspection, path: KeyPath, field: Field) -> None:
    if field.value is not None:
        if not field.source:
            inspection.remark(path, _("has a value and no source: where does it come from?"))
        if field.checked is not None and field.checked > inspection.today:
            inspection.add((*path, "checked"), _("lies in the future"))
        return
    overrides = inspection.rule_set.overrides
    lacking = [
        one for one in inspection.accounts if field.name not in overrides.get(one.id, inspection.rule_set.override("")).fields
    ]
    if lacking or not inspection.accounts:
        said = {"name": field.shown}
        if inspection.is_live:
            inspection.add(path, _("is not filled in, and people would read {name}: write its value", **said))
        else:
            inspection.remark(path, _("is not filled in: people read {name}, and a live workspace refuses it", **said))


def _check_day(inspection: Inspection, path: KeyPath, day: date | None) -> None:
    if day is None:
        return
    if day < inspection.today:
        sentence = _("should have been looked at again by {day}: check it, and write the next day", day=day.isoformat())
        inspection.note(path, sentence, is_error=inspection.is_live)
    elif day <= inspection.today + SOON:
        inspection.remark(
            path, _("must be looked at again by {day}; after that day a live workspace refuses it", day=day.isoformat())
        )
