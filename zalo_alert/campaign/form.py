"""The shape of a campaign file, and its JSON Schema for editors. Knows nothing of what must hold between its values."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.campaign.languages import LANGUAGES
from zalo_alert.foundation.shape_errors import Meanings
from zalo_alert.language import Language, Phrase, _, catalogue_of, said_in

CODE = r"^[A-Z0-9][A-Z0-9-]{1,39}$"

WITHIN = r"^(?:[1-9]|[1-5][0-9])min$|^(?:[1-9]|1[0-2])h$"
LASTS = r"^(?:[1-9]|[1-5][0-9])min$|^(?:[1-9]|1[0-9]|2[0-4])h$"
TEMPLATE = r"^[a-z0-9-]+(/[a-z0-9-]+)*$"
FIELD_NAME = r"^[a-z][a-z0-9_]{0,39}$"

Selectors = list[str] | None
ResponseType = Literal["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"]
EVENT_WORDS = _("Hazard: {hazards}", hazards=", ".join(HAZARDS))
CODE_WORDS = _("capital letters, digits and dashes, at most 40: it names the run's folder and is printed on the message")
# The words are CAP's and ours, the meanings those of CAP 1.2, §3.2.
_STATUS = Meanings({"Actual": _("a real alert"), "Exercise": _("a drill"), "Test": _("a test of the system")})
_MSG_TYPE = Meanings(
    {"Alert": _("a first alert"), "Update": _("takes the place of earlier ones"), "Cancel": _("takes earlier ones back")}
)
_URGENCY = Meanings(
    {
        "Immediate": _("people must act at once"),
        "Expected": _("people should act soon"),
        "Future": _("people should act in the near future"),
        "Past": _("it is over"),
    }
)
_SEVERITY = Meanings(
    {
        "Extreme": _("extraordinary danger to life or property"),
        "Severe": _("significant danger"),
        "Moderate": _("possible danger"),
        "Minor": _("little danger"),
    }
)
_CERTAINTY = Meanings(
    {
        "Observed": _("it is happening or has happened"),
        "Likely": _("more likely than not"),
        "Possible": _("possible, not likely"),
        "Unlikely": _("hardly expected"),
    }
)
_UNCERTAIN = Meanings({"include": _("also those who may live there"), "exclude": _("only those who are known to live there")})
_ON_UNKNOWN = Meanings({"hold": _("don't send again: perhaps nobody got it"), "resend": _("send again: perhaps twice")})
_MISSED = Meanings(
    {"catch-up": _("begin late, within a bound"), "skip": _("leave it out, and tell")},
)
_OVERLAP = Meanings({"skip": _("leave it out, and tell"), "own-run": _("send it as a run of its own")})
_ROUTES = Meanings(
    {
        "template": _("an approved template, to followers"),
        "phone": _("an approved template, to phone numbers"),
        "cs": _("a consultation message"),
        "broadcast": _("an article to whole provinces"),
    }
)


class PartForm(BaseModel):
    """Every field may be absent, so that one fault does not hide the others; `REQUIRED` says which may not."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ExcludeForm(PartForm):
    """Who is left out of the audience."""

    tags: Annotated[list[str] | None, Field(description="Nobody who carries one of these is written to")] = None
    areas: Annotated[Selectors, Field(description="Places taken out of areas again")] = None
    lists: Annotated[list[str] | None, Field(description="Nobody on these lists is written to: lists/NAME.txt or .csv")] = None


class AudienceForm(PartForm):
    """Whom a campaign means."""

    areas: Annotated[
        Selectors,
        Field(
            description="new:44, old:52, ward:19900, region:tay-nguyen, region:coastal - new:46, an exact name; all for everyone"
        ),
    ] = None
    only: Annotated[str | None, Field(alias="list", description="Nobody else than those on lists/NAME.txt or .csv")] = None
    source: Annotated[
        Literal["recipients"] | None,
        Field(alias="from", description="recipients: ids come from a list given with the campaign, instead of areas"),
    ] = None
    uncertain: Annotated[Literal["include", "exclude"] | None, _UNCERTAIN] = None
    exclude: ExcludeForm | None = None
    accounts: Annotated[list[str] | None, Field(description="Which OAs; default: the only one")] = None


class ButtonForm(PartForm):
    """A button below a message."""

    title: str | None = None
    url: str | None = None
    phone: Annotated[str | None, Field(description="digits that begin with 84")] = None
    query: Annotated[str | None, Field(description="a text that the OA receives")] = None


class RouteForm(PartForm):
    """One way to reach a person, or a broadcast."""

    type: Annotated[Literal["broadcast", "template", "phone", "cs", "transaction", "promotion"] | None, _ROUTES] = None
    template_id: Annotated[str | None, Field(pattern=r"^[0-9]{1,20}$", description="digits, in quotes")] = None
    data: Annotated[dict[str, str] | None, Field(description="The template's parameters; values may hold {{ fields }}")] = None
    hashed: Annotated[bool | None, Field(description="phone: the number goes out as its SHA-256 only")] = None
    mode: Annotated[Literal["development"] | None, Field(description="phone: reaches administrators only")] = None
    image: Annotated[str | None, Field(description="cs: https://…, or a jpg or png beside this file, at most 1 MB")] = None
    file: Annotated[str | None, Field(description="cs: a pdf, doc, docx or csv beside this file, sent instead of the text")] = (
        None
    )
    buttons: Annotated[list[ButtonForm] | None, Field(description="cs: at most 5")] = None
    article: Annotated[
        str | None,
        Field(
            description="broadcast: an article's file beside this one, such as articles/phong-tranh-bao.md, instead of the text"
        ),
    ] = None
    cover: Annotated[str | None, Field(description="broadcast: https://…, or a jpg or png beside this file, at most 1 MB")] = None
    author: Annotated[str | None, Field(description="broadcast: who signs the article, at most 50 characters")] = None
    description: Annotated[
        str | None, Field(description="broadcast: below the title, at most 300 characters; default: how the text begins")
    ] = None


class TranslationForm(PartForm):
    """What people read below the Vietnamese text, in a language of theirs."""

    text: Annotated[str | None, Field(description="With the same {{ fields }} as the Vietnamese text")] = None
    checked_by: Annotated[str | None, Field(description="Who read it and answers for it")] = None


Languages = Annotated[
    dict[str, TranslationForm] | None,
    Field(description="What people read below it in other languages: {km: {text: …, checked_by: …}}"),
]


class MessageForm(PartForm):
    """What people read."""

    headline: str | None = None
    text: str | None = None
    languages: Languages = None


class VariantForm(PartForm):
    """Another text or danger for some areas."""

    areas: Selectors = None
    text: Annotated[str | None, Field(description="Default: message.text")] = None
    risk_level: Annotated[int | None, Field(ge=1, le=5, description="There; default: the campaign's")] = None
    onset: Annotated[str | None, Field(description="There; default: the campaign's")] = None
    languages: Languages = None


class LimitsForm(PartForm):
    """How fast, how often, and what to do in doubt."""

    rate_per_s: Annotated[float | None, Field(gt=0, le=1_000_000)] = None
    attempts: Annotated[int | None, Field(ge=1, le=20)] = None
    on_unknown: Annotated[Literal["hold", "resend"] | None, _ON_UNKNOWN] = None


class ScheduleForm(PartForm):
    """What becomes of the times of a timetable, where it is sent by one."""

    lasts: Annotated[
        str | None,
        Field(
            pattern=LASTS,
            description="How long each planned time is in force, from then on: 30min, 3h; unset, until the campaign's expires",
        ),
    ] = None
    missed: Annotated[Literal["catch-up", "skip"] | None, _MISSED] = None
    within: Annotated[
        str | None, Field(pattern=WITHIN, description="How late a missed time may begin: 30min, 3h; default: 1h, at most 12h")
    ] = None
    overlap: Annotated[Literal["skip", "own-run"] | None, _OVERLAP] = None


class FollowUpForm(PartForm):
    """What is sent later to those whom the alert reached."""

    headline: Annotated[str | None, Field(description="Default: says what it is, in a few words")] = None
    text: str | None = None
    languages: Languages = None
    routes: Annotated[list[RouteForm] | None, Field(description="Default: a cs without anything, where the campaign has one")] = (
        None
    )


class CampaignForm(PartForm):
    """The whole file."""

    code: Annotated[str | None, Field(pattern=CODE, description=CODE_WORDS)] = None
    status: Annotated[Literal["Actual", "Exercise", "Test"] | None, _STATUS] = None
    msgType: Annotated[Literal["Alert", "Update", "Cancel"] | None, _MSG_TYPE] = None  # noqa: N815 CAP's own spelling
    event: Annotated[str | None, Field(description=EVENT_WORDS)] = None
    risk_level: Annotated[int | None, Field(ge=1, le=5)] = None
    urgency: Annotated[Literal["Immediate", "Expected", "Future", "Past"] | None, _URGENCY] = None
    severity: Annotated[Literal["Extreme", "Severe", "Moderate", "Minor"] | None, _SEVERITY] = None
    certainty: Annotated[Literal["Observed", "Likely", "Possible", "Unlikely"] | None, _CERTAINTY] = None
    effective: Annotated[str | None, Field(description="2026-09-18T14:00:00+07:00")] = None
    onset: str | None = None
    expires: Annotated[str | None, Field(description="Nothing is sent after it")] = None
    references: Annotated[list[str] | None, Field(description="Codes that an Update or Cancel speaks of")] = None
    template: Annotated[
        str | None,
        Field(pattern=TEMPLATE, max_length=100, description="Which template the text began from, such as bao/warning/4"),
    ] = None
    responseType: Annotated[  # noqa: N815 CAP's own spelling
        list[ResponseType] | None, Field(description="CAP's words for what people should do: [Evacuate, Shelter]")
    ] = None
    fields: Annotated[
        dict[str, Any] | None,
        Field(description="Values that texts show as {{ name }}: a text, a number, or an instant with its time zone"),
    ] = None
    audience: AudienceForm | None = None
    order: Annotated[Selectors, Field(description="Who first; then by risk_level, by onset, all places alike at once")] = None
    routes: Annotated[
        list[RouteForm] | None, Field(description="Tried in order for each person; a broadcast goes out beside them")
    ] = None
    message: MessageForm | None = None
    variants: Annotated[list[VariantForm] | None, Field(description="Other texts or dangers for some areas")] = None
    limits: LimitsForm | None = None
    schedule: ScheduleForm | None = None
    canary: Annotated[
        Literal["skip"] | None, Field(description="skip: nobody goes first; an Immediate campaign may choose that")
    ] = None
    correction: Annotated[FollowUpForm | None, Field(description="What is sent when the alert was wrong")] = None
    all_clear: Annotated[FollowUpForm | None, Field(description="What is sent when the danger is over")] = None


REQUIRED: dict[type[PartForm], tuple[str, ...]] = {
    CampaignForm: (
        "code", "status", "msgType", "event", "urgency", "severity", "certainty", "effective", "expires", "audience", "routes",
        "message",
    ),
    MessageForm: ("headline", "text"),
    RouteForm: ("type",),
    VariantForm: ("areas",),
    ButtonForm: ("title",),
    FollowUpForm: ("text",),
    TranslationForm: ("text", "checked_by"),
}  # fmt: skip
BROADCAST = "broadcast"
EXAMPLES: Mapping[str, str] = {
    "code": "code: BAO-SO-7",
    "status": "status: Exercise",
    "msgType": "msgType: Alert",
    "event": "event: bao",
    "urgency": "urgency: Expected",
    "severity": "severity: Severe",
    "certainty": "certainty: Likely",
    "effective": "effective: 2026-09-18T14:00:00+07:00",
    "expires": "expires: 2026-09-18T20:00:00+07:00",
    "audience": "audience: {areas: [new:46]}",
    "routes": "routes: [{type: cs}]",
    "message": "message: {headline: …, text: …}",
    "headline": 'headline: "DIỄN TẬP: bão số 7"',
    "text": 'text: "DIỄN TẬP: …"',
    "checked_by": 'checked_by: "Thạch Sơn, UBND xã Lai Hòa"',
    "type": "type: cs",
    "areas": "areas: [new:46]",
    "title": 'title: "Gọi trực ban"',
}  # what may stand where something required is missing


# What a schema says of keys whose own keys are names: which names, and what may stand there.
_NAMED: Mapping[str, Mapping[str, Any]] = {
    "fields": {"propertyNames": {"pattern": FIELD_NAME}, "additionalProperties": {"type": ["string", "number"]}},
    "languages": {"propertyNames": {"enum": list(LANGUAGES)}},
}


def schema(language: Language = Language.EN) -> dict[str, Any]:
    """Return the JSON Schema that editors use for campaign files.

    Args:
        language: What the descriptions of its keys are written in.
    """
    catalogue = catalogue_of(language)
    whole = CampaignForm.model_json_schema()
    parts = {model.__name__: required for model, required in REQUIRED.items()}
    for name, part in [("CampaignForm", whole), *whole.get("$defs", {}).items()]:
        if name in parts:
            part["required"] = list(parts[name])
        for key, field in part["properties"].items():
            without_null(field)
            field.update(_NAMED.get(key, {}))
            if described := field.get("description"):
                field["description"] = said_in(described if isinstance(described, Phrase) else _(described), catalogue)
        part.pop("title", None)
        part.pop("description", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": said_in(_("zalo_alert campaign"), catalogue),
        **whole,
    }


def without_null(field: dict[str, Any]) -> None:
    """Leave out of a key's schema what only Python knows: a null that may not be written, its title, its default."""
    field.pop("default", None)
    field.pop("title", None)
    kinds = [kind for kind in field.pop("anyOf", []) if kind.get("type") != "null"]
    if len(kinds) == 1:
        field.update(kinds[0])
    elif kinds:
        field["anyOf"] = kinds
