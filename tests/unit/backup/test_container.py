"""What goes into a container comes out, byte for byte, or nothing is believed of it."""

import io
import tarfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrage import x25519

from zalo_alert.backup import container, sealing
from zalo_alert.backup.age_keys import Key, Lock, passphrase_of
from zalo_alert.backup.container import Head, Manifest, Part, is_inside, pack, read_head, unpack
from zalo_alert.errors import InputInvalid

HEAD = Head(datetime(2026, 11, 27, 2, tzinfo=UTC), "pctt", "/srv/pctt", "m", "drill")
OWN = x25519.Identity.generate()
NAMES = st.text(st.characters(exclude_characters="/\\:\x00", exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
FILES = st.dictionaries(
    st.lists(NAMES.filter(lambda name: name not in (".", "..")), min_size=1, max_size=4).map("/".join),
    st.tuples(st.binary(max_size=2000), st.booleans()),
    max_size=6,
)


def packed(files, head=HEAD):
    parts = [Part(path, len(content), iter([content]), is_program) for path, (content, is_program) in files.items()]
    return b"".join(pack(head, parts, Manifest()))


def unpacked(data):
    files = {}

    def take(path, *, is_program):
        out = io.BytesIO()
        files[path] = (out, is_program)
        return out.write

    head, _manifest = unpack(io.BytesIO(data), "b.age", take)
    return head, {path: (out.getvalue(), is_program) for path, (out, is_program) in files.items()}


@settings(max_examples=30)
@given(FILES)
def test_what_goes_in_comes_out(files):
    assert unpacked(packed(files)) == (HEAD, files)


@settings(max_examples=30)
@given(FILES, st.integers(0), st.integers(1, 255))
def test_a_changed_byte_never_gives_other_contents(files, at, by):
    data = bytearray(packed(files))
    data[at % len(data)] ^= by
    try:
        _head, found = unpacked(bytes(data))
    except InputInvalid:
        return
    assert {path: content for path, (content, _) in found.items()} == {path: content for path, (content, _) in files.items()}


@settings(max_examples=30)
@given(FILES, st.integers(0))
def test_a_container_cut_short_is_none(files, at):
    data = packed(files)
    with pytest.raises(InputInvalid):
        unpacked(data[: at % (len(data) - 3 * tarfile.BLOCKSIZE)])


@pytest.mark.parametrize(
    "path", ["../x", "a/../x", "/etc/passwd", "", "a//b", "a/", "C:x", "a\\b", "a\nb", ".", "..", "a/.", "a/..", "x/./y"]
)
def test_nothing_leads_out_of_the_workspace(path):
    assert not is_inside(path)
    with pytest.raises(InputInvalid):
        unpacked(packed({path: (b"x", False)}))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE])
def test_a_link_is_no_file_of_a_backup(kind):
    info = tarfile.TarInfo(f"{container.INSIDE}a")
    info.type, info.linkname = kind, "/etc/passwd"
    data = packed({})
    head_end = data.index(b"manifest.json")
    with pytest.raises(InputInvalid):
        unpacked(data[:head_end] + info.tobuf(tarfile.PAX_FORMAT) + data[head_end:])


def test_the_same_file_twice_is_none():
    with pytest.raises(InputInvalid):
        unpacked(b"".join(pack(HEAD, [Part("a", 1, iter([b"x"])), Part("a", 1, iter([b"y"]))], Manifest())))


def test_a_younger_format_says_so(monkeypatch):
    monkeypatch.setattr(container, "FORMAT", 2)
    data = packed({})
    monkeypatch.undo()
    for read in (unpacked, lambda data: read_head(io.BytesIO(data), "b.age")):
        with pytest.raises(InputInvalid, match="younger version"):
            read(data)


def test_a_long_head_of_tar_is_not_read_into_memory():
    info = tarfile.TarInfo("x" * 200_000)
    with pytest.raises(InputInvalid):
        unpacked(info.tobuf(tarfile.PAX_FORMAT))


# --- encrypted -----------------------------------------------------------------------------------------------------------


def sealed(data, lock):
    out = io.BytesIO()
    sealing.seal(iter([data]), out.write, lock)
    return out.getvalue()


def unsealed(data, key, tmp_path):
    out = io.BytesIO()
    sealing.unseal(io.BytesIO(data), tmp_path / "b.age", key, out.write)
    return out.getvalue()


def test_what_was_sealed_opens_and_nothing_that_was_changed_does(tmp_path):
    data = b"mot hai ba " * 20_000
    good = sealed(data, Lock((OWN.to_public(),)))
    assert unsealed(good, Key((OWN,)), tmp_path) == data
    assert data[:50] not in good
    for at in (3, 45, 60, len(good) // 2, len(good) - 1):
        with pytest.raises(InputInvalid):
            unsealed(good[:at], Key((OWN,)), tmp_path)
    for at in (len(good) // 2, len(good) - 1):
        with pytest.raises(InputInvalid, match="cut short or damaged"):
            unsealed(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :], Key((OWN,)), tmp_path)
    with pytest.raises(InputInvalid, match="another key"):
        unsealed(good, Key((x25519.Identity.generate(),)), tmp_path)


@pytest.mark.long  # a passphrase is slow to try, on purpose
def test_a_passphrase_opens_what_it_has_sealed(tmp_path):
    words = passphrase_of("nam tu khong lien quan")
    good = sealed(b"data", Lock(passphrase=words))
    assert unsealed(good, Key(passphrase=words), tmp_path) == b"data"
    with pytest.raises(InputInvalid, match="not the passphrase"):
        unsealed(good, Key(passphrase=passphrase_of("nam tu khong lien quam")), tmp_path)
    for at in (20, 60, len(good) - 1):
        with pytest.raises(InputInvalid):
            unsealed(good[:at], Key(passphrase=words), tmp_path)


def test_what_stops_the_bytes_comes_out_as_it_is():
    def pieces():
        yield b"x"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sealing.seal(pieces(), io.BytesIO().write, Lock((OWN.to_public(),)))

    def full(data):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space") as caught:
        sealing.seal(iter([b"x"]), full, Lock((OWN.to_public(),)))
    assert caught.value.errno == 28
