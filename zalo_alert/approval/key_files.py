"""Key files of officers, in OpenSSH's form: whose they are, whether a passphrase guards them, and new ones.

Source: OpenSSH PROTOCOL.key.
"""

import base64
import binascii
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from zalo_alert.approval.keys import PublicKey, parse_key, read_public_key
from zalo_alert.approval.wire import Malformed, WireReader
from zalo_alert.errors import Cure, InputInvalid, SettingsInvalid
from zalo_alert.foundation.files import contents, create_file, private_folder, sync_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, joined

MAX_BYTES = 16 << 10  # a private key of ours has some 400
_MAGIC = b"openssh-key-v1\0"
_ARMOR = re.compile(r"\s*-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----\s*")
_OTHER_FORMS = ("PuTTY-User-Key-File", "PRIVATE KEY-----")


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What an officer signs with.

    Args:
        path: Where it lies.
        key: Whose signatures it makes.
        private: The file's bytes where it holds the private half; None where an agent or a token does.
        is_encrypted: Whether a passphrase guards it.
    """

    path: Path
    key: PublicKey
    private: bytes | None = field(repr=False)
    is_encrypted: bool = False


def read_key_file(path: Path) -> KeyFile:
    """Read a private key's file, or the `.pub` of a key that an agent or a token holds; no passphrase is needed for that.

    Raises:
        SettingsInvalid: It is not there, can't be read, others may read it, or it is no key of a kind that is accepted.
    """
    path = path.expanduser()
    text = _text_of(path)
    try:
        if not _ARMOR.fullmatch(text):
            return KeyFile(path, _public(text), None)
        key, is_encrypted = _public_half(text)
    except (Malformed, binascii.Error) as exc:
        raise SettingsInvalid(_("the key file {path} is damaged", path=path), hint=_another()) from exc
    except InputInvalid as exc:
        raise SettingsInvalid(joined((path, exc.message), ": "), hint=exc.hint) from exc
    _require_private(path)
    return KeyFile(path, key, text.encode("ascii"), is_encrypted)


def _text_of(path: Path) -> str:
    try:
        return contents(path, MAX_BYTES).decode("utf-8", "replace").lstrip("\ufeff")
    except FileNotFoundError as exc:
        hint = _("{make} makes one; {option} names another", make=Cure.MAKE_KEY(), option=Cure.OPTION(key="FILE"))
        raise SettingsInvalid(_("there is no key file {path}", path=path), hint=hint) from exc
    except OSError as exc:
        raise SettingsInvalid(_("can't read the key file {path}: {why}", path=path, why=reason(exc)), hint=_another()) from exc


def _public(text: str) -> PublicKey:
    if any(form in text for form in _OTHER_FORMS):
        raise InputInvalid(_("this private key is not in OpenSSH's form"), hint=_another())
    return read_public_key(text.strip())


def _public_half(text: str) -> tuple[PublicKey, bool]:
    """Read the half of a private key's file that is not secret, and whether the other is encrypted."""
    found = _ARMOR.fullmatch(text)
    reader = WireReader(base64.b64decode("".join((found[1] if found else "").split()), validate=True))
    if reader.take(len(_MAGIC)) != _MAGIC:
        raise Malformed("another magic")
    cipher, _kdf, _options = reader.word(), reader.word(), reader.string()
    if reader.uint32() != 1:
        raise Malformed("not one key")
    return parse_key(reader.string()), cipher != "none"


def _require_private(path: Path) -> None:
    """Refuse what ssh-keygen refuses: a private key of one's own that others of this machine may read."""
    status = path.stat()
    if os.name == "posix" and status.st_uid == os.getuid() and status.st_mode & 0o077:
        raise SettingsInvalid(_("others may read the private key {path}", path=path), hint=_("chmod 600 {path}", path=path))


def _another() -> str:
    return _("name another with {option}; {make} makes one", option=Cure.OPTION(key="FILE"), make=Cure.MAKE_KEY())


def make_key_file(path: Path, comment: str, passphrase: str) -> PublicKey:
    """Make a key of the kind ssh-ed25519: its private half at `path`, mode 0600, and the public line in the `.pub` beside it.

    Args:
        path: Neither file may be there yet.
        comment: Whose it is; stands at the end of the public line.
        passphrase: What guards the private half; "" leaves it open to whoever can read the file.

    Raises:
        SettingsInvalid: One of them is there, or can't be written.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = path.expanduser()
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode("ascii")
    guard = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    secret = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, guard)
    _write_pair(path, secret, f"{public} {comment}".rstrip())
    return read_public_key(public)


def public_path(path: Path) -> Path:
    """Return where the public line of a private key lies."""
    return path.with_name(f"{path.name}.pub")


def require_free(path: Path) -> None:
    """Make sure that no key would be overwritten.

    Raises:
        SettingsInvalid: One would.
    """
    for taken in (path.expanduser(), public_path(path.expanduser())):
        if os.path.lexists(taken):  # a link to nothing is something, too
            raise SettingsInvalid(
                _("there is a file {path} already, and a key is never overwritten", path=taken),
                hint=_("choose another name with {option}", option=Cure.OPTION(output="FILE")),
            )


def _write_pair(path: Path, secret: bytes, public: str) -> None:
    require_free(path)
    try:
        private_folder(path.parent)
        with create_file(public_path(path)) as file:  # first: a private key whose public line is lost is worth little
            file.write(f"{public}\n".encode())
        with create_file(path) as file:
            file.write(secret)
        sync_folder(path.parent)
    except OSError as exc:
        raise SettingsInvalid(_("can't write the key {path}: {why}", path=path, why=reason(exc))) from exc
