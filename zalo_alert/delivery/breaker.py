"""When a run must halt by itself: pure counting over outcomes and instants handed in.

Owns the limits, and what each outcome counts towards. A halt protects people: from a message that Zalo refuses, from a server
whose answers say nothing clear, from an account that is closed.
"""

from dataclasses import dataclass, field

from zalo_alert.models import Accepted, Deferred, Outcome, Reason, Rejected, Unknown

SAME_FAULT_LIMIT = 5  # the same refusal of the message so often, with nobody accepted between: it is the message
NO_VERDICT_LIMIT = 20  # answers in a row that say nothing clear: each leaves a person unknown, so not many may follow
PATIENCE_S = 10.0  # a network switch restarts in less; if it lasts longer, a person should know


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a run halts, and on which route it was noticed; `code` is Zalo's, 0 when there is none."""

    reason: Reason
    code: int
    route: int


@dataclass(slots=True)
class Breaker:
    """Watches every outcome of a run; `halt` stays None while the run may go on."""

    patience_s: float = PATIENCE_S
    halt: Halt | None = None
    _faults: dict[tuple[int, int], int] = field(default_factory=dict)
    _no_verdict: int = 0
    _unreachable_since_s: float | None = None

    def accepted(self) -> None:
        """Count an acceptance: whatever was counted before it was no fault of the whole run."""
        self._no_verdict = 0
        self._unreachable_since_s = None
        if self._faults:
            self._faults.clear()

    def observe(self, outcome: Outcome, route: int, now_s: float) -> None:
        """Count an outcome that came by a route at an instant of a monotonic clock."""
        match outcome:
            case Accepted():
                self.accepted()
            case Unknown(reason, code):
                self._count_no_verdict(Halt(reason, code, route))
            case Deferred(Reason.NOT_SENT):
                self._count_unreachable(Halt(Reason.NOT_SENT, 0, route), now_s)
            case Deferred(reason, code) | Rejected(reason, code):
                self._no_verdict = 0
                self._unreachable_since_s = None
                self._count_refusal(Halt(reason, code, route))

    def _count_no_verdict(self, halt: Halt) -> None:
        self._unreachable_since_s = None
        self._no_verdict += 1
        if self._no_verdict >= NO_VERDICT_LIMIT:
            self.halt = self.halt or halt

    def _count_unreachable(self, halt: Halt, now_s: float) -> None:
        if self._unreachable_since_s is None:
            self._unreachable_since_s = now_s
        if now_s - self._unreachable_since_s >= self.patience_s:
            self.halt = self.halt or halt

    def _count_refusal(self, halt: Halt) -> None:
        if halt.reason in (Reason.STOPPED, Reason.TOKEN, Reason.PROXY):
            self.halt = self.halt or halt
        elif halt.reason is Reason.BAD_MESSAGE:
            key = (halt.route, halt.code)
            self._faults[key] = self._faults.get(key, 0) + 1
            if self._faults[key] >= SAME_FAULT_LIMIT:
                self.halt = self.halt or halt

    @property
    def unreachable(self) -> bool:
        """Whether the last call found no server at all."""
        return self._unreachable_since_s is not None
