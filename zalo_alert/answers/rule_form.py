"""The shape of a file of `kind: answers`. Knows nothing of what must hold between its values."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from zalo_alert.foundation.shape_errors import Meanings
from zalo_alert.language import _

NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,39}$"
MOST_BUTTONS = 5  # Zalo's
MOST_TITLE = 100  # characters of a button's title; Zalo's
MOST_TEXT = 2000  # characters of an answer; Zalo's
MOST_RULES = 1000
MOST_ALIKE = 40  # that one word may be instead
_NAME_WORDS = _("small letters a–z, digits and dashes, at most 40")
_FIELD_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
_FIELD_WORDS = _("small letters a–z, digits and _, at most 40: texts name it")

Name = Annotated[str, Field(pattern=NAME_PATTERN, description=_NAME_WORDS)]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description=_("a date, such as 2026-11-01"))]
Span = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}[smhd]$", description=_("seconds, minutes, hours or days, such as 10m"))]
Phrase = Annotated[str, Field(min_length=1, max_length=200)]
Template = Annotated[str, Field(min_length=1)]
_ON_UNKNOWN = Meanings({"hold": _("don't send again: perhaps nobody got it"), "resend": _("send again: perhaps twice")})


class StrictForm(BaseModel):
    """A part of a file; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SelectorForm(StrictForm):
    """Which accounts a file is for."""

    ids: Annotated[list[str] | None, Field(min_length=1, description=_("Our ids of accounts"))] = None
    tags: Annotated[list[str] | None, Field(min_length=1, description=_("An account has at least one of these"))] = None
    level: Annotated[Literal["national", "province", "commune"] | None, Field(description=_("The same as levels, of one"))] = None
    levels: Annotated[list[Literal["national", "province", "commune"]] | None, Field(min_length=1)] = None
    areas: Annotated[list[str] | None, Field(min_length=1, description=_("All that an account may write to lies within"))] = None


class ButtonForm(StrictForm):
    """A button below an answer: a title, and one of go, url and phone."""

    title: Template
    go: Annotated[str | None, Field(description=_("The id of a rule of this file, or person for an officer"))] = None
    url: Annotated[Template | None, Field(description=_("https://…, of a host on the list of links"))] = None
    phone: Template | None = None


class LimitsForm(StrictForm):
    """How urgent answers are, and how long they are worth sending."""

    rank: Annotated[Literal[6, 7], Field(description=_("6: answers of rules; 7: those that are shed first"))] = 6
    expires: Span = "10m"
    on_unknown: Annotated[Literal["hold", "resend"], _ON_UNKNOWN] = "hold"
    via_app: Annotated[str, Field(pattern=r"^[0-9]{5,25}$", description=_("Zalo's id of an app, digits in quotes"))] = ""


class RuleForm(StrictForm):
    """One rule."""

    id: Name
    phrases: Annotated[list[Phrase], Field(min_length=1, max_length=200)]
    excluded: Annotated[
        list[Phrase], Field(alias="not", max_length=200, description=_("With one of these in a text the rule is not meant"))
    ] = []
    text: Annotated[Template, Field(description=_("May hold {{ oa.address }} and {{ value.NAME }}"))]
    buttons: Annotated[list[ButtonForm], Field(max_length=MOST_BUTTONS)] = []
    rank: Annotated[Literal[6, 7] | None, Field(description=_("Default: that of limits"))] = None
    expires: Annotated[Span | None, Field(description=_("Default: that of limits"))] = None
    on_unknown: Annotated[Literal["hold", "resend"] | None, _ON_UNKNOWN] = None
    title: Annotated[str, Field(max_length=100, description=_("What people are asked by; default: its first phrase"))] = ""
    takes_negation: Annotated[bool, Field(description=_("Also meant where a không stands before its words"))] = False
    source: Annotated[str, Field(description=_("Where a fee, a deadline or a law in it comes from"))] = ""
    review_by: Annotated[Day | None, Field(description=_("Until when somebody must look at it again"))] = None


class FallbackPartForm(StrictForm):
    """What is said where no rule fits."""

    text: Annotated[Template, Field(description=_("May hold {{ wait }} and {{ opens }}"))]
    open: Annotated[Literal["talk"] | None, Meanings({"talk": _("an officer is asked to answer")})] = None
    buttons: Annotated[list[ButtonForm], Field(max_length=MOST_BUTTONS)] = []


class FallbackForm(StrictForm):
    """What is said where no rule fits, in opening hours and out of them."""

    in_hours: FallbackPartForm
    out_of_hours: FallbackPartForm | None = None


class FieldForm(StrictForm):
    """A fact that the office fills in."""

    about: Annotated[str, Field(description=_("What belongs here, for whoever fills it in"))] = ""
    value: Annotated[str | None, Field(min_length=1, description=_("Left out until somebody has looked it up"))] = None
    source: Annotated[str, Field(description=_("Where the value comes from"))] = ""
    checked: Annotated[Day | None, Field(description=_("When somebody last looked at the source"))] = None
    review_by: Annotated[Day | None, Field(description=_("Until when somebody must look again"))] = None


class OverrideForm(StrictForm):
    """What is otherwise for one account."""

    hours: dict[str, str] | None = None
    fields: Annotated[dict[str, Annotated[str, Field(min_length=1)]], Field(description=_("Values, by the field's name"))] = {}
    texts: Annotated[dict[str, Template], Field(description=_("Texts, by the rule's id"))] = {}


class AnswersForm(StrictForm):
    """The whole file."""

    kind: Literal["answers"]
    accounts: SelectorForm
    hours: Annotated[
        dict[str, str] | None, Field(description=_('mon-fri: "07:30-11:30 13:30-17:00", sat: …, holidays: a CSV file'))
    ] = None
    words: Annotated[
        dict[Phrase, Annotated[list[Phrase], Field(min_length=1, max_length=MOST_ALIKE)]],
        Field(description=_("Words that mean the same: căn cước: [cccd, …]; phrases with the first are heard with the others")),
    ] = {}
    ignore: Annotated[
        list[Phrase], Field(max_length=200, description=_("Phrases whose words say nothing: mất bao lâu is not mất"))
    ] = []
    rules: Annotated[list[RuleForm], Field(min_length=1, max_length=MOST_RULES)]
    fallback: FallbackForm | None = None
    limits: LimitsForm = LimitsForm()
    overrides: Annotated[dict[str, OverrideForm], Field(description=_("By account id"))] = {}
    fields: Annotated[
        dict[Annotated[str, Field(pattern=_FIELD_PATTERN, description=_FIELD_WORDS)], FieldForm],
        Field(description=_("What the office fills in; texts name it as {{ value.NAME }}")),
    ] = {}
