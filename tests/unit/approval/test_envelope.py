"""The envelope of signatures: what fits, and every way in which something else is refused with a clear sentence."""

import base64
import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.approval.envelope import Namespace, Signature, armor, parse_signature, signed_bytes, verify
from zalo_alert.approval.keys import PublicKey
from zalo_alert.approval.wire import string, uint32
from zalo_alert.errors import ErrorCause, ExitCode, SignatureRefused

MESSAGE = '{"format":1,"type":"request","text":"Bão số 3"}'.encode()
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
POINT = PRIVATE.public_key().public_bytes_raw()
KEY = PublicKey("ssh-ed25519", string("ssh-ed25519") + string(POINT))
TOKEN = PublicKey("sk-ssh-ed25519@openssh.com", string("sk-ssh-ed25519@openssh.com") + string(POINT) + string("ssh:"))
BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


def signature(message=MESSAGE, namespace=Namespace.APPROVE, hash_name="sha512"):
    return Signature(KEY, namespace, hash_name, PRIVATE.sign(signed_bytes(message, namespace, hash_name)))


def token_signature(flags=0x01, counter=7, application=b"ssh:"):
    inner = hashlib.sha256(signed_bytes(MESSAGE, Namespace.APPROVE, "sha512")).digest()
    signed = hashlib.sha256(application).digest() + bytes([flags]) + uint32(counter) + inner
    return Signature(TOKEN, Namespace.APPROVE, "sha512", PRIVATE.sign(signed), flags, counter)


def envelope(*, key=KEY.blob, namespace="approve@zalo-alert", reserved=b"", hash_name="sha512", proof=None, end=b"", version=1):
    proof = string("ssh-ed25519") + string(signature().proof) if proof is None else proof
    blob = b"SSHSIG" + uint32(version) + b"".join(map(string, (key, namespace, reserved, hash_name, proof))) + end
    return wrapped(blob)


def wrapped(blob):
    return f"{BEGIN}\n{base64.b64encode(blob).decode()}\n{END}\n"


def refusal(text):
    with pytest.raises(SignatureRefused) as caught:
        parse_signature(text)
    return str(caught.value)


@pytest.mark.parametrize("hash_name", ["sha256", "sha512"])
@pytest.mark.parametrize("namespace", Namespace)
def test_a_signature_comes_back_from_its_text_and_fits(namespace, hash_name):
    text = signature(namespace=namespace, hash_name=hash_name).text

    found = parse_signature(text)

    assert found == parse_signature(text.encode()) == signature(namespace=namespace, hash_name=hash_name)
    assert len(text) <= 400
    verify(found, MESSAGE, namespace)


def test_the_signature_of_a_touched_token_fits():
    text = token_signature().text

    found = parse_signature(text)

    assert (found.flags, found.counter, len(text) <= 400) == (1, 7, True)
    verify(found, MESSAGE, Namespace.APPROVE)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"\ufeff\n\n  {text}  \r\n",
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", " "),
        lambda text: text.replace("\n", "\n\n   "),
        lambda text: BEGIN + "".join(text.splitlines()[1:-1]) + END,
    ],
    ids=["mark and blanks around", "Windows", "one line", "indented", "no breaks at all"],
)
def test_what_mail_and_chat_do_to_lines_does_not_matter(change):
    verify(parse_signature(change(signature().text)), MESSAGE, Namespace.APPROVE)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "the text is empty"),
        (" \n\t", "the text is empty"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(5000), "no signature of ssh-keygen's form"),
        ("ok, đồng ý", "no signature of ssh-keygen's form"),
        ("-----BEGIN PGP SIGNATURE-----\nAA\n-----END PGP SIGNATURE-----", "no signature of ssh-keygen's form"),
        (signature().text[:200], "the signature is cut off"),
        (signature().text + "-- \nsent from my phone", "more here than one signature"),
        (signature().text * 2, "more here than one signature"),
        (f"{BEGIN}\n{'A' * 5000}\n{END}", "more here than one signature"),
        (f"{BEGIN}\n{END}", "the signature is damaged"),
        (f"here it is: {signature().text}", "no signature of ssh-keygen's form"),
        (f"{BEGIN}\nAAA\n{END}", "the signature is damaged"),
        (f"{BEGIN}\nU1NIU0lH=\n{END}", "the signature is damaged"),
        (wrapped(b"SSHSIH" + bytes(200)), "the signature is damaged"),
        (wrapped(b"SSHSIG" + uint32(1) + b"\xff\xff\xff\xff"), "the signature is damaged"),
        (envelope(version=2), "of a newer form"),
        (envelope(end=b"\0"), "the signature is damaged"),
        (envelope(reserved=b"x"), "the signature is damaged"),
        (envelope(namespace=""), "the signature is damaged"),
        (envelope(namespace="a\nb"), "the signature is damaged"),
        (envelope(hash_name="sha1"), "hash sha1 is not accepted"),
        (envelope(hash_name="sha384"), "hash sha384 is not accepted"),
        (envelope(key=string("ssh-rsa") + string(b"\1\0\1") + string(bytes(256))), "kind ssh-rsa are not accepted"),
        (envelope(key=KEY.blob[:-1]), "the public key is damaged"),
        (envelope(key=string("ssh-ed25519") + string(b"\1" + bytes(31))), "anybody could sign"),
        (envelope(proof=string("ssh-ed25519") + string(bytes(63))), "the signature is damaged"),
        (envelope(proof=string("ssh-ed25519") + string(bytes(64)) + b"\1\0\0\0\7"), "the signature is damaged"),
        (envelope(proof=string("sk-ssh-ed25519@openssh.com") + string(bytes(64)) + bytes(5)), "the signature is damaged"),
        (envelope(key=TOKEN.blob, proof=string(TOKEN.kind) + string(bytes(64))), "the signature is damaged"),
    ],
)
def test_what_is_no_signature_is_refused_in_words(text, told):
    assert told in refusal(text)


def test_a_refusal_is_a_bad_input_with_a_word_for_scripts():
    with pytest.raises(SignatureRefused, match="is for submit@zalo-alert, and not for approve@zalo-alert") as caught:
        verify(signature(namespace=Namespace.SUBMIT), MESSAGE, Namespace.APPROVE)

    assert (caught.value.exit_code, caught.value.cause) == (ExitCode.CAMPAIGN_INVALID, ErrorCause.SIGNATURE_REFUSED)
    assert caught.value.hint


@pytest.mark.parametrize(
    "forged",
    [
        replace(signature(), hash_name="sha256"),
        replace(signature(), proof=bytes(64)),
        replace(signature(namespace=Namespace.SUBMIT), namespace=Namespace.APPROVE),
        replace(token_signature(), flags=0x05),
        replace(token_signature(), counter=8),
        token_signature(application=b"ssh:other"),
        replace(signature(), key=PublicKey("ssh-ed25519", string("ssh-ed25519") + string(bytes([2] + [0xFF] * 31)))),
    ],
    ids=["hash", "proof", "namespace", "flags", "counter", "application", "no point"],
)
def test_a_signature_of_something_else_does_not_fit(forged):
    with pytest.raises(SignatureRefused, match="of another text"):
        verify(parse_signature(armor(forged)), MESSAGE, Namespace.APPROVE)


def test_a_token_that_nobody_touched_is_refused():
    with pytest.raises(SignatureRefused, match="without being touched"):
        verify(token_signature(flags=0x04), MESSAGE, Namespace.APPROVE)


@given(at=st.integers(0, len(MESSAGE) - 1), bit=st.integers(0, 7))
def test_a_message_of_which_one_bit_differs_does_not_fit(at, bit):
    other = bytearray(MESSAGE)
    other[at] ^= 1 << bit

    with pytest.raises(SignatureRefused, match="of another text"):
        verify(signature(), bytes(other), Namespace.APPROVE)


@given(st.binary(max_size=600) | st.text(max_size=600))
def test_nothing_that_comes_in_ends_in_anything_but_a_refusal(junk):
    for text in (junk, wrapped(b"SSHSIG" + uint32(1) + (junk.encode("utf-8", "replace") if isinstance(junk, str) else junk))):
        with pytest.raises(SignatureRefused):
            parse_signature(text)


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), token=st.booleans())
def test_a_changed_byte_of_an_envelope_is_refused_or_does_not_fit(at, byte, token):
    sound = token_signature() if token else signature()
    blob = bytearray(base64.b64decode("".join(sound.text.splitlines()[1:-1])))
    at %= len(blob)
    if blob[at] == byte:
        byte ^= 1
    blob[at] = byte

    with pytest.raises(SignatureRefused):
        verify(parse_signature(wrapped(bytes(blob))), MESSAGE, Namespace.APPROVE)


@given(cut=st.integers(0, 10_000))
def test_a_cut_envelope_is_refused(cut):
    blob = base64.b64decode("".join(signature().text.splitlines()[1:-1]))

    with pytest.raises(SignatureRefused):
        parse_signature(wrapped(blob[: cut % len(blob)]))
