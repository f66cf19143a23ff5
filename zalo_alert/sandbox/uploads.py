"""What was uploaded: images, gifs and files, for seven days.

Source: Zalo OA API, upload calls; that a name without its extension is answered with empty data was seen live (read 2026-11).
"""

import re
import secrets
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from zalo_alert.sandbox.wire import ApiRequest, Handler, Refusal, invalid
from zalo_alert.sandbox.world import DAY_S, Oa, World

KEPT_S = 7 * DAY_S
MOST_A_MONTH = 5000  # of each kind, for each OA
MB = 1024 * 1024
KINDS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "image": (MB, ("jpg", "jpeg", "png")),
    "gif": (5 * MB, ("gif",)),
    "logo": (MB // 2, ("jpg", "jpeg", "png")),
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
        self._taken: Counter[tuple[str, str, str]] = Counter()  # by OA, month and kind

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Name what is answered here."""
        return {
            ("POST", "/v2.0/oa/upload/image"): lambda oa, asked: self._take(oa, asked, "image"),
            ("POST", "/v2.0/oa/upload/gif"): lambda oa, asked: self._take(oa, asked, "gif"),
            ("POST", "/v2.0/oa/upload/file"): lambda oa, asked: self._take(oa, asked, "file"),
            ("POST", "/upload/image"): self._logo,
        }

    def _take(self, oa: Oa, asked: ApiRequest, kind: str) -> dict[str, str]:
        upload = asked.get("file")
        if not isinstance(upload, Upload) or not upload.content:
            raise invalid("file")
        longest, extensions = KINDS[kind]
        if len(upload.content) > longest:
            raise Refusal(-210)
        if upload.name.lower().rpartition(".")[2] not in extensions:
            return {}
        month = (oa.oa_id, f"{self._world.local():%Y-%m}", kind)
        self._taken[month] += 1
        if self._taken[month] > MOST_A_MONTH:
            raise Refusal(-211)
        identity = secrets.token_urlsafe(30)
        self._kept[identity] = _Kept(kind, oa, self._world.now_s() + KEPT_S)
        return {"token" if kind == "file" else "attachment_id": identity}

    def _logo(self, oa: Oa, asked: ApiRequest) -> dict[str, str]:
        """Take a picture for a template; the business host has words of its own for what is wrong with it."""
        try:
            taken = self._take(oa, asked, "logo")
        except Refusal as exc:
            raise Refusal(-158 if exc.code == -210 else -160 if exc.code == -211 else -132) from exc
        if not taken:
            raise Refusal(-159)
        return {"media_id": taken["attachment_id"]}

    def kind_of(self, identity: Any) -> str:
        """Return what kind of picture an id is of; an image where there is none by this id."""
        upload = self._kept.get(identity) if isinstance(identity, str) else None
        return "gif" if upload and upload.kind == "gif" else "image"

    def use(self, oa: Oa, identity: Any, kind: str, now_s: float) -> None:
        """See that a message may name an upload.

        Raises:
            Refusal: There is none by this id, or it has expired.
        """
        upload = self._kept.get(identity) if isinstance(identity, str) else None
        if upload is None or upload.oa is not oa or upload.kind != kind:
            raise invalid("token" if kind == "file" else "attachment_id")
        if now_s >= upload.until_s:
            raise Refusal(-100)


_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_NAME = re.compile(rb'[; ]name="([^"]*)"')
_FILE = re.compile(rb'filename="([^"]*)"')


def multipart(kind: str, body: bytes) -> dict[str, Any]:
    """Read a multipart form: files as `Upload`, everything else as text."""
    boundary = _BOUNDARY.search(kind)
    parts: dict[str, Any] = {}
    if boundary is None:
        return parts
    for part in body.split(b"--" + boundary[1].encode("latin-1"))[1:-1]:
        head, gap, content = part.partition(b"\r\n\r\n")
        name, file = _NAME.search(head), _FILE.search(head)
        if name and gap:
            content = content.removesuffix(b"\r\n")
            text = name[1].decode(errors="replace")
            parts[text] = Upload(file[1].decode(errors="replace"), content) if file else content.decode(errors="replace")
    return parts
