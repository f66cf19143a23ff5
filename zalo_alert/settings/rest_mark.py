"""Whether a workspace rests: one that was restored from a backup is asleep, and one that was handed over is sealed.

Two workspaces of one office would write to the same people. So a restored one sends nothing until an officer wakes it, and one
that was handed over sends nothing any more. The mark is a file beside all that the tool writes; where it can't be read, the
workspace rests.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from zalo_alert.errors import Cure, StorageUnusable, WorkspaceRests
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.files import appearing, create_file, plain_bytes
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

NAME, WOKEN = "rest.json", "woken.json"  # why it rests; how it was woken the last time
_MOST_BYTES = 16_384


class Rest(StrEnum):
    """How a workspace rests."""

    ASLEEP = "asleep"  # restored, and nobody has woken it yet
    SEALING = "sealing"  # its hand-over was begun: no backup of it is whole yet
    SEALED = "sealed"  # handed over: the restored one sends


@dataclass(frozen=True, slots=True)
class RestMark:
    """Why a workspace rests, or how it was woken.

    Args:
        rest: How.
        at: Since when.
        why: What an officer typed; "" of one that was restored.
        backed_up_at: When the backup was made that it came from, or that it was handed over by.
        folder: Of the workspace that the backup is of.
        machine: That one's, as its operating system names it; "" where it does not.
        digest: SHA-256 of the backup; "" where it was still being made.
        is_exact: Whether the other one sends nothing since the backup, so that open runs go on where they stand.
    """

    rest: Rest
    at: datetime
    why: str = ""
    backed_up_at: datetime | None = None
    folder: str = ""
    machine: str = ""
    digest: str = ""
    is_exact: bool = False


def read_rest(state_folder: Path) -> RestMark | None:
    """Return why a workspace rests; None where it is awake.

    Raises:
        StorageUnusable: That can't be read.
    """
    return _read(state_folder / NAME)


def read_woken(state_folder: Path) -> RestMark | None:
    """Return what a workspace was woken from the last time; None where it never rested."""
    return _read(state_folder / WOKEN)


def check_awake(state_folder: Path) -> None:
    """Refuse whatever reaches people or uses up tokens while the workspace rests.

    Raises:
        WorkspaceRests: It does.
        StorageUnusable: Nobody can tell.
    """
    if mark := read_rest(state_folder):
        raise rests(mark)


def rests(mark: RestMark) -> WorkspaceRests:
    """Say why a workspace rests, and how it is woken."""
    wake = Cure.WAKE('"why"')
    match mark.rest:
        case Rest.ASLEEP:
            return WorkspaceRests(
                _(
                    "this workspace was restored from a backup of {at} and is asleep: it sends, answers and renews nothing",
                    at=words(mark.backed_up_at or mark.at),
                ),
                hint=_("once it is certain that the one in {folder} sends no more: {wake}", folder=mark.folder, wake=wake),
            )
        case Rest.SEALED:
            return WorkspaceRests(
                _("this workspace was handed over at {at}: it sends, answers and renews nothing any more", at=words(mark.at)),
                hint=_("the one restored from its backup sends; only if that one never did: {wake}", wake=wake),
            )
        case Rest.SEALING:
            return WorkspaceRests(
                _("the hand-over of this workspace was begun at {at} and did not come to its end", at=words(mark.at)),
                hint=_(
                    "{backup} hands it over, {wake} keeps it here",
                    backup=Cure.BACKUP("FOLDER", hand_over='"why"'),
                    wake=wake,
                ),
            )


def keep_rest(state_folder: Path, mark: RestMark) -> None:
    """Have a workspace rest; on the disk when this returns.

    Raises:
        StorageUnusable: It can't be written.
    """
    _write(state_folder / NAME, mark)


def end_rest(state_folder: Path, woken: RestMark | None = None) -> None:
    """Have a workspace be awake again; `woken` is kept of it.

    Raises:
        StorageUnusable: It can't be written: the workspace rests still.
    """
    if woken:
        _write(state_folder / WOKEN, woken)
    try:
        (state_folder / NAME).unlink(missing_ok=True)
    except OSError as exc:
        raise _unusable(state_folder / NAME, exc) from exc


def mark_bytes(mark: RestMark) -> bytes:
    """Return a mark as its file holds it."""
    return orjson.dumps({"format": 1, **asdict(mark)}, option=orjson.OPT_INDENT_2)


def _write(path: Path, mark: RestMark) -> None:
    try:
        with appearing(path) as draft, create_file(draft) as file:
            file.write(mark_bytes(mark))
    except OSError as exc:
        raise _unusable(path, exc) from exc


def _read(path: Path) -> RestMark | None:
    try:
        return _mark_of(orjson.loads(plain_bytes(path, _MOST_BYTES)))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise _unusable(path, exc) from exc
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise StorageUnusable(
            _("{path} does not say whether this workspace may send: nothing was sent", path=path),
            hint=_("the tool alone writes it: restore the workspace from a backup once more"),
        ) from exc


def _mark_of(value: Mapping[str, Any]) -> RestMark:
    backed_up_at = value["backed_up_at"]
    return RestMark(
        Rest(value["rest"]),
        datetime.fromisoformat(value["at"]),
        str(value["why"]),
        datetime.fromisoformat(backed_up_at) if backed_up_at else None,
        str(value["folder"]),
        str(value["machine"]),
        str(value["digest"]),
        value["is_exact"] is True,
    )


def _unusable(path: Path, exc: OSError) -> StorageUnusable:
    return StorageUnusable(
        _("can't use {path}: {why}", path=path, why=reason(exc)), hint=_("check the disk and the folder's permissions")
    )
