"""The shape of a file of `kind: lookup`. Knows nothing of what must hold between its values."""

from typing import Annotated, Literal

from pydantic import Field

from zalo_alert.answers.rule_form import Phrase, SelectorForm, Span, StrictForm, Template
from zalo_alert.foundation.shape_errors import Meanings
from zalo_alert.language import _

_NAME = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description=_("small letters a–z, digits and _, at most 40: texts name it"))
]
_TABLE = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description=_("small letters a–z, digits, - and _, at most 64"))
]
_BEFORE_OPEN = Meanings(
    {"remember": _("whoever asks is answered at the opening, in order of asking"), "refuse": _("says when it opens")}
)


class KeyForm(StrictForm):
    """The first fact: a number."""

    name: _NAME
    prompt: Annotated[str, Field(min_length=1, description=_("What is asked where it is missing"))]
    pattern: Annotated[str, Field(description=_("A regular expression that the whole number matches, such as \\d{8}"))] = ""


class CheckForm(StrictForm):
    """The second fact."""

    name: _NAME
    prompt: Annotated[str, Field(min_length=1, description=_("What is asked where it is missing"))]
    type: Annotated[Literal["date", "text"], Field(description=_("As in the table"))] = "date"


class AskForm(StrictForm):
    """How somebody asks."""

    phrases: Annotated[list[Phrase], Field(min_length=1, max_length=200)]
    excluded: Annotated[list[Phrase], Field(alias="not", max_length=200, default_factory=list)]
    key: KeyForm
    check: CheckForm
    one_line: Annotated[str, Field(description=_("Both facts in one message, in this order: {sbd} {ngay_sinh}"))] = ""


class LookupLimitsForm(StrictForm):
    """How often one person may ask, and how urgent answers are."""

    candidates_per_day: Annotated[int, Field(ge=1, le=10_000, description=_("Different numbers of one person in a day"))] = 10
    wrong: Annotated[int, Field(ge=1, le=100, description=_("So many without a result, and the person has to pause"))] = 5
    pause: Span = "1h"
    rank: Annotated[Literal[6, 7], Field(description=_("6: answers of rules; 7: those that are shed first"))] = 7
    expires: Span = "15m"
    on_unknown: Literal["hold", "resend"] = "hold"
    via_app: Annotated[str, Field(pattern=r"^[0-9]{5,25}$", description=_("Zalo's id of an app, digits in quotes"))] = ""


class LookupOverrideForm(StrictForm):
    """What is otherwise for one account."""

    candidates_per_day: Annotated[int | None, Field(ge=1, le=10_000)] = None
    wrong: Annotated[int | None, Field(ge=1, le=100)] = None


class LookupForm(StrictForm):
    """The whole file."""

    kind: Literal["lookup"]
    accounts: SelectorForm
    table: _TABLE
    opens: Annotated[str | None, Field(description=_("From when it answers, such as 2026-07-16T08:00:00+07:00"))] = None
    closes: Annotated[str | None, Field(description=_("Until when it answers"))] = None
    before_open: Annotated[Literal["remember", "refuse"], _BEFORE_OPEN] = "refuse"
    ask: AskForm
    found: Annotated[Template, Field(description=_("May hold {{ found.NAME }} and for over a part of it, {{ oa.NAME }}"))]
    missing: Annotated[str, Field(min_length=1, max_length=2000, description=_("The same for a wrong number and a wrong fact"))]
    limits: LookupLimitsForm = LookupLimitsForm()
    overrides: Annotated[dict[str, LookupOverrideForm], Field(description=_("By account id"), default_factory=dict)]
