"""Rules of place: a warning names where it holds, and nowhere else."""

import re
from collections.abc import Iterator
from functools import reduce
from operator import or_

from zalo_alert import places
from zalo_alert.language import _, count, joined
from zalo_alert.models import Area, MsgType
from zalo_alert.wording import gazette
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.mentions import Mention
from zalo_alert.wording.place_roles import Role
from zalo_alert.wording.rule import ALL_CLEAR, CORRECTION, NOT_THERE, SOFTER, Rule, Spot
from zalo_alert.wording.syllables import CANONICAL, canonical
from zalo_alert.wording.text import Text

_NO_PLACE = frozenset({Role.SENDER, Role.THING, Role.AWAY})  # what is named so says not where people are warned
_LOCAL = re.compile(
    r"\b(?:sông|suối|hồ|đập|thôn|bản|ấp|khóm|khu phố|tổ dân phố|đèo|đảo|vịnh|vùng biển|hạ du|hạ lưu|lưu vực|huyện|quận|thị xã|"
    r"thị trấn|thành phố|xã|phường|đặc khu|vườn quốc gia)(?: sông| hồ)? "
)
_LOCAL_PLAIN = re.compile(r"\b(?:song|suoi|ho|thon|khu pho|xa|phuong|huyen|quan|thi xa|thanh pho|vung bien|ha du) ")
_YOUR_AREA = re.compile(
    r"\b(?:khu vực|địa phương|địa bàn|nơi|chỗ|vùng|tỉnh|xã|phường|thành phố)(?: của| nơi| mà)? (?:bạn|anh/chị|anh chị|quý vị|"
    r"ông bà|mình)(?: (?:đang )?(?:ở|sống|sinh sống|cư trú))?\b|\bkhu vuc cua ban\b|\bnoi ban (?:o|song)\b"
)
_NEIGHBOURS = 4  # former provinces from north to south: a storm ashore there is felt here
_MOST_NAMED = 3  # provinces: who has forgotten more has forgotten them all
_NAME_IT = _("write {place} in the text, or the name of the province", place="{{ place }}")


def _where(text: Text) -> list[Mention]:
    return [each for each in text.mentions if each.role not in _NO_PLACE]


def _has_local_name(text: Text) -> bool:
    """Whether it names a river, a hamlet or the like, which no table knows."""
    kinds = _LOCAL_PLAIN if text.folded.is_plain else _LOCAL
    return any(text.seen[found.end() : found.end() + 1].isupper() for found in kinds.finditer(text.lowered))


def _has_place(text: Text) -> bool:
    has_name = bool(_where(text)) or any(each.role is Role.THING for each in text.mentions) or _has_local_name(text)
    return has_name or bool(_communes_mask(text))


def _communes_mask(text: Text) -> int:
    """Return where communes lie that it may name without a word for their kind, as far as it is meant there."""
    if text.targets is None or text.targets.everyone:
        return text.communes_mask
    return text.communes_mask & gazette.today_of(_mask_of(text.targets))


def _no_place(text: Text) -> Iterator[Spot]:
    if not _has_place(text) and not any(each.role is Role.SENDER for each in text.mentions):
        yield Spot(0, 0, _("names no place: nobody can tell whether it is meant for them"), _NAME_IT)


def _only_sender(text: Text) -> Iterator[Spot]:
    senders = [each for each in text.mentions if each.role is Role.SENDER]
    if senders and not _has_place(text):
        start, end = senders[0].start, senders[0].end
        yield Spot(
            *text.place(start, end),
            _("names {place} only as the sender's: it does not say where the danger is", place=text.seen[start:end]),
            _NAME_IT,
        )


def _your_area(text: Text) -> Iterator[Spot]:
    if not _where(text) and not _has_local_name(text):
        for found in _YOUR_AREA.finditer(text.lowered):
            yield Spot(
                *text.place(*found.span()),
                _('says "{words}" and names no place', words=text.seen[found.start() : found.end()]),
                _NAME_IT,
            )


def _target_unnamed(text: Text) -> Iterator[Spot]:
    """Find the readers whose province the text does not name, though it names places."""
    named = _where(text)
    if text.targets is None or not (named or any(each.role is Role.SENDER for each in text.mentions)):
        return  # `no-place` tells of a text that names none
    mask = gazette.today_of(reduce(or_, (each.mask for each in named), 0))
    if not named and _senders_mask(text) & _readers_mask(text):
        return  # `place-as-sender` tells of it
    unnamed = [key for key in _keys(text) if not _is_named(text, key, mask)]
    if unnamed and (communes := gazette.today_of(_communes_mask(text))):
        unnamed = [key for key in unnamed if not places.mask_of(key) & communes]
    if unnamed:
        names = joined([_province_of(key) for key in unnamed[:_MOST_NAMED]])
        more = len(unnamed) - _MOST_NAMED
        yield Spot(
            0, 0,
            _("is meant for {places} and {number} more provinces, and does not name them", places=names, number=count(more))
            if more > 0 else _("is meant for {places}, and does not name it", places=names),
            _NAME_IT,
        )  # fmt: skip


def _is_named(text: Text, key: str, mask: int) -> bool:
    return bool(gazette.today_of(places.mask_of(key)) & mask) or _names_ward(text, key)


def _senders_mask(text: Text) -> int:
    return gazette.today_of(reduce(or_, (each.mask for each in text.mentions if each.role is Role.SENDER), 0))


def _readers_mask(text: Text) -> int:
    return reduce(or_, (places.mask_of(key) for key in _keys(text)), 0)


def _keys(text: Text) -> list[str]:
    """Return one key for each province of today in which the text is read; of an article, where it is meant."""
    known = places.keys()
    keys = [key for key in text.as_read.keys if key.removesuffix(places.ELSEWHERE) in known or places.ward_of(key)]
    if not any(text.as_read.keys) and text.targets is not None:
        mask = _mask_of(text.targets)
        keys = [province.key for province in places.PROVINCES if province.mask & mask]
    first: dict[int, str] = {}
    for key in keys:
        if mask := gazette.today_of(places.mask_of(key)):
            first.setdefault(mask, key)
    return list(first.values())


def _province_of(key: str) -> str:
    mask = places.mask_of(key)
    return next(province.name for province in places.PROVINCES if province.mask & mask)


def _names_ward(text: Text, key: str) -> bool:
    """Whether a ward's name stands in the text, without a word for its kind."""
    if not (code := places.ward_of(key)):
        return False
    name = canonical(places.wards()[code].name)
    words = [CANONICAL[text.lowered[start:end]] for start, end in text.syllables]
    return any(tuple(words[at : at + len(name)]) == name for at, word in enumerate(words) if word == name[0])


def _mask_of(area: Area) -> int:
    return area.mask | reduce(or_, (places.wards()[code].mask for code in area.wards), 0)


def _beside(text: Text, roles: frozenset[Role]) -> Iterator[Mention]:
    """Yield the places that are named as others are and lie in no province where the text is meant to be read."""
    if text.targets is None or text.targets.everyone or text.campaign.msg_type is MsgType.CANCEL:
        return
    meant = gazette.today_of(_mask_of(text.targets))
    for each in text.mentions:
        if each.role in roles and not each.is_region and not each.mask & meant and not _earlier_mask(text, each) & meant:
            yield each


def _earlier_mask(text: Text, mention: Mention) -> int:
    """Return where else a commune of that name lay before July 2025."""
    if not mention.wards:
        return 0
    name = canonical(text.lowered[mention.start : mention.end])
    return gazette.earlier(is_plain=text.folded.is_plain).get(name, 0)


def _other_place(text: Text) -> Iterator[Spot]:
    for each in _beside(text, frozenset({Role.ADDRESSED, Role.NAMED})):
        if each.role is Role.ADDRESSED or each.wards:
            yield _spot_of(text, each)


def _other_place_named(text: Text) -> Iterator[Spot]:
    for each in _beside(text, frozenset({Role.NAMED, Role.LANDFALL})):
        if not each.wards and (each.role is Role.NAMED or _is_far(text, each)):
            yield _spot_of(text, each)


def _is_far(text: Text, landfall: Mention) -> bool:
    """Whether a storm comes ashore so far off, counted in provinces from north to south, that another may be meant."""
    if text.targets is None:
        return False
    meant = _mask_of(text.targets)
    near = reduce(or_, (landfall.mask << shift | landfall.mask >> shift for shift in range(_NEIGHBOURS + 1)), 0)
    return not near & meant


def _spot_of(text: Text, each: Mention) -> Spot:
    words = text.seen[each.start : each.end]
    return Spot(
        *text.place(each.start, each.end),
        _("names {place}, where the alert is not sent", place=words),
        _("leave it out, or add {place} to audience.areas", place=words),
    )


_NO_CORRECTION = {CORRECTION: None, ALL_CLEAR: Severity.WARNING}  # `nơi bạn ở không có lệnh nào` is right there
RULES = (
    Rule("no-place", Severity.ERROR, _no_place, SOFTER, of_whole=True),
    Rule("target-unnamed", Severity.ERROR, _target_unnamed, SOFTER, of_whole=True),
    Rule("other-place", Severity.ERROR, _other_place, NOT_THERE),
    Rule("your-area", Severity.ERROR, _your_area, _NO_CORRECTION, of_whole=True),
    Rule("place-as-sender", Severity.WARNING, _only_sender, of_whole=True),
    Rule("other-place-named", Severity.WARNING, _other_place_named, NOT_THERE),
)
