"""Signing: by ssh-keygen where there is one, which knows agents, FIDO tokens and passphrases; else in Python.

A passphrase is never in a command line: ssh-keygen asks for it itself, on the terminal or through an agent, and Python's way has
it asked by the caller.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from zalo_alert.approval.envelope import HASHES, Namespace, Signature, parse_signature, signed_bytes, verify
from zalo_alert.approval.key_files import KeyFile, read_key_file
from zalo_alert.approval.keys import ED25519, PublicKey, shown
from zalo_alert.errors import Cure, SettingsInvalid, SignatureRefused
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PROBE_S = 5.0  # how long ssh-keygen may take to say what it knows


class Signer(Protocol):
    """Signs in an officer's name."""

    @property
    def key(self) -> PublicKey:
        """Whose signatures these are."""
        ...

    def sign(self, message: bytes, namespace: Namespace) -> str:
        """Return the signature of a message as text, less than 400 characters.

        Raises:
            SettingsInvalid: It could not be signed: a wrong passphrase, no token, no agent.
        """
        ...


def open_signer(
    path: Path, ask_passphrase: Callable[[], str] | None = None, find_tool: Callable[[], str | None] | None = None
) -> Signer:
    """Get ready to sign with a key.

    Args:
        path: The private key, or the `.pub` of one that an agent or a token holds.
        ask_passphrase: Asks the officer where ssh-keygen can't; None where nobody is there to be asked.
        find_tool: Finds a fit ssh-keygen, None for none; `find_ssh_keygen` as a rule.

    Raises:
        SettingsInvalid: The key can't be used.
    """
    file = read_key_file(path)
    tool = (find_tool or find_ssh_keygen)()
    if tool:
        return ToolSigner(file, tool)
    if file.private is None or file.key.kind != ED25519:
        raise SettingsInvalid(
            _("{path} is a key of a token or an agent, and this machine has no ssh-keygen to sign with it", path=file.path),
            hint=_("install OpenSSH 8.2 or newer, or sign with a key file"),
        )
    return FileSigner(file, _unlocked(file, ask_passphrase))


def find_ssh_keygen() -> str | None:
    """Return the path of an ssh-keygen that can sign (OpenSSH 8.0 and newer); None where there is none."""
    tool = shutil.which("ssh-keygen")
    if not tool or not Path(tool).is_absolute():  # Windows looks in the current folder first, where anybody may have put one
        return None
    try:
        said = subprocess.run([tool, "-Y", "sign"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROBE_S, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return tool if b"namespace" in said.stderr else None  # an older one knows no -Y


@dataclass(frozen=True, slots=True)
class ToolSigner:
    """Signs by ssh-keygen, which asks for a passphrase or a touch itself.

    Args:
        file: With which key.
        tool: The path of ssh-keygen.
    """

    file: KeyFile
    tool: str

    @property
    def key(self) -> PublicKey:
        """See `Signer`."""
        return self.file.key

    def sign(self, message: bytes, namespace: Namespace) -> str:
        """See `Signer`."""
        command = [self.tool, "-q", "-Y", "sign", "-n", namespace.value, "-f", str(self.file.path)]
        shows = os.isatty(2)  # then its questions and its errors belong there: "Confirm user presence …"
        try:
            ended = subprocess.run(
                command, input=message, stdout=subprocess.PIPE, stderr=None if shows else subprocess.PIPE, check=False
            )
        except OSError as exc:
            raise SettingsInvalid(_("can't run {tool}: {why}", tool=self.tool, why=reason(exc))) from exc
        if ended.returncode:
            raise self._failed(ended.stderr or b"")
        return self._checked(ended.stdout, message, namespace)

    def _failed(self, said: bytes) -> SettingsInvalid:
        lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
        why = shown(lines[-1], 200) if lines else _("it says above why")
        return SettingsInvalid(
            _("ssh-keygen did not sign with {path}: {why}", path=self.file.path, why=why),
            hint=_("try again: mind the passphrase, the token or the agent; {option} names another key", option=_option()),
        )

    def _checked(self, text: bytes, message: bytes, namespace: Namespace) -> str:
        """Return the signature as we write it, once it is sure that everybody else will accept it."""
        try:
            signature = parse_signature(text)
            verify(signature, message, namespace)
        except SignatureRefused as exc:
            raise self._failed(str(exc).encode()) from exc
        if signature.key != self.key:
            raise self._failed(b"it signed with another key")
        return signature.text


@dataclass(frozen=True, slots=True)
class FileSigner:
    """Signs in Python, with a private key from a file.

    Args:
        file: Where it is from.
        private: The key itself.
    """

    file: KeyFile
    private: "Ed25519PrivateKey"

    @property
    def key(self) -> PublicKey:
        """See `Signer`."""
        return self.file.key

    def sign(self, message: bytes, namespace: Namespace) -> str:
        """See `Signer`."""
        proof = self.private.sign(signed_bytes(message, namespace, HASHES[0]))
        return Signature(self.key, namespace, HASHES[0], proof).text

    def __repr__(self) -> str:
        return f"FileSigner({self.file.path})"


def _unlocked(file: KeyFile, ask_passphrase: Callable[[], str] | None) -> "Ed25519PrivateKey":
    from cryptography.exceptions import InvalidKey, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    if file.is_encrypted and ask_passphrase is None:
        raise SettingsInvalid(
            _("the key {path} has a passphrase, and nobody is here to be asked for it", path=file.path),
            hint=_("sign at a terminal, or load the key into an agent with ssh-add"),
        )
    passphrase = ask_passphrase().encode() if file.is_encrypted and ask_passphrase else None
    try:
        private = load_ssh_private_key(file.private or b"", passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidKey) as exc:
        told = _("the passphrase is not that of {path}", path=file.path) if passphrase else _damaged(file)
        raise SettingsInvalid(told, hint=_("try again; {option} names another key", option=_option())) from exc
    if not isinstance(private, Ed25519PrivateKey) or private.public_key().public_bytes_raw() != file.key.point:
        raise SettingsInvalid(_damaged(file), hint=_("{option} names another key", option=_option()))
    return private


def _damaged(file: KeyFile) -> str:
    return _("the key file {path} is damaged", path=file.path)


def _option() -> str:
    return str(Cure.OPTION(key="FILE"))
