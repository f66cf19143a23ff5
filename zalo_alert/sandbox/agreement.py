"""A run's states held against what the sandbox received: the delivery promise as arithmetic, person by person."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from zalo_alert.language import _n, count
from zalo_alert.models import State


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a run's account and the sandbox's compare.

    Args:
        people: How many people are in each state.
        reached: How many of them the sandbox was given a message for, by state.
        twice: People whom the sandbox was given more than one message for.
        strangers: People whom it was given a message for, and who are not in the run.
    """

    people: Mapping[State, int]
    reached: Mapping[State, int]
    twice: int
    strangers: int

    @property
    def problems(self) -> list[str]:
        """Where the account is wrong; empty when it is right."""
        problems = []
        if missed := self.people[State.ACCEPTED] - self.reached[State.ACCEPTED]:
            problems.append(_accepted_unseen(missed))
        problems.extend(
            _seen_otherwise(self.reached[state], state)
            for state in State
            if state not in (State.ACCEPTED, State.UNKNOWN) and self.reached[state]
        )
        if self.twice:
            problems.append(
                _n(
                    "{count} person was reached more than once",
                    "{count} people were reached more than once",
                    self.twice,
                    count=count(self.twice),
                )
            )
        if self.strangers:
            problems.append(
                _n(
                    "{count} person was reached who is not in the run",
                    "{count} people were reached who are not in the run",
                    self.strangers,
                    count=count(self.strangers),
                )
            )
        return problems


def _accepted_unseen(missed: int) -> str:
    return _n(
        "{count} person is said to be accepted, and the sandbox knows nothing of them",
        "{count} people are said to be accepted, and the sandbox knows nothing of them",
        missed,
        count=count(missed),
    )


def _seen_otherwise(reached: int, state: State) -> str:
    return _n(
        "{count} person is said to be {state}, and the sandbox has a message for them",
        "{count} people are said to be {state}, and the sandbox has a message for them",
        reached,
        count=count(reached),
        state=state,
    )


def compare(states: Iterable[tuple[str, State]], reached: Mapping[str, int]) -> Agreement:
    """Compare everyone's state with how often the sandbox was given a message for them.

    Args:
        states: Id and state of everyone in the run.
        reached: How often each person was reached, by id.
    """
    people: Counter[State] = Counter()
    got: Counter[State] = Counter()
    in_run = 0
    for user_id, state in states:
        people[state] += 1
        if reached.get(user_id, 0):
            got[state] += 1
            in_run += 1
    return Agreement(people, got, sum(1 for times in reached.values() if times > 1), len(reached) - in_run)


def read_states(exported: Path) -> Iterable[tuple[str, State]]:
    """Read ids and states from an exported CSV file."""
    with exported.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["user_id"], State(row["state"])
