"""What an echo says of a message that an OA has sent, by the kind that the echo's name has.

Source: Zalo OA API, webhook pages, events of what the OA sends (read 2026-11).
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

Content = dict[str, Any]


def content(kind: str, said: Mapping[str, Any]) -> Content:
    """Return what the echo's `message` holds beside its id.

    Args:
        kind: text, image, gif, list, file, sticker or template.
        said: The message as it was sent; by template the whole request.
    """
    if kind == "text":
        return {"text": said["text"]}
    if kind == "template":
        return {"attachments": [{"type": "template", "payload": _template(said)}]}
    payload = said["attachment"]["payload"]
    text = {"text": said["text"]} if said.get("text") else {}
    if kind == "file":
        return text | {"attachments": [{"type": "file", "payload": _file(payload)}]}
    attachments = [{"type": "link" if kind == "list" else kind, "payload": _PAYLOADS[kind](own)} for own in payload["elements"]]
    return text | {"attachments": attachments}


def _media(element: Mapping[str, Any]) -> Content:
    url = element.get("url") or f"https://f20-zpc.zdn.vn/{element['attachment_id']}"
    return {"thumbnail": url, "url": url}


def _sticker(element: Mapping[str, Any]) -> Content:
    identity = element["attachment_id"]
    return {"id": identity, "url": f"https://zalo-api.zadn.vn/api/emoticon/sticker/webpc?eid={identity}"}


def _link(element: Mapping[str, Any]) -> Content:
    return {"title": element["title"], "description": element.get("subtitle", ""), "thumbnail": element.get("image_url", "")}


def _file(payload: Mapping[str, Any]) -> Content:
    token = str(payload["token"])
    return {
        "size": "1024", "name": "tep.pdf", "checksum": _digest(token), "type": "pdf", "url": f"https://f20-zpc.zdn.vn/{_digest(token)}",
    }  # fmt: skip


def _template(said: Mapping[str, Any]) -> Content:
    digest = _digest(orjson.dumps(said).decode())
    return {"zinstant_id": digest[:20], "text": "", "link_url": "", "checksum": digest}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


_PAYLOADS = {"image": _media, "gif": _media, "sticker": _sticker, "list": _link}
