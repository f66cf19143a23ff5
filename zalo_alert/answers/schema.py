"""The JSON Schema of files of `inbound/`, for editors: what may stand in them depends on their `kind`."""

from typing import Any

from pydantic import BaseModel

from zalo_alert.answers.lookup_form import LookupForm
from zalo_alert.answers.rule_form import AnswersForm
from zalo_alert.campaign.form import without_null
from zalo_alert.language import Language, Phrase, _, catalogue_of, said_in
from zalo_alert.language.catalogue import Catalogue

FORMS: dict[str, type[BaseModel]] = {"answers": AnswersForm, "lookup": LookupForm}


def schema(language: Language = Language.EN) -> dict[str, Any]:
    """Return the JSON Schema that editors use for files of `inbound/`.

    Args:
        language: What the descriptions of its keys are written in.
    """
    catalogue = catalogue_of(language)
    parts: dict[str, Any] = {}
    for form in FORMS.values():
        whole = form.model_json_schema()
        parts |= {**whole.pop("$defs", {}), form.__name__: whole}
    for part in parts.values():
        _describe(part, catalogue)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": said_in(_("zalo_alert rules and look-ups"), catalogue),
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(FORMS)}},
        "allOf": [
            {"if": {"properties": {"kind": {"const": kind}}}, "then": {"$ref": f"#/$defs/{form.__name__}"}}
            for kind, form in FORMS.items()
        ],
        "$defs": parts,
    }


def _describe(part: dict[str, Any], catalogue: Catalogue) -> None:
    """Put a part's descriptions into the reader's language, and leave out what only Python means."""
    for name in ("title", "description"):
        part.pop(name, None)
    for field in part.get("properties", {}).values():
        without_null(field)
        if described := field.get("description"):
            field["description"] = said_in(described if isinstance(described, Phrase) else _(described), catalogue)
