"""Channels that send once more do so only when it is certain that the first call was not executed."""

import asyncio
from collections.abc import Callable

import pytest

from zalo_alert.delivery.channels.base import Channel
from zalo_alert.delivery.channels.wrappers import ATTACHMENT_EXPIRED, RejectMissingValue, RenewToken, ReuploadExpired
from zalo_alert.models import Accepted, Deferred, Outcome, Reason, Recipient, Rejected, Unknown
from zalo_alert.testing import MemorySource

PERSON = MemorySource(1).people([0])[0]


class Evidence:
    """Tells a moment later."""

    def __init__(self, believed: bool) -> None:
        self.believed = believed

    def tell(self, told: Callable[[bool], None]) -> None:
        asyncio.get_running_loop().call_soon(told, self.believed)


class Inner:
    """Answers with one outcome, then accepts."""

    def __init__(self, first: Outcome) -> None:
        self.answers = [first, Accepted("m")]

    async def send(self, recipient: Recipient) -> Outcome:
        return self.answers.pop(0)


class Renewing:
    """A token, or a file, that can be had anew."""

    token, edition = "old", 1
    refusal, is_passing = "", False

    async def renew(self, *stale: object) -> bool:
        return True

    def id_of(self, account: int) -> str:
        return "id"


WAYS: dict[str, tuple[Deferred, Callable[[Channel], Channel]]] = {
    "token": (Deferred(Reason.TOKEN, -216), lambda inner: RenewToken(inner, [Renewing()])),
    "file": (Deferred(Reason.BAD_MESSAGE, ATTACHMENT_EXPIRED), lambda inner: ReuploadExpired(inner, Renewing())),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("evidence", "outcome"),
    [(None, Accepted("m")), (Evidence(True), Accepted("m")), (Evidence(False), None)],
    ids=["certain", "proved", "another person's"],
)
def test_nobody_is_written_to_again_on_a_refusal_that_may_be_anothers(way, evidence, outcome):
    refusal, around = WAYS[way]
    inner = Inner(Deferred(refusal.reason, refusal.code, awaits=evidence))
    found = asyncio.run(around(inner).send(PERSON))

    assert found == (outcome or Unknown(Reason.OUT_OF_STEP, refusal.code))
    assert len(inner.answers) == (0 if outcome else 1)


def test_a_complaint_about_a_missing_value_waits_for_its_proof_like_any_other():
    evidence = Evidence(True)
    channel = RejectMissingValue(Inner(Deferred(Reason.BAD_MESSAGE, -1122, awaits=evidence)), lambda recipient: True)
    found = asyncio.run(channel.send(PERSON))

    assert found == Rejected(Reason.NO_VALUE, -1122)
    assert found.awaits is evidence
