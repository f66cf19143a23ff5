"""Public keys of officers: Ed25519, from a file or on a FIDO token; no other kind has a way in.

Source: RFC 8709 (ssh-ed25519); OpenSSH PROTOCOL.u2f (sk-ssh-ed25519@openssh.com).
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from zalo_alert.approval.wire import Malformed, WireReader
from zalo_alert.errors import Cure, InputInvalid
from zalo_alert.foundation import invisible
from zalo_alert.language import _

ED25519 = "ssh-ed25519"
TOKEN = "sk-ssh-ed25519@openssh.com"  # the private half never leaves a FIDO token
KINDS = (ED25519, TOKEN)
MAX_LINE = 4096  # characters of a public key's line; ours have some 80, a comment may follow
MAX_APPLICATION_BYTES = 64  # OpenSSH makes "ssh:", or "ssh:" and a name of the officer's own
_MAX_SHOWN = 40

# Points of small order on the curve: under such a key a signature that anybody can write down fits every text.
# Source: libsodium, ge25519_has_small_order; the highest bit is only a sign.
_WEAK = {
    bytes.fromhex(point)
    for point in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An officer's public key.

    Args:
        kind: One of `KINDS`.
        blob: SSH's wire form, the kind included; sound where it comes from `parse_key` or `read_public_key`.
    """

    kind: str
    blob: bytes

    @property
    def text(self) -> str:
        """The line without its comment: `ssh-ed25519 AAAA…`."""
        return f"{self.kind} {base64.b64encode(self.blob).decode('ascii')}"

    @property
    def fingerprint(self) -> str:
        """What people compare: `SHA256:…`, as `ssh-keygen -l` says it."""
        return f"SHA256:{base64.b64encode(hashlib.sha256(self.blob).digest()).decode('ascii').rstrip('=')}"

    @property
    def point(self) -> bytes:
        """The 32 bytes of the Ed25519 key itself."""
        reader = WireReader(self.blob)
        reader.string()
        return reader.string()

    @property
    def application(self) -> bytes:
        """What a token's key is made for, `ssh:` as a rule; empty where the key is on no token."""
        reader = WireReader(self.blob)
        reader.string()
        reader.string()
        return reader.string() if self.kind == TOKEN else b""


def parse_key(blob: bytes) -> PublicKey:
    """Read a public key in SSH's wire form.

    Raises:
        InputInvalid: It is damaged, of another kind, or so weak that anybody could sign under it.
    """
    try:
        return PublicKey(_checked_kind(blob), blob)
    except Malformed as exc:
        raise InputInvalid(_("the public key is damaged"), hint=_copy_whole()) from exc


def _checked_kind(blob: bytes) -> str:
    reader = WireReader(blob)
    kind = reader.word()
    if kind not in KINDS:
        raise _other_kind(kind)
    point = reader.string()
    if len(point) != 32 or (kind == TOKEN and not 0 < len(reader.string()) <= MAX_APPLICATION_BYTES):
        raise Malformed("a part of it has the wrong length")
    reader.end()
    if point[:31] + bytes([point[31] & 0x7F]) in _WEAK:
        raise InputInvalid(_("the public key is one under which anybody could sign"), hint=_make_one())
    return kind


def read_public_key(line: str) -> PublicKey:
    """Read the line of a `.pub` file: kind, key, and a comment or none.

    Raises:
        InputInvalid: It is no such line, the key is damaged or of another kind.
    """
    words = line.lstrip("\ufeff").split(maxsplit=2) if len(line) <= MAX_LINE else []
    if len(words) < 2:
        raise _no_key(line)
    if words[0] not in KINDS:
        raise _other_kind(words[0]) if _is_a_kind(words[0]) else _no_key(line)
    try:
        key = parse_key(base64.b64decode(words[1], validate=True))
    except (binascii.Error, ValueError) as exc:
        raise InputInvalid(_("the public key is damaged"), hint=_copy_whole()) from exc
    if key.text != f"{words[0]} {words[1]}":  # two names for one key, or another kind inside
        raise InputInvalid(_("the public key is damaged"), hint=_copy_whole())
    return key


def _is_a_kind(word: str) -> bool:
    return word.startswith(("ssh-", "sk-", "ecdsa-"))


def _no_key(line: str) -> InputInvalid:
    if "PRIVATE KEY" in line[:MAX_LINE]:
        return InputInvalid(
            _("this is a private key, which nobody but its owner may see"),
            hint=_("give the line of the file beside it that ends in .pub"),
        )
    return InputInvalid(
        _('"{text}" is no public key', text=shown(line)), hint=_("a public key is a line that begins with ssh-ed25519")
    )


def _other_kind(kind: str) -> InputInvalid:
    return InputInvalid(_("keys of the kind {kind} are not accepted", kind=shown(kind)), hint=_make_one())


def _make_one() -> str:
    return _("use a key of the kind ssh-ed25519, or a FIDO token; {make} makes one", make=Cure.MAKE_KEY())


def _copy_whole() -> str:
    return _("copy the whole line of the .pub file, without breaks")


def shown(text: str, most: int = _MAX_SHOWN) -> str:
    """Return the beginning of a stranger's text, as it may stand in a sentence."""
    printable = "".join(char if char.isprintable() else "?" for char in text[:most])
    return invisible.mark(printable) + ("…" if len(text) > most else "")
