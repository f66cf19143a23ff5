"""Events as Zalo sends them, for tests."""

import orjson

APP, OA, PERSON = "360846524940903967", "388613280878808645", "246845883529197922"


def said(**changes):
    """Make the body of an event: what a person says, but for some changes; None leaves a part out."""
    event = {
        "app_id": APP,
        "sender": {"id": PERSON},
        "user_id_by_app": "552177279717587730",
        "recipient": {"id": OA},
        "event_name": "user_send_text",
        "message": {"text": "nước lên", "msg_id": "96d3cdf3af150460909"},
        "timestamp": "1787209817225",
    }
    return orjson.dumps({name: value for name, value in (event | changes).items() if value is not None})


def receipt(name, message, **changes):
    """Make the body of an event that speaks of a message of the OA."""
    return said(event_name=name, sender={"id": OA}, recipient={"id": PERSON}, message=message, **changes)
