"""What is inside a backup: a tar file that says first what it is and last what it held, byte for byte.

First comes `backup.json`, the head; then each file under `workspace/`; last `manifest.json` with the size and SHA-256 of each.
A container without its manifest was cut short. `tar` can unpack it where this tool can't be run.
"""

import hashlib
import re
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO, NamedTuple, Protocol

import orjson

from zalo_alert.errors import InputInvalid
from zalo_alert.language import _

FORMAT = 1
HEAD, MANIFEST, INSIDE = "backup.json", "manifest.json", "workspace/"
PIECE_BYTES = 1 << 18
_BLOCK = tarfile.BLOCKSIZE
_MOST_HEAD_BYTES = 1 << 20
_MOST_MANIFEST_BYTES = 256 << 20  # of a million files
_MOST_NAME_BYTES = 1 << 16  # what tar writes before a file of a long name
_MOST_FILES = 2_000_000
_FORBIDDEN = re.compile(r"[\x00-\x1f\\:]|(?:^|/)\.\.?(?:/|$)|//|^/|/$")  # also what would lead elsewhere on Windows


class Part(NamedTuple):
    """A file on its way into a backup: where it lies in the workspace, its size, and its bytes; opened when its turn comes.

    `is_program` says whether its owner may run it.
    """

    path: str
    size: int
    pieces: Iterator[bytes]
    is_program: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """What a backup says of itself before anything else.

    Args:
        made_at: When.
        workspace: The folder's name.
        folder: The folder.
        machine: Its machine, as the operating system names it; "" where it does not.
        profile: Live or drill.
        is_handed_over: Whether the workspace was sealed for it: nothing was sent from there afterwards.
        has_secrets: Whether the secrets file and private keys are inside.
        secret_names: Names of the secrets, never their values, where they are not.
        secrets_file: Where these stood, in the workspace; "" where they did not.
        why: Why it was handed over.
        tool: Version of the tool that made it.
    """

    made_at: datetime
    workspace: str
    folder: str
    machine: str
    profile: str
    is_handed_over: bool = False
    has_secrets: bool = False
    secret_names: tuple[str, ...] = ()
    secrets_file: str = ""
    why: str = ""
    tool: str = ""


@dataclass
class Manifest:
    """What a backup held: by file its size and SHA-256, and what is counted of it in words for people.

    Args:
        files: By path in the workspace.
        notes: What was left out or is damaged, each a sentence.
    """

    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def size_bytes(self) -> int:
        """Of all files."""
        return sum(size for size, _digest in self.files.values())

    def counts(self) -> Mapping[str, int]:
        """Return how many files, runs, books of followers, campaigns and tables there are."""
        counts = Counter(files=len(self.files))
        seen: dict[str, set[str]] = {"runs": set(), "books": set(), "tables": set()}
        for path in self.files:
            match path.split("/"):
                case [".zalo-alert", "runs", name, "run.db"]:
                    seen["runs"].add(name)
                case [".zalo-alert", "book", name, *_rest]:
                    seen["books"].add(name)
                case [".zalo-alert", "tables", name, *_rest]:
                    seen["tables"].add(name)
                case ["campaigns", *_rest]:
                    counts["campaigns"] += 1
                case _:
                    pass
        return {**{name: len(names) for name, names in seen.items()}, "campaigns": counts["campaigns"], "files": counts["files"]}


# --- written -------------------------------------------------------------------------------------------------------------


def pack(head: Head, parts: Iterable[Part], manifest: Manifest) -> Iterator[bytes]:
    """Yield a container's bytes; what it held is in `manifest` when the last have come.

    Raises:
        ValueError: A part gave fewer bytes than it said.
    """
    yield from _whole(HEAD, orjson.dumps({"format": FORMAT, **_head_fields(head)}, option=orjson.OPT_INDENT_2))
    for part in parts:
        yield from _packed(part, manifest)
    yield from _whole(MANIFEST, _manifest_bytes(manifest))
    yield bytes(2 * _BLOCK)


def _packed(part: Part, manifest: Manifest) -> Iterator[bytes]:
    yield _tar_head(INSIDE + part.path, part.size, 0o700 if part.is_program else 0o600)
    digest, left = hashlib.sha256(), part.size
    for piece in part.pieces:
        taken = piece[:left]  # a file that grows is a file as it was when its turn came
        left -= len(taken)
        digest.update(taken)
        yield taken
    if left:
        raise ValueError(part.path)
    yield _padding(part.size)
    manifest.files[part.path] = part.size, digest.hexdigest()


def _whole(name: str, content: bytes) -> Iterator[bytes]:
    yield _tar_head(name, len(content)) + content + _padding(len(content))


def _tar_head(name: str, size: int, mode: int = 0o600) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, mode
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


def _head_fields(head: Head) -> dict[str, Any]:
    return {name: getattr(head, name) for name in Head.__slots__}


def _manifest_bytes(manifest: Manifest) -> bytes:
    files = [[path, size, digest] for path, (size, digest) in manifest.files.items()]
    return orjson.dumps({"files": files, "counts": dict(manifest.counts()), "notes": [f"{note}" for note in manifest.notes]})


# --- read ----------------------------------------------------------------------------------------------------------------


class _BoundedInfo(tarfile.TarInfo):
    """A head within a tar file; what is read into memory before a file has its bounds, whoever made the container."""

    def _proc_member(self, tar: tarfile.TarFile) -> Any:
        if not self.isreg() and self.size > _MOST_NAME_BYTES:
            raise tarfile.HeaderError("too long")
        return super()._proc_member(tar)  # type: ignore[misc]


class Take(Protocol):
    """Takes the files of a container, one after the other."""

    def __call__(self, path: str, *, is_program: bool) -> Callable[[bytes], object]:
        """Return what takes the bytes of a file, whose path is within a workspace; it is over when the next one is begun."""


def unpack(file: BinaryIO, name: str, take: Take) -> tuple[Head, Manifest]:
    """Read a container to its end, and have each of its files taken, piece by piece; then hold it against its manifest.

    Args:
        file: Its bytes; read forwards alone.
        name: Of the backup, for whoever reads of it.
        take: Has the files.

    Raises:
        InputInvalid: It is cut short, is not what its manifest says, or names a file that can't be inside a workspace.
    """
    found = Manifest()
    try:
        with tarfile.open(fileobj=file, mode="r|", tarinfo=_BoundedInfo, encoding="utf-8") as tar:
            head = _read_head(_next(tar, HEAD, _MOST_HEAD_BYTES), name)
            while (member := tar.next()) is not None and member.name != MANIFEST:
                _take(tar, member, found, take)
                tar.members.clear()  # type: ignore[attr-defined]  # it would keep them all
            told = _read_manifest(_bytes_of(tar, member, _MOST_MANIFEST_BYTES))
    except (tarfile.TarError, ValueError, TypeError, KeyError, EOFError, UnicodeError, OverflowError) as exc:
        raise _damaged(name) from exc
    if told.files != found.files:
        raise _damaged(name)
    return head, told


def read_head(file: BinaryIO, name: str) -> Head:
    """Read what a container says of itself, and no more.

    Raises:
        InputInvalid: It is none, or of a younger version of this tool.
    """
    try:
        with tarfile.open(fileobj=file, mode="r|", tarinfo=_BoundedInfo, encoding="utf-8") as tar:
            return _read_head(_next(tar, HEAD, _MOST_HEAD_BYTES), name)
    except (tarfile.TarError, ValueError, TypeError, KeyError, EOFError, UnicodeError, OverflowError) as exc:
        raise _damaged(name) from exc


def _next(tar: tarfile.TarFile, name: str, most: int) -> bytes:
    member = tar.next()
    if member is None or member.name != name:
        raise ValueError(name)
    return _bytes_of(tar, member, most)


def _bytes_of(tar: tarfile.TarFile, member: tarfile.TarInfo | None, most: int) -> bytes:
    if member is None or not member.isreg() or member.size > most:
        raise ValueError("no such part")
    file = tar.extractfile(member)
    content = file.read() if file else b""
    if len(content) != member.size:
        raise ValueError("cut short")
    return content


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, found: Manifest, take: Take) -> None:
    path = member.name.removeprefix(INSIDE)
    if not (member.isreg() and member.name.startswith(INSIDE) and is_inside(path)) or path in found.files:
        raise ValueError(member.name)
    if len(found.files) >= _MOST_FILES:
        raise ValueError("too many files")
    file, digest, size = tar.extractfile(member), hashlib.sha256(), 0
    write = take(path, is_program=bool(member.mode & 0o100))
    while file and (piece := file.read(PIECE_BYTES)):
        digest.update(piece)
        size += len(piece)
        write(piece)
    if size != member.size:
        raise ValueError("cut short")
    found.files[path] = size, digest.hexdigest()


def is_inside(path: str) -> bool:
    """Whether a path leads to a file within a workspace, on every system; whoever has a public key can make a container."""
    return bool(path) and not _FORBIDDEN.search(path) and not PurePosixPath(path).is_absolute()


def _read_head(content: bytes, name: str) -> Head:
    value = orjson.loads(content)
    if not isinstance(value.get("format"), int):
        raise ValueError("no format")
    if value["format"] > FORMAT:
        raise InputInvalid(
            _("{path} was made by a younger version of this tool ({version})", path=name, version=str(value.get("tool"))[:20]),
            hint=_("install that version or a later one, then try again"),
        )
    return Head(
        datetime.fromisoformat(value["made_at"]),
        str(value["workspace"]),
        str(value["folder"]),
        str(value["machine"]),
        str(value["profile"]),
        is_handed_over=value["is_handed_over"] is True,
        has_secrets=value["has_secrets"] is True,
        secret_names=tuple(map(str, value["secret_names"])),
        secrets_file=str(value["secrets_file"]),
        why=str(value["why"]),
        tool=str(value["tool"]),
    )


def _read_manifest(content: bytes) -> Manifest:
    value = orjson.loads(content)
    files = {str(path): (int(size), str(digest)) for path, size, digest in value["files"]}
    return Manifest(files, [str(note) for note in value["notes"]])


def _damaged(name: str) -> InputInvalid:
    return InputInvalid(
        _("{path} does not hold a whole workspace as it was written", path=name), hint=_("take an earlier backup")
    )
