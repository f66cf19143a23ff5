"""Files that are cut, overwritten, moved away or not ours, and a process killed between two writes."""

import os
import random
import shutil
import signal
import subprocess
import sys

import pytest

from tests.webhook_events import said
from zalo_alert.errors import StorageUnusable
from zalo_alert.inbound.event import read_event
from zalo_alert.inbound.journal import JOURNAL, REPEATED, STORED, Arrival, Journal, read_journal
from zalo_alert.inbound.tallies import counted

NOON_MS = 1_795_780_800_000  # 2026-11-27 12:00 UTC
DAY_MS = 86_400_000


def arrival(number, at_ms=NOON_MS):
    body = said(message={"msg_id": f"m{number}", "text": "nước lên"})
    return Arrival(read_event(body, "ab"), body, at_ms, 0)


def written(folder, count=200):
    journal = Journal(folder)
    journal.append([arrival(number) for number in range(count)])
    journal.close()
    return folder / JOURNAL / "2026-11-27.db"


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_journal_that_is_cut_short_says_so(tmp_path, part):
    path = written(tmp_path)
    os.truncate(path, int(path.stat().st_size * part))
    with pytest.raises(StorageUnusable):
        read_journal(tmp_path, None, 1000)
    with pytest.raises(StorageUnusable):
        Journal(tmp_path).append([arrival(1)])


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_journal_is_an_error_in_words_or_none_at_all(tmp_path, seed):
    path = written(tmp_path)
    rng = random.Random(seed)
    whole = bytearray(path.read_bytes())
    for _ in range(40):
        whole[rng.randrange(len(whole))] = rng.randrange(256)
    path.write_bytes(whole)
    said_of = []
    for use in (lambda: read_journal(tmp_path, None, 1000), lambda: Journal(tmp_path).append([arrival(1)])):
        try:
            use()
        except StorageUnusable as exc:
            said_of.append(str(exc))
    assert all(str(path) in words for words in said_of)


def test_what_is_no_database_is_not_overwritten(tmp_path):
    path = tmp_path / JOURNAL / "2026-11-27.db"
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, though long enough for its head" * 20)
    with pytest.raises(StorageUnusable):
        Journal(tmp_path).append([arrival(1)])
    assert path.read_bytes().startswith(b"not a database")


def test_a_journal_goes_on_once_a_file_is_moved_away(tmp_path):
    journal = Journal(tmp_path)
    journal.append([arrival(number) for number in range(50)])
    last = read_journal(tmp_path, None, 100)[-1].place
    shutil.move(tmp_path / JOURNAL / "2026-11-27.db", tmp_path / "2026-11-27.damaged")
    journal.append([arrival(51)])
    assert [event.body for event in read_journal(tmp_path, last, 100)] == [arrival(51).body]
    assert [event.body for event in read_journal(tmp_path, None, 100)] == [arrival(51).body]


def test_a_folder_that_can_not_be_made_is_an_error_in_words(tmp_path):
    (tmp_path / JOURNAL).write_bytes(b"")
    with pytest.raises(StorageUnusable):
        Journal(tmp_path).append([arrival(1)])


def test_what_a_kill_left_half_made_is_in_nobody_s_way(tmp_path):
    (tmp_path / JOURNAL).mkdir()
    (tmp_path / JOURNAL / ".2026-11-27.db.17.ab").write_bytes(b"")
    Journal(tmp_path).append([arrival(1)])
    assert len(read_journal(tmp_path, None, 10)) == 1


_WRITER = """
import random, sys
from pathlib import Path
from tests.unit.inbound.test_damage import DAY_MS, NOON_MS, arrival
from zalo_alert.inbound.journal import Journal
rng, journal = random.Random(int(sys.argv[2])), Journal(Path(sys.argv[1]))
while True:
    group = [arrival(rng.randrange(400), NOON_MS + DAY_MS * (rng.random() < 0.5)) for _ in range(rng.randrange(1, 40))]
    journal.append(sorted(group, key=lambda one: one.arrived_ms))
    print(len(group), flush=True)
"""


def test_what_was_acknowledged_is_stored_or_repeated_after_a_kill(tmp_path):
    acknowledged = most = 0
    for seed in range(3):
        process = subprocess.Popen([sys.executable, "-c", _WRITER, tmp_path, str(seed)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        groups = [int(next(process.stdout)) for _ in range(12)]
        os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        groups += [int(line) for line in process.communicate()[0].splitlines()]
        acknowledged += sum(groups)
        most += sum(groups) + 39  # one group may be on the disk without having been told
    counts = counted(tmp_path / JOURNAL)
    events = read_journal(tmp_path, None, 10_000)
    assert counts[STORED] == len(events) == len({event.body for event in events})
    assert acknowledged <= counts[STORED] + counts[REPEATED] <= most
