"""What whoever sends says about this one go, beside the campaign's own rules."""

from dataclasses import dataclass
from typing import TypeAlias

from zalo_alert.campaign.lifecycle import Start
from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation import invisible
from zalo_alert.language import _

WORDING = "wording:"  # begins the name of a rule of wording among a run's overrides
Despite: TypeAlias = tuple[tuple[str, str], ...]  # codes of rules of wording, each with the reason to pass over it


@dataclass(frozen=True, slots=True)
class Orders:
    """What an officer's command says about this go.

    Args:
        by_hand: Go on with a run that a person has stopped; only a person's resume says so.
        retry_unknown: Ask those again of whom nobody knows whether they were reached.
        past_canary: Go on whatever the first people's answers were.
        despite_never: Why to go on although the list of those never written to can't be read; Immediate campaigns only.
        moved: Why the run is at another place than before; whoever says so knows that the other copy is dead.
        moved_signature: An approver's, over that; a live workspace needs it. See `operations.moving`.
        despite_hours: Why to begin at an hour at which nothing of the kind begins.
        despite_clock: Why to begin although this machine's clock is wrong; Immediate campaigns only.
        despite_restore: Why to begin what another machine may have sent already; see `operations.guards`.
        despite: Rules of wording that are passed over, each with the reason; see `operations.wording`.
        is_strict: Call for a person when anybody at all was not accepted, however everyday that is.
        start: What to do while the campaign's `effective` is ahead.
    """

    by_hand: bool = False
    retry_unknown: bool = False
    past_canary: bool = False
    despite_never: str = ""
    moved: str = ""
    moved_signature: str = ""
    despite_hours: str = ""
    despite_clock: str = ""
    despite_restore: str = ""
    despite: Despite = ()
    is_strict: bool = False
    start: Start = Start.SOON

    @property
    def goes_round_a_rule(self) -> bool:
        """Whether somebody has given a reason to pass over a guard."""
        return bool(self.despite_never or self.despite_hours or self.despite_clock or self.despite_restore or self.despite)


def reason_line(why: str) -> str:
    """Return a reason in one line, as it is kept and signed, without what nobody sees; "" where nothing is said."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in invisible.remove(why)).split())
    return line if any(sign.isalnum() for sign in line) else ""


USUAL = Orders()  # nothing is said


def start_of(*, wait: bool, early: bool) -> Start:
    """Read two flags as one choice.

    Raises:
        UsageError: Both are given.
    """
    if wait and early:
        raise UsageError(
            _("{option} and {other} say opposite things", option=Cure.OPTION(wait=True), other=Cure.OPTION(early=True)),
            hint=_("leave one of the two out"),
        )
    return Start.WAIT if wait else Start.EARLY if early else Start.SOON
