"""Rules of agreement: what a text says of itself and of the danger, held against the file, its own hours, and the scales."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from zalo_alert.campaign.follow_up import ALERT
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.language import _
from zalo_alert.models import MsgType, Status
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.hazard_words import hazards_in, is_of
from zalo_alert.wording.hours import WrittenHour
from zalo_alert.wording.levels import Scale, levels_in
from zalo_alert.wording.rule import CORRECTION, NOT_THERE, Rule, Spot
from zalo_alert.wording.text import Text
from zalo_alert.wording.written import instant_of

_UNTIL = re.compile(r"\b(?:hiệu lực|giá trị)(?: của (?:tin|bản tin))?(?: này)?(?::| là)? ?(?:đến|tới)(?: hết| lúc)* $")
_NEXT = re.compile(
    r"\b(?:(?:bản )?tin (?:tiếp theo|kế tiếp|sau|tiếp|mới)|cập nhật (?:tiếp theo|tiếp))"
    r"(?: sẽ)?(?: phát)?(?: lúc| vào| trước)*[: ]*$"
)
_SLACK = timedelta(minutes=1)
_CODE = re.compile(r"(?<![\w./-])[A-Z]{2,8}(?:-[A-Z]{2,8})?-\d{6}-\d{2}(?![\w-])")
_RANGE = re.compile(r"^ ?(?:đến|tới|đến hết|[-–]) ?(?:ngày )?$")
_FROM = re.compile(r"\btừ (?:ngày )?$")
_SUPER = re.compile(r"\bsiêu bão\b")
_NOT_YET = re.compile(r"\b(?:có thể|khả năng|mạnh lên|thành|không phải|chưa)\b[^.\n]{0,24}$")
_LEAST_SUPER = 16  # of the wind scale; Decision 18/2021, article 3
_DEPRESSION = re.compile(r"\[[^\]\n]*áp thấp nhiệt đới[^\]\n]*\]")
_LEAST_STORM = 8
_SCALE = re.compile(r"\b(?:rủi ro|thiên tai)(?: thiên tai)? (?:cấp|mức|cấp độ)[: ]+[1-5] ?/ ?(?P<of>[0-9]{1,2})\b(?! ?(?:/|giờ))")
_RISK_LEVELS = 5
_GUST = re.compile(
    r"\bcấp (?:[0-9]{1,2} ?[-–] ?)?(?P<wind>[0-9]{1,2})[, ]{1,2}(?:gió )?giật (?:tới |đến )?cấp "
    r"(?:[0-9]{1,2} ?[-–] ?)?(?P<gust>[0-9]{1,2})\b"
)
_CHANGE = re.compile(
    r"\b(?:(?P<up>tăng|nâng|dâng)|giảm|hạ)\b[^.;\n]{0,40}?\btừ (?P<first>\d[\d.,]*)(?: ?[^\s\d.;,]{1,8})? (?:lên|xuống|đến|còn)"
    r"(?: khoảng| gần| tới)? (?P<last>\d[\d.,]*)(?![\d/:])(?! ?(?:giờ|h|g)\b)"
)
_HOURS = re.compile(r"^ ?(?:đến|tới|[-–]) ?$")
_FROM_HOUR = re.compile(r"\btừ(?: khoảng| lúc)? $")
_CLOSE_MIN, _MORNING_MIN = 240, 360  # in minutes: from 22 giờ to 4 giờ is a night, from 10h00 to 9h30 a slip
_ALARM_COLOUR = re.compile(r"\bbáo động (?:đỏ|cam|vàng|tím|xanh)\b(?! ?(?:\(|–|-)? ?(?:cấp|mức|số)? ?[1-3]\b)")
_QUAKE = re.compile(r"\bđộng đất(?: mạnh)?(?: có)?(?: cường độ| độ lớn)? cấp [0-9]{1,2}[.,][0-9]\b")
_HEARSAY = re.compile(
    r"\btheo (?:thông tin|tin|nguồn tin)?[^.\n]{0,24}\b(?:lan truyền|truyền tai|mạng xã hội|facebook|tiktok|tin đồn|zalo nhóm)\b"
    r"|\b(?:nghe nói|nghe đồn|có tin đồn|đồn rằng)\b"
)
_DENIED = re.compile(r"\b(?:sai sự thật|bác bỏ|tin giả|không đúng|thất thiệt|không chính xác)\b")
_PRETENDED = re.compile(r"\b(?:tình huống giả (?:định|tưởng)|giả định|giả tưởng|kịch bản (?:diễn|luyện)|luyện tập)\b")
_REAL = re.compile(
    r"\b(?:sự việc|tình huống|việc này|chuyện này|cảnh báo này|tin này|đây)"
    r"(?: này)? (?:là )?(?:hoàn toàn )?(?:có )?(?:thật|thực)\b"
    r"|\b(?:về|lên|tới|đến|xảy ra|vỡ|đổ bộ) thật(?: rồi| đấy| đó)?\b(?! (?:nhanh|mạnh|lớn|cao|sớm|kỹ|xa|gần|nhiều))"
)
_NO_DOUBT = re.compile(r"\b(?:không|chưa|khi|nếu|như|giống|giả)\b[^.!?\n]{0,40}$")


def _expiry_differs(text: Text) -> Iterator[Spot]:
    expires = in_vietnam(text.campaign.expires)
    for hour in text.hours:
        at = _said_after(text, hour, _UNTIL)
        if at is not None and at != expires:
            message = _(
                'says that it holds until {said}, and the file "expires" at {expires}', said=_short(at), expires=_short(expires)
            )
            yield Spot(*text.place(hour.start, hour.end), message, _("write {field}, or mend expires", field="{{ expires }}"))


def _next_message_past(text: Text) -> Iterator[Spot]:
    for hour in text.hours:
        at = _said_after(text, hour, _NEXT)
        if at is not None and at <= in_vietnam(text.campaign.effective) + _SLACK:
            message = _("promises the next message for {said}, before this one takes effect", said=_short(at))
            fix = _("write when it comes, such as {field}", field="{{ tin_tiep_theo|gon }}")
            yield Spot(*text.place(hour.start, hour.end), message, fix)


def _said_after(text: Text, hour: WrittenHour, words: re.Pattern[str]) -> datetime | None:
    if hour.is_span or hour.part or not words.search(text.lowered[max(0, hour.start - 64) : hour.start]):
        return None
    return instant_of(text, hour)


def _short(at: datetime) -> str:
    return f"{at.hour} giờ {at.minute:02}, {at.day}/{at.month}" if at.minute else f"{at.hour} giờ, {at.day}/{at.month}"


def _other_code(text: Text) -> Iterator[Spot]:
    known = {text.campaign.code, *text.campaign.references}
    for found in _CODE.finditer(text.seen):
        if found[0] not in known:
            message = _("names the code {code}, which is neither this alert's nor one that it refers to", code=found[0])
            fix = _("write {field}, or put the other code into references", field="{{ code }}")
            yield Spot(*text.place(*found.span()), message, fix)


def _range_backwards(text: Text) -> Iterator[Spot]:
    for first, last in zip(text.dates, text.dates[1:], strict=False):
        begins, ends = first.on(text.effective), last.on(text.effective)
        is_range = _RANGE.match(text.lowered[first.end : last.start]) and _FROM.search(text.lowered[: first.start][-16:])
        if is_range and begins and ends and ends < begins:
            words = text.seen[first.start : last.end]
            yield Spot(
                *text.place(first.start, last.end),
                _('"{words}" ends before it begins', words=words),
                _("write the days that were meant"),
            )


def _storm_class(text: Text) -> Iterator[Spot]:
    winds = [level.last for level in levels_in(text.lowered) if level.scale is Scale.WIND]
    most = max(winds, default=None)
    found = _SUPER.search(text.lowered)
    if most is not None and found and most < _LEAST_SUPER and not _NOT_YET.search(text.lowered[: found.start()][-48:]):
        yield _class_spot(text, found, most, _("a super storm has winds of grade 16 and more"))


def _class_spot(text: Text, found: re.Match[str], most: int, rule: str) -> Spot:
    message = _('says "{words}", and winds of grade {most} at most: {rule}', words=found[0], most=most, rule=rule)
    return Spot(*text.place(*found.span()), message, _("write the class that fits the wind, or mend the grade"))


def _gust(text: Text) -> Iterator[Spot]:
    for found in _GUST.finditer(text.lowered):
        if int(found["gust"]) < int(found["wind"]):
            words = text.seen[found.start() : found.end()]
            message = _('"{words}": gusts are stronger than the wind', words=words)
            yield Spot(*text.place(*found.span()), message, _("write the grades that were meant"))


def _changes_wrongly(text: Text) -> Iterator[Spot]:
    for found in _CHANGE.finditer(text.lowered):
        first, last = _number(found["first"]), _number(found["last"])
        if first is not None and last is not None and (last < first) is (found["up"] is not None) and first != last:
            words = text.seen[found.start() : found.end()]
            yield Spot(
                *text.place(*found.span()), _('"{words}" goes the other way', words=words), _("write the numbers that were meant")
            )


def _number(written: str) -> float | None:
    """Return a number as Vietnamese is written: 1.200 is a thousand and two hundred, 1,5 one and a half."""
    plain = written.replace(".", "") if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", written) else written
    try:
        return float(plain.replace(",", "."))
    except ValueError:
        return None


def _hours_backwards(text: Text) -> Iterator[Spot]:
    for first, last in zip(text.hours, text.hours[1:], strict=False):
        is_range = _HOURS.match(text.lowered[first.end : last.start]) and _FROM_HOUR.search(text.lowered[: first.start][-24:])
        begins, ends = first.hour * 60 + (first.minute or 0), last.hour * 60 + (last.minute or 0)
        if (
            is_range
            and not (first.is_span or last.is_span or last.part)
            and 0 < begins - ends <= _CLOSE_MIN
            and ends >= _MORNING_MIN
        ):
            words = text.seen[first.start : last.end]
            yield Spot(
                *text.place(first.start, last.end),
                _('"{words}" ends before it begins', words=words),
                _("write the hours that were meant"),
            )


def _other_hazard(text: Text) -> Iterator[Spot]:
    named = hazards_in(text.lowered)
    is_follow_up = text.as_read.part != ALERT  # made of another alert's, in haste
    if is_follow_up and text.campaign.event in HAZARDS and not is_of(text.campaign.event, named):
        event = HAZARDS[text.campaign.event].name
        yield Spot(
            0, 0, _("speaks of another hazard than the alert, {event}", event=event), _("name the hazard that the alert is about")
        )


def _level_scale(text: Text) -> Iterator[Spot]:
    for found in _SCALE.finditer(text.lowered):
        if int(found["of"]) != _RISK_LEVELS:
            words = text.seen[found.start() : found.end()]
            yield Spot(
                *text.place(*found.span()), _('"{words}": risk has five levels', words=words), _("write cấp 3/5 and the like")
            )


def _alarm_colour(text: Text) -> Iterator[Spot]:
    for found in _ALARM_COLOUR.finditer(text.lowered):
        words = text.seen[found.start() : found.end()]
        yield Spot(
            *text.place(*found.span()),
            _('"{words}": flood alarms have numbers, 1 to 3', words=words),
            _("write báo động 1, 2 or 3"),
        )


def _quake_scale(text: Text) -> Iterator[Spot]:
    for found in _QUAKE.finditer(text.lowered):
        words = text.seen[found.start() : found.end()]
        message = _('"{words}": the size of an earthquake is its magnitude, not a level', words=words)
        yield Spot(*text.place(*found.span()), message, _("write độ lớn 5,1, and the risk level beside it"))


def _hearsay(text: Text) -> Iterator[Spot]:
    for found in _HEARSAY.finditer(text.lowered):
        sentence = text.sentence_at(found.start())
        if not _DENIED.search(text.lowered[sentence.start : sentence.end]):
            words = text.seen[found.start() : found.end()]
            yield Spot(
                *text.place(*found.span()),
                _('goes by hearsay: "{words}"', words=words),
                _("name the bulletin or the office that says so"),
            )


def _sounds_like_drill(text: Text) -> Iterator[Spot]:
    if text.campaign.status is Status.ACTUAL and text.campaign.msg_type is not MsgType.CANCEL:
        for found in _PRETENDED.finditer(text.lowered):
            words = text.seen[found.start() : found.end()]
            yield Spot(
                *text.place(*found.span()), _('says "{words}" in a real alert', words=words), _("take the words of a drill out")
            )


def _sounds_real(text: Text) -> Iterator[Spot]:
    if text.campaign.status is Status.ACTUAL:
        return
    for found in _REAL.finditer(text.lowered):
        if not _NO_DOUBT.search(text.lowered[max(0, found.start() - 60) : found.start()]):
            words = text.seen[found.start() : found.end()]
            yield Spot(
                *text.place(*found.span()),
                _('says "{words}" in a drill', words=words),
                _("a drill says that it is one, and nothing else"),
            )


RULES = (
    Rule("expiry-differs", Severity.ERROR, _expiry_differs, NOT_THERE),
    Rule("next-message-past", Severity.ERROR, _next_message_past, NOT_THERE),
    Rule("other-code", Severity.WARNING, _other_code, {CORRECTION: Severity.WARNING}),
    Rule("range-backwards", Severity.ERROR, _range_backwards),
    Rule("storm-class", Severity.WARNING, _storm_class),
    Rule("gust-below-wind", Severity.WARNING, _gust),
    Rule("change-backwards", Severity.WARNING, _changes_wrongly),
    Rule("hours-backwards", Severity.ERROR, _hours_backwards),
    Rule("other-hazard", Severity.WARNING, _other_hazard, of_whole=True),
    Rule("level-scale", Severity.ERROR, _level_scale),
    Rule("alarm-colour", Severity.WARNING, _alarm_colour),
    Rule("quake-scale", Severity.WARNING, _quake_scale),
    Rule("hearsay", Severity.WARNING, _hearsay),
    Rule("drill-words", Severity.ERROR, _sounds_like_drill, NOT_THERE),
    Rule("drill-says-real", Severity.ERROR, _sounds_real),
)
