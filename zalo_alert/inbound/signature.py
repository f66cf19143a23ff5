"""The signature of an event. Source: Zalo OA API, webhook events: a plain hash, no HMAC (read 2026-11)."""

import hmac
from collections.abc import Sequence
from hashlib import sha256

from zalo_alert.foundation.secret import Secret

_MARK = "mac="


def mac_of(app_id: str, body: bytes, stamp: bytes, secret: Secret) -> str:
    """Sign an event, in lower-case hex.

    Args:
        app_id: Of the app that the event is for.
        body: Its bytes as they go over the line.
        stamp: Its `timestamp`, as digits.
        secret: The OA secret.
    """
    return sha256(b"".join((app_id.encode(), body, stamp, secret.reveal().encode()))).hexdigest()


def mac_in(header: str) -> str:
    """Return the signature that a header holds, in lower case."""
    return header.strip().lower().removeprefix(_MARK)


def is_right(header: str, app_id: str, body: bytes, stamp: bytes, secrets: Sequence[Secret]) -> int | None:
    """Return which of some secrets an event is signed with; None when it is none of them.

    Takes as long for a wrong signature as for a right one.
    """
    given = mac_in(header).encode(errors="replace")
    macs = [mac_of(app_id, body, stamp, secret).encode() for secret in secrets]
    right = [hmac.compare_digest(mac, given) for mac in macs]
    return right.index(True) if any(right) else None
