"""Digests of bytes and of values."""

import hashlib
from pathlib import Path
from typing import Any

import orjson

from zalo_alert.models import Digest


def digest_of(data: bytes) -> Digest:
    """Return the SHA-256 of some bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


def digest_of_file(path: Path) -> Digest:
    """Return the SHA-256 of a file, however large."""
    with path.open("rb") as file:
        return Digest(hashlib.file_digest(file, "sha256").hexdigest())


def digest_of_json(value: Any) -> Digest:
    """Return the digest of a value's JSON, whose keys are sorted."""
    return digest_of(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
