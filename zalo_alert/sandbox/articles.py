"""Articles, made after a while, and broadcasts of them: one call and one id for a whole audience.

Source: Zalo OA API, article and broadcast pages; official Java and .NET SDKs for the targets (read 2026-11).
"""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zalo_alert.sandbox.messages import Messages
from zalo_alert.sandbox.population import CITIES, Population
from zalo_alert.sandbox.uploads import Uploads
from zalo_alert.sandbox.wire import ApiRequest, Handler, Refusal, invalid, whole_number
from zalo_alert.sandbox.world import Oa, World

ARTICLE_PATH = "/v2.0/article/create"
MODERATED_S = 1800.0  # from a broadcast's call to its delivery
MOST_TITLE, MOST_AUTHOR, MOST_DESCRIPTION, MOST_ARTICLES, MOST_LISTED = 150, 50, 300, 5, 10
MOST_REACTIONS = 50
READ_EVERY_S = 2.0  # somebody opens an article so often, for as long as it is shown

_BODIES = ("text", "image", "video", "product")
_RANGES: Mapping[str, range] = {
    "ages": range(8), "gender": range(3), "locations": range(3), "cities": range(CITIES), "platform": range(1, 4),
    "telcos": range(1, 5),
}  # fmt: skip


@dataclass(slots=True)
class Article:
    """One article, by its token until it is made, by its id from then on."""

    id: str
    oa: Oa
    content: ApiRequest
    made_at_s: float
    created_ms: int
    updated_ms: int = 0
    views: float = 0.0
    counted_s: float = 0.0

    @property
    def status(self) -> str:
        """Whether people see it: `show` or `hide`."""
        return str(self.content.get("status", "hide"))

    def count(self, now_s: float) -> int:
        """Count who has opened it by now; nobody opens what is hidden, or is being made."""
        since_s = max(self.counted_s, self.made_at_s)
        if self.status == "show" and now_s > since_s:
            self.views += (now_s - since_s) / READ_EVERY_S
        self.counted_s = now_s
        return int(self.views)


@dataclass(slots=True)
class Broadcast:
    """One broadcast; it is delivered once the moderators have read it."""

    id: str
    oa: Oa
    target: Mapping[str, Sequence[int]]
    due_s: float
    cities: Counter[int] = field(default_factory=Counter)
    is_counted: bool = False


class Articles:
    """Articles and broadcasts.

    Args:
        world: Whose.
        messages: Knows the night.
        population: Knows who is where.
        uploads: Knows what pictures may be named.
    """

    def __init__(self, world: World, messages: Messages, population: Population, uploads: Uploads) -> None:
        self._world, self._messages, self._population, self._uploads = world, messages, population, uploads
        self._articles: dict[str, Article] = {}
        self._by_token: dict[str, Article] = {}
        self.broadcasts: list[Broadcast] = []
        self._spent: Counter[tuple[str, str]] = Counter()  # by OA and month
        self._reactions: Counter[str] = Counter()

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Name what is answered here."""
        return {
            ("POST", ARTICLE_PATH): self._create,
            ("POST", "/v2.0/article/verify"): self._verify,
            ("POST", "/v2.0/article/update"): self._update,
            ("POST", "/v2.0/article/remove"): self._remove,
            ("GET", "/v2.0/article/getdetail"): self._detail,
            ("GET", "/v2.0/article/getslice"): self._slice,
            ("POST", "/v2.0/oa/message"): self._old_message,
        }

    # --- articles ----------------------------------------------------------------------------------------------------------

    def _create(self, oa: Oa, asked: ApiRequest) -> dict[str, str]:
        _check(asked)
        now_s = self._world.now_s()
        content = self._with_pictures(oa, asked, now_s)
        article = Article(secrets.token_hex(10), oa, content, now_s + self._world.options.article_ms / 1000, int(now_s * 1000))
        token = secrets.token_urlsafe(30)
        self._by_token[token] = article
        self._articles[article.id] = article
        return {"token": token}

    def _verify(self, oa: Oa, asked: ApiRequest) -> dict[str, str]:
        article = self._by_token.get(str(asked.get("token", "")))
        if article is None or article.oa is not oa:
            raise invalid("token")
        self._is_made(article)
        return {"id": article.id}

    def _with_pictures(self, oa: Oa, content: ApiRequest, now_s: float) -> dict[str, Any]:
        """Keep the uploads that an article names with it: from then on they have addresses, and do not expire."""
        if content["type"] != "normal":
            return dict(content)
        cover, body = dict(content["cover"]), [dict(part) for part in content["body"]]
        for part, name in ((cover, "photo_url"), *((part, "url") for part in body if part["type"] == "image")):
            if (named := part.get(name)) and not str(named).startswith(("https://", "http://")):
                self._uploads.use(oa, named, self._uploads.kind_of(named), now_s)
                part[name] = f"https://photo.zdn.invalid/{named}"
        return {**content, "cover": cover, "body": body}

    def _is_made(self, article: Article) -> None:
        if self._world.now_s() < article.made_at_s:
            raise Refusal(-214)

    def _found(self, oa: Oa, identity: Any, name: str = "id") -> Article:
        article = self._articles.get(identity) if isinstance(identity, str) else None
        if article is None or article.oa is not oa:
            raise invalid(name)
        self._is_made(article)
        return article

    def _update(self, oa: Oa, asked: ApiRequest) -> dict[str, str]:
        article = self._found(oa, asked.get("id"))
        content = {**article.content, **{name: value for name, value in asked.items() if name != "id"}}
        _check(content)
        now_s = self._world.now_s()
        content = self._with_pictures(oa, content, now_s)
        article.count(now_s)
        article.content, article.updated_ms = content, int(now_s * 1000)
        article.made_at_s = now_s + self._world.options.article_ms / 1000
        token = secrets.token_urlsafe(30)
        self._by_token[token] = article
        return {"token": token}

    def _remove(self, oa: Oa, asked: ApiRequest) -> None:
        del self._articles[self._found(oa, asked.get("id")).id]

    def _detail(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        article = self._found(oa, asked.get("id"))
        return {"id": article.id, "status": "hide", "comment": "show", "cite": "", **article.content}

    def _slice(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        offset, limit = whole_number(asked, "offset", 0), whole_number(asked, "limit", MOST_LISTED)
        kind = asked.get("type", "normal")
        if kind not in ("normal", "video"):
            raise invalid("type")
        if offset < 0 or not 0 < limit <= MOST_LISTED:
            raise Refusal(-210)
        now_s = self._world.now_s()
        articles = [
            article
            for article in reversed(self._articles.values())
            if article.oa is oa and article.made_at_s <= now_s and article.content["type"] == kind
        ]
        medias = [
            {
                "id": article.id, "type": kind, "title": article.content["title"],
                "status": article.status, "total_view": article.count(now_s), "total_share": 0,
                "create_date": article.created_ms, "update_date": article.updated_ms or article.created_ms,
                "thumb": "", "link_view": f"https://officialaccount.me/d?id={article.id}",
            }
            for article in articles[offset : offset + limit]
        ]  # fmt: skip
        return {"medias": medias, "total": len(articles)}

    # --- the old message call ----------------------------------------------------------------------------------------------

    def _old_message(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        """Serve what the old path still serves: broadcasts, people without a name, reactions."""
        recipient = asked.get("recipient")
        if not isinstance(recipient, dict):
            raise invalid("recipient")
        if "target" in recipient:
            return self._broadcast(oa, recipient["target"], asked.get("message"))
        if "sender_action" in asked:
            return self._reaction(oa, recipient, asked["sender_action"])
        if "anonymous_id" in recipient:
            return self._anonymous(recipient, asked.get("message"))
        raise Refusal(-240)

    def _broadcast(self, oa: Oa, target: Any, message: Any) -> dict[str, str]:
        wanted = _target(target)
        for identity in _article_ids(message):
            self._found(oa, identity, "attachment_id")
        now_s = self._world.now_s()
        if self._messages.promotions.are_resting(now_s):
            raise Refusal(-234)
        month = (oa.oa_id, f"{self._world.local(now_s):%Y-%m}")
        if self._spent[month] >= self._world.options.broadcasts:
            raise Refusal(-211)
        self._spent[month] += 1
        self.broadcasts.append(Broadcast(secrets.token_hex(10), oa, wanted, now_s + MODERATED_S))
        return {"message_id": self.broadcasts[-1].id}

    def _reaction(self, oa: Oa, recipient: Mapping[str, Any], action: Any) -> dict[str, Any]:
        user = recipient.get("user_id")
        if not isinstance(user, str) or not user.isdigit():
            raise Refusal(-201)
        self._world.reachable(oa, user)
        react = action if isinstance(action, dict) else {}
        message_id = react.get("react_message_id")
        if not isinstance(message_id, str) or not message_id:
            raise invalid("react_message_id")
        if not isinstance(react.get("react_icon"), str) or not react["react_icon"].startswith(("/-", ":", "_()_", ";")):
            raise invalid("react_icon")
        self._reactions[message_id] += 1
        if self._reactions[message_id] > MOST_REACTIONS:
            raise Refusal(-210)
        return {"message_id": secrets.token_hex(10), "user_id": user}

    def _anonymous(self, recipient: Mapping[str, Any], message: Any) -> dict[str, Any]:
        for name in ("anonymous_id", "conversation_id"):
            if not isinstance(recipient.get(name), str) or not recipient[name]:
                raise invalid(name)
        if not isinstance(message, dict) or not (message.get("text") or message.get("attachment")):
            raise invalid("message")
        return {
            "message_id": secrets.token_hex(10), "anonymous_id": recipient["anonymous_id"],
            "conversation_id": recipient["conversation_id"],
        }  # fmt: skip

    # --- whom they reached -------------------------------------------------------------------------------------------------

    def delivered(self) -> list[Broadcast]:
        """Return the broadcasts that the moderators have passed, each counted by the former provinces of its people."""
        now_s = self._world.now_s()
        passed = [broadcast for broadcast in self.broadcasts if broadcast.due_s <= now_s]
        for broadcast in passed:
            if not broadcast.is_counted:
                broadcast.cities = self._population.count(broadcast.oa, broadcast.target)
                broadcast.is_counted = True
        return passed

    def as_json(self) -> list[dict[str, Any]]:
        """Tell of every broadcast whom it has reached, by Zalo's number of their former province."""
        delivered = {broadcast.id for broadcast in self.delivered()}
        return [
            {
                "message_id": broadcast.id, "account": broadcast.oa.account.id, "delivered": broadcast.id in delivered,
                "people": broadcast.cities.total(), "cities": {str(city): n for city, n in sorted(broadcast.cities.items())},
            }
            for broadcast in self.broadcasts
        ]  # fmt: skip


def _check(content: ApiRequest) -> None:
    for name, longest, needed in (
        ("title", MOST_TITLE, True),
        ("author", MOST_AUTHOR, False),
        ("description", MOST_DESCRIPTION, True),
    ):
        value = content.get(name, "")
        if not isinstance(value, str) or (needed and not value):
            raise invalid(name)
        if len(value) > longest:
            raise Refusal(-210)
    if content.get("type") not in ("normal", "video"):
        raise invalid("type")
    if content.get("status", "hide") not in ("show", "hide"):
        raise invalid("status")
    if content["type"] == "normal":
        _check_parts(content)


def _check_parts(content: ApiRequest) -> None:
    if not isinstance(content.get("cover"), dict) or not content["cover"].get("cover_type"):
        raise invalid("cover")
    body = content.get("body")
    if not isinstance(body, list) or not body:
        raise invalid("body")
    if not all(isinstance(part, dict) and part.get("type") in _BODIES for part in body):
        raise invalid("body")
    needed = {"text": "content", "image": "url"}
    if not all(part.get(name) and isinstance(part[name], str) for part in body if (name := needed.get(part["type"]))):
        raise invalid("body")


def _article_ids(message: Any) -> list[Any]:
    try:
        payload = message["attachment"]["payload"]
        elements = payload["elements"]
        if payload["template_type"] != "media" or any(element["media_type"] != "article" for element in elements):
            raise Refusal(-233)
        if not 1 <= len(elements) <= MOST_ARTICLES:
            raise Refusal(-210)
        return [element["attachment_id"] for element in elements]
    except (KeyError, TypeError) as exc:
        raise Refusal(-233) from exc


def _target(target: Any) -> dict[str, list[int]]:
    """Read a target: lists of numbers as text with commas, as one number, or as an array; clients do all three."""
    if not isinstance(target, dict):
        raise invalid("target")
    wanted = {}
    for name, value in target.items():
        if name not in _RANGES:
            raise invalid(name)
        parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
        if not all(isinstance(part, int) or (isinstance(part, str) and part.strip().isdecimal()) for part in parts):
            raise invalid(name)
        wanted[name] = [int(part) for part in parts]
        if not wanted[name] or not all(number in _RANGES[name] for number in wanted[name]):
            raise invalid(name)
    return wanted
