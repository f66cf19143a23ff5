"""What happens without the app's doing: people follow, leave, write and fill in forms; Zalo judges templates and quotas.

Each happening changes the sandbox and is told to whoever listens.
"""

import secrets
from dataclasses import replace
from typing import Any

from zalo_alert.errors import UsageError
from zalo_alert.sandbox import events
from zalo_alert.sandbox.messages import Messages
from zalo_alert.sandbox.people import People
from zalo_alert.sandbox.templates import STATUSES, Templates
from zalo_alert.sandbox.webhooks import Webhooks
from zalo_alert.sandbox.wire import ApiRequest, Refusal
from zalo_alert.sandbox.world import Oa, World

_TEXTS = {"user_id", "msg_id", "conversation_id", "text", "source", "template_id", "new_status", "reason"}
# The test that an app's page in the console sends: always the same. Source: captured live (read 2026-11).
CONSOLE_TEST, CONSOLE_PERSON = "console_test", "246845883529197922"
CONSOLE_MESSAGE = {"msg_id": "This is message id", "text": "This is testing message"}
STRANGER = "stranger"


class Life:
    """Makes things happen on request.

    Args:
        world: Whose people.
        templates: Judged.
        messages: Answers to what people write.
        people: Keeps what they fill in.
        webhooks: Told of it all.
    """

    def __init__(self, world: World, templates: Templates, messages: Messages, people: People, webhooks: Webhooks) -> None:
        self._world, self._templates, self._messages, self._people = world, templates, messages, people
        self._webhooks = webhooks

    def happen(self, asked: ApiRequest) -> dict[str, Any]:
        """Make one thing happen, and return the event that tells of it; of an album in many events, the first.

        Args:
            asked: `event_name`, `account` (the first by default), `user_id`, and what more the event holds.

        Raises:
            UsageError: It cannot happen.
        """
        asked = dict(asked)
        name, oa = str(asked.pop("event_name", "")), self.office(asked.pop("account", self._world.oas[0].account.id))
        told = self.make(oa, name, asked)
        for event in told:
            self._webhooks.tell(oa, event)
        return told[0]

    def office(self, account: Any) -> Oa:
        """Find an OA by its account's id; "stranger" is one of the first app's that no account names.

        Raises:
            UsageError: There is none.
        """
        oa = self._world.named.get(account) if isinstance(account, str) else None
        if account == STRANGER:
            oa = self._world.stranger
        if oa is None:
            raise UsageError(f"no account has the id {str(account)[:60]}")
        return oa

    def make(self, oa: Oa, name: str, asked: ApiRequest) -> list[events.Event]:
        """Make one thing happen, and return the events that tell of it, one or more.

        Raises:
            UsageError: It cannot happen.
        """
        _check(asked)
        try:
            return self._apart(self._event(oa, name, asked))
        except KeyError as exc:
            raise UsageError(f"{name} needs {exc.args[0]}") from exc
        except (Refusal, TypeError, ValueError, AttributeError) as exc:
            raise UsageError(f"{name} has something of a wrong kind in it") from exc

    def _apart(self, event: events.Event) -> list[events.Event]:
        """Return an album as the options say: no page tells whether it is one event."""
        attachments = event.get("message", {}).get("attachments", []) if event["event_name"] in events.USER_SENDS else []
        if self._world.options.albums == "one" or len(attachments) < 2:
            return [event]
        parts = []
        for number, attachment in enumerate(attachments):
            message = {**event["message"], "attachments": [attachment]}
            if self._world.options.albums == "many" and number:
                message["msg_id"] = secrets.token_hex(10)
            parts.append({**event, "message": message})
        return parts

    def _event(self, oa: Oa, name: str, asked: ApiRequest) -> events.Event:
        stamp = self._webhooks.stamp()
        if name in ("follow", "unfollow"):
            user = self._person(oa, asked)
            oa.followed[user] = name == "follow"
            if name == "follow":
                self._world.interacted[user] = self._world.now_s()
            return events.followed(oa, user, self._world.by_app(oa, user), name, asked.get("source", "oa_profile"), stamp)
        if name in events.USER_SENDS:
            return self._written(oa, name, asked, stamp)
        if name in events.NOBODY_SENDS:
            return self._written_by_nobody(oa, name, asked, stamp)
        if name == CONSOLE_TEST:
            return events.sent(oa, CONSOLE_PERSON, CONSOLE_PERSON, "user_send_text", CONSOLE_MESSAGE, stamp)
        if name == "user_submit_info":
            return self._filled_in(oa, asked, stamp)
        if name == "change_template_status":
            return self._judged(oa, asked, stamp)
        if name == "change_oa_daily_quota":
            before, after = self._world.options.quota, _number(asked["new_value"])
            self._world.options = replace(self._world.options, quota=after)
            return events.daily_quota(oa, before, after, stamp)
        if name in events.OTHERS:
            return events.other(oa, name, asked, stamp)
        raise UsageError(f'no event is named "{name}"')

    def _person(self, oa: Oa, asked: ApiRequest) -> str:
        user = str(asked["user_id"])
        if not user.isdigit():
            raise UsageError(f'user_id is all digits, not "{user}"')
        if self._world.options.followers and oa is not self._world.stranger:
            try:
                self._world.find(oa, user)
            except Refusal as exc:
                raise UsageError(f"{oa.account.id} has no person {user}") from exc
        return user

    def _written(self, oa: Oa, name: str, asked: ApiRequest, stamp: str) -> events.Event:
        user = self._person(oa, asked)
        message = _message(asked)
        self._world.interacted[user] = self._world.now_s()
        self._messages.inbound[message["msg_id"]] = (user, 0)
        self._messages.talks.ask(oa, user, message["msg_id"], message["text"], int(stamp) / 1000)
        return events.sent(oa, user, self._world.by_app(oa, user), name, message, stamp)

    def _written_by_nobody(self, oa: Oa, name: str, asked: ApiRequest, stamp: str) -> events.Event:
        visitor = str(asked.get("user_id") or secrets.randbelow(10**18) + 10**18)
        conversation = asked.get("conversation_id") or secrets.token_hex(10)
        return events.from_nobody(oa, visitor, name, {**_message(asked), "conversation_id": conversation}, stamp)

    def _filled_in(self, oa: Oa, asked: ApiRequest, stamp: str) -> events.Event:
        user, info = self._person(oa, asked), asked["info"]
        address = info.get("full_address", {})
        names = {"name": "name", "phone": "phone", "user_dob": "user_dob"}
        self._people.tell(
            user,
            {ours: info[theirs] for ours, theirs in names.items() if theirs in info}
            | {"address": address.get("user_address", ""), "city": address.get("user_city", ""), "district": ""},
        )
        self._world.interacted[user] = self._world.now_s()
        return events.submitted(oa, user, info, stamp)

    def _judged(self, oa: Oa, asked: ApiRequest, stamp: str) -> events.Event:
        template, status = self._templates.store.get(str(asked["template_id"])), asked["new_status"]
        if template is None:
            raise UsageError(f"there is no template {asked['template_id']}")
        if status not in STATUSES:
            raise UsageError(f"new_status is one of {', '.join(STATUSES)}")
        before, template.status = template.status, status
        return events.template_status(oa, template.id, before, status, asked.get("reason", ""), stamp)


def _message(asked: ApiRequest) -> dict[str, Any]:
    message_id = asked.get("msg_id") or secrets.token_hex(10)
    if "attachments" in asked:
        return {"msg_id": message_id, "text": asked.get("text", ""), "attachments": asked["attachments"]}
    return {"text": asked.get("text", "message"), "msg_id": message_id}


def _check(asked: ApiRequest) -> None:
    """See that what an event may hold is of its kind.

    Raises:
        UsageError: Something is not.
    """
    for name in _TEXTS & asked.keys():
        if type(asked[name]) not in (str, int):
            raise UsageError(f"{name} is text")
    attachments = asked.get("attachments", [])
    if not isinstance(attachments, list) or not all(isinstance(attachment, dict) for attachment in attachments):
        raise UsageError("attachments is a list of objects")
    info = asked.get("info", {})
    if not isinstance(info, dict) or not isinstance(info.get("full_address", {}), dict):
        raise UsageError("info is an object, and so is full_address in it")


def _number(value: Any) -> int:
    if type(value) not in (str, int) or not str(value).isdecimal():
        raise UsageError("new_value is a whole number, 0 or more")
    return int(value)
