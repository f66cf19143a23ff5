"""Whether the workspace is backed up, may send, and where it came from: judged from what its own files say."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from zalo_alert.errors import Cure, WorkspaceRests
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, span
from zalo_alert.preflight.doctor import Check
from zalo_alert.preflight.token_health import Grade
from zalo_alert.settings.rest_mark import RestMark


def check_rest(rests: WorkspaceRests | None, woken: RestMark | None) -> Iterator[Check]:
    """Say that nothing can be sent from a workspace, or that it came out of a backup."""
    if rests:
        yield Check("rest", Grade.FAIL, rests.message, rests.hint, code=rests.exit_code)
    elif woken:
        said = _(
            "woken at {at}, from a backup of {folder} of {backed_up_at}",
            at=words(woken.at),
            folder=woken.folder,
            backed_up_at=words(woken.backed_up_at or woken.at),
        )
        yield Check("rest", Grade.OK, said)


def check_backup(
    made_at: datetime | None, file: Path | None, now: datetime, warn_after: timedelta, *, is_due: bool
) -> Iterator[Check]:
    """Judge the age of the last backup.

    Args:
        made_at: When it was made; None where nobody knows of any.
        file: Where it went.
        now: The time.
        warn_after: Of what age it is too old.
        is_due: Whether one is expected: the office has said how it backs up, or the workspace is live.
    """
    cure = _("see whether cron still makes one every night: {backup}", backup=Cure.BACKUP())
    if made_at is None:
        if is_due:
            yield Check(
                "backup",
                Grade.WARN,
                _("this workspace was never backed up"),
                _("{backup} makes one", backup=Cure.BACKUP("FOLDER")),
            )
        return
    age = max(now - made_at, timedelta())
    said = _("the last backup is {age} old: {file}", age=span(age), file=file)
    if age > warn_after:
        yield Check("backup", Grade.WARN, said, cure)
    elif file is not None and file.parent.is_dir() and not file.exists():
        yield Check("backup", Grade.WARN, _("the last backup is gone: {file}", file=file), cure)
    else:
        yield Check("backup", Grade.OK, said)
