"""Articles that stay on an OA's page: what they say, how they are changed and hidden, and how often they were opened.

Source: Zalo OA API, pages of articles (read 2026-11).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from zalo_alert.language import _
from zalo_alert.zalo.articles import read_text
from zalo_alert.zalo.base import NoAnswer, whole
from zalo_alert.zalo.calling import plain
from zalo_alert.zalo.client import ApiClient

MOST_LISTED = 10  # articles of a page of the list
_SAID = ("title", "author", "cover", "description", "body", "comment", "status")


class Listed(NamedTuple):
    """An article as the OA's own list has it.

    Args:
        id: Zalo's.
        title: Whole.
        is_shown: Whether whoever opens the page sees it.
        views: How often it was opened; None where Zalo does not say.
        created_s: When it was made, in seconds since 1970; 0 where Zalo does not say.
    """

    id: str
    title: str
    is_shown: bool
    views: int | None
    created_s: float


class Page(NamedTuple):
    """A page of the OA's list, the latest first, and how many articles there are; None where Zalo does not say."""

    listed: tuple[Listed, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class Content:
    """What an article says, in our words.

    Args:
        title: See Zalo's limits.
        description: Likewise.
        author: Likewise.
        cover: Address of a picture, or Zalo's id of an uploaded one.
        parts: Texts, and pictures as (address or id, caption).
        comment: Whether people may write below it.
        is_shown: Whether it is to be seen.
    """

    title: str
    description: str
    author: str
    cover: str
    parts: tuple[str | tuple[str, str], ...]
    comment: bool = False
    is_shown: bool = True

    def as_json(self) -> dict[str, Any]:
        """Put it into Zalo's words.

        Source: Zalo OA API, page of `article/create`: `type, title, author, cover{cover_type, photo_url, status}, description,
        body[{type, content | url, caption}], status, comment` (read 2026-11).
        """
        return {
            "type": "normal",
            "title": self.title,
            "author": self.author,
            "description": self.description,
            "cover": {"cover_type": "photo", "photo_url": self.cover, "status": "show"},
            "body": [_part(part) for part in self.parts],
            "status": _status(self.is_shown),
            "comment": _status(self.comment),
        }


def _part(part: str | tuple[str, str]) -> dict[str, str]:
    if isinstance(part, str):
        return {"type": "text", "content": part}
    url, caption = part
    return {"type": "image", "url": url} | ({"caption": caption} if caption else {})


def _status(is_shown: bool) -> str:
    return "show" if is_shown else "hide"


async def update(api: ApiClient, article_id: str, content: Mapping[str, Any]) -> str:
    """Have an article changed; return the token by which to ask whether it is. The same change twice is one, so it is repeated.

    Source: Zalo OA API, page of `article/update`: the body of `create` and the `id`; a token that `verify` takes (read 2026-11).

    Raises:
        Refused: Zalo said no, `BEING_MADE` while an earlier change is under way; also whatever else `ApiClient.query` raises.
    """
    return read_text(await api.change("/v2.0/article/update", {**content, "id": article_id}), "token")


async def fetch(api: ApiClient, article_id: str) -> dict[str, Any]:
    """Read what an article says, in Zalo's words: what `update` takes.

    Source: Zalo OA API, page of `article/getdetail`: `title, author, cover, description, status, body, comment` (read 2026-11).

    Raises:
        NoAnswer: What came is no article of ours.
        Refused: Zalo said no; also whatever else `ApiClient.get` raises.
    """
    data = (await api.get("/v2.0/article/getdetail", {"id": article_id}, as_json=False)).get("data")
    if not isinstance(data, dict) or not (data.get("title") and isinstance(data.get("body"), list) and data["body"]):
        raise NoAnswer(_("an answer without {name}", name="body"))
    return {name: data[name] for name in _SAID if name in data} | {"type": "normal"}


async def change_status(api: ApiClient, article_id: str, *, is_shown: bool) -> str:
    """Have an article shown or hidden, and nothing else of it changed; return the token of the change.

    Raises:
        NoAnswer: What it says can't be read.
        Refused: Zalo said no; also whatever else `ApiClient.query` raises.
    """
    return await update(api, article_id, await fetch(api, article_id) | {"status": _status(is_shown)})


async def list_page(api: ApiClient, offset: int) -> Page:
    """Read ten articles of the OA's list.

    Source: Zalo OA API, page of `article/getslice`: `medias[{id, title, status, total_view, create_date}], total` (read 2026-11).

    Raises:
        Refused: Zalo said no; also whatever else `ApiClient.get` raises.
    """
    asked = {"offset": offset, "limit": MOST_LISTED, "type": "normal"}
    data = (await api.get("/v2.0/article/getslice", asked, as_json=False)).get("data")
    medias = data.get("medias") if isinstance(data, dict) else None
    listed = [_listed(media) for media in medias or () if isinstance(media, dict)] if isinstance(medias, list) else []
    return Page(tuple(each for each in listed if each.id), whole(data.get("total")) if isinstance(data, dict) else None)


def _listed(media: Mapping[str, Any]) -> Listed:
    created_ms = whole(media.get("create_date")) or 0
    title = media.get("title")
    return Listed(
        id=plain(media.get("id")),
        title=title if isinstance(title, str) else "",
        is_shown=media.get("status") == "show",
        views=whole(media.get("total_view")),
        created_s=created_ms / 1000,
    )
