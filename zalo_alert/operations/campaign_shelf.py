"""The campaign files of a workspace, as far as a new one must know of them: which codes are taken, and who issues messages here.

The files are looked through, not parsed: one with faults counts, too, and hundreds take no time.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from zalo_alert import places
from zalo_alert.errors import Cure, InputInvalid, UsageError
from zalo_alert.foundation.files import open_folder, plain_bytes, write_new
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.models import Area
from zalo_alert.operations.completions import run_names

CAMPAIGNS = "campaigns"  # a folder of a workspace
MOST_READ = 64 << 10  # bytes of a file in which its code and its issuer must stand
MOST_FILES = 2000
_CODE_LINE = re.compile(r"^code:[ \t]*[\"']?([A-Z0-9][A-Z0-9-]{1,39})", re.MULTILINE)
_ISSUER_LINE = re.compile(r"^  don_vi:[ \t]*\"([^\"\\\n]+)\"", re.MULTILINE)
_CITIES = {"01", "31", "46", "48", "79", "92"}  # of the 34 provinces, those that are cities
_NATIONAL_ISSUER = "Ban Chỉ đạo Phòng thủ dân sự quốc gia"


class CampaignShelf:
    """The campaign files of a workspace.

    Args:
        workspace: The folder; without `campaigns/` in it, the files lie in the folder itself.
    """

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self.folder = workspace / CAMPAIGNS if (workspace / CAMPAIGNS).is_dir() else workspace

    def codes(self) -> set[str]:
        """Return the codes that are taken, by campaigns and by runs."""
        found = (_CODE_LINE.search(text) for _path, text in self._read)
        return {name.partition("@")[0] for name in run_names(self._workspace)} | {code[1] for code in found if code}

    def free_code(self, code: str) -> str:
        """Return the first free code that counts on from one that is taken."""
        begin, digits = code.rstrip("0123456789"), code[len(code.rstrip("0123456789")) :]
        begin, width, taken = begin if digits else f"{begin}-", max(len(digits), 2), self.codes()
        number = int(digits or 1) + 1
        while f"{begin}{number:0{width}}" in taken:
            number += 1
        return f"{begin}{number:0{width}}"

    def issuer(self, letters: str) -> str:
        """Return who issued the newest campaign of the same office, by the letters of its code; "" where none says it."""
        for code, text in self._coded():
            if letters in code.split("-") and (line := _ISSUER_LINE.search(text)):
                return line[1]
        return ""

    def newest_of(self, hazard: str) -> str:
        """Return the code of the newest campaign of a hazard; "" where there is none."""
        return next((code for code, text in self._coded() if re.search(rf"^event:[ \t]*{hazard}\b(?!-)", text, re.MULTILINE)), "")

    def find(self, code: str) -> str:
        """Return what has a code: a campaign file, or a run's name; "" where nothing here has."""
        for path, text in self._read:
            if (found := _CODE_LINE.search(text)) and found[1] == code:
                return str(path)
        return next((name for name in run_names(self._workspace) if name.partition("@")[0] == code), "")

    def _coded(self) -> Iterator[tuple[str, str]]:
        for _path, text in self._read:
            if found := _CODE_LINE.search(text):
                yield found[1], text

    @cached_property
    def _read(self) -> list[tuple[Path, str]]:
        """How each file begins, the newest first; read once, as every question asks. What can't be read says nothing."""
        paths: list[Path] = []
        with suppress(OSError):
            paths = [path for path in self.folder.iterdir() if path.suffix in {".yaml", ".yml"}]
            paths.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        return [(path, _beginning(path)) for path in paths[:MOST_FILES]]


def _beginning(path: Path) -> str:
    with suppress(OSError):
        return plain_bytes(path, MOST_READ).decode(errors="replace")
    return ""


def issuer_of(target: Area) -> str:
    """Name the office that warns a place: that of its province, or of the country."""
    mask = target.mask
    for code in target.wards:
        mask |= places.mask_of(places.WARD_PREFIX + code)
    touched = [province for province in places.PROVINCES if province.mask & mask]
    if len(touched) != 1 or target.everyone:
        return _NATIONAL_ISSUER
    kind = "thành phố" if touched[0].code in _CITIES else "tỉnh"
    return f"Ban Chỉ huy Phòng thủ dân sự {kind} {touched[0].name}"


def write_campaign(path: Path, text: bytes) -> None:
    """Write a campaign file that is not there yet.

    Raises:
        UsageError: It is there already.
        InputInvalid: It can't be written.
    """
    try:
        open_folder(path.parent)
        write_new(path, text)
    except FileExistsError as exc:
        raise there_already(path) from exc
    except OSError as exc:
        raise InputInvalid(
            _("can't write {path}: {why}", path=path, why=reason(exc)), hint=_("check the folder and the disk's free space")
        ) from exc


def there_already(path: Path) -> UsageError:
    """Return the error of a file that would be replaced, with a name that is free."""
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, 1000))
    free = next((name for name in names if not os.path.lexists(name)), path)
    return UsageError(
        _("{path} is there already, and stays as it is", path=path), hint=_("{option} is free", option=Cure.OPTION(out=str(free)))
    )
