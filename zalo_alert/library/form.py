"""The shape of a hazard file. Knows nothing of what must hold between its values, see `checks`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from zalo_alert.language import _

NAME = r"^[a-z][a-z0-9_]{0,39}$"
USE = r"^[a-z][a-z0-9_]{0,39}( [1-5](-[1-5])?)?$"

Name = Annotated[str, Field(pattern=NAME, description=_("small letters, digits and _, at most 40"))]
Use = Annotated[str, Field(pattern=USE, description=_('the name of a piece, alone or with its levels: "so_tan 4-5"'))]
Response = Literal["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"]
Urgency = Literal["Immediate", "Expected", "Future", "Past"]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely"]
StageName = Literal["watch", "warning", "evacuate", "update", "all-clear"]


class LibraryForm(BaseModel):
    """What may be left out is None or empty; a key that is none of these is a fault."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SourceForm(LibraryForm):
    """A public source that sentences follow, in words of ours."""

    name: str
    url: str | None = None
    checked: bool = False


class PieceForm(LibraryForm):
    """A sentence or two, and whom it follows."""

    text: str
    source: Name


class QuestionForm(LibraryForm):
    """What is asked for a field."""

    kind: Literal["text", "number", "instant", "choice"]
    asks: str
    asks_en: str | None = None
    default: str | None = None
    choices: list[str] = []
    example: str | None = None


class PeopleForm(LibraryForm):
    """Who is to do what; without `who` everybody."""

    who: str | None = None
    do: list[Use]


class ByLevelForm(LibraryForm):
    """What is otherwise at one level."""

    level: Annotated[int, Field(ge=1, le=5)]
    urgency: Urgency | None = None
    severity: Severity | None = None
    certainty: Certainty | None = None
    responses: list[Response] | None = None
    lasts_h: Annotated[float | None, Field(gt=0, le=72)] = None


class StageForm(LibraryForm):
    """One stage; what it leaves out is that of the stage it is `like`."""

    like: StageName | None = None
    title: Annotated[
        str | None, Field(description="In the brackets of the first line; default: the stage's and the hazard's")
    ] = None
    headline: Annotated[str | None, Field(description="Default: the stage's and the hazard's")] = None
    levels: list[Annotated[int, Field(ge=1, le=5)]] | None = None
    urgency: Urgency | None = None
    severity: Annotated[Severity | None, Field(description="Default: the level's")] = None
    certainty: Certainty | None = None
    responses: list[Response] | None = None
    lasts_h: Annotated[float | None, Field(gt=0, le=72)] = None
    happens: list[Use] | None = None
    people: list[PeopleForm] | None = None
    remains: list[Use] | None = None
    decides: Annotated[str | None, Field(description="Who may decide it; default: by level, as for all hazards")] = None
    steps: Annotated[list[str] | None, Field(description="What the duty office does; default: as for all hazards")] = None
    by_level: list[ByLevelForm] = []


class HazardForm(LibraryForm):
    """A hazard file."""

    hazard: str
    named: Annotated[str | None, Field(description="What texts call it; default: the law's name")] = None
    help: Annotated[str | None, Field(description="The line of whom to call; default: that of all hazards")] = None
    onset: Annotated[Name | None, Field(description="The question whose answer is when the danger begins")] = None
    sources: dict[Name, SourceForm] = {}
    questions: dict[Name, QuestionForm] = {}
    pieces: dict[Name, PieceForm] = {}
    stages: dict[StageName, StageForm] = {}


class FramesForm(LibraryForm):
    """What stands round the pieces; `<HAZARD>`, `<hazard>`, `<LEVEL>` and `<level>` are filled in. By stage, or alike for all."""

    title: dict[str, str]
    headline: dict[str, str]
    opening: dict[str, str]
    ending: dict[str, str]
    remains: str
    help: str
    correction: str
    all_clear_opening: str
    all_clear_ending: str
    drill_headline: str
    drill: str
    drill_correction: str
    drill_all_clear: str


class ChecklistForm(LibraryForm):
    """Who may decide, by level, and what the duty office does, by stage."""

    decides: dict[str, str]
    steps: dict[StageName, list[str]]
    drill: list[str]


class SharedForm(LibraryForm):
    """What every hazard may use."""

    frames: FramesForm
    checklist: ChecklistForm
    sources: dict[Name, SourceForm]
    questions: dict[Name, QuestionForm]
    pieces: dict[Name, PieceForm]
