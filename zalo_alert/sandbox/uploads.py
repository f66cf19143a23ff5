"""What was uploaded: images, gifs and files, for seven days.

Source: Zalo OA API, upload calls; that a name without its extension is answered with empty data was seen live (read 2026-11).
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from zalo_alert.sandbox.base import Asked, Handler, Refusal, invalid
from zalo_alert.sandbox.world import DAY_S, Oa, World

KEPT_S = 7 * DAY_S
MB = 1024 * 1024
KINDS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "image": (MB, ("jpg", "jpeg", "png")),
    "gif": (5 * MB, ("gif",)),
    "file": (5 * MB, ("pdf", "doc", "docx", "csv")),
}


class Upload(NamedTuple):
    """A file as it came."""

    name: str
    content: bytes


class _Kept(NamedTuple):
    kind: str
    oa: Oa
    until_s: float


class Uploads:
    """The uploaded, by the id that messages name.

    Args:
        world: Whose.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[str, _Kept] = {}

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Name what is answered here."""
        return {
            ("POST", "/v2.0/oa/upload/image"): lambda oa, asked: self._take(oa, asked, "image"),
            ("POST", "/v2.0/oa/upload/gif"): lambda oa, asked: self._take(oa, asked, "gif"),
            ("POST", "/v2.0/oa/upload/file"): lambda oa, asked: self._take(oa, asked, "file"),
        }

    def _take(self, oa: Oa, asked: Asked, kind: str) -> dict[str, str]:
        upload = asked.get("file")
        if not isinstance(upload, Upload) or not upload.content:
            raise invalid("file")
        longest, extensions = KINDS[kind]
        if len(upload.content) > longest:
            raise Refusal(-210)
        if upload.name.lower().rpartition(".")[2] not in extensions:
            return {}
        identity = secrets.token_urlsafe(30)
        self._kept[identity] = _Kept(kind, oa, self._world.now_s() + KEPT_S)
        return {"token" if kind == "file" else "attachment_id": identity}

    def use(self, oa: Oa, identity: Any, kind: str, now_s: float) -> None:
        """See that a message may name an upload.

        Raises:
            Refusal: There is none by this id, or it has expired.
        """
        kept = self._kept.get(identity) if isinstance(identity, str) else None
        if kept is None or kept.oa is not oa or kept.kind != kind:
            raise invalid("token" if kind == "file" else "attachment_id")
        if now_s >= kept.until_s:
            raise Refusal(-100)


_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_NAME = re.compile(rb'[; ]name="([^"]*)"')
_FILE = re.compile(rb'filename="([^"]*)"')


def multipart(kind: str, body: bytes) -> dict[str, Any]:
    """Read a multipart form: files as `Upload`, everything else as text."""
    found = _BOUNDARY.search(kind)
    parts: dict[str, Any] = {}
    if found is None:
        return parts
    for part in body.split(b"--" + found[1].encode("latin-1"))[1:-1]:
        head, gap, content = part.partition(b"\r\n\r\n")
        name, file = _NAME.search(head), _FILE.search(head)
        if name and gap:
            content = content.removesuffix(b"\r\n")
            text = name[1].decode(errors="replace")
            parts[text] = Upload(file[1].decode(errors="replace"), content) if file else content.decode(errors="replace")
    return parts
