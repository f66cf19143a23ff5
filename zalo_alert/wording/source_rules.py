"""Rules of where a warning comes from: who sends it, by what it knows, its code, and when more is said."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from zalo_alert.foundation.clock import in_vietnam, words
from zalo_alert.language import _, span
from zalo_alert.models import Severity as Harm
from zalo_alert.models import Urgency
from zalo_alert.wording.bulletins import Cited, cited_in
from zalo_alert.wording.calm import is_calm
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.rule import NOT_THERE, SOFTER, Rule, Spot
from zalo_alert.wording.text import Text

_BODIES = (
    "ban chi (?:dao|huy)", "bch", "bcd", "ubnd", "uy ban", "cong an", "bo doi", "bien phong", "chi cuc", "tong cuc",
    "bo (?:chi huy|tu lenh|nong nghiep|cong an|quoc phong)", "kiem lam", "cang vu", "cong ty", "nha may", "thuy dien",
    "ban quan ly", "bql", "chu (?:ho|dap)", "van phong", "vien vat ly", "trung tam", "tram (?:khi tuong|thuy van)",
    "dai (?:khi tuong|kttv|truyen thanh|phat thanh)", "pctt", "ptds", "phong thu dan su", "dien luc", "chinh quyen", "chu tich",
    "thu tuong", "hoi chu thap do", "benh vien", "cdc",
    "nha truong", "tram y te", "loa (?:xa|phuong|thon|ban|truyen thanh)", "hai doi", "canh sat bien", "don vi",
    "truong (?:thpt|thcs|th|tieu hoc|mam non|dai hoc|cao dang)", "ban giam hieu",
    "phong (?:nong nghiep|kinh te|y te|quan ly)",
)  # fmt: skip
_BODY = re.compile(rf"\b(?:{'|'.join(_BODIES)})\b")
_BODY_WITH_ACCENTS = re.compile(
    r"\b(?:cục (?!bộ)|sở (?:nông|nn|y tế|giáo|gd|xây|công|tài|tn|giao thông|du lịch|lao động|nội vụ|văn hóa))"
)
# A body behind one of these is whom to ask or where to go, not who speaks.
_NOT_SPEAKING = re.compile(
    r"(?:\b(?:huong dan|lenh|yeu cau|chi dao|dieu dong) cua(?: (?:cac|luc luong))?|\b(?:goi|goi dien|goi cho|lien he|lien he voi|"
    r"bao|bao cho|bao ngay|bao ngay cho|den|toi|tai|o|tru so|hoi truong|nha|gan))\W*$"
)
_SOURCES = (
    r"(?:theo|can cu)\b[^.\n]{0,60}\b(?:tin|du bao|thong bao|cong dien|dai|trung tam|cuc|nguon|so lieu|chu ho|cong ty|quan trac|"
    "ban (?:chi huy|quan ly)|tram|lenh|van ban|de nghi)",
    "nguon(?: tin)?(?=:)", "cong dien", "khi tuong", "kttv", "thuy van", "trung tam du bao", "ban tin (?:so|luc|hoi)",
    "quan trac", "do duoc", "mua[^.\\n]{0,24} da (?:vuot|dat|do)",
)  # fmt: skip
_SOURCE = re.compile(rf"\b(?:{'|'.join(_SOURCES)})\b")
_NEXT = re.compile(
    r"\b(?:ban )?tin (?:tiep theo|ke tiep|tiep|sau|moi)\b|\b(?:cap nhat|thong bao) tiep theo\b"
    r"|\bcap nhat(?: tin)? (?:luc|truoc|vao|tiep|sau|them|hang|moi|lien tuc)\b"
    r"|\bthong bao(?: tin)? (?:tiep|sau|them|hang|moi|lien tuc)\b|\bbao (?:tiep|them|lai)\b"
    r"|\b(?:se|tiep tuc)(?: tiep tuc)? (?:cap nhat|thong bao|thong tin|co tin|gui tin|phat tin)\b"
)
_QUICK = frozenset({"lu-quet", "sat-lo", "xa-lu", "su-co-dap", "loc-set", "song-than", "dong-dat"})
_OLD, _OLD_OF_QUICK = timedelta(hours=3), timedelta(hours=1)


def _code(text: Text) -> Iterator[Spot]:
    code = text.campaign.code
    is_message = text.is_whole or text.as_read.path[-1:] == ("data",)
    if not is_message or code.casefold() in text.seen.casefold():
        return
    fix = _("write {line} at its end", line="Mã tin: {{ code }}")
    if not text.is_whole:
        fix = _("put {field} into the template's data", field="{{ code }}")
    yield Spot(0, 0, _("holds the alert's code nowhere: people can't ask whether {code} is real", code=code), fix)


def _sender(text: Text) -> Iterator[Spot]:
    if text.campaign.fields.get("don_vi") in {None, ""} or str(text.campaign.fields["don_vi"]) not in text.seen:
        bodies = [*_BODY.finditer(text.plain), *_BODY_WITH_ACCENTS.finditer(text.lowered)]
        if not any(_speaks(text, body.start()) for body in bodies):
            fix = _("write who sends it behind the hour, such as: Phát lúc … – Ban Chỉ huy Phòng thủ dân sự tỉnh …")
            yield Spot(0, 0, _("names nobody who sends it"), fix)


def _speaks(text: Text, at: int) -> bool:
    return not _NOT_SPEAKING.search(text.plain[max(0, at - 40) : at])


def _source(text: Text) -> Iterator[Spot]:
    needs_none = text.campaign.urgency in {Urgency.PAST, Urgency.IMMEDIATE}  # no bulletin of a dam that gives way
    if not (needs_none or _SOURCE.search(text.plain) or is_calm(text)):
        fix = _("write by what it is known, such as: theo bản tin bão khẩn cấp 13 giờ")
        yield Spot(0, 0, _("does not say by whose bulletin or measurement"), fix)


def _next_message(text: Text) -> Iterator[Spot]:
    campaign = text.campaign
    is_routine = campaign.severity is Harm.MINOR and campaign.urgency is not Urgency.IMMEDIATE
    if not (campaign.urgency is Urgency.PAST or is_routine or is_calm(text) or _NEXT.search(text.plain)):
        fix = _("write when more is said, such as: Tin tiếp theo: 17 giờ ngày 18/9")
        yield Spot(0, 0, _("does not say when the next message comes"), fix)


def _old_bulletin(text: Text) -> Iterator[Spot]:
    most = _OLD_OF_QUICK if text.campaign.event in _QUICK else _OLD
    for cited in _cited(text):
        age = _effective(text) - cited.at
        if age > most:
            message = _("goes by a bulletin of {at}, {age} before it takes effect", at=words(cited.at), age=span(age))
            fix = _("look for a newer one, or write why there is none")
            yield Spot(*text.place(cited.start, cited.end), message, fix)


def _bulletin_ahead(text: Text) -> Iterator[Spot]:
    for cited in _cited(text):
        if cited.at > _effective(text):
            message = _("goes by a bulletin of {at}, which is after it takes effect", at=words(cited.at))
            yield Spot(*text.place(cited.start, cited.end), message, _("put the bulletin's hour and day right, or effective"))


def _cited(text: Text) -> Iterator[Cited]:
    """Yield the bulletin of the campaign's own field, then those of its text."""
    own = text.campaign.fields.get("ban_tin_luc")
    if isinstance(own, datetime):
        yield Cited(0, 0, in_vietnam(own))
    yield from (cited for cited in cited_in(text.lowered, text.plain, _effective(text)) if cited.at != own)


def _effective(text: Text) -> datetime:
    return in_vietnam(text.campaign.effective)


RULES = (
    Rule("no-code", Severity.ERROR, _code, SOFTER),
    Rule("no-sender", Severity.ERROR, _sender, NOT_THERE, of_whole=True),
    Rule("source", Severity.WARNING, _source, NOT_THERE, of_whole=True),
    Rule("old-bulletin", Severity.WARNING, _old_bulletin, NOT_THERE, of_whole=True),
    Rule("bulletin-ahead", Severity.WARNING, _bulletin_ahead, NOT_THERE, of_whole=True),
    Rule("no-next-message", Severity.WARNING, _next_message, NOT_THERE, of_whole=True),
)
