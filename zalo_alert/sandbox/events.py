"""What Zalo tells an app, as it is written: one function for each shape of event, fields in the order of the documentation.

Source: Zalo OA API and ZBS, webhook pages (read 2026-11).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from zalo_alert.sandbox.world import Oa

Event = dict[str, Any]
RECEIVED, SEEN = "user_received_message", "user_seen_message"

USER_SENDS = (
    "user_send_text", "user_send_image", "user_send_link", "user_send_audio", "user_send_video", "user_send_sticker",
    "user_send_location", "user_send_business_card", "user_send_file", "user_send_gif",
)  # fmt: skip
NOBODY_SENDS = ("anonymous_send_text", "anonymous_send_image", "anonymous_send_sticker", "anonymous_send_file")
# Told as they are handed in: nothing in the sandbox follows from them.
OTHERS = (
    "user_reacted_message", "oa_reacted_message", "user_click_chatnow", "oa_send_text", "oa_send_image", "oa_send_gif",
    "oa_send_list", "oa_send_file", "oa_send_sticker", "oa_send_template", "add_user_to_tag",
    "remove_user_from_tag", "remove_tag", "update_user_info", "user_withdraw", "change_template_quality", "change_template_quota",
    "change_oa_template_tags", "user_feedback", "user_click_response_button", "widget_interaction_accepted",
    "widget_failed_to_sync_user_external_id",
)  # fmt: skip


def followed(oa: Oa, user: str, by_app: str, name: str, source: str, stamp: str) -> Event:
    """Tell that a person has followed, or left."""
    return {
        "oa_id": oa.oa_id, "follower": {"id": user}, "user_id_by_app": by_app, "event_name": name, "source": source,
        "app_id": oa.app.app_id, "timestamp": stamp,
    }  # fmt: skip


def sent(oa: Oa, user: str, by_app: str, name: str, message: Mapping[str, Any], stamp: str) -> Event:
    """Tell that a person has written."""
    return {
        "app_id": oa.app.app_id, "sender": {"id": user}, "user_id_by_app": by_app, "recipient": {"id": oa.oa_id},
        "event_name": name, "message": message, "timestamp": stamp,
    }  # fmt: skip


def received(oa: Oa, user: str, message_id: str, stamp: str) -> Event:
    """Tell that a message has reached a person's phone."""
    return {
        "app_id": oa.app.app_id, "sender": {"id": oa.oa_id}, "recipient": {"id": user}, "event_name": RECEIVED,
        "message": {"msg_id": message_id}, "timestamp": stamp,
    }  # fmt: skip


def seen(oa: Oa, user: str, message_ids: Sequence[str], stamp: str) -> Event:
    """Tell that a person has seen some messages."""
    return {
        "app_id": oa.app.app_id, "sender": {"id": oa.oa_id}, "recipient": {"id": user}, "event_name": SEEN,
        "message": {"msg_ids": list(message_ids)}, "timestamp": stamp,
    }  # fmt: skip


def delivered(oa: Oa, to: str, message_id: str, tracking_id: str, arrived: str, stamp: str) -> Event:
    """Tell that a message by phone has arrived; `to` is the phone or its hash, `arrived` when it did."""
    message = {"delivery_time": arrived, "msg_id": message_id, "tracking_id": tracking_id}
    return {
        "sender": {"id": oa.oa_id}, "recipient": {"id": to}, "event_name": RECEIVED, "message": message,
        "app_id": oa.app.app_id, "timestamp": stamp,
    }  # fmt: skip


def submitted(oa: Oa, user: str, info: Mapping[str, Any], stamp: str) -> Event:
    """Tell what a person has filled in."""
    return {
        "sender": {"id": user}, "recipient": {"id": oa.oa_id}, "event_name": "user_submit_info", "app_id": oa.app.app_id,
        "timestamp": stamp, "info": info,
    }  # fmt: skip


def echo(oa: Oa, user: str, by_app: str, message_id: str, kind: str, said: Mapping[str, Any], stamp: str) -> Event:
    """Tell an OA what it has sent itself; `kind` is text, image, gif, list, file, sticker or template.

    `sender.admin_id` would name an officer who wrote in Zalo's own chat tool; what an app sends has none.
    """
    return {
        "app_id": oa.app.app_id, "sender": {"id": oa.oa_id}, "recipient": {"id": user}, "event_name": f"oa_send_{kind}",
        "message": {**said, "msg_id": message_id}, "user_id_by_app": by_app, "timestamp": stamp,
    }  # fmt: skip


def from_nobody(oa: Oa, visitor: str, name: str, message: Mapping[str, Any], stamp: str) -> Event:
    """Tell that somebody has written who is not logged in; `message` names the conversation."""
    return {
        "app_id": oa.app.app_id, "sender": {"id": visitor}, "recipient": {"id": oa.oa_id}, "event_name": name,
        "message": message, "timestamp": stamp,
    }  # fmt: skip


def template_status(oa: Oa, template_id: str, before: str, after: str, reason: str, stamp: str) -> Event:
    """Tell that a template was approved, refused or disabled."""
    return {
        "oa_id": oa.oa_id, "app_id": oa.app.app_id, "event_name": "change_template_status", "template_id": template_id,
        "status": {"prev_status": before, "new_status": after}, "reason": reason, "timestamp": stamp,
    }  # fmt: skip


def daily_quota(oa: Oa, before: int, after: int, stamp: str) -> Event:
    """Tell of a new daily quota; the OA's id is spelt differently here."""
    return {
        "oaId": oa.oa_id, "app_id": oa.app.app_id, "event_name": "change_oa_daily_quota",
        "quota": {"prev_value": before, "new_value": after}, "timestamp": stamp,
    }  # fmt: skip


def other(oa: Oa, name: str, fields: Mapping[str, Any], stamp: str) -> Event:
    """Tell anything else."""
    return {"oa_id": oa.oa_id, "app_id": oa.app.app_id, "event_name": name, **fields, "timestamp": stamp}
