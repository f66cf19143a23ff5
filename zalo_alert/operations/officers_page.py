"""Writing the approver's page to a file."""

from pathlib import Path

from zalo_alert.errors import Cure, InputInvalid
from zalo_alert.foundation.files import appearing
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _


def write_approver_page(path: Path) -> None:
    """Write the approver's page, empty of any key.

    Raises:
        InputInvalid: Something stands there already, perhaps a page with somebody's key; or it can't be written.
    """
    from zalo_alert.approval.approver_page import approver_page

    if path.exists() or path.is_symlink():
        raise InputInvalid(
            _("{path} exists already, and may hold somebody's key: it was not touched", path=path),
            hint=_("name another file: {option}", option=Cure.OPTION(out="approver.html")),
        )
    page = approver_page()
    try:
        with appearing(path) as draft:
            draft.write_bytes(page)
    except OSError as exc:
        raise InputInvalid(
            _("the page can't be written to {path}: {why}", path=path, why=reason(exc)),
            hint=_("name a file in a folder that exists: {option}", option=Cure.OPTION(out="approver.html")),
        ) from exc
