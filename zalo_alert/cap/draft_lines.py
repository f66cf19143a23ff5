"""A draft as the lines of a campaign file, with comments in Vietnamese for the officer who reads it.

Owns how the file looks, and how a draft is kept from being sent unread: somebody must put their name into it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from zalo_alert.cap import house_words as house
from zalo_alert.cap.document import Alert, Info
from zalo_alert.cap.draft import UNFILLED, Remark, Selector
from zalo_alert.cap.draft_groups import Group
from zalo_alert.cap.draft_head import Head, first_info, parameters
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.foundation.yaml_lines import block, comment, commented, quoted, scalar
from zalo_alert.language import Language, catalogue_of, said_in

CHECKER = "nguoi_soat"  # the field that holds who has read a draft
_NO_GROUP = Group((Selector(UNFILLED, "tin gốc không nêu nơi nào"),), "", "", (), (), None, None)
_EMPTY = "tin gốc không có: hãy viết"
_CHECK = "hãy ghi tên người soát bản này"


def lines_of(
    alert: Alert, head: Head, code: str, references: Sequence[str], groups: Sequence[Group], remarks: Sequence[Remark]
) -> Iterator[str]:
    """Yield the file, line by line."""
    info = first_info(alert)
    first, *others = groups or [_NO_GROUP]
    yield from _opening(alert, remarks)
    yield from _head(alert, head, code, references)
    yield from _how_bad(head, first)
    yield from _times(alert, info, first)
    yield from _fields(alert, info)
    yield "audience:"
    yield from _areas(list(dict.fromkeys(one for group in (first, *others) for one in group.selectors)), "  ")
    yield commented("  uncertain: include", "gửi cả người có thể ở đó (chỉ biết tỉnh mới)")
    if head.status == "Test":
        yield "  # list: nhan-vien                           # tin thử chỉ gửi cho người trong một danh sách: ghi tên nó"
    yield commented("routes:", "chọn đường gửi của đơn vị")
    yield "  - {type: cs}"
    yield "message:"
    yield commented(f"  headline: {quoted(first.headline)}", "" if first.headline else _EMPTY)
    yield from _text(first.text, "  ")
    yield from _languages(first, "  ")
    yield from _variants(first, others, in_force=_effective(alert, info))
    yield from _ending(alert, head)


def _opening(alert: Alert, remarks: Sequence[Remark]) -> Iterator[str]:
    vietnamese = catalogue_of(Language.VI)
    yield "# yaml-language-server: $schema=../campaign.schema.json"
    sent = in_vietnam(alert.sent).isoformat(timespec="seconds")
    yield f"# {comment(f'Bản nháp lập từ tin CAP {alert.identifier} của {alert.sender}, phát {sent}, status {alert.status}.')}"
    yield "# CHƯA AI ĐỌC: soát từng dòng với tin gốc, rồi chạy zalo-alert validate TỆP_NÀY."
    if remarks:
        yield "# Cần xem lại, hoặc không chuyển được từ tin gốc:"
    for remark in remarks:
        yield f"# - {comment(f'{remark.place}: {said_in(remark.why, vietnamese)}')}"


def _head(alert: Alert, head: Head, code: str, references: Sequence[str]) -> Iterator[str]:
    yield commented(f"code: {scalar(code)}", "in trên tin, là tên đợt gửi: không dùng lại")
    yield commented(f"status: {head.status}", "Actual: tin thật; Exercise: diễn tập; Test: thử")
    yield f"msgType: {alert.msg_type}"
    if references:
        yield commented(f"references: [{', '.join(map(scalar, references))}]", "mã của những tin mà tin này nói đến")
    yield f"event: {scalar(head.event)}"


def _how_bad(head: Head, first: Group) -> Iterator[str]:
    if first.risk_level is not None:
        yield commented(f"risk_level: {first.risk_level}", "cấp độ rủi ro thiên tai (Quyết định 18/2021)")
    yield f"urgency: {scalar(head.urgency)}"
    yield f"severity: {scalar(head.severity)}"
    yield f"certainty: {scalar(head.certainty)}"
    if head.response_types:
        yield f"responseType: [{', '.join(map(scalar, head.response_types))}]"


def _times(alert: Alert, info: Info | None, first: Group) -> Iterator[str]:
    yield commented(f"effective: {_instant(_effective(alert, info))}", "giờ phát tin")
    if first.onset:
        yield commented(f"onset: {_instant(first.onset)}", "nguy hiểm bắt đầu")
    expires = _instant(info.expires) if info and info.expires else quoted(UNFILLED)
    yield commented(f"expires: {expires}", "sau giờ này không gửi nữa")


def _effective(alert: Alert, info: Info | None) -> datetime:
    return (info.effective if info else None) or alert.sent


def _instant(at: datetime) -> str:
    return in_vietnam(at).isoformat(timespec="seconds")


def _fields(alert: Alert, info: Info | None) -> Iterator[str]:
    yield "fields:"
    for name, value in _field_values(alert, info):
        yield f"  {name}: {value}"
    about = "ai đã soát bản này với tin gốc: ghi họ tên, đơn vị; chưa ghi thì chưa gửi được"
    yield commented(f"  {CHECKER}: {quoted(UNFILLED)}", about)


def _field_values(alert: Alert, info: Info | None) -> Iterator[tuple[str, str]]:
    if info and info.sender_name:
        yield "don_vi", quoted(_one_line(info.sender_name))
    for name in parameters(info, house.BULLETIN)[:1] or ([alert.source] if alert.source else []):
        yield "ban_tin", quoted(_one_line(name))
    for parameter, field in ((house.BULLETIN_AT, "ban_tin_luc"), (house.NEXT_AT, "tin_tiep_theo")):
        for value in parameters(info, parameter)[:1]:
            yield field, quoted(_one_line(value))


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("{{", "{ {").replace("{%", "{ %")


def _areas(selectors: Sequence[Selector], indent: str) -> Iterator[str]:
    yield f"{indent}areas:"
    for selector in selectors:
        yield commented(f"{indent}  - {scalar(selector.text)}", selector.about)


def _text(text: str, indent: str) -> Iterator[str]:
    if text:
        yield from block("text", text, indent)
    else:
        yield commented(f'{indent}text: ""', _EMPTY)


def _languages(group: Group, indent: str) -> Iterator[str]:
    for language, text in group.others:
        yield f"{indent}# {comment(_said(language))}"
        yield from (f"{indent}#   {comment(line)}" for line in text.split("\n"))
    if not group.languages:
        return
    yield f"{indent}languages:"
    for language, text in group.languages:
        yield f"{indent}  {language}:"
        yield from _text(text, f"{indent}    ")
        yield commented(f'{indent}    checked_by: ""', _CHECK)


def _said(language: str) -> str:
    return f"tin gốc còn có bằng tiếng {language[:20]}, là tiếng mà bản tin chưa nhận:"


def _variants(first: Group, others: Sequence[Group], *, in_force: datetime) -> Iterator[str]:
    if others:
        yield "variants:"
    for group in others:
        head, *rest = _variant(first, group, in_force)
        yield f"  - {head.lstrip()}"
        yield from rest


def _variant(first: Group, group: Group, in_force: datetime) -> Iterator[str]:
    """Yield what is other than for everybody else; the danger has begun where nobody says when."""
    yield from _areas(group.selectors, "    ")
    if group.risk_level is not None and group.risk_level != first.risk_level:
        yield f"    risk_level: {group.risk_level}"
    onset = group.onset or (in_force if first.onset else None)
    if onset and onset != first.onset:
        yield f"    onset: {_instant(onset)}"
    if (group.text, group.languages) != (first.text, first.languages):
        yield from _text(group.text, "    ")
        yield from _languages(group, "    ")
        if first.languages and not group.languages:
            yield "    languages: {}"


def _ending(alert: Alert, head: Head) -> Iterator[str]:
    about = "khi không rõ đã tới chưa: hold không gửi lại; resend gửi lại, có người nhận hai lần"
    yield commented("limits: {attempts: 5, on_unknown: hold}", about)
    if head.is_real and alert.msg_type != "Cancel":
        yield commented("correction:", "soạn sẵn, gửi khi tin này sai")
        yield commented('  text: ""', "hãy viết")
