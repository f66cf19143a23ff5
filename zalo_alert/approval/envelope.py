"""The envelope of a signature: SSHSIG, which `ssh-keygen -Y sign` makes and `ssh-keygen -Y verify` checks without us.

What comes in here was pasted from a mail or a chat, or made by somebody who wants a way through: its size is bounded, each
length is held against what is there, and nothing may be left over.

Source: OpenSSH PROTOCOL.sshsig; PROTOCOL.u2f for what a FIDO token signs.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from zalo_alert.approval.keys import TOKEN, PublicKey, parse_key, shown
from zalo_alert.approval.wire import Malformed, WireReader, string, uint32
from zalo_alert.errors import InputInvalid, SignatureRefused
from zalo_alert.language import _, joined

MAX_TEXT = 4096  # characters; ours have less than 400
_MAGIC = b"SSHSIG"
_VERSION = 1
HASHES = ("sha512", "sha256")  # PROTOCOL.sshsig allows these; ssh-keygen signs with the first
_LINE = 70  # characters of base64 in a line, as OpenSSH breaks it
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_ARMOR = re.compile(rf"\s*{_BEGIN}([A-Za-z0-9+/=\s]+){_END}\s*")
_USER_PRESENT = 0x01  # the token's owner touched it


class Namespace(StrEnum):
    """What a signature is for; one for another purpose is worth nothing."""

    SUBMIT = "submit@zalo-alert"
    APPROVE = "approve@zalo-alert"
    ROSTER = "roster@zalo-alert"
    STANDING = "standing@zalo-alert"
    AUDIT = "audit@zalo-alert"
    BREAK_GLASS = "break-glass@zalo-alert"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, taken apart and not yet checked.

    Args:
        key: Whose it claims to be.
        namespace: What it is for, as it says itself.
        hash_name: One of `HASHES`.
        proof: The 64 bytes of the Ed25519 signature.
        flags: What a token says of its owner; 0 where the key is on no token.
        counter: How often a token has signed; 0 where the key is on no token.
    """

    key: PublicKey
    namespace: str
    hash_name: str
    proof: bytes
    flags: int = 0
    counter: int = 0

    @property
    def text(self) -> str:
        """The armored text, as ssh-keygen writes it."""
        return armor(self)


def signed_bytes(message: bytes, namespace: str, hash_name: str) -> bytes:
    """Return what a key signs of a message: never the message alone, so that no other protocol's signature fits."""
    digest = hashlib.new(hash_name, message).digest()
    return _MAGIC + string(namespace) + string(b"") + string(hash_name) + string(digest)


def armor(signature: Signature) -> str:
    """Return a signature as text, for a file, a mail or a chat."""
    token = bytes([signature.flags]) + uint32(signature.counter) if signature.key.kind == TOKEN else b""
    proof = string(signature.key.kind) + string(signature.proof) + token
    parts: tuple[bytes | str, ...] = (signature.key.blob, signature.namespace, b"", signature.hash_name, proof)
    blob = _MAGIC + uint32(_VERSION) + b"".join(string(part) for part in parts)
    base = base64.b64encode(blob).decode("ascii")
    lines = [base[at : at + _LINE] for at in range(0, len(base), _LINE)]
    return "\n".join((_BEGIN, *lines, _END, ""))


def parse_signature(text: str | bytes) -> Signature:
    """Take a signature's text apart; spaces and breaks of lines round it and in it don't matter.

    Raises:
        SignatureRefused: It is no signature, is damaged, or was made with a key of a kind that is not accepted.
    """
    try:
        return _opened(_blob_of(text))
    except Malformed as exc:
        raise SignatureRefused(_("the signature is damaged"), hint=_copy_whole()) from exc
    except InputInvalid as exc:  # its key
        raise SignatureRefused(joined((_("the signature can't be used"), exc.message), ": "), hint=exc.hint) from exc


def _blob_of(text: str | bytes) -> bytes:
    plain = text.decode("ascii", "replace") if isinstance(text, bytes) else text.lstrip("\ufeff")
    found = _ARMOR.fullmatch(plain) if len(plain) <= MAX_TEXT else None
    if not found:
        raise _no_signature(plain)
    base = "".join(found[1].split())
    try:
        blob = base64.b64decode(base, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise Malformed("no base64") from exc
    if base64.b64encode(blob).decode("ascii") != base:  # one signature has one text
        raise Malformed("base64 of another form")
    return blob


def _no_signature(text: str) -> SignatureRefused:
    if not text.strip():
        return SignatureRefused(_("there is no signature: the text is empty"), hint=_copy_whole())
    if text.lstrip().startswith(_BEGIN) and (_END in text or len(text) > MAX_TEXT):
        return SignatureRefused(_("there is more here than one signature"), hint=_copy_whole())
    if text.lstrip().startswith(_BEGIN):
        return SignatureRefused(_("the signature is cut off"), hint=_copy_whole())
    return SignatureRefused(_("this is no signature of ssh-keygen's form"), hint=_copy_whole())


def _copy_whole() -> str:
    return _('copy all of it and nothing else, from "{begin}" to "{end}"', begin=_BEGIN, end=_END)


def _opened(blob: bytes) -> Signature:
    reader = WireReader(blob)
    if reader.take(len(_MAGIC)) != _MAGIC:
        raise Malformed("another magic")
    if reader.uint32() != _VERSION:
        raise SignatureRefused(_("the signature is of a newer form than this version knows"))
    key = parse_key(reader.string())
    namespace, reserved, hash_name = reader.word(), reader.string(), reader.word()
    proof = reader.string()
    reader.end()
    if reserved or not namespace:
        raise Malformed("something stands where nothing may, or nothing where something must")
    if hash_name not in HASHES:
        raise SignatureRefused(_("the signature's hash {name} is not accepted", name=shown(hash_name)))
    return Signature(key, namespace, hash_name, *_proof(proof, key))


def _proof(blob: bytes, key: PublicKey) -> tuple[bytes, int, int]:
    reader = WireReader(blob)
    if reader.word() != key.kind:
        raise Malformed("signed with another kind of key than it names")
    proof = reader.string()
    flags, counter = (reader.take(1)[0], reader.uint32()) if key.kind == TOKEN else (0, 0)
    reader.end()
    if len(proof) != 64:
        raise Malformed("a part of it has the wrong length")
    return proof, flags, counter


def verify(signature: Signature, message: bytes, namespace: Namespace) -> None:
    """Make sure that a signature is one of this message, for this purpose, by the key that it names.

    Whose key that is, and whether they may, is the roster's to say.

    Raises:
        SignatureRefused: It is not; or the owner of a token did not touch it.
    """
    if signature.namespace != namespace:
        purposes = {"found": shown(signature.namespace), "wanted": namespace.value}
        raise SignatureRefused(
            _("the signature is for {found}, and not for {wanted}", **purposes), hint=_("sign again, for this purpose")
        )
    if signature.key.kind == TOKEN and not signature.flags & _USER_PRESENT:
        raise SignatureRefused(
            _("the token signed without being touched"), hint=_("sign again, and touch the token when it blinks")
        )
    if not _fits(signature, signed_bytes(message, signature.namespace, signature.hash_name)):
        raise SignatureRefused(
            _("the signature is of another text, or was changed on the way"),
            hint=_("make sure that what was signed is exactly this text, and sign again"),
        )


def _fits(signature: Signature, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if signature.key.kind == TOKEN:
        application = hashlib.sha256(signature.key.application).digest()
        signed = application + bytes([signature.flags]) + uint32(signature.counter) + hashlib.sha256(signed).digest()
    try:
        Ed25519PublicKey.from_public_bytes(signature.key.point).verify(signature.proof, signed)
    except (InvalidSignature, ValueError):  # ValueError: no point of the curve
        return False
    return True
