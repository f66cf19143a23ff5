"""What must hold in a campaign, over what of its shape was sound: every rule, in the order in which problems are told.

Owns the rules of the alert as a whole; those of its audience, routes and texts have files of their own.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from zalo_alert.campaign.audience_rules import check_areas, check_audience
from zalo_alert.campaign.field_values import check_fields
from zalo_alert.campaign.findings import Findings
from zalo_alert.campaign.follow_up_rules import check_follow_ups
from zalo_alert.campaign.form import CODE, CODE_WORDS, EXAMPLES, REQUIRED, PartForm
from zalo_alert.campaign.hazards import HAZARDS, Hazard
from zalo_alert.campaign.instants import instant_of, zone_fault
from zalo_alert.campaign.language_rules import CHECKED_BY, check_languages
from zalo_alert.campaign.route_rules import check_routes
from zalo_alert.campaign.text_rules import check_sentences, check_texts
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.shape_errors import list_choices, meanings_of, shown
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.foundation.yaml_document import KeyPath, field_name
from zalo_alert.language import _, joined

LONGEST = timedelta(days=14)
LONGEST_ROUTINE = timedelta(days=366)

Instants: TypeAlias = Mapping[KeyPath, datetime]


def check(findings: Findings) -> Instants:
    """Check every rule; return the instants of the file by their paths."""
    _check_missing(findings, findings.form, ())
    instants = _check_times(findings)
    _check_hazard(findings)
    _check_references(findings)
    check_audience(findings)
    check_fields(findings)
    _check_variants(findings)
    check_routes(findings, findings.alert)
    check_languages(findings)
    check_texts(findings)
    check_sentences(findings)
    if not findings.is_frozen:  # a correction has no correction ready, and its people have been tried
        _check_promise(findings)
        check_follow_ups(findings)
        _check_replaced(findings)
    return instants


def _check_missing(findings: Findings, part: PartForm, path: KeyPath) -> None:
    for name in REQUIRED.get(type(part), ()):
        if not findings.has((*path, name)):
            findings.add((*path, name), _missing(part, name))
    for name, field in type(part).model_fields.items():
        value, key = getattr(part, name), field.alias or name
        if isinstance(value, PartForm):
            _check_missing(findings, value, (*path, key))
        for at, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, PartForm):
                _check_missing(findings, item, (*path, key, at))


def _missing(part: PartForm, name: str) -> str:
    is_missing = _("is missing: write it, for example {example}", example=EXAMPLES[name])
    if name == CHECKED_BY:
        return _("is missing: name who read this text and answers for it, for example {example}", example=EXAMPLES[name])
    if meanings := meanings_of(type(part).model_fields[name]):
        return joined((is_missing, _("there are {choices}", choices=list_choices(meanings, meanings))), "; ")
    return is_missing


def _check_times(findings: Findings) -> Instants:
    form = findings.form
    typed: dict[KeyPath, str | None] = {(name,): getattr(form, name) for name in ("effective", "onset", "expires")}
    onsets: dict[KeyPath, str | None] = {("variants", i, "onset"): each.onset for i, each in enumerate(form.variants or ())}
    read = {path: _read_instant(findings, path, text) for path, text in (typed | onsets).items() if text is not None}
    instants = {path: instant for path, instant in read.items() if instant is not None}
    for path in (("effective",), ("onset",), *onsets):
        _check_order(findings, instants, path)
    effective, expires = instants.get(("effective",)), instants.get(("expires",))
    if effective and expires and not findings.is_frozen:  # what follows an alert may be late
        _check_length(findings, expires - effective)
    return instants


def _check_length(findings: Findings, lasts: timedelta) -> None:
    """Find a slip in a date; a routine notice, which a standing approval sends again and again, may be in force for a year."""
    form = findings.form
    is_routine = form.severity == "Minor" and form.urgency not in {"Immediate", None}
    if is_routine and lasts > LONGEST_ROUTINE:
        findings.add(("expires",), _("is more than a year after effective: is the date right?"))
    elif lasts > LONGEST and not is_routine:
        findings.add(("expires",), _("is more than 14 days after effective: is the date right?"))


def _read_instant(findings: Findings, path: KeyPath, text: str) -> datetime | None:
    try:
        instant = instant_of(text)
    except ValueError as exc:
        findings.add(path, joined((shown(text), str(exc)), " "))
        return None
    if fault := zone_fault(instant, text):
        findings.add(path, fault)
    return instant


def _check_order(findings: Findings, instants: Instants, earlier: KeyPath) -> None:
    end, begin = instants.get(("expires",)), instants.get(earlier)
    if end and begin and end <= begin:
        findings.add(
            ("expires",),
            _("{end} is not after {field}, {begin}", end=words(end), field=field_name(earlier), begin=words(begin)),
        )


def _check_hazard(findings: Findings) -> None:
    event = findings.form.event
    if event is None:
        return
    if event in HAZARDS:
        _check_risk_levels(findings, HAZARDS[event])
    else:
        unknown = _('"{event}" is not a known hazard', event=event[:40])
        instead = suggestion(event, HAZARDS) or _(": there are {hazards}", hazards=", ".join(HAZARDS))
        findings.add(("event",), joined((unknown, instead), ""))


def _check_risk_levels(findings: Findings, hazard: Hazard) -> None:
    levels: dict[KeyPath, int | None] = {("risk_level",): findings.form.risk_level}
    variants = enumerate(findings.form.variants or ())
    levels |= {("variants", number, "risk_level"): variant.risk_level for number, variant in variants}
    for path, level in levels.items():
        if level is not None and level not in hazard.levels:
            findings.add(path, _wrong_level(level, hazard))


def _wrong_level(level: int, hazard: Hazard) -> str:
    if not hazard.levels:
        return _(
            "is {level}; {hazard} has no risk levels of its own (Decision 18/2021): leave it out", level=level, hazard=hazard.name
        )
    return _(
        "is {level}; the risk levels of {hazard} are {lowest} to {highest} (Decision 18/2021)",
        level=level,
        hazard=hazard.name,
        lowest=hazard.levels.start,
        highest=hazard.levels.stop - 1,
    )


def _check_references(findings: Findings) -> None:
    form = findings.form
    if form.msgType in {"Update", "Cancel"} and not form.references and not findings.has(("references",)):
        findings.add(("msgType",), _("{type} needs references: [the code of the message it speaks of]", type=form.msgType))
    for number, code in enumerate(form.references or ()):
        if not re.fullmatch(CODE, code):
            findings.add(("references", number), _('"{code}" is not a valid code: {rule}', code=code[:40], rule=CODE_WORDS))


def _check_replaced(findings: Findings) -> None:
    """Have whatever takes another message's place, or takes it back, name at least one, and not itself."""
    form = findings.form
    if form.msgType in {"Update", "Cancel"} and form.references == []:
        findings.add(("references",), _("is empty: {type} names the code of every message that it speaks of", type=form.msgType))
    for number, code in enumerate(form.references or ()):
        if code == form.code:
            findings.add(("references", number), _("is this campaign's own code: name an earlier message's"))


def _check_variants(findings: Findings) -> None:
    for number, variant in enumerate(findings.form.variants or ()):
        check_areas(findings, variant.areas, ("variants", number, "areas"))
        if not any(findings.has(("variants", number, name)) for name in ("text", "risk_level", "onset", "languages")):
            findings.add(("variants", number), _("changes nothing: give it a text, a risk_level or an onset"))


def _check_promise(findings: Findings) -> None:
    """Have whoever warns of a danger choose what happens without a clear answer, and have a correction ready."""
    form = findings.form
    if form.urgency == "Immediate" and not findings.has(("limits", "on_unknown")):
        findings.add(
            ("limits", "on_unknown"),
            _(
                "an Immediate campaign must choose: hold (perhaps nobody) or resend (perhaps twice) when no clear answer comes; "
                "write limits: {on_unknown: hold}"
            ),
        )
    if form.canary and form.urgency not in {"Immediate", None}:
        findings.add(("canary",), _("only an Immediate campaign may do without the first people's answers: leave canary out"))
    if form.status == "Actual" and form.msgType != "Cancel" and not findings.has(("correction",)):
        findings.add(
            ("correction",),
            _("is missing: an Actual alert has its correction ready before it is sent; write correction: {text: …}"),
        )
