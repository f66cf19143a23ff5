"""What an answer to somebody is, before it is on its way. Values alone."""

from enum import StrEnum
from typing import NamedTuple, TypeAlias

from zalo_alert.models import OnUnknown, Rank

__all__ = ["Answer", "Button", "OnUnknown", "Want", "Why"]

Want: TypeAlias = tuple[str, str, Rank]  # what the pace grants calls for: an OA, the app that answers ("" for its own), a rank


class Why(StrEnum):
    """Why an answer was not posted, or how what became of it is known, where no answer of Zalo's says so."""

    REPLACED = "replaced"  # by a later one to the same question
    SHED = "shed"  # too many waited, and others were more urgent
    FORGOTTEN = "forgotten"  # its person was
    EXPIRED = "expired"
    RESTORED = "restored"  # it waited in a backup: another machine may have posted it since
    CRASH = "crash"  # the process that posted it died before it could write down what came of it


class Button(NamedTuple):
    """One button below an answer: sends `payload` back, opens `url` or calls `phone`; just one of them is given."""

    title: str
    payload: str = ""
    url: str = ""
    phone: str = ""


class Answer(NamedTuple):
    """One answer to one person. Times are milliseconds since 1970; ids are Zalo's.

    Args:
        file: With `seq` and `n` where it comes from, and there is one answer from there at most: the event's file and number;
            an officer's has `case:` and the case's number, and the number of the entry.
        seq: See `file`.
        n: Which answer to the event it is: 0, 1, …
        oa: Who answers.
        user_id: Whom; of an anonymous visitor their `anonymous_id`.
        rank: How urgent it is beside other answers and runs.
        rule: By what it is counted, such as `police-qa/can-cuoc`.
        topic: A later answer to the same person with the same topic takes its place while it waits; "" is replaced by none.
        text: At most 2,000 characters.
        buttons: At most five.
        made_ms: When it was made.
        expires_ms: From then on it is not posted any more.
        on_unknown: What to do where no clear answer comes back: keep it as unknown, or post it again.
        via_app: The app that posts it, "" for the account's own.
        quote: The message that it answers.
        is_private: Nothing of it is kept once it is over: neither its text nor the body of the event that it answers.
        conversation: Of an anonymous visitor.
    """

    file: str
    seq: int
    n: int
    oa: str
    user_id: str
    rank: Rank
    rule: str
    topic: str
    text: str
    buttons: tuple[Button, ...]
    made_ms: int
    expires_ms: int
    on_unknown: OnUnknown = OnUnknown.HOLD
    via_app: str = ""
    quote: str = ""
    is_private: bool = False
    conversation: str = ""
