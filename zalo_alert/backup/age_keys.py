"""Whom a backup is encrypted to, and what opens it: keys in the format of age and of OpenSSH, and passphrases."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pyrage import IdentityError, RecipientError, ssh, x25519

from zalo_alert.errors import Cure, InputInvalid, UsageError
from zalo_alert.foundation.files import contents, create_file
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.secret import Secret
from zalo_alert.language import _

MIN_PASSPHRASE = 12  # characters: whoever has the file may try as long as they like
MOST_BYTES = 1 << 18  # of a file of keys
MOST_RECIPIENTS = 32
_AGE = re.compile(r"age1[0-9a-z]{20,100}")
_SSH = re.compile(r"ssh-(?:ed25519|rsa) [A-Za-z0-9+/=]+")
_SECRET = re.compile(r"^AGE-SECRET-KEY-1[0-9A-Z]+$", re.MULTILINE)
_SHOWN = 24  # signs of what was typed
NO_PASSPHRASE = Secret("")

Recipient: TypeAlias = Any  # pyrage has a class for each kind, and none above them
Identity: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Lock:
    """What a backup is encrypted with: recipients, or a passphrase."""

    recipients: tuple[Recipient, ...] = ()
    passphrase: Secret = NO_PASSPHRASE


@dataclass(frozen=True, slots=True)
class Key:
    """What opens a backup: identities, or a passphrase."""

    identities: tuple[Identity, ...] = ()
    passphrase: Secret = NO_PASSPHRASE


def recipient_of(text: str) -> Recipient:
    """Read a recipient: `age1…`, or an OpenSSH public key.

    Raises:
        InputInvalid: It is none.
    """
    line = " ".join(text.split())
    kind: Any = x25519.Recipient if _AGE.fullmatch(line) else ssh.Recipient if _SSH.match(line) else None
    try:
        if kind is not None:
            return kind.from_str(line)
    except (RecipientError, ValueError):
        pass
    if line.startswith("AGE-SECRET-KEY"):
        raise InputInvalid(
            _("that is a private key, which opens backups: it belongs nowhere near them"),
            hint=_("name the public one, which begins with age1"),
        )
    raise InputInvalid(
        _('"{text}" is no recipient', text=line[:_SHOWN]),
        hint=_("it begins with age1, or with ssh-ed25519; {key} makes one", key=Cure.BACKUP_KEY("FILE")),
    )


def recipients_in(path: Path) -> list[Recipient]:
    """Read a file of recipients, one a line; a line that begins with # is a remark.

    Raises:
        InputInvalid: It can't be read, holds none, or a line is none.
    """
    lines = [line.strip() for line in _text(path).splitlines()]
    found = [recipient_of(line) for line in lines if line and not line.startswith("#")]
    if not found:
        raise InputInvalid(_("{path} names no recipient", path=path), hint=_("write one a line: age1…"))
    return found


def lock_of(recipients: Iterable[Recipient]) -> Lock:
    """Return what encrypts to some recipients.

    Raises:
        UsageError: There are none, or too many.
    """
    chosen = tuple(recipients)
    if not 0 < len(chosen) <= MOST_RECIPIENTS:
        raise UsageError(
            _("a backup is for 1 to {most} recipients, and this one is for {count}", most=MOST_RECIPIENTS, count=len(chosen)),
            hint=_("name them with {option}", option=Cure.OPTION(to="age1…")),
        )
    return Lock(chosen)


def passphrase_of(text: str) -> Secret:
    """Take a passphrase as it was typed: a letter that Vietnamese keyboards make in two ways is one.

    Raises:
        InputInvalid: It is too short.
    """
    typed = unicodedata.normalize("NFC", text.strip())
    if len(typed) < MIN_PASSPHRASE:
        raise InputInvalid(
            _("the passphrase is shorter than {least} characters", least=MIN_PASSPHRASE),
            hint=_("five words that do not belong together are a good one"),
        )
    return Secret(typed)


def identities_in(path: Path) -> list[Identity]:
    """Read what opens backups: a file with `AGE-SECRET-KEY-1…`, or a private key of OpenSSH without a passphrase.

    Raises:
        InputInvalid: It can't be read, or is none.
    """
    text = _text(path)
    try:
        if found := [x25519.Identity.from_str(line) for line in _SECRET.findall(text)]:
            return found
        if "PRIVATE KEY-----" in text:
            return [ssh.Identity.from_buffer(text.encode())]
    except (IdentityError, ValueError) as exc:
        raise InputInvalid(
            _("{path} is no private key that can be used", path=path),
            hint=_("a key of OpenSSH must be of the kind ed25519 or rsa, and without a passphrase"),
        ) from exc
    raise InputInvalid(
        _("{path} holds no private key", path=path), hint=_("name the file that {key} wrote", key=Cure.BACKUP_KEY("FILE"))
    )


def make_key(path: Path) -> str:
    """Write a new private key into a new file of mode 0600, and return its public half.

    Raises:
        UsageError: There is something of that name.
        InputInvalid: It can't be written.
    """
    if path.exists() or path.is_symlink():
        raise UsageError(
            _("{path} is there already", path=path), hint=_("name a new file: whoever loses a key loses its backups")
        )
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        with create_file(path) as file:
            file.write(f"# public key: {public}\n{identity}\n".encode())
    except OSError as exc:
        raise InputInvalid(_("can't write {path}: {why}", path=path, why=reason(exc)), hint=_("check the folder")) from exc
    return public


def _text(path: Path) -> str:
    try:
        return contents(path, MOST_BYTES).decode("utf-8", errors="replace")
    except OSError as exc:
        raise InputInvalid(_("can't read {path}: {why}", path=path, why=reason(exc)), hint=_("check the name")) from exc
