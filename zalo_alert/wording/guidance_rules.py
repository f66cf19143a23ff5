"""The rule of guidance: a warning says what to do."""

import re
from collections.abc import Iterator

from zalo_alert.language import _
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.folded import fold
from zalo_alert.wording.rule import ALL_CLEAR, CORRECTION, Rule, Spot
from zalo_alert.wording.text import Text

# What is no guidance though it sounds so: names of offices, where to call, what is not so.
_NOT = re.compile(
    r"phong,? chong thien tai|phong thu dan su|can (?:cuu )?(?:giup|ho tro|cuu)\b|khong phai (?!roi|so tan|di|lam)|"
    r"(?:tin|lenh|diem) so tan"
)
_GUIDANCE = re.compile(
    r"\b(?:so tan|di doi|di tan|tranh (?:xa|tru|ra|di|vao|tiep|de)|roi (?:nha|khoi|long|bai|vung|ngay)|de phong|phong tranh|"
    r"hay|can|phai|nen|dung|cho|de nghi|yeu cau|khuyen cao|khuyen|luu y|chu dong|chu y|san sang|khan truong|tuyet doi|han che|"
    r"o (?:yen )?(?:trong|trong nha|tai cho)|o lai|o trong nha|chang chong|gia co|neo dau|che chan|che phu|du tru|tru nuoc|"
    r"tru (?:nuoc|an)|sac (?:dien|pin|den)|ke cao|chuyen (?:len|den|do|nguoi)|dua (?:nguoi|tau|thuyen|tre|gia suc|do|tai)|"
    r"len (?:cho )?cao|chay (?:len|ngay|den)|di (?:ngay|len|den)|ngat|tat|cat dien|khoa|dong cua|theo doi|kiem tra|canh giac|"
    r"chuan bi|uong|mac am|giu am|tiet kiem|bao ve|thu hoach|cam|nghiem cam|bo qua|quay ve|tro ve|ve nha|"
    r"khong (?:duoc|nen|ra|di|qua|loi|vot|o|vao|xuong|chu quan|can|cham|dung|boi|danh|cho|quay|den|de|dot|su dung|phai roi|"
    r"phai so tan|phai lam))\b"
)


def tells_what_to_do(words: str) -> bool:
    """Whether words hold anything that is to be done, or not to be done."""
    return _GUIDANCE.search(_NOT.sub(" ", fold(words).plain)) is not None


def _no_guidance(text: Text) -> Iterator[Spot]:
    if not _GUIDANCE.search(_NOT.sub(" ", text.plain)):
        yield Spot(
            0,
            0,
            _("says nowhere what people are to do"),
            _("write what to do and by when, such as: SƠ TÁN trước 20 giờ; where nothing is to be done, say that"),
        )


RULES = (Rule("no-guidance", Severity.ERROR, _no_guidance, {CORRECTION: None, ALL_CLEAR: Severity.WARNING}, of_whole=True),)
