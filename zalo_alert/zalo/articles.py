"""Articles and their broadcast: made by Zalo in its own time, sent to whole provinces in one call, and by day only.

Source: Zalo OA API, pages of articles and of broadcasts; official Java and .NET SDKs for the targets (read 2026-11).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from zalo_alert.campaign.render import Article
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.language import _
from zalo_alert.zalo.base import NoAnswer, whole
from zalo_alert.zalo.calling import plain
from zalo_alert.zalo.client import ApiClient, Refused

OPENS, CLOSES = time(6, 0), time(22, 0)  # Vietnam's time: no page names the zone, and no other makes sense
MODERATED = timedelta(minutes=30)  # from the call to the first phone, about
BEING_MADE = -214


class Allowance(NamedTuple):
    """How many active messages an OA has left, and of how many, as far as Zalo says."""

    left: int | None
    total: int | None


def next_opening(now: datetime) -> datetime:
    """Return when a broadcast may go out: now by day, else at six in the morning."""
    local = in_vietnam(now)
    if OPENS <= local.time() < CLOSES:
        return now
    day = local.date() + timedelta(days=local.time() >= CLOSES)
    return datetime.combine(day, OPENS, local.tzinfo)


def build_body(article: Article, author: str, cover: str) -> dict[str, Any]:
    """Put an article into Zalo's words.

    Args:
        article: What it says.
        author: Who signs it.
        cover: Address of a picture, or Zalo's id of an uploaded one; that the id may stand there is not documented.
    """
    return {
        "type": "normal",
        "title": article.title,
        "author": author,
        "description": article.description,
        "cover": {"cover_type": "photo", "photo_url": cover, "status": "show"},
        "body": [{"type": "text", "content": paragraph} for paragraph in article.paragraphs],
        # Zalo hides articles by default, and whoever is sent a hidden one can't open it. It stands on the OA's page from now on,
        # so it is not made before it may be sent.
        "status": "show",
        "comment": "hide",  # nobody watches them in a storm, and a rumour below an alert is read with it
    }


async def create(api: ApiClient, content: Mapping[str, Any]) -> str:
    """Have an article made; return the token by which to ask whether it is.

    Raises:
        NoAnswer: It may be being made; also an answer without a token.
        Refused: Zalo said no; also whatever else `ApiClient.post` raises.
    """
    return read_text(await api.post("/v2.0/article/create", content), "token")


async def verify(api: ApiClient, token: str) -> str | None:
    """Return the id of an article; None while it is being made.

    Raises:
        Refused: Zalo said no; also whatever else `ApiClient.query` raises.
    """
    try:
        return read_text(await api.query("/v2.0/article/verify", {"token": token}), "id")
    except Refused as exc:
        if exc.code == BEING_MADE:
            return None
        raise
    except NoAnswer:  # an answer without an id: it changed nothing, so it is asked for again
        return None


async def broadcast(api: ApiClient, article_id: str, cities: Sequence[int] | None) -> str:
    """Send an article to an OA's followers in some provinces; return the one message id.

    Args:
        api: Asks in the OA's name.
        article_id: Of an article that is made.
        cities: Zalo's numbers; None is everyone.

    Raises:
        NoAnswer: It may be on its way; also an answer without an id.
        Refused: Zalo said no; also whatever else `ApiClient.post` raises.
    """
    if cities is not None and not cities:
        raise ValueError("an empty area never means everyone")
    target = {"gender": "0"} | ({} if cities is None else {"cities": ",".join(map(str, cities))})  # 0 is both
    elements = [{"media_type": "article", "attachment_id": article_id}]
    message = {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": elements}}}
    return read_text(await api.post("/v2.0/oa/message", {"recipient": {"target": target}, "message": message}), "message_id")


async def ask_allowance(api: ApiClient) -> Allowance:
    """Read what is left of an OA's active messages.

    Raises:
        Refused: Zalo said no; also whatever else `ApiClient.query` raises.
    """
    data = (await api.query("/v2.0/oa/quota/message", {})).get("data")
    fields = data if isinstance(data, dict) else {}
    return Allowance(whole(fields.get("remain")), whole(fields.get("total")))


async def check_right(api: ApiClient) -> None:
    """Make sure that the OA may have articles at all, by asking for its latest one.

    Raises:
        Refused: It may not; also whatever else `ApiClient.get` raises.
    """
    await api.get("/v2.0/article/getslice", {"offset": 0, "limit": 1, "type": "normal"}, as_json=False)


def read_text(answer: Mapping[str, Any], name: str) -> str:
    """Read a text out of an answer's data.

    Raises:
        NoAnswer: It is not there.
    """
    data = answer.get("data")
    value = plain(data.get(name)) if isinstance(data, dict) else ""
    if not value:
        raise NoAnswer(_("an answer without {name}", name=name))
    return value
