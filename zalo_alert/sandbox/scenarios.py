"""Named bad days: sets of options, so that nobody has to think them up at night."""

from collections.abc import Mapping
from typing import Any

SCENARIOS: Mapping[str, Mapping[str, Any]] = {
    "quiet-day": {"at": "2026-09-18T09:00:00+07:00", "latency_ms": 40.0},
    # A storm makes landfall before midnight: promotion rests, everyone sends at once, and Zalo is not at its best.
    "storm-night": {
        "at": "2026-09-18T22:40:00+07:00", "latency_ms": 120.0, "slow_down": 0.01, "http_503": 0.002, "reset_after": 0.0005,
        "dead": 0.03, "stale": 0.6,
    },
    # The lines to Zalo are bad: much is executed whose answer never comes.
    "bad-lines": {
        "latency_ms": 800.0, "http_429": 0.005, "http_503": 0.01, "http_500": 0.005, "html": 0.005, "truncated": 0.005,
        "reset_before": 0.01, "reset_after": 0.01,
    },
    # Money, quota and the token run out on the way.
    "running-out": {"token_dies_after": 2000, "quota": 10_000, "stop_after": 50_000},
    "forgotten-people": {"dead": 0.2, "stale": 0.9},
}  # fmt: skip
