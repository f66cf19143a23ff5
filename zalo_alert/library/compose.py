"""A new campaign file, written out of a template and the answers to its questions: YAML with comments for whoever changes it.

Owns how the file looks. Checks nothing: whoever writes the file parses it first.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zalo_alert.campaign.build import nfc
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.foundation.yaml_lines import block, commented, quoted, scalar
from zalo_alert.models import FieldValue, Status, Urgency

if TYPE_CHECKING:
    from zalo_alert.library.template import Template

CS: Sequence[Mapping[str, Any]] = ({"type": "cs"},)


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a message is for: how a campaign names it, and what people call it."""

    selector: str
    name: str


@dataclass(frozen=True, slots=True)
class Routes:
    """Ways to people, each as a campaign file has it: for the alert, and for what may follow it (None: as the alert's `cs`)."""

    alert: Sequence[Mapping[str, Any]] = CS
    correction: Sequence[Mapping[str, Any]] | None = None
    all_clear: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What is filled into a template.

    Args:
        code: Of the new message.
        status: CAP's.
        areas: Whom it is for, never empty.
        effective: When it begins, with a zone.
        expires: After which nothing is sent.
        onset: When the danger begins; None where nobody said.
        fields: Values by name, in the order in which they are to stand; None is not filled in yet.
        references: Codes of the messages that it takes the place of.
        routes: Ways to people.
        accounts: OAs to send from; none leaves the only one.
        exclude: What a campaign that this one follows leaves out, as it is written there.
    """

    code: str
    status: Status
    areas: Sequence[Place]
    effective: datetime
    expires: datetime
    onset: datetime | None = None
    fields: Mapping[str, FieldValue | None] = field(default_factory=dict)
    references: Sequence[str] = ()
    routes: Routes = field(default_factory=Routes)
    accounts: Sequence[str] = ()
    exclude: Mapping[str, Any] = field(default_factory=dict)


def compose(template: "Template", answers: Answers) -> str:
    """Write a campaign file.

    Args:
        template: Whose texts it begins with.
        answers: What stands in their fields, and the rest of the file.

    Returns:
        YAML, ending in a line feed.
    """
    parts = (
        _opening(template),
        _header(template, answers),
        _fields(template, answers),
        _audience(answers),
        _routes("routes", answers.routes.alert, "", "đường gửi, thử lần lượt; cs: tin tư vấn"),
        _message(template),
        _limits(template),
        *_follow_ups(template, answers),
    )
    return nfc("\n".join(line for part in parts for line in part) + "\n")


def _opening(template: "Template") -> Iterator[str]:
    yield "# yaml-language-server: $schema=../campaign.schema.json"
    yield f"# Bắt đầu từ mẫu tin {template.name}. Sửa được mọi câu chữ; số liệu và giờ sửa ở `fields`, mọi câu đổi theo."
    if template.decides:
        yield f"# Ai quyết định: {template.decides}"
    yield from (f"# [ ] {step}" for step in template.steps)
    yield "# Sửa xong: zalo-alert validate TỆP_NÀY. {{ place }}, {{ code }}, {{ expires }}… tự điền khi gửi: giữ nguyên."


def _header(template: "Template", answers: Answers) -> Iterator[str]:
    yield _entry("code", answers.code, "in trên tin, là tên đợt gửi: không dùng lại")
    yield _entry("status", answers.status, "Actual: tin thật; Exercise: diễn tập; Test: thử")
    yield _entry("msgType", template.msg_type)
    if answers.references:
        yield _entry("references", _flow(list(answers.references)), "mã của những tin mà tin này thay")
    yield _entry("template", template.name, "để người phê duyệt thấy đã sửa bao nhiêu: giữ nguyên")
    yield _entry("event", template.hazard)
    if template.level is not None:
        yield _entry("risk_level", template.level, "cấp độ rủi ro thiên tai (Quyết định 18/2021)")
    yield _entry("urgency", template.urgency)
    yield _entry("severity", template.severity)
    yield _entry("certainty", template.certainty)
    if template.response_types:
        yield _entry("responseType", _flow(list(template.response_types)))
    yield _entry("effective", _instant(answers.effective), "giờ phát tin")
    if answers.onset and answers.onset > answers.effective:
        yield _entry("onset", _instant(answers.onset), "nguy hiểm bắt đầu")
    yield _entry("expires", _instant(answers.expires), "sau giờ này không gửi nữa")


def _fields(template: "Template", answers: Answers) -> Iterator[str]:
    if not answers.fields:
        return
    asks = {question.name: question.asks for question in template.questions}
    yield _entry("fields", "", "ô điền của các câu bên dưới")
    for name, value in answers.fields.items():
        yield _entry(f"  {name}", _value(value), asks.get(name, ""))


def _audience(answers: Answers) -> Iterator[str]:
    yield "audience:"
    yield "  areas:"
    for place in answers.areas:
        yield commented(f"    - {scalar(place.selector)}", place.name)
    yield _entry("  uncertain", "include", "gửi cả người có thể ở đó (chỉ biết tỉnh mới)")
    if answers.exclude:
        yield _entry("  exclude", _flow(answers.exclude))
    if answers.accounts:
        yield _entry("  accounts", _flow(list(answers.accounts)))


def _routes(name: str, routes: Sequence[Mapping[str, Any]], indent: str, comment: str = "") -> Iterator[str]:
    yield commented(f"{indent}{name}:", comment)
    for route in routes:
        yield f"{indent}  - {_flow(route)}"


def _message(template: "Template") -> Iterator[str]:
    yield "message:"
    yield f"  headline: {quoted(template.headline)}"
    yield from block("text", _read(template.text), "  ")


def _limits(template: "Template") -> Iterator[str]:
    """Choose for a campaign that must choose: a second copy frightens less people than a duty officer can explain at night."""
    is_urgent = template.urgency is Urgency.IMMEDIATE
    comment = "khi không rõ đã tới chưa: hold không gửi lại; resend gửi lại, có người nhận hai lần"
    yield commented("limits: {attempts: 5, on_unknown: hold}", comment if is_urgent else "")


def _follow_ups(template: "Template", answers: Answers) -> Iterator[Iterator[str]]:
    if template.correction:
        yield _follow_up("correction", "", template.correction, answers.routes.correction, "soạn sẵn, gửi khi tin này sai")
    headline, text = template.all_clear
    if text:
        yield _follow_up("all_clear", headline, text, answers.routes.all_clear, "soạn sẵn, gửi khi hết nguy hiểm")


def _follow_up(name: str, headline: str, text: str, routes: Sequence[Mapping[str, Any]] | None, comment: str) -> Iterator[str]:
    yield commented(f"{name}:", comment)
    if headline:
        yield f"  headline: {quoted(headline)}"
    yield from block("text", _read(text), "  ")
    if routes is not None:
        yield from _routes("routes", routes, "  ")


def _read(text: str) -> str:
    """Return a text as it is read: without blanks at its ends, nor at the end of a line, where nobody sees them."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _entry(key: str, value: object, comment: str = "") -> str:
    return commented(f"{key}: {value}".rstrip(), comment)


def _value(value: FieldValue | None) -> str:
    if value is None:
        return '"…"'
    if isinstance(value, datetime):
        return _instant(value)
    return str(value) if isinstance(value, int | float) else quoted(value)


def _instant(at: datetime) -> str:
    return in_vietnam(at).isoformat()


def _flow(value: Any) -> str:
    """Write a value within one line, as campaign files do."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(name))}: {_flow(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return scalar(value) if isinstance(value, str) else json.dumps(value)
