"""What is left of an OA's quotas: asked for before a run, and read off the answers during one.

Source: ZBS template message API, `/message/quota`; OA API, `/v3.0/oa/quota/message`; the `quota` of either's send answers.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from zalo_alert.pacing.quotas import Kind, QuotaLeft
from zalo_alert.zalo.base import Host, whole
from zalo_alert.zalo.client import ApiClient, Refused

MOST = 10**18  # messages; more than that no table holds
_CS = {"quota_owner": "OA", "product_type": "cs", "quota_type": "sub_quota"}


async def ask(api: ApiClient, kind: Kind, now_s: float) -> QuotaLeft | None:
    """Ask for a quota; None where Zalo does not say, or will not.

    Raises:
        RunSuspended, CredentialsRefused: Nobody could be asked.
    """
    try:
        if kind is Kind.TEMPLATE:
            body = await api.get("/message/quota", host=Host.BUSINESS)
        else:
            body = await api.query("/v3.0/oa/quota/message", _CS)
    except Refused:
        return None
    return _read(body.get("data"), now_s)


def read_left(answer: bytes, now_s: float) -> QuotaLeft | None:
    """Read what is left off the answer to a message that was accepted."""
    try:
        data = orjson.loads(answer).get("data")
    except (orjson.JSONDecodeError, AttributeError):
        return None
    return _read(data.get("quota"), now_s) if isinstance(data, dict) else None


def _read(data: Any, now_s: float) -> QuotaLeft | None:
    if isinstance(data, list):  # one entry for each asset that was bought; together they are what is left
        entries = [quota for quota in (_read_one(entry, now_s) for entry in data) if quota]
        totals = [entry.total for entry in entries if entry.total is not None]
        return QuotaLeft(_add_up(entry.left for entry in entries), _add_up(totals) or None, now_s) if entries else None
    return _read_one(data, now_s)


def _add_up(counts: Iterable[int]) -> int:
    return min(sum(counts), MOST)


def _read_one(data: Any, now_s: float) -> QuotaLeft | None:
    if not isinstance(data, dict):
        return None
    left = whole(data.get("remainingQuota", data.get("remain")))
    return None if left is None else QuotaLeft(left, whole(data.get("dailyQuota", data.get("total"))), now_s)
