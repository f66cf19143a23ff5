"""A sound form as the frozen value that is sent."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from zalo_alert import places
from zalo_alert.campaign.form import (
    BROADCAST,
    AudienceForm,
    ButtonForm,
    CampaignForm,
    ExcludeForm,
    FollowUpForm,
    LimitsForm,
    MessageForm,
    RouteForm,
    ScheduleForm,
    TranslationForm,
)
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.models import (
    AccountId,
    Area,
    Audience,
    Broadcast,
    Button,
    Campaign,
    Certainty,
    FieldValue,
    FollowUp,
    Limits,
    Missed,
    MsgType,
    OnUnknown,
    Overlap,
    Press,
    Route,
    RouteType,
    Severity,
    Status,
    Timing,
    Translation,
    Uncertain,
    Urgency,
    Variant,
)

DEFAULT_ATTEMPTS = 5
# Headlines of what follows an alert, where the file gives none. The alert's own is not repeated: read in passing, it would alarm
# once more.
_CORRECTION = "Đính chính: hãy bỏ qua tin {{ code }}"
_ALL_CLEAR = "Hết cảnh báo {{ event }}, {{ place }}"


def build(form: CampaignForm, instants: Mapping[KeyPath, datetime], fields: Mapping[str, FieldValue]) -> Campaign:
    """Build the value of a form without any fault.

    Args:
        form: Sound.
        instants: Of the file, by their paths.
        fields: The campaign's own, read.
    """
    message = form.message or MessageForm()
    return Campaign(
        code=form.code or "",
        status=Status(form.status or ""),
        msg_type=MsgType(form.msgType or ""),
        event=form.event or "",
        risk_level=form.risk_level,
        urgency=Urgency(form.urgency or ""),
        severity=Severity(form.severity or ""),
        certainty=Certainty(form.certainty or ""),
        effective=instants["effective",],
        onset=instants.get(("onset",)),
        expires=instants["expires",],
        references=tuple(form.references or ()),
        audience=_audience(form),
        order=areas_of(form.order),
        routes=_routes(form.routes),
        broadcast=_broadcast(form.routes),
        headline=nfc(message.headline or "").strip(),
        text=nfc(message.text or ""),
        variants=_variants(form, message, instants),
        limits=_limits(form.limits or LimitsForm()),
        canary=form.canary is None,
        correction=_follow_up(form, form.correction, _CORRECTION),
        all_clear=_follow_up(form, form.all_clear, _ALL_CLEAR),
        languages=_languages(message.languages),
        fields=fields,
        template=form.template or "",
        response_types=tuple(form.responseType or ()),
        timing=_timing(form.schedule or ScheduleForm()),
    )


def _timing(form: ScheduleForm) -> Timing:
    usual = Timing()
    within = usual.within if form.within is None else _span_of(form.within)
    lasts = None if form.lasts is None else _span_of(form.lasts)
    return Timing(Missed(form.missed or usual.missed), within, Overlap(form.overlap or usual.overlap), lasts)


def _span_of(text: str) -> timedelta:
    """Read `30min` or `3h`, as the form lets pass."""
    return timedelta(hours=int(text[:-1])) if text.endswith("h") else timedelta(minutes=int(text.removesuffix("min")))


def _languages(forms: Mapping[str, TranslationForm] | None) -> tuple[Translation, ...]:
    return tuple(
        Translation(language, nfc(form.text or ""), nfc(form.checked_by or "").strip())
        for language, form in (forms or {}).items()
    )


def _variants(form: CampaignForm, message: MessageForm, instants: Mapping[KeyPath, datetime]) -> tuple[Variant, ...]:
    return tuple(
        Variant(
            areas_of(variant.areas),
            nfc(variant.text or message.text or ""),
            variant.risk_level,
            instants.get(("variants", number, "onset")),
            _languages(message.languages if variant.text is None and variant.languages is None else variant.languages),
        )
        for number, variant in enumerate(form.variants or ())
    )


def _limits(limits: LimitsForm) -> Limits:
    return Limits(limits.rate_per_s, limits.attempts or DEFAULT_ATTEMPTS, OnUnknown(limits.on_unknown or OnUnknown.HOLD))


def _audience(form: CampaignForm) -> Audience:
    audience = form.audience or AudienceForm()
    pressing = form.urgency == "Immediate" or form.severity in {"Extreme", "Severe"}
    default = Uncertain.INCLUDE if pressing else Uncertain.EXCLUDE
    return Audience(
        areas=areas_of(audience.areas),
        target=target_of(audience),
        uncertain=Uncertain(audience.uncertain) if audience.uncertain else default,
        exclude_tags=frozenset(nfc(tag) for tag in excluded_by(audience).tags or ()),
        exclude_lists=tuple(excluded_by(audience).lists or ()),
        only_list=audience.only or "",
        accounts=tuple(AccountId(name) for name in audience.accounts or ()),
        supplied=audience.source is not None,
    )


def target_of(audience: AudienceForm) -> Area:
    """Return everywhere that an audience means, without what it takes out again."""
    return places.without(places.all_of(areas_of(audience.areas)), places.all_of(areas_of(excluded_by(audience).areas)))


def excluded_by(audience: AudienceForm) -> ExcludeForm:
    """Return what an audience takes out."""
    return audience.exclude or ExcludeForm()


def areas_of(selectors: Sequence[str] | None) -> tuple[Area, ...]:
    """Return the areas that selectors mean; each must mean one."""
    return tuple(places.area(selector) for selector in selectors or ())


def _follow_up(form: CampaignForm, follow_up: FollowUpForm | None, default_headline: str) -> FollowUp | None:
    if follow_up is None:
        return None
    routes = follow_up_routes(form, follow_up)
    return FollowUp(
        nfc(follow_up.headline or "").strip() or default_headline,
        nfc(follow_up.text or ""),
        _routes(routes),
        _broadcast(routes),
        _languages(follow_up.languages),
    )


def follow_up_routes(form: CampaignForm, follow_up: FollowUpForm) -> Sequence[RouteForm]:
    """Return the routes of what may follow an alert: its own, or a bare `cs` where the alert itself has one."""
    if follow_up.routes is not None:
        return follow_up.routes
    return [RouteForm(type="cs")] if any(route.type == "cs" for route in form.routes or ()) else []


def _routes(routes: Sequence[RouteForm] | None) -> tuple[Route, ...]:
    return tuple(_route(route) for route in routes or () if route.type != BROADCAST)


def _route(route: RouteForm) -> Route:
    return Route(
        RouteType(route.type or ""),
        route.template_id or "",
        {k: nfc(v) for k, v in (route.data or {}).items()},
        is_hashed=bool(route.hashed),
        is_development=route.mode is not None,
        image=route.image or "",
        file=route.file or "",
        buttons=tuple(map(_button, route.buttons or ())),
    )


def _broadcast(routes: Sequence[RouteForm] | None) -> Broadcast | None:
    for position, route in enumerate(routes or ()):
        if route.type == BROADCAST:
            author, description = nfc(route.author or "").strip(), nfc(route.description or "")
            return Broadcast(route.cover or "", author, description, position, route.article or "")
    return None


def _button(button: ButtonForm) -> Button:
    press = next(press for press in Press if getattr(button, press) is not None)
    return Button(nfc(button.title or "").strip(), press, nfc(getattr(button, press)))


def nfc(text: str) -> str:
    """Return a text in the form in which it is sent and compared."""
    return unicodedata.normalize("NFC", text)
