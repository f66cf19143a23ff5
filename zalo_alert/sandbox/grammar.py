"""What a consultation message may be made of: texts, attachments, elements, buttons, and the limits of each.

Source: Zalo OA API, consultation messages and button actions (read 2026-11).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from zalo_alert.sandbox.wire import Refusal, invalid

MOST_TEXT = 2000
MOST_BUTTONS, MOST_TITLE, MOST_SUBTITLE, MOST_QUERY, MOST_SMS = 5, 100, 500, 1000, 160
MOST_ELEMENTS = 5

Use = Callable[[Any, str], None]  # sees that an upload may be used: its id, its kind


def check(message: Any, use: Use) -> str:
    """See that a message is one, and name its kind as the echo of it does.

    Args:
        message: As it came.
        use: Called for every uploaded thing that it names.

    Raises:
        Refusal: It is not valid, or beyond a limit.
    """
    if not isinstance(message, dict):
        raise invalid("message")
    text, attachment = message.get("text"), message.get("attachment")
    if not isinstance(text, str) and (text is not None or attachment is None):
        raise invalid("text")
    if (text is not None and len(text) > MOST_TEXT) or (attachment is None and not text):
        raise Refusal(-210)
    return "text" if attachment is None else _attachment(attachment, use, has_text=bool(text))


def _attachment(attachment: Any, use: Use, *, has_text: bool) -> str:
    payload = attachment.get("payload") if isinstance(attachment, dict) else None
    if not isinstance(payload, dict):
        raise invalid("attachment")
    if attachment.get("type") == "file":
        use(payload.get("token"), "file")
        return "file"
    _buttons(payload.get("buttons"))
    if attachment.get("type") == "template" and has_text and payload.keys() == {"buttons"}:
        return "text"
    kind, elements = payload.get("template_type"), payload.get("elements")
    if attachment.get("type") != "template" or not isinstance(kind, str) or kind not in _SHAPES:
        raise Refusal(-233)
    if not isinstance(elements, list) or not elements or not all(isinstance(element, dict) for element in elements):
        raise invalid("elements")
    return _SHAPES[kind](elements, use)


def _media(elements: Sequence[Mapping[str, Any]], use: Use) -> str:
    if len(elements) != 1:
        raise Refusal(-210)
    element = elements[0]
    kind = element.get("media_type")
    if kind not in ("image", "gif", "sticker"):
        raise Refusal(-233)
    if kind == "sticker":
        if not isinstance(element.get("attachment_id"), str) or not element["attachment_id"]:
            raise invalid("attachment_id")
        return "sticker"
    if kind == "gif" and not all(type(element.get(side)) is int and element[side] > 0 for side in ("width", "height")):
        raise invalid("width" if type(element.get("width")) is not int else "height")
    if ("url" in element) == ("attachment_id" in element):
        raise invalid("attachment_id")
    if "url" in element:
        _url(element["url"], "url")
    else:
        use(element["attachment_id"], kind)
    return str(kind)


def _request(elements: Sequence[Mapping[str, Any]], use: Use) -> str:
    if len(elements) != 1:
        raise Refusal(-210)
    _text(elements[0], "title", MOST_TITLE)
    _text(elements[0], "subtitle", MOST_SUBTITLE)
    _url(elements[0].get("image_url"), "image_url")
    return "template"


def _list(elements: Sequence[Mapping[str, Any]], use: Use) -> str:
    if len(elements) > MOST_ELEMENTS:
        raise Refusal(-210)
    for number, element in enumerate(elements):
        _text(element, "title", MOST_TITLE)
        if number == 0 or "subtitle" in element:
            _text(element, "subtitle", MOST_SUBTITLE)
    return "list"


_SHAPES: Mapping[str, Callable[[Sequence[Mapping[str, Any]], Use], str]] = {
    "media": _media,
    "request_user_info": _request,
    "list": _list,
}


def _text(element: Mapping[str, Any], name: str, longest: int) -> None:
    value = element.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(name)
    if len(value) > longest:
        raise Refusal(-210)


def _url(value: Any, name: str) -> None:
    if not isinstance(value, str) or not value.startswith(("https://", "http://")):
        raise invalid(name)


def _buttons(buttons: Any) -> None:
    if buttons is None:
        return
    if not isinstance(buttons, list) or not all(isinstance(button, dict) for button in buttons):
        raise invalid("buttons")
    if len(buttons) > MOST_BUTTONS:
        raise Refusal(-210)
    for button in buttons:
        _text(button, "title", MOST_TITLE)
        action = _ACTIONS.get(button.get("type", ""))
        if action is None:
            raise invalid("type")
        action(button.get("payload"))


def _open(payload: Any) -> None:
    _url(payload.get("url") if isinstance(payload, dict) else None, "url")


def _query(payload: Any) -> None:
    _text({"payload": payload}, "payload", MOST_QUERY)


def _phone(payload: Any) -> None:
    code = payload.get("phone_code") if isinstance(payload, dict) else None
    if not isinstance(code, str) or not code.isdigit() or not code.startswith("84"):
        raise invalid("phone_code")


def _sms(payload: Any) -> None:
    _phone(payload)
    _text(payload, "content", MOST_SMS)


_ACTIONS: Mapping[str, Callable[[Any], None]] = {
    "oa.open.url": _open,
    "oa.query.show": _query,
    "oa.query.hide": _query,
    "oa.open.phone": _phone,
    "oa.open.sms": _sms,
}


# --- the discontinued ones ------------------------------------------------------------------------------------------------

LEGACY_TYPES = (
    "billing", "order", "reward", "contract", "booking", "membership", "event", "transaction", "account", "internal",
    "partnership", "education", "rating",
)  # fmt: skip
_LEGACY = {"promotion", *(f"transaction_{name}" for name in LEGACY_TYPES)}


def check_legacy(message: Any) -> None:
    """See that a transaction or promotion message of before March 2026 is one.

    Raises:
        Refusal: It is not valid.
    """
    payload = message["attachment"]["payload"]
    if payload.get("template_type") not in _LEGACY:
        raise Refusal(-233)
    if not isinstance(payload.get("elements"), list) or not payload["elements"]:
        raise Refusal(-233)
