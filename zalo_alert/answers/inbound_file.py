"""The files of a workspace's `inbound/` folder, as documents, each with its kind. Knows nothing of what a kind means."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from zalo_alert.errors import Problem
from zalo_alert.foundation import yaml_document
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.foundation.yaml_document import MAX_SIZE_BYTES, Document
from zalo_alert.inbound.retention import RETENTION
from zalo_alert.language import _, joined

FOLDER = "inbound"
NAME_WORDS = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST_FILES = 200
MOST_SIDE_BYTES = 4 << 20  # of a file beside: holidays, teams, scores


class InboundFile(NamedTuple):
    """One file of the folder.

    Args:
        name: Without its ending; what it is called on screens and in counts.
        path: On the disk.
        shown: What it is called in messages: `inbound/police-qa.yaml`.
        kind: What it says of itself.
        document: Its values with their places.
    """

    name: str
    path: Path
    shown: str
    kind: str
    document: Document

    def beside(self, written: str) -> Path | None:
        """Return the path of a file that it names beside itself; None for a name that leads elsewhere."""
        return self.path.parent / written if written and Path(written).name == written else None


def find_paths(workspace: Path) -> list[Path]:
    """Return the paths of rule files and the like, by name; none where there is no folder.

    Raises:
        OSError: The folder can't be read.
    """
    folder = workspace / FOLDER
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _is_meant(path) and path != workspace / RETENTION)


def _is_meant(path: Path) -> bool:
    """Whether a file is one of ours; what an editor keeps beside them begins with a dot.

    One that Notepad has saved as `.yaml.txt` is meant too: passed over, it would never answer and nobody would know.
    """
    name = path.name.casefold().removesuffix(".txt")
    return name.endswith((".yaml", ".yml")) and not name.startswith(".")


def read_files(workspace: Path, kinds: Collection[str]) -> tuple[list[InboundFile], list[Problem]]:
    """Read every file of the folder as far as its kind.

    Args:
        workspace: Its folder.
        kinds: Those there are.

    Returns:
        The files that are YAML and say what they are, and what is wrong with the others.
    """
    files: list[InboundFile] = []
    problems: list[Problem] = []
    try:
        paths = find_paths(workspace)
    except OSError as exc:
        return [], [Problem(FOLDER, 0, 0, "", _("can't be read: {why}", why=reason(exc)))]
    if len(paths) > MOST_FILES:
        return [], [Problem(FOLDER, 0, 0, "", _("holds more than {most} files: is this the right folder?", most=MOST_FILES))]
    for path in paths:
        document = _load(path)
        faults = list(_faults(path, document, kinds))
        problems += faults
        if not faults:
            files.append(InboundFile(path.stem, path, document.file, str(document.value(("kind",))), document))
    return files, problems


def _load(path: Path) -> Document:
    shown = f"{FOLDER}/{path.name}"
    try:
        return yaml_document.load(contents(path, MAX_SIZE_BYTES), shown)
    except OSError as exc:
        return Document(shown, "", None, (Problem(shown, 0, 0, "", _("can't be read: {why}", why=reason(exc))),), {})


def _faults(path: Path, document: Document, kinds: Collection[str]) -> Iterator[Problem]:
    if path.suffix != ".yaml" or not NAME_WORDS.fullmatch(path.stem):
        name = _(
            "should be named of small letters a–z, digits and dashes, at most 40, and end in .yaml: answers are counted by it"
        )
        yield Problem(document.file, 0, 0, "", name)
    if document.data is None:
        yield from document.problems
    elif not isinstance(document.data, dict) or "kind" not in document.data:
        yield Problem(document.file, 1, 1, "kind", _("is missing: write one of {kinds}", kinds=", ".join(kinds)))
    elif not isinstance(kind := document.data["kind"], str) or kind not in kinds:
        wrong = _('"{kind}" is none of {kinds}', kind=str(kind)[:40], kinds=", ".join(kinds))
        yield document.problem(("kind",), joined((wrong, suggestion(str(kind), kinds)), ""))
