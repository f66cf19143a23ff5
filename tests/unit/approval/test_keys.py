"""Public keys: which lines are one, and what a person is told of all others."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from zalo_alert.approval.keys import PublicKey, parse_key, read_public_key
from zalo_alert.approval.wire import string
from zalo_alert.errors import InputInvalid

# Made by `ssh-keygen -t ed25519`; what `ssh-keygen -lf` says of it.
LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFGVP8xyUNu4t1HUiWKvCsgkSgh9B4JN1dk1wNbA+gvU lan@pctt"
POINT = bytes.fromhex("51953fcc7250dbb8b751d48962af0ac8244a087d07824dd5d935c0d6c0fa0bd4")


def ed25519(point=POINT):
    return string("ssh-ed25519") + string(point)


def token(point=POINT, application=b"ssh:"):
    return string("sk-ssh-ed25519@openssh.com") + string(point) + string(application)


def line_of(kind, blob):
    return f"{kind} {base64.b64encode(blob).decode()}"


def test_a_line_with_and_without_comment_is_the_same_key():
    key = read_public_key(LINE)

    assert key == read_public_key(LINE.rpartition(" ")[0]) == read_public_key(f"\ufeff  {LINE}\r\n")
    assert key == PublicKey("ssh-ed25519", ed25519()) == parse_key(ed25519())
    assert key.text == LINE.rpartition(" ")[0]
    assert key.point == POINT
    assert key.application == b""
    assert len({key, read_public_key(LINE)}) == 1


def test_a_key_on_a_token_says_what_it_is_for():
    key = read_public_key(line_of("sk-ssh-ed25519@openssh.com", token()))

    assert (key.kind, key.point, key.application) == ("sk-ssh-ed25519@openssh.com", POINT, b"ssh:")
    assert key.fingerprint.startswith("SHA256:")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "is no public key"),
        ("ssh-ed25519", "is no public key"),
        ("\x1b[2J\u202exin chào các bạn, đây là khóa", r"<U\+202E>xin chào .*… ?is no public key|is no public key"),
        ("\ufffd\ufffd\ufffd\ufffd\x10JFIF\x01\x01", "is no public key"),
        ("ssh-ed25519 " + "A" * 5000, "is no public key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r", "this is a private key"),
        ("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7", "keys of the kind ssh-rsa are not accepted"),
        ("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlz", "keys of the kind ecdsa-sha2-nistp256 are not accepted"),
        ("ssh-ed25519-cert-v01@openssh.com AAAAIHNza", "keys of the kind ssh-ed25519-cert-v01@openssh.com"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFGVP8xy", "the public key is damaged"),
        ("ssh-ed25519 không-phải-base64", "the public key is damaged"),
        (line_of("ssh-ed25519", ed25519() + b"\0"), "the public key is damaged"),
        (line_of("ssh-ed25519", ed25519(POINT[:31])), "the public key is damaged"),
        (line_of("ssh-ed25519", string(b"ssh-\xff") + string(POINT)), "the public key is damaged"),
        (line_of("ssh-ed25519", token()), "the public key is damaged"),
        (line_of("ssh-ed25519", string("ssh-rsa") + string(POINT)), "keys of the kind ssh-rsa are not accepted"),
        (line_of("sk-ssh-ed25519@openssh.com", token(application=b"")), "the public key is damaged"),
        (line_of("sk-ssh-ed25519@openssh.com", token(application=b"ssh:" + b"x" * 61)), "the public key is damaged"),
        (line_of("ssh-ed25519", b"\xff\xff\xff\xff"), "the public key is damaged"),
    ],
)
def test_every_other_line_is_refused_in_words(line, told):
    with pytest.raises(InputInvalid, match=told) as caught:
        read_public_key(line)

    assert caught.value.hint
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize("sign", [0x00, 0x80], ids=["positive", "negative"])
@pytest.mark.parametrize(
    "weak",
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ],
)
def test_a_key_under_which_anybody_could_sign_is_refused(weak, sign):
    point = bytearray.fromhex(weak)
    point[31] |= sign

    with pytest.raises(InputInvalid, match="anybody could sign"):
        parse_key(ed25519(bytes(point)))


def test_under_such_a_key_one_signature_fits_every_text():
    weak = Ed25519PublicKey.from_public_bytes(b"\x01" + bytes(31))

    for message in (b"one text", b"another text"):
        weak.verify(b"\x01" + bytes(63), message)
