"""CAP files that come from elsewhere: what is wrong with them, and a draft campaign out of a sound one.

Reads what it is given and nothing else: no address in an alert is ever opened.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.cap.document import Reference
from zalo_alert.cap.importing import Imported, Known, draft_of
from zalo_alert.cap.read import Read, read
from zalo_alert.cap.tree import MAX_BYTES
from zalo_alert.errors import InputInvalid, UsageError
from zalo_alert.foundation.files import NotPlain, plain_bytes
from zalo_alert.foundation.layout import CONFIG_NAME, runs_of
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.library.hazard_names import hazard_named
from zalo_alert.operations.campaign_shelf import CampaignShelf, write_campaign
from zalo_alert.operations.cap_names import Chain
from zalo_alert.runs.store import Runs
from zalo_alert.settings.load import load

STDIN = "-"


class Written(NamedTuple):
    """A draft in its file."""

    path: Path
    imported: Imported


def read_file(file: str, stdin: BinaryIO, *, is_lenient_time: bool = False) -> Read:
    """Read a CAP file and find what is wrong with it.

    Args:
        file: Its path; `-` is stdin.
        stdin: What stands for that.
        is_lenient_time: See `cap.read.read`.

    Raises:
        UsageError: There is no such file.
    """
    name = "stdin" if file == STDIN else file
    return read(_bytes(file, stdin), name, is_lenient_time=is_lenient_time)


def _bytes(file: str, stdin: BinaryIO) -> bytes:
    """Return one byte more than may be read at most: what is too long is told as any other fault of a file."""
    if file == STDIN:
        return stdin.read(MAX_BYTES + 1)
    try:
        return plain_bytes(Path(file), MAX_BYTES + 1)
    except NotPlain as exc:
        raise UsageError(_("{path} is {why}, not a plain file", path=file, why=str(exc))) from exc
    except (OSError, ValueError) as exc:
        why = reason(exc) if isinstance(exc, OSError) else str(exc)
        raise UsageError(_("can't read {path}: {why}", path=file, why=why)) from exc


def import_alert(read_: Read, out: Path | None, workspace: Path, environ: Mapping[str, str]) -> Written:
    """Write a draft campaign out of a sound alert.

    Args:
        read_: It.
        out: The file; None is one in the workspace's `campaigns/`, named after the code.
        workspace: Whose runs are known; a folder without a config has none.
        environ: Where the workspace's secrets come from.

    Raises:
        InputInvalid: It has errors, or is no message to people.
        UsageError: The file is there already, or can't be written.
    """
    if read_.alert is None or not read_.is_sound:
        raise InputInvalid(_("nothing was written: the alert has errors"), hint=_("ask the sender for a sound one"))
    chain = _chain_of(workspace, environ)
    codes = CampaignShelf(workspace).codes()
    imported = draft_of(read_.alert, Known(_hazard, chain.code_of if chain else _unknown, codes.__contains__))
    path = out or _free_path(workspace, imported.code)
    write_campaign(path, imported.text.encode())
    return Written(path, imported)


def _free_path(workspace: Path, code: str) -> Path:
    name = code.lower() if code.isascii() and code.strip(".") else "cap"
    return CampaignShelf(workspace).folder / f"cap-{name}.yaml"


def _chain_of(workspace: Path, environ: Mapping[str, str]) -> Chain | None:
    if not (workspace / CONFIG_NAME).exists():
        return None
    return Chain(Runs(runs_of(workspace)), load(workspace, environ))


def _hazard(name: str) -> str:
    try:
        return hazard_named(name, HAZARDS)
    except UsageError:
        return ""


def _unknown(reference: Reference) -> str:
    return ""
