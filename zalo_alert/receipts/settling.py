"""The rule by which a receipt or an echo settles somebody of whom nobody knew whether Zalo took their message.

Pure. Nothing here ever settles as not sent, and nothing by a guess: where a receipt may be of two messages, both stay unknown.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from zalo_alert.inbound.event import ReceiptKind
from zalo_alert.models import Reason

EARLY_MS = 5_000  # Zalo's clock and ours may differ by a moment
LATE_MS = 24 * 3600 * 1000  # a phone that was off sends its receipt later; a day on, nobody is settled any more


class Stray(NamedTuple):
    """A receipt whose message belongs to no accepted row of any run; the digest is of its text, where an echo has told that."""

    kind: ReceiptKind
    at_ms: int
    text_digest: bytes


class Owner(NamedTuple):
    """Somebody in a run, of the receipt's OA and person, who may have been sent a message that nobody can name.

    Args:
        run: The run's key in the index.
        number: Who.
        is_unknown: Whether they may be settled: nobody knows whether Zalo took their message, and when it was claimed is known.
        from_s: When it was claimed at the earliest, in seconds since 1970.
        until_s: At the latest.
    """

    run: int
    number: int
    is_unknown: bool
    from_s: int
    until_s: int


class Verdict(StrEnum):
    """What follows from a stray receipt."""

    SETTLED = "settled"
    SEVERAL = "several"
    NOBODY = "nobody"


def judge(stray: Stray, owners: Sequence[Owner], digest_of: Callable[[Owner], bytes | None]) -> tuple[Verdict, list[Owner]]:
    """Say whose message a stray receipt is of.

    Args:
        stray: The receipt.
        owners: Everyone of its OA and person who may have been sent a message that nobody can name, in any run.
        digest_of: The digest of what somebody was sent, b"" where it was no plain text, None where nobody can say any more;
            asked only where the receipt's text is known.

    Returns:
        The only one who fits and may be settled; or those who stay unknown because several fit; or nobody.
    """
    fitting = [owner for owner in owners if fits(stray.at_ms, owner.from_s, owner.until_s)]
    if stray.kind is ReceiptKind.ECHO:
        fitting = [owner for owner in fitting if stray.text_digest and digest_of(owner) in (stray.text_digest, None)]
    elif stray.text_digest:  # of something else that the OA sent: by a person's hand, or another program's
        fitting = [owner for owner in fitting if digest_of(owner) in (stray.text_digest, None, b"")]
    unknown = [owner for owner in fitting if owner.is_unknown]
    if stray.text_digest and len(fitting) == 1 and digest_of(fitting[0]) is None:
        unknown = []  # what cannot be compared is nobody else's, and proves nothing
    if not unknown:
        return Verdict.NOBODY, []
    return (Verdict.SETTLED if len(fitting) == 1 else Verdict.SEVERAL), unknown


def fits(at_ms: int, from_s: int, until_s: int) -> bool:
    """Whether an event's time is that of a message claimed between two seconds."""
    return from_s * 1000 - EARLY_MS <= at_ms <= until_s * 1000 + LATE_MS


def proof_of(kind: ReceiptKind) -> Reason:
    """Return the reason with which a receipt settles somebody."""
    return Reason.ECHO if kind is ReceiptKind.ECHO else Reason.RECEIPT
