"""A hundred OAs of three apps, with secrets in every way that a door may be told them."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from bench.judge.events import Linked


class World(NamedTuple):
    """Who posts.

    Attributes:
        linked: OAs that the door has accounts of.
        strangers: OAs of the same apps that it hasn't.
        by_oa: Secrets that are told under an OA; its first may be an old one, the second then signs.
        by_app: Secrets that are told under an app, for all OAs that have none of their own.
    """

    linked: Sequence[Linked]
    strangers: Sequence[Linked]
    by_oa: dict[str, Sequence[str]]
    by_app: dict[str, Sequence[str]]


def world(oas: int, seed: int) -> World:
    """Make up OAs: half of them with a secret of their own, some of those in the middle of a change."""
    chance = random.Random(seed)
    by_app: dict[str, Sequence[str]] = {f"36084652494090396{number}": [_secret(chance)] for number in range(3)}
    apps = list(by_app)
    by_app[apps[2]] = ["old" + _secret(chance), by_app[apps[2]][0]]
    by_oa: dict[str, Sequence[str]] = {}
    linked = []
    for number in range(oas):
        oa, app = f"38861328087{number:07d}", apps[number % 3]
        if number % 2:
            secret = _secret(chance)
            by_oa[oa] = (
                [secret, "new" + secret] if number % 10 == 1 else ["old" + secret, secret] if number % 10 == 3 else [secret]
            )
        linked.append(Linked(oa, app, secret if number % 2 else by_app[app][-1]))
    strangers = [Linked(f"40000000000{number:07d}", app, by_app[app][-1]) for number, app in enumerate(apps * 2)]
    return World(linked, strangers, by_oa, by_app)


def _secret(chance: random.Random) -> str:
    return "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghkmnpqrstuvwxyz23456789", k=20))
