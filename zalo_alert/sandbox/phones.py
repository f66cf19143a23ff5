"""What becomes of a message that was accepted: most reach a phone, some are seen, and its sender hears an echo on request."""

import random
from collections.abc import Mapping
from functools import partial
from typing import Any

from zalo_alert.sandbox import events
from zalo_alert.sandbox.echoes import content
from zalo_alert.sandbox.receipts import Told
from zalo_alert.sandbox.webhooks import ZNS, Delivery, Webhooks
from zalo_alert.sandbox.world import Oa, World

TOGETHER_S = 1.0  # what is seen within it, at least, is told in one event where the options say so


class Phones:
    """The phones of people.

    Args:
        world: Whose people.
        webhooks: Told of what they receive.
    """

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self._world, self._webhooks = world, webhooks
        self._rng = random.Random(world.options.seed)
        self._unseen: dict[
            tuple[int, str], tuple[list[str], list[int]]
        ] = {}  # by OA and person: ids, and indices in the receipts

    @property
    def is_on(self) -> bool:
        """Whether anybody listens."""
        return self._webhooks.is_on

    @property
    def lead_s(self) -> float:
        """Return how long receipts come before the answer to a send, in seconds."""
        return max(0.0, -self._world.options.receipt_ms / 1000) if self.is_on else 0.0

    def accepted(self, oa: Oa, user: str, tracking_id: str, kind: str, said: Any) -> None:
        """Tell what becomes of the message that was accepted last.

        Args:
            oa: Who sent it.
            user: To whom: a user_id, a phone number or its hash.
            tracking_id: By phone, the sender's mark; else empty.
            kind: As its echo is named.
            said: The message itself.
        """
        options, number = self._world.options, self._world.accepted
        index = self._webhooks.receipts.add(oa, user, number)
        message_id, now_s = f"{number:020x}", self._world.now_s()
        if options.echoes and kind:
            self._echo(oa, user, message_id, kind, said, index)
        if self._rng.random() >= options.receipts:
            return
        at_s = now_s + max(0.0, options.receipt_ms) / 1000
        if tracking_id:
            write = partial(events.delivered, oa, user, message_id, tracking_id, str(round(at_s * 1000)))
            self._webhooks.send(Delivery(oa, events.RECEIVED, at_s, write, ZNS, Told.DELIVERED, [index]))
            return
        write = partial(events.received, oa, user, message_id)
        self._webhooks.send(Delivery(oa, events.RECEIVED, at_s, write, told=Told.DELIVERED, messages=[index]))
        if self._rng.random() < options.seen:
            self._see(oa, user, message_id, index, at_s + options.seen_ms / 1000)

    def _see(self, oa: Oa, user: str, message_id: str, index: int, at_s: float) -> None:
        if not self._world.options.seen_together:
            write = partial(events.seen, oa, user, (message_id,))
            self._webhooks.send(Delivery(oa, events.SEEN, at_s, write, told=Told.SEEN, messages=[index]))
            return
        ids, indices = self._unseen.setdefault((oa.number, user), ([], []))
        ids.append(message_id)
        indices.append(index)
        if len(ids) == 1:
            at_s = max(at_s, self._world.now_s() + TOGETHER_S)
            write = partial(self._seen_together, oa, user, ids)
            self._webhooks.send(Delivery(oa, events.SEEN, at_s, write, told=Told.SEEN, messages=indices))

    def _seen_together(self, oa: Oa, user: str, ids: list[str], stamp: str) -> events.Event:
        self._unseen.pop((oa.number, user), None)  # what is seen from now on is told in the next
        return events.seen(oa, user, ids, stamp)

    def _echo(self, oa: Oa, user: str, message_id: str, kind: str, said: Mapping[str, Any], index: int) -> None:
        by_app = self._world.by_app(oa, user)
        write = partial(events.echo, oa, user, by_app, message_id, kind, content(kind, said))
        self._webhooks.send(Delivery(oa, f"oa_send_{kind}", self._world.now_s(), write, told=Told.ECHO, messages=[index]))
