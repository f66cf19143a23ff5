"""The names of events that are known here, by what is done with them. Data.

Source: Zalo OA API, webhook events (read 2026-11). A name that is not here is stored and counted, and `doctor` names it.
"""

FOLLOW, UNFOLLOW, SUBMIT_INFO, TEXT = "follow", "unfollow", "user_submit_info", "user_send_text"

_KINDS = ("text", "image", "link", "audio", "video", "sticker", "location", "business_card", "file", "gif")

# What somebody wants read by a person or answered: words, pictures, and requests about their own data.
WORDS = frozenset(
    [f"user_send_{kind}" for kind in _KINDS]
    + [f"anonymous_send_{kind}" for kind in _KINDS]
    + ["user_feedback", "update_user_info", "user_withdraw"]
)
# What is counted, and may change what is known of its person.
COUNTED = frozenset(
    f"""
    {FOLLOW} {UNFOLLOW} {SUBMIT_INFO} user_reacted_message oa_reacted_message user_click_chatnow user_click_response_button
    user_received_message user_seen_message
    oa_send_text oa_send_image oa_send_gif oa_send_list oa_send_file oa_send_sticker oa_send_template
    oa_send_anonymous_text oa_send_anonymous_image oa_send_anonymous_file oa_send_anonymous_sticker
    add_user_to_tag remove_user_from_tag remove_tag
    change_template_status change_template_quality change_template_quota change_oa_template_tags change_oa_daily_quota
    widget_interaction_accepted widget_failed_to_sync_user_external_id
    """.split()
)
# What the person did themselves: everything else is the OA's doing, or Zalo's. Whoever leaves is not heard by that.
BY_PERSON = WORDS | {FOLLOW, SUBMIT_INFO, "user_reacted_message", "user_click_chatnow", "user_click_response_button"} | {
    "widget_interaction_accepted"
}  # fmt: skip


def is_of_a_person(name: str) -> bool:
    """Whether an event names somebody by their id for the OA: anonymous visitors have a conversation's instead."""
    return "anonymous" not in name
