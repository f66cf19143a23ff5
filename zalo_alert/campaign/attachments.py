"""The files that a campaign's messages carry, read from beside it and checked against what Zalo takes.

Source: Zalo OA API, uploads: jpg and png up to 1 MB; pdf, doc, docx and csv up to 5 MB; the name must carry its ending.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from zalo_alert.campaign.follow_up import parts
from zalo_alert.errors import Cure, InputInvalid
from zalo_alert.foundation.files import NotPlain, plain_bytes
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.models import Campaign

MAX_IMAGE_BYTES, MAX_FILE_BYTES = 1 << 20, 5 << 20
_MAGIC: Mapping[str, bytes] = {
    ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".png": b"\x89PNG\r\n\x1a\n", ".pdf": b"%PDF", ".docx": b"PK",
    ".doc": b"\xd0\xcf\x11\xe0",
}  # fmt: skip


_STATE = ".zalo-alert"  # of a workspace: tokens, books and runs are nobody's attachment


def read(campaign: Campaign, folder: Path, *, workspace: Path | None = None, outside: Sequence[Path] = ()) -> dict[str, bytes]:
    """Read every file that the routes of a campaign and of what may follow it name, the covers of articles included.

    An article's own file is not among them: whoever knows the workspace reads it, see `operations.campaign_files`.

    Args:
        campaign: Sound.
        folder: Where its file lies.
        workspace: Where the files must lie, whatever links lead to them; by default the folder.
        outside: Files, or folders of them, that may be sent although they lie elsewhere.

    Returns:
        The files' bytes by their names in the campaign.

    Raises:
        InputInvalid: One is missing, too large, not what its name says, no plain file, or lies where it must not.
    """
    documents = {route.file for part in parts(campaign).values() for route in part.routes}
    within = [path.resolve() for path in (workspace or folder, *outside)]
    article = {campaign.broadcast.article} if campaign.broadcast else set()
    return {
        name: _read(folder / name, MAX_FILE_BYTES if name in documents else MAX_IMAGE_BYTES, within)
        for name in sorted(campaign.attachments - article)
    }


def read_article(path: Path, workspace: Path) -> bytes:
    """Read an article's own file, which must lie in a folder or below it; see `read`."""
    return _read(path, MAX_IMAGE_BYTES, [workspace.resolve()])


def _read(path: Path, most: int, within: Sequence[Path]) -> bytes:
    try:
        content = plain_bytes(_target(path, within), most + 1)
    except NotPlain as exc:
        raise InputInvalid(
            _("{path} is {why}, not a plain file", path=path, why=exc), hint=_("put the file itself there")
        ) from exc
    except OSError as exc:
        raise InputInvalid(
            _("can't read {path}: {why}", path=path, why=reason(exc)), hint=_("the campaign's route names it; put it there")
        ) from exc
    if len(content) > most:
        raise InputInvalid(
            _("{path} is larger than {most} MB, which is all that Zalo takes", path=path, most=most >> 20),
            hint=_("make it smaller"),
        )
    if not content.startswith(_MAGIC.get(path.suffix.lower(), b"")) or not content:
        raise InputInvalid(
            _("{path} is no {suffix} file", path=path, suffix=path.suffix[1:].lower()),
            hint=_("see what it is; Zalo would refuse it"),
        )
    return content


def _target(path: Path, within: Sequence[Path]) -> Path:
    """Follow links to where a file lies, and refuse what may not be shown to the public."""
    try:
        target = path.resolve(strict=True)
    except RuntimeError as exc:  # Python 3.11 and 3.12 say so of links that go round in a circle
        raise InputInvalid(_("{path} is a link to itself", path=path), hint=_("put the file itself there")) from exc
    allowed = [folder for folder in within if target.is_relative_to(folder)]
    if not allowed:
        raise InputInvalid(
            _("{path} lies outside the workspace, at {target}", path=path, target=target),
            hint=_("put it there, or allow it: {option}", option=Cure.OPTION(allow_outside=str(target))),
        )
    if target.suffix.lower() != path.suffix.lower() or _STATE in target.relative_to(allowed[0]).parts:
        raise InputInvalid(_("{path} is a link to {target}", path=path, target=target), hint=_("put the file itself there"))
    return target
