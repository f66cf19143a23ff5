"""Approved templates and quotas as Zalo knows them. Source: ZBS template message API, `/template/info/v2`, `/message/quota`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from zalo_alert.errors import RunSuspended
from zalo_alert.zalo.base import Host
from zalo_alert.zalo.control import Control


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


class Quota(NamedTuple):
    """How many template messages an OA may send by phone today, and has left; None where Zalo does not say."""

    daily: int | None
    left: int | None


async def template(control: Control, template_id: str) -> Template:
    """Look a template up.

    Raises:
        Refused: Zalo does not know it, or not for this OA; with its code.
        RunSuspended: No usable answer.
    """
    body = await control.get("/template/info/v2", {"template_id": template_id}, host=Host.BUSINESS)
    data = _data(body)
    given = data.get("listParams")
    return Template(
        id=str(data.get("templateId", template_id)),
        name=str(data.get("templateName") or ""),
        status=str(data.get("status") or ""),
        tag=str(data.get("templateTag") or ""),
        quality=str(data.get("templateQuality") or ""),
        parameters=tuple(_parameter(one) for one in given if isinstance(one, dict)) if isinstance(given, list) else (),
    )


async def quota(control: Control) -> Quota:
    """Read what is left of the day's templates."""
    data = _data(await control.get("/message/quota", host=Host.BUSINESS))
    return Quota(_int(data.get("dailyQuota")), _int(data.get("remainingQuota")))


def _data(body: Mapping[str, Any]) -> Mapping[str, Any]:
    data = body.get("data")
    if not isinstance(data, dict):
        raise RunSuspended("Zalo's answer can't be read", hint="see whether something stands between you and Zalo")
    return data


def _parameter(given: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=str(given.get("name", "")),
        is_required=given.get("require") in (True, "true"),
        type=str(given.get("type") or "STRING").upper(),
        min_length=_int(given.get("minLength")) or 0,
        max_length=_int(given.get("maxLength")),
    )


def _int(value: object) -> int | None:
    # Strings in some answers, numbers in others.
    text = str(value)
    return int(text) if text.isdigit() and len(text) < 18 else None
