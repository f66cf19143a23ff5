"""The pictures that lie beside an article's file, read and checked against what Zalo takes.

Source: Zalo OA API, uploads (jpg and png up to 1 MB) and articles (pictures up to 1 MB, gif too); read 2026-11.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

from zalo_alert.articles.article import ArticleFile
from zalo_alert.errors import ArticleInvalid, Problem
from zalo_alert.foundation.digests import digest_of, digest_of_json
from zalo_alert.foundation.files import NotPlain, plain_bytes
from zalo_alert.foundation.layout import STATE_DIR
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, decimal
from zalo_alert.models import Digest

MAX_PICTURE_BYTES = 1 << 20
_BEGINS: Mapping[str, bytes] = {".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".png": b"\x89PNG\r\n\x1a\n", ".gif": b"GIF8"}
# A picture that was cut short begins well. What follows the end is somebody's note, and not looked at.
_ENDS: Mapping[str, bytes] = {".jpg": b"\xff\xd9", ".jpeg": b"\xff\xd9", ".png": b"IEND\xaeB`\x82", ".gif": b"\x00;"}


def load(article: ArticleFile, file: Path, workspace: Path) -> dict[str, bytes]:
    """Read every picture that an article names by its path.

    Args:
        article: Sound.
        file: Of the article; paths begin at its folder.
        workspace: Where pictures must lie, whatever links lead to them.

    Returns:
        Their bytes by their paths.

    Raises:
        ArticleInvalid: Some can't be used; each is named with the line that names it.
    """
    pictures: dict[str, bytes] = {}
    problems = []
    for source, line in article.pictures.items():
        try:
            pictures[source] = _read(file.parent / source, workspace.resolve())
        except _Unusable as exc:
            problems.append(Problem(str(file), line, 1, source, exc.why))
    if problems:
        raise ArticleInvalid(problems)
    return pictures


def whole_digest(article: ArticleFile, pictures: Mapping[str, bytes]) -> Digest:
    """Return the digest of what people see: the article's, and that of every picture of its own."""
    return digest_of_json([article.digest, {source: digest_of(content) for source, content in pictures.items()}])


class _Unusable(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _read(path: Path, workspace: Path) -> bytes:
    try:
        target = path.resolve(strict=True)
        if not target.is_relative_to(workspace) or STATE_DIR in target.relative_to(workspace).parts:
            raise _Unusable(_("lies outside the workspace, at {target}: put the picture itself there", target=target))
        size = target.stat().st_size
        content = plain_bytes(target, MAX_PICTURE_BYTES + 1)
    except NotPlain as exc:
        raise _Unusable(_("is {kind}, not a picture: put the picture itself there", kind=exc)) from exc
    except FileNotFoundError as exc:
        raise _Unusable(_("there is no such picture: put it beside the article's file, or correct its name")) from exc
    except (OSError, RuntimeError) as exc:  # Python 3.11 and 3.12 say the latter of links that go round in a circle
        raise _Unusable(_("can't be read: {why}", why=reason(exc) if isinstance(exc, OSError) else exc)) from exc
    if len(content) > MAX_PICTURE_BYTES:
        mb = decimal(size / (1 << 20), 1)
        raise _Unusable(_("is {size} MB, and Zalo takes 1 MB at most: make it smaller", size=mb))
    for why in _broken(content, PurePath(path).suffix.lower()):
        raise _Unusable(why)
    return content


def _broken(content: bytes, ending: str) -> Iterator[str]:
    if not content:
        yield _("is empty: copy the picture again")
    elif not content.startswith(_BEGINS[ending]):
        yield _("is no {kind} picture, whatever its name says: save it anew", kind=ending[1:])
    elif _ENDS[ending] not in content:
        yield _("is broken: its end is missing; copy the picture again")
