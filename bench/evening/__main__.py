"""Play it, and write the pages: `make evening`.

    python -m bench.evening                         # all three scenes, three quarters of an hour, then the pages
    python -m bench.evening --scene short           # one of them
    python -m bench.evening --pages                 # the pages alone, from what was noted down last

30,000 people look up scores at the moment they come out, at 4,000 calls a minute; after two minutes an Immediate alert goes to
8,000 people over the same app, while others ask the police, one asks for a person, and 20 whether the alert is real.

together    everyone at the opening; a look-up may wait for 15 minutes
short       the same; a look-up may wait for 5
before      20,000 have asked before the opening and are remembered, 10,000 ask when it comes
"""

import argparse
import json
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from bench.evening.account import account
from bench.evening.office import PER_MINUTE, ROOT
from bench.evening.pages import waits_table, write
from bench.evening.play import SCENES, Play

RECORDS = ROOT / "build" / "eight-oclock"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", choices=list(SCENES), action="append")
    parser.add_argument("--told", type=int, default=8000, help="followers who get the alert")
    parser.add_argument("--share", type=float, default=1.0, help="of those who ask: a smaller play")
    parser.add_argument("--pages", action="store_true", help="only write the pages")
    given = parser.parse_args()
    names = given.scene or list(SCENES)
    for name in [] if given.pages else names:
        played(name, given)
    for name in names:
        accounted(name)


def played(name: str, given: argparse.Namespace) -> None:
    """Play a scene, and keep its record."""
    scene = SCENES[name]
    scene = scene._replace(before=int(scene.before * given.share), sharp=int(scene.sharp * given.share))
    with tempfile.TemporaryDirectory(prefix="zalo-alert-evening-") as folder:
        record = Play(
            scene, given.told, Path(folder), lambda text: print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)
        ).run()
    RECORDS.mkdir(parents=True, exist_ok=True)
    (RECORDS / f"{name}.json").write_text(json.dumps(asdict(record), default=str, ensure_ascii=False), encoding="utf-8")


def accounted(name: str) -> None:
    """Add up a scene that was played, print it, and write it into the pages.

    Raises:
        SystemExit: Something is so that must never be.
    """
    record = json.loads((RECORDS / f"{name}.json").read_text(encoding="utf-8"))
    made = account(record, PER_MINUTE)
    print(f"{name}\n{waits_table(made, 'en')}\n", flush=True)
    write(name, record, made)
    if made.faults:
        raise SystemExit(f"{name}: {', '.join(made.faults)}")


if __name__ == "__main__":
    main()
