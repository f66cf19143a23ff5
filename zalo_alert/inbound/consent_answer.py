"""What an administrator's browser brings back from Zalo, read off an address, and what becomes of it.

The address is a stranger's until its state has been found: every part is bounded, and what stands twice is no answer.
"""

import re
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from zalo_alert.foundation.secret import Secret

MOST_FIELDS = 16
_STATE = re.compile("[A-Za-z0-9_-]{43}")
_CODE = re.compile("[!-~]{1,4096}")
_OA_ID = re.compile("[0-9]{1,25}")


class ConsentAnswer(NamedTuple):
    """One answer.

    Args:
        path: That it came to.
        state: Of the link.
        code: What tokens are had for, once and within ten minutes; empty where the administrator said no.
        oa_id: Which OA was chosen, as the address says; "" where it does not.
    """

    path: str
    state: Secret
    code: Secret
    oa_id: str


class Reply(StrEnum):
    """What an administrator is told."""

    RECEIVED = "received"
    REPEATED = "repeated"  # it was received before: the page was loaded again
    UNPROVEN = "unproven"  # received, and Zalo has not said yet whose it is
    DECLINED = "declined"  # they did not allow it
    WRONG_OA = "wrong-oa"
    UNKNOWN = "unknown"  # no link of ours
    ENDED = "ended"  # the link is too old
    WITHDRAWN = "withdrawn"  # its OA is no longer one of the workspace's
    SPENT = "spent"  # the code is used up or too old
    LOST = "lost"  # Zalo gave no answer of use
    REFUSED = "refused"  # Zalo refuses the app: nothing an administrator could do
    TOO_OFTEN = "too-often"
    BUSY = "busy"
    UNSTORED = "unstored"  # it could not be kept


class Verdict(NamedTuple):
    """What became of one answer.

    Args:
        reply: What the administrator is told.
        account: Whose link it is, by our id; "" where it is nobody's.
        oa_id: The OA that must consent.
        name: What that one is called.
        other: The one that was chosen instead.
        why: What happened, as a sentence for the office; "" where the reply says it.
        ends_at_s: When the link ended, in seconds since 1970.
    """

    reply: Reply
    account: str = ""
    oa_id: str = ""
    name: str = ""
    other: str = ""
    why: str = ""
    ends_at_s: float = 0.0


def path_of(target: bytes) -> str:
    """Return the path of a request's target; "" of what is none."""
    path = target.partition(b"?")[0].decode("latin-1")
    return path if path.startswith("/") else ""


def read_answer(target: bytes) -> ConsentAnswer | None:
    """Read a request's target; None where it is no answer to any link."""
    try:
        parts = urlsplit(target.decode("ascii"))
        fields = parse_qs(parts.query, max_num_fields=MOST_FIELDS, keep_blank_values=True)
    except ValueError:
        return None
    if any(len(values) > 1 for values in fields.values()):
        return None
    state, code, oa_id = (fields.get(name, [""])[0] for name in ("state", "code", "oa_id"))
    is_whole = _STATE.fullmatch(state) and (not code or _CODE.fullmatch(code)) and (not oa_id or _OA_ID.fullmatch(oa_id))
    return ConsentAnswer(parts.path, Secret(state), Secret(code), oa_id) if is_whole else None
