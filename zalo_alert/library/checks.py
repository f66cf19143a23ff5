"""What must hold in a hazard file beyond its shape: all that it names is there, and every stage says what an alert must.

Every fault at once, with its place.
"""

from collections.abc import Iterable, Iterator, Mapping

from zalo_alert.campaign import template_check
from zalo_alert.campaign.build import nfc
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.campaign.template import FIELDS, INSTANTS
from zalo_alert.errors import Problem
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.foundation.yaml_document import Document, KeyPath
from zalo_alert.language import Phrase, _, count, joined
from zalo_alert.library.build import build_all
from zalo_alert.library.form import HazardForm, SharedForm, StageForm
from zalo_alert.library.hazard import BUILT_IN, Hazard, laid_over, piece_of
from zalo_alert.library.template import LATER, MOST_ASKED, NEXT

MOST_TEXT = 1800  # characters of a text with its fields; Zalo takes 2,000 once they are filled in


def check(form: HazardForm, document: Document, shared: SharedForm, packaged: HazardForm | None) -> list[Problem]:
    """Check a file whose shape is sound.

    Args:
        form: Of the file.
        document: The file.
        shared: What every hazard may use.
        packaged: The packaged file of the same hazard, over which it lies; None where there is none, or it is that file.
    """
    if form.hazard not in HAZARDS:
        near = suggestion(form.hazard, HAZARDS)
        return [document.problem(("hazard",), joined((_("{hazard} is no hazard", hazard=f'"{form.hazard}"'), near), ""))]
    hazard = laid_over(form.hazard, shared, [some for some in (packaged, form) if some])
    faults = [*_questions(form), *_pieces(form, hazard), *_onset(form, hazard), *_stages(form, hazard)]
    return [document.problem(path, message) for path, message in faults or _whole(form, hazard)]


_Fault = tuple[KeyPath, str | Phrase]


def _unknown(path: KeyPath, kind: Phrase | str, name: str, names: Iterable[str]) -> Iterator[_Fault]:
    if name not in (known := list(names)):
        yield path, joined((_('there is no {kind} "{name}"', kind=kind, name=name), suggestion(name, known)), "")


def _questions(form: HazardForm) -> Iterator[_Fault]:
    for name, question in form.questions.items():
        path: KeyPath = ("questions", name)
        if name in BUILT_IN:
            yield path, _("every campaign has this field already: choose another name")
        if question.kind == "choice" and not question.choices:
            yield path, _("a choice needs its choices")
        default = question.default
        if question.kind == "instant" and default and not (LATER.fullmatch(default) or NEXT.fullmatch(default)):
            yield (*path, "default"), _("an instant needs a default such as +6h, -1h or next 17:00")
        if question.kind == "choice" and default is not None and default not in question.choices:
            yield (*path, "default"), _("is none of the choices")


def _pieces(form: HazardForm, hazard: Hazard) -> Iterator[_Fault]:
    for name, piece in form.pieces.items():
        yield from _unknown(("pieces", name, "source"), _("source"), piece.source, hazard.sources)
        yield from _fields(("pieces", name, "text"), piece.text, hazard)


def _fields(path: KeyPath, text: str, hazard: Hazard) -> Iterator[_Fault]:
    """Check the fields of a text: each is one of every campaign, or has its question."""
    for fault in template_check.check(nfc(text), _scope(hazard)):
        yield path, fault.message


def _scope(hazard: Hazard) -> template_check.Scope:
    instants = [name for name, question in hazard.questions.items() if question.kind == "instant"]
    return template_check.Scope([*FIELDS, *hazard.questions], frozenset([*INSTANTS, *instants]), frozenset(hazard.questions))


def _whole(form: HazardForm, hazard: Hazard) -> Iterator[_Fault]:
    """Check the templates that come of it: a piece may suit its own stage and make another one too long."""
    scope = _scope(hazard)
    for template in build_all(hazard):
        path: KeyPath = ("questions",) if form.questions else ("hazard",)
        needed = sum(not question.default for question in template.questions)
        if needed > MOST_ASKED:
            sentence = _("{name} would ask {count} questions, at most {most}: give some a default")
            yield path, _(sentence, name=template.name, count=needed, most=MOST_ASKED)
        if len(template.text) > MOST_TEXT:
            sentence = _("{name} would have {size} characters before its fields are filled in, at most {most}")
            yield ("hazard",), _(sentence, name=template.name, size=count(len(template.text)), most=count(MOST_TEXT))
        faults = [fault for text in (template.text, template.headline) for fault in template_check.check(nfc(text), scope)]
        yield from ((path, joined((template.name, fault.message), ": ")) for fault in faults[:1])


def _onset(form: HazardForm, hazard: Hazard) -> Iterator[_Fault]:
    if form.onset:
        yield from _unknown(("onset",), _("question"), form.onset, hazard.questions)


def _stages(form: HazardForm, hazard: Hazard) -> Iterator[_Fault]:
    for name, stage in form.stages.items():
        path: KeyPath = ("stages", name)
        whole = hazard.stages[name]
        base = hazard.stages.get(whole.like) if whole.like else None
        if whole.like is not None and (base is None or base.like is not None or whole.like == name):
            yield (*path, "like"), _("is no stage of this hazard that stands by itself")
            continue
        yield from _stage(path, stage, hazard)
        yield from _complete(path, whole, base)


def _stage(path: KeyPath, stage: StageForm, hazard: Hazard) -> Iterator[_Fault]:
    for field in ("title", "headline"):
        yield from _fields((*path, field), getattr(stage, field) or "", hazard)
    for use_path, use in _uses(path, stage):
        yield from _unknown(use_path, _("piece"), piece_of(use), hazard.pieces)
    allowed = HAZARDS[hazard.code].levels
    for i, level in enumerate(stage.levels or ()):
        if level not in allowed:
            yield (*path, "levels", i), _("the law gives this hazard no risk level {level}", level=level)


def _complete(path: KeyPath, stage: StageForm, base: StageForm | None) -> Iterator[_Fault]:
    for field in ("urgency", "certainty", "lasts_h", "people"):
        if getattr(stage, field) is None and (base is None or getattr(base, field) is None):
            yield (*path, field), _("is missing")
    levels = stage.levels or (base.levels if base else None)
    if not levels and stage.severity is None and (base is None or base.severity is None):
        yield (*path, "severity"), _("is missing: a stage without risk levels must say it")


def _uses(path: KeyPath, stage: StageForm) -> Iterator[tuple[KeyPath, str]]:
    lists: Mapping[KeyPath, list[str] | None] = {
        ("happens",): stage.happens,
        ("remains",): stage.remains,
        **{("people", at, "do"): group.do for at, group in enumerate(stage.people or ())},
    }
    for inner, uses in lists.items():
        for at, use in enumerate(uses or ()):
            yield (*path, *inner, at), use
