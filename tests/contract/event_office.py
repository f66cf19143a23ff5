"""A sandbox in this process, for tests of what it tells: no network, and its clock is moved by hand."""

import json
from dataclasses import replace
from typing import Any

from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.state import State
from zalo_alert.sandbox.wire import Request
from zalo_alert.sandbox.world import accounts

URL = "http://127.0.0.1:9/zalo"


class Office:
    """A sandbox whose events are taken from its queue by hand."""

    def __init__(self, **options: Any) -> None:
        values: dict[str, Any] = {"app_per_minute": 0, "webhook_url": URL, "receipts": 1, "seen": 0} | options
        made = Options(**values)
        self.state = State(made, accounts(made))
        self.hooks, self.world = self.state.webhooks, self.state.world

    def send(self, user="77", path="/v3.0/oa/message/cs", **body):
        body = body or {"recipient": {"user_id": user}, "message": {"text": "Bão số 3"}}
        headers = {b"access_token": self.world.oas[0].access}
        return self.state.answer(Request("POST", path, "", headers, json.dumps(body).encode()))

    def take(self, *, heard=True, was_told=True):
        """Take all that is due as a listener does; return it."""
        taken = []
        while delivery := self.hooks.due():
            taken.append(delivery)
            if was_told:
                self.hooks.told(delivery)
            self.hooks.settle(delivery, heard=heard, was_told=was_told)
        return taken

    def events(self):
        return [json.loads(delivery.body) for delivery in self.take()]

    def counts(self) -> Any:
        return self.hooks.as_json()

    def receipts(self):
        return [json.loads(line) for line in self.hooks.lines()]

    def change(self, **options):
        self.world.options = replace(self.world.options, **options)

    def pass_s(self, seconds):
        self.world.offset_s += seconds
