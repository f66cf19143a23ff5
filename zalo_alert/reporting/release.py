"""Who let a run out where no second officer approved it: one person by break-glass, or a standing approval."""

from dataclasses import dataclass
from typing import Any

import orjson

from zalo_alert.approval.break_glass import ALONE
from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.permission import USED
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import AuditLog
from zalo_alert.audit.reading import lines
from zalo_alert.errors import Cure
from zalo_alert.language import _
from zalo_alert.runs.run import Run


@dataclass(frozen=True, slots=True)
class Release:
    """How a run came to be sent without an approval of its own.

    Args:
        alone_by: Who let it out by break-glass; "" where nobody did.
        reason: Theirs.
        is_reviewed: Whether somebody else has reviewed that since.
        standing: The name of the standing approval that let it out; "" where none did.
    """

    alone_by: str = ""
    reason: str = ""
    is_reviewed: bool = False
    standing: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        return {"alone_by": self.alone_by, "unreviewed": self.is_unreviewed, "standing": self.standing}

    @property
    def is_unreviewed(self) -> bool:
        """Whether one person has let it out, and nobody else has looked at it yet."""
        return bool(self.alone_by) and not self.is_reviewed


NOT_RELEASED = Release()


def release_of(run: Run) -> Release:
    """Find out how a run came to be sent."""
    agreements = run.agreements()
    standing = next((orjson.loads(each.text)["name"] for each in reversed(agreements) if each.purpose == USED), "")
    if not any(each.purpose == Namespace.BREAK_GLASS for each in agreements):
        return Release(standing=standing)
    notes = [orjson.loads(each.text) for each in agreements if each.purpose == ALONE]
    by, reason = (notes[-1]["by"], notes[-1]["reason"]) if notes else ("?", "")
    return Release(by, reason, _is_reviewed(run, by), standing)


def _is_reviewed(run: Run, by: str) -> bool:
    """Whether the log tells of a review by another officer."""
    log = AuditLog(run.folder.parent.parent)
    return any(line.who and line.who != by for line in lines(log.path, run=run.id, event=AuditEvent.REVIEW))


def release_in_words(run: str, release: Release) -> str:
    """Say it in a sentence; "" where an approval of its own let the run out, or nobody need approve it."""
    if release.is_unreviewed:
        return _(
            "sent by one person, {name}, and not reviewed yet ({why}): {review}",
            name=release.alone_by,
            why=release.reason,
            review=Cure.REVIEW(run),
        )
    if release.alone_by:
        return _("let out by one person, {name} ({why}), and reviewed since", name=release.alone_by, why=release.reason)
    return _("let out by the standing approval {name}", name=release.standing) if release.standing else ""
