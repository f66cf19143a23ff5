"""What an archived run says of itself: its files, each with its digest, and the figures that it ended with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import orjson

from zalo_alert.errors import ArchiveInvalid
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.models import Digest, RunId, State

NAME = "archive.json"
FORMAT = 1  # a reader of another one must not guess
MOST_BYTES = 4 << 20  # a run of the whole country has forty files


class Packed(NamedTuple):
    """A file of the run: its name in the run's folder with /, its bytes, its SHA-256, and when it was last written to."""

    name: str
    size_bytes: int
    digest: Digest
    written_ns: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """See the module.

    Args:
        run: The run's name.
        seal: Its digest, as it was frozen and approved.
        frozen_at: When.
        archived_at: When it was put into the archive.
        written_s: When its ledger was last written to, in seconds since 1970.
        audience: How many people it was for.
        totals: Where they stand; all states, which add up to `audience`.
        files: Of the run's folder, as they lie in the pack.
        parts: The files of the archive itself but for this one: name and SHA-256.
    """

    run: RunId
    seal: Digest
    frozen_at: datetime
    archived_at: datetime
    written_s: float
    audience: int
    totals: Mapping[State, int]
    files: Sequence[Packed]
    parts: Mapping[str, Digest]

    @property
    def size_bytes(self) -> int:
        """How much the run took before it was archived."""
        return sum(file.size_bytes for file in self.files)

    def encoded(self) -> bytes:
        """Return it as it is written."""
        values = {
            "format": FORMAT, "run": self.run, "seal": self.seal, "frozen_at": self.frozen_at, "archived_at": self.archived_at,
            "written_s": self.written_s, "audience": self.audience,
            "totals": {state.value: people for state, people in self.totals.items()},
            "files": [list(file) for file in self.files], "parts": dict(self.parts),
        }  # fmt: skip
        return orjson.dumps(values, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read_manifest(folder: Path) -> Manifest:
    """Read what an archived run says of itself.

    Args:
        folder: Of the archived run.

    Raises:
        ArchiveInvalid: It can't be read, or says nothing of the kind.
    """
    return read_named(folder, folder.name)


def read_named(folder: Path, name: str) -> Manifest:
    """Read the same of a folder that does not have the run's name yet; "" takes any."""
    path = folder / NAME
    try:
        return _decode(contents(path, MOST_BYTES), name)
    except OSError as exc:
        raise damaged(_("can't read {path}: {why}", path=path, why=reason(exc))) from exc
    except (ValueError, KeyError, TypeError) as exc:
        raise damaged(_("{path} says nothing of an archived run", path=path)) from exc


def _decode(text: bytes, name: str) -> Manifest:
    values = orjson.loads(text)
    files = [Packed(*row) for row in values["files"]]
    if values["format"] != FORMAT or values["run"] != (name or values["run"]) or not all(_is_inside(file.name) for file in files):
        raise ValueError(values["format"])
    return Manifest(
        RunId(values["run"]), Digest(values["seal"]), datetime.fromisoformat(values["frozen_at"]),
        datetime.fromisoformat(values["archived_at"]), float(values["written_s"]), int(values["audience"]),
        {state: int(values["totals"][state.value]) for state in State}, files, values["parts"],
    )  # fmt: skip


def _is_inside(name: str) -> bool:
    """Whether a name leads to a file below the folder that it is unpacked into."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name


def damaged(message: str) -> ArchiveInvalid:
    """Say that an archived run is not what was archived."""
    return ArchiveInvalid(message, hint=RESTORE)


RESTORE = _("restore the archived run's folder from a backup")
