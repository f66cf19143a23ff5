"""The process that puts and posts answers is killed again and again under load: nobody is answered twice, nobody is lost.

Everybody asks once, and the sandbox counts how often each was reached.
"""

import os
import random
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import until
from tests.outboxes import database, tallied
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.scaffold import create
from zalo_alert.outbox.turns import MOST_IN_FLIGHT

PEOPLE, KILLS = 6000, 10

# Puts answers as the worker does, with a cursor in the same transaction, and posts them beside.
_WORK = """
import os, sys, time
from contextlib import closing
from pathlib import Path
from tests.outboxes import answer
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.inbound.inbound_store import open_store
from zalo_alert.models import OnUnknown
from zalo_alert.operations.answering import answering
from zalo_alert.outbox.store import Outbox
from zalo_alert.settings.load import load
workspace, people, resends = Path(sys.argv[1]), int(sys.argv[2]), OnUnknown(sys.argv[3])
settings = load(workspace, os.environ)
with closing(open_store(settings.state_dir)) as db, answering(settings, SystemClock(), print) as wake:
    outbox = Outbox(db)
    while True:
        with db.transaction():
            done = dict(db.rows("SELECT lane, seq FROM cursor")).get("people", 0)
            until, now_ms = min(people, done + 100), round(time.time() * 1000)
            for n in range(done, until):
                times = {"made_ms": now_ms, "expires_ms": now_ms + 600_000}
                on_unknown = resends if n % 2 else OnUnknown.HOLD
                outbox.put(answer(str(10**17 + n), file="f", seq=n, on_unknown=on_unknown, **times))
            db.run("INSERT OR REPLACE INTO cursor VALUES ('people', 'f', ?)", (until,))
        wake()
        time.sleep(0.02)
"""


@pytest.mark.long
@pytest.mark.parametrize("resends", ["hold", "resend"])
def test_nobody_is_answered_twice_or_lost_whatever_is_killed(tmp_path, sandbox_with, resends):
    create(tmp_path, SystemClock().now(), app_per_minute=6_000_000)
    sandbox, chance = sandbox_with(), random.Random(18)
    command = [sys.executable, "-c", _WORK, str(tmp_path), str(PEOPLE), resends]
    begin = partial(subprocess.Popen, command, cwd=Path(__file__).parents[2], env=os.environ | sandbox.environ("pctt"))
    with database(tmp_path / ".zalo-alert") as db:
        for _ in range(KILLS):
            child = begin()
            until(partial(_are_over, db, _over(db) + chance.randrange(1, 300)))
            child.kill()
            child.wait()
        child = begin()
        try:
            until(lambda: _over(db) == PEOPLE)
            child.send_signal(signal.SIGTERM)
        finally:
            child.kill()
            child.wait()
        counts, unclear = tallied(db), {user for (user,) in db.rows("SELECT user_id FROM outbox WHERE unclear > 0")}
        unknown = {user for (user,) in db.rows("SELECT user_id FROM outbox WHERE state = 'unknown'")}
    reached = sandbox.reached()
    everybody = {str(10**17 + n) for n in range(PEOPLE)}
    assert sum(counts.values()) == PEOPLE
    assert {user for user, times in reached.items() if times > 1} <= unclear
    assert everybody - reached.keys() <= unknown
    assert counts.get(("unknown", "crash"), 0) <= KILLS * MOST_IN_FLIGHT
    assert not (unclear if resends == "hold" else set())


def _are_over(db, people):
    return _over(db) >= people


def _over(db):
    return sum(tallied(db).values())
