"""What must hold in a campaign's texts: they render, no drill denies that it is one, nothing typed is lost or read as typed."""

import re

from zalo_alert.campaign.build import nfc
from zalo_alert.campaign.drill_marks import denial_in, drill_word_in
from zalo_alert.campaign.findings import Findings
from zalo_alert.campaign.template import PERSONAL_FIELDS
from zalo_alert.campaign.template_check import check, scope_of
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.language import _

MAX_HEADLINE = 200
_SPOKEN = {"headline", "text", "author", "description", "title", "query"}  # keys whose values people read
_ESCAPE = re.compile(r"\\(?:[nrt\"]|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})")


def check_texts(findings: Findings) -> None:
    """Check the message, the variants' texts and what may follow."""
    for path, text in _texts(findings).items():
        if text is not None:
            if not text.strip():
                findings.add(path, _("is empty: write what people shall read"))
            check_template(findings, text, path)
            check_drill_words(findings, text, path)
            if path[-1] == "headline" and ("\n" in (headline := nfc(text).strip()) or len(headline) > MAX_HEADLINE):
                findings.add(path, _("should be one line of at most {most} characters", most=MAX_HEADLINE))


def _texts(findings: Findings) -> dict[KeyPath, str | None]:
    form, message = findings.form, findings.message
    texts: dict[KeyPath, str | None] = {("message", "headline"): message.headline, ("message", "text"): message.text}
    texts |= {("variants", number, "text"): variant.text for number, variant in enumerate(form.variants or ())}
    for _form, sending in findings.follow_ups():
        texts |= {(*sending.texts_at, "headline"): sending.headline, (*sending.texts_at, "text"): sending.text}
    for path, languages in findings.languages():
        texts |= {(*path, language, "text"): form.text for language, form in languages.items()}
    return texts


def check_template(findings: Findings, template: str, path: KeyPath) -> None:
    """Check that a text renders with the fields that this campaign has."""
    parts: list[KeyPath] = [(), path[:2]] if path[0] == "variants" else [()]
    absent = [name for name in ("onset", "risk_level") if not any(findings.has((*part, name)) for part in parts)]
    if path[-1] == "headline":
        absent += ["headline", *PERSONAL_FIELDS]  # it is the same for everyone of a place
    for fault in check(nfc(template), scope_of(findings.fields, absent)):
        findings.add(path, fault.message, findings.document.line_position(path, fault.line))


def check_drill_words(findings: Findings, text: str, path: KeyPath) -> None:
    """Have no drill deny that it is one, and no alert say that it is: its correction may, if it was meant as a drill."""
    if findings.is_frozen:
        return  # by the rules of its own day
    if findings.form.status == "Actual":
        is_correction = path[0] == "correction" or findings.form.msgType == "Cancel"
        if not is_correction and (drill := drill_word_in(text)):
            findings.add(path, _('an Actual alert must not say "{words}"', words=drill))
    elif denial := denial_in(text):
        findings.add(path, _('a drill must not say "{words}"', words=denial))


def check_sentences(findings: Findings) -> None:
    """Find what was typed as text and is not read as such."""
    for path in findings.document.positions:
        if (path[-1:] and path[-1] in _SPOKEN) or path[-2:-1] == ("data",):
            text = findings.document.value(path)
            if isinstance(text, str):
                _check_cut(findings, path)
                _check_escapes(findings, path, text)


def _check_cut(findings: Findings, path: KeyPath) -> None:
    if (at := findings.document.cut(path)) is not None:
        findings.add(path, _("stops at this #, which begins a comment: put the text in quotes, or take the comment away"), at)


def _check_escapes(findings: Findings, path: KeyPath, text: str) -> None:
    if (escape := _ESCAPE.search(text)) is not None:
        line = text[: escape.start()].count("\n") + 1
        is_quoted = findings.document.positions[path].style == '"'
        message = (
            _(
                "holds {escape} as two characters, and people would read both: with one backslash it would be one",
                escape=escape[0],
            )
            if is_quoted
            else _(
                "holds {escape} as two characters, and people would read both: in double quotes it would be one", escape=escape[0]
            )
        )
        findings.add(path, message, findings.document.line_position(path, line))
