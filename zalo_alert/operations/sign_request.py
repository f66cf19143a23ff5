"""Signing a request far from the workspace: a file in, a signature out; needs neither settings nor network."""

import sys
from pathlib import Path

from zalo_alert.approval.envelope import MAX_TEXT, Namespace
from zalo_alert.approval.permission import Permission, is_permission, read_permission
from zalo_alert.approval.request import MAX_BYTES, Request, read_request
from zalo_alert.approval.signer import Signer
from zalo_alert.errors import UsageError
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

__all__ = ["Request", "read_file", "read_request_file", "read_signature_file", "sign_request"]


def read_request_file(path: Path) -> Request | Permission:
    """Read a request, or a standing approval, from a file, or from stdin where its name is "-".

    Raises:
        UsageError: It can't be read.
        InputInvalid: It is no request, or was changed.
    """
    text = read_file(str(path), MAX_BYTES)
    return read_permission(text) if is_permission(text) else read_request(text)


def read_signature_file(path: str) -> str:
    """Read a signature's text from a file, or from stdin where its name is "-".

    Raises:
        UsageError: It can't be read.
    """
    return read_file(path, 4 * MAX_TEXT).decode("utf-8", errors="replace")


def sign_request(request: Request | Permission, signer: Signer) -> str:
    """Return an approver's signature of a request, or of a standing approval."""
    return signer.sign(request.text, Namespace.APPROVE if isinstance(request, Request) else Namespace.STANDING)


def read_file(path: str, most_bytes: int) -> bytes:
    """Read what came from elsewhere: a file, or stdin where its name is "-"; `UsageError` where it can't be read."""
    if path == "-":
        return sys.stdin.buffer.read(most_bytes + 1)
    try:
        return contents(Path(path), most_bytes)
    except OSError as exc:
        raise UsageError(_("can't read {path}: {why}", path=path, why=reason(exc)), hint=_("check the name")) from exc
