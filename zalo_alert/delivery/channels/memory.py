"""A channel that records whom it was asked to send to, and answers by a function: for tests, ours and our users'."""

from collections import Counter
from collections.abc import Callable

from zalo_alert.models import Accepted, Outcome, Recipient

Answer = Callable[[Recipient, int], Outcome]  # the recipient, and how many times they have been asked, this time included


def accept(recipient: Recipient, times: int) -> Outcome:
    """Accept everyone."""
    return Accepted(f"m{recipient.number}")


class MemoryChannel:
    """See `Channel`; `sent` lists the numbers asked for, in order, `times` how often each was."""

    def __init__(self, answer: Answer = accept) -> None:
        self.sent: list[int] = []
        self.times: Counter[int] = Counter()
        self._answer = answer

    async def send(self, recipient: Recipient) -> Outcome:
        """See `Channel`."""
        self.sent.append(recipient.number)
        self.times[recipient.number] += 1
        return self._answer(recipient, self.times[recipient.number])
