"""An OA's people as Zalo lists them: fifty ids a call, ten thousand a filter, and one person's details a call.

Source: Zalo OA API, "quan-ly" pages, `user/getlist`, `user/detail`, `tag/gettagsofoa`; live observations of `shared_info`, which
may be absent or empty, with the phone as the number 0 (read 2026-11).
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from zalo_alert.errors import Cure, ErrorCause, RunSuspended
from zalo_alert.language import _
from zalo_alert.zalo.client import ApiClient, Refused

PER_PAGE = 50
MOST_OFFSET = 9951
MOST = 10_000  # that one filter can yield
_PACKAGE = -224
_GONE = (-213, -201)  # has left, or is nobody
_ID = re.compile("[0-9]{5,25}")


class Unreadable(RunSuspended):
    """Zalo's answer is JSON, and not what was asked for."""

    def __init__(self, what: str) -> None:
        super().__init__(
            _("Zalo's answer about {what} can't be read", what=what), hint=_("see whether something stands between you and Zalo")
        )


class Page(NamedTuple):
    """Some of a list.

    Args:
        total: How many the whole list holds, by Zalo's word; None where it says nothing usable.
        ids: Those that are ids.
        size: How many were given, whatever they are.
    """

    total: int | None
    ids: tuple[str, ...]
    size: int


async def list_page(api: ApiClient, offset: int, *, tag: str = "", period: str = "") -> Page:
    """List some followers.

    Args:
        api: Asks for the OA.
        offset: Where to begin, at most `MOST_OFFSET`.
        tag: Only those with this tag.
        period: Only those whose last interaction was in these days, `YYYY_MM_DD:YYYY_MM_DD`.

    Raises:
        Refused: Zalo said no.
        Unreadable: The answer is not what was asked for.
        RunSuspended: The OA's package does not include lists; or whatever `ApiClient.get` raises.
    """
    query: dict[str, Any] = {"offset": offset, "count": PER_PAGE, "is_follower": "true"}
    if tag:
        query["tag_name"] = tag
    if period:
        query["last_interaction_period"] = period
    try:
        body = await api.get("/v3.0/oa/user/getlist", query)
    except Refused as exc:
        if exc.code == _PACKAGE:
            raise RunSuspended(
                _("this OA may not list its followers: Zalo wants a paid package for that ({code})", code=exc.code),
                hint=_("have the OA's package upgraded; until then build the book with {step}", step=Cure.IMPORT()),
                cause=ErrorCause.ACCOUNT,
            ) from exc
        raise
    data = body.get("data")
    users = data.get("users", [] if data.get("total") in (0, "0") else None) if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(users, list):
        raise Unreadable(_("its list of followers"))
    ids = (_id(user.get("user_id")) for user in users if isinstance(user, dict))
    return Page(_total(data.get("total")), tuple(user_id for user_id in ids if user_id), len(users))


async def list_tags(api: ApiClient) -> tuple[str, ...]:
    """Return the OA's tags."""
    names = (await api.get("/v2.0/oa/tag/gettagsofoa")).get("data")
    if names is None:
        return ()
    if not isinstance(names, list):
        raise Unreadable(_("its tags"))
    return tuple(dict.fromkeys(tag for tag in names if isinstance(tag, str) and tag))


async def ask_detail(api: ApiClient, user_id: str) -> dict[str, Any]:
    """Return what Zalo knows of one person, by the names of a list's columns; of whoever has left, only that.

    Raises:
        Refused: Zalo said no, for another reason than the person.
        Unreadable: The answer is not what was asked for.
    """
    try:
        data = (await api.get("/v3.0/oa/user/detail", {"user_id": user_id})).get("data")
    except Refused as exc:
        if exc.code in _GONE:
            return {"is_follower": False}
        raise
    if not isinstance(data, dict):
        raise Unreadable(_("a person"))
    shared, tagged = _object(data.get("shared_info")), _object(data.get("tags_and_notes_info")).get("tag_names")
    fields = {
        "name": _text(shared.get("name")) or _text(data.get("display_name")),
        "user_id_by_app": _id(data.get("user_id_by_app")),
        "phone": _text(shared.get("phone")).strip("0 ") and _text(shared.get("phone")),
        **{name: _text(shared.get(name)) for name in ("city", "district", "ward", "address")},
        "last_interaction_at": _text(data.get("user_last_interaction_date")),
        "tags": [tag for tag in tagged if isinstance(tag, str)] if isinstance(tagged, list) else [],
        "is_follower": data.get("user_is_follower"),
    }
    return {name: value for name, value in fields.items() if value is False or (value and name != "is_follower")}


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return str(value).strip() if type(value) in (str, int) else ""


def _id(value: Any) -> str:
    text = _text(value)
    return text if _ID.fullmatch(text) else ""


def _total(value: Any) -> int | None:
    # A number, or digits; anything else is not a count.
    text = _text(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
