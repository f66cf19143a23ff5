"""The files that an office carries to the loudspeaker, the phone network and the press when Zalo is down.

Their own words are Vietnamese whatever the office's language is: they are read out and printed as they stand.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from zalo_alert.campaign.languages import LANGUAGES
from zalo_alert.campaign.values import Instant
from zalo_alert.fallback.press import Wording, press_text
from zalo_alert.fallback.readers import PlaceText
from zalo_alert.fallback.script import LONGEST_S, Script, script_of
from zalo_alert.fallback.sms import Proposal, propose
from zalo_alert.foundation.cells import guard
from zalo_alert.language import Language, catalogue_of, said_in
from zalo_alert.models import Campaign

LOUDSPEAKER, SMS, PRESS = "loa-truyen-thanh.txt", "tin-nhan-sms.csv", "tin-gui-bao-chi.txt"
COMMUNES_PAGE, COMMUNES_SHEET = "danh-sach-xa.html", "danh-sach-xa.csv"
_SMS_COLUMNS = (
    "noi", "tin_khong_dau", "so_ky_tu", "so_tin", "tin_co_dau", "so_ky_tu_co_dau", "so_tin_co_dau", "can_sua",
)  # fmt: skip
_BOM = "utf-8-sig"  # spreadsheets know Vietnamese letters by its mark


class Made(NamedTuple):
    """What was made of an alert.

    Args:
        scripts: By place: what is read aloud.
        messages: By place: the short message.
    """

    scripts: tuple[tuple[PlaceText, Script], ...]
    messages: tuple[tuple[PlaceText, Proposal], ...]

    @property
    def longest_s(self) -> float:
        """How long the longest script takes to be read aloud."""
        return max((script.seconds for _place, script in self.scripts), default=0.0)

    @property
    def is_too_long(self) -> bool:
        """Whether a script takes longer than it may."""
        return self.longest_s > LONGEST_S

    @property
    def unfinished(self) -> list[str]:
        """Name the places whose short message has no room for what to do: somebody must write it."""
        return [place.label for place, proposal in self.messages if not proposal.is_whole]


def make(campaign: Campaign, texts: Sequence[PlaceText]) -> Made:
    """Make scripts and short messages; the sender is named in each script's first line."""
    sender = str(campaign.fields.get("don_vi") or "")
    opening = f"Thông báo của {sender}.\n" if sender else ""
    scripts = tuple((place, script_of(opening + place.text, reads_first=bool(opening))) for place in texts)
    return Made(scripts, tuple((place, propose(place.headline, place.text, campaign.code)) for place in texts))


def loudspeaker_file(campaign: Campaign, made: Made) -> bytes:
    """Write the scripts, one for each place."""
    vietnamese = catalogue_of(Language.VI)
    lines = [
        f"KỊCH BẢN LOA TRUYỀN THANH – mã tin {campaign.code}",
        f"Đọc chậm và rõ, mỗi bài hai lần, mỗi lần không quá {LONGEST_S:.0f} giây; thôi đọc lúc {Instant(campaign.expires)}.",
        "Đọc đúng bài của địa phương mình. Phần trong ngoặc bắt đầu bằng chữ Không đọc thì bỏ qua.",
    ]
    for place, script in made.scripts:
        lines += ["", f"===== {place.label} (khoảng {script.seconds:.0f} giây) =====", "", script.text]
        if script.left_out:
            lines += ["", "[Không đọc, vì quá thời gian: " + " ".join(script.left_out) + "]"]
        for language, text in place.others:
            lines += ["", f"----- Đọc tiếp bằng tiếng {said_in(LANGUAGES[language], vietnamese)} -----", "", text]
    return ("\n".join(lines) + "\n").encode()


def sms_file(made: Made) -> bytes:
    """Write the short messages as a table: one row for each place."""
    rows: list[list[object]] = [list(_SMS_COLUMNS)]
    for place, proposal in made.messages:
        todo = "" if proposal.is_whole else "chưa có việc cần làm, hoặc quá dài: sửa trước khi gửi"
        rows.append([place.label, *proposal.plain, *proposal.accented, todo])
    return as_csv(rows)


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table for a spreadsheet."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([guard(cell) for cell in row] for row in rows)
    return text.getvalue().encode(_BOM)


def press_file(campaign: Campaign, texts: Sequence[PlaceText], *, is_public: bool) -> bytes:
    """Write what the press is given: each text that differs in more than the name of its place, and where it holds."""
    alike: dict[tuple[str, str], list[PlaceText]] = {}
    for place in texts:
        alike.setdefault((place.headline.replace(place.label, ""), place.text.replace(place.label, "")), []).append(place)
    wordings = [Wording(same[0].headline, _whole_text(same[0]), tuple(each.label for each in same)) for same in alike.values()]
    return press_text(campaign, wordings, is_public=is_public).encode()


def _whole_text(place: PlaceText) -> str:
    return "\n\n".join((place.text.strip(), *(text.strip() for _language, text in place.others)))
