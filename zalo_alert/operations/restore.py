"""Reading a backup back: checked to its last byte, or restored into a new folder, where the workspace is asleep at first."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.telling import OnNotice, ignore, tell
from zalo_alert.backup import container, sealing, shelf
from zalo_alert.backup.age_keys import Key
from zalo_alert.backup.container import PIECE_BYTES, Head, Manifest
from zalo_alert.errors import Cure, InputInvalid, RunBusy, StorageUnusable, UsageError
from zalo_alert.foundation import machine
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.digests import digest_of_file
from zalo_alert.foundation.files import create_file, draft_name, private_folder, sync_folder
from zalo_alert.foundation.layout import CONFIG_NAME, STATE_DIR, runs_of
from zalo_alert.foundation.os_errors import reason
from zalo_alert.inbound.worker_lock import is_worker_held
from zalo_alert.language import _, joined
from zalo_alert.runs.store import Runs
from zalo_alert.settings.rest_mark import Rest, RestMark, keep_rest

_SECRETS_REMARK = "# The secrets were not in the backup. Put them in here, then `zalo-alert doctor`.\n"


@dataclass(frozen=True, slots=True)
class Verified:
    """A backup that is whole.

    Args:
        path: Of the file.
        digest: Its SHA-256: the log of the workspace that it was made of tells the same.
        size_bytes: Of the file.
        head: What it says of itself.
        manifest: What is inside.
    """

    path: Path
    digest: str
    size_bytes: int
    head: Head
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Restored:
    """A workspace that was restored, and is asleep.

    Args:
        folder: Where it is.
        backup: What it came from.
        secrets_file: Where secrets must be put in, since none were inside; None where nothing is missing.
    """

    folder: Path
    backup: Verified
    secrets_file: Path | None


def needs_passphrase(path: Path) -> bool:
    """Whether a passphrase opens a backup, and no key.

    Raises:
        InputInvalid: It can't be read.
    """
    try:
        return sealing.needs_passphrase(path)
    except OSError as exc:
        raise _unreadable(path, exc) from exc


def verify(path: Path, key: Key) -> Verified:
    """Read a backup to its end and hold every file against its digest; nothing is written.

    Raises:
        InputInvalid: It is no backup, is cut short, damaged, of a younger version, or for another key.
        UsageError: It is opened by something else than what was given.
    """

    def take(path: str, *, is_program: bool) -> Callable[[bytes], object]:
        return lambda piece: None

    return _read(path, key, take)


def restore(path: Path, folder: Path, key: Key, on_notice: OnNotice = ignore) -> Restored:
    """Restore a workspace into a new or an empty folder, which appears whole; it sends nothing until somebody wakes it.

    Args:
        path: Of the backup.
        folder: Where the workspace is to be.
        key: What opens the backup.
        on_notice: Told what is odd.

    Raises:
        RunBusy: A workspace is there, and it is sending.
        UsageError: Something is there.
        InputInvalid: See `verify`; nothing is left of it.
        StorageUnusable: The disk is full or can't be written to; likewise.
    """
    _check_free(folder)
    folder = folder.resolve()
    try:
        private_folder(folder.parent)
        with _appearing_folder(folder) as draft, _Writer(draft) as writer:
            backup = _read(path, key, writer.take)
            writer.close()
            secrets = _leave_secrets(backup.head, draft)
            _put_to_sleep(backup, draft)
    except OSError as exc:
        raise StorageUnusable(
            _("can't write the workspace to {folder}: {why}; nothing of it is left there", folder=folder, why=reason(exc)),
            hint=_("check the disk's free space and permissions"),
        ) from exc
    facts = {"file": str(path), "sha256": backup.digest, "from": backup.head.folder, "made_at": backup.head.made_at.isoformat()}
    tell(folder / STATE_DIR, AuditEvent.RESTORED, on_notice, facts=facts)
    return Restored(folder, backup, folder / secrets if secrets else None)


def shelf_of(folder: Path) -> list[shelf.Shelved]:
    """List the backups in a folder, the earliest first.

    Raises:
        InputInvalid: It can't be read.
    """
    try:
        return shelf.shelved(folder)
    except OSError as exc:
        raise _unreadable(folder, exc) from exc


# --- read ----------------------------------------------------------------------------------------------------------------


def _read(path: Path, key: Key, take: container.Take) -> Verified:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            with _decrypted(file, path, key) as stream:
                head, manifest = container.unpack(stream, str(path), take)
                _drain(stream)
        return Verified(path, digest_of_file(path), size, head, manifest)
    except IsADirectoryError as exc:
        raise _unreadable(path, exc) from exc
    except (FileNotFoundError, PermissionError) as exc:
        if exc.filename == str(path):
            raise _unreadable(path, exc) from exc
        raise


@contextmanager
def _decrypted(file: BinaryIO, path: Path, key: Key) -> Iterator[BinaryIO]:
    """Lend the decrypted bytes of a backup as a stream; what is wrong with the backup comes out before what that leads to."""
    reading, writing = os.pipe()
    decrypting = _Decrypting(file, path, key, writing)
    decrypting.start()
    try:
        with os.fdopen(reading, "rb", PIECE_BYTES) as stream:
            yield stream
    except InputInvalid:
        decrypting.join()
        if trouble := decrypting.trouble:
            raise trouble from None
        raise
    finally:
        decrypting.join()
    if decrypting.trouble:
        raise decrypting.trouble


class _Decrypting(threading.Thread):
    """Decrypts into a pipe, whose reader may be gone before the end."""

    def __init__(self, file: BinaryIO, path: Path, key: Key, writing: int) -> None:
        super().__init__(name="decrypting", daemon=True)
        self._file, self._path, self._key, self._writing = file, path, key, writing
        self.trouble: BaseException | None = None

    def run(self) -> None:
        """See `threading.Thread`."""
        try:
            with os.fdopen(self._writing, "wb", PIECE_BYTES) as pipe:
                sealing.unseal(self._file, self._path, self._key, pipe.write)
        except BrokenPipeError:
            pass  # the reader has found something wrong, and says what
        except BaseException as exc:  # told by the thread that waits for it
            self.trouble = exc


def _drain(stream: BinaryIO) -> None:
    """Read what follows: whether a file of age is whole shows at its end."""
    while stream.read(PIECE_BYTES):
        pass


# --- written -------------------------------------------------------------------------------------------------------------


class _Writer:
    """Writes the files of a container into a folder, one after the other, each on the disk before the next is begun."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._open = folder, ExitStack()

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._open.close()

    def take(self, path: str, *, is_program: bool) -> Callable[[bytes], object]:
        """See `container.Take`."""
        self.close()
        target = self._folder / path
        private_folder(target.parent)
        write = self._open.enter_context(create_file(target)).write
        if is_program:
            target.chmod(0o700)
        return write

    def close(self) -> None:
        """End the file that is being written."""
        self._open.close()


@contextmanager
def _appearing_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to fill; it has its name when the block ends well, and is gone otherwise."""
    draft = folder.with_name(draft_name(folder.name))
    draft.mkdir(mode=0o700)
    try:
        yield draft
        with suppress(FileNotFoundError):
            folder.rmdir()  # an empty one; anything in it keeps it there
        machine.rename(draft, folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _check_free(folder: Path) -> None:
    """Refuse a folder in which anything is: above all a workspace, above all one that sends.

    Raises:
        RunBusy: A workspace is there, and it is sending.
        UsageError: Something is there.
    """
    another = _("name a folder that is not there yet")
    if (folder / CONFIG_NAME).exists():
        active = Runs(runs_of(folder)).active() if runs_of(folder).is_dir() else []
        if active:
            raise RunBusy(
                _("{folder} is a workspace, and {runs} is being sent from it: nothing was restored", folder=folder,
                  runs=joined(active)),
                hint=another,
            )  # fmt: skip
        if is_worker_held(folder / STATE_DIR):
            raise RunBusy(
                _("{folder} is a workspace, and its webhook answers people: nothing was restored", folder=folder), hint=another
            )
        raise UsageError(_("{folder} is a workspace already: a backup never takes the place of one", folder=folder), hint=another)
    try:
        if os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(_("{folder} is there already, and not empty", folder=folder), hint=another)
    except OSError as exc:
        raise _unreadable(folder, exc) from exc


def _leave_secrets(head: Head, draft: Path) -> str:
    """Leave an empty secrets file with the names that stood in it, so that the workspace can be read; return its path there."""
    if head.has_secrets or not head.secrets_file or not container.is_inside(head.secrets_file):
        return ""
    path = draft / head.secrets_file
    if path.exists():
        return ""
    private_folder(path.parent)
    names = "".join(f"#{name}=\n" for name in head.secret_names if name.isprintable())
    with create_file(path) as file:
        file.write((_SECRETS_REMARK + names).encode())
    return head.secrets_file


def _put_to_sleep(backup: Verified, draft: Path) -> None:
    head = backup.head
    private_folder(draft / STATE_DIR)
    mark = RestMark(
        Rest.ASLEEP, SystemClock().now(), head.why, head.made_at, head.folder, head.machine, backup.digest, head.is_handed_over
    )
    keep_rest(draft / STATE_DIR, mark)


def _unreadable(path: Path, exc: OSError) -> InputInvalid:
    return InputInvalid(
        _("can't read {path}: {why}", path=path, why=reason(exc)),
        hint=_("check the name; {backups} lists the backups of a folder", backups=Cure.BACKUP_LIST("FOLDER")),
    )
