"""Signatures both ways: what we sign, the real ssh-keygen verifies; what it signs, we verify."""

import base64
import hashlib
import os
import shutil
import stat
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zalo_alert.approval.envelope import Namespace, Signature, parse_signature, signed_bytes, verify
from zalo_alert.approval.key_files import make_key_file, public_path, read_key_file
from zalo_alert.approval.keys import PublicKey, read_public_key
from zalo_alert.approval.signer import FileSigner, ToolSigner, find_ssh_keygen, open_signer
from zalo_alert.approval.wire import string, uint32
from zalo_alert.errors import SettingsInvalid, SignatureRefused

SSH_KEYGEN = shutil.which("ssh-keygen") or ""
pytestmark = pytest.mark.skipif(not SSH_KEYGEN, reason="this machine has no ssh-keygen")

MESSAGE = '{"format":1,"type":"request","text":"Bão số 3 đổ bộ lúc 2 giờ"}'.encode()
PASSPHRASE = "mật khẩu dài"


def nothing_found():
    return None


def by_tool(path, passphrase):
    """Make a key with the real ssh-keygen."""
    command = [SSH_KEYGEN, "-q", "-t", "ed25519", "-C", "lan@pctt", "-N", passphrase, "-f", str(path)]
    subprocess.run(command, check=True)
    return path


def by_us(path, passphrase):
    """Make a key in Python."""
    make_key_file(path, "lan@pctt", passphrase)
    return path


def verified_by_ssh_keygen(folder, key, text, message=MESSAGE, namespace=Namespace.APPROVE):
    """Ask the real ssh-keygen about a signature."""
    (folder / "allowed_signers").write_text(f'lan@pctt namespaces="{namespace}" {key.text}\n')
    (folder / "message.sig").write_text(text)
    command = [SSH_KEYGEN, "-Y", "verify", "-f", "allowed_signers", "-I", "lan@pctt", "-n", namespace, "-s", "message.sig"]
    return subprocess.run(command, cwd=folder, input=message, capture_output=True, check=False)


@pytest.fixture(autouse=True)
def no_agent(monkeypatch):
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)


@pytest.fixture
def answering(tmp_path, monkeypatch):
    """Have ssh-keygen's question for a passphrase answered as a window would."""
    script = tmp_path / "askpass"
    script.write_text(f"#!/bin/sh\necho '{PASSPHRASE}'\n")
    script.chmod(0o700)
    monkeypatch.setenv("SSH_ASKPASS", str(script))
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")


@pytest.mark.parametrize("namespace", Namespace)
@pytest.mark.parametrize("make", [by_tool, by_us])
@pytest.mark.parametrize("find", [find_ssh_keygen, nothing_found])
def test_what_we_sign_ssh_keygen_verifies(tmp_path, make, find, namespace):
    signer = open_signer(make(tmp_path / "key", ""), None, find)

    text = signer.sign(MESSAGE, namespace)

    assert isinstance(signer, FileSigner if find is nothing_found else ToolSigner)
    assert len(text) <= 400
    verify(parse_signature(text), MESSAGE, namespace)
    assert parse_signature(text).key == signer.key == read_public_key((tmp_path / "key.pub").read_text())
    said = verified_by_ssh_keygen(tmp_path, signer.key, text, namespace=namespace)
    assert (said.returncode, b"Good" in said.stdout) == (0, True), said.stderr


@pytest.mark.parametrize("make", [by_tool, by_us])
def test_both_ways_make_the_same_signature_byte_for_byte(tmp_path, make):
    path = make(tmp_path / "key", "")

    by_ssh_keygen, in_python = (open_signer(path, None, find).sign(MESSAGE, Namespace.SUBMIT) for find in (None, nothing_found))

    assert by_ssh_keygen == in_python


@pytest.mark.parametrize("make", [by_tool, by_us])
def test_a_passphrase_is_asked_for_by_ssh_keygen_or_by_us(tmp_path, make, answering):
    path = make(tmp_path / "key", PASSPHRASE)

    texts = {
        open_signer(path, None).sign(MESSAGE, Namespace.SUBMIT),
        open_signer(path, lambda: PASSPHRASE, nothing_found).sign(MESSAGE, Namespace.SUBMIT),
    }

    assert len(texts) == 1
    assert verified_by_ssh_keygen(tmp_path, read_key_file(path).key, texts.pop(), namespace=Namespace.SUBMIT).returncode == 0


def test_a_wrong_passphrase_is_told_in_words(tmp_path, answering):
    path = by_us(tmp_path / "key", "another passphrase")

    with pytest.raises(SettingsInvalid, match=r"ssh-keygen did not sign with .*passphrase"):
        open_signer(path).sign(MESSAGE, Namespace.SUBMIT)
    with pytest.raises(SettingsInvalid, match="the passphrase is not that of"):
        open_signer(path, lambda: PASSPHRASE, nothing_found)
    with pytest.raises(SettingsInvalid, match="nobody is here to be asked"):
        open_signer(path, None, nothing_found)


def test_a_key_that_an_agent_holds_is_named_by_its_public_line(tmp_path, monkeypatch):
    path = by_tool(tmp_path / "key", "")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(tmp_path / "agent")], stdout=subprocess.PIPE)
    assert agent.stdout
    try:
        assert agent.stdout.readline()  # it says its socket once that is there
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
        subprocess.run(["ssh-add", "-q", str(path)], check=True)
        path.unlink()

        text = open_signer(public_path(path)).sign(MESSAGE, Namespace.APPROVE)
    finally:
        agent.terminate()
        agent.wait()
        agent.stdout.close()

    verify(parse_signature(text), MESSAGE, Namespace.APPROVE)
    with pytest.raises(SettingsInvalid, match="ssh-keygen did not sign"):
        open_signer(public_path(path)).sign(MESSAGE, Namespace.APPROVE)
    with pytest.raises(SettingsInvalid, match="has no ssh-keygen"):
        open_signer(public_path(path), None, nothing_found)


@pytest.mark.parametrize("hash_name", ["sha256", "sha512"])
def test_what_ssh_keygen_signs_we_verify(tmp_path, hash_name):
    path = by_tool(tmp_path / "key", "")
    command = [SSH_KEYGEN, "-Y", "sign", "-O", f"hashalg={hash_name}", "-n", Namespace.APPROVE, "-f", str(path)]

    text = subprocess.run(command, input=MESSAGE, capture_output=True, check=True).stdout

    signature = parse_signature(text)
    verify(signature, MESSAGE, Namespace.APPROVE)
    assert (signature.hash_name, signature.text.encode()) == (hash_name, text)


def test_what_ssh_keygen_signs_with_rsa_is_refused(tmp_path):
    path = tmp_path / "key"
    subprocess.run([SSH_KEYGEN, "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", str(path)], check=True)
    command = [SSH_KEYGEN, "-Y", "sign", "-n", Namespace.APPROVE, "-f", str(path)]

    text = subprocess.run(command, input=MESSAGE, capture_output=True, check=True).stdout

    with pytest.raises(SignatureRefused, match="ssh-rsa"):
        parse_signature(text)
    with pytest.raises(SettingsInvalid, match="keys of the kind ssh-rsa are not accepted"):
        open_signer(path)


def token_signature(message, application=b"ssh:", flags=1, counter=41):
    """Sign as a FIDO token does."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    kind = "sk-ssh-ed25519@openssh.com"
    key = PublicKey(kind, string(kind) + string(private.public_key().public_bytes_raw()) + string(application))
    inner = hashlib.sha256(signed_bytes(message, Namespace.APPROVE, "sha512")).digest()
    proof = private.sign(hashlib.sha256(application).digest() + bytes([flags]) + uint32(counter) + inner)
    return Signature(key, Namespace.APPROVE, "sha512", proof, flags, counter)


def test_the_signature_of_a_token_is_accepted_by_both(tmp_path):
    signature = token_signature(MESSAGE)

    verify(parse_signature(signature.text), MESSAGE, Namespace.APPROVE)
    said = verified_by_ssh_keygen(tmp_path, signature.key, signature.text)

    assert (said.returncode, b"Good" in said.stdout) == (0, True), said.stderr


@pytest.mark.parametrize("make", [by_tool, by_us])
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_a_key_file_is_read_without_its_passphrase_and_for_its_owner_alone(tmp_path, make, passphrase):
    path = make(tmp_path / "key", passphrase)

    file = read_key_file(path)

    fingerprint = subprocess.run([SSH_KEYGEN, "-lf", str(path)], capture_output=True, text=True, check=True).stdout.split()[1]
    assert (file.key.fingerprint, file.is_encrypted) == (fingerprint, bool(passphrase))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if os.name == "posix":
        path.chmod(0o640)
        with pytest.raises(SettingsInvalid, match="others may read the private key"):
            read_key_file(path)


def test_no_key_is_ever_overwritten(tmp_path):
    path = by_us(tmp_path / "key", "")
    before = path.read_bytes()

    with pytest.raises(SettingsInvalid, match="never overwritten"):
        make_key_file(path, "minh", "")
    path.unlink()
    with pytest.raises(SettingsInvalid, match=r"key\.pub already"):
        make_key_file(path, "minh", "")

    assert before.startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----")


def test_a_private_key_shows_itself_in_no_repr(tmp_path):
    path = by_us(tmp_path / "key", "")

    for value in (read_key_file(path), open_signer(path), open_signer(path, None, nothing_found)):
        assert "PRIVATE" not in repr(value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no public key"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "is no public key"),
        (b"x" * 20_000, "larger than 16 KiB"),
        (b"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none", "not in OpenSSH's form"),
        (b"-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----", "not in OpenSSH's form"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz", "not in OpenSSH's form"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----", "is damaged"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\nA\n-----END OPENSSH PRIVATE KEY-----", "is damaged"),
    ],
)
def test_another_file_is_refused_in_words(tmp_path, content, told):
    (tmp_path / "key").write_bytes(content)

    with pytest.raises(SettingsInvalid, match=told) as caught:
        open_signer(tmp_path / "key")

    assert caught.value.hint


def test_a_key_file_that_is_not_there_is_told_with_what_makes_one(tmp_path):
    with pytest.raises(SettingsInvalid, match="there is no key file") as caught:
        open_signer(tmp_path / "nowhere" / "key")

    assert "officers key" in caught.value.hint


def test_a_private_half_that_was_changed_is_refused(tmp_path):
    path = by_us(tmp_path / "key", "")
    lines = path.read_text().splitlines()
    blob = bytearray(base64.b64decode("".join(lines[1:-1])))
    blob[-60] ^= 1
    path.write_text("\n".join((lines[0], base64.b64encode(blob).decode(), lines[-1], "")))

    with pytest.raises(SettingsInvalid, match="is damaged"):
        open_signer(path, None, nothing_found)
