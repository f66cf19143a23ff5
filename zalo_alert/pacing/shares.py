"""Who may take how much of one limit while others want it too: ranks, and the shares that some of them are sure of.

A rank takes what the more urgent ones leave. That alone would leave people without an answer for as long as an alert is being
sent, or an alert without its rate for as long as people write; so, while a run sends,

- answers to calls for help are ahead of everything; beside an Immediate run, or the correction of a wrong alert, with a fifth of
  the rate at most, because a flood of false calls must not stop the alert;
- all other answers together are sure of three tenths and may not have more: steps of forms first, then officers' answers, then
  rules, then look-ups. Of that, rules have a tenth of the rate at most beside an Immediate run; look-ups have a tenth beside
  other runs, and nothing at all beside an Immediate one.

So an Immediate run keeps at least half of the rate. A share binds while the run wants the rate: what it leaves over goes to
whoever comes next. Only who has been kept waiting is sure of anything: while nobody is, runs have it all.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from zalo_alert.models import Rank

SAVED_S = 0.25  # a share that was not used is kept for so long, as seconds of it
SOS_SHARE = 0.2  # of 66.7 calls a second: 13, enough for calls for help at five a second, not for a peak of fifty
RESTARTED_S = 60.0  # so far back the steady clock goes only when the machine was started again
_URGENT = {Rank.CORRECTION, Rank.IMMEDIATE}


class Share(StrEnum):
    """What is shared out, by the words in the file."""

    HELP = "help"
    ANSWERS = "answers"
    RULES = "rules"
    LOOKUPS = "lookups"


SHARES: Mapping[Share, float] = {Share.HELP: SOS_SHARE, Share.ANSWERS: 0.3, Share.RULES: 0.1, Share.LOOKUPS: 0.1}
DRAINS: Mapping[Rank, tuple[Share, ...]] = {
    Rank.HELP: (Share.HELP,),
    Rank.STEP: (Share.ANSWERS,),
    Rank.OFFICER: (Share.ANSWERS,),
    Rank.RULE: (Share.ANSWERS, Share.RULES),
    Rank.LOOKUP: (Share.ANSWERS, Share.LOOKUPS),
}  # what counts into which share, always; which of them bind depends on who sends


@dataclass(slots=True)
class Pool:
    """What is left of one share of one limit: the same numbers in memory and in a file.

    Args:
        share: Of the limit's rate, 0 to 1.
        tokens: Calls that may go.
        at_s: When that was true.
    """

    share: float
    tokens: float = math.inf
    at_s: float = -math.inf

    def advance(self, per_s: float, now_s: float) -> float:
        """Let time pass at a limit's rate; return what may go."""
        gain_per_s = self.share * per_s
        most = max(1.0, gain_per_s * SAVED_S) if self.share else 0.0
        self.tokens = min(most, self.tokens + max(0.0, now_s - self.at_s) * gain_per_s)
        if not 0 < self.at_s - now_s < RESTARTED_S:  # else another process has been here since this one looked at its clock
            self.at_s = now_s
        return self.tokens

    def take(self, calls: int) -> None:
        """Count calls that have gone, whether as part of the share or of what others left."""
        self.tokens = max(0.0, self.tokens - calls)

    def wait_s(self, per_s: float) -> float:
        """Return how long after `at_s` one more call may go."""
        return max(0.0, 1.0 - self.tokens) / max(1e-9, self.share * per_s)


def pools_of(known: Mapping[Share, Pool], sos_share: float | None = None) -> dict[Share, Pool]:
    """Return every share of a limit: as far as it has been used, with what is left of it.

    Args:
        known: From the file.
        sos_share: What calls for help may have; None is what the file says.
    """
    pools = {share: known.get(share) or Pool(part) for share, part in SHARES.items()}
    if sos_share is not None:
        pools[Share.HELP].share = sos_share
    return pools


class Portion(NamedTuple):
    """What one rank may take of one limit.

    Args:
        ahead: So many ranks take first.
        kept_for: Shares whose tokens are left for others.
        sure_of: Shares that it may use up ahead of the runs; empty for none.
        is_barred: Nothing at all.
    """

    ahead: int = 0
    kept_for: tuple[tuple[Share, ...], ...] = ()
    sure_of: tuple[Share, ...] = ()
    is_barred: bool = False


ALL = Portion()


@cache
def portion(rank: Rank, wanting: frozenset[Rank]) -> Portion:
    """Return what a rank may take while these want some too; itself may be one of them."""
    runs = {other for other in wanting if other.is_run} | ({rank} if rank.is_run else set())
    help_is_limited = not runs.isdisjoint(_URGENT)
    if rank is Rank.HELP:
        return Portion(len(runs), (), (Share.HELP,)) if help_is_limited else ALL
    helps = Rank.HELP in wanting
    first = int(helps and not help_is_limited) + sum(other < rank for other in runs)
    kept: tuple[tuple[Share, ...], ...] = ((Share.HELP,),) if helps and help_is_limited else ()
    if rank.is_run:
        bound = [shares for other in wanting if not other.is_run and (shares := _bound(other, runs))]
        return Portion(first, kept + ((min(bound, key=len),) if bound else ()))
    return Portion(first, kept, _bound(rank, runs) if runs else (), is_barred=rank is Rank.LOOKUP and help_is_limited)


def _bound(rank: Rank, runs: Collection[Rank]) -> tuple[Share, ...]:
    """Return the shares that bind an answer's rank beside these runs, widest first; none where it is sure of nothing."""
    is_urgent = not _URGENT.isdisjoint(runs)
    if rank is Rank.HELP or (rank is Rank.LOOKUP and is_urgent):
        return ()
    return DRAINS[rank] if rank is Rank.LOOKUP or is_urgent else (Share.ANSWERS,)
