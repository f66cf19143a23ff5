"""How hard to brake when a server answers 429 without saying that a minute is full: arithmetic over time handed in.

One refusal among hundreds of acceptances is an accident: the rate steps down a little, and each call that goes climbs it back, so
that refusals settle at half a percent or less. Refusals that follow each other are a wall: nothing goes for a while, then one
call finds out, and the pause doubles until one is accepted. The rate after a wall is what went before it. It doubles once enough
calls have gone without a refusal, because nobody says how high a wall is or when it goes. Source: additive increase and
multiplicative decrease, as in TCP (RFC 5681).
"""

import math
from dataclasses import dataclass

TOO_MANY = 429  # HTTP's own status, where Zalo's -32 says that the minute is full
SOON_S = 1.0  # whoever was refused by it is tried again then; how many go by then is the pace's business
FOLLOWING = 7  # answers: a refusal so soon after another follows it
WALL = 3  # refusals that follow each other, and it is no accident: at one in a hundred it happens in 20,000 calls once
YOUNG = 200  # answers: before so many nobody knows what is an accident
STEP = 0.98  # for one refusal
CLIMB = 1.0001  # for one call: with a refusal in 200 calls the rate stands still, one in 500 hardly slows
LEAST_SHARE = 0.7  # of the rate: when refusals go on below it, they come of something else
WALL_STEP = 0.85
LEAST_PER_S = 0.5
FLOW_S = 1.0  # over how long the rate of calls is averaged
SHORT_PAUSE_CALLS, SHORT_PAUSE_S = 10, 0.1  # the pause after a refusal that stands alone: so many calls' time, at most so long
PAUSE_S, MOST_PAUSE_S = 0.2, 5.0  # the first pause at a wall, longer than an answer takes; and the longest
PROBE_S = 0.25  # for so long after a pause one call is alone, or for as long as the pause was, or two answers take
PROBES = 2  # so few calls since a wall have only found it again
RECOVERED_CALLS = 200  # without a refusal halve the next pause
CALM_S, CALM_CALLS, MOST_CALM_CALLS = 10.0, 200.0, 1600.0  # without a refusal, the rate doubles each second; walls make it rarer
FORGOTTEN_S = 300.0  # a wall so long ago
RESTARTED_S = 600.0  # so far back the steady clock goes only when the machine was started again
SHOWN_S = 10.0  # how long a wall is told of


@dataclass(slots=True)
class Brake:
    """What refusals by 429 have done to one limit: the same numbers in memory and in a file.

    Args:
        ceiling_per_s: Calls a second at most; infinite while there was no refusal.
        anchor_per_s: What single refusals lower the ceiling from: what went before the last wall; infinite without one.
        flow_per_s: Calls a second that have gone of late, over `FLOW_S`.
        flow_at_s: When that was true.
        refused_s: When a refusal was heeded last.
        calls: Gone since.
        walled_s: When refusals last followed each other.
        wall_calls: Gone since.
        pause_s: The last pause at a wall.
        paused_until_s: Nothing goes before.
        alone_until_s: Until then one call at most goes, to find out.
        calm_calls: So many without a refusal and the rate may double.
    """

    ceiling_per_s: float = math.inf
    anchor_per_s: float = math.inf
    flow_per_s: float = 0.0
    flow_at_s: float = -math.inf
    refused_s: float = -math.inf
    calls: float = 0.0
    walled_s: float = -math.inf
    wall_calls: float = math.inf
    pause_s: float = 0.0
    paused_until_s: float = -math.inf
    alone_until_s: float = -math.inf
    calm_calls: float = CALM_CALLS

    def limit(self, per_s: float | None) -> float | None:
        """Return the rate that is left of one; None for no limit."""
        if self.ceiling_per_s == math.inf:
            return per_s
        return self.ceiling_per_s if per_s is None else min(per_s, self.ceiling_per_s)

    def is_from_before(self, now_s: float) -> bool:
        """Whether all of it is older than this machine's steady clock."""
        return now_s < self.flow_at_s - RESTARTED_S

    def slows(self, per_s: float | None, now_s: float) -> bool:
        """Whether it holds the run up, as far as a person would notice."""
        if self.paused_until_s - now_s > SHORT_PAUSE_S or now_s - self.walled_s < SHOWN_S:
            return True
        is_narrow = self.ceiling_per_s <= 0.9 * (math.inf if per_s is None else per_s)
        return is_narrow and self._flow(now_s) >= 0.8 * self.ceiling_per_s

    def count(self, per_s: float | None, calls: int, now_s: float) -> None:
        """Count calls that go."""
        elapsed_s = max(0.0, now_s - self.flow_at_s)
        self.flow_per_s = self._flow(now_s) + calls / FLOW_S
        self.flow_at_s = max(now_s, self.flow_at_s)
        self.calls += calls
        self.wall_calls += calls
        if self.ceiling_per_s < math.inf:
            self._climb(calls, elapsed_s, now_s)
            if self.ceiling_per_s >= (per_s or 1e6):
                self.ceiling_per_s = self.anchor_per_s = math.inf

    def _flow(self, now_s: float) -> float:
        return self.flow_per_s * math.exp(-max(0.0, now_s - self.flow_at_s) / FLOW_S)

    def take_back(self, calls: int) -> None:
        """Take back the count of calls that were allowed and have not gone."""
        self.flow_per_s = max(0.0, self.flow_per_s - calls / FLOW_S)
        self.calls = max(0.0, self.calls - calls)
        self.wall_calls = max(0.0, self.wall_calls - calls)

    def _climb(self, calls: int, elapsed_s: float, now_s: float) -> None:
        self.ceiling_per_s *= CLIMB ** min(calls, 10_000)
        if self.calls >= self.calm_calls and now_s - self.refused_s >= CALM_S:
            self.ceiling_per_s *= 2 ** min(elapsed_s, 1.0)

    def heed_refusal(
        self, per_s: float | None, now_s: float, *, asked_s: float, in_a_row: int, retry_after_s: float | None = None
    ) -> None:
        """Heed a 429.

        Args:
            per_s: The rate without any brake.
            now_s: When it came.
            asked_s: When that call went: news of calls that went before the last step or pause is old.
            in_a_row: How many refusals have followed each other, this one included.
            retry_after_s: What the server asks everyone to wait; bounded by whoever read it.
        """
        latency_s = max(0.0, now_s - asked_s)
        if in_a_row >= WALL:
            if asked_s >= self.walled_s + self.pause_s:
                self._stand_before_a_wall(latency_s, now_s)
        elif asked_s > self.refused_s:
            self._step_down(per_s)
            self.paused_until_s = max(
                self.paused_until_s, now_s + min(SHORT_PAUSE_S, SHORT_PAUSE_CALLS / max(self.flow_per_s, 1.0))
            )
        self.refused_s, self.calls = now_s, 0.0
        if retry_after_s is not None:
            self._pause(now_s, retry_after_s, latency_s)

    def _stand_before_a_wall(self, latency_s: float, now_s: float) -> None:
        if self.wall_calls <= PROBES:
            self.pause_s = min(MOST_PAUSE_S, 2 * self.pause_s)
        else:  # another wall than the last one, or the same some time later
            self.pause_s = max(PAUSE_S, latency_s, self.pause_s / 2 ** min(60.0, self.wall_calls // RECOVERED_CALLS))
            is_new = now_s - self.walled_s > FORGOTTEN_S
            self.calm_calls = CALM_CALLS if is_new else min(MOST_CALM_CALLS, 2 * self.calm_calls)
            self.anchor_per_s = max(LEAST_PER_S, WALL_STEP * min(self.ceiling_per_s, self.flow_per_s))
            self.ceiling_per_s = self.anchor_per_s
        self.walled_s, self.wall_calls = now_s, 0.0
        self._pause(now_s, self.pause_s, latency_s)

    def _step_down(self, per_s: float | None) -> None:
        whole_per_s = min(math.inf if per_s is None else per_s, self.anchor_per_s)
        if whole_per_s < math.inf:
            self.ceiling_per_s = max(LEAST_SHARE * whole_per_s, STEP * min(self.ceiling_per_s, whole_per_s))

    def _pause(self, now_s: float, seconds: float, latency_s: float) -> None:
        if now_s + seconds > self.paused_until_s:
            self.paused_until_s = now_s + seconds
            self.alone_until_s = self.paused_until_s + max(2 * latency_s, min(seconds, PROBE_S))
