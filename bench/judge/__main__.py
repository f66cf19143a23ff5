"""Kills a door again and again under load, and judges: `python -m bench.judge --kills 200`.

python -m bench.judge --reference             # the judge's own door instead of the product's
python -m bench.judge --reference --fault early
python -m bench.judge --seed 17 --kills 10    # the same choices again
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from pathlib import Path

from bench.judge import workspace
from bench.judge.disk import can_make, environment
from bench.judge.doors import Door, free_port, product, reference
from bench.judge.events import Linked
from bench.judge.trial import PRODUCT_WAYS, REFERENCE_WAYS, Outcome, Plan, Trial
from bench.judge.world import World, world


def try_reference(folder: Path, plan: Plan, fault: str | None = None, oas: int = 20) -> Outcome:
    """Try the judge's own door, honest or with a fault."""
    people = world(oas, plan.seed)
    door = _reference(folder, people, fault)
    return asyncio.run(Trial(on_our_disk(door) if can_make() else door, people.linked, people.strangers, plan).run())


def try_product(folder: Path, plan: Plan, oas: int = 100) -> Outcome:
    """Try the product's door, in a workspace as an office would write it."""
    people, port = world(oas, plan.seed), free_port()
    workspace.write(folder, people, port)
    door = product(folder, port)
    return asyncio.run(Trial(on_our_disk(door) if can_make() else door, people.linked, people.strangers, plan).run())


def on_our_disk(door: Door, sync_ms: int = 0) -> Door:
    """Give a door a disk that knows what a power cut would leave."""
    shadow = door.home / "shadow"
    return door._replace(shadow=shadow, environment={**door.environment, **environment(door.home, sync_ms, shadow)})


def _reference(folder: Path, people: World, fault: str | None) -> Door:
    def lines(linked: "list[Linked] | tuple[Linked, ...]", *more: str) -> list[list[str]]:
        return [[*each, *more] for each in linked]

    told = folder / "linked.json"
    told.write_text(json.dumps(lines([*people.linked]) + lines([*people.strangers], "stranger")))
    return reference(folder, told, free_port(), fault)


def show(outcome: Outcome) -> None:
    verdict = outcome.verdict
    ways = ", ".join(f"{way} {count}" for way, count in sorted(outcome.ways.items()))
    exits = ", ".join(f"{code}: {count}" for code, count in sorted(outcome.exits.items()))
    print(f"{sum(outcome.ways.values())} ends ({ways}); exit codes of stops: {exits}")
    print(f"posted {verdict.posted:,}, acknowledged {verdict.acknowledged:,}, stored with copies {verdict.arrivals:,}; "
          f"unanswered {outcome.unanswered:,}, twice at one instant {outcome.together:,}")  # fmt: skip
    if outcome.classes:
        print(f"classes: {', '.join(f'{name} {count:,}' for name, count in outcome.classes.most_common())}")
    print(f"acknowledged and lost {verdict.count('acknowledged and lost')}, stored twice {verdict.count('stored twice')}")
    print(f"back after s: {spread(outcome.back_s)}; CPU s by then: {spread(outcome.back_cpu_s)}")
    for sentence in outcome.sentences():
        print(f"FAULT {sentence}")


def spread(values: list[float]) -> str:
    """Say least, middle, nine in ten, and most."""
    ranked = sorted(values) or [0.0]
    return " / ".join(f"{ranked[min(len(ranked) - 1, int(share * len(ranked)))]:.2f}" for share in (0, 0.5, 0.9, 1))


def main() -> int:
    """Play one trial; 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description="Kill a door under load, and judge what it has stored.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 20))
    parser.add_argument("--oas", type=int, default=100)
    parser.add_argument("--reference", action="store_true")
    parser.add_argument("--fault")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="zalo-alert-judge-") as name:
        ways = REFERENCE_WAYS if given.reference else PRODUCT_WAYS
        plan = Plan(given.kills, given.seed, ways=ways, has_worker=not given.reference)
        folder = Path(name)
        outcome = try_reference(folder, plan, given.fault, given.oas) if given.reference else try_product(folder, plan, given.oas)
    show(outcome)
    return 1 if outcome.sentences() else 0


if __name__ == "__main__":
    sys.exit(main())
