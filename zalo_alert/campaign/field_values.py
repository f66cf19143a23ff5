"""A campaign's own fields: which names they may have, what their values are, and what is wrong with either.

A value that is an instant stays one, so that every text writes it alike, and so that it moves when a campaign is moved.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from zalo_alert.campaign.amounts import amount_text
from zalo_alert.campaign.build import nfc
from zalo_alert.campaign.findings import Findings
from zalo_alert.campaign.follow_up import parts
from zalo_alert.campaign.form import FIELD_NAME
from zalo_alert.campaign.instants import instant_of, written_as_words, zone_fault
from zalo_alert.campaign.template import FIELDS, GAP, fields_used
from zalo_alert.errors import Problem
from zalo_alert.foundation.shape_errors import shown
from zalo_alert.foundation.yaml_document import Document, KeyPath
from zalo_alert.language import _, count, joined
from zalo_alert.models import Campaign, FieldValue

MAX_FIELDS, MAX_VALUE, MAX_DIGITS = 100, 500, 20
# What is said of a message though no text may show it: who issues it, after which bulletin, when the next one comes, who checked
# a draft that came from elsewhere. Other systems and rules of wording ask for these.
_FACTS = frozenset({"don_vi", "ban_tin", "ban_tin_luc", "tin_tiep_theo", "nguoi_soat"})
_NAME = re.compile(FIELD_NAME).match
_BEGINS_AS_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![0-9])")
# Words of the template language itself, which a template would not read as a field.
_RESERVED = frozenset({"and", "elif", "else", "endif", "false", "if", "in", "is", "none", "not", "or", "self", "true"})
_UNFILLED = {"", "…", "...", "?", "___"}
_NO_NUMBERS = {".nan", "nan", ".inf", "-.inf", "inf", "-inf"}


def check_fields(findings: Findings) -> None:
    """Check the names and values of a campaign's own fields; what is sound of them is then known to its texts."""
    data = findings.document.data.get("fields")
    if not isinstance(data, dict):
        return
    if len(data) > MAX_FIELDS:
        findings.add(("fields",), _("are {fields}; at most {most} are read", fields=count(len(data)), most=MAX_FIELDS))
    first = list(data.items())[:MAX_FIELDS]
    findings.fields = {str(name): _checked(findings, str(name), value) for name, value in first if _is_name(findings, str(name))}


def _is_name(findings: Findings, name: str) -> bool:
    fault = _name_fault(name)
    if fault:
        path: KeyPath = ("fields", name)
        findings.add(path, fault, findings.document.key_position(path))
    return not fault


def _name_fault(name: str) -> str:
    if name in FIELDS:
        return _("is a field that every campaign has: call it something else")
    if name in _RESERVED:
        return _("is a word of the template language: call it something else")
    if not _NAME(name):
        return _(
            "is not a name of a field: small letters without accents, digits and _, at most 40, the first a letter, such as "
            "so_tan_truoc"
        )
    return ""


def _checked(findings: Findings, name: str, value: Any) -> FieldValue | None:
    """Return what a field's value means; None, and the fault is noted, when it can't be shown."""
    path: KeyPath = ("fields", name)
    try:
        return value_of(value)
    except ValueError as exc:
        if value is not None:  # that is told already, as everywhere
            findings.add(path, str(exc))
        return None


def value_of(value: Any) -> FieldValue:
    """Read a value as it stands in a file.

    Raises:
        ValueError: It is nothing that a text could show; says why.
    """
    if isinstance(value, bool):
        raise ValueError(_("should be a text, a number or an instant: put the word in quotes that people shall read"))
    if isinstance(value, int | float):
        if len(amount_text(value)) > MAX_DIGITS:
            raise ValueError(_("is no number that people read: put it in quotes"))
        return value
    if isinstance(value, str):
        return _text_or_instant(nfc(value).strip())
    raise ValueError(_("should be a text, a number or an instant, not {kind}", kind=shown(value)))


def _text_or_instant(text: str) -> str | datetime:
    if len(text) > MAX_VALUE:
        raise ValueError(_("has {size} characters; at most {most} are read", size=count(len(text)), most=MAX_VALUE))
    if _BEGINS_AS_DATE.match(text):
        return _instant(text)
    if instead := written_as_words(text):
        raise ValueError(
            _("{text} is an instant in words: write it like {instead}, and texts show it", text=shown(text), instead=instead)
        )
    if fault := _text_fault(text):
        raise ValueError(fault)
    return text


def _instant(text: str) -> datetime:
    try:
        instant = instant_of(text)
    except ValueError as exc:
        raise ValueError(joined((shown(text), str(exc)), " ")) from exc
    if fault := zone_fault(instant, text):
        raise ValueError(fault)
    return instant


def _text_fault(text: str) -> str:
    if text in _UNFILLED:
        return _("is not filled in: write its value")
    if text.casefold() in _NO_NUMBERS:
        return _("{text} is no number: write its value", text=shown(text))
    if "\n" in text:
        return _("should be one line")
    if GAP in text:
        return _("holds the invisible character U+E000: remove it")
    if "{{" in text or "{%" in text:
        return _("holds a field of its own, and people would read it as it is typed: write what they shall read")
    return ""


def is_instant_field(document: Document, path: KeyPath) -> bool:
    """Whether an instant stands at a path of a sound file, as the value of one of its own fields."""
    value = document.value(path)
    return path[:1] == ("fields",) and isinstance(value, str) and isinstance(value_of(value), datetime)


def field_remarks(document: Document, campaign: Campaign) -> Iterator[Problem]:
    """Say which fields no text of a sound campaign shows."""
    used = frozenset[str]().union(*map(fields_used, _templates(campaign))) if campaign.fields else frozenset()
    for name in campaign.fields:
        if name not in used | _FACTS:
            path: KeyPath = ("fields", name)
            at = document.key_position(path)
            yield document.problem(path, _("no text shows it: write {{{{ {name} }}}} in one, or take it out", name=name), at)


def _templates(campaign: Campaign) -> Iterator[str]:
    for part in parts(campaign).values():
        yield from part.texts
        yield part.headline
        yield part.broadcast.description if part.broadcast else ""
        yield from (value for route in part.routes for value in route.data.values())
