"""The communes that a run is about, one a row: what Zalo reached there, and room to note who was told otherwise."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.campaign.values import Instant
from zalo_alert.foundation.cells import guard
from zalo_alert.language import _, joined
from zalo_alert.models import Area, Campaign
from zalo_alert.places.units import Ward
from zalo_alert.reporting.page import Facts, Page, Section, Table
from zalo_alert.reporting.run_page import kind_and_look


class CommuneRow(NamedTuple):
    """A commune, ward or special zone.

    Args:
        code: Of the official list.
        name: With its type.
        province: Of today.
        people: How many of the run are known to live there; the others of its province are known by the province alone.
        accepted: How many of them Zalo took the message for.
    """

    code: str
    name: str
    province: str
    people: int
    accepted: int


BOX = "☐"
_COLUMNS = ("code", "name", "province", "people", "accepted", "told_by", "told_at", "who")


def commune_rows(areas: Sequence[Area], counts: Mapping[str, tuple[int, int]]) -> list[CommuneRow]:
    """Return every commune within areas, province by province.

    Args:
        areas: Of the campaign.
        counts: By place key: people, and how many of them were accepted.
    """
    names = {province.code: province.name for province in places.PROVINCES}
    rows = [_row(ward, names[ward.new_code], counts) for ward in places.wards().values() if _is_within(ward, areas)]
    return sorted(rows, key=lambda row: (row.province, row.name, row.code))


def _is_within(ward: Ward, areas: Iterable[Area]) -> bool:
    return any((ward.mask & area.mask and ward.code not in area.without) or ward.code in area.wards for area in areas)


def _row(ward: Ward, province: str, counts: Mapping[str, tuple[int, int]]) -> CommuneRow:
    people, accepted = counts.get(places.WARD_PREFIX + ward.code, (0, 0))
    name = f"{ward.type} {ward.name}"
    return CommuneRow(ward.code, name[0].upper() + name[1:], province, people, accepted)


def sheet_rows(rows: Sequence[CommuneRow]) -> Iterator[list[object]]:
    """Yield the list as cells for a spreadsheet, a heading first; the last three are for whoever goes through it."""
    yield list(_COLUMNS)
    yield from ([*map(guard, row), "", "", ""] for row in rows)


def commune_page(campaign: Campaign, rows: Sequence[CommuneRow], name: str, *, is_rehearsal: bool, profile: str) -> Page:
    """Make the list as a page to print: a table for each province, a box to tick and a line to sign in each row.

    Args:
        campaign: What everybody is to be told.
        rows: In the order in which they are printed.
        name: Of the run, or of the campaign where there is none yet.
        is_rehearsal: See `kind_and_look`.
        profile: Likewise.
    """
    kind, look = kind_and_look(campaign.status.value, is_rehearsal=is_rehearsal, profile=profile)
    running = (
        joined((name, campaign.headline), " · "),
        _("by commune"),
        _("expires {expires}", expires=Instant(campaign.expires)),
    )
    facts = Facts([(_("the alert expires"), Instant(campaign.expires)), (_("communes"), len(rows))])
    by_province = groupby(rows, lambda row: row.province)
    sections = [Section(_("In short"), [facts]), *(Section(province, [_table(list(group))]) for province, group in by_province)]
    lead = _("Zalo may not reach everybody: ring each commune, have the loudspeaker read the script, and tick it off here.")
    return Page(_("Communes to be told of {name}", name=name), kind, look, lead, False, running, tuple(sections))


def _table(rows: Sequence[CommuneRow]) -> Table:
    columns = (_("code"), _("commune"), _("people on Zalo"), _("accepted"), _("loudspeaker"), _("told at"), _("by whom"))
    cells = [(row.code, row.name, row.people or None, row.accepted or None, BOX, "", "") for row in rows]
    return Table(columns, cells, small=True)
