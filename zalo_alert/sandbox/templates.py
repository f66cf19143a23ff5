"""Templates: which there are, what they demand of a message's data, and the reads of the business host."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.sandbox.wire import ApiRequest, Handler, Refusal, whole_number
from zalo_alert.sandbox.world import Oa, World

STATUSES = {"ENABLE": 1, "PENDING_REVIEW": 2, "REJECT": 3, "DISABLE": 4}
TAGS = {1: "TRANSACTION", 2: "CUSTOMER_CARE", 3: "PROMOTION"}
BY_UID_SINCE = datetime(2025, 12, 10, tzinfo=VIETNAM)  # older ones are for phones alone
CUSTOM, OTP = 1, 2
MOST_LISTED = 100
MOST_WRITTEN = 100  # creations a day, and as many changes
MOST_NAME = 60
DEFAULT_QUOTA = 500_000

# Longest value of each type of parameter, by Zalo's number of it: a person's name, a phone, an address, a code, and so on.
_LONGEST = dict(enumerate((30, 15, 200, 30, 30, 30, 50, 5, 200, 20, 20, 10, 200, 12, 90), start=1))
_KINDS = {2: "PHONE", 10: "NUMBER", 11: "DATE"}
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
        names = {parameter.name for parameter in self.parameters}
        if not data and any(parameter.required for parameter in self.parameters):
            raise Refusal(-111)
        if set(data) - names:
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
_WORDS = Parameter("noi_dung", 200, required=False, sample="Bão số 7")
_TIME = Parameter("gio", 20, required=False, sample="14:00")
_PLACE = Parameter("tinh", 200, required=False, sample="Thanh Hóa")


def approved() -> dict[str, Template]:
    """Make the templates of an office: those of the example campaigns, and one for every way not to fit an emergency."""
    templates = (
        Template("311203", "Cảnh báo thiên tai", (_CODE, _PLACE, _WORDS)),
        Template("311204", "Cảnh báo thiên tai qua số điện thoại", (_CODE, _PLACE)),
        Template("311205", "Tin cuối cùng", (_CODE, _PLACE)),
        Template("311206", "Đính chính", (_CODE,)),
        Template("311207", "Cảnh báo lũ quét", (_CODE, _PLACE)),
        Template("311208", "Thông báo xả lũ", (_CODE, _PLACE, _TIME)),
        Template("311215", "Lịch xả lũ", (_CODE, _DAY, _FLOW)),
        Template("311216", "Khảo sát sau bão", (_CODE,), tag=2),
        Template("311217", "Bảo hiểm mùa bão", (_CODE,), tag=3),
        Template("311218", "Cảnh báo động đất", (_CODE,), status="PENDING_REVIEW"),
        Template("311219", "Cảnh báo sóng thần", (_CODE,), status="REJECT"),
        Template("311220", "Cảnh báo cháy rừng", (_CODE,), status="DISABLE"),
        Template("298001", "Cảnh báo cũ", (_CODE,), created="2025-06-01"),
        Template("311221", "Mã xác thực", (Parameter("otp", 10, sample="123456"),), type=OTP),
    )  # fmt: skip
    return {template.id: template for template in templates}


class Templates:
    """The template store and what the business host tells of it and of quotas.

    Args:
        world: Whose.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.store = approved()
        self._written: Counter[tuple[str, str, str]] = Counter()  # by OA, day, and whether new
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
            ("POST", "/template/create"): self._create,
            ("POST", "/template/edit"): self._edit,
        }

    def listed(self, asked: ApiRequest) -> dict[str, Any]:
        """Answer `template/all`, whose envelope has `metadata` beside `data`.

        Raises:
            Refusal: A number is not valid, or beyond its limit.
        """
        asked = {"limit": MOST_LISTED, **asked}
        offset, limit, status = (_number(asked, name) for name in ("offset", "limit", "status"))
        if offset < 0 or not 0 < limit <= MOST_LISTED or not 0 <= status <= 4:
            raise Refusal(-132)
        templates = [template for template in self.store.values() if status in (0, STATUSES[template.status])]
        rows = [
            {
                "templateId": int(template.id),
                "templateName": template.name,
                "createdTime": int(template.created_at.timestamp() * 1000),
                "status": template.status,
                "templateQuality": "HIGH",
            }
            for template in templates[offset : offset + limit]
        ]
        return {"data": rows, "metadata": {"total": len(templates)}, "error": 0, "message": "Success"}

    def usable(self, template_id: str, data: Mapping[str, Any], *, by_uid: bool) -> Template:
        """Find a template that a message may be sent by.

        Raises:
            Refusal: There is no such template, it is not approved, or the data is not what it demands.
        """
        template = self._found({"template_id": template_id})
        if template.status != "ENABLE":
            raise Refusal(-131)
        if by_uid and (template.created_at < BY_UID_SINCE or template.type == OTP):
            raise Refusal(-249)
        template.check(data)
        return template

    def _found(self, asked: ApiRequest) -> Template:
        template = self.store.get(str(asked.get("template_id", "")))
        if template is None:
            raise Refusal(-109)
        return template

    def _info(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
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

    # --- made by the app ---------------------------------------------------------------------------------------------------

    def _create(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        name, kind, tag, parameters = _described(asked)
        self._count(oa, "new")
        today = f"{self._world.local():%Y-%m-%d}"
        template = Template(str(400_001 + len(self.store)), name, parameters, tag, kind, "PENDING_REVIEW", today)
        self.store[template.id] = template
        return self._pending(oa, template)

    def _edit(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        template = self._found(asked)
        if template.status != "REJECT":
            raise Refusal(-1091)
        described = _described(asked)
        self._count(oa, "changed")
        template.name, template.type, template.tag, template.parameters = described
        template.status = "PENDING_REVIEW"
        return self._pending(oa, template)

    def _count(self, oa: Oa, what: str) -> None:
        day = (oa.oa_id, f"{self._world.local():%Y-%m-%d}", what)
        self._written[day] += 1
        if self._written[day] > MOST_WRITTEN:
            raise Refusal(-160)

    def _pending(self, oa: Oa, template: Template) -> dict[str, Any]:
        return {
            "template_id": template.id, "template_name": template.name, "template_type": template.type,
            "template_status": template.status, "tag": template.tag, "app_id": oa.app.app_id, "oa_id": oa.oa_id,
            "price": "200", "timeout": 7_200_000, "preview_url": f"https://account.zalo.cloud/znspreview/{template.id}",
        }  # fmt: skip

    # --- reads -------------------------------------------------------------------------------------------------------------

    def _sample(self, oa: Oa, asked: ApiRequest) -> dict[str, str]:
        return {parameter.name: parameter.sample for parameter in self._found(asked).parameters}

    def _quota(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
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

    def _status(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        message_id = asked.get("message_id")
        if not isinstance(message_id, str) or not message_id:
            raise Refusal(-107)
        at_s = self.delivered.get(message_id)
        if at_s is None:
            return {"delivery_time": "", "message": "message not found or not delivered yet", "status": -1}
        return {"delivery_time": str(int(at_s * 1000)), "message": "The message has been delivered", "status": 1}

    def _rating(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        self._found(asked)
        return {"total": 0, "data": []}


def _described(asked: ApiRequest) -> tuple[str, int, int, tuple[Parameter, ...]]:
    """Read what a template is to be.

    Raises:
        Refusal: It is not valid.
    """
    name, parameters = asked.get("template_name"), asked.get("params", [])
    kind, tag = _number(asked, "template_type"), _number(asked, "tag")
    if not isinstance(name, str) or not 0 < len(name) <= MOST_NAME or kind not in range(1, 6) or tag not in TAGS:
        raise Refusal(-132)
    if not isinstance(asked.get("layout"), dict) or not isinstance(parameters, list):
        raise Refusal(-132)
    return name, kind, tag, tuple(_parameter(fields) for fields in parameters)


def _parameter(fields: Any) -> Parameter:
    if not isinstance(fields, dict) or not isinstance(fields.get("name"), str) or not fields["name"]:
        raise Refusal(-132)
    kind = _number(fields, "type")
    if kind not in _LONGEST:
        raise Refusal(-132)
    return Parameter(fields["name"], _LONGEST[kind], _KINDS.get(kind, "STRING"), sample=str(fields.get("sample_value", "")))


def _number(asked: Mapping[str, Any], name: str) -> int:
    try:
        return whole_number(asked, name, 0)
    except Refusal as exc:
        raise Refusal(-132) from exc
