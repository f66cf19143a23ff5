"""The archived runs of a workspace: a folder each, which appears whole, by one rename, or not at all.

An archived run keeps its name: nothing else is ever frozen under it.
"""

from collections.abc import Iterator
from pathlib import Path

from zalo_alert.errors import RunArchived, StorageUnusable, ZaloAlertError
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.models import RunId
from zalo_alert.runs import pack
from zalo_alert.runs.archived import ArchivedRun, archived
from zalo_alert.runs.manifest import Manifest, read_manifest


class Archive:
    """See the module.

    Args:
        folder: Made when the first run is archived.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, name: str) -> bool:
        """Whether a run of this name is archived, be it damaged by now: its people must not be written to as if they were new."""
        return Path(name).name == name and not name.startswith(".") and (self.folder / name).is_dir()

    def ids(self) -> list[RunId]:
        """Name the archived runs, in the order in which they were frozen; one that can't be read comes first.

        Raises:
            StorageUnusable: The folder can't be read.
        """
        return [name for _at_s, name in self.by_time()]

    def by_time(self) -> list[tuple[float, RunId]]:
        """Name the archived runs, each with when it was frozen, in seconds since 1970; 0 of one that can't be read."""
        return sorted((self._frozen_s(name), name) for name in self._names())

    def _frozen_s(self, name: RunId) -> float:
        try:
            return self.manifest(name).frozen_at.timestamp()
        except ZaloAlertError:
            return 0.0

    def _names(self) -> Iterator[RunId]:
        try:
            yield from (RunId(path.name) for path in self.folder.iterdir() if self.has(path.name))
        except FileNotFoundError:
            return
        except OSError as exc:
            raise StorageUnusable(
                _("can't read {path}: {why}", path=self.folder, why=reason(exc)),
                hint=_("check the disk and the folder's permissions"),
            ) from exc

    def manifest(self, name: RunId) -> Manifest:
        """Read what an archived run says of itself.

        Raises:
            ArchiveInvalid: It is not what was archived.
        """
        return read_manifest(self.folder / name)

    def open(self, name: RunId) -> ArchivedRun:
        """Open an archived run, to be read.

        Raises:
            ArchiveInvalid: It is not what was archived.
        """
        return ArchivedRun(self.folder / name)

    def refusal(self, name: RunId) -> RunArchived:
        """Say why nothing goes on with an archived run."""
        return archived(self.manifest(name))

    def written_since(self, at_s: float) -> list[tuple[RunId, float]]:
        """Name the archived runs whose ledger was written to since an instant, as `Runs.written_since` does.

        One that can't be read counts: whoever opens it is told why.
        """
        written = []
        for name in self.ids():
            try:
                written_s = self.manifest(name).written_s
            except ZaloAlertError:
                written_s = float("inf")
            written += [(name, written_s)] if written_s >= at_s else []
        return written

    def holding(self, user_id: str) -> list[RunId]:
        """Name the archived runs in whose audience somebody stands.

        Raises:
            ArchiveInvalid: One can't be read.
        """
        return [name for name in self.ids() if self._holds(name, user_id)]

    def _holds(self, name: RunId, user_id: str) -> bool:
        from zalo_alert.runs import shards

        path = self.folder / name / pack.NAME
        if not path.exists():
            return False
        names = [file.name for file in self.manifest(name).files if file.name.startswith("shards/")]
        return any(shards.holds(path, first, size, user_id) for first, size in pack.stored_at(path, names))

    def contents(self, name: RunId, file: str) -> list[bytes]:
        """Return a small file of an archived run, by its name in the run's folder; none where it has none, or no files any more.

        Raises:
            ArchiveInvalid: It can't be read, or is not what was archived.
        """
        path = self.folder / name / pack.NAME
        own = [packed for packed in self.manifest(name).files if packed.name == file] if path.exists() else []
        return [pack.packed_bytes(path, packed) for packed in own]

    def size_bytes(self, name: RunId) -> int:
        """Return how much an archived run takes on the disk."""
        return sum(path.stat().st_size for path in (self.folder / name).iterdir() if path.is_file())
