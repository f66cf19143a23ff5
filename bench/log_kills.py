"""Writers of the audit log, killed at random moments: `make torture`.

    python -m bench.log_kills --rounds 300
    python -m bench.log_kills --seed 17 --rounds 1    # one round again, with the same moments

Each round has a few processes write into one log, kills them one after another with SIGKILL, tears the last line at a random byte
now and then, as a power cut does, and holds the log against itself and against every head that a writer was given back.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from zalo_alert.audit.log import AuditLog
from zalo_alert.audit.verify import Anchor, verify
from zalo_alert.foundation.clock import SystemClock

WRITERS = 3
MOST_LINES = 40  # that a writer is let write before it is killed
WRITER = """import sys
from pathlib import Path
from zalo_alert.audit.log import AuditLog
from zalo_alert.foundation.clock import SystemClock
log, clock = AuditLog(Path(sys.argv[1])), SystemClock()
while True: print(log.append("note", clock.now(), why="x" * int(sys.argv[2])), flush=True)"""


def play(folder: Path, chance: random.Random) -> Sequence[str]:
    """Let writers write and die; return the heads that they were given back."""
    writers = [_writer(folder, chance.choice((10, 500, 1900))) for _ in range(WRITERS)]
    heads: list[str] = []
    for writer in writers:
        assert writer.stdout
        heads += [writer.stdout.readline().strip() for _ in range(chance.randint(1, MOST_LINES))]
        writer.kill()
        heads += [line.strip() for line in writer.stdout if line.endswith("\n")]
        writer.wait()
        writer.stdout.close()
    return heads


def _writer(folder: Path, length: int) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(length)], stdout=subprocess.PIPE, text=True)


def tear(log: AuditLog, chance: random.Random) -> None:
    """Leave the beginning of one more line, as a power cut does."""
    size = log.path.stat().st_size
    log.append("note", SystemClock().now(), why="torn")
    with log.path.open("rb+") as file:
        file.truncate(chance.randint(size, log.path.stat().st_size - 1))


def faults(log: AuditLog, heads: Sequence[str]) -> Iterator[str]:
    """Name what is wrong with a log: in itself, and with what a writer was told that it stands in it."""
    from hashlib import sha256

    numbers = {sha256(raw).hexdigest(): number for number, raw in enumerate(log.path.read_bytes().splitlines(keepends=True), 1)}
    yield from (f"lost: {head}" for head in heads if head not in numbers)
    anchors = [Anchor(numbers[head], head, "a writer") for head in heads if head in numbers]
    yield from (fault.message for fault in verify(log.path, anchors).faults)


def play_round(seed: int) -> list[str]:
    """Play one round in a folder of its own; return what is wrong then."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="zalo-alert-log-") as name:
        log = AuditLog(Path(name))
        heads = list(play(log.path.parent, chance))
        if chance.random() < 0.5:
            tear(log, chance)
        found = list(faults(log, heads))
        heads.append(log.append("note", SystemClock().now()))
        return [*found, *faults(log, heads)]


def main() -> int:
    """Play the rounds; 1 when one of them fails."""
    parser = argparse.ArgumentParser(description="Kill writers of the audit log at random moments.")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    given = parser.parse_args()
    failed = 0
    for seed in range(given.seed, given.seed + given.rounds):
        if found := play_round(seed):
            failed += 1
            print(f"seed {seed}: {'; '.join(found)}")
    print(f"{given.rounds} rounds of killed writers, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
