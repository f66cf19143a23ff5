"""The files that a campaign's messages carry, read from beside it and checked against what Zalo takes.

Source: Zalo OA API, uploads: jpg and png up to 1 MB; pdf, doc, docx and csv up to 5 MB; the name must carry its ending.
"""

from collections.abc import Mapping
from pathlib import Path

from zalo_alert.errors import InputInvalid
from zalo_alert.models import Campaign

MAX_IMAGE_BYTES, MAX_FILE_BYTES = 1 << 20, 5 << 20
_MAGIC: Mapping[str, bytes] = {
    ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".png": b"\x89PNG\r\n\x1a\n", ".pdf": b"%PDF", ".docx": b"PK",
    ".doc": b"\xd0\xcf\x11\xe0",
}  # fmt: skip


def read(campaign: Campaign, folder: Path) -> dict[str, bytes]:
    """Read every file that a campaign's routes name, its broadcast's cover included.

    Args:
        campaign: Sound.
        folder: Where its file lies.

    Returns:
        The files' bytes by their names in the campaign.

    Raises:
        InputInvalid: One is missing, too large, or not what its name says.
    """
    documents = {route.file for route in campaign.routes}
    return {
        name: _read(folder / name, MAX_FILE_BYTES if name in documents else MAX_IMAGE_BYTES) for name in sorted(campaign.enclosed)
    }


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            found = file.read(most + 1)
    except OSError as exc:
        raise InputInvalid(f"can't read {path}: {exc.strerror}", hint="the campaign's route names it; put it there") from exc
    if len(found) > most:
        raise InputInvalid(f"{path} is larger than {most >> 20} MB, which is all that Zalo takes", hint="make it smaller")
    if not found.startswith(_MAGIC.get(path.suffix.lower(), b"")) or not found:
        raise InputInvalid(f"{path} is no {path.suffix[1:].lower()} file", hint="see what it is; Zalo would refuse it")
    return found
