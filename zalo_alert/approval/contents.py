"""What a run would send, as the half of a request that is built anew each time: from its files, the settings and the code.

Long lists stand there by digest and number, so that a request of the whole country stays readable; what a person reads stands
there in full. Source of the parts: docs/decisions/0012.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from zalo_alert import places
from zalo_alert.approval.request import canonical
from zalo_alert.campaign.render import Renderer
from zalo_alert.foundation.digests import digest_of, digest_of_json
from zalo_alert.models import Area, Broadcast, Button, Campaign, FieldValue, FollowUp, Route, RouteType, Translation, Variant
from zalo_alert.runs.facts import RunPlace
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings

MOST_TEXTS = 24  # texts that stand there in full; more are there by digest
MOST_LISTED = 64  # places, areas, staff: as many as there are provinces, and some

Json = Any


def what_of(run: Run, campaign: Campaign, settings: Settings) -> dict[str, Json]:
    """Build the determined half of a run's request.

    Args:
        run: Frozen; its shards count by the digests that it was frozen with, which `check_seal` holds against the bytes.
        campaign: As frozen.
        settings: Of now.
    """
    facts, run_places = run.facts, run.places()
    return {
        "run": facts.id,
        "occurrence": facts.occurrence,
        "kind": facts.kind,
        "follows": list(facts.parent),
        "text_given": facts.text_given,
        "digest": facts.digest,
        "profile": settings.profile,
        "rehearsal": settings.rehearses,
        "hosts": settings.destinations(),
        "accounts": [[account.id, account.oa_id, account.app_id] for account in map(settings.account, facts.accounts)],
        **alert_of(campaign),
        "campaign": facts.campaign_digest,
        "files": [list(file) for file in facts.files],
        "texts": _texts(campaign, run_places),
        "renderings": _renderings(campaign, run_places),
        "places": listed([list(place) for place in run_places]),
        "audience": {
            "people": facts.audience - facts.withheld,
            "withheld": facts.withheld,
            "over_cap": facts.over_cap,
            "staff": facts.staff,
            "provinces": [list(row) for row in provinces_of(run.sent_places())],
            "shards": dict(facts.parts).get("audience", ""),
            "list": facts.recipients_digest,
        },
        "ready": ready_of(campaign, run_places),
        "overrides": dict(facts.overrides),
        "correction": follow_up_as_json(campaign.correction),
        "all_clear": follow_up_as_json(campaign.all_clear),
    }


def alert_of(campaign: Campaign) -> dict[str, Json]:
    """Return what a campaign itself says, without what anybody reads."""
    limits, broadcast = campaign.limits, campaign.broadcast
    return {
        "code": campaign.code,
        "status": campaign.status,
        "msg_type": campaign.msg_type,
        "event": campaign.event,
        "risk_level": campaign.risk_level,
        "urgency": campaign.urgency,
        "severity": campaign.severity,
        "certainty": campaign.certainty,
        "effective": campaign.effective.isoformat(),
        "onset": campaign.onset.isoformat() if campaign.onset else None,
        "expires": campaign.expires.isoformat(),
        "references": list(campaign.references),
        "areas": listed(_labels(campaign.audience.areas)),
        "order": listed(_labels(campaign.order)),
        "routes": list(map(_route, campaign.routes)),
        "broadcast": None if broadcast is None else _broadcast(broadcast),
        "limits": {"rate_per_s": limits.rate_per_s, "attempts": limits.attempts, "on_unknown": limits.on_unknown},
        "canary": campaign.canary,
        **_since_then(campaign),
    }


def _since_then(campaign: Campaign) -> dict[str, Json]:
    """Return what campaigns may say since requests were first made; nothing of it where a campaign says nothing."""
    said = {
        "response_types": list(campaign.response_types),
        "fields": {name: _field(value) for name, value in campaign.fields.items()},
        "languages": [list(each) for each in checkers_of(campaign)],
    }
    return {name: value for name, value in said.items() if value}


def _field(value: FieldValue) -> Json:
    return value.isoformat() if isinstance(value, datetime) else value


def checkers_of(campaign: Campaign) -> list[tuple[str, str]]:
    """Return who answers for each language of a campaign, of what may follow it too: `("km", "Thạch Sơn")`, each once."""
    follow_ups = [part for part in (campaign.correction, campaign.all_clear) if part]
    texts: list[Campaign | Variant | FollowUp] = [campaign, *campaign.variants, *follow_ups]
    return list(dict.fromkeys((each.language, each.checked_by) for part in texts for each in part.languages))


def _labels(areas: Sequence[Area]) -> list[str]:
    return [area.label for area in areas]


def _broadcast(broadcast: Broadcast) -> dict[str, Json]:
    if broadcast.article:
        return {"article": broadcast.article, "author": broadcast.signed_by}
    return {"cover": broadcast.cover, "author": broadcast.author}


def _route(route: Route) -> dict[str, Json]:
    return {
        "type": route.type,
        "template_id": route.template_id,
        "hashed": route.is_hashed,
        "development": route.is_development,
        "image": route.image,
        "file": route.file,
        "buttons": list(map(_button, route.buttons)),
    }


def _button(button: Button) -> list[str]:
    return [button.title, button.press, button.value]


def follow_up_as_json(follow_up: FollowUp | None) -> dict[str, Json] | None:
    """Return what may follow an alert, as it stands in the alert's request."""
    if follow_up is None:
        return None
    routes = [{**_route(route), "data": dict(route.data)} for route in follow_up.routes]
    broadcast = follow_up.broadcast
    return {
        "headline": follow_up.headline,
        "text": follow_up.text,
        "routes": routes,
        "broadcast": None if broadcast is None else {"cover": broadcast.cover, "author": broadcast.author},
        **languages_of(follow_up.languages),
    }


def languages_of(languages: Sequence[Translation]) -> dict[str, Json]:
    """Return what stands below a text in other languages, as written; nothing where there is none."""
    return {"languages": [[each.language, each.text, each.checked_by] for each in languages]} if languages else {}


# --- what people read ------------------------------------------------------------------------------------------------------


def _texts(campaign: Campaign, run_places: Sequence[RunPlace]) -> Json:
    return listed(list(texts_of(campaign, run_places)), MOST_TEXTS)


def texts_of(campaign: Campaign, run_places: Sequence[RunPlace]) -> Iterator[dict[str, Json]]:
    """Yield each text that differs in more than the name of a place, as its largest place reads it."""
    renderer = Renderer(campaign)
    if campaign.broadcast:
        label = places.name_target(campaign.audience.areas, campaign.audience.target)
        article = renderer.article(label)
        yield {"route": "broadcast", "place": label, "headline": article.title, "text": "\n\n".join(article.paragraphs)}
    largest: dict[int | None, RunPlace] = {}
    for place in run_places:
        if place.variant not in largest or place.people > largest[place.variant].people:
            largest[place.variant] = place
    for variant, place in sorted(largest.items(), key=lambda item: -1 if item[0] is None else item[0]):
        for number, route in enumerate(campaign.routes):
            yield {"route": route.type, "place": place.label, **_as_read(renderer, number, route, place), "variant": variant}


def _as_read(renderer: Renderer, number: int, route: Route, place: RunPlace) -> dict[str, Json]:
    if route.type in (RouteType.TEMPLATE, RouteType.PHONE):
        return {"template_id": route.template_id, "data": renderer.data(number, place.label, place.variant)}
    headline, text = renderer.headline(place.label, place.variant), renderer.text(place.label, place.variant)
    return {"headline": headline, "text": text}


def ready_of(campaign: Campaign, run_places: Sequence[RunPlace]) -> dict[str, dict[str, Json]]:
    """Return what is ready to follow an alert, as its largest place would read it; see `follow_up_as_json` for it as written."""
    largest = max(run_places, key=lambda place: place.people, default=None)
    follow_ups = {"correction": campaign.correction, "all_clear": campaign.all_clear}
    label = largest.label if largest else places.name_target(campaign.audience.areas, campaign.audience.target)
    return {name: _ready(campaign, follow_up, label) for name, follow_up in follow_ups.items() if follow_up}


def _ready(campaign: Campaign, follow_up: FollowUp, label: str) -> dict[str, Json]:
    own = replace(
        campaign,
        headline=follow_up.headline,
        text=follow_up.text,
        routes=follow_up.routes,
        broadcast=follow_up.broadcast,
        variants=(),
        languages=follow_up.languages,
    )
    renderer = Renderer(own)
    texts = list(texts_of(own, [RunPlace("", label, None, 0)]))
    return {"place": label, "headline": renderer.headline(label), "text": renderer.text(label, None), "texts": texts}


def _renderings(campaign: Campaign, run_places: Sequence[RunPlace]) -> dict[str, Json]:
    """Digest everything that anybody would read, place by place and route by route."""
    renderer = Renderer(campaign)
    kinds = sorted({(place.label, -1 if place.variant is None else place.variant) for place in run_places})
    rendered = [
        _as_read(renderer, number, route, RunPlace("", label, None if variant < 0 else variant, 0))
        for label, variant in kinds
        for number, route in enumerate(campaign.routes)
    ]
    return {"count": len(rendered), "digest": digest_of(canonical(rendered))}


def listed(values: list[Json], most: int = MOST_LISTED) -> dict[str, Json]:
    """Return a list with its number and digest, and as much of it in full as a person reads."""
    return {"count": len(values), "digest": digest_of_json(values), "first": values[:most]}


def provinces_of(run_places: Sequence[RunPlace]) -> list[tuple[str, int]]:
    """Count the people by province of today, the most first; "" is where nobody knows, and last."""
    people: Counter[str] = Counter()
    for place in run_places:
        people[_province_of(place.key)] += place.people
    return sorted(people.items(), key=lambda item: (not item[0], -item[1], item[0]))


def _province_of(key: str) -> str:
    """Name today's province of a place's key; "" where nobody knows it, or it is no place, as of the staff."""
    try:
        mask = places.mask_of(key)
    except KeyError:
        return ""
    return next((province.name for province in places.PROVINCES if province.mask & mask), "")
