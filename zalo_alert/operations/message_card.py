"""The picture of a message: what one place reads, as a phone shows it, written as SVG or PNG."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.campaign.follow_up import ALERT
from zalo_alert.campaign.languages import VIETNAMESE
from zalo_alert.campaign.render import Renderer
from zalo_alert.campaign.values import Instant
from zalo_alert.errors import InputInvalid, UsageError
from zalo_alert.language import _, joined
from zalo_alert.models import Campaign, Status
from zalo_alert.operations.template_texts import read_template_texts
from zalo_alert.pictures.message_card import CardText, Drawn, draw_card
from zalo_alert.reporting.printing import png_of
from zalo_alert.reporting.sheet import write_whole
from zalo_alert.runs.facts import RunPlace
from zalo_alert.wording.as_read import HEADLINE, AsRead, as_read

if TYPE_CHECKING:
    from zalo_alert.settings.model import Settings

FORMATS = (".svg", ".png")
# The picture is for people in Vietnam, whatever the language of whoever makes it.
_BADGES = {
    Status.ACTUAL: ("CẢNH BÁO THẬT", "actual"),
    Status.EXERCISE: ("DIỄN TẬP – KHÔNG PHẢI TÌNH HUỐNG THẬT", "exercise"),
    Status.TEST: ("THỬ NGHIỆM – KHÔNG PHẢI TÌNH HUỐNG THẬT", "test"),
}
_DRAFT = "BẢN XEM TRƯỚC, CHƯA GỬI"
_TITLE = "Ảnh xem trước tin {code}"


def card_text(campaign: Campaign, place: RunPlace, name: str, settings: "Settings | None") -> CardText:
    """Return what the picture of a campaign's alert shows.

    Args:
        campaign: Sound.
        place: Whose message.
        name: Whose name, where the text has one.
        settings: Of the workspace, where there is one: for its account and the texts of templates that it keeps.

    Raises:
        InputInvalid: It sends a file alone.
    """
    templates = read_template_texts(campaign, settings.workspace if settings else None).texts
    read = [text for text in as_read(campaign, [place], templates) if text.part == ALERT and text.route != HEADLINE]
    if not read:
        raise InputInvalid(
            _("{code} sends a file alone: there is no text to draw", code=campaign.code), hint=_("show people the file itself")
        )
    shown = min(read, key=lambda text: (not text.is_whole, text.language != VIETNAMESE))
    badge, look = _BADGES[campaign.status]
    foot = (
        f"Mã tin {campaign.code} · {place.label or shown.place} · hiệu lực đến {Instant(campaign.expires)}",
        f"Tin thật chỉ đến từ tài khoản Zalo của cơ quan. Kiểm tra: nhắn KIEM TRA {campaign.code} tới tài khoản đó.",
    )
    return CardText(
        _sender(campaign, settings), f"{badge} · {_DRAFT}", look, _headline(campaign, shown), _text(campaign, place, name, shown),
        _buttons(campaign, shown), foot, _TITLE.format(code=campaign.code),
    )  # fmt: skip


def _sender(campaign: Campaign, settings: "Settings | None") -> str:
    accounts: Sequence[str] = campaign.audience.accounts or ([each.id for each in settings.accounts[:1]] if settings else ())
    return str(campaign.fields.get("don_vi") or joined(accounts) or "Official Account")


def _headline(campaign: Campaign, shown: AsRead) -> str:
    return shown.headline if shown.route == "broadcast" else ""


def _text(campaign: Campaign, place: RunPlace, name: str, shown: AsRead) -> str:
    """Return the text; of a chat message with the reader's name and every language, of a template as far as it is known."""
    if shown.route == "cs":
        return Renderer(campaign).text(place.label, place.variant, name)
    return shown.text


def _buttons(campaign: Campaign, shown: AsRead) -> tuple[str, ...]:
    routes = [route for route in campaign.routes if route.type.value == shown.route.partition(" ")[0]]
    return tuple(button.title for button in routes[0].buttons) if routes else ()


def write_card(card: CardText, target: Path) -> Drawn:
    """Draw a message into a file, which appears whole.

    Raises:
        UsageError: Its ending is none of `FORMATS`.
        InputInvalid: It can't be written, or no PNG can be made here.
    """
    if target.suffix.lower() not in FORMATS:
        raise UsageError(
            _("{path} ends neither with .svg nor with .png", path=target),
            hint=_("the ending says which it is; a PNG needs Chromium, an SVG nothing"),
        )
    drawn = draw_card(card)
    is_png = target.suffix.lower() == ".png"
    write_whole(png_of(drawn.svg, (drawn.width, drawn.height)) if is_png else drawn.svg.encode(), target)
    return drawn
