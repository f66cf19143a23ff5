"""Rules of levels: the file's own, of a scale that the text names, and none that does not exist."""

import re
from collections.abc import Iterator

from zalo_alert.language import _, joined
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.hazard_words import is_of
from zalo_alert.wording.levels import HIGHEST_ALARM, Level, Scale, alarms_in, levels_in
from zalo_alert.wording.rule import NOT_THERE, Rule, Spot
from zalo_alert.wording.text import Text

_COLOUR = re.compile(
    r"\b(?:mức|màu|cảnh báo|báo động|cấp(?: độ)?|vùng|mã)(?: màu)? "
    r"(?:đỏ|tím|da cam|cam|vàng|xanh(?: dương)?)\b(?! (?:cam|lá|ngọc|da))"
)


def _differs(text: Text) -> Iterator[Spot]:
    wanted = text.campaign.risk_of(text.as_read.variant)
    for level in _own_risk(text):
        if wanted is not None and not level.first <= wanted <= level.last:
            message = _('says "{words}", but risk_level is {wanted}', words=_seen(text, level), wanted=wanted)
            fix = _("write {field} in the text, or put risk_level right", field="{{ risk_level }}")
            yield Spot(*text.place(level.start, level.end), message, fix)


def _own_risk(text: Text) -> Iterator[Level]:
    """Yield the risk levels in force that a text names of the campaign's own hazard."""
    return (
        level
        for level in levels_in(text.lowered)
        if level.scale is Scale.RISK and level.is_settled and is_of(text.campaign.event, level.hazards)
    )


def _alarm(text: Text) -> Iterator[Spot]:
    for level in alarms_in(text.lowered):
        if level.last > HIGHEST_ALARM:
            message = _('"{words}": there are flood alarms 1 to {most} only', words=_seen(text, level), most=HIGHEST_ALARM)
            fix = _('write "trên báo động 3" and by how much, or the risk level as "rủi ro cấp 4/5"')
            yield Spot(*text.place(level.start, level.end), message, fix)


def _bare(text: Text) -> Iterator[Spot]:
    for level in levels_in(text.lowered):
        if level.scale is Scale.BARE and level.first:
            message = _(
                '"{words}" says not of what: wind, risk and flood alarm have levels of their own', words=_seen(text, level)
            )
            yield Spot(*text.place(level.start, level.end), message, _('write "rủi ro cấp …/5", "gió cấp …" or "báo động …"'))


def _several(text: Text) -> Iterator[Spot]:
    levels = list(_own_risk(text))
    named = sorted({value for level in levels for value in (level.first, level.last)})
    if len(named) > 1:
        last = next(level for level in reversed(levels) if level.last != levels[0].first)
        message = _("names several risk levels of one hazard: {levels}", levels=joined([str(value) for value in named], ", "))
        yield Spot(*text.place(last.start, last.end), message, _("name one, and give places with another a variant of their own"))


def _colour(text: Text) -> Iterator[Spot]:
    found = _COLOUR.search(text.lowered)
    if found and not any(level.scale is Scale.RISK for level in levels_in(text.lowered)):
        message = _('"{words}" is a colour without its level', words=text.seen[slice(*found.span())])
        yield Spot(*text.place(*found.span()), message, _('write the level: "rủi ro cấp 4/5", the colour behind it if at all'))


def _seen(text: Text, level: Level) -> str:
    return text.seen[level.start : level.end].strip()


RULES = (
    Rule("level-differs", Severity.ERROR, _differs, NOT_THERE),
    Rule("alarm-scale", Severity.ERROR, _alarm),
    Rule("bare-level", Severity.WARNING, _bare),
    Rule("several-levels", Severity.WARNING, _several, NOT_THERE),
    Rule("colour-alone", Severity.WARNING, _colour, NOT_THERE, of_whole=True),
)
