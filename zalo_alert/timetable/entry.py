"""One thing that the clock does: what, when, and by which timer of the machine; kept as a small file, whole or not at all."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import orjson

from zalo_alert.errors import Cure, InputInvalid, StorageUnusable, UsageError
from zalo_alert.foundation.files import appearing, private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.timetable.grammar import read_timetable
from zalo_alert.timetable.times import Timetable

FOLDER = "schedules"  # in the state folder
MOST_KEPT = 200
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?")
_MOST_BYTES = 20_000


class Means(StrEnum):
    """What of the machine's wakes us."""

    SYSTEM = "systemd"  # root's units
    USER = "systemd-user"
    CRON = "cron"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was installed.

    Args:
        name: Of it, unique in its workspace.
        workspace: The folder it was installed for.
        campaign: Its file, below the workspace where it lies there; "" of a task.
        code: Of the campaign.
        digest: Of the campaign's bytes when it was installed.
        task: Of upkeep; "" of a campaign.
        words: The task's command.
        at: The timetable.
        means: What wakes us.
        is_telling: Whether every end is told, and not failures only.
        since: What was planned before was not missed.
        unit: How its files are called, without an ending; also the name of its block in a crontab.
        written: The digest of each text that was written, by file name; a block of a crontab by its unit's.
        folder: Where those files are; "" of a crontab.
    """

    name: str
    workspace: str
    at: str
    means: Means
    since: datetime
    unit: str
    campaign: str = ""
    code: str = ""
    digest: str = ""
    task: str = ""
    words: tuple[str, ...] = ()
    is_telling: bool = False
    written: tuple[tuple[str, str], ...] = ()
    folder: str = ""

    @property
    def timetable(self) -> Timetable:
        """When it is done."""
        return read_timetable(self.at)

    @property
    def campaign_file(self) -> Path:
        """The campaign's file, wherever the process stands."""
        return Path(self.workspace) / self.campaign


class Entries:
    """Everything that the clock does for a workspace.

    Args:
        state_dir: Of the workspace.
    """

    def __init__(self, state_dir: Path) -> None:
        self.folder = state_dir / FOLDER

    def names(self) -> list[str]:
        """Return the names of all, in order."""
        if not self.folder.is_dir():
            return []
        return sorted(path.stem for path in self.folder.glob("*.json") if _NAME.fullmatch(path.stem))

    def all(self) -> list[Entry]:
        """Return all, by name."""
        return [self.open(name) for name in self.names()]

    def find(self, name: str) -> Entry | None:
        """Return one; None where there is none."""
        return self.open(name) if self._path(name).exists() else None

    def open(self, name: str) -> Entry:
        """Return one.

        Raises:
            InputInvalid: There is none.
            StorageUnusable: Its file can't be read.
        """
        path = self._path(name)
        try:
            with path.open("rb") as file:
                return _entry(orjson.loads(file.read(_MOST_BYTES)))
        except FileNotFoundError as exc:
            raise InputInvalid(
                _('nothing is scheduled under the name "{name}"', name=name[:60]),
                hint=_("{list} names what is", list=Cure.SCHEDULE()),
            ) from exc
        except (OSError, ValueError, TypeError, KeyError, UsageError) as exc:
            why = reason(exc) if isinstance(exc, OSError) else str(exc)
            raise StorageUnusable(
                _("can't use {path}: {why}", path=path, why=why),
                hint=_("remove that file, then install it again: {install}", install=Cure.SCHEDULE_INSTALL("campaigns/….yaml")),
            ) from exc

    def keep(self, entry: Entry) -> None:
        """Write one down, in the place of any other of its name."""
        private_folder(self.folder)
        fields = asdict(entry) | {"format": 1, "since": entry.since.isoformat()}
        with appearing(self._path(entry.name)) as draft:
            draft.write_bytes(orjson.dumps(fields, option=orjson.OPT_INDENT_2))

    def remove(self, name: str) -> None:
        """Forget one; what became of its times is kept, so that one installed anew repeats none."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{check_name(name)}.json"


def _entry(fields: dict[str, object]) -> Entry:
    fields.pop("format")
    given = dict(fields)
    given["since"] = datetime.fromisoformat(str(given["since"]))
    given["means"] = Means(str(given["means"]))
    given["words"] = tuple(given["words"])  # type: ignore[arg-type]
    given["written"] = tuple((str(name), str(digest)) for name, digest in given["written"])  # type: ignore[attr-defined]
    entry = Entry(**given)  # type: ignore[arg-type]
    read_timetable(entry.at)
    return entry


def check_name(name: str) -> str:
    """Return a name that may be one.

    Raises:
        UsageError: It may not.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            _('"{name}" can be no name of a schedule', name=name[:60]),
            hint=_("take small letters, digits and hyphens, at most 50, such as dien-tap-thu-hai"),
        )
    return name
