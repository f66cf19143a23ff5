"""A run or a campaign file as a CAP alert, checked by our own rules before anybody has it.

What nobody has agreed to leaves as a draft: a real campaign file, a run that waits for approval, a rehearsal.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zalo_alert.cap.document import Alert, Reference
from zalo_alert.cap.exporting import Envelope, Reading, alert_of
from zalo_alert.cap.finding import Finding
from zalo_alert.cap.read import read
from zalo_alert.cap.write import write
from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.errors import CampaignRefused, InputInvalid
from zalo_alert.foundation import machine
from zalo_alert.foundation.digests import digest_of
from zalo_alert.foundation.files import create_open_file, draft_name, sync_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.operations.campaign_files import read_begun_campaign
from zalo_alert.operations.cap_names import Chain, identifier_of, is_agreed, name_run, sender_of
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import LINKS, Settings
from zalo_alert.wording.guidance_rules import tells_what_to_do
from zalo_alert.wording.links import find_links, is_allowed

SUFFIX = ".cap.xml"  # of a file where no name is given


@dataclass(frozen=True, slots=True)
class Exported:
    """An alert as it is given away.

    Args:
        name: Of the run, or the campaign's code.
        alert: What it says.
        data: The file.
        findings: What our own rules find in it.
    """

    name: str
    alert: Alert
    data: bytes
    findings: tuple[Finding, ...]

    @property
    def file_name(self) -> str:
        """What the file is called where nobody says."""
        return f"{self.name.replace('@', '-')}{SUFFIX}"


def export_run(run: Run, runs: Runs, settings: Settings, chosen: Sequence[str] = ()) -> Exported:
    """Make an alert of what was frozen.

    Args:
        run: Which.
        runs: Of its workspace: earlier messages.
        settings: Of its workspace.
        chosen: Names of the runs that it refers to, where their codes leave a choice.

    Raises:
        CampaignRefused: It goes to a list of people, or the messages that it speaks of are not known.
    """
    name, campaign, facts = name_run(run, settings), frozen_campaign(run), run.facts
    references: tuple[Reference, ...] = ()
    if facts.kind is not Kind.ALERT:
        references = Chain(runs, settings).before_run(run, name.sent)
    elif campaign.references:
        references = Chain(runs, settings).before(campaign.references, name.sent, facts.id, chosen)
    envelope = Envelope(
        name.identifier, name.sender, name.sent, is_agreed(run), settings.cap.sender_name or name.sender, facts.kind, references
    )
    return _exported(facts.id, alert_of(campaign, envelope, _reading(settings)))


def export_campaign(path: Path, runs: Runs | None, settings: Settings | None, chosen: Sequence[str] = ()) -> Exported:
    """Make an alert of a campaign file of which there is no run: sent when it takes effect, and a draft if it is real.

    Args:
        path: The file.
        runs: Of the workspace, where there is one: earlier messages.
        settings: Of the workspace, where there is one.
        chosen: See `export_run`.

    Raises:
        UsageError: There is no such file.
        CampaignInvalid: It has faults.
        CampaignRefused: See `export_run`.
    """
    text, campaign = read_begun_campaign(path)
    at = campaign.effective.replace(microsecond=0)
    references: tuple[Reference, ...] = ()
    if campaign.references:
        if runs is None or settings is None:
            raise CampaignRefused(
                _("{code} speaks of earlier messages, and there is no workspace here that knows them", code=campaign.code),
                hint=_("name the folder with zalo-alert.yaml"),
            )
        references = Chain(runs, settings).before(campaign.references, at, None, chosen)
        at = max(at, *(reference.sent for reference in references))
    sender = sender_of(settings)
    named = settings.cap.sender_name if settings else ""
    identifier = identifier_of(digest_of(text))
    envelope = Envelope(identifier, sender, at, False, named or sender, references=references)
    return _exported(campaign.code, alert_of(campaign, envelope, _reading(settings)))


def _reading(settings: Settings | None) -> Reading:
    allowed = settings.links if settings else LINKS

    def link(text: str) -> str:
        return next((found.secure for found in find_links(text) if is_allowed(found.secure, allowed)), "")

    return Reading(tells_what_to_do, link)


def _exported(name: str, alert: Alert) -> Exported:
    data = write(alert)
    return Exported(name, alert, data, read(data, name).findings)


def put(data: bytes, target: Path) -> None:
    """Have a file appear whole, readable by others: it is made to be passed on. What was there is replaced.

    Raises:
        InputInvalid: It can't be written.
    """
    draft = target.with_name(draft_name(target.name))
    try:
        with create_open_file(draft) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        machine.replace(draft, target)
        sync_folder(target.parent)
    except OSError as exc:
        raise InputInvalid(
            _("can't write {path}: {why}", path=target, why=reason(exc)), hint=_("check the folder and the disk's free space")
        ) from exc
    finally:
        draft.unlink(missing_ok=True)
