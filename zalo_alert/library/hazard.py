"""A hazard's own file laid over the packaged one and over what all share: pieces, questions, sources and stages by name.

Knows nothing of files; that everything named is there has been checked.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.campaign.template import FIELDS
from zalo_alert.library.form import (
    ByLevelForm,
    ChecklistForm,
    FramesForm,
    HazardForm,
    PeopleForm,
    PieceForm,
    QuestionForm,
    SharedForm,
    SourceForm,
    StageForm,
)
from zalo_alert.library.template import Stage

BUILT_IN = frozenset(FIELDS)
_FIELD = re.compile(r"\{\{-?\s*([A-Za-z_][A-Za-z0-9_]*)")


def fields_in(text: str) -> list[str]:
    """Return the names of the fields of a text that somebody must fill, in order, each once."""
    return [name for name in dict.fromkeys(_FIELD.findall(text)) if name not in BUILT_IN]


def piece_of(use: str) -> str:
    """Return the name in `so_tan 4-5`."""
    return use.partition(" ")[0]


def is_for(use: str, level: int | None) -> bool:
    """Say whether a piece is used at a level; where there is no level, every one is."""
    levels = use.partition(" ")[2]
    return not levels or level is None or int(levels[0]) <= level <= int(levels[-1])


@dataclass(frozen=True, slots=True)
class Hazard:
    """What is known of one hazard, the office's own before the packaged, and that before the shared."""

    code: str
    named: str
    onset: str
    help: str
    frames: FramesForm
    checklist: ChecklistForm
    sources: Mapping[str, SourceForm]
    questions: Mapping[str, QuestionForm]
    pieces: Mapping[str, PieceForm]
    stages: Mapping[str, StageForm]

    def stage(self, stage: Stage) -> "StageOf":
        """Return a stage that there is, with what it has of the one it is like."""
        own = self.stages[stage]
        return StageOf(stage, own, self.stages[own.like] if own.like else None)


@dataclass(frozen=True, slots=True)
class StageOf:
    """A stage and the one it is like."""

    stage: Stage
    own: StageForm
    base: StageForm | None

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels that it has, lowest first."""
        return tuple(sorted(self._value("levels") or ()))

    @property
    def people(self) -> Sequence[PeopleForm]:
        """Who is to do what."""
        return self._value("people") or ()

    @property
    def decides(self) -> str:
        """Who may decide it; "" where only the level says so."""
        return self._value("decides") or ""

    @property
    def steps(self) -> Sequence[str]:
        """What the duty office does; none where it does what it does of every hazard."""
        return self._value("steps") or ()

    def uses(self, field: str, level: int | None) -> list[str]:
        """Return the names of the pieces of `happens` or `remains` at a level."""
        return [piece_of(use) for use in self._value(field) or () if is_for(use, level)]

    def at(self, field: str, level: int | None) -> Any:
        """Return a value of CAP's at a level, None where nothing says so: its own, then that of the stage it is like."""
        forms = [form for form in (self.own, self.base) if form is not None]
        return next((found for form in forms if (found := _at(form, field, level)) is not None), None)

    def _value(self, field: str) -> Any:
        value = getattr(self.own, field)
        return getattr(self.base, field) if value is None and self.base is not None else value


def _at(form: StageForm, field: str, level: int | None) -> Any:
    by_level: Iterator[ByLevelForm] = (some for some in form.by_level if some.level == level)
    found = next((value for some in by_level if (value := getattr(some, field)) is not None), None)
    return getattr(form, field) if found is None else found


def laid_over(code: str, shared: SharedForm, forms: Sequence[HazardForm]) -> Hazard:
    """Join what all hazards share, the packaged file and the office's own: what comes later replaces what has its name.

    Args:
        code: The hazard's.
        shared: What every hazard may use.
        forms: The packaged one first; either may be absent.
    """
    named = next((form.named for form in reversed(forms) if form.named), HAZARDS[code].name)
    onset = next((form.onset for form in reversed(forms) if form.onset), "")
    help_line = next((form.help for form in reversed(forms) if form.help), shared.frames.help)
    parts: dict[str, dict[str, Any]] = {}
    for part in ("sources", "pieces", "questions"):
        own = {name: value for form in forms for name, value in getattr(form, part).items()}
        parts[part] = own | {name: value for name, value in getattr(shared, part).items() if name not in own}
    stages: dict[str, StageForm] = {}
    for name, stage in ((name, stage) for form in forms for name, stage in form.stages.items()):
        stages[name] = _stage_over(stages.get(name), stage)
    return Hazard(
        code,
        named,
        onset,
        help_line,
        shared.frames,
        shared.checklist,
        parts["sources"],
        parts["questions"],
        parts["pieces"],
        stages,
    )


def _stage_over(below: StageForm | None, own: StageForm) -> StageForm:
    """Return a stage with what the office's own says, and otherwise what the packaged one does."""
    if below is None:
        return own
    said = {name: value for name in StageForm.model_fields if (value := getattr(own, name)) not in (None, [])}
    return below.model_copy(update=said)
