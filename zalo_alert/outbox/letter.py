"""An answer as Zalo reads it: the path and the body of its call.

Source: Zalo OA API, consultation messages, and messages to anonymous visitors (read 2026-11).
"""

from typing import Any

import orjson

from zalo_alert.models import Press
from zalo_alert.outbox.answer import Button
from zalo_alert.outbox.store import Claimed
from zalo_alert.zalo.message_parts import button_of

TO_PERSON, TO_ANONYMOUS = "/v3.0/oa/message/cs", "/v2.0/oa/message"


def path_of(row: Claimed) -> str:
    """Return where an answer is posted: anonymous visitors are written to by the older call alone."""
    return TO_ANONYMOUS if row.conversation else TO_PERSON


def body_of(row: Claimed) -> bytes:
    """Return what is posted."""
    message: dict[str, Any] = {"text": row.text}
    if row.conversation:
        recipient = {"anonymous_id": row.user_id, "conversation_id": row.conversation}
        return orjson.dumps({"recipient": recipient, "message": message})
    if row.quote:
        message["quote_message_id"] = row.quote
    if row.buttons:
        buttons = [_button(Button(**button)) for button in orjson.loads(row.buttons)]
        message["attachment"] = {"type": "template", "payload": {"buttons": buttons}}
    return orjson.dumps({"recipient": {"user_id": row.user_id}, "message": message})


def _button(button: Button) -> dict[str, Any]:
    if button.url:
        return button_of(button.title, Press.URL, button.url)
    if button.phone:
        return button_of(button.title, Press.PHONE, button.phone)
    return button_of(button.title, Press.QUERY, button.payload or button.title)
