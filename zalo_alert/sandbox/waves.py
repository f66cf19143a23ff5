"""Many people at once: they write, leave, come back, at the same moment or over some time."""

import math
from collections.abc import Sequence
from itertools import islice
from typing import Any

from zalo_alert.errors import UsageError
from zalo_alert.sandbox.life import Life
from zalo_alert.sandbox.webhooks import Webhooks
from zalo_alert.sandbox.wire import ApiRequest
from zalo_alert.sandbox.world import Oa, World

MOST_PEOPLE = 1_000_000
MOST_S = 7 * 86_400


class Waves:
    """Makes many people do something.

    Args:
        world: Whose people.
        life: Makes each of them do it.
        webhooks: Told of it all.
    """

    def __init__(self, world: World, life: Life, webhooks: Webhooks) -> None:
        self._world, self._life, self._webhooks = world, life, webhooks

    def happen(self, asked: ApiRequest) -> dict[str, Any]:
        """Make many people do one thing, and return how many they are as `people`.

        Args:
            asked: `event_name` and what more each event holds; `account`, the first by default; `people`, how many of the OA's
                followers (without followers, of those its messages went to while somebody listened), from number `first` on;
                or their `user_ids`; `over_s`, in how many seconds their events come, 0 for all at once. What they do is done
                at once: only the events take their time.

        Raises:
            UsageError: They can't.
        """
        asked = dict(asked)
        name, oa = str(asked.pop("event_name", "")), self._life.office(asked.pop("account", self._world.oas[0].account.id))
        over_s = _seconds(asked.pop("over_s", 0))
        people = self._people(oa, asked)
        for number, user in enumerate(people):
            for event in self._life.make(oa, name, {**asked, "user_id": user}):
                self._webhooks.tell(oa, event, over_s * number / len(people))
        return {"people": len(people)}

    def _people(self, oa: Oa, asked: ApiRequest) -> Sequence[str]:
        users, first, count = asked.pop("user_ids", None), asked.pop("first", 0), asked.pop("people", None)
        if users is not None:
            if not isinstance(users, list) or not all(type(user) is str for user in users) or count is not None:
                raise UsageError("user_ids is a list of texts, and stands instead of people")
            return users
        if type(count) is not int or not 0 < count <= MOST_PEOPLE:
            raise UsageError(f"people is a whole number from 1 to {MOST_PEOPLE}")
        if type(first) is not int or first < 0:
            raise UsageError("first is a whole number, 0 or more")
        people = self._followers(oa, first, count) if self._world.options.followers else self._reached(oa, first, count)
        if not people:
            raise UsageError(f"{oa.account.id} has nobody from number {first} on")
        return people

    def _followers(self, oa: Oa, first: int, count: int) -> list[str]:
        last = min(self._world.audience(oa), first + count)
        return [self._world.member(oa, index).user_id for index in range(first, last)]

    def _reached(self, oa: Oa, first: int, count: int) -> list[str]:
        return list(islice(self._webhooks.receipts.people(oa), first, first + count))


def _seconds(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= MOST_S:
        raise UsageError(f"over_s is a number from 0 to {MOST_S}")
    return float(value)
