"""What Zalo tells an app: events, signed, told again when they were not heard."""

from zalo_alert.sandbox.world import Oa, World


class Webhooks:
    """Events on their way.

    Args:
        world: Whose.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def is_on(self) -> bool:
        """Whether anybody listens."""
        return False

    def accepted(self, oa: Oa, user: str, mark: str, now_s: float, tracking_id: str) -> None:
        """Tell of the receipts of a message; by phone it has a `tracking_id`."""
