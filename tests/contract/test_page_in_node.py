"""What the approver's page reads, keeps and signs, run in node: held to our own Python and to the real ssh-keygen."""

import base64
import json
import os
import shutil
import subprocess
import unicodedata
from hashlib import pbkdf2_hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zalo_alert.approval.approver_page import _part, page_data
from zalo_alert.approval.envelope import Namespace, parse_signature, verify
from zalo_alert.approval.keys import read_public_key
from zalo_alert.approval.request import canonical, make_request, read_request
from zalo_alert.approval.words import WORDS, six_words
from zalo_alert.errors import InputInvalid, SignatureRefused
from zalo_alert.operations.card import is_about

PASSPHRASE = "cá rô kho tộ 1987"
ROUNDS = 600_000  # the fewest that the page accepts

# Node 18 has the same cryptography under another name.
HARNESS = (
    "globalThis.crypto ??= require('node:crypto').webcrypto;\nconst asked = JSON.parse(require('node:fs').readFileSync(0));\n"
)
SCRIPT = HARNESS + page_data() + "".join(map(_part, ("bytes.js", "request.js", "key.js")))


def _node_problem():
    node = shutil.which("node")
    if not node:
        return "node is not installed"
    probe = "(globalThis.crypto ?? require('node:crypto').webcrypto).subtle.generateKey('Ed25519', true, ['sign'])"
    return "" if subprocess.run([node, "-e", probe], capture_output=True).returncode == 0 else "this node knows no Ed25519"


PROBLEM = _node_problem()
pytestmark = [pytest.mark.long, pytest.mark.skipif(bool(PROBLEM), reason=PROBLEM)]
needs_ssh_keygen = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not installed")


def run(body, asked):
    """Run a script behind the page's own; it has `asked`, and returns what `answer` is."""
    text = SCRIPT + "(async () => {\nlet answer = null;\n" + body + "\nprocess.stdout.write(JSON.stringify(answer));\n})();"
    done = subprocess.run(["node", "-e", text], input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


READ = """
answer = [];
for (const text of asked) {
  try {
    const request = readRequest(fromBase64(text));
    const digest = await digestOf(request.bytes);
    answer.push([toBase64Url(request.bytes), digest, sixWords(digest).join(" ")]);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    answer.push(error.key);
  }
}
"""

WHAT = {"run": "BAO-7", "code": "BAO-7", "audience": {"people": 1_413_870}}
SIGNED = {"by": "Nguyễn Văn An", "at": "2026-11-26T20:00:00+07:00"}
REQUEST = make_request(WHAT, SIGNED)


def read_in_page(*texts):
    return run(READ, [base64.b64encode(text).decode() for text in texts])


def read_in_python(text):
    """Return the same as the page does: the bytes, their digest, the words; None where it is refused."""
    try:
        request = read_request(text)
    except InputInvalid:
        return None
    return [base64.urlsafe_b64encode(request.text).decode().rstrip("="), request.digest, six_words(request.digest)]


# --- requests ---

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(TEXT, VALUES, max_size=4), min_size=1, max_size=30))
def test_the_page_reads_every_request_as_the_command_line_does(parts):
    requests = [make_request(WHAT | {f"x{key}": value for key, value in part.items()}, SIGNED) for part in parts]

    assert read_in_page(*(request.text for request in requests)) == [read_in_python(request.text) for request in requests]


def test_white_space_round_a_request_does_not_count():
    assert read_in_page(b"\r\n " + REQUEST.text + b"\t\n")[0] == read_in_python(REQUEST.text)


ALTERED = {
    "a blank": REQUEST.text.replace(b'"BAO-7","run"', b'"BAO-7", "run"'),
    "keys in another order": b'{"type":"request",' + REQUEST.text[1:].replace(b',"type":"request"', b""),
    "a key twice": REQUEST.text.replace(b'"run":"BAO-7"', b'"run":"BAO-8","run":"BAO-7"'),
    "an escape that need not be": REQUEST.text.replace("ễ".encode(), b"\\u1ec5"),
    "a line broken by a mail": REQUEST.text[:40] + b"\n" + REQUEST.text[40:],
    "a slash escaped": REQUEST.text.replace(b"BAO-7", b"BAO\\/7"),
    "one half missing": canonical({"format": 1, "type": "request", "what": WHAT}),
    "people as text": make_request(WHAT, SIGNED).text.replace(b"1413870", b'"1413870"'),
    "people as a fraction": REQUEST.text.replace(b"1413870", b"1413870.5"),
    "no instant": REQUEST.text.replace(b"2026-11-26T20:00:00+07:00", b"today"),
    "a list": b"[1,2]",
    "too deep": b"[" * 100_000,
    "deep and closed": REQUEST.text.replace(b'"BAO-7","run"', b"[" * 90_000 + b"]" * 90_000 + b',"run"'),
}


def test_what_the_command_line_refuses_the_page_refuses():
    answers = dict(zip(ALTERED, read_in_page(*ALTERED.values()), strict=True))

    assert {name: read_in_python(text) for name, text in ALTERED.items()} == dict.fromkeys(ALTERED)
    assert [name for name, answer in answers.items() if not isinstance(answer, str)] == []


TOLD_APART = [
    (b"", "request_empty"),
    (b" \n", "request_empty"),
    (b"\xff\xd8\xff\xe0 JFIF", "request_no_text"),
    (b"xin ch\xc3\xa0o", "request_no_json"),
    (REQUEST.text[:100], "request_cut"),
    (b"-----BEGIN SSH SIGNATURE-----\nAAAA", "request_is_signature"),
    (b"{}", "request_other_type"),
    (b"null", "request_other_type"),
    (b'{"format":2,"type":"request"}', "request_other_format"),
    (REQUEST.text.replace(b'"format"', b' "format"'), "request_changed"),
    (b"x" * 262_145, "request_long"),
]


def test_what_is_no_request_is_told_apart():
    assert read_in_page(*(text for text, _key in TOLD_APART)) == [key for _text, key in TOLD_APART]


def test_another_byte_is_another_six_words():
    other = read_in_page(REQUEST.text, REQUEST.text.replace(b"An", b"Am"))

    assert other[0][2] != other[1][2]


# --- what is typed ---


TYPED = {
    "66000": 66_000, "66.000": 66_000, "66 000": 66_000, "66,000": 66_000, "66\u202f000": 66_000, "2,4 triệu": 2_400_000,
    "2.4 TRIỆU": 2_400_000, "2.4tr": 2_400_000, "1.413.870": 1_413_870, "66 nghìn": 66_000, "66 ngàn": 66_000, "66k": 66_000,
    "2.4 million": 2_400_000, " 7 ": 7, "0": 0, "": None, "nhiều": None, "2.4": None, "6.60.00": None, "-5": None,
    "2,4 tỉ": None, "1e6": None, "...": None, "5 constructor": None,
}  # fmt: skip


def test_a_number_is_read_as_people_write_it():
    assert dict(zip(TYPED, run("answer = asked.map(readPeople);", list(TYPED)), strict=True)) == TYPED


def test_a_number_is_near_enough_where_the_command_line_finds_it_so():
    shares, audiences = (0.9, 0.94, 0.95, 0.951, 1, 1.049, 1.05, 1.06, 2), (1, 7, 19, 20, 99, 100, 66_221, 1_413_870, 9_999_999)
    pairs = [(int(people * share), people) for people in audiences for share in shares]

    assert run("answer = asked.map((pair) => isAbout(...pair));", pairs) == [is_about(str(typed), all_) for typed, all_ in pairs]


# --- keys ---


def key_pair():
    private = Ed25519PrivateKey.generate()
    seed = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return seed, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sealed_key(seed, point, *, rounds=ROUNDS, passphrase=PASSPHRASE):
    """Encrypt a key as the page does, without any of its code."""
    salt, iv = os.urandom(16), os.urandom(12)
    text = {name: base64.b64encode(value).decode() for name, value in (("salt", salt), ("iv", iv), ("public", point))}
    key = pbkdf2_hmac("sha256", passphrase.encode(), salt, rounds)
    bound = f"zalo-alert PBKDF2-SHA256 {rounds} {text['salt']} {text['public']}".encode()
    private = base64.b64encode(AESGCM(key).encrypt(iv, seed, bound)).decode()
    return {"format": 1, "kdf": "PBKDF2-SHA256", "rounds": rounds, **text, "private": private}


OPEN = """
try {
  answer = toHex((await openKey(asked[0], asked[1])).seed);
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  answer = error.key;
}
"""


def test_a_key_sealed_by_the_rule_opens_in_the_page_composed_or_not():
    seed, point = key_pair()
    decomposed = unicodedata.normalize("NFD", PASSPHRASE)

    assert run(OPEN, [sealed_key(seed, point), PASSPHRASE]) == seed.hex()
    assert run(OPEN, [sealed_key(seed, point), decomposed]) == seed.hex()
    assert run(OPEN, [sealed_key(seed, point), "ca ro kho to 1987"]) == "passphrase_wrong"


def test_a_key_that_the_page_makes_is_bound_to_its_public_half_and_its_rounds():
    sealed = run("answer = await sealKey(await makeKey(), asked);", PASSPHRASE)
    other = base64.b64encode(key_pair()[1]).decode()

    assert sealed["rounds"] == 1_000_000
    assert len(run(OPEN, [sealed, PASSPHRASE])) == 64
    assert run(OPEN, [sealed | {"public": other}, PASSPHRASE]) == "passphrase_wrong"
    assert run(OPEN, [sealed | {"rounds": 999_999}, PASSPHRASE]) == "passphrase_wrong"


def test_a_key_of_another_form_is_not_even_tried():
    changes = (
        {"rounds": 599_999}, {"rounds": 10**9}, {"rounds": "1"}, {"kdf": "none"}, {"iv": "AAAA"}, {"private": "?"},
        {"public": None}, {"format": 2},
    )  # fmt: skip
    body = """
    answer = [];
    for (const sealed of asked) await openKey(sealed, "").then(() => answer.push(""), (error) => answer.push(error.key));
    """

    assert run(body, [sealed_key(*key_pair()) | change for change in changes]) == ["key_damaged"] * len(changes)


def test_a_passphrase_is_long_enough_and_typed_twice():
    typed = [("ngắn", "ngắn"), ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa"), (PASSPHRASE, "khác"), (PASSPHRASE, PASSPHRASE)]
    body = "answer = asked.map((pair) => { try { checkPassphrase(...pair); } catch (error) { return error.key; } return ''; });"

    assert run(body, typed) == ["passphrase_short", "passphrase_short", "passphrases_differ", ""]


def test_a_suggested_passphrase_is_six_words_and_another_each_time():
    one, other = run("answer = [suggestPassphrase(), suggestPassphrase()];", [])

    assert len(one.split("-")) == len(other.split("-")) == 6
    assert one != other
    assert {*one.split("-"), *other.split("-")} <= set(WORDS)


# --- files of keys ---

TAKE = """
try {
  const { open, sealed } = readKeyFile(asked);
  answer = open ? publicLine(open.point) : sealed;
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  answer = error.key;
}
"""


def ssh_keygen(folder, *options, kind="ed25519"):
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-f", folder / "id", *(options or ("-N", ""))], check=True)
    return (folder / "id").read_text(), (folder / "id.pub").read_text()


@needs_ssh_keygen
def test_a_private_key_of_openssh_is_taken_over(tmp_path):
    private, public = ssh_keygen(tmp_path)

    assert run(TAKE, private) == read_public_key(public).text


@needs_ssh_keygen
@pytest.mark.parametrize(
    ("options", "kind", "key"),
    [(("-N", "mat khau"), "ed25519", "key_has_passphrase"), ((), "ecdsa", "key_other_kind"), ((), "rsa", "key_other_kind")],
)
def test_another_private_key_is_told_apart(options, kind, key, tmp_path):
    private, _public = ssh_keygen(tmp_path, *options, kind=kind)

    assert run(TAKE, private) == key


def test_the_key_of_an_earlier_page_is_taken_over():
    sealed = sealed_key(*key_pair())
    page = _part("page.html").replace(">null<", f">{json.dumps(sealed)}<")

    assert run(TAKE, page) == sealed
    assert run(TAKE, json.dumps(sealed)) == sealed


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "key_none"), ("ssh-ed25519 AAAA", "key_is_public"), ("{", "key_none"), ("{}", "key_damaged"),
        (_part("page.html"), "key_page_empty"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n-----END OPENSSH PRIVATE KEY-----", "key_damaged"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\n===\n-----END OPENSSH PRIVATE KEY-----", "key_damaged"),
    ],
)  # fmt: skip
def test_what_holds_no_key_is_told_apart(text, key):
    assert run(TAKE, text) == key


# --- signatures ---

SIGN = """
const key = { seed: fromBase64(asked.seed), point: fromBase64(asked.point) };
try {
  const signature = await sign(key, fromBase64(asked.message));
  answer = { signature, line: publicLine(key.point), mark: await fingerprint(key.point) };
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  answer = error.key;
}
"""


def sign_in_page(pair, message):
    asked = {"seed": pair[0], "point": pair[1], "message": message}
    return run(SIGN, {name: base64.b64encode(value).decode() for name, value in asked.items()})


def test_a_signature_of_the_page_holds_for_these_bytes_and_this_purpose_alone():
    signed = sign_in_page(key_pair(), REQUEST.text)
    signature = parse_signature(signed["signature"])

    verify(signature, REQUEST.text, Namespace.APPROVE)
    assert len(signed["signature"]) <= 400
    assert signature.text == signed["signature"]
    assert (signature.key.text, signature.key.fingerprint) == (signed["line"], signed["mark"])
    with pytest.raises(SignatureRefused):
        verify(signature, REQUEST.text + b" ", Namespace.APPROVE)
    with pytest.raises(SignatureRefused):
        verify(signature, REQUEST.text, Namespace.SUBMIT)


@needs_ssh_keygen
@pytest.mark.parametrize(("namespace", "ending"), [("approve@zalo-alert", 0), ("submit@zalo-alert", 255)])
def test_the_real_ssh_keygen_verifies_it(namespace, ending, tmp_path):
    signed = sign_in_page(key_pair(), REQUEST.text)
    (tmp_path / "signers").write_text(f"an {signed['line']}\n")
    (tmp_path / "signature").write_text(signed["signature"])
    command = ["ssh-keygen", "-Y", "verify", "-f", "signers", "-I", "an", "-n", namespace, "-s", "signature"]

    assert subprocess.run(command, cwd=tmp_path, input=REQUEST.text, capture_output=True).returncode == ending


def test_halves_of_two_keys_sign_nothing():
    (seed, _), (_, point) = key_pair(), key_pair()

    assert sign_in_page((seed, point), b"x") == "key_damaged"
