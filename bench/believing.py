"""What it costs to believe an answer only if it is its person's, in microseconds a message: `python -m bench.believing`.

One core, one process, no network: the best of many turns, so that a busy machine matters little. The budget is 0.5 µs.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from bench.server import BODY
from zalo_alert.models import Accepted
from zalo_alert.zalo.base import Host, Reply, Unproven
from zalo_alert.zalo.codes import classify

USER = "1002893352839501541"
TURNS, CALLS = 40, 20_000


def credulous(answer: Reply) -> Accepted | None:
    """Read an acceptance as if nobody else's could come: what the least reader does."""
    body: Mapping[str, Any] = orjson.loads(answer.body)
    return Accepted(body["data"]["message_id"]) if body["error"] == 0 else None


def best_us(call: Callable[[], object]) -> float:
    """Return the CPU time of one call in its best turn."""
    found = []
    for _ in range(TURNS):
        begun_s = time.process_time()
        for _ in range(CALLS):
            call()
        found.append(time.process_time() - begun_s)
    return 1e6 * min(found) / CALLS


def main() -> None:
    answer = Reply(200, BODY % USER.encode(), None, Unproven())
    assert classify(Host.OPENAPI, answer, USER) == credulous(answer)
    least, proved, unnamed = (
        best_us(call)
        for call in (
            lambda: credulous(answer),
            lambda: classify(Host.OPENAPI, answer, USER),
            lambda: classify(Host.OPENAPI, answer),
        )
    )
    print(f"read only {least:.2f} µs · read and compared {proved:.2f} µs · names nobody {unnamed:.2f} µs")
    print(f"to be certain whose it is, that it says one thing and was not cut: {proved - least:.2f} µs")


if __name__ == "__main__":
    main()
