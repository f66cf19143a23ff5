"""Files that an OA uploads, each once: Zalo keeps them for seven days and grants 5,000 uploads a month."""

import hashlib
import mimetypes
from pathlib import PurePosixPath

from zalo_alert.errors import ErrorCause, RunSuspended
from zalo_alert.language import _
from zalo_alert.zalo.calling import plain
from zalo_alert.zalo.client import ApiClient
from zalo_alert.zalo.token_store import TokenStore

KEPT_S = 6 * 86_400.0  # a day less than Zalo keeps them, so that a run begins with a day's margin
MOST_ID = 4096  # characters; a file's token is long
# Source: Zalo OA API, upload calls: each kind has a path of its own (read 2026-11).
_PATHS = {".jpg": "image", ".jpeg": "image", ".png": "image", ".gif": "gif"}


async def upload(
    api: ApiClient, store: TokenStore, oa_id: str, name: str, content: bytes, now_s: float, *, anew: bool = False
) -> str:
    """Return Zalo's id of a file for an OA: of an earlier upload that is still kept, or of a new one.

    Args:
        api: Asks in the OA's name.
        store: Remembers uploads.
        oa_id: Zalo's.
        name: With its ending, by which Zalo knows the kind.
        content: The bytes.
        now_s: Seconds since 1970.
        anew: Zalo has forgotten the earlier one.

    Raises:
        RunSuspended: Zalo refused it, or its answer holds no id.
    """
    digest = hashlib.sha256(content).hexdigest()
    if not anew and (earlier := store.find_upload(oa_id, digest, now_s - KEPT_S)):
        return earlier
    kind = _PATHS.get(PurePosixPath(name.lower()).suffix, "file")
    path = f"/v2.0/oa/upload/{kind}"
    short = name.rpartition("/")[2]
    body = await api.upload(path, short, content, mimetypes.guess_type(name)[0] or "application/octet-stream")
    data = body.get("data")
    upload_id = plain(data.get("token" if kind == "file" else "attachment_id"), MOST_ID) if isinstance(data, dict) else ""
    if not upload_id:
        raise RunSuspended(
            _("Zalo took {file} and gave no id for it", file=short),
            hint=_("see whether its name ends as its kind does"),
            cause=ErrorCause.MESSAGE,
        )
    store.keep_upload(oa_id, digest, upload_id, now_s)
    return upload_id
