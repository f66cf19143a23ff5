"""A stream of bytes, encrypted as age does, and read back: what was cut short or changed is found out before it is believed.

A backup for recipients is a file of age, as it stands: `age --decrypt` opens it, too. age's own way with a passphrase is not
made for streams here, so a backup with a passphrase begins with a line and a small file of age that the passphrase opens; in that
lies the private key of the rest, which is a file of age again.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from pyrage import DecryptError, EncryptError, decrypt_io, encrypt_io, passphrase, x25519

from zalo_alert.backup.age_keys import Key, Lock
from zalo_alert.errors import Cure, InputInvalid, UsageError
from zalo_alert.language import _

_AGE = b"age-encryption.org/"
_OURS = b"zalo-alert backup with a passphrase: "
_MOST_KEY_BYTES = 4096  # of the small file that a passphrase opens


class _Source:
    """What age reads from: pieces of bytes, as they come; remembers what went wrong, which age would only tell as text."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, memoryview(b"")
        self.trouble: BaseException | None = None

    def read(self, most: int = -1) -> bytes:
        """See `io.RawIOBase.read`."""
        try:
            while not self._left:
                piece = next(self._pieces, None)
                if piece is None:
                    return b""
                self._left = memoryview(piece)
        except BaseException as exc:
            self.trouble = exc
            raise
        taken, self._left = self._left[:most], self._left[most:]
        return bytes(taken)


class _Sink:
    """What age writes to; remembers what went wrong."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self.trouble: BaseException | None = None

    def write(self, data: bytes) -> int:
        """See `io.RawIOBase.write`."""
        try:
            self._write(data)
        except BaseException as exc:
            self.trouble = exc
            raise
        return len(data)

    def flush(self) -> None:
        """See `io.RawIOBase.flush`."""


def seal(pieces: Iterator[bytes], write: Callable[[bytes], object], lock: Lock) -> None:
    """Encrypt a stream.

    Args:
        pieces: Of the stream.
        write: Takes the encrypted bytes.
        lock: With what.

    Raises:
        OSError: What `write` raises; whatever `pieces` raises comes out, too.
    """
    recipients = list(lock.recipients)
    if lock.passphrase:
        identity = x25519.Identity.generate()
        small = passphrase.encrypt(str(identity).encode(), lock.passphrase.reveal())
        write(_OURS + f"{len(small):06}\n".encode() + small)
        recipients = [identity.to_public()]
    source, sink = _Source(pieces), _Sink(write)
    try:
        encrypt_io(source, sink, recipients)
    except (EncryptError, OSError):
        if trouble := source.trouble or sink.trouble:
            raise trouble from None
        raise
    if sink.trouble:  # of the last bytes, which age does not look after
        raise sink.trouble


def unseal(file: BinaryIO, path: Path, key: Key, write: Callable[[bytes], object]) -> None:
    """Decrypt a file; what was written before an error is raised is no more than a beginning.

    Args:
        file: Open at its beginning.
        path: Its name, for whoever reads of it.
        key: What opens it.
        write: Takes the decrypted bytes.

    Raises:
        InputInvalid: It is no backup, is cut short or damaged, or the key is another's.
        UsageError: It is opened by a passphrase, and keys were given, or the other way round.
    """
    identities = _identities(file, path, key)
    sink = _Sink(write)
    try:
        decrypt_io(file, sink, list(identities))
    except (DecryptError, OSError) as exc:
        if sink.trouble:
            raise sink.trouble from None
        raise _refused(path, exc) from exc
    if sink.trouble:
        raise sink.trouble


def needs_passphrase(path: Path) -> bool:
    """Whether a passphrase opens a backup, and no key.

    Raises:
        OSError: It can't be read.
    """
    with path.open("rb") as file:
        return file.read(len(_OURS)) == _OURS


def _identities(file: BinaryIO, path: Path, key: Key) -> tuple[object, ...]:
    """Return what opens what follows in a file, after its beginning was read where it has one of ours."""
    head = file.read(len(_OURS))
    if head != _OURS:
        file.seek(0)
        if not head.startswith(_AGE):
            raise InputInvalid(_("{path} is no backup: it is not encrypted as age does", path=path), hint=_("check the name"))
        if not key.identities:
            raise UsageError(
                _("{path} is opened by a private key", path=path),
                hint=_("name its file with {option}", option=Cure.OPTION(identity="FILE")),
            )
        return key.identities
    if not key.passphrase:
        raise UsageError(
            _("{path} is opened by a passphrase, and not by a key", path=path),
            hint=_("add {option}", option=Cure.OPTION(passphrase=True)),
        )
    size = file.read(7)
    small = file.read(int(size)) if size[:6].isdigit() and 0 < int(size) <= _MOST_KEY_BYTES else b""
    try:
        secret = passphrase.decrypt(small, key.passphrase.reveal()).decode()
        with suppress(ValueError):
            return (x25519.Identity.from_str(secret),)
    except DecryptError as exc:
        if "Decryption failed" in str(exc):
            raise InputInvalid(_("that is not the passphrase of {path}", path=path), hint=_("try again")) from exc
        raise _cut(path) from exc
    raise _cut(path)


def _refused(path: Path, exc: Exception) -> InputInvalid:
    if "No matching keys" in str(exc):
        return InputInvalid(
            _("{path} was made for another key", path=path), hint=_("name the private key of one of those it was made for")
        )
    return _cut(path)


def _cut(path: Path) -> InputInvalid:
    return InputInvalid(
        _("{path} is cut short or damaged: nothing of it is used", path=path),
        hint=_("take an earlier backup; {verify} says whether one is whole", verify=Cure.BACKUP_VERIFY("FILE")),
    )
