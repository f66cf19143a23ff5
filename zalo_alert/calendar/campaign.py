"""The campaigns by which a month's articles are broadcast: files that are read, planned and approved as any."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath

from zalo_alert.calendar.month import CATCH_UP, Calendar, Entry
from zalo_alert.campaign.drill_marks import DRILL_WORDS
from zalo_alert.foundation import yaml_document
from zalo_alert.models import AccountId, Status

LASTS = CATCH_UP + timedelta(hours=12)  # whoever catches up within a day still sends it, by day
MOST_CODE = 40
_NO_LETTER = re.compile("[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class BroadcastFile:
    """One broadcast of a month, as the campaign's file that sends it.

    Args:
        code: Of the campaign; its run has the same name.
        text: The file's.
        accounts: That send it.
        entry: Of the calendar.
    """

    code: str
    text: bytes
    accounts: tuple[AccountId, ...]
    entry: Entry

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"{self.code.lower()}.yaml"


def broadcasts_of(
    calendar: Calendar, areas: Mapping[AccountId, Sequence[str]], folder: str, *, is_drill: bool
) -> Iterator[BroadcastFile]:
    """Write a campaign for each broadcast of a month: one for all OAs that it is aimed alike for.

    Args:
        calendar: Sound.
        areas: That each account may write to.
        folder: Of the calendar, from the workspace; "" where it is the workspace itself.
        is_drill: Whether they are Exercises.
    """
    for entry in calendar.entries:
        if entry.is_broadcast:
            groups: dict[tuple[str, ...], list[AccountId]] = {}
            for account in entry.accounts:
                groups.setdefault(entry.areas or tuple(areas[account]), []).append(account)
            for number, (aimed, accounts) in enumerate(groups.items()):
                code = code_of(calendar.month, entry, accounts[0] if number or len(groups) > 1 else "")
                text = _text(entry, code, aimed, accounts, folder, is_drill=is_drill)
                yield BroadcastFile(code, text.encode(), tuple(accounts), entry)


def code_of(month: str, entry: Entry, account: str = "") -> str:
    """Return the code of an entry's campaign: the same however often it is written."""
    stem = PurePosixPath(entry.article).name.removesuffix(".md")
    named = f"TT-{month[2:].replace('-', '')}-{_capitals(stem)}" + (f"-{_capitals(account)}" if account else "")
    if len(named) <= MOST_CODE:
        return named
    digest = hashlib.sha256(f"{entry.article}/{account}".encode()).hexdigest()[:6].upper()
    return f"{named[: MOST_CODE - 7].rstrip('-')}-{digest}"


def _capitals(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode().upper()
    return _NO_LETTER.sub("-", plain).strip("-")


def _text(entry: Entry, code: str, areas: Sequence[str], accounts: Sequence[AccountId], folder: str, *, is_drill: bool) -> str:
    mark = f"{DRILL_WORDS[0].upper()}: " if is_drill else ""
    return yaml_document.write(
        {
            "code": code,
            "status": (Status.EXERCISE if is_drill else Status.ACTUAL).value,
            "msgType": "Alert",
            "event": entry.event,
            "urgency": "Future",
            "severity": "Minor",
            "certainty": "Possible",
            "effective": entry.at.isoformat(),
            "expires": (entry.at + LASTS).isoformat(),
            "responseType": ["None"],
            "audience": {"areas": list(areas), "accounts": list(accounts), "uncertain": "include"},
            "routes": [{"type": "broadcast", "article": str(PurePosixPath(folder) / entry.article)}],
            "message": {"headline": f"{mark}{entry.title}", "text": f"{mark}{entry.title}. Mã tin: {{{{ code }}}}"},
        }
    )
