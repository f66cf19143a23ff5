"""Waiting until it is known whether an answer can be believed; see `base.Line`."""

import asyncio

from zalo_alert.models import Outcome


async def is_certain(outcome: Outcome) -> bool:
    """Wait until it is known whether an outcome was this person's: of somebody else's, theirs may have been executed."""
    if outcome.awaits is None:
        return True
    verdict: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    outcome.awaits.tell(lambda is_theirs: None if verdict.done() else verdict.set_result(is_theirs))
    return await verdict
