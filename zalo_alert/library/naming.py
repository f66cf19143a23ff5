"""Stages, levels and names of templates, and what there is when somebody asks for another. Hazards: `hazard_names`."""

import unicodedata
from collections.abc import Iterable, Sequence

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.errors import UsageError
from zalo_alert.foundation.suggestions import MAX_WORD
from zalo_alert.language import _
from zalo_alert.library.template import Stage


def slug(name: str) -> str:
    """Write a name without accents, its words joined by dashes: `rét hại, sương muối` is `ret-hai-suong-muoi`."""
    decomposed = unicodedata.normalize("NFKD", name[:MAX_WORD].casefold().replace("đ", "d"))
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in decomposed if not unicodedata.combining(char))
    return "-".join(filter(None, plain.split("-")))


def require_stage(code: str, stage: Stage, stages: Iterable[Stage]) -> None:
    """See that a hazard has a stage.

    Raises:
        UsageError: It has not; says which it has.
    """
    stages = list(stages)
    if stage not in stages:
        name = HAZARDS[code].name
        raise UsageError(
            _("{hazard} has no template for the stage {stage}", hazard=name, stage=stage.value),
            hint=_("stages of {hazard}: {stages}", hazard=name, stages=", ".join(stages)),
        )


def require_level(code: str, stage: Stage, level: int | None, levels: Sequence[int]) -> None:
    """See that a stage has a level, or that none is given where it has none.

    Raises:
        UsageError: It has not; says which it has.
    """
    if level in levels or (level is None and not levels):
        return
    hazard = HAZARDS[code].name
    if not levels:
        raise UsageError(_("{hazard}, {stage}, has no risk level: leave it out", hazard=hazard, stage=stage.value))
    span = _("{first} to {last}", first=levels[0], last=levels[-1]) if len(levels) > 1 else str(levels[0])
    if level is None:
        raise UsageError(_("{hazard} needs a risk level: {levels}", hazard=hazard, levels=span))
    raise UsageError(_("{hazard} at level {level}: levels of {hazard} are {levels}", hazard=hazard, level=level, levels=span))


def parts_of(name: str) -> tuple[str, Stage, int | None, bool]:
    """Read a template's name, such as `bao/warning/4/drill`: hazard, stage, level, and whether it is a drill's.

    Raises:
        UsageError: It is no such name.
    """
    code, *rest = name.split("/")
    is_drill = rest[-1:] == ["drill"]
    rest = rest[:-1] if is_drill else rest
    levels = rest[1:]
    if not rest or rest[0] not in list(Stage) or len(levels) > 1 or not all(level in "12345" for level in levels):
        raise UsageError(_('"{name}" is no name of a template: it is written bao/warning/4', name=name[:MAX_WORD]))
    return code, Stage(rest[0]), int(levels[0]) if levels else None, is_drill
