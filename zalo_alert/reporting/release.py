"""Who let a run out where no second officer approved it: one person by break-glass, or a standing approval."""

from dataclasses import dataclass
from typing import Any

from zalo_alert.errors import Cure
from zalo_alert.language import _

ALONE = "break-glass"  # purpose of a run's note of who let it out alone, and why
USED = "standing"  # purpose of a run's note of which standing approval let it out


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
