"""What is wrong with a rule set's texts and buttons, for every OA that it is for."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from zalo_alert.answers.inspection import Inspection
from zalo_alert.answers.oa_cases import OaCase, OaCases
from zalo_alert.answers.rule_form import MOST_TEXT, MOST_TITLE
from zalo_alert.answers.rule_set import PERSON, FallbackPart, RuleButton
from zalo_alert.answers.spoken_checks import is_said, unlisted
from zalo_alert.answers.template import WORDS, TemplateFailed, render
from zalo_alert.answers.template_check import Scope, check
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.language import _, _n, count, joined
from zalo_alert.wording.links import find_links, is_allowed

_LONGEST_WORDS = dict.fromkeys(WORDS, "x" * 40)  # no waiting time and no opening reads longer
MOST_TOLD = 3  # different things that are wrong with one template; the others are counted
_LINKED = re.compile(r"https?:|www\.|\{[^{}]{0,40}\boa\.\w{0,40}(?:url|link|web|map)", re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9][0-9 .-]{1,19}")


class _Place(NamedTuple):
    """One template: where it stands, and the OAs that say it."""

    path: KeyPath
    template: str
    cases: OaCases
    is_fallback: bool = False


def check_texts(inspection: Inspection) -> None:
    """Find texts that can't be rendered for some OA, are too long or empty there, or lead where they should not."""
    everybody = OaCases(inspection.rule_set, inspection.accounts)
    for place in _texts(inspection, everybody):
        if _check_template(inspection, place):
            _check_cases(inspection, place, _text_fault)
            _check_links(inspection, place)
    for path, button, is_fallback in _buttons(inspection):
        _check_button(inspection, path, button)
        for key, fault in (("title", _title_fault), ("phone", _phone_fault), ("url", _url_fault)):
            if template := getattr(button, key):
                place = _Place((*path, key), template, everybody, is_fallback)
                if _check_template(inspection, place):
                    _check_cases(inspection, place, fault, each=key != "title")


def _texts(inspection: Inspection, everybody: OaCases) -> Iterator[_Place]:
    rule_set, by_id = inspection.rule_set, {str(account.id): account for account in inspection.accounts}
    for number, rule in enumerate(rule_set.rules):
        yield _Place(("rules", number, "text"), rule.text, everybody)
    for name, part in _fallback_parts(inspection):
        yield _Place(("fallback", name, "text"), part.text, everybody, is_fallback=True)
    for account, override in rule_set.overrides.items():
        own = OaCases(rule_set, [by_id[account]] if account in by_id else []) if override.texts else everybody
        for rule_id, text in override.texts.items():
            yield _Place(("overrides", account, "texts", rule_id), text, own)


def _fallback_parts(inspection: Inspection) -> Iterator[tuple[str, FallbackPart]]:
    if fallback := inspection.rule_set.fallback:
        yield "in_hours", fallback.in_hours
        if fallback.out_of_hours:
            yield "out_of_hours", fallback.out_of_hours


def _buttons(inspection: Inspection) -> Iterator[tuple[KeyPath, RuleButton, bool]]:
    for number, rule in enumerate(inspection.rule_set.rules):
        for place, button in enumerate(rule.buttons):
            yield ("rules", number, "buttons", place), button, False
    for name, part in _fallback_parts(inspection):
        for place, button in enumerate(part.buttons):
            yield ("fallback", name, "buttons", place), button, True


def _check_template(inspection: Inspection, place: _Place) -> bool:
    """Look at a template alone; true when it is sound."""
    fields = inspection.rule_set.fields
    # Where nobody is selected, nobody knows what they would say of themselves.
    scope = Scope(place.cases.names if place.cases.accounts else None, fields, words=WORDS if place.is_fallback else ())
    faults = check(place.template, scope)
    for fault in faults:
        inspection.add(place.path, fault.message, inspection.file.document.line_position(place.path, fault.line))
    return not faults


def _check_cases(inspection: Inspection, place: _Place, fault: "_Fault", *, each: bool = False) -> None:
    """Tell what is wrong with a template for some OAs: for how many, and for whom to begin with."""
    key = (place.template, fault)
    if key not in place.cases.known:  # two hundred rules may have one and the same button
        place.cases.known[key] = _faults_of_cases(inspection, place, fault, each=each)
    for sentence in place.cases.known[key]:
        inspection.add(place.path, sentence)


def _faults_of_cases(inspection: Inspection, place: _Place, fault: "_Fault", *, each: bool) -> list[str]:
    wrong: dict[str, list[OaCase]] = defaultdict(list)
    for case in place.cases.cases(place.template, each=each):
        if why := fault(inspection, place.template, case):
            wrong[why].append(case)
    told = [joined((why, _whose(cases, len(place.cases.accounts))), " ") for why, cases in wrong.items()]
    if len(told) <= MOST_TOLD:
        return told
    more = sum(case.accounts for cases in list(wrong.values())[MOST_TOLD:] for case in cases)
    return [
        *told[:MOST_TOLD],
        _n("and the like for {more} more account", "and the like for {more} more accounts", more, more=count(more)),
    ]


_Fault = Callable[[Inspection, str, OaCase], str]


def _whose(cases: list[OaCase], of: int) -> str:
    accounts = sum(case.accounts for case in cases)
    if accounts == of == 1:
        return _("(account {first})", first=cases[0].first.id)
    return _n(
        "({accounts} of {of} accounts: {first})",
        "({accounts} of {of} accounts, the first is {first})",
        accounts,
        accounts=count(accounts),
        of=count(of),
        first=cases[0].first.id,
    )


def _said(template: str, case: OaCase) -> str | None:
    """Render a template for a case; None where something that it prints is absent."""
    try:
        return render(template, {**case.values, **_LONGEST_WORDS})
    except TemplateFailed:
        return None


def _absent(case: OaCase) -> str:
    names = ", ".join(f"{{{{ oa.{name} }}}}" for name in sorted(case.absent))
    return _("says {names}, which is not filled in", names=names)


def _text_fault(_inspection: Inspection, template: str, case: OaCase) -> str:
    return _length_fault(template, case, MOST_TEXT)


def _title_fault(_inspection: Inspection, template: str, case: OaCase) -> str:
    return _length_fault(template, case, MOST_TITLE)


def _length_fault(template: str, case: OaCase, most: int) -> str:
    said = _said(template, case)
    if said is None:
        return _absent(case)
    if not said:
        return _("says nothing")
    if len(said) > most:
        return _("has {size} characters when filled in; Zalo takes {most}", size=count(len(said)), most=count(most))
    return ""


def _phone_fault(_inspection: Inspection, template: str, case: OaCase) -> str:
    said = _said(template, case)
    if said is None:
        return _absent(case)
    return "" if _PHONE.fullmatch(said) else _('"{said}" is no telephone number', said=said[:60])


def _url_fault(inspection: Inspection, template: str, case: OaCase) -> str:
    said = _said(template, case)
    return _absent(case) if said is None else _link_fault(inspection, said)


def _link_fault(inspection: Inspection, link: str) -> str:
    allowed = inspection.settings.answers.links
    return "" if is_allowed(link, allowed) else unlisted(link, allowed)


def _check_links(inspection: Inspection, place: _Place) -> None:
    """Look at the links that a text says; only where one can be in it."""
    if _LINKED.search(place.template):
        _check_cases(inspection, place, _links_fault, each=True)


def _links_fault(inspection: Inspection, template: str, case: OaCase) -> str:
    links = find_links(_said(template, case) or "")
    faults = (_link_fault(inspection, link.address) for link in links if not is_said(link))
    return next(filter(None, faults), "")


def _check_button(inspection: Inspection, path: KeyPath, button: RuleButton) -> None:
    given = [key for key in ("go", "url", "phone") if getattr(button, key)]
    if len(given) != 1:
        inspection.add(path, _("a button has exactly one of go, url and phone"))
    ids = {rule.id for rule in inspection.rule_set.rules} | {PERSON}
    if button.go and button.go not in ids:
        wrong = _('no rule has the id "{id}", and it is not {person}', id=button.go, person=PERSON)
        inspection.add((*path, "go"), joined((wrong, suggestion(button.go, ids)), ""))
