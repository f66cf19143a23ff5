"""What must hold in a correction and an all-clear: whoever the alert reaches is reached by them as well."""

from collections.abc import Collection, Iterator, Sequence

from zalo_alert.campaign.build import follow_up_routes
from zalo_alert.campaign.findings import Findings, Sending
from zalo_alert.campaign.follow_up import Section, key_path, parts
from zalo_alert.campaign.form import BROADCAST, FollowUpForm
from zalo_alert.campaign.route_rules import check_routes
from zalo_alert.errors import Problem
from zalo_alert.foundation.yaml_document import Document, KeyPath
from zalo_alert.language import _, joined
from zalo_alert.models import Campaign, MsgType, Route, RouteType, Status, Urgency

_EXAMPLES = {
    "phone": "routes: [{type: phone, template_id: …}]",
    "template": "routes: [{type: template, template_id: …}]",
    BROADCAST: "routes: [{type: broadcast, cover: …, author: …}]",
}
BY_ID = frozenset(RouteType) - {RouteType.PHONE}  # the routes that reach a follower by their id of the OA


def check_follow_ups(findings: Findings) -> None:
    """Check the routes of what may follow the alert."""
    for form, sending in findings.follow_ups():
        check_routes(findings, sending)
        _check_reach(findings, form, sending)


def _check_reach(findings: Findings, form: FollowUpForm, sending: Sending) -> None:
    """Have nobody reached by the alert whom this would not reach: a follower by their id, a phone number by that number."""
    first = [route.type for route in findings.form.routes or () if route.type]
    later = {route.type for route in follow_up_routes(findings.form, form) if route.type}
    if missed := _unreached(first, later):
        at = sending.routes_at if findings.has(sending.routes_at) else sending.texts_at
        findings.add(
            at,
            _(
                "reaches nobody whom the alert reaches by {routes}: give it a route for them, such as {example}",
                routes=joined(missed),
                example=_EXAMPLES.get(missed[0], _EXAMPLES["template"]),
            ),
        )


def _unreached(first: Sequence[str], later: Collection[str]) -> list[str]:
    """Return the kinds of route whose people none of the later kinds reaches."""
    if not later:
        return list(dict.fromkeys(first))
    missed = (set() if BY_ID.intersection(later) else BY_ID) | ({"phone"} - set(later))
    return [kind for kind in dict.fromkeys(first) if kind in missed]


def follow_up_remarks(document: Document, campaign: Campaign) -> Iterator[Problem]:
    """Say whom the alert reaches and what may follow perhaps doesn't, and what a real alert will need later."""
    for name, part in parts(campaign).items():
        at: KeyPath = key_path(name)
        if campaign.broadcast and not part.broadcast:
            yield document.problem(
                at,
                _("has no broadcast: whoever reads the alert's article would not read this; add {type: broadcast, …}"),
            )
        if _needs_consent(part.routes) and not _needs_consent(campaign.routes):
            yield document.problem(
                at,
                _(
                    "reaches followers by cs only, which Zalo delivers to whoever wrote to the OA within seven days, and the "
                    "alert has other routes to them: add a template"
                ),
            )

    if not campaign.all_clear and _will_end(campaign):
        yield document.problem(
            (Section.ALL_CLEAR.value,),
            _("is missing: written and approved with the alert, it goes out at once when the danger is over"),
        )


def _will_end(campaign: Campaign) -> bool:
    """Whether it is a real alert of a danger that is there or near."""
    is_warning = campaign.status is Status.ACTUAL and campaign.msg_type is not MsgType.CANCEL
    return is_warning and campaign.urgency in {Urgency.IMMEDIATE, Urgency.EXPECTED}


def _needs_consent(routes: Sequence[Route]) -> bool:
    """Whether a follower is reached within seven days of having written to the OA only."""
    by_id = {route.type for route in routes} & BY_ID
    return by_id == {RouteType.CS}
