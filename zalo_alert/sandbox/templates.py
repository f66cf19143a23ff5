"""Templates: which there are, what they demand of a message's data, and the reads of the business host."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zalo_alert.clock import VIETNAM
from zalo_alert.sandbox.base import Asked, Handler, Refusal, whole_number
from zalo_alert.sandbox.world import Oa, World

STATUSES = {"ENABLE": 1, "PENDING_REVIEW": 2, "REJECT": 3, "DISABLE": 4}
TAGS = {1: "TRANSACTION", 2: "CUSTOMER_CARE", 3: "PROMOTION"}
BY_UID_SINCE = datetime(2025, 12, 10, tzinfo=VIETNAM)  # older ones are for phones alone
CUSTOM, OTP = 1, 2
MOST_LISTED = 100
DEFAULT_QUOTA = 500_000

_FORMATS = {
    "NUMBER": re.compile(r"\d+"),
    "DATE": re.compile(r"(\d\d:\d\d(:\d\d)? )?\d\d/\d\d/\d{4}"),
    "PHONE": re.compile(r"(\+?84|0)\d{9}"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a template; lengths are in characters."""

    name: str
    longest: int
    kind: str = "STRING"
    required: bool = True
    sample: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as `listParams` shows it."""
        return {
            "name": self.name, "require": self.required, "type": self.kind, "maxLength": self.longest,
            "minLength": 1 if self.required else 0, "acceptNull": not self.required,
        }  # fmt: skip


@dataclass(slots=True)
class Template:
    """One template; its status may change."""

    id: str
    name: str
    parameters: tuple[Parameter, ...]
    tag: int = 1
    type: int = CUSTOM
    status: str = "ENABLE"
    created: str = "2026-01-15"

    @property
    def created_at(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.created).replace(tzinfo=VIETNAM)

    def check(self, data: Mapping[str, Any]) -> None:
        """See that a message's data is what the template was approved with.

        Raises:
            Refusal: A parameter is missing, unknown, too long or badly written.
        """
        known = {parameter.name for parameter in self.parameters}
        if not data and any(parameter.required for parameter in self.parameters):
            raise Refusal(-111)
        if set(data) - known:
            raise Refusal(-112)
        for parameter in self.parameters:
            value = data.get(parameter.name)
            if value is None or value == "":
                if parameter.required:
                    raise Refusal(-1122)
                continue
            if not isinstance(value, str | int):
                raise Refusal(-1124)
            if len(str(value)) > parameter.longest:
                raise Refusal(-1121)
            if parameter.kind in _FORMATS and not _FORMATS[parameter.kind].fullmatch(str(value)):
                raise Refusal(-1124)


_CODE = Parameter("ma_tin", 30, sample="TW-260918-03")
_DAY = Parameter("ngay", 20, "DATE", sample="18/09/2026")
_FLOW = Parameter("m3s", 20, "NUMBER", sample="1200")
_PLACE = Parameter("tinh", 200, required=False, sample="Thanh Hóa")


def approved() -> dict[str, Template]:
    """Make the templates of an office: some fit for an emergency, and one for every way not to be."""
    made = (
        Template("311203", "Cảnh báo thiên tai", (_CODE, _PLACE)),
        Template("311204", "Cảnh báo thiên tai qua số điện thoại", (_CODE, _PLACE)),
        Template("311205", "Lịch xả lũ", (_CODE, _DAY, _FLOW)),
        Template("311206", "Khảo sát sau bão", (_CODE,), tag=2),
        Template("311207", "Bảo hiểm mùa bão", (_CODE,), tag=3),
        Template("311208", "Cảnh báo động đất", (_CODE,), status="PENDING_REVIEW"),
        Template("311209", "Cảnh báo sóng thần", (_CODE,), status="REJECT"),
        Template("311210", "Cảnh báo cháy rừng", (_CODE,), status="DISABLE"),
        Template("298001", "Cảnh báo cũ", (_CODE,), created="2025-06-01"),
        Template("311211", "Mã xác thực", (Parameter("otp", 10, sample="123456"),), type=OTP),
    )  # fmt: skip
    return {template.id: template for template in made}


class Templates:
    """The template store and what the business host tells of it and of quotas.

    Args:
        world: Whose.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.store = approved()
        self.delivered: dict[str, float] = {}  # when a message by phone arrived, by its id

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Name what is answered here."""
        return {
            ("GET", "/message/quota"): self._quota,
            ("GET", "/message/status"): self._status,
            ("GET", "/message/template-tag"): lambda oa, asked: list(TAGS.values()),
            ("GET", "/quality"): lambda oa, asked: {"oaCurrentQuality": "HIGH", "oa7dayQuality": "HIGH"},
            ("GET", "/template/info/v2"): self._info,
            ("GET", "/template/sample-data"): self._sample,
            ("GET", "/rating/get"): self._rating,
        }

    def listed(self, asked: Asked) -> dict[str, Any]:
        """Answer `template/all`, whose envelope has `metadata` beside `data`.

        Raises:
            Refusal: A number is none, or beyond its limit.
        """
        try:
            offset, limit = whole_number(asked, "offset", 0), whole_number(asked, "limit", MOST_LISTED)
            status = whole_number(asked, "status", 0)
        except Refusal as exc:
            raise Refusal(-132) from exc
        if offset < 0 or not 0 < limit <= MOST_LISTED or not 0 <= status <= 4:
            raise Refusal(-132)
        found = [template for template in self.store.values() if status in (0, STATUSES[template.status])]
        rows = [
            {
                "templateId": int(template.id),
                "templateName": template.name,
                "createdTime": int(template.created_at.timestamp() * 1000),
                "status": template.status,
                "templateQuality": "HIGH",
            }
            for template in found[offset : offset + limit]
        ]
        return {"data": rows, "metadata": {"total": len(found)}, "error": 0, "message": "Success"}

    def usable(self, template_id: str, data: Mapping[str, Any], *, by_uid: bool) -> Template:
        """Find a template that a message may be sent by.

        Raises:
            Refusal: There is none, it is not approved, or the data is not what it demands.
        """
        template = self._found({"template_id": template_id})
        if template.status != "ENABLE":
            raise Refusal(-131)
        if by_uid and (template.created_at < BY_UID_SINCE or template.type == OTP):
            raise Refusal(-249)
        template.check(data)
        return template

    def _found(self, asked: Asked) -> Template:
        template = self.store.get(str(asked.get("template_id", "")))
        if template is None:
            raise Refusal(-109)
        return template

    def _info(self, oa: Oa, asked: Asked) -> dict[str, Any]:
        template = self._found(asked)
        return {
            "templateId": int(template.id),
            "templateName": template.name,
            "status": template.status,
            "listParams": [parameter.as_json() for parameter in template.parameters],
            "listButtons": [],
            "timeout": 7_200_000,
            "previewUrl": f"https://account.zalo.cloud/znspreview/{template.id}",
            "templateQuality": "HIGH",
            "templateTag": TAGS[template.tag],
            "price_sdt": "200",
            "price_uid": "150",
        }

    def _sample(self, oa: Oa, asked: Asked) -> dict[str, str]:
        return {parameter.name: parameter.sample for parameter in self._found(asked).parameters}

    def _quota(self, oa: Oa, asked: Asked) -> dict[str, Any]:
        total = self._world.options.quota or DEFAULT_QUOTA
        month = self._world.options.promotion_quota or None
        return {
            "dailyQuota": total,
            "remainingQuota": max(0, total - self._world.templates),
            "dailyQuotaPromotion": None,
            "remainingQuotaPromotion": None,
            "monthlyPromotionQuota": month,
            "remainingMonthlyPromotionQuota": None
            if month is None
            else max(0, month - oa.promotions[f"{self._world.local():%Y-%m}"]),
            "estimatedNextMonthPromotionQuota": month,
        }

    def _status(self, oa: Oa, asked: Asked) -> dict[str, Any]:
        message_id = asked.get("message_id")
        if not isinstance(message_id, str) or not message_id:
            raise Refusal(-107)
        at_s = self.delivered.get(message_id)
        if at_s is None:
            return {"delivery_time": "", "message": "message not found or not delivered yet", "status": -1}
        return {"delivery_time": str(int(at_s * 1000)), "message": "The message has been delivered", "status": 1}

    def _rating(self, oa: Oa, asked: Asked) -> dict[str, Any]:
        self._found(asked)
        return {"total": 0, "data": []}
