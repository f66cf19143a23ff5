"""A channel that renders every message and sends none."""

from collections.abc import Callable

from zalo_alert.models import Accepted, Outcome, Recipient, Rejected


class DryRunChannel:
    """See `Channel`; renders, so that a fault in one person's message shows before anybody needs it.

    Args:
        compose: Makes a body, or a refusal for whom the route cannot reach.
    """

    def __init__(self, compose: Callable[[Recipient], bytes | Rejected]) -> None:
        self._compose = compose

    async def send(self, recipient: Recipient) -> Outcome:
        """See `Channel`."""
        body = self._compose(recipient)
        return body if isinstance(body, Rejected) else Accepted("")
