"""Approved templates as Zalo knows them. Source: ZBS template message API, `/template/info/v2`, `/template/all`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from zalo_alert.errors import ErrorCause, RunSuspended
from zalo_alert.language import _
from zalo_alert.zalo.base import Host, whole
from zalo_alert.zalo.calling import plain
from zalo_alert.zalo.client import ApiClient

PAGE, MOST_PAGES = 100, 20  # of the list of templates


class Parameter(NamedTuple):
    """One parameter of a template; lengths are in characters."""

    name: str
    is_required: bool
    type: str
    min_length: int
    max_length: int | None


class Template(NamedTuple):
    """One template; `tag` is Zalo's: TRANSACTION, CUSTOMER_CARE or PROMOTION."""

    id: str
    name: str
    status: str
    tag: str
    quality: str
    parameters: tuple[Parameter, ...]
    preview_url: str = ""  # a page of Zalo's that shows it; "" when Zalo names none


async def ask_template(api: ApiClient, template_id: str) -> Template:
    """Look a template up.

    Raises:
        Refused: Zalo does not know it, or not for this OA; with its code.
        RunSuspended: No usable answer.
    """
    body = await api.get("/template/info/v2", {"template_id": template_id}, host=Host.BUSINESS)
    data = _data(body)
    parameters = data.get("listParams")
    return Template(
        id=plain(data.get("templateId", template_id)),
        name=plain(data.get("templateName")),
        status=plain(data.get("status")),
        tag=plain(data.get("templateTag")),
        quality=plain(data.get("templateQuality")),
        parameters=tuple(_read_parameter(fields) for fields in parameters if isinstance(fields, dict))
        if isinstance(parameters, list)
        else (),
        preview_url=plain(data.get("previewUrl"), 2000),
    )


async def ask_created_at_s(api: ApiClient, template_id: str) -> float | None:
    """Return when a template was made, in seconds since 1970; None when the OA's list does not say."""
    for page in range(MOST_PAGES):
        query = {"offset": page * PAGE, "limit": PAGE}
        rows = (await api.get("/template/all", query, host=Host.BUSINESS)).get("data")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and plain(row.get("templateId")) == template_id:
                made_ms = whole(row.get("createdTime"))
                return None if made_ms is None else made_ms / 1000
        if not isinstance(rows, list) or len(rows) < PAGE:
            break
    return None


def _data(body: Mapping[str, Any]) -> Mapping[str, Any]:
    data = body.get("data")
    if not isinstance(data, dict):
        raise RunSuspended(
            _("Zalo's answer can't be read"), hint=_("see whether something stands between you and Zalo"), cause=ErrorCause.SERVER
        )
    return data


def _read_parameter(fields: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=plain(fields.get("name")),
        is_required=fields.get("require") in (True, "true"),
        type=(plain(fields.get("type")) or "STRING").upper(),
        min_length=whole(fields.get("minLength")) or 0,
        max_length=whole(fields.get("maxLength")),
    )
