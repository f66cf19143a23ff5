"""What is left of the quotas beside what a plan would ask for, and what its correction would if it were wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _, count
from zalo_alert.models import Campaign
from zalo_alert.pacing.quotas import KINDS, Kind, QuotaLeft
from zalo_alert.planning.follow_up import first_route
from zalo_alert.planning.plan import Plan


@dataclass(frozen=True, slots=True)
class QuotaNeed:
    """What is left of one quota over all accounts, beside what would be asked for.

    Args:
        kind: Which quota.
        left: Over all accounts.
        needed: Up to how many are asked for.
        correction: How many more, if everybody reached had to be told that it was wrong.
    """

    kind: Kind
    left: int
    needed: int
    correction: int = 0

    def notice(self) -> Notice:
        """Say it, loudly where it is not enough."""
        fields = {
            "account": None, "kind": self.kind.value, "left": self.left, "total": None, "needed": self.needed,
            "correction": self.correction, "heard_at": None,
        }  # fmt: skip
        is_enough = self.needed + self.correction <= self.left
        return Notice(self._sentence(), "quota", Level.PLAIN if is_enough else Level.ALARM, fields)

    def _sentence(self) -> str:
        amounts = {"kind": self.kind.value, "left": count(self.left), "needed": count(self.needed)}
        if self.needed > self.left:
            return _(
                "quota ({kind}): {left} left, up to {needed} needed: {waiting} must wait until it is there again",
                waiting=count(self.needed - self.left),
                **amounts,
            )
        if not self.correction:
            return _("quota ({kind}): {left} left, up to {needed} needed", **amounts)
        amounts["correction"] = count(self.correction)
        if self.needed + self.correction > self.left:
            return _(
                "quota ({kind}): {left} left, up to {needed} needed: the alert goes first, and its correction needs "
                "{correction} more: {lacking} would wait until it is there again",
                lacking=count(self.needed + self.correction - self.left),
                **amounts,
            )
        return _("quota ({kind}): {left} left, up to {needed} needed, {correction} kept back for its correction", **amounts)


def kinds_of(campaign: Campaign) -> set[Kind]:
    """Return the quotas that a campaign and its correction use."""
    routes = [*campaign.routes, *(campaign.correction.routes if campaign.correction else ())]
    return {KINDS[route.type] for route in routes if route.type in KINDS}


def quota_notices(plan: Plan, quotas: Sequence[Mapping[Kind, QuotaLeft]]) -> list[Notice]:
    """Hold what is left of each quota against what the plan would ask for.

    Args:
        plan: Of which campaign.
        quotas: Of each of its accounts, as far as it has told.
    """
    notices, correction = [], _correction_needs(plan)
    for kind in Kind:
        left = [quota[kind].left for quota in quotas if kind in quota]
        if left and len(left) == len(quotas):  # somebody's is not known otherwise, so nothing can be said of all
            needed = sum(row.asked for row in plan.routes if KINDS.get(row.type) is kind)
            notices.append(QuotaNeed(kind, sum(left), needed, correction.get(kind, 0)).notice())
    return notices


def _correction_needs(plan: Plan) -> dict[Kind, int]:
    """Count the messages of a correction to everybody whom the plan reaches, each by the route that would be tried first."""
    needs: dict[Kind, int] = {}
    routes = plan.campaign.correction.routes if plan.campaign.correction else ()
    for row in plan.routes if routes else ():
        route = routes[first_route(row.type, routes)]
        if kind := KINDS.get(route.type):
            needs[kind] = needs.get(kind, 0) + row.reachable
    return needs
