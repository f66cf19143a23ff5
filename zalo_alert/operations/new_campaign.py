"""A new campaign out of the library: whom it is for, what its fields hold, its code, and the file that comes of it.

Owns what a workspace adds: its own templates, earlier messages, who issues them. What is asked is `new_questions`' business.
"""

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.campaign import parse as campaign_file
from zalo_alert.campaign.follow_up import ALERT
from zalo_alert.campaign.form import CODE, CODE_WORDS
from zalo_alert.errors import Cure, Step, UsageError, ZaloAlertError
from zalo_alert.foundation.clock import VIETNAM, in_vietnam
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.language import _
from zalo_alert.library.compose import Answers, Place, Routes, compose
from zalo_alert.library.hazard_names import hazard_named
from zalo_alert.library.load import Library
from zalo_alert.library.message_code import letters_of, propose_code
from zalo_alert.library.template import Stage, Template
from zalo_alert.library.typed_answer import say_value
from zalo_alert.library.typed_instant import Side, read_instant
from zalo_alert.library.typed_places import read_places
from zalo_alert.models import Area, Campaign, FieldValue, MsgType, Status
from zalo_alert.operations.campaign_shelf import CampaignShelf, issuer_of, there_already, write_campaign
from zalo_alert.operations.earlier_message import read_earlier, routes_of
from zalo_alert.operations.new_questions import FOLLOWED, Interview, stage_named
from zalo_alert.operations.template_library import library_of
from zalo_alert.operations.wording import Finding, Source, look_at
from zalo_alert.planning.run_places import sample_places
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Profile
from zalo_alert.wording.as_read import as_read

_AFTER_ONSET = timedelta(hours=6)  # a message is in force for a while after the danger has begun


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What somebody said of a new message; everything may be left out.

    Args:
        hazard: Its code or a name.
        areas: Places as people type them.
        stage: How far the danger has come, by its Vietnamese or English name; "" where nobody said.
        level: Risk level.
        code: Printed on it; "" has one proposed.
        values: Fields by name, as typed.
        effective: When it begins, as typed; "" is now.
        expires: As typed; "" is what the template says.
        references: Codes that it takes the place of.
        source: A campaign file or run that it follows.
        status: CAP's; "" is the workspace's.
        is_drill: The text of a drill, in which nobody need do anything.
        out: The file; None is one in `campaigns/` named after hazard and code.
        account: Which OA.
        routes_from: A campaign file whose routes are taken.
    """

    hazard: str = ""
    areas: Sequence[str] = ()
    stage: str = ""
    level: int | None = None
    code: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    effective: str = ""
    expires: str = ""
    references: Sequence[str] = ()
    source: str = ""
    status: str = ""
    is_drill: bool = False
    out: Path | None = None
    account: str = ""
    routes_from: Path | None = None


class Written(NamedTuple):
    """A new campaign file.

    Args:
        path: Where it is.
        text: What stands in it.
        reading: The same, parsed.
        template: What it began from.
        fields: What its fields hold, in their order.
        guessed: Names of those that nobody was asked for.
        sample: The message as its first readers read it.
    """

    path: Path
    text: bytes
    reading: campaign_file.Reading
    template: Template
    fields: Mapping[str, FieldValue]
    guessed: frozenset[str]
    sample: str

    def guesses(self) -> list[tuple[str, str]]:
        """Return what nobody was asked for: names of fields, and their values in words."""
        return [(name, say_value(value)) for name, value in self.fields.items() if name in self.guessed]


class NewCampaign:
    """A new campaign while it is being made: `interview` asks, `write` writes.

    Args:
        order: What was said at once.
        folder: The workspace; one without a config has no runs and no settings.
        now: When, with a zone.
        environ: Where the workspace's secrets come from.

    Raises:
        UsageError: Something that was said can't be.
        CampaignInvalid: A file of `templates/` has faults.
        SettingsInvalid: The workspace's config has.
    """

    def __init__(self, order: NewOrder, folder: Path, now: datetime, environ: Mapping[str, str]) -> None:
        if not folder.is_dir():
            raise UsageError(_("there is no folder {folder}", folder=folder), hint=_("name the folder with zalo-alert.yaml"))
        self._order, self._folder, self._shelf = order, folder, CampaignShelf(folder)
        self.now = in_vietnam(now).replace(second=0, microsecond=0)
        self._settings = load(folder, environ) if (folder / CONFIG_NAME).exists() else None
        self._earlier = read_earlier(order.source, folder) if order.source else None
        self._effective = read_instant(order.effective, self.now, Side.EITHER) if order.effective else self.now
        library = library_of(folder)
        self.hazard = self._hazard(library)
        self._check_given()
        self.interview = Interview(
            library, self.hazard, is_drill=order.is_drill, begins=self._effective, now=self.now, areas=self._areas(),
            stage=self._stage(library), level=self._level(library), known=self._known, follow=self._follow,
        )  # fmt: skip
        for name, typed in order.values.items():
            self.interview.set(name, typed)

    def write(self) -> Written:
        """Write the file, once nothing is missing any more; what is not sound is not written.

        Raises:
            UsageError: A file of that name is there already, or it can't be written.
            CampaignInvalid: What came of it is not sound: a value or the routes have faults; all are told.
        """
        interview = self.interview
        template, fields = interview.template, interview.fields()
        code = self._order.code or self._proposed_code()
        path = self._order.out or self._shelf.folder / f"{self.hazard}-{code.lower()}.yaml"
        text = compose(template, self._answers(template, code, fields)).encode()
        reading = campaign_file.read(text, str(path))
        write_campaign(path, text)
        guessed = frozenset(fields) - set(interview.values)
        return Written(path, text, reading, template, fields, guessed, _sample(reading.campaign))

    def command(self) -> Step:
        """Return a command that would do without asking: what was said, and an example of all that is missing."""
        order = self._order
        given = [("areas", _word(area)) for area in order.areas]
        given += [(name, _word(str(getattr(order, name) or ""))) for name in ("stage", "level", "effective", "expires")]
        given += [("from", _word(order.source)), *(("set", f"{name}={_quoted(value)}") for name, value in order.values.items())]
        missing = [option for ask in self.interview.missing() for option in ask.options]
        return Step(Cure.NEW, self.hazard, tuple(option for option in (*given, *missing) if option[1]))

    def _hazard(self, library: Library) -> str:
        typed = self._order.hazard
        earlier = self._earlier.campaign.event if self._earlier else ""
        if not typed and not earlier:
            hazards = ", ".join(library.hazards())
            raise UsageError(
                _("which hazard is it for? there are {hazards}", hazards=hazards),
                hint=_("for example {new}; {templates} shows them all", new=Cure.NEW("bao"), templates=Cure.TEMPLATES()),
            )
        code = hazard_named(typed or earlier, library.hazards())
        if earlier and code != earlier:
            raise UsageError(
                _("{source} is of {earlier}, not of {hazard}", source=self._order.source, earlier=earlier, hazard=code),
                hint=_("leave the hazard out, or what it follows"),
            )
        return code

    def _check_given(self) -> None:
        """Find what can't be, before anybody is asked anything."""
        order = self._order
        status_named(order.status or Status.TEST)
        for code in filter(None, (order.code, *order.references)):
            if not re.fullmatch(CODE, code):
                raise UsageError(_('"{code}" is not a valid code: {rule}', code=code[:40], rule=CODE_WORDS))
        if order.code and order.code in self._shelf.codes():
            free = self._shelf.free_code(order.code)
            raise UsageError(
                _("the code {code} is taken", code=order.code),
                hint=_("{free} is free; without {option} one is proposed", free=free, option=Cure.OPTION(code=True)),
            )
        if order.out and os.path.lexists(order.out):
            raise there_already(order.out)
        if order.expires:
            read_instant(order.expires, self.now)
        self._own_routes = routes_of(order.routes_from) if order.routes_from else None
        if order.account and self._settings:
            self._settings.account(order.account)

    def _areas(self) -> list[Place]:
        if self._order.areas:
            return read_places(self._order.areas)
        return read_places(["; ".join(self._earlier.areas)]) if self._earlier else []

    def _stage(self, library: Library) -> Stage | None:
        if self._order.stage:
            return stage_named(self._order.stage, library.stages(self.hazard))
        return Stage.UPDATE if self._earlier else None

    def _level(self, library: Library) -> int | None:
        """Return the level, as far as it is known; one that the stage can't have is an error at once."""
        stage, level = self._stage(library), self._order.level
        if stage is None:
            return level if level is None or self._fits_any(library, level) else None
        levels = library.levels(self.hazard, stage)
        if level is None and self._earlier and self._earlier.campaign.risk_level in levels:
            level = self._earlier.campaign.risk_level
        if level is None and len(levels) == 1:
            level = levels[0]
        if level is not None or not levels:
            library.find(self.hazard, stage, level, is_drill=self._order.is_drill)
        return level

    def _fits_any(self, library: Library, level: int) -> bool:
        """Whether some stage of the hazard has the level.

        Raises:
            UsageError: None has; says which there are.
        """
        stages = library.stages(self.hazard)
        if not any(level in library.levels(self.hazard, stage) for stage in stages):
            library.find(self.hazard, stages[0], level, is_drill=False)
        return True

    def _known(self, name: str) -> FieldValue | None:
        """Return what the office or the earlier message said of a field already, so that nobody need type it again."""
        earlier = self._earlier.campaign.fields.get(name) if self._earlier else None
        if earlier is not None and (not isinstance(earlier, datetime) or earlier > self.now):
            return earlier
        match name:
            case "thay_cho":
                return next(iter(self.references), "") or self._shelf.newest_of(self.hazard) or None
            case "don_vi":
                return self._shelf.issuer(letters_of(self._target())) or issuer_of(self._target())
        return None

    def _follow(self, code: str) -> None:
        """Take over from the message whose place the new one takes, where the workspace has it."""
        if self._earlier is None and (name := self._shelf.find(code)):
            with suppress(ZaloAlertError):  # one that can't be read says nothing: whatever it said is asked
                self._earlier = read_earlier(name, self._folder)
                self.interview.areas = self.interview.areas or self._areas()

    @property
    def references(self) -> list[str]:
        """Codes that the message takes the place of: those that were said, and that of the one it follows."""
        earlier = self._earlier.campaign.code if self._earlier else ""
        named = str(self.interview.values.get(FOLLOWED, ""))
        return list(dict.fromkeys(filter(None, [*self._order.references, named, earlier])))

    def _target(self) -> Area:
        return places.all_of(places.area(place.selector) for place in self.interview.areas)

    def _answers(self, template: Template, code: str, fields: Mapping[str, FieldValue]) -> Answers:
        onset = fields.get(template.onset)
        onset = onset if isinstance(onset, datetime) else None
        filled = dict.fromkeys(question.name for question in template.questions) | dict(fields)
        follows = template.msg_type is not MsgType.ALERT
        return Answers(
            code=code, status=self.status, areas=self.interview.areas, effective=self._effective,
            expires=self._expires(template, onset), onset=onset, fields=filled, references=self.references if follows else (),
            routes=self._routes(), accounts=self._accounts(), exclude=self._earlier.exclude if self._earlier else {},
        )  # fmt: skip

    @property
    def status(self) -> Status:
        """CAP's: what was said, else a drill's in a workspace for drills, and without one."""
        if self._order.status:
            return status_named(self._order.status)
        if self._earlier:
            return self._earlier.campaign.status
        is_live = self._settings is not None and self._settings.profile is Profile.LIVE and not self._order.is_drill
        return Status.ACTUAL if is_live else Status.EXERCISE

    def _expires(self, template: Template, onset: datetime | None) -> datetime:
        if self._order.expires:
            return read_instant(self._order.expires, self.now)
        end = _full_hour(self._effective + timedelta(hours=template.lasts_h))
        return end if onset is None or end > onset else _full_hour(onset + _AFTER_ONSET)

    def _routes(self) -> Routes:
        if self._own_routes:
            return self._own_routes
        return self._earlier.routes if self._earlier else Routes()

    def _accounts(self) -> Sequence[str]:
        if self._order.account:
            return (self._order.account,)
        return self._earlier.campaign.audience.accounts if self._earlier else ()

    def _proposed_code(self) -> str:
        is_drill = self.status is not Status.ACTUAL
        day = self._effective.astimezone(VIETNAM).date()
        return propose_code(self._target(), day, self._shelf.codes() | {*self.references}, is_drill=is_drill)


def _word(text: str) -> str:
    """Quote what a shell would part, or obey."""
    return text if re.fullmatch(r"[\w.,:/@%+=-]*", text) else _quoted(text)


def _quoted(text: str) -> str:
    return '"{}"'.format(re.sub(r'(["\\$`])', r"\\\1", text))


def _sample(campaign: Campaign) -> str:
    """Return the message that is read in the first of its places."""
    read = as_read(campaign, sample_places(campaign)[:1], {})
    return next((text.text for text in read if text.part == ALERT and text.is_whole), "")


def wording_of(written: Written, workspace: Path, environ: Mapping[str, str]) -> list[Finding]:
    """Look at the wording of what was written, as `validate` does."""
    settings = load(workspace, environ) if (workspace / CONFIG_NAME).exists() else None
    return look_at(Source(written.reading.campaign, written.text, str(written.path)), settings, workspace)


def status_named(typed: str) -> Status:
    """Read CAP's status, whatever its capitals.

    Raises:
        UsageError: It is none.
    """
    for status in Status:
        if typed.casefold() == status.casefold():
            return status
    raise UsageError(_('"{typed}" is not a status: there are {words}', typed=typed[:40], words=", ".join(Status)))


def _full_hour(at: datetime) -> datetime:
    """Return the next full hour, which is easier to say than 14:07."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour if hour == at else hour + timedelta(hours=1)
