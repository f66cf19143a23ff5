"""Reads the library: the packaged hazard files, and over them those of an office in `templates/*.yaml`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.errors import CampaignInvalid, Problem
from zalo_alert.foundation import shape_errors, yaml_document
from zalo_alert.foundation.files import NotPlain, plain_bytes
from zalo_alert.foundation.yaml_document import MAX_SIZE_BYTES, Document
from zalo_alert.language import _
from zalo_alert.library import checks, naming
from zalo_alert.library.build import build, build_all
from zalo_alert.library.form import HazardForm, SharedForm
from zalo_alert.library.hazard import Hazard, laid_over
from zalo_alert.library.hazard_names import hazard_named
from zalo_alert.library.template import Stage, Template

MOST_FILES = 100  # of an office's own: there are twenty hazards
_PACKAGED = files("zalo_alert.library")


@dataclass(frozen=True, slots=True)
class OwnFile:
    """An office's file whose shape is sound."""

    document: Document
    form: HazardForm


@dataclass(frozen=True, slots=True)
class Library:
    """The templates there are; a hazard's file is read when it is asked for."""

    own: Mapping[str, OwnFile] = field(repr=False)

    def hazards(self) -> tuple[str, ...]:
        """Return the codes of the hazards that have templates, in the order of the law's table."""
        return tuple(code for code in HAZARDS if code in self.own or code in _packaged_codes())

    def stages(self, hazard: str) -> tuple[Stage, ...]:
        """Return the stages that a hazard has templates for, in the order of events.

        Raises:
            UsageError: There is no such hazard.
        """
        return tuple(stage for stage in Stage if stage.value in self._hazard(self.code_of(hazard)).stages)

    def levels(self, hazard: str, stage: Stage) -> tuple[int, ...]:
        """Return the levels of a stage, lowest first; none where the hazard or the stage has no level of its own.

        Raises:
            UsageError: There is no such hazard, or it has no such stage.
        """
        code = self.code_of(hazard)
        naming.require_stage(code, stage, self.stages(code))
        return self._hazard(code).stage(stage).levels

    def find(self, hazard: str, stage: Stage, level: int | None, *, is_drill: bool) -> Template:
        """Return a template.

        Args:
            hazard: Its code or its name, with or without accents.
            stage: One that it has.
            level: One that the stage has; None where it has none.
            is_drill: Whether it is the text of a drill.

        Raises:
            UsageError: There is none such; says which there are.
        """
        code = self.code_of(hazard)
        naming.require_level(code, stage, level, self.levels(code, stage))
        return build(self._hazard(code), stage, level, is_drill=is_drill)

    def named(self, name: str) -> Template:
        """Return the template of a name such as `bao/warning/4` or `xa-lu/warning/drill`.

        Raises:
            UsageError: There is none such.
        """
        code, stage, level, is_drill = naming.parts_of(name)
        return self.find(code, stage, level, is_drill=is_drill)

    def of(self, hazard: str) -> Iterator[Template]:
        """Yield every template of a hazard, of each first the actual one and then that of a drill.

        Raises:
            UsageError: There is no such hazard.
        """
        return build_all(self._hazard(self.code_of(hazard)))

    def every(self) -> Iterator[Template]:
        """Yield every template of every hazard."""
        return (template for code in self.hazards() for template in self.of(code))

    def code_of(self, hazard: str) -> str:
        """Return the code of a hazard that was written as code or name, with or without accents, or in English.

        Raises:
            UsageError: There is none such; names the nearest.
        """
        return hazard_named(hazard, self.hazards())

    def _hazard(self, code: str) -> Hazard:
        own = self.own.get(code)
        return laid_over(code, shared(), [form for form in (packaged(code), own.form if own else None) if form])


def load_library(own: Path | None) -> Library:
    """Read the library.

    Args:
        own: The folder of an office's own files, `templates/` of a workspace; None, or one that is not there, has none.

    Raises:
        CampaignInvalid: With every fault of every file of the office.
    """
    found: dict[str, OwnFile] = {}
    problems: list[Problem] = []
    for path in _yaml_files(own) if own else ():
        file, faults = _read(path)
        if file is not None and not faults:
            faults = checks.check(file.form, file.document, shared(), packaged(file.form.hazard))
        if file is not None and not faults and file.form.hazard in found:
            other = found[file.form.hazard].document.file
            faults = [file.document.problem(("hazard",), _("stands in {file} already: write both in one file", file=other))]
        problems += faults
        if file is not None and not faults:
            found[file.form.hazard] = file
    if problems:
        raise CampaignInvalid(shape_errors.cap(problems))
    return Library(found)


def _yaml_files(folder: Path) -> list[Path]:
    paths = sorted(path for path in folder.glob("*") if path.suffix.casefold() in {".yaml", ".yml"})
    if len(paths) > MOST_FILES:
        sentence = _("holds {count} template files: at most {most} are read", count=len(paths), most=MOST_FILES)
        raise CampaignInvalid([Problem(str(folder), 0, 0, "", sentence)])
    return paths


def _read(path: Path) -> tuple[OwnFile | None, list[Problem]]:
    name = f"{path.parent.name}/{path.name}"
    try:
        data = plain_bytes(path, MAX_SIZE_BYTES + 1)
    except (NotPlain, OSError) as exc:
        why = exc if isinstance(exc, NotPlain) else exc.strerror or type(exc).__name__
        return None, [Problem(name, 0, 0, "", _("can't be read: {why}", why=why))]
    document = yaml_document.load(data, name)
    form, problems = shape_errors.validate(HazardForm, document)
    return (None, problems) if form is None else (OwnFile(document, form), [])


@cache
def shared() -> SharedForm:
    """Return what every hazard of the library may use."""
    return SharedForm.model_validate(_data("shared.yaml"))


@cache
def packaged(code: str) -> HazardForm | None:
    """Return the packaged file of a hazard; None where there is none."""
    return HazardForm.model_validate(_data(f"hazards/{code}.yaml")) if code in _packaged_codes() else None


@cache
def _packaged_codes() -> frozenset[str]:
    names = (entry.name for entry in (_PACKAGED / "hazards").iterdir())
    return frozenset(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def _data(name: str) -> object:
    return yaml_document.load((_PACKAGED / name).read_bytes(), name).data
