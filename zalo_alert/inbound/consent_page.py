"""What an administrator reads once they have consented: Vietnamese first, no script, nothing from anywhere else.

They are no users of this program and have no language set, so these few sentences stand here and not in the catalogue.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import NamedTuple

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.http_connection import response
from zalo_alert.inbound.consent_answer import Reply, Verdict

_HTML = b"text/html;charset=utf-8"
_STYLE = (
    "body{font:1.1rem/1.6 sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;overflow-wrap:anywhere}small{color:#555}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# The address of the page holds a code and a state: neither is to be kept, told to another site, or framed by one.
_HEADERS = (
    f"content-security-policy: default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\n"
    "cache-control: no-store\r\n"
    "referrer-policy: no-referrer\r\n"
    "x-content-type-options: nosniff\r\n"
    "x-frame-options: DENY\r\n"
    "x-robots-tag: noindex\r\n"
    "cross-origin-opener-policy: same-origin\r\n"
    "cross-origin-resource-policy: same-origin\r\n"
    "permissions-policy: geolocation=(), camera=(), microphone=()\r\n"
).encode()
_RETRY = b"retry-after: 60\r\n"
_PAGE = (
    '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    "<title>{title}</title><style>" + _STYLE.replace("{", "{{").replace("}", "}}") + "</style></head>"
    '<body><h1>{title}</h1><p>{text}</p><p lang="en"><small>{english}</small></p></body></html>'
)


class _Wording(NamedTuple):
    status: int
    title: str
    text: str
    english: str


_AGAIN, _AGAIN_EN = "Xin mở lại liên kết trong thư.", "Please open the link in the letter again."
_NEW, _NEW_EN = "Xin đề nghị cơ quan gửi liên kết mới.", "Please ask the office for a new link."
_CLOSE, _CLOSE_EN = "Quý vị có thể đóng trang này.", "You can close this page."
_NOTHING, _NOTHING_EN = "Chưa có gì được lưu.", "Nothing was stored."
_THANKS = _Wording(
    200,
    "Đã nhận, xin cảm ơn",
    f"Official Account “{{name}}” đã cấp quyền cho ứng dụng của cơ quan. {_CLOSE}",
    f"Received, thank you: the Official Account has allowed the app. {_CLOSE_EN}",
)

_WORDINGS: Mapping[Reply, _Wording] = {
    Reply.RECEIVED: _THANKS,
    Reply.REPEATED: _THANKS,
    Reply.UNPROVEN: _Wording(
        202,
        "Đã nhận, đang chờ Zalo xác nhận",
        f"Zalo chưa trả lời đây là Official Account nào; cơ quan sẽ tự hỏi lại. {_CLOSE} Nếu sau đó cơ quan vẫn nhắc, "
        "xin mở lại liên kết trong thư.",
        f"Received; Zalo has yet to confirm which account it is for. {_CLOSE_EN}",
    ),
    Reply.DECLINED: _Wording(
        400,
        "Quý vị chưa cho phép",
        f"Zalo không gửi mã cấp quyền. {_NOTHING} Khi đồng ý, xin mở lại liên kết trong thư và bấm “Cho phép”.",
        f"You have not allowed the app. {_NOTHING_EN} {_AGAIN_EN}",
    ),
    Reply.WRONG_OA: _Wording(
        403,
        "Chưa đúng Official Account",
        f"Liên kết này dành cho Official Account “{{name}}” (số {{oa_id}}), còn quý vị đã chọn {{other}}. {_NOTHING} "
        "Xin mở lại liên kết trong thư và chọn đúng Official Account.",
        f"Another Official Account was chosen than the link is for. {_NOTHING_EN} {_AGAIN_EN}",
    ),
    Reply.UNKNOWN: _Wording(
        404,
        "Liên kết không đúng",
        "Trang này chỉ nhận câu trả lời cho liên kết mà cơ quan đã gửi. Xin mở đúng liên kết trong thư, không gõ lại, "
        "không cắt bớt.",
        "This is no answer to a link that was sent from here. Please open the link in the letter.",
    ),
    Reply.ENDED: _Wording(
        410, "Liên kết đã hết hạn", f"Liên kết này chỉ dùng được đến {{ended}}. {_NEW}", f"The link has expired. {_NEW_EN}"
    ),
    Reply.WITHDRAWN: _Wording(
        410,
        "Liên kết không còn dùng",
        f"Official Account này không còn trong danh sách của cơ quan, hoặc đã đổi. {_NOTHING} {_NEW}",
        f"The link is no longer in use. {_NEW_EN}",
    ),
    Reply.SPENT: _Wording(
        400,
        "Xin làm lại một lần nữa",
        f"Mã của Zalo đã dùng rồi hoặc đã quá mười phút. {_NOTHING} {_AGAIN}",
        f"Zalo's code was used before or is more than ten minutes old. {_NOTHING_EN} {_AGAIN_EN}",
    ),
    Reply.LOST: _Wording(
        503,
        "Zalo chưa trả lời",
        f"Kết nối tới Zalo bị gián đoạn, nên cơ quan chưa nhận được quyền. {_AGAIN}",
        f"Zalo gave no answer. {_AGAIN_EN}",
    ),
    Reply.REFUSED: _Wording(
        503,
        "Cơ quan chưa nhận được quyền",
        "Zalo từ chối ứng dụng của cơ quan; đây không phải lỗi của quý vị. Cơ quan đã được báo. Xin mở lại liên kết trong thư "
        "vào hôm sau.",
        "Zalo refuses the office's app, which is not your fault. Please open the link in the letter again tomorrow.",
    ),
    Reply.TOO_OFTEN: _Wording(
        429,
        "Đã thử quá nhiều lần",
        f"Xin đợi mười phút. {_AGAIN}",
        f"Too many tries: please wait for ten minutes. {_AGAIN_EN}",
    ),
    Reply.BUSY: _Wording(
        503,
        "Đang có nhiều người cùng cấp quyền",
        "Xin tải lại trang này sau một phút; không cần mở lại liên kết.",
        "Many are here at the same time: please reload this page in a minute.",
    ),
    Reply.UNSTORED: _Wording(
        503,
        "Máy của cơ quan chưa lưu được",
        f"Cơ quan đã được báo. {_AGAIN[:-1]} sau một giờ.",
        f"The office's machine could not store it. {_AGAIN_EN}",
    ),
}


def consent_page(verdict: Verdict, *, is_last: bool) -> bytes:
    """Answer an administrator's browser.

    Args:
        verdict: What became of their answer.
        is_last: Whether the connection closes behind it.
    """
    wording = _WORDINGS[verdict.reply]
    fields = {
        "name": verdict.name or verdict.account,
        "oa_id": verdict.oa_id,
        "other": f"“{verdict.other}”" if verdict.other else "Official Account khác",
        "ended": f"{datetime.fromtimestamp(verdict.ends_at_s, VIETNAM):%H:%M ngày %d/%m/%Y}",
    }
    text = wording.text.format(**fields)
    page = _PAGE.format(title=escape(wording.title), text=escape(text), english=escape(wording.english)).encode()
    waits = _RETRY if wording.status in (429, 503) else b""
    return response(wording.status, page, _HTML, _HEADERS + waits, is_last=is_last)
